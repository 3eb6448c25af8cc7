"""A message in the chat becomes a request (F02): once, from its own moment, and nothing of it back into the chat.

The message is chosen in Slack and everything behind it is real; what it said is looked for
afterwards where it may not lie. The duty to remove it (D17) outlasts the answer.
"""

import asyncio
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.card import Verb
from bot.domain.errors import NotAllowedNow, NotFound, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.original import mark_of, original_with
from bot.domain.request import Channel, RequestType
from bot.domain.ticket import Stage
from bot.ports import Call, JobKind
from bot.services.intake.original import chase
from tests.journeys.furnished import CHANNEL, FIRST, Furnished, find, verbs, words
from tests.journeys.leaks import leaks, store_files
from tests.standins.slack_people import Person
from tests.standins.slack_people import labels as labels_in
from tests.standins.slack_people import words as words_in

SECRET = "Ottilia Bergvall-Tuuri"
ADDRESS = "ottilia@example.org"
WISH = f"{SECRET} ringde. Hon vill att vi raderar alla uppgifter om henne. Adressen är {ADDRESS}."
TALK = "C0TALK"
ASKED_AT = datetime(2026, 3, 5, 8, 12, 0, 340, tzinfo=UTC)
_numbers = count(1)


def person(desk: Furnished, user: str, channel: str = TALK) -> Person:
    address = f"{desk.opened.house.public_url}/slack/events"
    return Person(desk.slack, desk.opened.session, address, user, channel)


def said(text: str = WISH, **differs: Any) -> dict[str, Any]:
    """Return a message of Karin's as Slack has it."""
    ts = f"{int(ASKED_AT.timestamp())}.{340 + next(_numbers):06d}"
    return {"type": "message", "user": "U0KARIN", "ts": ts, "text": text, **differs}


async def chosen(desk: Furnished, message: dict[str, Any], user: str = "U0SARA", channel: str = TALK) -> str:
    """Choose the shortcut on a message; return what the presser is told."""
    before = len(desk.slack.private)
    assert (await person(desk, user, channel).choose(message)).status == 200
    told = (await desk.slack.told(before + 1))[-1]
    assert told.user == user
    await desk.settle()
    return f"{told.text}\n{words_in(told.blocks)}"


async def form_opened(desk: Furnished) -> dict[str, Any]:
    """Wait for the form that opens beside the answer."""
    for _ in range(300):
        if desk.slack.views:
            return next(iter(desk.slack.views.values()))
        await asyncio.sleep(0.01)
    raise AssertionError("no form opened")


async def test_a_message_becomes_a_request(desk: Furnished) -> None:
    message = said(thread_ts="1772698000.000001")
    answer = await chosen(desk, message)
    assert FIRST in answer
    assert "Ange vem det gäller med Ändra" in answer
    assert "Ta bort originalmeddelandet" in answer
    ticket = await desk.ticket()
    assert ticket.channel is Channel.CHAT
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]
    assert ticket.received.replace(microsecond=0) == ASKED_AT.replace(microsecond=0), "not the moment of the press"
    assert [part.received for part in ticket.parts] == [ticket.received]
    assert not ticket.unsure_clock
    opened = (await desk.events())[0]
    assert (opened.event, opened.actor) == (LedgerEvent.TICKET_OPENED, "sara")
    (card,) = desk.slack.in_channel(CHANNEL)
    assert "Inkom tors 5 mars 09:12 via chatten" in words_in(card.blocks)
    assert "Originalmeddelandet i chatten ska tas bort av Sara." in words_in(card.blocks)
    _, _, page = await desk.review("sara")
    assert SECRET in page
    assert "gotowork.slack.com/archives/C0TALK/p" in page


SHARE = {
    "is_msg_unfurl": True,
    "is_share": True,
    "ts": "1772611200.000100",
    "author_name": "Lars Wallin",
    "text": "Please erase <b>everything</b> you have about me &amp; my family.",
    "fallback": "[March 4th] larsw: Please erase",
}


async def test_what_was_forwarded_is_read_with_the_words_around_it(desk: Furnished) -> None:
    """The request is what was forwarded; the comment alone would be deleted with it (D17). It came when it was sent."""
    answer = await chosen(desk, said("Kan någon ta den här?", attachments=[SHARE, {"title": "En länk", "text": "x"}]))
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]
    assert ticket.received == datetime(2026, 3, 4, 8, 0, 0, 100, tzinfo=UTC)
    _, _, page = await desk.review("sara")
    for word in ("Kan någon ta den här?", "Vidarebefordrat meddelande från Lars Wallin", "my family"):
        assert word in page
    assert "Allt i meddelandet kom inte med" not in answer
    assert FIRST in answer
    only = await chosen(desk, said("", attachments=[SHARE]))
    assert "PR-2026-0002" in only, "without a word around it too"


@pytest.mark.parametrize(
    "differs",
    [
        {"files": [{"id": "F1", "name": "brev.pdf"}]},
        {"attachments": [{**SHARE, "text": ""}]},
        {"attachments": [{**SHARE, "files": [{"id": "F1"}]}]},
        {"attachments": [{**SHARE, "attachments": [SHARE]}]},
        {"attachments": [{**SHARE, "text": "x" * 40_000}]},
    ],
    ids=["a file", "words not given", "a file in what was forwarded", "forwarded twice", "too long"],
)
async def test_what_did_not_come_with_it_is_to_be_read_before_it_is_removed(
    desk: Furnished, differs: dict[str, Any]
) -> None:
    lacking = "Allt i meddelandet kom inte med"
    assert lacking in await chosen(desk, said(**differs))
    assert lacking in words(await desk.card("sara"))
    await desk.later(timedelta(days=1))
    assert lacking in words_in(desk.slack.in_channel("D0SARA")[-1].blocks)


async def test_a_forwarded_file_alone_is_no_request(desk: Furnished) -> None:
    shares = [{**SHARE, "text": "", "files": [{"id": "F1"}]}]
    assert "bara en fil" in await chosen(desk, said("", attachments=shares))
    assert await desk.tickets() == []


async def test_a_message_that_is_only_linked_to_does_not_move_the_receipt(desk: Furnished) -> None:
    await chosen(desk, said(attachments=[{**SHARE, "is_share": False}]))
    assert (await desk.ticket()).received.date() == ASKED_AT.date()


async def test_the_form_that_says_whom_it_is_about_opens_by_itself(desk: Furnished) -> None:
    """Nothing is guessed: the address in the message may be anybody's, and Confirm waits until somebody has said it."""
    await chosen(desk, said())
    view = await form_opened(desk)
    assert ADDRESS not in str(view)
    with pytest.raises(NotAllowedNow, match=r"refusal\.subject_missing"):
        await desk.press("sara", Verb.CONFIRM)
    answer = await person(desk, "U0SARA").submit(view, {"subject": ADDRESS})
    assert answer.status == 200
    await desk.settle()
    assert desk.letters() == []
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).stage is not Stage.RECEIVED
    assert desk.letters(ADDRESS), "the receipt goes out on Confirm, to the address that was typed"


async def test_a_form_that_can_no_longer_open_costs_nothing(desk: Furnished) -> None:
    """Its button stands in the private answer."""
    desk.slack.trigger_seconds = -1
    assert FIRST in await chosen(desk, said())
    assert desk.slack.views == {}
    desk.slack.trigger_seconds = 3
    (told,) = desk.slack.private
    assert {"Ändra…", "Originalet är borttaget"} <= set(labels_in(told.blocks))
    assert (await person(desk, "U0SARA").press(told, "Ändra…")).status == 200
    assert len(desk.slack.views) == 1


async def test_the_same_message_is_one_request_whoever_chooses_it(desk: Furnished) -> None:
    message = said()
    await chosen(desk, message)
    known = f"Meddelandet är redan ett ärende: {FIRST}."
    assert known in await chosen(desk, message)
    assert known in await chosen(
        desk, {**message, "text": f"{WISH} (rättat)", "edited": {"user": "U0KARIN"}}, "U0MARIA"
    )
    assert len(await desk.tickets()) == 1
    elsewhere = await chosen(desk, message, channel="C0OTHER")
    assert "PR-2026-0002" in elsewhere, "a moment is only unique within its channel"


async def test_two_colleagues_at_once_make_one_request(desk: Furnished) -> None:
    message = said()
    answers = await asyncio.gather(*(person(desk, user).choose(message) for user in ("U0SARA", "U0MARIA") * 3))
    assert {answer.status for answer in answers} == {200}
    await desk.slack.told(6)
    assert len(await desk.tickets()) == 1
    assert all(FIRST in words_in(told.blocks) or FIRST in told.text for told in desk.slack.private)


async def test_a_redelivered_choice_is_silent(desk: Furnished) -> None:
    sara = person(desk, "U0SARA")
    payload = sara.chosen(said())
    for retry in range(3):
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        assert (await sara.interact(payload, headers)).status == 200
    await desk.slack.told(1)
    await asyncio.sleep(0.05)
    assert len(desk.slack.private) == 1
    assert len(await desk.tickets()) == 1


@pytest.mark.parametrize(
    ("message", "channel", "sentence"),
    [
        ({"bot_id": "B0OTHER", "user": ""}, TALK, "skrivet av en app"),
        ({"subtype": "channel_join"}, TALK, "skrivet av en app"),
        ({"text": "  \n"}, TALK, "ingen egen text"),
        ({"text": "", "files": [{"id": "F1"}]}, TALK, "bara en fil"),
        ({}, CHANNEL, "ärendekanalen"),
    ],
    ids=["app", "system", "empty", "file", "own channel"],
)
async def test_what_cannot_become_a_request_is_one_clear_sentence(
    desk: Furnished, message: dict[str, Any], channel: str, sentence: str
) -> None:
    assert sentence in await chosen(desk, said(**{"text": WISH, **message}), channel=channel)
    assert await desk.tickets() == []
    assert desk.slack.views == {}


async def test_a_text_with_a_file_is_a_text(desk: Furnished) -> None:
    assert FIRST in await chosen(desk, said(subtype="file_share", files=[{"id": "F1", "name": "x.pdf"}]))


@pytest.mark.parametrize(
    ("user", "sentence"), [("U0STRANGER", "känner inte igen dig"), ("U0DAVID", "does a handler|Sara Lind")]
)
async def test_who_may_not_is_refused_kindly(desk: Furnished, user: str, sentence: str) -> None:
    assert re.search(sentence, await chosen(desk, said(), user))
    assert await desk.tickets() == []
    refused = [entry.actor for entry in await desk.events("desk") if entry.event is LedgerEvent.REFUSED]
    assert refused == ["david" if user == "U0DAVID" else "desk"], "of a stranger the desk notes it, once"


async def test_what_slack_marks_is_read_as_it_was_written(desk: Furnished) -> None:
    marked = (
        f"Hej <@U0SARA>, <mailto:{ADDRESS}|{ADDRESS}> vill &lt;få&gt; bort sina uppgifter, se <https://a.example/x|här>"
    )
    await chosen(desk, said(marked))
    _, _, page = await desk.review("sara")
    assert "&lt;få&gt; bort" in page
    assert f"{ADDRESS} vill" in page
    assert "här https://a.example/x" in page
    assert "mailto:" not in page


async def test_nothing_of_the_message_is_where_it_may_not_be(
    desk: Furnished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """D14: not in a message, a modal's metadata, a log, the ledger, a job or the database in the clear."""
    caplog.set_level(logging.DEBUG)
    await chosen(desk, said())
    await form_opened(desk)
    await chosen(desk, said("x", bot_id="B1"))
    places = {"chat": desk.slack.traffic.encode(), "log": caplog.text.encode(), **store_files(tmp_path)}
    assert leaks(places, [SECRET, ADDRESS, "raderar alla uppgifter om henne"]) == []


# --- the original is to leave the chat (D17) ---------------------------------------------------------


async def reminders(desk: Furnished, name: str) -> list[str]:
    """Return the days on which a colleague was asked for the original."""
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", name)
    return [post.about for post in reversed(posts) if post.about.startswith("reminder:original:")]


async def test_the_maker_is_asked_every_working_morning_until_it_is_gone(desk: Furnished) -> None:
    """Monday: made. From Friday on, when three mornings have not helped, who is on call hears of it too."""
    await chosen(desk, said())
    assert original_with(await desk.ticket()) == "sara"
    assert await reminders(desk, "sara") == []
    for mornings in range(1, 5):
        await desk.later(timedelta(days=1))
        assert len(await reminders(desk, "sara")) == mornings
        assert len(await reminders(desk, "maria")) == max(0, mornings - 3)
    asked = await desk.card("sara", (await reminders(desk, "sara"))[-1])
    assert "Ta bort originalmeddelandet i chatten, eller be den som skrev det." in words(asked)
    assert "för att du gjorde ett meddelande i chatten till ärendet" in words(asked)
    await desk.later(timedelta(days=2))
    assert len(await reminders(desk, "sara")) == 4, "nobody is asked on a Saturday or Sunday"
    told = await desk.opened.desk.press(desk.who("sara"), find(asked, Verb.ORIGINAL_REMOVED).press)
    assert "borttaget" in words(told)
    await desk.later(timedelta(days=3))
    assert len(await reminders(desk, "sara")) == 4
    assert "Originalmeddelandet" not in words(await desk.card("maria"))
    removed = [entry for entry in await desk.events() if entry.event is LedgerEvent.ORIGINAL_REMOVED]
    assert [entry.actor for entry in removed] == ["sara"]
    with pytest.raises(NotAllowedNow):
        await desk.opened.desk.press(desk.who("sara"), find(asked, Verb.ORIGINAL_REMOVED).press)


async def test_the_duty_outlasts_the_ticket(desk: Furnished) -> None:
    """Closing is allowed: the person's answer must not wait for a message in our chat."""
    await chosen(desk, said())
    await desk.fill("sara", Verb.DISMISS, {"reason": "duplicate"})
    ticket = await desk.ticket()
    assert ticket.stage is Stage.CLOSED
    assert "ska tas bort av Sara" in words(await desk.card("maria"))
    assert Verb.ORIGINAL_REMOVED in verbs(await desk.card("maria"))
    await desk.later(timedelta(days=1))
    (about,) = await reminders(desk, "sara")
    assert "Ta bort originalmeddelandet i chatten" in words(await desk.card("sara", about))
    assert "Avslutad" in (await desk.card("sara", about)).title
    await desk.press("maria", Verb.ORIGINAL_REMOVED)
    assert "ska tas bort" not in words(await desk.card("maria"))
    assert Verb.ORIGINAL_REMOVED not in verbs(await desk.card("maria"))
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_who_only_looks_cannot_say_it_is_gone(desk: Furnished) -> None:
    await chosen(desk, said())
    press = find(await desk.card("david"), Verb.ORIGINAL_REMOVED).press
    with pytest.raises(NotYours, match=r"refusal\.not_yours_handler"):
        await desk.opened.desk.press(desk.who("david"), press)
    assert original_with(await desk.ticket()) == "sara"


async def test_an_officers_ticket_still_asks_its_maker(desk: Furnished) -> None:
    """D12: the channel sees the reference alone; who made it is asked for the original and told nothing else."""
    answer = await chosen(desk, said("Kunden har skyddad identitet och vill att vi raderar adressen."))
    assert "Hanteras av dataskyddsansvarig" in answer
    assert desk.slack.views == {}
    with pytest.raises(AssertionError):
        find(await desk.card("sara"), Verb.CHANGE)
    await desk.later(timedelta(days=1))
    (about,) = await reminders(desk, "sara")
    shown = await desk.card("sara", about)
    assert verbs(shown) == {Verb.ORIGINAL_REMOVED}
    await desk.opened.desk.press(desk.who("sara"), find(shown, Verb.ORIGINAL_REMOVED).press)
    assert original_with(await desk.ticket()) == ""


async def test_a_maker_who_has_left_is_replaced_by_who_is_on_call(desk: Furnished) -> None:
    await chosen(desk, said())
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        await unit.tickets.save(ticket, replace(ticket, flags=mark_of("gone")))
    await desk.later(timedelta(days=1))
    assert len(await reminders(desk, "maria")) == 1
    assert Verb.ORIGINAL_REMOVED in verbs(await desk.card("maria", (await reminders(desk, "maria"))[0]))


async def test_a_morning_that_comes_too_late_asks_nobody(desk: Furnished) -> None:
    await chosen(desk, said())
    ticket = await desk.ticket()
    await desk.press("sara", Verb.ORIGINAL_REMOVED)
    await chase(desk.opened.house, Call(JobKind.CHASE_ORIGINAL, (ticket.id, "1"), "token", 1))
    await desk.settle()
    assert await reminders(desk, "sara") == []


async def test_a_ticket_that_was_forgotten_is_asked_for_no_more(desk: Furnished) -> None:
    await chase(desk.opened.house, Call(JobKind.CHASE_ORIGINAL, ("no such ticket", "1"), "token", 1))
    with pytest.raises(NotFound):
        await desk.ticket()
