"""One connection to the store, and the few statements that are written as SQL.

Most rows go through Tortoise; where every press pays for it, or where Tortoise has no
words for it (UPDATE ... RETURNING, upserts), the SQL stands in the code, with `$1` for
its values, and runs on both databases alike. Whoever needs a count asks for RETURNING:
the drivers' own counts differ.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

Row = dict[str, Any]


class Session:
    """A connection, inside a transaction or not. `db` is what Tortoise's `using_db` takes."""

    def __init__(self, db: BaseDBAsyncClient) -> None:
        self.db = db
        self.postgres = db.capabilities.dialect == "postgres"

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """Run one statement and return its rows (for a write: those it returns)."""
        text = sql if self.postgres else _numbered(sql)
        return await self.db.execute_query_dict(text, list(values))

    async def insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows, all with the same columns; lists and maps become JSON."""
        if not rows:
            return
        values = [[_json(column) for column in row.values()] for row in rows]
        sql = _insert(table, tuple(rows[0]))
        if len(values) == 1:
            await self.rows(sql, *values[0])
        else:
            await self.db.execute_many(sql if self.postgres else _numbered(sql), values)

    async def update(self, table: str, columns: Mapping[str, object], row_id: str, version: int) -> bool:
        """Change columns of the row that has *row_id* and still has *version*; return whether there was one."""
        sql = _update(table, tuple(columns))
        return bool(await self.rows(sql, row_id, version, *map(_json, columns.values())))

    def transaction(self) -> AbstractAsyncContextManager[BaseDBAsyncClient]:
        """Return a transaction on the store's own connection, whatever task asks.

        `tortoise.transactions.in_transaction` would take the connection of the task's context, which in a
        task born inside a transaction is one that has been given back.
        """
        return self.db._in_transaction()  # noqa: SLF001


def moment(value: str | datetime | None) -> datetime | None:
    """Return a moment as either database gives it."""
    if value is None:
        return None
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(UTC)


def _json(column: object) -> object:
    return json.dumps(column, ensure_ascii=False) if isinstance(column, list | dict) else column


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


@lru_cache(maxsize=256)
def _numbered(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)
