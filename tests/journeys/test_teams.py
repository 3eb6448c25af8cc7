"""One desk in two chats: a mail's ticket stands in Slack and in Teams, and is worked in both."""

import statistics
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Outcome, Stage
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met, until
from tests.journeys.furnished import FIRST, furnished
from tests.journeys.leaks import leaks
from tests.journeys.walks import PRIYA, confirmed_by_link
from tests.standins import slack_people
from tests.standins.teams import GROUP, Message
from tests.standins.teams_people import labels, words

PERSONAL = (PRIYA, "Priya", "Natarajan", "all of my personal data deleted")
#: Seconds from a click to the last copy's edit (the issue's figure; it takes a tenth of that).
WITHIN: Final = 1.0
STRANGER = "0badc0de-0000-4000-8000-000000000001"


@pytest.fixture
async def both(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[BothChats]:
    """A desk in both chats, into whose mailbox Priya's wish to be forgotten has just come."""
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        assert await desk.sample("erase") == FIRST
        yield both
        for chat, said in (("slack", desk.slack.traffic), ("teams", desk.teams.traffic)):
            assert not leaks({chat: said.encode()}, PERSONAL)


async def test_the_whole_street_in_both(both: BothChats) -> None:
    """Confirmed in Teams; one owner approves in Teams, the other in Slack; the letter is sent from Teams."""
    desk = both.desk
    for said in (words(both.teams_card.card), slack_people.words(both.slack_card.blocks)):
        assert f"{FIRST} · Ny begäran" in said
    await both.press("sara", "Bekräfta")
    assert f"{FIRST} · Söks" in words(both.teams_card.card)
    assert f"{FIRST} · Söks" in slack_people.words(both.slack_card.blocks)
    await both.fill("jonas", "Avsluta steget i Outlook…", {"result": "Fanns inte"})
    assert (await desk.ticket()).stage is Stage.DECIDING

    await both.decide_in_teams("karin")
    assert "godkänt 1 av 2" in slack_people.words(both.slack_card.blocks)
    await both.decide_in_slack("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await both.press("sara", "Godkänn och skicka")

    closed = await desk.ticket()
    assert (closed.stage, closed.parts[0].outcome) == (Stage.CLOSED, Outcome.FULFILLED)
    assert f"{FIRST} · Avslutad" in words(both.teams_card.card)
    assert f"{FIRST} · Avslutad" in slack_people.words(both.slack_card.blocks)
    told = history(both.teams_card.thread)
    assert told == history(both.slack_card.thread), "the same history below both"
    assert len(both.teams_card.thread) < len(told) * 2 / 3, "what happened together is one message"
    assert len(told) == len(set(told)) > 5
    assert desk.letters(PRIYA)[-1].subject


async def test_the_same_person_in_both_chats_is_one_person(both: BothChats) -> None:
    desk = both.desk
    await both.press("sara", "Bekräfta")
    await both.fill("jonas", "Avsluta steget i Outlook…", {"result": "Fanns inte"})
    await both.decide_in_slack("karin")
    again = await both.in_teams("karin").open(both.teams_card, "Besluta…")
    assert again.card == {}
    assert "Jonas" in again.sentence, "it says who is waited for"
    assert "godkänt 1 av 2" in words(both.teams_card.card)
    assert (await desk.ticket()).stage is Stage.DECIDING
    refused = [entry for entry in await desk.events() if entry.event is LedgerEvent.REFUSED]
    approved = [entry for entry in await desk.events() if entry.event is LedgerEvent.APPROVED]
    assert [entry.actor for entry in approved] == ["karin"]
    assert all(entry.actor == "karin" for entry in refused)


async def test_a_click_edits_both_copies_within_a_second(both: BothChats) -> None:
    """From the click (forms sent in Teams, a button in Slack) to the later of both edits; the desk's loop at work."""
    sara, took = both.in_teams("sara"), []
    async with both.at_work():
        for to in ("Maria Ek", "Sara Lind") * 3:
            form = (await sara.open(both.teams_card, "Lämna över…")).card
            chosen = next(label for label in choices(form, "colleague") if label.startswith(to))
            took.append(await both.until_both_edited(partial(sara.send, both.teams_card, form, {"colleague": chosen})))
        press = partial(both.in_slack("sara").press, both.slack_card, "Bekräfta")
        took.append(await both.until_both_edited(press))
    assert statistics.median(took) < WITHIN, took


async def test_a_press_is_answered_with_the_new_card_at_once(both: BothChats) -> None:
    """Before any job has run, the presser's own card stands in the old one's place."""
    answer = await both.in_teams("sara").press(both.teams_card, "Bekräfta")
    assert f"{FIRST} · Söks" in words(answer.card)
    assert f"{FIRST} · Ny begäran" in words(both.teams_card.card)
    again = await both.in_teams("maria").press(both.teams_card, "Bekräfta")
    assert "sedan kortet ritades" in words(again.card), "a card from before is refused with a sentence"
    assert f"{FIRST} · Söks" in words(again.card), "and shown as it is now"
    refused = [entry.facts["why"] for entry in await both.desk.events() if entry.event is LedgerEvent.REFUSED]
    assert len(refused) == 1
    await both.desk.settle()
    assert f"{FIRST} · Söks" in words(both.teams_card.card)


async def test_a_client_that_knows_no_execute_presses_all_the_same(both: BothChats) -> None:
    assert (await both.in_teams("sara").press_fallback(both.teams_card, "Bekräfta")).status == 202
    await both.desk.settle()
    assert (await both.desk.ticket()).stage is Stage.LOCATING
    assert f"{FIRST} · Söks" in words(both.teams_card.card)
    assert both.desk.teams.private == [], "the card that changes where it stands is the answer"


async def test_each_reader_is_given_a_view_of_their_own(both: BothChats) -> None:
    """In the channel the card is Swedish; David reads English. Who is nobody here keeps the channel's card."""
    looked = await both.in_teams("david").refresh(both.teams_card)
    assert f"{FIRST} · New request" in words(looked.card)
    assert "Bekräfta" in labels((await both.in_teams("sara").refresh(both.teams_card)).card)
    stranger = await both.person_in_teams(STRANGER).refresh(both.teams_card)
    assert (stranger.body["type"], stranger.body["statusCode"]) == ("application/vnd.microsoft.error", 403)
    written = [entry for entry in await both.desk.events("desk") if entry.event is LedgerEvent.REFUSED]
    assert written == [], "their client asked, and they did nothing"


async def test_who_is_nobody_here_is_told_whom_to_ask(both: BothChats) -> None:
    before = await both.desk.ticket()
    refused = await both.person_in_teams(STRANGER).press(both.teams_card, "Bekräfta")
    opened = await both.person_in_teams(STRANGER).open(both.teams_card, "Ändra…")
    for answer in (refused, opened):
        assert answer.card == {}
        assert "Maria Ek" in answer.sentence
    assert await both.desk.ticket() == before


async def test_who_may_not_is_told_who_may(both: BothChats) -> None:
    refused = await both.in_teams("karin").press(both.teams_card, "Bekräfta")
    assert "Sara Lind" in refused.sentence
    assert [entry.actor for entry in await both.desk.events() if entry.event is LedgerEvent.REFUSED] == ["karin"]
    assert both.desk.teams.private == [], "a refusal is the answer itself, and nobody else's"


async def test_a_turn_is_told_in_the_colleagues_own_chat(both: BothChats) -> None:
    """In Slack and in Teams, as a card that leads to what waits; its history stays in the channel's thread."""
    desk, karin = both.desk, both.in_teams("karin").alone()
    assert (await karin.install()).status == 202
    await both.press("sara", "Bekräfta")
    await both.fill("jonas", "Avsluta steget i Outlook…", {"result": "Fanns inte"})
    hello, turn = desk.teams.of_person(karin.person)
    assert "Dataskyddsdesken" in words(hello.card)
    assert "Väntar på ditt beslut för HubSpot" in words(turn.card)
    assert "refresh" not in turn.card, "nobody else reads there"
    assert (turn.thread, turn.text) == ([], "")
    assert desk.slack.in_channel(f"D{desk.who('karin').handles['slack'][1:]}")
    opened = await karin.press(turn, "Öppna ärendet")
    assert opened.status == 200
    shown = await arrived(both, karin.room, 3)
    decide = await karin.open(shown, "Besluta…")
    assert decide.card, "what waits for her is done from there"
    failed = await desk.opened.store.queue.failed_jobs()
    assert failed == 0, "who has no app in Teams is reached in Slack, and nothing is tried for ever"


async def test_typed_words_are_answered_to_the_asker_alone(both: BothChats) -> None:
    desk = both.desk
    await both.in_teams("sara").say("öppna")
    (shown,) = await desk.teams.told(1)
    assert (shown.reader, shown.conversation) == (both.in_teams("sara").known_as, both.teams_card.conversation)
    assert FIRST in words(shown.card)
    await both.in_teams("sara", GROUP).say(f"hitta {PRIYA}")
    refused = (await desk.teams.told(2))[-1]
    assert FIRST not in words(refused.card), "others may be looking (D16)"
    assert words(refused.card).startswith("Hitta ärenden\n"), "it is named after what was asked for"
    alone = both.in_teams("sara").alone()
    before = len(desk.teams.in_room(alone.room))
    await alone.say(f"hitta {PRIYA}")
    found_ = await arrived(both, alone.room, before + 1)
    assert FIRST in words(found_.card)


async def test_a_card_somebody_removed_is_posted_anew(both: BothChats) -> None:
    desk, old = both.desk, both.teams_card
    del desk.teams.messages[old.conversation, old.id]
    answer = await both.in_slack("sara").press(both.slack_card, "Bekräfta")
    assert answer.status == 200
    await desk.settle()
    assert both.teams_card.id != old.id
    assert f"{FIRST} · Söks" in words(both.teams_card.card)
    assert both.teams_card.thread, "and its history goes on below the new one"


async def test_one_chats_trouble_does_not_keep_the_card_from_the_other(both: BothChats) -> None:
    desk = both.desk
    desk.teams.down = True
    assert (await both.in_slack("sara").press(both.slack_card, "Bekräfta")).status == 200
    await desk.settle()
    assert f"{FIRST} · Söks" in slack_people.words(both.slack_card.blocks)
    assert f"{FIRST} · Ny begäran" in words(both.teams_card.card)
    desk.teams.down = False
    await desk.later(timedelta(hours=2))
    assert f"{FIRST} · Söks" in words(both.teams_card.card)
    assert history(both.teams_card.thread) == history(both.slack_card.thread)


async def test_a_message_becomes_a_request_in_both(both: BothChats) -> None:
    desk, sara = both.desk, both.in_teams("sara", GROUP)
    opened = await sara.choose(written("Ottilia ringde och vill att vi raderar allt om henne."), "requestFromMessage")
    await desk.settle()
    second = "PR-2026-0002"
    assert second in words(opened.card)
    assert "Ottilia" not in words(opened.card)
    assert len(desk.teams.in_room(both.desk.opened.settings.teams.channel)) == 2
    assert len(desk.slack.in_channel("C0TICKETS")) == 2
    sent = await sara.send_chosen(opened.card, "requestFromMessage", {"subject": "ottilia@example.org"})
    assert sent.status == 200
    await desk.settle()
    assert not leaks({"teams": desk.teams.traffic.encode()}, ["ottilia@example.org", "Ottilia"])


def history(thread: Sequence[str]) -> list[str]:
    """Return the lines below a card, however they were put together."""
    return [line for message in thread for line in message.splitlines()]


def written(text: str) -> dict[str, Any]:
    """Return a message as Teams hands it to a message action."""
    return {
        "id": "1772698000340",
        "replyToId": None,
        "createdDateTime": "2026-03-05T08:12:00.340Z",
        "importance": "normal",
        "linkToMessage": "https://teams.microsoft.com/l/message/19:7d41aa5b0c2e4f1b8e6d@thread.v2/1772698000340",
        "from": {"user": {"userIdentityType": "aadUser", "id": STRANGER, "displayName": "Karin Holm"}},
        "body": {"contentType": "html", "content": f"<div>{text}</div>"},
        "attachments": [],
        "mentions": [],
    }


def choices(form: dict[str, Any], name: str) -> list[str]:
    """Return the labels a form's field offers."""
    (field,) = [part for part in form["body"] if part.get("id") == name]
    return [choice["title"] for choice in field["choices"]]


async def arrived(both: BothChats, room: str, messages: int) -> Message:
    """Wait for a conversation to hold as many messages; return the last."""
    await until(lambda: len(both.desk.teams.in_room(room)) >= messages)
    return both.desk.teams.in_room(room)[-1]
