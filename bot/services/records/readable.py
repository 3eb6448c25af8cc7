"""Which files of a record can be read, and so blanked out, as words: mails, contact cards and plain text.

Anything else (a PDF, a picture, a Word document) says None here, and so does what would
lose something by being turned into text: what hangs on a mail cannot be read. Such a file
goes out whole, stays out, or is replaced by one a colleague has blanked out elsewhere.
"""

import re
from typing import Final

from bot.reading.headers import split_head
from bot.reading.mime import TEXT_LETTERS, read_body

MAIL: Final = ".eml"
CARD: Final = ".vcf"
PLAIN: Final = (".txt", CARD)
#: A long line of a card goes on in the next, which begins with white space (RFC 6350 §3.2).
FOLD: Final = re.compile(r"\r?\n[ \t]")


def may_be_text(name: str) -> bool:
    """Whether a file of that name is worth opening: what is none of these is never read as words."""
    return name.lower().endswith((MAIL, *PLAIN))


def text_of(name: str, body: bytes) -> str | None:
    """Return a file as text, None where it cannot be read as text without losing any of it."""
    kind = name.lower()
    if not may_be_text(name):
        return None
    if kind.endswith(MAIL):
        return _mail(body)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return FOLD.sub("", text) if kind.endswith(CARD) else text


def as_text(name: str) -> str:
    """Return what a file is called once it is text: a mail without its markup and encoding is none any longer."""
    return f"{name[: -len(MAIL)]}.txt" if name.lower().endswith(MAIL) else name


def _mail(raw: bytes) -> str | None:
    """Return what a mail says below its head, which stands in the record's fields."""
    head, start = split_head(raw)
    body = read_body(raw, head, start, len(raw))
    if body.attachments or body.inner or body.errors or len(body.text) >= TEXT_LETTERS:
        return None
    return "\n\n".join(text for text in (body.text, body.hidden) if text)
