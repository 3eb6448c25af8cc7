"""The folder mailbox: a Maildir in, a Maildir out.

A letter's file name derives from its message id, so the same letter can never lie there
twice, whatever crashed in between: that is what makes sending repeatable. A file appears
under its final name only when it is whole and on disk.
"""

import asyncio
import errno
import hashlib
import logging
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from bot.domain.deadline import local_date
from bot.domain.errors import NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.ports import Arrival, OutgoingMail

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

BATCH: Final = 50
BATCH_BYTES: Final = 48 * 1024 * 1024  # so that a pile of big mails does not fill the memory
SEEN: Final = ":2,S"  # Maildir's mark of a mail that was read
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,400}>")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class FolderMailbox:
    """A `Mailbox` on disk: mails arrive in `<folder>/in`, letters leave through `<folder>/out`.

    Blocking disk work is done in a thread. Disk troubles become `TryLater`, or `NeedsHuman` where only a
    colleague can open the door; nothing is lost by either.
    """

    def __init__(self, folder: Path) -> None:
        self._in = folder / "in"
        self._out = folder / "out"

    async def arrivals(self) -> Sequence[Arrival]:
        """Return unread mails, oldest first: at most `BATCH`, and fewer when they are big. Changes nothing."""
        return await _in_thread(self._arrivals)

    async def file_away(self, key: str) -> None:
        """Move the mail from new to cur; one that is there already, or gone, is well."""
        await _in_thread(lambda: self._file_away(key))

    async def older(self, since: date) -> AsyncIterator[Arrival]:
        """Yield the mails that were laid down on *since* or later, unread and filed ones, oldest first."""
        for path in await _in_thread(lambda: self._older(since)):
            arrival = await _in_thread(partial(self._read_again, path))
            if arrival is not None:
                yield arrival

    async def send(self, mail: OutgoingMail) -> None:
        """Lay the letter out for the mail server; a letter that lies there already is sent."""
        written = written_mail(mail)
        await _in_thread(lambda: self._lay_out(mail.message_id, written))

    async def was_sent(self, message_id: str) -> bool:
        """Whether a letter with that id lies there, or has been taken."""
        return await _in_thread(lambda: _lies_in(self._out, name_of(message_id)))

    def _arrivals(self) -> list[Arrival]:
        _make(self._in)
        found: list[Arrival] = []
        size = 0
        for path in _oldest_first(self._in / "new"):
            try:
                raw, moment = path.read_bytes(), path.stat().st_mtime
            except OSError as trouble:  # somebody else took it, or it may not be read: the others still may
                log.warning("mail unreadable %s %s", _short(path.name), errno.errorcode.get(trouble.errno or 0, "?"))
                continue
            found.append(Arrival(path.name, datetime.fromtimestamp(moment, UTC), raw))
            size += len(raw)
            if len(found) == BATCH or size > BATCH_BYTES:
                break
        return found

    def _older(self, since: date) -> list[Path]:
        """Return the paths of the mails since that day; a file cannot hold a mail that is younger than itself."""
        _make(self._in)
        aged = [*_aged(self._in / "new"), *_aged(self._in / "cur")]
        days = ((moment, path, local_date(datetime.fromtimestamp(moment / 1e9, UTC))) for moment, path in aged)
        return [path for _, path, day in sorted(days) if day >= since]

    def _read_again(self, path: Path) -> Arrival | None:
        """Return the mail, where it lay or where it was filed meanwhile; None when it is gone."""
        for place in (path, self._in / "cur" / (path.name.partition(":")[0] + SEEN)):
            with suppress(OSError):
                return Arrival(path.name, datetime.fromtimestamp(place.stat().st_mtime, UTC), place.read_bytes())
        log.warning("mail unreadable %s", _short(path.name))
        return None

    def _file_away(self, key: str) -> None:
        if key in {"", ".", ".."} or Path(key).name != key:
            raise NeedsHuman("trouble.mail_refused")
        _make(self._in)
        source = self._in / "new" / key
        target = self._in / "cur" / (key.partition(":")[0] + SEEN)
        if source.exists() and target.exists():  # the same name was delivered again: keep both
            target = target.with_name(f"{_short(key + str(source.stat().st_mtime_ns))}{SEEN}")
        with suppress(FileNotFoundError):
            source.rename(target)

    def _lay_out(self, message_id: str, written: bytes) -> None:
        _make(self._out)
        name = name_of(message_id)
        if _lies_in(self._out, name):
            return
        draft = self._out / "tmp" / f"{name}.{os.getpid()}"
        try:
            _write(draft, written)
            with suppress(FileExistsError):
                os.link(draft, self._out / "new" / name)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        try:
            _settle(self._out / "new")
        except OSError:
            raise OutcomeUnknown("trouble.mail_unknown") from None


def written_mail(mail: OutgoingMail) -> bytes:
    """Return the letter as RFC 5322 bytes; a recipient that is not exactly one address is refused.

    The server that takes it from the folder puts the date on it.
    """
    if not (_ADDRESS.fullmatch(mail.recipient) and _ADDRESS.fullmatch(mail.sender)):
        raise NeedsHuman("trouble.mail_refused")
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise NeedsHuman("trouble.mail_refused")
    message = EmailMessage(policy=SMTP.clone(utf8=not (mail.recipient + mail.sender).isascii()))
    message["From"] = mail.sender
    message["To"] = mail.recipient
    message["Subject"] = " ".join(mail.subject.split())
    message["Message-ID"] = mail.message_id
    if _MESSAGE_ID.fullmatch(mail.in_reply_to):
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = mail.in_reply_to
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text, charset="utf-8")
    return message.as_bytes()


def name_of(message_id: str) -> str:
    """Return the file name of the letter with that id."""
    return f"{hashlib.sha256(message_id.encode()).hexdigest()[:40]}.eml"


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _make(folder: Path) -> None:
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)


def _oldest_first(folder: Path) -> Iterator[Path]:
    """Yield the mails of *folder* by age."""
    return (path for _, path in sorted(_aged(folder)))


def _aged(folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield the mails of *folder* with the moment (in ns) they were laid there; what is no plain file is no mail."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    yield entry.stat(follow_symlinks=False).st_mtime_ns, folder / entry.name


def _lies_in(folder: Path, name: str) -> bool:
    if (folder / "new" / name).exists() or (folder / "cur" / name).exists():
        return True
    return any(folder.glob(f"cur/{name}:*"))


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Let the new name in *folder* survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    try:
        return await asyncio.to_thread(work)
    except OSError as trouble:
        raise _meant(trouble) from None


def _meant(trouble: OSError) -> SystemTrouble:
    """Return what somebody must do about a disk's trouble. Paths stay out of it: they may name people."""
    if trouble.errno in _FULL:
        return TryLater("trouble.disk_full")
    if trouble.errno in _REFUSED:
        return NeedsHuman("trouble.mail_refused")
    return TryLater("trouble.mail_later")
