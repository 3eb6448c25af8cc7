"""The body of a mail: its readable text, and the names of what hangs on it.

Parts are found by their boundaries in the bytes as they came; an attachment is never
decoded or copied, so a mail of many megabytes costs no more than its text.
"""

import binascii
import quopri
import re
from codecs import lookup
from dataclasses import dataclass, field
from typing import Final

from bot.domain.request import MailError
from bot.reading.headers import Head, content_of, file_name, split_head, text_of
from bot.reading.html import Page, read_page

DEEPEST: Final = 12
MOST_PARTS: Final = 300
TEXT_BYTES: Final = 1_500_000  # of one text part, as encoded
TEXT_LETTERS: Final = 120_000  # of the whole mail, as read
RICHER: Final = 1.6

_JUNK = re.compile(rb"[^A-Za-z0-9+/]")
_MULTI_BYTE: Final = ("utf-16", "utf-32", "iso2022", "big5", "gb", "euc", "shift", "hz", "utf-7")


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something attached: its name, type and encoded size in bytes. Its content is never read."""

    name: str = field(repr=False)
    type: str
    size: int


@dataclass(slots=True)
class Gathered:
    """What a walk through the parts has found so far."""

    plain: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    inner: list[tuple[int, int]] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """A mail's visible text, its hidden text, its attachments, and where attached mails lie in the bytes."""

    text: str = field(repr=False)
    hidden: str = field(repr=False)
    attachments: tuple[Attachment, ...] = ()
    inner: tuple[tuple[int, int], ...] = ()
    types: frozenset[str] = frozenset()
    errors: tuple[str, ...] = ()


def read_body(raw: bytes, head: Head, start: int, end: int) -> Body:
    """Return the body that lies between *start* and *end* of *raw*."""
    found = Gathered()
    _walk(raw, head, start, end, found, 0)
    plain = "\n\n".join(found.plain).strip()
    page = "\n\n".join(page.text for page in found.pages).strip()
    return Body(
        (page if _prefers_page(plain, page) else plain)[:TEXT_LETTERS],
        "\n".join(page.hidden for page in found.pages if page.hidden)[:TEXT_LETTERS],
        tuple(found.attachments),
        tuple(found.inner),
        frozenset(found.types),
        tuple(dict.fromkeys(found.errors)),
    )


def _prefers_page(plain: str, page: str) -> bool:
    """Whether the HTML says (much) more than the plain text: then it is what the sender meant to be read."""
    return len(page.split()) > RICHER * len(plain.split()) if plain else bool(page)


def _walk(raw: bytes, head: Head, start: int, end: int, found: Gathered, depth: int) -> None:
    found.parts += 1
    if depth > DEEPEST or found.parts > MOST_PARTS:
        found.errors.append(MailError.TOO_MANY_PARTS)
        return
    content = content_of(head)
    kind = content.get_content_type()
    found.types.add(kind)
    boundary = _boundary(content.get_param("boundary")) if kind.startswith("multipart/") else b""
    spans = _parts(raw, boundary, start, end) if boundary else []
    if spans:
        for begin, stop in spans:
            inner, body = split_head(raw, begin, stop)
            _walk(raw, inner, body, stop, found, depth + 1)
        return
    name = file_name(content)
    if kind.startswith("multipart/"):
        found.errors.append(MailError.BROKEN_MULTIPART)
    elif kind == "message/rfc822":
        found.inner.append((start, end))
        return
    elif name or content.get_content_disposition() == "attachment" or not kind.startswith("text/"):
        found.attachments.append(Attachment(name, kind, end - start))
        return
    _read_text(raw[start : min(end, start + TEXT_BYTES)], head, kind, found)


def _boundary(value: object) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else b""


def _parts(raw: bytes, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the parts of a multipart lie; the last may lack its end."""
    mark = b"--" + boundary
    spans: list[tuple[int, int]] = []
    begin = -1
    at = raw.find(mark, start, end)
    while at >= 0 and len(spans) <= MOST_PARTS:
        if at == start or raw[at - 1 : at] == b"\n":
            if begin >= 0:
                spans.append((begin, at))
            line = raw.find(b"\n", at, end)
            begin = line + 1 if line >= 0 else end
            if raw.startswith(b"--", at + len(mark)):
                return spans
        at = raw.find(mark, at + len(mark), end)
    if begin >= 0:
        spans.append((begin, end))
    return spans


def _read_text(raw: bytes, head: Head, kind: str, found: Gathered) -> None:
    content = content_of(head)
    decoded = _decoded(raw, str(content.get("content-transfer-encoding", "")).strip().lower())
    charset = content.get_param("charset")
    text, guessed = _as_text(decoded, charset if isinstance(charset, str) else "")
    if guessed:
        found.errors.append(MailError.WRONG_CHARSET)
    if kind == "text/html" or (kind == "text/plain" and _looks_like_html(text)):
        page = read_page(text)
        found.pages.append(page)
        found.errors += [MailError.TOO_DEEP] if page.cut else []
    elif kind in {"text/plain", "text/enriched"} or kind.startswith("multipart/"):
        found.plain.append(text)


def _looks_like_html(text: str) -> bool:
    return text.lstrip()[:20].lower().startswith(("<html", "<!doctype html"))


def _decoded(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return quopri.decodestring(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    clean = _JUNK.sub(b"", raw)
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    try:
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return raw


def _as_text(raw: bytes, declared: str) -> tuple[str, bool]:
    """Return the text, and whether the declared charset was wrong.

    Bytes that form UTF-8 beyond ASCII are UTF-8 whatever the head says: no other text does so by chance.
    """
    name = _codec(declared)
    if name.startswith(_MULTI_BYTE):
        try:
            return raw.decode(name), False
        except (UnicodeDecodeError, LookupError):
            return text_of(raw), True
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        wrong = name in {"utf-8", "ascii"} or not name
        return raw.decode("cp1252" if wrong or name == "iso8859-1" else name, "replace"), wrong
    return text, not raw.isascii() and name != "utf-8"


def _codec(declared: str) -> str:
    """Return Python's name of a charset that makes text of bytes; nothing when there is none."""
    try:
        codec = lookup(declared.strip())
    except (LookupError, ValueError):
        return ""
    try:
        b"".decode(codec.name)
    except LookupError:  # a codec that makes no text of bytes, such as rot13
        return ""
    return codec.name
