"""What can go wrong with the database itself, as one clear sentence each."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tortoise.exceptions import DBConnectionError, OperationalError

from bot.domain.errors import PrivacyDeskError

#: What SQLite says, and what we call it. PostgreSQL names its full disk by SQLSTATE 53100.
SAYINGS: Final = (
    ("disk is full", "trouble.disk_full"),
    ("disk I/O error", "trouble.store_unreachable"),
    ("No space left", "trouble.disk_full"),
    ("database is locked", "trouble.store_busy"),
    ("database table is locked", "trouble.store_busy"),
    ("unable to open database file", "trouble.store_unreachable"),
    ("readonly database", "trouble.store_unreachable"),
    ("malformed", "trouble.store_damaged"),
    ("file is not a database", "trouble.store_damaged"),
)
DISK_FULL: Final = "53100"


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database's trouble into a `PrivacyDeskError` with its sentence; leave every other error as it is."""
    try:
        yield
    except (OperationalError, sqlite3.Error, OSError, DBConnectionError) as error:
        key = _key(error)
        if key is None:
            raise
        raise PrivacyDeskError(key) from error


def _key(error: Exception) -> str | None:
    said = str(error)
    for words, key in SAYINGS:
        if words in said:
            return key
    if any(getattr(cause, "sqlstate", "") == DISK_FULL for cause in (error, error.__cause__)):
        return "trouble.disk_full"
    if isinstance(error, (ConnectionError, asyncio.TimeoutError, DBConnectionError)):
        return "trouble.store_unreachable"
    return None
