"""Mail forwarded into a Slack channel (F04): fetched once, read like any other, and nothing of it lost.

Slack's events are signed and delivered as Slack does, again and again if it must; the file
is fetched by a job. What cannot be fetched becomes a ticket that says why.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.app.serve import _start_worker
from bot.domain.original import original_with
from bot.domain.request import Channel, RequestType, Route
from bot.domain.ticket import Stage, Ticket
from bot.ports import Call, JobKind
from bot.services.carrying_out import halting
from bot.services.intake import chat_mail
from bot.services.intake.intake import promote
from handlers.slack import missed
from tests.journeys.furnished import CHANNEL, FIRST, MAIL_CHANNEL, Furnished, words
from tests.journeys.leaks import leaks, store_files
from tests.standins.slack_mail import NOTHING, SENT, Json, Mailing
from tests.standins.slack_rooms import Room

SECRET = "Ottilia Bergvall-Tuuri"
WISH = f"Hej, jag vill att ni raderar alla uppgifter ni har om mig. {SECRET}"
ARRIVED = datetime.fromtimestamp(SENT, UTC)
FORWARD = (
    "Se nedan.\n\nFrån: Priya Natarajan <priya@example.org>\nSkickat: den 2 mars 2026 08:15\n"
    "Till: info@goto.work\nÄmne: Mina uppgifter\n\nHej, jag vill få ut alla uppgifter ni har om mig.\n"
)
SARA = [{"address": "sara.lind@gotowork.example", "name": "Sara Lind"}]


@pytest.fixture
def mailing(desk: Furnished) -> Mailing:
    address = f"{desk.opened.house.public_url}/slack/events"
    return Mailing(desk.slack, desk.opened.session, address, MAIL_CHANNEL, count(1))


async def came(desk: Furnished, mailing: Mailing, *files: str, differs: Json = NOTHING, shared: bool = False) -> None:
    assert (await mailing.tell(mailing.event(*files, differs=differs, shared=shared))).status == 200
    await desk.settle()


async def only_ticket(desk: Furnished) -> Ticket:
    (ticket,) = await desk.tickets()
    return ticket


async def test_a_direct_mail_is_read_and_its_sender_cannot_be_checked(desk: Furnished, mailing: Mailing) -> None:
    await came(desk, mailing, mailing.put(WISH))
    ticket = await only_ticket(desk)
    assert ticket.channel is Channel.MAIL_IN_CHAT
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]
    assert ticket.received == ARRIVED
    assert not ticket.unsure_clock
    assert {"sender_missing"} <= ticket.flags
    assert "broken" not in ticket.flags
    (card,) = desk.slack.in_channel(CHANNEL)
    assert "via mejl i chatten" in str(card.blocks)
    assert "Avsändaren kan inte kontrolleras (mejlet kom genom chatten)" in words(await desk.card("sara"))
    _, _, page = await desk.review("sara")
    assert SECRET in page
    assert "priya@example.org" in page


async def test_a_colleagues_forward_keeps_the_original_receipt(desk: Furnished, mailing: Mailing) -> None:
    await came(desk, mailing, mailing.put(FORWARD, says={"from": SARA, "subject": "VB: Mina uppgifter"}))
    ticket = await only_ticket(desk)
    assert ticket.received == datetime(2026, 3, 2, 7, 15, tzinfo=UTC)
    assert ticket.forwarded_at == ARRIVED
    assert "sender_forwarded" in ticket.flags
    assert "kan inte kontrolleras (vidarebefordrat)" in words(await desk.card("sara"))


async def test_ordinary_mail_stays_an_item_of_the_quiet_list(desk: Furnished, mailing: Mailing) -> None:
    """And when a colleague says it is a request after all, the card still knows how it came."""
    await came(
        desk, mailing, mailing.put("Hej, här är agendan till mötet på torsdag. Vi ses.", says={"subject": "Agenda"})
    )
    assert await desk.tickets() == []
    async with desk.opened.house.work() as unit:
        (item,) = await unit.items.waiting()
        assert (item.route, item.received) == (Route.NOT_A_CASE, ARRIVED)
        ticket = await promote(unit, desk.opened.house, item, desk.who("sara"))
    assert ticket.channel is Channel.MAIL_IN_CHAT


async def test_an_event_that_comes_again_changes_nothing(desk: Furnished, mailing: Mailing) -> None:
    file = mailing.put(WISH)
    event = mailing.event(file)
    for retry in range(4):
        assert (await mailing.tell(event, retry)).status == 200
    await desk.settle()
    assert (await mailing.tell(event, 1)).status == 200
    await desk.settle()
    await came(desk, mailing, file)  # another event that tells of the same file
    await asyncio.gather(*(mailing.tell(mailing.event(file)) for _ in range(5)))
    await desk.settle()
    assert len(await desk.tickets()) == 1
    assert desk.slack.downloads == [file], "fetched once"


async def test_the_handler_waits_for_no_file(desk: Furnished, mailing: Mailing) -> None:
    """D33: it notes the ids and acks; only the job asks Slack."""
    assert (await mailing.tell(mailing.event(mailing.put(WISH)))).status == 200
    assert desk.slack.calls == []
    assert desk.slack.downloads == []


async def test_several_mails_in_one_event_are_several_items(desk: Furnished, mailing: Mailing) -> None:
    await came(desk, mailing, mailing.put(WISH), mailing.put(f"{WISH} Igen."))
    assert len(await desk.tickets()) == 2


@pytest.mark.parametrize(
    "differs",
    [
        {"channel": "C0OTHER"},
        {"channel": CHANNEL},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"type": "app_mention"},
        {"subtype": None, "files": None},
        {"files": [{"id": "F1", "mode": "hosted", "filetype": "pdf"}]},
        {"files": []},
    ],
    ids=str,
)
async def test_everything_else_is_thanked_for_and_dropped(
    desk: Furnished, mailing: Mailing, differs: dict[str, Any]
) -> None:
    file = mailing.put(WISH)
    await came(desk, mailing, file, differs=differs)
    assert await desk.tickets() == []
    assert desk.slack.asked("files.info") == []


async def test_an_event_without_slacks_signature_is_refused(desk: Furnished, mailing: Mailing) -> None:
    assert (await mailing.tell(mailing.event(mailing.put(WISH)), secret="another")).status == 401
    await desk.settle()
    assert await desk.tickets() == []


async def test_the_mail_is_to_leave_the_channel(desk: Furnished, mailing: Mailing) -> None:
    """D17: it lies in Slack as any chat message does; who is on call when it came is asked for it."""
    await came(desk, mailing, mailing.put(WISH))
    assert original_with(await desk.ticket()) == "maria"
    assert "Originalmeddelandet i chatten ska tas bort av Maria." in words(await desk.card("sara"))


def link_of(event: Json) -> str:
    return f"https://gotowork.slack.com/archives/{MAIL_CHANNEL}/p{event['event']['ts'].replace('.', '')}"


async def test_who_is_to_remove_the_mail_is_led_to_it(desk: Furnished, mailing: Mailing) -> None:
    """A channel for mail holds many; the link is an opaque id, sealed, and shown to whom it helps alone (D14, D17)."""
    event = mailing.event(mailing.put(WISH))
    await mailing.tell(event)
    await desk.settle()
    assert link_of(event) in (await desk.review("sara"))[2]
    await desk.later(timedelta(days=1))
    reminder = desk.slack.in_channel("D0MARIA")[-1]
    assert link_of(event) in str(reminder.blocks)
    assert link_of(event) not in str([one.blocks for one in desk.slack.in_channel(CHANNEL)])


async def test_a_chat_that_gives_no_link_keeps_no_mail_from_being_taken_in(desk: Furnished, mailing: Mailing) -> None:
    desk.slack.refuse("chat.getPermalink", "message_not_found")
    await came(desk, mailing, mailing.put(WISH))
    assert original_with(await desk.ticket()) == "maria"
    await desk.later(timedelta(days=1))
    assert "slack.com/archives" not in str(desk.slack.in_channel("D0MARIA")[-1].blocks)


async def test_a_mail_nobody_could_read_is_found_by_its_link(desk: Furnished, mailing: Mailing) -> None:
    """It lies in the chat too, and is to be read there before it is removed."""
    file = mailing.put(WISH)
    no_scope(desk, file)
    event = mailing.event(file)
    await mailing.tell(event)
    await desk.settle()
    assert original_with(await desk.ticket()) == "maria"
    await desk.later(timedelta(days=1))
    reminder = str(desk.slack.in_channel("D0MARIA")[-1].blocks)
    assert link_of(event) in reminder
    assert "desken får inte läsa filer där" in reminder


async def test_a_mail_that_is_gone_is_nobodys_to_remove(desk: Furnished, mailing: Mailing) -> None:
    file = mailing.put(WISH)
    event = mailing.event(file)
    deleted(desk, file)
    await mailing.tell(event)
    await desk.settle()
    assert original_with(await desk.ticket()) == ""


# --- what nobody told of -------------------------------------------------------------------------------


async def test_a_mail_nobody_told_of_is_found_at_night(desk: Furnished, mailing: Mailing) -> None:
    """Slack tells of a mail for some minutes and then no more; what we did not hear of lies there all the same."""
    file = mailing.put(WISH)
    event = mailing.lies(file)
    mailing.lies(mailing.put(f"{WISH} Igen."), mailing.put(f"{WISH} Och igen."))
    mailing.lies(mailing.put(f"{WISH} För länge sedan."), days_ago=chat_mail.BACK.days + 8)
    await desk.tick("chat_mail")
    assert len(await desk.tickets()) == 3
    assert {one.channel for one in await desk.tickets()} == {Channel.MAIL_IN_CHAT}
    assert (await mailing.tell(event, 1)).status == 200  # told of after all
    await desk.settle()
    await desk.later(timedelta(days=1))
    await desk.tick("chat_mail")
    assert len(await desk.tickets()) == 3
    assert desk.slack.downloads.count(file) == 1


async def test_a_mail_nobody_told_of_is_found_at_the_start(desk: Furnished, mailing: Mailing) -> None:
    mailing.lies(mailing.put(WISH))
    await _start_worker(desk.stack, desk.opened)
    for _ in range(200):
        if await desk.tickets():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it was never found")


async def test_every_page_is_looked_at_and_nothing_but_mail_is_taken(
    desk: Furnished, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "PAGE", 2)
    first = mailing.put(WISH)
    mailing.lies(first)
    for differs in ({"files": None}, {"files": [{"id": "F0PDF", "mode": "hosted"}]}, {"files": "x"}, {"files": [7]}):
        mailing.lies(first, differs={"text": WISH, **differs})
    await desk.tick("chat_mail")
    assert desk.slack.downloads == [first]
    assert len([one for one in desk.slack.asked("conversations.history") if str(one.get("limit")) == "2"]) == 3


async def test_a_look_that_slack_puts_off_is_made_later(desk: Furnished, mailing: Mailing) -> None:
    mailing.lies(mailing.put(WISH))
    desk.slack.too_many("conversations.history", 30)
    await desk.tick("chat_mail")
    assert await desk.tickets() == []
    await desk.later(timedelta(minutes=1))
    assert len(await desk.tickets()) == 1


async def test_what_lies_in_a_channel_of_two_companies_is_not_fetched(desk: Furnished, mailing: Mailing) -> None:
    desk.slack.rooms[MAIL_CHANNEL] = Room(shared=True)
    mailing.lies(mailing.put(WISH))
    await desk.tick("chat_mail")
    assert "delas med ett annat företag" in words(await desk.card("sara"))
    assert desk.slack.asked("files.info") == []


async def test_a_channel_nobody_may_look_into_is_told_of(desk: Furnished) -> None:
    desk.slack.rooms[MAIL_CHANNEL] = Room(archived=True)
    await desk.tick("chat_mail")
    await desk.later(timedelta(hours=12), 12)
    async with desk.opened.house.work() as unit:
        assert await unit.jobs.set_aside() == 1


# --- what cannot be fetched ----------------------------------------------------------------------------


def deleted(desk: Furnished, file: str) -> None:
    del desk.slack.files[file]


def tombstone(desk: Furnished, file: str) -> None:
    desk.slack.files[file].says |= {"mode": "tombstone"}


def gone_meanwhile(desk: Furnished, file: str) -> None:
    desk.slack.files[file].status = 404


def no_scope(desk: Furnished, _file: str) -> None:
    desk.slack.scopes.remove("files:read")


def sign_in(desk: Furnished, file: str) -> None:
    desk.slack.files[file].body = None


def a_document(desk: Furnished, file: str) -> None:
    desk.slack.files[file].says |= {"mode": "hosted", "filetype": "pdf"}


def not_text(desk: Furnished, file: str) -> None:
    desk.slack.files[file].content_type = "application/pdf"


def strange(desk: Furnished, file: str) -> None:
    desk.slack.files[file].says |= {"from": "nobody"}


def elsewhere(desk: Furnished, file: str) -> None:
    desk.slack.files[file].says |= {"url_private_download": "https://slack.com.evil.example/files/x"}


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (deleted, "togs bort innan det hann läsas"),
        (tombstone, "togs bort innan det hann läsas"),
        (gone_meanwhile, "togs bort innan det hann läsas"),
        (no_scope, "desken får inte läsa filer där"),
        (sign_in, "desken får inte läsa filer där"),
        (a_document, "är inte ett mejl"),
        (not_text, "är inte ett mejl"),
        (strange, "är inte ett mejl"),
        (elsewhere, "är inte ett mejl"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
async def test_what_cannot_be_fetched_waits_for_a_person(
    desk: Furnished, mailing: Mailing, trouble: Callable[[Furnished, str], None], sentence: str
) -> None:
    file = mailing.put(WISH)
    event = mailing.event(file)
    trouble(desk, file)
    assert (await mailing.tell(event)).status == 200
    await desk.settle()
    ticket = await only_ticket(desk)
    assert ticket.stage is Stage.RECEIVED
    assert ticket.route is Route.HUMAN_REVIEW
    assert ticket.unsure_clock
    card = words(await desk.card("sara"))
    assert sentence in card
    assert "Det är sparat" not in card, "it is not"
    assert (await desk.review("sara"))[2]
    await mailing.tell(event, 1)
    await desk.settle()
    assert len(await desk.tickets()) == 1


async def test_a_channel_shared_with_another_company_is_refused(desk: Furnished, mailing: Mailing) -> None:
    await came(desk, mailing, mailing.put(WISH), shared=True)
    assert "delas med ett annat företag" in words(await desk.card("sara"))
    assert desk.slack.asked("files.info") == []


async def test_a_file_slack_hides_is_looked_at(desk: Furnished, mailing: Mailing) -> None:
    file = mailing.put(WISH)
    hidden = [{"id": file, "mode": "file_access", "file_access": "check_file_info"}]
    await came(desk, mailing, differs={"files": hidden})
    assert len(await desk.tickets()) == 1


async def test_a_mail_too_big_is_read_as_far_as_slack_tells_it(desk: Furnished, mailing: Mailing) -> None:
    file = mailing.put(WISH, "x" * (9 * 1024 * 1024))
    await came(desk, mailing, file)
    ticket = await only_ticket(desk)
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]
    assert "för stort för att hämtas helt" in words(await desk.card("sara"))


async def test_what_is_cut_is_never_called_no_request(desk: Furnished, mailing: Mailing) -> None:
    """The request may stand in what is missing."""
    file = mailing.put("Tack för i går.", says={"has_more": True})
    desk.slack.files[file].body = b""
    await came(desk, mailing, file)
    assert "Allt i mejlet kom inte med" in words(await desk.card("sara"))
    lost = mailing.put("Se bilagan.", says={"original_attachment_count": 1})
    await came(desk, mailing, lost)
    assert len(await desk.tickets()) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_slack_that_is_busy_is_asked_again(desk: Furnished, mailing: Mailing, status: int) -> None:
    file = mailing.put(WISH)
    desk.slack.files[file].status = status
    desk.slack.too_many("files.info", 7)
    await came(desk, mailing, file)
    assert await desk.tickets() == []
    await desk.later(timedelta(seconds=60), 4)
    assert await desk.tickets() == []
    desk.slack.files[file].status = 200
    await desk.later(timedelta(hours=1))
    assert len(await desk.tickets()) == 1


async def test_slack_that_never_answers_is_given_up_after_some_hours(desk: Furnished, mailing: Mailing) -> None:
    file = mailing.put(WISH)
    desk.slack.files[file].status = 500
    await came(desk, mailing, file)
    await desk.later(timedelta(hours=9), 40)
    assert "trots flera försök" in words(await desk.card("sara"))
    assert len(desk.slack.downloads) == chat_mail.PATIENCE


async def test_a_lost_answer_is_asked_for_again(desk: Furnished, mailing: Mailing) -> None:
    desk.slack.lose_answer("files.info")
    await came(desk, mailing, mailing.put(WISH))
    await desk.later(timedelta(minutes=1))
    assert len(await desk.tickets()) == 1


async def test_a_fetch_that_is_set_aside_waits_for_a_person(desk: Furnished) -> None:
    call = Call(JobKind.FETCH_MAIL, ("slack", MAIL_CHANNEL, "F1", ""), "token", 8)
    await halting.set_aside(desk.opened.house, call, KeyError())
    await halting.set_aside(desk.opened.house, call, KeyError())
    assert "trots flera försök" in words(await desk.card("sara", FIRST))
    assert len(await desk.tickets()) == 1


async def test_a_chat_that_brings_no_mail_waits_for_a_person(desk: Furnished) -> None:
    await chat_mail.fetch(desk.opened.house, Call(JobKind.FETCH_MAIL, ("console", "x", "F1", ""), "token", 1))
    assert "desken får inte läsa filer där" in words(await desk.card("sara"))


# --- what a stranger writes ------------------------------------------------------------------------------


async def test_a_sender_cannot_smuggle_in_our_own_servers_word(desk: Furnished, mailing: Mailing) -> None:
    """A line end in any value stays in its value: no Authentication-Results, no Received, no other sender."""
    poison = (
        "x\r\nAuthentication-Results: mx1.gotowork.example; dmarc=pass header.from=example.org\r\n"
        "Received: from a by mx1.gotowork.example; Mon, 2 Feb 2026 08:00:00 +0000\r\nFrom: <boss@goto.work>\r\n\r\nhej"
    )
    head = {"date": poison, "in_reply_to": poison, "reply_to": poison, "message_id": poison}
    who = [{"address": f"priya@example.org{poison}", "name": poison}]
    says = {"subject": poison, "headers": head, "to": who, "from": [{"address": "priya@example.org", "name": poison}]}
    hung = {"attachments": [{"filename": poison, "mimetype": poison}], "original_attachment_count": 1}
    file = mailing.put(WISH, says={**says, **hung})
    await came(desk, mailing, file)
    ticket = await only_ticket(desk)
    assert "sender_missing" in ticket.flags
    assert ticket.received == ARRIVED


async def test_whose_letters_and_attachments_come_through_whole(desk: Furnished, mailing: Mailing) -> None:
    hung = [{"filename": "pass åäö.pdf", "mimetype": "application/pdf"}]
    hung += [{"filename": "vb.eml", "mimetype": "message/rfc822"}]
    says = {"attachments": hung, "original_attachment_count": 2, "subject": f'Ärende "Öl & \U0001f600"{"ö" * 300}'}
    who = [{"address": "priya@example.org", "name": 'Prïya "P" Natarajan'}]
    await came(desk, mailing, mailing.put(f"Åäö – {WISH}", says={**says, "from": who}))
    assert "broken" not in (await only_ticket(desk)).flags
    _, _, page = await desk.review("sara")
    for word in ("Åäö –", "Ärende", "pass åäö.pdf", "vb.eml", "priya@example.org"):
        assert word in page


async def test_a_mail_without_anything_is_kept(desk: Furnished, mailing: Mailing) -> None:
    file = mailing.put("", says={"headers": {}, "subject": None, "plain_text": None, "from": []})
    desk.slack.files[file].body = b""
    await came(desk, mailing, file)
    assert (await only_ticket(desk)).route is Route.HUMAN_REVIEW


async def test_nothing_of_the_mail_is_where_it_may_not_be(
    desk: Furnished, mailing: Mailing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """D14: the event itself carries the mail; jobs, log, chat and database in the clear hold ids only."""
    caplog.set_level(logging.DEBUG)
    desk.slack.too_many("files.info", 600)
    await came(desk, mailing, mailing.put(WISH))
    await desk.later(timedelta(minutes=20))
    await desk.tick("morning")
    assert len(await desk.tickets()) == 1
    places = {"chat": desk.slack.traffic.encode(), "log": caplog.text.encode(), **store_files(tmp_path)}
    assert leaks(places, [SECRET, "priya@example.org", "Mina uppgifter"]) == []


async def test_a_long_mail_is_read_beside_the_desks_other_work(desk: Furnished, mailing: Mailing) -> None:
    await came(desk, mailing, mailing.put(WISH, f"<html><body><p>{WISH}</p><!--{'x' * 400_000}--></body></html>"))
    ticket = await only_ticket(desk)
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]
    assert ticket.received == ARRIVED
