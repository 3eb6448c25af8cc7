"""One process on SQLite: a lock beside the database file, for as long as the desk runs (D39).

The operating system gives it back when the process dies, however it dies; so left-over
job leases may be cleared at once by whoever holds it. Short commands do not take it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.errors import PrivacyDeskError
from bot.store.place import place
from bot.store.trouble import translated


@contextmanager
def store_lock(url: str) -> Iterator[None]:
    """Hold the right to run on the store. On PostgreSQL, which any number of processes may share, it does nothing.

    Raises `PrivacyDeskError` ("trouble.store_locked") when another process holds it.
    """
    path = place(url).path
    if path is None:
        yield
        return
    with translated():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PrivacyDeskError("trouble.store_locked") from None
        yield
    finally:
        os.close(file)
