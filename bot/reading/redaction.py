"""A mail without its attachments: for copies of identity papers, which are never kept (R14).

The words stay as they came; each attachment leaves its name and a sentence behind, so
that nobody wonders where it went.
"""

from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

GONE: Final = "Removed on arrival: copies of identity papers are not kept.\n"


def without_attachments(raw: bytes) -> bytes:
    """Return the mail with every attachment's content removed. Never raises: what cannot be parsed is words only."""
    try:
        mail = message_from_bytes(raw, policy=compat32)
        for part in mail.walk():
            if part.get_filename() and not part.is_multipart():
                _empty(part)
        return mail.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError):
        return raw.split(b"\n\n", 1)[0]


def _empty(part: "Message[str, str]") -> None:
    del part["Content-Transfer-Encoding"]
    part.set_payload(GONE)
