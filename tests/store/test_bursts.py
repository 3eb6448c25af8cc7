"""Openings: the same promises from memory, SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from bot.ports import Opening, Pace, TicketQuery, Work
from tests.store.samples import AT, a_ticket

MINUTE = timedelta(minutes=1)


async def test_the_pace_counts_what_was_opened_lately(work: Work) -> None:
    async with work() as unit:
        for n, burst in enumerate(("", "old", "", "new")):
            await unit.bursts.put(Opening(f"t{n}", AT + n * MINUTE, burst, bool(burst)))
        assert await unit.bursts.pace(AT) == Pace(4, "new")
        assert await unit.bursts.pace(AT + 3 * MINUTE) == Pace(1, "new")
        assert await unit.bursts.pace(AT + 9 * MINUTE) == Pace(0, "")


async def test_an_opening_comes_back_and_is_replaced(work: Work) -> None:
    opening = Opening("t1", AT, "b", held=True)
    async with work() as unit:
        await unit.bursts.put(opening)
    async with work() as unit:
        assert await unit.bursts.load("t1") == opening
        assert await unit.bursts.load("t2") is None
        await unit.bursts.put(replace(opening, held=False))
        await unit.bursts.put(Opening("t0", AT, "b", held=True))
        assert [(one.ticket_id, one.held) for one in await unit.bursts.of("b")] == [("t0", True), ("t1", False)]
        assert await unit.bursts.of("c") == ()


async def test_only_what_is_not_held_is_forgotten(work: Work) -> None:
    async with work() as unit:
        await unit.bursts.put(Opening("held", AT, "b", held=True))
        await unit.bursts.put(Opening("shown", AT, "b"))
        await unit.bursts.put(Opening("alone", AT))
        await unit.bursts.put(Opening("later", AT + MINUTE))
        names = ("held", "shown", "alone", "later")
        await unit.bursts.forget(AT + MINUTE, AT)
        assert [await unit.bursts.load(one) is None for one in names] == [False, False, True, False]
        await unit.bursts.forget(AT + MINUTE, AT + MINUTE)
        assert [await unit.bursts.load(one) is None for one in names] == [False, True, True, False]


async def test_the_tickets_of_a_burst_are_asked_for(work: Work) -> None:
    async with work() as unit:
        for name in ("t1", "t2", "t3"):
            await unit.tickets.add(a_ticket(name), 2026)
        await unit.bursts.put(Opening("t2", AT, "b", held=True))
        assert [one.id for one in await unit.tickets.matching(TicketQuery(burst="b"))] == ["t2"]
        assert len(await unit.tickets.matching(TicketQuery())) == 3
