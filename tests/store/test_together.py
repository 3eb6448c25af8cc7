"""Units that wait for each other are committed together on SQLite: each is all or nothing, none is left too early."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import timedelta

import aiosqlite
import pytest

from bot.domain.errors import PrivacyDeskError
from bot.ports import Job, JobKind, Shelf
from bot.store import Store
from bot.store.sqlite_immediate import ImmediateClient
from tests.fakes import FixedClock
from tests.store.samples import a_ticket
from tests.store.test_opening import full_after


class Failure(Exception):
    """What goes wrong in the middle of a unit."""


def connection(store: Store) -> aiosqlite.Connection:
    """Return the store's own connection."""
    db = store.session.db
    assert isinstance(db, ImmediateClient)
    assert db._connection is not None
    return db._connection


def on_disk(store: Store) -> set[str]:
    """Return the tickets another process would find now."""
    assert store.place.path is not None
    with closing(sqlite3.connect(store.place.path)) as other:
        return {row[0] for row in other.execute("SELECT id FROM ticket")}


@asynccontextmanager
async def commits(store: Store) -> AsyncIterator[list[str]]:
    """Note every commit of the store's connection."""
    said: list[str] = []
    await connection(store).set_trace_callback(lambda sql: said.append(sql) if sql == "COMMIT" else None)
    yield said
    await connection(store).set_trace_callback(lambda _: None)


@asynccontextmanager
async def held(store: Store) -> AsyncIterator[None]:
    """Let whatever comes meanwhile wait for each other, behind a unit that is under way."""
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with store.work():
            entered.set()
            await leave.wait()

    holding = asyncio.create_task(hold())
    await entered.wait()
    yield
    await asyncio.sleep(0)  # what was begun meanwhile stands in the queue now
    leave.set()
    await holding


async def add(store: Store, name: str, error: BaseException | None = None) -> bool:
    """Add a ticket in a unit of its own; return whether it lay on the disk when the unit was left."""
    async with store.work() as unit:
        await unit.tickets.add(a_ticket(name), 2026)
        await unit.jobs.put(Job(JobKind.REFRESH_CARD, f"card:{name}", (name,)))
        if error is not None:
            raise error
    return name in on_disk(store)


async def test_units_that_wait_for_each_other_share_commits_and_are_left_only_when_on_disk(sqlite_store: Store) -> None:
    async with commits(sqlite_store) as said:
        async with held(sqlite_store):
            adding = [asyncio.create_task(add(sqlite_store, f"t{n}")) for n in range(20)]
        assert await asyncio.gather(*adding) == [True] * 20
    assert len(said) <= 3
    assert on_disk(sqlite_store) == {f"t{n}" for n in range(20)}


async def test_whoever_is_alone_is_committed_at_once(sqlite_store: Store) -> None:
    async with commits(sqlite_store) as said:
        assert await add(sqlite_store, "t1")
        assert await add(sqlite_store, "t2")
    assert len(said) == 2


@pytest.mark.parametrize("error", [Failure(), asyncio.CancelledError()], ids=["error", "cancelled"])
async def test_one_that_fails_takes_only_its_own_back(sqlite_store: Store, error: BaseException) -> None:
    async with held(sqlite_store):
        adding = [asyncio.create_task(add(sqlite_store, f"t{n}", error if n in {0, 4, 9} else None)) for n in range(10)]
    results = await asyncio.gather(*adding, return_exceptions=True)
    good = {f"t{n}" for n in range(10) if n not in {0, 4, 9}}
    assert [one for one in results if one is True] == [True] * len(good)
    assert on_disk(sqlite_store) == good
    due = await sqlite_store.queue.claim(20, timedelta(minutes=1))
    assert {claimed.call.ids[0] for claimed in due} == good
    async with sqlite_store.work() as unit:
        references = [(await unit.tickets.load(name)).ref for name in good]
    assert len(set(references)) == len(good)


async def test_a_statement_outside_of_units_finds_what_was_written_before_it(sqlite_store: Store) -> None:
    async with held(sqlite_store):
        adding = [asyncio.create_task(add(sqlite_store, f"t{n}")) for n in range(3)]
        await asyncio.sleep(0)
        counting = asyncio.create_task(sqlite_store.session.rows("SELECT count(*) AS n FROM ticket"))
        await asyncio.sleep(0)
        adding += [asyncio.create_task(add(sqlite_store, f"t{n}")) for n in range(3, 6)]
    assert (await counting)[0]["n"] == 3
    assert await asyncio.gather(*adding) == [True] * 6


async def test_a_commit_that_fails_is_told_to_everybody_in_it(sqlite_store: Store) -> None:
    """A limit on the size of files: one portion is too much, and what is written with it is not written either."""

    async def put_much() -> None:
        async with sqlite_store.work() as unit:
            await unit.vault.put("t0", Shelf.FINDINGS, "package", b"x" * 300_000)

    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        async with held(sqlite_store):
            tasks = [asyncio.create_task(add(sqlite_store, "t1")), asyncio.create_task(put_much())]
            tasks.append(asyncio.create_task(add(sqlite_store, "t2")))
        results = await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
    assert [getattr(one, "key", one) for one in results] == ["trouble.store_unreachable"] * 3
    assert on_disk(sqlite_store) == set()
    assert await sqlite_store.queue.next_due() is None
    assert await add(sqlite_store, "t1")


async def test_a_full_disk_in_one_unit_is_told_to_those_whose_work_went_with_it(sqlite_store: Store) -> None:
    await full_after(sqlite_store, 20)

    async def put_much() -> None:
        async with sqlite_store.work() as unit:
            await unit.vault.put("t0", Shelf.FINDINGS, "package", b"x" * 1_000_000)

    async with held(sqlite_store):
        tasks = [asyncio.create_task(add(sqlite_store, "t1")), asyncio.create_task(put_much())]
        tasks.append(asyncio.create_task(add(sqlite_store, "t2")))
    first, much, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(much, PrivacyDeskError)
    assert much.key == "trouble.disk_full"
    told = {"t1": first, "t2": last}
    assert on_disk(sqlite_store) == {name for name, one in told.items() if one is True}
    assert all(one is True or getattr(one, "key", "") == "trouble.disk_full" for one in told.values())


@pytest.mark.parametrize("swallowed", [False, True], ids=["raised", "swallowed"])
async def test_what_sqlite_rolled_back_itself_is_nobodys_success(sqlite_store: Store, *, swallowed: bool) -> None:
    """An interrupted write ends the whole transaction: whoever wrote in it before is told, whatever its unit does."""

    async def interrupted() -> None:
        async with sqlite_store.work() as unit:
            await connection(sqlite_store).set_progress_handler(lambda: 1, 1)
            try:
                with suppress(*((Exception,) if swallowed else ())):
                    await unit.tickets.add(a_ticket("t0"), 2026)
            finally:
                await connection(sqlite_store).set_progress_handler(lambda: 0, 0)

    async with held(sqlite_store):
        tasks = [asyncio.create_task(add(sqlite_store, "t1")), asyncio.create_task(interrupted())]
        tasks.append(asyncio.create_task(add(sqlite_store, "t2")))
    first, middle, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, Exception)
    assert isinstance(middle, Exception)
    assert last is True
    assert on_disk(sqlite_store) == {"t2"}
    assert await add(sqlite_store, "t3")


async def test_cancelling_whoever_waits_holds_nobody_up(sqlite_store: Store, clock: FixedClock) -> None:
    """Before its turn, while it waits for the disk, or outside of units: whoever comes later is served all the same."""
    async with asyncio.timeout(20):
        for turns in range(12):
            async with held(sqlite_store):
                tasks = [asyncio.create_task(add(sqlite_store, f"{turns}-{n}")) for n in range(4)]
                alone = asyncio.create_task(sqlite_store.queue.next_due())
                tasks.append(asyncio.create_task(add(sqlite_store, f"{turns}-4")))
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in (tasks[0], tasks[2], alone):
                task.cancel()
            results = await asyncio.gather(*tasks, alone, return_exceptions=True)
            assert all(one is True or isinstance(one, asyncio.CancelledError) for one in results[:5])
            kept = {f"{turns}-{n}" for n, one in enumerate(results[:5]) if one is True}
            assert kept >= {f"{turns}-{n}" for n in (1, 3, 4)}
            assert kept <= on_disk(sqlite_store)
    assert await add(sqlite_store, "last")
