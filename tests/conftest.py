"""What most tests need: a clock that stands still, and the store in memory, on SQLite and on PostgreSQL.

`work` is the `Work` port over all three, `store` the open store over both databases, each test with one of
its own. PostgreSQL is a real server, started once for the session.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from bot.jobs.queue import Queue
from bot.ports import Work
from bot.store import Store, migrate
from tests.databases import PostgresServer, apart, opened, postgres_server
from tests.fakes import FixedClock, MemoryWork

# a busy machine makes one example slow now and then, which proves nothing: what must be fast has a test of its own
settings.register_profile("desk", deadline=None)
settings.load_profile("desk")


@dataclass(frozen=True, slots=True)
class Backend:
    """One of the three: what stands behind `work` and `queue`. `store` is None in memory."""

    work: Work
    queue: Queue
    store: Store | None = None


@pytest.fixture
def clock() -> FixedClock:
    """Monday 9 March 2026, 10:05 in Stockholm."""
    return FixedClock()


@pytest.fixture
def memory_work(clock: FixedClock) -> MemoryWork:
    """The store in memory."""
    return MemoryWork(clock)


@pytest.fixture(scope="session")
def pg() -> Iterator[PostgresServer]:
    """A PostgreSQL server, once per session."""
    with postgres_server(FixedClock()) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "desk.sqlite3"
    apart(migrate(f"sqlite://{path}", FixedClock()))
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty SQLite store."""
    return f"sqlite://{shutil.copy(migrated_file, tmp_path / 'desk.sqlite3')}"


@pytest.fixture
def postgres_url(pg: PostgresServer) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL store."""
    with pg.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty store, on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(store_url: str, clock: FixedClock) -> AsyncIterator[Store]:
    """An open store, on each database."""
    async with opened(store_url, clock) as one:
        yield one


@pytest.fixture
async def sqlite_store(sqlite_url: str, clock: FixedClock) -> AsyncIterator[Store]:
    """An open store on SQLite."""
    async with opened(sqlite_url, clock) as one:
        yield one


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def backend(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Backend]:
    """Each of the three."""
    if request.param == "memory":
        memory = MemoryWork(clock)
        yield Backend(memory, memory.queue)
        return
    async with opened(request.getfixturevalue(f"{request.param}_url"), clock) as one:
        yield Backend(one.work, one.queue, one)


@pytest.fixture
def work(backend: Backend) -> Work:
    """The `Work` port over each of the three."""
    return backend.work


@pytest.fixture
def queue(backend: Backend) -> Queue:
    """The job loop's side of `work`'s rows."""
    return backend.queue
