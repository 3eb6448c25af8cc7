"""Tortoise's SQLite engine, with transactions that take the write lock when they begin.

Tortoise begins deferred: a transaction that reads first and writes later fails with
"database is locked" as soon as another process (a short command, a backup) writes in
between, whatever the busy timeout. BEGIN IMMEDIATE waits its turn instead. Tortoise
finds its SQLite parts by the word "sqlite" in this module's name: keep it.

It also never keeps the connection's lock or an open transaction when beginning or
committing fails or is cancelled; Tortoise's own would, and every later caller would hang.
"""

import sqlite3

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError


class Transaction(SqliteTransactionWrapper):
    """A transaction that begins IMMEDIATE and never stays open."""

    async def begin(self) -> None:
        """Take the write lock. Raises `OperationalError` when another process kept it too long."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def commit(self) -> None:
        """Commit, or roll back and raise `OperationalError` (a full disk)."""
        try:
            await super().commit()
        except sqlite3.OperationalError as error:
            await self._connection.rollback()
            raise OperationalError(error) from error


class Context(SqliteTransactionContext):
    """Holds the connection's lock for one transaction."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            await self._abandon()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]

    async def _abandon(self) -> None:
        """Leave nothing open and nobody waiting: a BEGIN that was cancelled is carried out all the same."""
        try:
            if self.connection._connection:  # noqa: SLF001 - Tortoise's own way to its connection
                await self.connection.rollback()
        finally:
            self._trxlock.release()


class ImmediateClient(SqliteClient):
    """SQLite, one connection, one writer."""

    def _in_transaction(self) -> SqliteTransactionContext:
        return Context(Transaction(self), self._lock)


client_class = ImmediateClient
