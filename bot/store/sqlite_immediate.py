"""Tortoise's SQLite engine, with transactions that take the write lock and are written together.

Tortoise begins deferred: a transaction that reads first and writes later fails with
"database is locked" as soon as another process (a short command, a backup) writes in
between, whatever the busy timeout. BEGIN IMMEDIATE waits its turn instead. Tortoise
finds its SQLite parts by the word "sqlite" in this module's name: keep it.

A commit waits for the disk, and everybody else with it. So transactions that wait for
each other share one commit: each is a savepoint of its own, all of it or nothing, and is
left only when the commit that holds it has reached the disk. Nobody acts on what he read
of another's before that: he leaves by the same commit, and if it fails, all fail. Whoever
is alone pays one commit, as before.

Another process gets its turn between two groups, and finds it by looking again and again:
so a group ends after a while, and there is a pause after one that others have waited for.

It also never keeps the connection's lock or an open transaction when beginning or
committing fails or is cancelled; Tortoise's own would, and every later caller would hang.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

#: How many transactions share a commit at most: a tenth of a second's work, so that nobody's wait is long.
MOST: Final = 16
#: Seconds until the next group begins, where there was more than one in the last.
PAUSE: Final = 0.002

Row = dict[str, Any]
Statement = tuple[str, Sequence[object]]
Found = list[list[Row]]
Follows = Callable[[Found], Sequence[Statement]]

#: The savepoint of a transaction that is left stays until the next one begins: leaving costs no statement.
BEGIN: Final = ("BEGIN IMMEDIATE", "SAVEPOINT one")
NEXT: Final = ("RELEASE one", "SAVEPOINT one")
UNDO: Final = ("ROLLBACK TO one",)
COMMIT: Final = ("COMMIT",)


class Group:
    """Transactions that are committed together. `done` ends when they are, or could not be."""

    committing: "asyncio.Task[None]"

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.done.add_done_callback(_heard)
        self.members = 0

    def fail(self, error: Exception) -> None:
        """Tell everybody in it that nothing was written."""
        if not self.done.done():
            self.done.set_exception(error)


def _heard(done: "asyncio.Future[None]") -> None:
    """A group of those that failed, or only looked, may have nobody left who asks."""
    if not done.cancelled():
        done.exception()


class Context(SqliteTransactionContext):
    """One transaction: holds the connection's lock while it is under way, and ends with its group's commit."""

    def __init__(self, client: "ImmediateClient", lock: asyncio.Lock) -> None:
        super().__init__(Transaction(client), lock)
        self._client = client

    async def __aenter__(self) -> TransactionalDBClient:
        await self._client.take()
        try:
            await self.ensure_connection()
            self._group = await self._client.join()
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                await self._client.undo(self._group, error)
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()
        if error is None:
            await asyncio.shield(self._group.done)


class Alone(ConnectionWrapper[aiosqlite.Connection]):
    """The connection for a statement outside of any transaction: what is open is committed first."""

    def __init__(self, client: "ImmediateClient", lock: asyncio.Lock) -> None:
        super().__init__(lock, client)
        self._immediate = client

    async def __aenter__(self) -> aiosqlite.Connection:
        await self._immediate.take(alone=True)
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class Transaction(SqliteTransactionWrapper):
    """The statements of one transaction."""

    @translate_exceptions
    async def execute_several(self, statements: Sequence[Statement]) -> Found:
        """Run several statements in one go of the connection's thread; return the rows of each."""
        async with self.acquire_connection() as connection:
            found: Found = await connection._execute(several, connection._conn, statements)  # noqa: SLF001
            return found

    @translate_exceptions
    async def execute_looks(self, looks: Sequence[Statement], follows: Follows) -> None:
        """Run *looks*, then what *follows* from their rows, in one go of the connection's thread."""
        async with self.acquire_connection() as connection:
            await connection._execute(look_and_write, connection._conn, looks, follows)  # noqa: SLF001


class ImmediateClient(SqliteClient):
    """SQLite, one connection, one writer. Its lock is fair: who comes first is served first."""

    _group: Group | None = None

    def _in_transaction(self) -> SqliteTransactionContext:
        return Context(self, self._lock)

    def acquire_connection(self) -> Alone:
        """Return the connection for one statement."""
        return Alone(self, self._lock)

    async def take(self, *, alone: bool = False) -> None:
        """Wait for the lock; commit the open group first where it is full, or who comes must be *alone*."""
        await self._lock.acquire()
        if self._group is None or not (alone or self._group.members >= MOST):
            return
        committing = asyncio.create_task(self.commit())
        try:
            await asyncio.shield(committing)
        except BaseException:  # the lock is given back when the commit has ended, whoever was cancelled meanwhile
            committing.add_done_callback(lambda _: self._lock.release())
            raise

    async def join(self) -> Group:
        """Begin a transaction in the open group, or in a new one. The caller holds the lock.

        Raises `OperationalError` when another process kept the write lock too long.
        """
        group = self._group
        if group is not None:
            try:
                await self._run(NEXT)
            except Exception as error:  # noqa: BLE001 - SQLite rolled all of it back, and whoever met it let it pass
                await self._lose(group, error)
                group = None
        group = group or await self._open()
        group.members += 1
        return group

    async def undo(self, group: Group, error: BaseException) -> None:
        """Take one transaction back; where SQLite has rolled back the whole group itself, say so to the others."""
        try:
            await self._run(UNDO)
        except Exception as lost:  # noqa: BLE001 - whatever it is, what the group wrote is not to be trusted
            await self._lose(group, error if isinstance(error, OperationalError) else lost)

    async def commit(self) -> None:
        """Commit the open group, if any. The caller holds the lock; never raises, and must not be cancelled."""
        group, self._group = self._group, None
        if group is None:
            return
        try:
            await self._run(COMMIT)
        except Exception as error:  # noqa: BLE001 - told to each of those who wait for it
            await self._lose(group, error)
        except BaseException:
            group.done.cancel()
            raise
        else:
            group.done.set_result(None)
            if group.members > 1:
                await asyncio.sleep(PAUSE)

    async def _open(self) -> Group:
        """Begin a group, and have it committed when those that wait already have had their turn."""
        try:
            await self._run(BEGIN)
        except BaseException:  # a BEGIN that was cancelled is carried out all the same
            await self._roll_back()
            raise
        self._group = Group()
        self._group.committing = asyncio.create_task(self._commit_in_turn(self._group))
        return self._group

    async def _commit_in_turn(self, group: Group) -> None:
        async with self._lock:
            if self._group is group:
                await self.commit()

    async def _lose(self, group: Group, error: Exception) -> None:
        self._group = None
        group.fail(error)
        await self._roll_back()

    async def _roll_back(self) -> None:
        """End whatever transaction is open once the thread comes to it; none is no error."""
        if self._connection is not None:
            with suppress(ValueError):  # closed meanwhile, and so rolled back
                await self._connection.rollback()

    async def _run(self, statements: tuple[str, ...]) -> None:
        """Run statements in one go of the connection's thread: once begun they are all carried out."""
        connection = self._connection
        if connection is None:
            raise OperationalError("the connection is closed")
        try:  # aiosqlite's own way to its thread
            await connection._execute(_each, connection._conn, statements)  # type: ignore[no-untyped-call] # noqa: SLF001
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


def _each(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement)


def several(connection: sqlite3.Connection, statements: Sequence[Statement]) -> Found:
    """Run statements one after the other; return the rows of each."""
    return [list(map(dict, connection.execute(sql, values).fetchall())) for sql, values in statements]


def look_and_write(connection: sqlite3.Connection, looks: Sequence[Statement], follows: Follows) -> None:
    """Run *looks*, then what *follows* from their rows."""
    several(connection, follows(several(connection, looks)))


client_class = ImmediateClient
