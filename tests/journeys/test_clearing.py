"""Every January the owners of what the desk may not open clear their own copies of candidates (D18, P75)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.card import Card, Press, Verb
from bot.cards.clearing import OWN_COPIES
from bot.desk import Desk
from bot.domain.errors import NotAllowedNow, NotYours, StaleCard
from bot.domain.ledger import Entry, LedgerEvent
from bot.domain.roster import Roster
from bot.ports import RetentionReview
from bot.services.house import House
from bot.services.keeping.clearing import attend
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, find, furnished, verbs, words

SYSTEM = "office365_personal"
#: 1 January 2027 is a Friday, the 5th and 6th are Epiphany and its eve: the 4th is the first day everybody works.
FIRST_DAY = date(2027, 1, 4)


def eight(day: date) -> datetime:
    """Return eight in the morning of a winter day in Sweden."""
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)


@pytest.fixture
async def desk(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Furnished]:
    """A desk that ran in December, when this year's question had been answered."""
    async with furnished(tmp_path, sqlite_url, FixedClock(eight(date(2026, 12, 30)))) as desk:
        await desk.tick("morning")
        (about,) = await asked(desk)
        await desk.press("jonas", Verb.CLEARED, about)
        yield desk


async def morning(desk: Furnished, day: date) -> None:
    """Let the clock ring on a morning, whatever the desk missed before."""
    desk.clock.at = eight(day)
    await desk.tick("morning")


async def posts(desk: Furnished, name: str, kind: str) -> list[str]:
    """Return what was put before a colleague, oldest first."""
    async with desk.opened.house.work() as unit:
        feed = await unit.posts.feed("console", name, 500)
    return [post.about for post in reversed(feed) if post.about.startswith(f"{kind}:")]


async def asked(desk: Furnished, name: str = "jonas") -> list[str]:
    return await posts(desk, name, "clearing")


def days(abouts: list[str]) -> list[str]:
    """Return the days of next year on which somebody was told."""
    return [day for about in abouts if (day := about.rpartition(":")[2]) >= "2027"]


async def written(desk: Furnished, event: LedgerEvent, year: int = 2027) -> list[Entry]:
    return [one for one in await desk.events("desk") if one.event is event and one.facts["year"] == year]


async def waiting(house: House) -> list[RetentionReview]:
    async with house.work() as unit:
        return list(await unit.reviews.open_for(OWN_COPIES))


async def rung(house: House, day: date) -> None:
    """Let the working morning come in a house of other people."""
    async with house.work() as unit:
        await attend(unit, house, day)


def pressed(card: Card) -> Press:
    return find(card, Verb.CLEARED).press


async def test_on_the_first_day_everybody_works(desk: Furnished) -> None:
    """Not on New Year's Day, not before anybody but the owner, and by the policy's year in plain words."""
    for day in range(1, 8):
        await morning(desk, date(2027, 1, day))
    abouts = await asked(desk)
    assert days(abouts) == [str(FIRST_DAY)]
    card = await desk.card("jonas", abouts[-1])
    assert "2024 eller tidigare" in words(card), "kept in 2024 and for two years: 2025 and 2026"
    assert "din egen brevlåda" in words(card)
    for other in ("sara", "karin", "maria", "david"):
        assert not await asked(desk, other)


async def test_a_desk_that_was_down_asks_when_it_is_up(desk: Furnished) -> None:
    """Nothing rang until Saturday the 9th: asked on Monday the 11th, the first working morning."""
    await morning(desk, date(2027, 1, 9))
    assert not days(await asked(desk))
    await morning(desk, date(2027, 1, 11))
    await morning(desk, date(2027, 1, 12))
    assert days(await asked(desk)) == ["2027-01-11"]


async def test_twice_in_one_morning_asks_once(desk: Furnished) -> None:
    await morning(desk, FIRST_DAY)
    await morning(desk, FIRST_DAY)
    await rung(desk.opened.house, FIRST_DAY)
    await desk.settle()
    assert days(await asked(desk)) == [str(FIRST_DAY)]
    assert len(await written(desk, LedgerEvent.CLEARING_ASKED)) == 1


async def test_mondays_until_it_is_done_and_done_once(desk: Furnished) -> None:
    for day in range(4, 27):
        await morning(desk, date(2027, 1, day))
    abouts = await asked(desk)
    assert days(abouts) == ["2027-01-04", "2027-01-11", "2027-01-18", "2027-01-25"]
    old = pressed(await desk.card("jonas", abouts[-2]))
    with pytest.raises(NotYours, match="not_yours_copies"):
        await desk.press("maria", Verb.CLEARED, abouts[-1])
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("jonas"), replace(old, version=9))
    shown = await desk.press("jonas", Verb.CLEARED, abouts[-1])
    assert Verb.CLEARED not in verbs(shown)
    assert "Jonas" in words(shown)
    with pytest.raises(NotAllowedNow, match="already_decided"):
        await desk.opened.desk.press(desk.who("jonas"), old)
    for day in range(1, 28):
        await morning(desk, date(2027, 2, day))
    assert len(days(await asked(desk))) == 4
    assert not days(await posts(desk, "maria", "uncleared"))
    (done,) = await written(desk, LedgerEvent.CLEARED)
    assert (done.actor, done.facts["system"]) == ("jonas", SYSTEM)


async def test_a_monday_nobody_works_is_left_out(desk: Furnished) -> None:
    """Easter Monday, 29 March 2027."""
    await morning(desk, FIRST_DAY)
    for day in (date(2027, 3, 22), date(2027, 3, 29), date(2027, 4, 5)):
        await morning(desk, day)
    assert days(await asked(desk)) == [str(FIRST_DAY), "2027-03-22", "2027-04-05"]


async def test_the_officer_hears_when_january_is_over(desk: Furnished) -> None:
    """On February's first working morning and then on Mondays; the list says who, and a press ends it."""
    for day in (date(2027, 1, 4) + timedelta(days=n) for n in range(37)):
        await morning(desk, day)
    abouts = await posts(desk, "maria", "uncleared")
    assert days(abouts) == ["2027-02-01", "2027-02-08"]
    card = await desk.card("maria", abouts[-1])
    assert "Jonas" in words(card)
    assert Verb.CLEARED not in verbs(card), "who is here says it themselves"
    await desk.press("jonas", Verb.CLEARED, (await asked(desk))[-1])
    assert "Jonas" not in words(await desk.card("maria", abouts[-1]))


async def test_each_owner_answers_for_their_own(desk: Furnished) -> None:
    house = desk.opened.house
    both = [replace(one, owns=one.owns | {SYSTEM}) if one.id == "karin" else one for one in house.people.colleagues]
    house = replace(house, people=Roster(replace(house.people.now, colleagues=tuple(both))))
    desk.clock.at = eight(FIRST_DAY)
    await rung(house, FIRST_DAY)
    await desk.settle()
    assert days(await asked(desk, "karin")) == days(await asked(desk, "jonas")) == [str(FIRST_DAY)]
    await desk.press("karin", Verb.CLEARED, (await asked(desk, "karin"))[-1])
    assert [review.opened_by for review in await waiting(house)] == [("jonas",)]


async def test_for_who_has_left_an_officer_says_it(desk: Furnished) -> None:
    """Nobody is told who is not here; the officer has the button, and only the officer."""
    await morning(desk, FIRST_DAY)
    house = desk.opened.house
    rest = tuple(one for one in house.people.colleagues if one.id != "jonas")
    house = replace(house, people=Roster(replace(house.people.now, colleagues=rest)))
    monday = date(2027, 2, 1)
    desk.clock.at = eight(monday)
    await rung(house, monday)
    await desk.settle()
    assert days(await asked(desk)) == [str(FIRST_DAY)]
    left = Desk(house)
    card = await left.view(desk.who("maria"), f"uncleared:{monday}")
    assert "Jonas" not in words(card)
    with pytest.raises(NotYours, match="not_yours_officer"):
        await left.press(desk.who("sara"), pressed(card))
    shown = await left.press(desk.who("maria"), pressed(card))
    assert Verb.CLEARED not in verbs(shown)
    assert not await waiting(house)
    (done,) = await written(desk, LedgerEvent.CLEARED)
    assert (done.actor, done.facts["to"]) == ("maria", "jonas")


async def test_the_next_january_takes_over_what_nobody_answered(desk: Furnished) -> None:
    await morning(desk, FIRST_DAY)
    old = (await asked(desk))[-1]
    await morning(desk, date(2028, 1, 3))
    assert [review.started_at.year for review in await waiting(desk.opened.house)] == [2028]
    assert Verb.CLEARED not in verbs(await desk.card("jonas", old))
    assert len(await written(desk, LedgerEvent.CLEARING_LAPSED)) == 1
    assert not await written(desk, LedgerEvent.CLEARED)


async def test_a_desk_that_began_later_leaves_it_to_the_next_january(desk: Furnished) -> None:
    house = replace(desk.opened.house, start=date(2027, 1, 5))
    await rung(house, date(2027, 1, 7))
    assert not await waiting(house)


async def test_the_feed_shows_the_newest_of_them(desk: Furnished) -> None:
    for day in (FIRST_DAY, date(2027, 1, 11), date(2027, 1, 18)):
        await morning(desk, day)
    shown = await desk.opened.desk.feed(desk.who("jonas"), "console", "jonas")
    abouts = [one.post.about for one in shown if one.post.about.startswith("clearing:")]
    assert days(abouts) == ["2027-01-18"]
