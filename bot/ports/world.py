"""The world outside: clock, mailbox, chats, tokens. The systems that hold personal data stand in `systems`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from bot.card import Card
from bot.domain.unfetched import Unfetched


class Clock(Protocol):
    """What time it is. Made in `bot.app`; nobody else asks the machine."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that lies unread. `key` is the mailbox's own name for it; `raw` is the whole message.

    A mail too big to be fetched whole is *cut*: its head and text are in `raw`, what was attached lies in the mailbox.
    """

    key: str
    received: datetime | None
    raw: bytes = field(repr=False)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter; within one letter every name stands once. Personal data: never logged."""

    name: str = field(repr=False)
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail to send, recipient set explicitly (D7b). Personal data: never logged."""

    message_id: str
    sender: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    in_reply_to: str = ""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


class Mailbox(Protocol):
    """Where requests arrive and letters leave."""

    async def waiting(self) -> bool:
        """Whether a mail lies unread: the cheap look between readings. Changes nothing."""

    async def arrivals(self) -> Sequence[Arrival]:
        """Return unread mails, oldest first, at most fifty; reading changes nothing."""

    async def file_away(self, key: str) -> None:
        """Move a mail out of the unread, after its item is written; harmless twice."""

    def older(self, since: date) -> AsyncIterator[Arrival]:
        """Yield every mail that arrived on *since* (Swedish date) or later, read or not, oldest first.

        For the backfill (D4): changes nothing and holds one mail at a time; the key is for this listing only.
        """

    async def send(self, mail: OutgoingMail) -> None:
        """Send. Raises `TryLater`, `NeedsHuman` or `OutcomeUnknown`."""

    async def was_sent(self, message_id: str) -> bool:
        """Whether a mail with that id has left (look before asking again, D34)."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Leave to be told of new mail. `secret` comes back with every telling; it ends at `until` when not renewed."""

    id: str
    secret: str = field(repr=False)
    until: datetime


@runtime_checkable
class TellsOfMail(Protocol):
    """A mailbox that can tell us of new mail. Only a hint: what it tells is looked up, and looking goes on without."""

    async def be_told(self, url: str, known: Subscription | None) -> Subscription:
        """Let *url* be told: renew what is *known*, or begin anew where it is gone. Raises `SystemTrouble`."""


class Bookmark(Protocol):
    """Where a reader left off, kept over restarts. Sealed: a vendor's link may name people."""

    async def read(self) -> str:
        """Return what was written last; "" when nothing was."""

    async def write(self, place: str) -> None:
        """Replace it."""


class Messenger(Protocol):
    """One chat's outgoing side. Raises `SystemTrouble`; a lost answer may be asked again (harmless twice)."""

    @property
    def chat(self) -> str:
        """The chat's name: "slack", "teams" or "console"."""

    async def post(self, address: str, card: Card, key: str = "") -> str:
        """Post a card; return the chat's id of the message. *key* is what `posted` finds it by: an id, never words."""

    async def posted(self, address: str, key: str, since: datetime) -> str:
        """Return the message that was posted under *key* *since* then (look before asking again, D34).

        "" when there is none, or when the chat lets nobody look.
        """

    async def edit(self, address: str, message_id: str, card: Card) -> None:
        """Edit the card in place."""

    async def tell(self, address: str, message_id: str, line: str) -> None:
        """Add what happened to the thread below a message: a line, or several with a line break between them."""


@dataclass(frozen=True, slots=True)
class ChatMail:
    """A mail that lay in a chat, written as one our reading can read. `lacks`: why some of it is not here."""

    raw: bytes = field(repr=False)
    received: datetime
    lacks: Unfetched | None = None


@dataclass(frozen=True, slots=True)
class LyingMail:
    """A mail that lies in a chat's channel, by ids alone. `shared`: another company reads that channel too."""

    file: str
    message: str
    shared: bool


@runtime_checkable
class BringsMail(Protocol):
    """A chat into whose channel mail can be forwarded."""

    async def link(self, place: str, message: str) -> str:
        """Return what leads a member of a channel to a message there; "" for none. Raises `SystemTrouble`."""

    async def mails(self, place: str, since: datetime) -> Sequence[LyingMail]:
        """Return the mails that came into a channel *since* then and lie there still. Raises `SystemTrouble`."""

    async def mail(self, file: str) -> ChatMail:
        """Return the mail by its file id. Raises `SystemTrouble`; "trouble.chat_mail_…" says why it is not to be had.

        Reads only.
        """


class Tokens(Protocol):
    """Where an access token comes from."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token; *fresh* asks for a new one after a refusal. Raises `CredentialsRefused` or `TryLater`."""
