"""A consistent copy of the store, and the way back. SQLite only: PostgreSQL brings its own tools.

The copy holds what the store holds, sealed as it is: without PRIVACY_KEYS it opens
nothing, and what was shredded before the copy was made is not in it. What is shredded
later still is, so copies must be destroyed in time.
"""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.errors import PrivacyDeskError
from bot.store.place import place
from bot.store.trouble import translated


async def backup(url: str, file: Path) -> None:
    """Copy the store to a new *file*, also while it is in use. Raises `PrivacyDeskError`; nothing is left then."""
    with translated():
        await asyncio.to_thread(_copy, _path(url), file)


async def restore(url: str, file: Path) -> None:
    """Put a copy in the store's place; whoever calls this holds the store's lock. Raises `PrivacyDeskError`.

    The copy is proved sound first. What was there before stays beside it as `<name>.replaced`, once, for the
    person who chose the wrong file; it is theirs to destroy.
    """
    with translated():
        await asyncio.to_thread(_put_back, _path(url), file)


def _path(url: str) -> Path:
    path = place(url).path
    if path is None:
        raise PrivacyDeskError("trouble.sqlite_only")
    return path


def _copy(source: Path, file: Path) -> None:
    if not source.exists():
        raise PrivacyDeskError("trouble.store_unreachable")
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        raise PrivacyDeskError("trouble.file_exists", {"file": file.name}) from None
    try:
        with closing(sqlite3.connect(source)) as store:
            store.execute("VACUUM INTO ?", (str(file),))
    except BaseException:
        file.unlink()
        raise


def _sound(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            whole = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return whole and bool(copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger'").fetchall())
    except sqlite3.DatabaseError:
        return False


def _put_back(target: Path, file: Path) -> None:
    if not _sound(file):
        raise PrivacyDeskError("trouble.store_damaged")
    fresh = target.with_name(f"{target.name}.restoring")
    fresh.unlink(missing_ok=True)
    _copy(file, fresh)
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
    replaced = target.with_name(f"{target.name}.replaced")
    if target.exists():
        replaced.unlink(missing_ok=True)
        _copy(target, replaced)  # with what its write-ahead log still held
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    fresh.replace(target)
