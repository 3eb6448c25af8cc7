"""What can go wrong with the database itself, as one clear sentence each."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tortoise.exceptions import DBConnectionError, OperationalError

from bot.domain.errors import PrivacyDeskError

#: What SQLite and the file system say, and what we call it.
SAYINGS: Final = (
    ("disk is full", "trouble.disk_full"),
    ("No space left", "trouble.disk_full"),
    ("database is locked", "trouble.store_busy"),
    ("database table is locked", "trouble.store_busy"),
    ("disk I/O error", "trouble.store_unreachable"),
    ("unable to open database file", "trouble.store_unreachable"),
    ("readonly database", "trouble.store_unreachable"),
    ("malformed", "trouble.store_damaged"),
    ("file is not a database", "trouble.store_damaged"),
)
#: What PostgreSQL says: the SQLSTATE, or its class (PostgreSQL manual, appendix A).
STATES: Final = (
    ("53100", "trouble.disk_full"),
    ("40P01", "trouble.store_busy"),  # deadlock detected
    ("08", "trouble.store_unreachable"),  # connection
    ("28", "trouble.store_unreachable"),  # user or password refused
    ("3D000", "trouble.store_unreachable"),  # no such database
    ("57P", "trouble.store_unreachable"),  # shut down
)
UNREACHABLE: Final = (ConnectionError, TimeoutError, PermissionError, NotADirectoryError, FileExistsError)


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database's trouble into a `PrivacyDeskError` with its sentence; leave every other error as it is."""
    try:
        yield
    except PrivacyDeskError:
        raise
    except Exception as error:
        key = _key(error)
        if key is None:
            raise
        raise PrivacyDeskError(key) from error


def _key(error: Exception) -> str | None:
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or ""
    for begins, key in STATES:
        if state.startswith(begins):
            return key
    if isinstance(error, (OperationalError, sqlite3.Error, OSError)):
        for words, key in SAYINGS:
            if words in str(error):
                return key
    lost = type(error).__name__ == "InterfaceError"  # asyncpg: the connection is gone
    return "trouble.store_unreachable" if lost or isinstance(error, (*UNREACHABLE, DBConnectionError)) else None
