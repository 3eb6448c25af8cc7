"""One transaction: all of it or nothing, on memory, SQLite and PostgreSQL."""

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.errors import NotFound
from bot.domain.ledger import LedgerEvent
from bot.jobs.queue import Queue
from bot.ports import Job, JobKind, Opening, Pause, Post, Shelf, TicketQuery, Unit, Work
from bot.store import open_store
from tests.databases import INDEX_KEY, RING, opened
from tests.fakes import FixedClock
from tests.store.samples import a_ticket
from tests.store.test_people import IDENTITY, PLACE, SHIFT
from tests.store.test_rooms import LINK, REVIEW, an_item


class Failure(Exception):
    """What goes wrong in the middle of a unit."""


async def write_everything(unit: Unit) -> None:
    """Write into every store of the unit."""
    ticket = await unit.tickets.add(a_ticket(), 2026)
    await unit.items.add(an_item())
    await unit.links.add(LINK)
    await unit.posts.put(Post("p1", "console", "tickets", ticket.id))
    await unit.reviews.add(REVIEW)
    await unit.bursts.put(Opening(ticket.id, ticket.received, "b1", held=True))
    await unit.places.put(PLACE)
    await unit.identities.put(IDENTITY)
    await unit.shifts.add(SHIFT)
    await unit.pauses.put(Pause("hubspot", "sara", ticket.received))
    await unit.ledger.write(ticket.id, LedgerEvent.TICKET_OPENED, "karin")
    await unit.jobs.put(Job(JobKind.READ_MAIL, "mailbox"))
    await unit.jobs.fire("morning", ticket.received, [Job(JobKind.TICK, "tick")])
    await unit.vault.put(ticket.id, Shelf.CASE, "mail", b"a mail")
    await unit.index.remember(ticket.id, unit.index.digest("email", "anna@example.com"))


async def what_is_there(work: Work) -> list[object]:
    """Return something of every store; all false when nothing is there."""
    async with work() as unit:
        digest = unit.index.digest("email", "anna@example.com")
        return [
            list(await unit.tickets.matching(TicketQuery())),
            list(await unit.tickets.matching(TicketQuery(digest=digest))),
            list(await unit.items.waiting()),
            await unit.links.by_digest(LINK.digest),
            list(await unit.posts.about("t1")),
            list(await unit.reviews.open_for("no_interest")),
            await unit.bursts.of("b1"),
            await unit.places.of("teams", "tenant-1"),
            await unit.identities.every(),
            list(await unit.shifts.since(SHIFT.first_day)),
            list(await unit.pauses.every()),
            list(await unit.ledger.entries("t1")),
            dict(await unit.ledger.heads()),
            list(await unit.vault.names("t1", Shelf.CASE)),
        ]


@pytest.mark.parametrize("how", [Failure, asyncio.CancelledError])
async def test_an_error_in_the_middle_leaves_nothing(work: Work, queue: Queue, how: type[BaseException]) -> None:
    async def fail_late() -> None:
        async with work() as unit:
            await write_everything(unit)
            await unit.ledger.entries("t1")
            raise how

    with pytest.raises(how):
        await fail_late()
    assert not any(await what_is_there(work))
    assert await queue.next_due() is None
    async with work() as unit:
        await write_everything(unit)
        assert (await unit.tickets.load("t1")).ref == "PR-2026-0001"


async def test_leaving_without_an_error_keeps_everything(work: Work, queue: Queue) -> None:
    async with work() as unit:
        await write_everything(unit)
    there = await what_is_there(work)
    assert all(there)
    assert await queue.next_due() is not None
    async with work() as unit:
        assert await unit.vault.get("t1", Shelf.CASE, "mail") == b"a mail"
        assert not await unit.jobs.fire("morning", a_ticket().received, [])


async def test_a_unit_inside_a_unit_is_refused_rather_than_waited_for(work: Work) -> None:
    async with work():
        with pytest.raises(RuntimeError, match="a unit is open already"):
            async with work():
                pass


async def test_a_task_born_inside_a_unit_may_work_after_it(work: Work) -> None:
    """Its context still holds the unit; on PostgreSQL its connection was given back long ago."""
    begun = asyncio.Event()

    async def later() -> str:
        await begun.wait()
        async with work() as unit:
            return (await unit.tickets.load("t1")).ref

    async with work() as unit:
        await unit.tickets.add(a_ticket(), 2026)
        task = asyncio.create_task(later())
    begun.set()
    assert await task == "PR-2026-0001"


async def test_a_unit_cancelled_while_it_waits_holds_nobody_up(work: Work) -> None:
    async def hold(entered: asyncio.Event) -> None:
        async with work() as unit:
            await unit.tickets.add(a_ticket("held"), 2026)
            entered.set()
            await asyncio.sleep(60)

    entered = asyncio.Event()
    holder = asyncio.create_task(hold(entered))
    await entered.wait()
    waiting = asyncio.create_task(hold(asyncio.Event()))
    await asyncio.sleep(0.05)
    for task in (waiting, holder):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(5):
        async with work() as unit:
            with pytest.raises(NotFound):
                await unit.tickets.load("held")


async def test_units_side_by_side_do_not_see_each_other_before_the_commit(postgres_url: str, clock: FixedClock) -> None:
    async with opened(postgres_url, clock) as store:
        written, looked = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            async with store.work() as unit:
                await unit.tickets.add(a_ticket(), 2026)
                written.set()
                await looked.wait()

        async def look() -> int:
            async with store.work() as unit:
                return len(await unit.tickets.matching(TicketQuery()))

        writing = asyncio.create_task(write())
        await written.wait()
        assert await look() == 0
        looked.set()
        await writing
        assert await look() == 1


async def test_the_loop_is_woken_after_the_commit_and_not_after_a_failure(store_url: str, clock: FixedClock) -> None:
    woken: list[int] = []
    wake: Callable[[], None] = lambda: woken.append(1)  # noqa: E731
    store = await open_store(store_url, keys=RING, index_key=INDEX_KEY, clock=clock, on_commit=wake)
    try:
        async with store.work() as unit:
            await unit.jobs.put(Job(JobKind.READ_MAIL, "mailbox"))
            assert not woken
        assert woken == [1]
        with pytest.raises(Failure):
            async with store.work():
                raise Failure
        assert woken == [1]
    finally:
        await store.close()
