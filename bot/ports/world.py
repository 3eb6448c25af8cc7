"""The world outside: clock, mailbox, chats, the systems that hold personal data, tokens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from bot.card import Card
from bot.domain.system import (
    Correction,
    Exported,
    Identifier,
    Manifest,
    Operation,
    Prepared,
    Receipt,
    Record,
    Remains,
)
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


@dataclass(frozen=True, slots=True)
class ChatMail:
    """A mail that lay in a chat, written as one our reading can read. `lacks`: why some of it is not here."""

    raw: bytes = field(repr=False)
    received: datetime
    lacks: Unfetched | None = None


@runtime_checkable
class BringsMail(Protocol):
    """A chat into whose channel mail can be forwarded."""

    async def mail(self, file: str) -> ChatMail:
        """Return the mail by its file id. Raises `SystemTrouble`; "trouble.chat_mail_…" says why it is not to be had.

        Reads only.
        """


@runtime_checkable
class Corrects(Protocol):
    """A system in which the desk itself can put a value right (RECTIFY automatic). Raises `SystemTrouble` only."""

    async def correctable(self, record: Record) -> Mapping[str, str]:
        """Return the values of the record that can be corrected, by the system's own field name; {} when gone."""

    async def correct(self, record: Record, corrections: Sequence[Correction]) -> Receipt:
        """Write every correction whose value is not there already; read again. Already so is success.

        Raises `NeedsHuman` when what stands there is neither *before* nor *after*: somebody else changed it.
        """


@runtime_checkable
class Restricts(Protocol):
    """A system in which the desk itself can mark a record as restricted (RESTRICT automatic, Art. 18)."""

    async def restrict(self, record: Record) -> Receipt:
        """Keep the record from every use but storage; already so is success."""

    async def lift(self, record: Record) -> Receipt:
        """End that; already ended is success. What was stopped for another reason stays stopped."""


@runtime_checkable
class TakesMany(Protocol):
    """A system whose records can be read and erased in portions: a person may have ten thousand of them."""

    def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        """Yield each record's content as `export` would, in the order given, a portion in memory at a time."""

    def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        """Erase in the order given, a portion at a time, looking first as `erase` does; yield what is done."""


@runtime_checkable
class Dissociates(Protocol):
    """A system in which the person can be taken off a record that concerns others too (D20)."""

    async def dissociate(self, record: Record, person: Sequence[Identifier]) -> Receipt:
        """Take the person off the record and leave the rest; already off is success."""


@runtime_checkable
class Unseen(Protocol):
    """A system that shows nobody who is in it (FIND absent), yet erases whatever bears an identifier.

    There is no looking again there: the vendor's receipt is all the proof there is, and asking twice is harmless.
    """

    def named(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return what `erase` is to be asked for, made from the identifiers alone, always in the same order.

        Asks nobody and claims nothing. Raises `NeedsHuman` when an identifier cannot be one of that system.
        """


@runtime_checkable
class CarriesOut(Protocol):
    """A system that takes an order (`erase`, `suppress`) and carries it out in its own time."""

    async def carried_out(self, receipt: Receipt) -> None:
        """Return when what the receipt ordered is done. Raises `TryLater` before, `NeedsHuman` when it failed there."""


@runtime_checkable
class PreparesSearch(Protocol):
    """A system in which a person looks, with a search the desk has written for them (D18)."""

    def searches(self, person: Sequence[Identifier]) -> Sequence[str]:
        """Return what to paste into the system's own search box. Personal data: for a signed-in page only."""


@runtime_checkable
class LooksAgain(Protocol):
    """A system that can say of a record found before whether the person still stands in it, erased as it was by hand.

    FIND alone would not see an answer that was forgotten below an address already replaced.
    """

    async def remains(self, record: Record, person: Sequence[Identifier]) -> Remains:
        """Return what is left of the record. Reads only."""


@runtime_checkable
class Prepares(Protocol):
    """A system that makes a step by hand ready: where to go, what to write to the vendor. Asks nobody."""

    def prepared(self, operation: Operation, records: Sequence[Record]) -> Sequence[Prepared]:
        """Return what a colleague needs for the step, in the order it is needed."""


class Tokens(Protocol):
    """Where an access token comes from."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token; *fresh* asks for a new one after a refusal. Raises `CredentialsRefused` or `TryLater`."""
