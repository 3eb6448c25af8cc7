"""Dates that move while nobody's turn changes: the messages that lie before people follow (F47, D5)."""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.card import Form, Verb
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met
from tests.journeys.furnished import FIRST, Furnished, furnished
from tests.journeys.walks import at_decision
from tests.standins.slack_people import words as slack_words
from tests.standins.teams_people import words as teams_words

WHY = "Your data stands in four systems and two paper archives."


@pytest.fixture
async def both(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[BothChats]:
    """A desk whose colleagues have both chats, the bot's own chat in Teams too."""
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        for name in ("karin", "maria"):
            assert (await both.in_teams(name).alone().install()).status == 202
        yield both


def in_slack(desk: Furnished, name: str) -> str:
    """Return the words of the last message in a colleague's own chat in Slack that names dates."""
    return dated(slack_words(one.blocks) for one in desk.slack.in_channel(f"D0{name.upper()}"))


def in_teams(desk: Furnished, name: str) -> str:
    """Return the words of the last message in a colleague's own chat in Teams that names dates."""
    return dated(teams_words(one.card) for one in desk.teams.of_person(desk.who(name).handles["teams"]))


def dated(messages: Iterable[str]) -> str:
    """Return the last of some messages that names dates."""
    return [one for one in messages if "Måldatum" in one][-1]


async def target(desk: Furnished) -> str:
    """Return how a card names the ticket's target now."""
    day = desk.opened.house.nearest(await desk.ticket()).safe_target
    return f"Måldatum {desk.opened.house.texts.day(desk.opened.house.language, day)}"


Reads = Callable[[Furnished, str], str]
chats = pytest.mark.parametrize("reads", [in_slack, in_teams])


@chats
async def test_an_extension_reaches_whoever_is_waited_for(both: BothChats, reads: Reads) -> None:
    """Karin's decision is waited for before and after: nobody's turn changes, but the day does."""
    desk = both.desk
    await at_decision(desk, "erase")
    before = await target(desk)
    assert before in reads(desk, "karin")
    form = await desk.opened.desk.say(desk.who("maria"), f"förläng {FIRST}")
    assert isinstance(form, Form)
    await desk.send("maria", form, {"reasons": ("complexity",), "why": WHY})
    after = await target(desk)
    assert after != before
    assert after in reads(desk, "karin")
    assert before not in reads(desk, "karin")


@chats
async def test_another_day_of_receipt_reaches_whoever_was_reminded(both: BothChats, reads: Reads) -> None:
    """Maria was reminded of a proposal nobody confirmed; that it came in earlier is said where it lies."""
    desk = both.desk
    await desk.sample("erase")
    desk.clock.advance(timedelta(days=4))
    await desk.tick("morning")
    before = await target(desk)
    assert before in reads(desk, "maria")
    earlier = ((await desk.ticket()).received - timedelta(days=10)).strftime("%Y-%m-%dT%H:%M")
    given = {"received": earlier, "received_why": "Legat i en annan brevlåda."}
    await desk.fill("sara", Verb.CHANGE, given)
    after = await target(desk)
    assert after != before
    assert after in reads(desk, "maria")
    assert before not in reads(desk, "maria")
