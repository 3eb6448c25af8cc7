"""The world outside: clock, mailbox, chats, the systems that hold personal data, tokens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from bot.card import Card
from bot.domain.system import Exported, Identifier, Manifest, Receipt, Record


class Clock(Protocol):
    """What time it is. Made in `bot.app`; nobody else asks the machine."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that lies unread. `key` is the mailbox's own name for it; `raw` is the whole message."""

    key: str
    received: datetime | None
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail to send, recipient set explicitly (D7b). Personal data: never logged."""

    message_id: str
    sender: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    in_reply_to: str = ""


class Mailbox(Protocol):
    """Where requests arrive and letters leave."""

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


class Messenger(Protocol):
    """One chat's outgoing side. Raises `SystemTrouble`; a lost answer may be asked again (harmless twice)."""

    @property
    def chat(self) -> str:
        """The chat's name: "slack" or "console"."""

    async def post(self, address: str, card: Card) -> str:
        """Post a card; return the chat's id of the message."""

    async def edit(self, address: str, message_id: str, card: Card) -> None:
        """Edit the card in place."""

    async def tell(self, address: str, message_id: str, line: str) -> None:
        """Add one line to the thread below a message."""


class System(Protocol):
    """A system that holds personal data. Every method raises `SystemTrouble` only.

    Only operations whose manifest says AUTOMATIC (and FIND for ASSISTED) are ever called.
    """

    @property
    def manifest(self) -> Manifest:
        """What it is and can do."""

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return every record held about the person, each once; empty when none. Reads only."""

    async def export(self, record: Record) -> Exported:
        """Return the record's whole content. Reads only."""

    async def erase(self, record: Record) -> Receipt:
        """Erase the record for good; already gone is success. May raise `OutcomeUnknown`: look before asking again."""

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Stop every mailing to the identifier; already stopped is success."""


@dataclass(frozen=True, slots=True)
class Idle:
    """A contact that shows no interest (P60), by the vendor's id, with when it last did. Personal data by id only."""

    record: Record
    last_sign: date | None
    self_initiated: bool | None
    label: str = field(default="", repr=False)


@runtime_checkable
class KeepsContacts(Protocol):
    """A system whose idle contacts can be listed for the retention review."""

    async def idle_since(self, cutoff: date) -> tuple[Sequence[Idle], Mapping[str, int]]:
        """Return contacts without a sign of interest since *cutoff*, and counts of those exempt, by why."""


class Tokens(Protocol):
    """Where an access token comes from."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token; *fresh* asks for a new one after a refusal. Raises `CredentialsRefused` or `TryLater`."""
