"""Erased is what is gone by its id, whatever a search by the person's address shows before or after."""

from datetime import date, timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import NotAllowedNow
from bot.domain.hold import Hold
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Outcome
from bot.services.carrying_out.erasing import LOOK_EVERY, SETTLING
from bot.services.casework import holding
from bot.services.casework.progress import carry_on
from tests.journeys.furnished import FIRST, Furnished, words
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link
from tests.standins.cabinet import Cabinet, Proving, put_in

ELSEWHERE = "priya.new@example.net"
SOON = timedelta(seconds=20)


def proving(desk: Furnished, notes: int = 2) -> Proving:
    """Put a system that can be asked by id in HubSpot's place."""
    cabinet = Proving(desk.opened.house.systems["hubspot"].manifest, PRIYA, notes)
    put_in(desk.opened.house, cabinet)
    return cabinet


async def approved(desk: Furnished) -> None:
    """Walk Priya's erasure to where only her own yes is lacking."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")


async def erasure(desk: Furnished) -> Task:
    """Return HubSpot's erasure as it stands."""
    return next(one for one in (await desk.ticket()).tasks if (one.system, one.operation) == ("hubspot", "erase"))


async def test_a_contact_that_has_another_address_now_is_a_colleagues(desk: Furnished) -> None:
    """It may be somebody else's by now: nothing is erased, nothing is called erased, and one sentence says why."""
    cabinet = proving(desk)
    await approved(desk)
    cabinet.move_to(ELSEWHERE)
    await confirmed_by_link(desk)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, task.trouble, task.writing_since) == (TaskState.STUCK, "trouble.strayed", None)
    assert len(cabinet.held) == 3
    assert "ingen sökning på personens uppgifter leder dit" in words(await desk.card("karin"))


async def test_what_has_no_owner_of_its_own_is_erased_by_id(desk: Furnished) -> None:
    """A note that hangs on nobody any more is what it was when two colleagues approved it."""
    cabinet = proving(desk)
    await approved(desk)
    del cabinet.held["c1"]  # a colleague deleted the contact by hand
    await confirmed_by_link(desk)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, dict(task.done), cabinet.held) == (TaskState.DONE, {"note": 2}, {})


async def test_what_was_gone_before_is_not_called_erased(desk: Furnished) -> None:
    """Proven gone by id, and not by us: the person is told that nothing is there, and it is."""
    cabinet = proving(desk)
    await approved(desk)
    cabinet.held.clear()
    await confirmed_by_link(desk)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, dict(task.done)) == (TaskState.NOT_HELD, {})
    await desk.press("sara", Verb.SEND_LETTER)
    assert "permanently deleted" not in desk.letters(PRIYA)[-1].text
    assert (await desk.ticket()).parts[0].outcome is Outcome.NOTHING_HELD


async def test_where_the_search_is_the_only_door_an_empty_one_is_a_colleagues(desk: Furnished) -> None:
    cabinet = Cabinet(desk.opened.house.systems["hubspot"].manifest, PRIYA, 2)
    put_in(desk.opened.house, cabinet)
    await approved(desk)
    cabinet.move_to(ELSEWHERE)
    await confirmed_by_link(desk)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, task.trouble) == (TaskState.STUCK, "trouble.not_found_again")
    cabinet.move_to(PRIYA)
    del cabinet.held["n0"]
    await desk.press("karin", Verb.RETRY)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, dict(task.done)) == (TaskState.DONE, {"note": 1, "contact": 1}), "what is shown, and no more"


async def test_what_a_vendor_says_it_erased_and_did_not_is_seen_though_no_search_leads_there(desk: Furnished) -> None:
    cabinet = proving(desk)
    cabinet.deaf = {"n1"}
    await approved(desk)
    await confirmed_by_link(desk)
    await desk.settle()
    task = await erasure(desk)
    assert (task.state, task.trouble, list(cabinet.held)) == (TaskState.READY, "trouble.still_there", ["n1"])
    assert cabinet.asked == [3], "all at once, after the act"
    await desk.later(timedelta(hours=30), steps=60)
    assert (await erasure(desk)).state is TaskState.STUCK
    cabinet.deaf = set()
    await desk.press("karin", Verb.RETRY)
    task = await erasure(desk)
    assert (task.state, dict(task.done), cabinet.held) == (TaskState.DONE, {"note": 2, "contact": 1}, {})


@pytest.mark.parametrize(("notes", "at", "erased"), [(450, "n149", 200), (30, "n29", 30)])
async def test_a_hold_set_meanwhile_stops_what_is_left(desk: Furnished, notes: int, at: str, erased: int) -> None:
    """It is looked for every hundred records, and before the contact goes, on which everything else hangs."""
    assert LOOK_EVERY == 100
    cabinet = proving(desk, notes)
    await approved(desk)

    async def held(number: str) -> None:
        if number == at:
            await hold(desk)

    cabinet.before = held
    await confirmed_by_link(desk)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, task.trouble) == (TaskState.STUCK, "trouble.held")
    assert len(cabinet.held) == notes - erased + 1
    assert "c1" in cabinet.held


@pytest.mark.parametrize("reason", ["decline:legal_claims", "no_access"])
async def test_what_is_left_after_a_part_was_erased_is_not_told_as_kept_whole(desk: Furnished, reason: str) -> None:
    """Refused or given up half-way: the letter says that some of it may be gone."""
    cabinet = proving(desk, 150)

    async def held(number: str) -> None:
        if number == "n120":
            await hold(desk)

    cabinet.before = held
    await approved(desk)
    await confirmed_by_link(desk)
    await desk.later(SOON)
    assert len(cabinet.held) < 151
    with pytest.raises(NotAllowedNow, match=r"refusal\.held"):
        await desk.finish("karin", result="done")
    await desk.fill("karin", Verb.FINISH_BY_HAND, {"result": "exception", "exception_reason": reason})
    if reason.startswith("decline"):
        await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"})
        await desk.settle()
    await desk.press("sara", Verb.SEND_LETTER)
    (said,) = [row for row in desk.letters(PRIYA)[-1].text.splitlines() if row.startswith("– HubSpot")]
    assert "Some of it may already have been erased when we stopped." in said


async def hold(desk: Furnished) -> None:
    """Set a hold as an officer does, while a job has the task in hand."""
    house = desk.opened.house
    async with house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        wanted = Hold("legal_claims", "maria", house.today(), date(2026, 12, 1), "tvist")
        after = await holding.place(unit, house, ticket, desk.who("maria"), wanted, own=False)
        await carry_on(unit, house, ticket, after, "maria")


async def test_the_mark_is_as_fresh_as_the_last_write(desk: Furnished) -> None:
    """Who takes over late in a long run waits until its last write has settled, not its first (D34)."""
    cabinet = proving(desk, 250)
    await approved(desk)
    marks: list[timedelta] = []

    async def slowly(number: str) -> None:
        since = (await erasure(desk)).writing_since
        assert since is not None
        marks.append(desk.clock.now() - since)
        if number in ("n99", "n199"):
            desk.clock.advance(2 * SETTLING)

    cabinet.before = slowly
    await confirmed_by_link(desk)
    assert max(marks) < SETTLING
    await desk.later(SOON)
    assert (await erasure(desk)).state is TaskState.DONE
