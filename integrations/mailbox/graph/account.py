"""The sandbox's mailboxes: folders, mails, what changed, and places in it that can be lost.

Kept apart from the talking (`sandbox`), so that a test can lay mail in and look into the
sent items, and so that whoever plays more of Microsoft 365 finds the state by itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from itertools import count
from typing import Any, Final

INBOX, DRAFTS, SENT, DELETED = "inbox", "drafts", "sentitems", "deleteditems"
WELL_KNOWN: Final = {INBOX: "Inkorg", DRAFTS: "Utkast", SENT: "Skickat", DELETED: "Borttaget"}
#: A filtered delta shows no more (message-delta.md).
MOST_FILTERED: Final = 5_000
PROPERTY: Final = re.compile(r"p/id eq '((?:[^']|'')*)' and p/value eq '((?:[^']|'')*)'")


@dataclass(slots=True)
class Mail:
    """A mail as Graph shows it: `fields` under Graph's names. With each move its id changes, but not the immutable."""

    id: str
    folder: str
    fields: dict[str, Any]
    raw: bytes = b""
    properties: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    moves: int = 0

    @property
    def received(self) -> str:
        """When it arrived, as Graph writes moments."""
        return str(self.fields.get("receivedDateTime") or "")


@dataclass(slots=True)
class Place:
    """Where somebody's reading of changes goes on: mails still to be shown, then what changed after `seen`."""

    filter: str
    left: list[str]
    seen: int


class Account:
    """One mailbox."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.mails: dict[str, Mail] = {}
        self.folders: dict[str, str] = dict(WELL_KNOWN)
        self.places: dict[str, Place] = {}
        self.changes: list[str] = []
        self.echoes: set[str] = set()
        self.round_ends_after: int | None = None
        self._ids = count(1)

    def arrive(self, raw: bytes, received: datetime, folder: str = INBOX) -> str:
        """Let a mail arrive; return its immutable id."""
        mail = Mail(self.new_id("mail"), folder, _shown(raw, received), raw)
        self.mails[mail.id] = mail
        self.changes.append(mail.id)
        return mail.id

    def new_id(self, kind: str) -> str:
        """Return an id with the signs that Graph's ids have."""
        return f"AAkALg-{kind}_{next(self._ids):06d}="

    def find(self, key: str) -> Mail | None:
        """Return the mail: an immutable id names it for ever, another one until it is moved."""
        whole, mark, moves = key.rpartition("~")
        if not mark:
            return self.mails.get(key)
        mail = self.mails.get(whole)
        return mail if mail is not None and str(mail.moves) == moves else None

    def move(self, mail: Mail, folder: str) -> None:
        """Move it. Into the folder where it lies already: nothing changes (a guess)."""
        if mail.folder != folder:
            mail.folder = folder
            mail.moves += 1
            self.changes.append(mail.id)

    def remove(self, mail: Mail) -> None:
        """Let it be gone for good."""
        del self.mails[mail.id]
        self.changes.append(mail.id)

    def lying_in(self, folder: str) -> list[Mail]:
        """Return the mails of a folder, newest first."""
        mails = [one for one in self.mails.values() if one.folder == folder]
        return sorted(mails, key=lambda one: (one.received, one.id), reverse=True)

    def lose_places(self) -> None:
        """Forget where everybody's reading was: the next link is answered 410."""
        self.places.clear()

    def begin(self, filter_: str) -> str:
        """Begin a reading of the inbox; return its place."""
        fitting = [one.id for one in self.lying_in(INBOX) if fits(one, filter_)]
        return self.keep(Place(filter_, fitting[:MOST_FILTERED] if filter_ else fitting, len(self.changes)))

    def keep(self, place: Place) -> str:
        """Return a token for a place."""
        token = f"T{len(self.places)}_{next(self._ids)}-+/="
        self.places[token] = place
        return token

    def page(self, token: str, size: int) -> tuple[list[dict[str, Any]], str, bool]:
        """Return a page of changes, the token for what follows, and whether the round is over."""
        place = self.places[token]
        left = place.left
        if self.round_ends_after is not None:
            left, self.round_ends_after = left[: self.round_ends_after], None
        shown = [self._change(key, place.filter) for key in left[:size]]
        shown += [self._change(key, place.filter, echoed=True) for key in sorted(self.echoes) if key not in left]
        self.echoes.clear()
        if left[size:]:
            return shown, self.keep(Place(place.filter, left[size:], place.seen)), False
        return shown, self.keep(Place(place.filter, [], place.seen)), True

    def again(self, token: str) -> str:
        """Return the place that a round that is over goes on from: what changed since."""
        place = self.places[token]
        changed = list(dict.fromkeys(self.changes[place.seen :]))
        return self.keep(Place(place.filter, changed, len(self.changes)))

    def _change(self, key: str, filter_: str, *, echoed: bool = False) -> dict[str, Any]:
        mail = self.mails.get(key)
        if mail is None:
            return {"id": key, "@removed": {"reason": "deleted"}}
        if not echoed and (mail.folder != INBOX or not fits(mail, filter_)):
            return {"id": key, "@removed": {"reason": "changed"}}
        return {"id": key, "receivedDateTime": mail.received}


def _shown(raw: bytes, received: datetime) -> dict[str, Any]:
    """Return a mail's fields as Graph would read them from its octets."""
    parsed = message_from_bytes(raw)
    sender = recipients(parsed.get_all("from", []))
    return {
        "subject": _plain(parsed["subject"]),
        "internetMessageId": str(parsed["message-id"] or "").strip(),
        "receivedDateTime": moment(received),
        "isDraft": False,
        "isRead": False,
        "from": sender[0] if sender else None,
        "toRecipients": recipients(parsed.get_all("to", [])),
        "ccRecipients": recipients(parsed.get_all("cc", [])),
        "bccRecipients": [],
        "replyTo": recipients(parsed.get_all("reply-to", [])),
        "body": {"contentType": "text", "content": _text(parsed)},
        "internetMessageHeaders": [{"name": name, "value": _plain(value)} for name, value in parsed.items()],
    }


def _plain(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value or ""))))
    except (ValueError, LookupError):
        return str(value)


def _text(parsed: Message) -> str:
    for part in parsed.walk():
        content = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(content, bytes):
            return content.decode("utf-8", "replace")
    return ""


def moment(at: datetime) -> str:
    """Return a moment as Graph writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def recipients(values: Sequence[object]) -> list[dict[str, Any]]:
    """Return address fields as Graph shows them."""
    pairs = getaddresses([str(value) for value in values])
    return [{"emailAddress": {"name": name, "address": address}} for name, address in pairs if address]


def fits(mail: Mail, filter_: str) -> bool:
    """Whether a mail fits a $filter: the few forms that are asked for."""
    if not filter_:
        return True
    if filter_.startswith("receivedDateTime ge "):
        return mail.received >= filter_.removeprefix("receivedDateTime ge ")
    if filter_.startswith("internetMessageId eq "):
        return mail.fields.get("internetMessageId") == _unquoted(filter_.removeprefix("internetMessageId eq ")[1:-1])
    found = PROPERTY.search(filter_)
    if found is None:
        raise ValueError(filter_)
    return mail.properties.get(_unquoted(found[1])) == _unquoted(found[2])


def _unquoted(text: str) -> str:
    return text.replace("''", "'")


def selected(fields: Mapping[str, Any], select: str) -> Iterator[tuple[str, Any]]:
    """Yield the fields named in $select; the head of a mail only when it is named."""
    names = set(select.split(",")) if select else fields.keys() - {"internetMessageHeaders"}
    return ((name, value) for name, value in fields.items() if name in names)
