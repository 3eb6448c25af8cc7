"""One connection to the store, and the few statements that are written as SQL.

Most rows go through Tortoise; where every press pays for it, or where Tortoise has no
words for it (UPDATE ... RETURNING, upserts), the SQL stands in the code, with `$1` for
its values, and runs on both databases alike. Whoever needs a count asks for RETURNING:
the drivers' own counts differ.
"""

import re
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


@lru_cache(maxsize=256)
def _numbered(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)
