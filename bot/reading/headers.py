"""The head of a mail, however broken.

Python's own parser stops at the first line that is no header, so one stray line hides
the sender of an otherwise good mail. Here stray lines are noted and skipped; bytes that
belong in no header are read as UTF-8, else as Windows Latin.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, parsedate_to_datetime
from itertools import pairwise
from typing import Final

from bot.domain.request import MailError
from bot.reading.sentences import ADDRESS

HEAD_BYTES: Final = 256 * 1024
VALUE_LETTERS: Final = 4_000  # of a value that is taken apart; longer ones are attacks
FALLBACK: Final = "cp1252"
_FIELD = re.compile(rb"^([!-9;-~]{1,100})[ \t]*:(.*)$", re.DOTALL)
_BLANK = re.compile(rb"\r?\n\r?\n|\r\r")
_ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
_ENCODED = re.compile(r"=\?[^?\s]+\?[bq]\?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """Header fields in order, names in lower case, values unfolded; `errors` says what was broken."""

    fields: tuple[tuple[str, str], ...]
    errors: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field, top first."""
        return tuple(value for field, value in self.fields if field == name)

    def get(self, name: str) -> str:
        """Return the first value of a field, or nothing."""
        return next((value for field, value in self.fields if field == name), "")

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return any(field == name for field, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address as a header gives them; the address in lower case, empty when there is none."""

    name: str
    address: str


def split_head(raw: bytes, start: int = 0, end: int | None = None) -> tuple[Head, int]:
    """Return the head of the message that begins at *start*, and where its body begins."""
    stop = len(raw) if end is None else end
    while raw[start : start + 1] in {b"\r", b"\n"} and start < stop:
        start += 1
    if raw.startswith(b"From ", start):  # an mbox separator
        start = min(stop, raw.find(b"\n", start) + 1 or stop)
    blank = _BLANK.search(raw, start, min(stop, start + HEAD_BYTES))
    head_end, body = (blank.start(), blank.end()) if blank else (min(stop, start + HEAD_BYTES), stop)
    lines = raw[start:head_end].split(b"\n")
    last = max((i for i, line in enumerate(lines) if _FIELD.match(line)), default=-1)
    fields, errors = _fields(lines[: last + 1] + _folds(lines[last + 1 :]))
    stray = lines[last + 1 + len(_folds(lines[last + 1 :])) :]
    if any(line.strip() for line in stray):  # text that began without a blank line before it
        body = head_end - sum(len(line) + 1 for line in stray) + 1
        errors = [*errors, MailError.MALFORMED_HEADERS]
    return Head(tuple(fields), tuple(dict.fromkeys(errors))), max(start, body)


def _folds(lines: Sequence[bytes]) -> list[bytes]:
    """Return the continuation lines at the beginning of *lines*."""
    count = 0
    while count < len(lines) and lines[count][:1] in {b" ", b"\t"} and lines[count].strip():
        count += 1
    return list(lines[:count])


def _fields(lines: Sequence[bytes]) -> tuple[list[tuple[str, str]], list[str]]:
    fields: list[tuple[str, bytearray]] = []
    errors: list[str] = []
    for line in lines:
        bare = line.rstrip(b"\r")
        if bare[:1] in {b" ", b"\t"} and fields:
            fields[-1][1].extend(b" " + bare.strip())
        elif match := _FIELD.match(bare):
            fields.append((match[1].decode("ascii").lower(), bytearray(match[2].strip())))
        elif bare.strip():
            errors.append(MailError.MALFORMED_HEADERS)
    read: list[tuple[str, str]] = []
    for name, value in fields:
        if not value.isascii():
            errors.append(MailError.RAW_8BIT_HEADER)
        read.append((name, text_of(bytes(value))))
    return read, errors


def text_of(raw: bytes) -> str:
    """Return bytes without a declared charset as text; never fails."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(FALLBACK, "replace")


def words_in(value: str) -> str:
    """Return a header value with its encoded words (RFC 2047) read; what cannot be read stays as it is."""
    if not _ENCODED.search(value):
        return value
    try:
        pieces = decode_header(value[:VALUE_LETTERS])
    except (HeaderParseError, ValueError):
        return value
    return "".join(_piece(part, charset) for part, charset in pieces)


def _piece(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError, ValueError):
        return text_of(part)


def mailbox_of(value: str) -> Mailbox:
    """Return name and address of a From, Reply-To or Return-Path value; of several the first."""
    return mailboxes_of(value)[0]


def mailboxes_of(value: str) -> tuple[Mailbox, ...]:
    """Return every mailbox a value names, one without an address when it names none.

    The address is what stands in the last angle brackets: a name may hold brackets too, to pass for a colleague's.
    """
    value = value[:VALUE_LETTERS]
    bare = _ASIDE.sub(lambda aside: " " * len(aside[0]), value)  # names in quotation marks, and comments
    ends = [*(comma.end() for comma in re.finditer(",", bare)), len(value)]
    found = [_mailbox(value[start:end], bare[start:end]) for start, end in pairwise([0, *ends])]
    return tuple(one for one in found if one.address) or (_mailbox(value, value),)


def _mailbox(value: str, bare: str) -> Mailbox:
    angles = list(re.finditer(r"<([^<>]*@[^<>]*)>", bare))
    found = ADDRESS.search(angles[-1][1] if angles else bare)
    shown = words_in(value[: angles[-1].start()] if angles else value.replace(found[0] if found else "", ""))
    return Mailbox(" ".join(shown.strip(" \t\"'()<>,").split()), found[0].lower() if found else "")


def moment_of(value: str) -> datetime | None:
    """Return an RFC 5322 date as an aware UTC moment; None when it is not one."""
    try:
        moment = parsedate_to_datetime(value.strip()[:100])
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def content_of(head: Head) -> Message:
    """Return the head's content fields as a `Message`, whose parameter parsing knows the old tricks."""
    message = Message()
    for name in ("content-type", "content-disposition", "content-transfer-encoding"):
        if head.has(name):
            message[name] = head.get(name)
    return message


def file_name(message: Message) -> str:
    """Return the attachment's file name in one line, or nothing."""
    try:
        name = message.get_filename() or ""
    except (LookupError, ValueError, TypeError):
        return ""
    return " ".join(words_in(collapse_rfc2231_value(name)).split())[:200]
