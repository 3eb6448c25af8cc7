"""Opening and closing, one process, full disks: one clear sentence each, and nothing lost."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import NotFound, PrivacyDeskError
from bot.domain.ledger import LedgerEvent
from bot.ports import Job, JobKind, Shelf
from bot.store import KeyRing, Store, migrate, open_store, store_lock
from bot.store.place import place
from tests.databases import INDEX_KEY, RING, opened
from tests.fakes import FixedClock
from tests.store.samples import a_ticket

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite://var/desk.sqlite3", "var/desk.sqlite3"),
        ("sqlite:///srv/desk.sqlite3?x=1", "/srv/desk.sqlite3"),
        ("sqlite:///srv/with%20space/desk", "/srv/with space/desk"),
    ],
)
def test_a_sqlite_address_is_a_path(url: str, path: str) -> None:
    assert place(url).path == Path(path)
    assert not place(url).postgres


def test_a_postgres_address_is_read_and_never_shown() -> None:
    at = place("postgresql://desk:s%40crit@db.example:5433/privacy")
    assert at.postgres
    assert at.server == {
        "host": "db.example",
        "port": 5433,
        "user": "desk",
        "password": "s@crit",
        "database": "privacy",
    }
    assert "crit" not in repr(at)
    assert place("postgres:///privacy?host=/run/pg").server["host"] == "/run/pg"


@pytest.mark.parametrize(
    "url", ["", "desk.sqlite3", "sqlite://", "sqlite:///", "mysql://a/b", "postgres://host", "postgres://h:x/d"]
)
def test_an_address_of_neither_kind_is_refused(url: str) -> None:
    with pytest.raises(PrivacyDeskError) as refused:
        place(url)
    assert refused.value.key == "trouble.database_url"


async def refusal(url: str, clock: FixedClock, ring: KeyRing = RING) -> str:
    """Return why a store does not open."""
    with pytest.raises(PrivacyDeskError) as refused:
        await open_store(url, keys=ring, index_key=INDEX_KEY, clock=clock)
    return refused.value.key


async def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "desk").write_bytes(b"this is not a database at all" * 100)
    assert await refusal(f"sqlite://{tmp_path}/desk", clock) == "trouble.store_damaged"


async def test_a_server_that_is_not_there_is_said_to_be_unreachable(clock: FixedClock) -> None:
    assert await refusal("postgres://desk@127.0.0.1:1/desk", clock) == "trouble.store_unreachable"


async def test_a_folder_that_cannot_be_made_is_said_to_be_unreachable(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "file").touch()
    url = f"sqlite://{tmp_path}/file/desk.sqlite3"
    with pytest.raises(PrivacyDeskError) as refused:
        await migrate(url, clock)
    assert refused.value.key == "trouble.store_unreachable"
    with pytest.raises(PrivacyDeskError) as refused, store_lock(url):
        pass
    assert refused.value.key == "trouble.store_unreachable"


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$", "trouble.disk_full"),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$", "trouble.store_busy"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "trouble.store_unreachable"),
    ],
)
async def test_what_postgres_says_is_one_clear_sentence_and_the_next_unit_works(
    postgres_url: str, clock: FixedClock, sql: str, key: str
) -> None:
    async with opened(postgres_url, clock) as store:

        async def fail() -> None:
            async with store.work() as unit:
                await unit.tickets.add(a_ticket(), 2026)
                await unit.tickets._session.rows(sql)

        with pytest.raises(PrivacyDeskError) as refused:
            await fail()
        assert refused.value.key == key
        async with store.work() as unit:
            assert (await unit.tickets.add(a_ticket(), 2026)).ref == "PR-2026-0001"


async def test_an_error_that_is_not_the_databases_stays_what_it_is(store: Store) -> None:
    async def fail() -> None:
        async with store.work():
            raise ValueError("a malformed mail, the disk is full of them")

    with pytest.raises(ValueError, match="mail"):
        await fail()


def connections() -> int:
    """Return how many threads serve a connection; the loop's own come and go."""
    return sum(not thread.name.startswith(("asyncio", "MainThread")) for thread in threading.enumerate())


async def gone() -> None:
    """Wait until no connection is open: its thread ends a moment after it was closed."""
    async with asyncio.timeout(5):
        while connections():  # noqa: ASYNC110 - a thread sets no event
            await asyncio.sleep(0.01)


async def test_a_refused_opening_leaves_no_connection_behind(sqlite_url: str, clock: FixedClock) -> None:
    """An open connection is a thread, and would keep the process alive."""
    async with opened(sqlite_url, clock):
        assert connections() == 1
    await gone()
    assert await refusal(sqlite_url, clock, KeyRing([b"x" * 32])) == "trouble.wrong_key"
    await gone()


async def test_a_store_opened_in_one_task_works_in_every_other(store_url: str, clock: FixedClock) -> None:
    """Tortoise's context follows the task it was made in, unless told otherwise."""
    opening = asyncio.create_task(open_store(store_url, keys=RING, index_key=INDEX_KEY, clock=clock))
    store = await opening

    async def use() -> str:
        async with store.work() as unit:
            await unit.vault.put("t1", Shelf.CASE, "mail", b"x")
            return (await unit.tickets.add(a_ticket(), 2026)).ref

    try:
        assert await asyncio.create_task(use()) == "PR-2026-0001"
        with pytest.raises(NotFound):
            async with store.work() as unit:
                await unit.tickets.load("nobody")
    finally:
        await asyncio.create_task(store.close())


async def test_sqlite_is_told_what_our_promises_rest_on(sqlite_store: Store) -> None:
    told = {}
    for pragma in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout"):
        (row,) = await sqlite_store.session.rows(f"PRAGMA {pragma}")
        told[pragma] = next(iter(row.values()))
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }


WRITER = """
import asyncio, sys
from bot.store import open_store
from tests.databases import INDEX_KEY, RING
from tests.fakes import FixedClock
from tests.store.samples import a_ticket

async def main(url, name):
    store = await open_store(url, keys=RING, index_key=INDEX_KEY, clock=FixedClock())
    try:
        for n in range(40):
            async with store.work() as unit:
                await unit.tickets.load("t0")
                await unit.tickets.add(a_ticket(f"{name}-{n}"), 2026)
    finally:
        await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_that_read_and_then_write_at_once_lose_nothing(store_url: str, clock: FixedClock) -> None:
    """With plain BEGIN most of them would fail: "database is locked", whatever the busy timeout."""
    async with opened(store_url, clock) as store, store.work() as unit:
        await unit.tickets.add(a_ticket("t0"), 2026)

    async def one(name: str) -> None:
        command = [sys.executable, "-c", WRITER, store_url, name]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr

    await asyncio.gather(*(one(name) for name in ("a", "b", "c")))
    async with opened(store_url, clock) as store, store.work() as unit:
        assert (await unit.tickets.add(a_ticket("last"), 2026)).ref == "PR-2026-0122"


async def test_another_process_that_keeps_writing_too_long_is_said_to_be_busy(sqlite_store: Store) -> None:
    assert sqlite_store.place.path is not None
    await sqlite_store.session.rows("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(sqlite_store.place.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PrivacyDeskError) as refused:
            async with sqlite_store.work():
                pass
        assert refused.value.key == "trouble.store_busy"
        other.execute("ROLLBACK")
    async with asyncio.timeout(5):  # the connection's lock was given back
        async with sqlite_store.work() as unit:
            await unit.tickets.add(a_ticket(), 2026)


async def full_after(store: Store, pages: int) -> None:
    """Let the disk be full after so many more pages."""
    (now,) = await store.session.rows("PRAGMA page_count")
    await store.session.rows(f"PRAGMA max_page_count = {now['page_count'] + pages}")


@pytest.mark.parametrize("pages", range(0, 200, 40))
async def test_a_full_disk_is_one_clear_sentence_and_leaves_nothing_half_written(
    sqlite_store: Store, pages: int
) -> None:
    async with sqlite_store.work() as unit:
        before = await unit.tickets.add(a_ticket(), 2026)
    await full_after(sqlite_store, pages)

    async def write() -> None:
        async with sqlite_store.work() as unit:
            await unit.tickets.save(before, replace(before, handler="karin"))
            await unit.ledger.write("t1", LedgerEvent.HANDED_OVER, "karin")
            await unit.jobs.put(Job(JobKind.REFRESH_CARD, "card:t1", ("t1",)))
            await unit.vault.put("t1", Shelf.FINDINGS, "package", b"x" * 1_000_000)

    with pytest.raises(PrivacyDeskError) as refused:
        await write()
    assert refused.value.key == "trouble.disk_full"
    async with sqlite_store.work() as unit:
        assert await unit.tickets.load("t1") == before
        assert await unit.ledger.entries("t1") == []
        assert await unit.vault.names("t1", Shelf.FINDINGS) == []
    assert await sqlite_store.queue.next_due() is None

    await sqlite_store.session.rows("PRAGMA max_page_count = 1000000")
    await write()
    async with sqlite_store.work() as unit:
        assert (await unit.tickets.load("t1")).handler == "karin"


async def test_a_disk_that_fails_at_the_commit_leaves_nothing_half_written(sqlite_store: Store) -> None:
    """A limit on the size of files: the pages are written when the unit is left, and cannot be."""
    async with sqlite_store.work() as unit:
        before = await unit.tickets.add(a_ticket(), 2026)

    async def write() -> None:
        async with sqlite_store.work() as unit:
            await unit.tickets.save(before, replace(before, handler="karin"))
            await unit.vault.put("t1", Shelf.FINDINGS, "package", b"x" * 300_000)

    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(PrivacyDeskError) as refused:
            await write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
    assert refused.value.key == "trouble.store_unreachable"
    async with sqlite_store.work() as unit:
        assert await unit.tickets.load("t1") == before
    await write()
    async with sqlite_store.work() as unit:
        assert (await unit.tickets.load("t1")).handler == "karin"


HOLDER = """
import sys, time
from bot.store import store_lock
with store_lock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_desk(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process that holds the store."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_desk_on_the_same_file_is_refused_until_the_first_one_dies(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/var/desk.sqlite3"
    with another_desk(url) as first:
        with pytest.raises(PrivacyDeskError) as refused, store_lock(url):
            pass
        assert refused.value.key == "trouble.store_locked"
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        with store_lock(url):
            pass
    with store_lock(url):
        pass


async def test_short_commands_open_a_store_that_a_desk_holds(sqlite_url: str, clock: FixedClock) -> None:
    with store_lock(sqlite_url):
        async with opened(sqlite_url, clock) as store, store.work() as unit:
            await unit.tickets.add(a_ticket(), 2026)


def test_postgres_may_be_shared(postgres_url: str) -> None:
    with store_lock(postgres_url), store_lock(postgres_url):
        pass
