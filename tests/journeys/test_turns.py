"""Whose turn it is: a message to whoever a ticket newly waits for, at once and not ten working days before the end."""

from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import NeedsHuman
from bot.domain.letter import LetterState
from tests.journeys.furnished import FIRST, Furnished, verbs, words
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link
from tests.standins.slack_people import words as slack_words

EVERYBODY = ("sara", "karin", "jonas", "maria", "david")
BREACH = (
    b"From: Priya Natarajan <priya.natarajan@example.org>\r\nTo: info@goto.work\r\n"
    b"Date: Mon, 9 Mar 2026 09:00:00 +0000\r\nMessage-ID: <breach@example.org>\r\n"
    b"Subject: Ni har skickat min data till fel person\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Hej, ni har r\xc3\xa5kat skicka mina personuppgifter till fel person. Det \xc3\xa4r en personuppgiftsincident. "
    b"Jag vill veta vilka uppgifter ni har om mig.\r\n"
)


async def turns(desk: Furnished, name: str) -> list[str]:
    """Return what stands before a colleague as their turn, oldest first."""
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", name)
    return [post.about for post in reversed(posts) if post.about.startswith("reminder:turn:")]


async def told(desk: Furnished) -> dict[str, int]:
    """Return how many messages each colleague has got."""
    counts = {name: len(await turns(desk, name)) for name in EVERYBODY}
    return {name: n for name, n in counts.items() if n}


async def newest(desk: Furnished, name: str) -> str:
    """Return the words of a colleague's newest message."""
    return words(await desk.card(name, (await turns(desk, name))[-1]))


async def test_each_is_told_when_it_becomes_their_turn_and_never_what_they_did_themselves(desk: Furnished) -> None:
    await desk.sample("erase")
    assert await told(desk) == {}, "a new request stands in the channel for whoever comes first"
    await desk.press("sara", Verb.CONFIRM)
    assert await told(desk) == {"jonas": 1}, "a step by hand"
    assert "manuellt steg" in await newest(desk, "jonas")
    await desk.finish("jonas")
    assert await told(desk) == {"jonas": 1, "karin": 1}
    said = await newest(desk, "karin")
    assert FIRST in said
    assert "Väntar på ditt beslut för HubSpot" in said
    assert "du äger HubSpot" in said
    assert PRIYA not in said
    assert Verb.OPEN in verbs(await desk.card("karin", (await turns(desk, "karin"))[-1]))
    await desk.decide("karin")
    assert await told(desk) == {"jonas": 2, "karin": 1, "maria": 1}, "whoever may be the second person"
    assert "andra person" in await newest(desk, "jonas")


async def test_a_colleague_gets_one_message_in_each_chat(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    assert len(await turns(desk, "karin")) == 1
    (shown,) = desk.slack.in_channel("D0KARIN")
    assert FIRST in shown.text


async def test_an_officer_hears_of_a_proposed_decline(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.decide("karin", decision="decline:legal_claims")
    assert "avslag" in await newest(desk, "maria")


async def test_a_handler_hears_of_a_draft_and_of_a_doubtful_letter(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    assert await turns(desk, "sara") == []
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    assert len(await turns(desk, "sara")) == 1
    assert "brev" in await newest(desk, "sara")

    async def refuse(_mail: object) -> None:
        raise NeedsHuman("trouble.mail_refused")

    monkeypatch.setattr(desk.opened.house.mailbox, "send", refuse)
    await desk.press("maria", Verb.SEND_LETTER)
    assert (await desk.ticket()).letters[-1].state is LetterState.DOUBTFUL
    assert "oklart" in await newest(desk, "sara")


async def test_the_receiver_of_a_ticket_is_told(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.fill("sara", Verb.HAND_OVER, {"colleague": "maria"})
    assert "handläggare" in await newest(desk, "maria")


async def test_a_suspected_incident_is_put_before_the_officers_at_once_and_before_nobody_else(desk: Furnished) -> None:
    await desk.mail(BREACH)
    ticket = await desk.ticket()
    assert "breach_suspected" in ticket.flags
    assert await told(desk) == {}
    async with desk.opened.house.work() as unit:
        paged = {name: [post.about for post in await unit.posts.feed("console", name)] for name in EVERYBODY}
    assert {name: abouts for name, abouts in paged.items() if abouts} == {
        "maria": [f"reminder:incident:{ticket.id}:start"]
    }


async def test_what_was_done_is_not_asked_for_any_more(desk: Furnished) -> None:
    """The message in a colleague's own chat is edited when the wait it told of is over; no bell rings for that."""
    await at_decision(desk, "erase")
    (asked,) = desk.slack.in_channel("D0KARIN")
    assert "Väntar på ditt beslut för HubSpot" in slack_words(asked.blocks)
    await desk.decide("karin")
    (asked,) = desk.slack.in_channel("D0KARIN")
    assert "Väntar på ditt beslut" not in slack_words(asked.blocks)
    assert FIRST in slack_words(asked.blocks)
