"""One connection to the store, and the few statements that are written as SQL.

Most rows go through Tortoise; where every press pays for it, or where Tortoise has no
words for it (UPDATE ... RETURNING, upserts), the SQL stands in the code, with `$1` for
its values, and runs on both databases alike. Whoever needs a count asks for RETURNING:
the drivers' own counts differ.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient

Row = dict[str, Any]
Statement = tuple[str, Sequence[object]]
Found = list[list[Row]]  # the rows of each of several statements

_AS_JSON: Final = json.JSONEncoder(ensure_ascii=False).encode  # `dumps` would make an encoder for every column


class Session:
    """A connection, inside a transaction or not. `db` is what Tortoise's `using_db` takes."""

    def __init__(self, db: BaseDBAsyncClient) -> None:
        self.db = db
        self.postgres = db.capabilities.dialect == "postgres"

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """Run one statement and return its rows (for a write: those it returns)."""
        text = sql if self.postgres else _numbered(sql)
        return await self.db.execute_query_dict(text, list(values))

    async def several(self, statements: Sequence[Statement]) -> Found:
        """Run statements one after the other and return the rows of each; only inside a transaction.

        On SQLite a statement costs less than the way to the connection's thread: together they go it once.
        """
        if self.postgres:
            return [await self.db.execute_query_dict(sql, list(values)) for sql, values in statements]
        if not statements:
            return []
        found: Found = await self.db.execute_several(_all_numbered(statements))  # type: ignore[attr-defined]
        return found

    async def look_and_write(self, looks: Sequence[Statement], follows: Callable[[Found], Sequence[Statement]]) -> None:
        """Run *looks*, then the statements that follow from their rows; on SQLite all on one way to the thread."""
        if self.postgres or not looks:
            await self.several(follows(await self.several(looks)))
            return

        def written(found: Found) -> Sequence[Statement]:
            return _all_numbered(follows(found))

        await self.db.execute_looks(_all_numbered(looks), written)  # type: ignore[attr-defined]

    async def insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows, all with the same columns; lists and maps become JSON."""
        await self.several(inserting(table, rows))

    def transaction(self) -> AbstractAsyncContextManager[BaseDBAsyncClient]:
        """Return a transaction on the store's own connection, whatever task asks.

        `tortoise.transactions.in_transaction` would take the connection of the task's context, which in a
        task born inside a transaction is one that has been given back.
        """
        return self.db._in_transaction()  # noqa: SLF001


def inserting(table: str, rows: Iterable[Mapping[str, object]]) -> list[Statement]:
    """Return what adds rows; lists and maps become JSON."""
    return [(_insert(table, tuple(row)), [_json(column) for column in row.values()]) for row in rows]


def updating(table: str, columns: Mapping[str, object], row_id: str, version: int) -> Statement:
    """Return what changes columns of the row that has *row_id* and still has *version*; it returns the row's id."""
    return _update(table, tuple(columns)), [row_id, version, *map(_json, columns.values())]


def removing(table: str, row_id: str, version: int) -> Statement:
    """Return what takes the row away that has *row_id* and still has *version*; it returns the row's id."""
    return f"DELETE FROM {table} WHERE id = $1 AND version = $2 RETURNING id", [row_id, version]  # noqa: S608


def moment(value: str | datetime | None) -> datetime | None:
    """Return a moment as either database gives it."""
    if value is None:
        return None
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(UTC)


def _json(column: object) -> object:
    if not isinstance(column, list | dict):
        return column
    return _AS_JSON(column) if column else repr(column)  # most are empty, and look the same in both


@lru_cache(maxsize=256)
def _insert(table: str, names: tuple[str, ...]) -> str:
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    return f"INSERT INTO {table} ({_quoted(names)}) VALUES ({places})"  # noqa: S608 - our own words


@lru_cache(maxsize=256)
def _update(table: str, names: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_quoted([name])} = ${n}" for n, name in enumerate(names, start=3))
    return f"UPDATE {table} SET {changes} WHERE id = $1 AND version = $2 RETURNING id"  # noqa: S608 - our own words


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _all_numbered(statements: Sequence[Statement]) -> list[Statement]:
    return [(_numbered(sql), values) for sql, values in statements]


@lru_cache(maxsize=256)
def _numbered(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)
