"""Tickets: the same promises from memory, SQLite and PostgreSQL."""

import asyncio
from contextlib import suppress
from dataclasses import MISSING, fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import NotFound, StaleCard
from bot.domain.request import RequestType
from bot.domain.task import TaskState
from bot.domain.ticket import Event, Outcome, Part, Stage, Ticket, advance
from bot.ports import Shelf, TicketQuery, Work
from bot.store import Store
from bot.store.session import Row, Session
from bot.store.tickets import StoredTickets
from tests.store.samples import AT, FULL, LATER, a_task, a_ticket


async def kept(work: Work, ticket: Ticket) -> Ticket:
    """Add a ticket in a unit of its own."""
    async with work() as unit:
        return await unit.tickets.add(ticket, 2026)


async def loaded(work: Work, key: str) -> Ticket:
    """Load a ticket in a unit of its own."""
    async with work() as unit:
        return await unit.tickets.load(key)


def test_the_full_sample_leaves_no_field_at_its_default() -> None:
    values: list[Any] = [FULL, *FULL.parts, *FULL.tasks, *FULL.letters, FULL.identity]
    for value in values:
        for field in fields(value):
            if field.default is not MISSING:
                assert getattr(value, field.name) != field.default, f"{type(value).__name__}.{field.name}"


async def test_every_field_comes_back_as_it_was(work: Work) -> None:
    ticket = await kept(work, FULL)
    assert ticket == replace(FULL, ref="PR-2026-0001")
    assert await loaded(work, "full") == ticket


async def test_a_moment_is_kept_in_utc_and_never_without_a_zone(store: Store) -> None:
    local = datetime.fromisoformat("2026-07-01T10:00:00+02:00")
    await kept(store.work, a_ticket(received=local))
    received = (await loaded(store.work, "t1")).received
    assert received == local
    assert received.utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="time zone"):
        await kept(store.work, a_ticket("t2", received=local.replace(tzinfo=None)))


@pytest.mark.parametrize("key", ["full", "PR-2026-0001", "full-p1", "full-task", "full-letter"])
async def test_a_ticket_is_found_by_any_of_its_ids(work: Work, key: str) -> None:
    await kept(work, FULL)
    await kept(work, a_ticket())
    assert (await loaded(work, key)).id == "full"


@pytest.mark.parametrize("key", ["", "nobody", "PR-2026-9999"])
async def test_an_unknown_key_finds_nothing(work: Work, key: str) -> None:
    await kept(work, a_ticket())
    with pytest.raises(NotFound):
        await loaded(work, key)


async def test_references_count_up_year_by_year(work: Work) -> None:
    refs = []
    for n, year in enumerate((2026, 2026, 2027, 2026)):
        async with work() as unit:
            refs.append((await unit.tickets.add(a_ticket(f"t{n}"), year)).ref)
    assert refs == ["PR-2026-0001", "PR-2026-0002", "PR-2027-0001", "PR-2026-0003"]


async def test_many_at_once_get_references_of_their_own(work: Work) -> None:
    tickets = await asyncio.gather(*(kept(work, a_ticket(f"t{n}")) for n in range(12)))
    assert sorted(ticket.ref for ticket in tickets) == [f"PR-2026-{n:04d}" for n in range(1, 13)]


async def test_a_save_raises_only_the_versions_of_what_differs(work: Work) -> None:
    before = await kept(work, replace(a_ticket(), tasks=(a_task(), a_task("task2"))))
    after = before.with_part(advance(before.parts[0], Event.CONFIRMED))
    after = after.with_task(replace(before.tasks[1], state=TaskState.READY))
    async with work() as unit:
        saved = await unit.tickets.save(before, after)
    assert saved == await loaded(work, "t1")
    assert [part.version for part in saved.parts] == [2, 1]
    assert [task.version for task in saved.tasks] == [1, 2]
    assert saved.version == 1
    assert saved.parts[0].stage is Stage.LOCATING


async def test_saving_nothing_changes_nothing(work: Work) -> None:
    before = await kept(work, FULL)
    async with work() as unit:
        assert await unit.tickets.save(before, before) == before
    assert await loaded(work, "full") == before


async def test_new_parts_tasks_and_letters_are_added_in_order(work: Work) -> None:
    before = await kept(work, a_ticket())
    third = Part("t1-third", 2, RequestType.OBJECTION, AT)
    letter = replace(FULL.letters[0], part_ids=("t1-third",))
    after = replace(before.with_part(third).with_task(a_task("b", "t1-third")), letters=(letter,))
    async with work() as unit:
        saved = await unit.tickets.save(before, after)
        saved = await unit.tickets.save(saved, saved.with_task(a_task("a")))
    assert await loaded(work, "t1") == saved
    assert [task.id for task in saved.tasks] == ["b", "a"]


async def test_a_part_can_be_taken_back_with_its_tasks(work: Work) -> None:
    before = await kept(work, replace(a_ticket(), tasks=(a_task("gone", "t1-erasure"), a_task())))
    after = replace(before, parts=before.parts[:1], tasks=before.tasks[1:])
    async with work() as unit:
        await unit.tickets.save(before, after)
    assert await loaded(work, "t1") == after
    with pytest.raises(NotFound):
        await loaded(work, "gone")


async def test_one_task_may_move_while_another_does(work: Work) -> None:
    """One owner's yes does not make another's card stale (D32)."""
    before = await kept(work, replace(a_ticket(), tasks=(a_task(), a_task("task2"))))
    for task in before.tasks:
        async with work() as unit:
            await unit.tickets.save(before, before.with_task(replace(task, state=TaskState.READY)))
    assert {task.state for task in (await loaded(work, "t1")).tasks} == {TaskState.READY}


async def test_what_another_unit_loaded_is_read_afresh_after_the_save(work: Work) -> None:
    """Two tasks end at once: whoever saves second must see that the first is settled, or the ticket never moves on."""
    before = await kept(work, replace(a_ticket(), tasks=(a_task(), a_task("task2"))))
    async with work() as unit:
        await unit.tickets.save(before, before.with_task(replace(before.tasks[1], state=TaskState.DONE)))
    async with work() as unit:
        await unit.tickets.save(before, before.with_task(replace(before.tasks[0], state=TaskState.DONE)))
        assert {task.state for task in (await unit.tickets.load("t1")).tasks} == {TaskState.DONE}


async def test_of_two_settling_the_last_tasks_at_once_the_later_sees_both(work: Work) -> None:
    before = await kept(work, replace(a_ticket(), tasks=(a_task(), a_task("task2"))))

    first_saved, second_looked = asyncio.Event(), asyncio.Event()

    async def settle(n: int) -> int:
        async with work() as unit:
            await unit.tickets.save(before, before.with_task(replace(before.tasks[n], state=TaskState.DONE)))
            first_saved.set()
            if n == 0:
                with suppress(TimeoutError):  # the second cannot look before we leave
                    await asyncio.wait_for(second_looked.wait(), 0.5)
            seen = sum(task.settled for task in (await unit.tickets.load("t1")).tasks)
            second_looked.set()
            return seen

    first = asyncio.create_task(settle(0))
    await first_saved.wait()
    assert (await settle(1), await first) == (2, 1)


async def test_a_unit_reads_what_it_has_written(work: Work) -> None:
    await kept(work, replace(a_ticket(), tasks=(a_task(),)))
    async with work() as unit:
        before = await unit.tickets.load("t1")
        saved = await unit.tickets.save(before, before.with_task(replace(before.tasks[0], state=TaskState.DONE)))
        assert await unit.tickets.load("task1") == saved
        again = await unit.tickets.save(saved, replace(saved, handler="karin").with_task(a_task("new")))
        assert await unit.tickets.load("new") == again
    assert await loaded(work, "t1") == again


@pytest.mark.parametrize("what", ["ticket", "part", "task", "letter", "removed"])
async def test_who_comes_second_is_refused_and_changes_nothing(work: Work, what: str) -> None:
    before = await kept(work, FULL)
    moves = {
        "ticket": replace(before, handler="one"),
        "part": before.with_part(replace(before.parts[0], reason="one")),
        "task": before.with_task(replace(before.tasks[0], trouble="one")),
        "letter": before.with_letter(replace(before.letters[0], approved_by="one")),
        "removed": before.with_letter(replace(before.letters[0], approved_by="one")),
    }
    late = {
        "ticket": replace(before, handler="two"),
        "part": before.with_part(replace(before.parts[0], reason="two")),
        "task": before.with_task(replace(before.tasks[0], trouble="two")),
        "letter": before.with_letter(replace(before.letters[0], approved_by="two")),
        "removed": replace(before, letters=()),
    }
    async with work() as unit:
        first = await unit.tickets.save(before, moves[what])
    with pytest.raises(StaleCard):
        async with work() as unit:
            await unit.tickets.save(before, late[what])
    assert await loaded(work, "full") == first


async def test_of_many_pressing_at_once_one_wins(work: Work) -> None:
    before = await kept(work, a_ticket())

    async def press(handler: str) -> str:
        try:
            async with work() as unit:
                await unit.tickets.save(before, replace(before, handler=handler))
        except StaleCard:
            return ""
        return handler

    winners = [who for who in await asyncio.gather(*(press(f"c{n}") for n in range(8))) if who]
    assert len(winners) == 1
    assert (await loaded(work, "t1")).handler == winners[0]


async def test_loading_before_changing_loses_no_update(work: Work) -> None:
    """Read, think, write, by many at once: the lock taken by `load` makes them take turns."""
    await kept(work, replace(a_ticket(), tasks=(a_task(),)))

    async def count_up() -> None:
        async with work() as unit:
            ticket = await unit.tickets.load("task1")
            await asyncio.sleep(0)
            task = ticket.tasks[0]
            await unit.tickets.save(ticket, ticket.with_task(replace(task, attempts=task.attempts + 1)))

    await asyncio.gather(*(count_up() for _ in range(10)))
    assert (await loaded(work, "t1")).tasks[0].attempts == 10


async def listed(work: Work, query: TicketQuery) -> list[str]:
    """Return the ids of the tickets that match."""
    async with work() as unit:
        return [ticket.id for ticket in await unit.tickets.matching(query)]


async def test_tickets_are_listed_by_receipt_open_ones_first_asked(work: Work) -> None:
    closed = replace(a_ticket("closed"), closed_at=LATER)
    shut = tuple(replace(part, stage=Stage.CLOSED, outcome=Outcome.FULFILLED) for part in closed.parts)
    await kept(work, a_ticket("young", AT + timedelta(days=1)))
    await kept(work, a_ticket("old", AT - timedelta(days=1)))
    await kept(work, replace(closed, parts=shut))
    assert await listed(work, TicketQuery()) == ["old", "young"]
    assert await listed(work, TicketQuery(limit=1)) == ["old"]
    assert await listed(work, TicketQuery(open_only=False)) == ["old", "closed", "young"]
    assert await listed(work, TicketQuery(closed_before=LATER)) == []
    assert await listed(work, TicketQuery(closed_before=LATER + timedelta(seconds=1))) == ["closed"]


async def test_closed_tickets_are_listed_by_when_they_closed_and_by_what_they_still_hold(work: Work) -> None:
    for name, closed_at in (("early", AT), ("late", LATER)):
        await kept(work, replace(a_ticket(name), closed_at=closed_at))
    async with work() as unit:
        for shelf in (Shelf.CASE, Shelf.FINDINGS):
            await unit.vault.put("early", shelf, "mail", b"words")
        await unit.vault.shred("early", Shelf.FINDINGS)
    assert await listed(work, TicketQuery(closed_since=LATER)) == ["late"]
    assert await listed(work, TicketQuery(closed_since=AT, closed_before=LATER)) == ["early"]
    assert await listed(work, TicketQuery(open_only=False, sealed=Shelf.CASE)) == ["early"]
    assert await listed(work, TicketQuery(closed_before=LATER, sealed=Shelf.FINDINGS)) == [], "its key is gone"
    assert await listed(work, TicketQuery(open_only=False, burst="none")) == []


async def test_parts_are_counted_by_kind_stage_and_outcome(work: Work) -> None:
    ticket = a_ticket()
    part = ticket.parts[0]
    answered = replace(part, id="p2", stage=Stage.CLOSED, outcome=Outcome.FULFILLED)
    await kept(work, replace(ticket, parts=(part, answered, replace(answered, id="p3"))))
    async with work() as unit:
        assert await unit.tickets.tally() == {
            (part.type, part.stage, part.outcome): 1,
            (part.type, Stage.CLOSED, Outcome.FULFILLED): 2,
        }


@pytest.mark.parametrize(
    "query",
    [
        TicketQuery(),
        TicketQuery(digest="d"),
        TicketQuery(open_only=False, digest="d"),
        TicketQuery(burst="b"),
        TicketQuery(closed_before=AT),
        TicketQuery(closed_since=AT),
    ],
    ids=repr,
)
async def test_no_list_goes_through_every_ticket(store: Store, query: TicketQuery) -> None:
    """With a hundred thousand answered tickets behind them, the ten open ones are found as fast as ever."""
    asked: list[str] = []

    class Plans(Session):
        async def rows(self, sql: str, *values: object) -> list[Row]:
            asked.append("; ".join(row["detail"] for row in await super().rows(f"EXPLAIN QUERY PLAN {sql}", *values)))
            return []

    if store.session.postgres:
        pytest.skip("PostgreSQL plans by its own figures of what lies there; a small table it always goes through")
    await StoredTickets(Plans(store.session.db)).matching(query)
    assert asked
    assert not [plan for plan in asked if "SCAN t" in plan or ("SCAN part" in plan and "INDEX" not in plan)], asked


async def test_a_ticket_with_one_open_part_is_open(work: Work) -> None:
    """Open is asked of the parts: a forgotten `closed_at` must not hide somebody who waits for an answer."""
    ticket = a_ticket()
    half = replace(ticket.with_part(replace(ticket.parts[0], stage=Stage.CLOSED)), closed_at=LATER)
    await kept(work, half)
    assert await listed(work, TicketQuery()) == ["t1"]


async def test_a_ticket_is_found_by_the_address_only_while_the_index_remembers(work: Work) -> None:
    await kept(work, a_ticket("t1"))
    await kept(work, a_ticket("t2"))
    async with work() as unit:
        digest = unit.index.digest("email", "Anna.Berg@example.com ")
        assert digest == unit.index.digest("email", "anna.berg@EXAMPLE.com")
        assert digest != unit.index.digest("phone", "anna.berg@example.com")
        await unit.index.remember("t1", digest)
        await unit.index.remember("t1", digest)
    assert await listed(work, TicketQuery(digest=digest)) == ["t1"]
    async with work() as unit:
        other = unit.index.digest("email", "anna@example.org")
        assert await unit.index.leads_to("t1", (other, digest))
        assert not await unit.index.leads_to("t1", (other,))
        assert not await unit.index.leads_to("t1", ())
        assert not await unit.index.leads_to("t2", (other, digest)), "what leads to another leads not here"
        await unit.index.forget("t1")
        assert not await unit.index.leads_to("t1", (digest,))
    assert await listed(work, TicketQuery(digest=digest)) == []
