"""One process on SQLite: a lock beside the database file, for as long as the desk runs (D39).

The operating system gives it back when the process dies, however it dies; so left-over
job leases may be cleared at once by whoever holds it. Short commands do not take it.
"""

import fcntl
import os
from types import TracebackType

from bot.domain.errors import PrivacyDeskError
from bot.store.place import place


class StoreLock:
    """`with StoreLock(url):` - on PostgreSQL, which any number of processes may share, it does nothing."""

    def __init__(self, url: str) -> None:
        path = place(url).path
        self._path = path.with_name(f"{path.name}.lock") if path else None
        self._file: int | None = None

    def __enter__(self) -> "StoreLock":
        """Take the lock. Raises `PrivacyDeskError` ("trouble.store_locked") when another process runs on the store."""
        if self._path is None:
            return self
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._release()
            raise PrivacyDeskError("trouble.store_locked") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
