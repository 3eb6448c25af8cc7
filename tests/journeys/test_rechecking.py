"""The look after 31 days (F31): one system's refusal neither hides what another shows nor is forgotten."""

from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import CredentialsRefused
from bot.domain.system import Record
from bot.domain.task import TaskState
from bot.domain.ticket import Stage
from bot.ports import EVERY, TicketQuery
from integrations.eventbrite.seed import SEMINAR, Booking, Guest
from integrations.hubspot.seed import Person
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished, words
from tests.journeys.test_by_hand import at_the_erasure_by_hand
from tests.journeys.test_halting import patience_ends
from tests.journeys.test_proven_gone import approved, proving
from tests.journeys.walks import FATIMA, PRIYA, confirmed_by_link, states
from tests.standins.cabinet import Proving

DAY = timedelta(days=1)
REFUSED = CredentialsRefused("trouble.credentials", {"system": "hubspot"})


async def erased(desk: Furnished) -> Proving:
    """Walk Priya's erasure to its end."""
    cabinet = proving(desk, 0)
    await approved(desk)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).stage is Stage.CLOSED
    return cabinet


def back_again(cabinet: Proving) -> None:
    contact = cabinet.manifest.key, "contact", "c1"
    cabinet.held["c1"] = Record(*contact)
    cabinet.move_to(PRIYA)


async def told_officers(desk: Furnished) -> list[str]:
    async with desk.opened.house.work() as unit:
        return [post.about for post in await unit.posts.feed("console", "maria") if "unchecked" in post.about]


async def test_a_refusal_is_tried_again_every_day_and_told_after_some(desk: Furnished) -> None:
    cabinet = await erased(desk)
    back_again(cabinet)
    cabinet.refuses = REFUSED
    assert "Kontrolleras igen" in words(await desk.card("sara"))
    await desk.later(31 * DAY)
    assert "Kontrolleras igen" not in words(await desk.card("sara")), "that day has passed"
    finds = cabinet.finds
    partly = [one for one in await desk.events() if one.event == "task.searched" and "unanswered" in one.facts]
    assert [dict(one.facts) for one in partly] == [{"records": 0, "unanswered": 1}]
    await desk.later(2 * DAY, steps=2)
    assert await told_officers(desk) == []
    await desk.later(3 * DAY, steps=3)
    assert cabinet.finds == finds + 5
    (about,) = await told_officers(desk)
    assert about == f"reminder:unchecked:{(await desk.ticket()).id}:hubspot"
    card = words(await desk.card("maria", about))
    assert "HubSpot har inte släppt in oss" in card
    cabinet.refuses = None
    await desk.later(DAY)
    ticket = await desk.ticket()
    assert ticket.stage is Stage.DECIDING
    assert states(ticket, "erase") == {"hubspot": TaskState.PROPOSED}
    await desk.later(3 * DAY, steps=3)
    assert cabinet.finds == finds + 6, "it has been looked at"


async def test_once_it_answers_and_nothing_is_there_the_index_is_forgotten(desk: Furnished) -> None:
    cabinet = await erased(desk)
    cabinet.refuses = REFUSED
    await desk.later(31 * DAY)
    assert await found_by_address(desk)
    cabinet.refuses = None
    await desk.later(DAY)
    assert not await found_by_address(desk)
    last = (await desk.events())[-1]
    assert (last.event, dict(last.facts)) == ("task.searched", {"records": 0})


async def found_by_address(desk: Furnished) -> bool:
    async with desk.opened.house.work() as unit:
        query = TicketQuery(open_only=False, digest=unit.index.digest("email", PRIYA), limit=EVERY)
        return bool(await unit.tickets.matching(query))


async def test_a_hit_in_a_part_that_is_under_way_waits_its_turn(desk: Furnished) -> None:
    """Reopened by another system and past its owners: it is put before them once that is answered, not lost."""
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    desk.hubspot.faults.add(Fault(Trouble.STATUS, times=None, status=403))
    desk.hubspot.account.seed([Person(FATIMA, "Fatima", "Haddad")])
    desk.eventbrite.seed([Booking(SEMINAR, "Fatima Haddad", FATIMA, (Guest("Fatima Haddad", FATIMA),))])
    await desk.later(31 * DAY)
    assert (await desk.ticket()).parts[1].stage is Stage.DECIDING
    for name in ("sara", "karin"):
        await desk.decide(name)
    desk.hubspot.faults.clear()
    await desk.later(DAY)
    assert states(await desk.ticket(), "erase") == {"eventbrite": TaskState.BY_HAND, "hubspot": TaskState.DONE}
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(DAY)
    assert states(await desk.ticket(), "erase") == {"eventbrite": TaskState.DONE, "hubspot": TaskState.PROPOSED}


async def test_a_look_that_fails_for_a_reason_of_our_own_comes_back(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabinet = await erased(desk)
    back_again(cabinet)

    async def unforeseen(*_given: object) -> None:
        raise KeyError(PRIYA)

    with monkeypatch.context() as broken:
        broken.setattr(Proving, "find", unforeseen)
        await desk.later(31 * DAY)
        await patience_ends(desk)
    await desk.later(2 * DAY, steps=2)
    assert (await desk.ticket()).stage is Stage.DECIDING


async def test_what_only_a_colleague_can_search_is_not_said_to_be_looked_at(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    await desk.fill("jonas", Verb.FINISH_BY_HAND, {"result": "done", "count": "2"})
    for name in ("karin", "jonas", "maria"):
        await desk.decide(name)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.finish("jonas", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert "utom Outlook som bara en kollega kan söka i" in words(await desk.card("sara"))
