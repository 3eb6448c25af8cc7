"""What the desk needs from the outside, as small protocols.

Each exists because it has two implementations at least: the real one and the small
working fake in `tests/fakes.py`, and one contract test runs over all of them.

`Work` is the one that carries the weight (D31): `async with work() as unit:` gives the
stores of one transaction; leaving it commits everything or nothing. Never wait for a
network inside it: SQLite has one writer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.card import Card
from bot.domain.ledger import Entry, LedgerEvent
from bot.domain.request import Route
from bot.domain.system import Exported, Identifier, Manifest, Receipt, Record
from bot.domain.ticket import Ticket

# --- the store ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """Which tickets to list, oldest safe receipt first. `digest` is a blind index value."""

    open_only: bool = True
    digest: str | None = None
    closed_before: datetime | None = None
    limit: int = 500


class Tickets(Protocol):
    """Tickets with their parts, tasks and letters. Versions are the store's: `save` raises them by one."""

    async def add(self, ticket: Ticket, year: int) -> Ticket:
        """Keep a new ticket under the year's next reference (PR-2026-0042); return it with `ref` set."""

    async def load(self, key: str) -> Ticket:
        """Return the ticket by id, reference, or the id of one of its parts, tasks or letters; lock it until commit.

        Raises `NotFound`.
        """

    async def save(self, before: Ticket, after: Ticket) -> Ticket:
        """Write what differs; return it with its new versions. Raises `StaleCard` when a version moved meanwhile."""

    async def matching(self, query: TicketQuery) -> Sequence[Ticket]:
        """Return tickets, unlocked, by receipt."""


class ItemState(StrEnum):
    """What became of something that was read (D1)."""

    WAITING = "waiting"  # on the quiet daily list
    TICKET = "ticket"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class IncomingItem:
    """Everything read is first an item. Its mail lies in the vault under the item's own id (key shelf "item").

    `source_key` is the keyed digest of the Message-ID (or of the content when there is none): unique,
    so that the same mail seen twice is one item.
    """

    id: str
    source_key: str
    received: datetime
    state: ItemState
    route: Route
    ticket_id: str = ""
    broken: bool = False
    version: int = 1


class Items(Protocol):
    """Incoming items."""

    async def add(self, item: IncomingItem) -> bool:
        """Keep the item; False (and nothing kept) when its source is known already."""

    async def load(self, item_id: str) -> IncomingItem:
        """Return the item, or raise `NotFound`."""

    async def save(self, before: IncomingItem, after: IncomingItem) -> IncomingItem:
        """Write it; `StaleCard` when it moved meanwhile."""

    async def waiting(self, before: datetime | None = None) -> Sequence[IncomingItem]:
        """Return waiting items, oldest first (those received before a moment)."""


class LinkPurpose(StrEnum):
    """What a link opens."""

    SUBJECT = "subject"  # /c/{token}: the person's page
    REVIEW = "review"  # /review/{token}: one colleague, ten minutes, once (D15)


@dataclass(frozen=True, slots=True)
class Link:
    """A single-use link; the token itself is never kept, only its keyed digest.

    A POST exchanges it for a session: `session_digest` until `session_until` (D7c). `about` is a ticket id,
    item id or review id; `colleague` is set for REVIEW. `part_id` names the part a letter was about.
    """

    digest: str
    purpose: LinkPurpose
    about: str
    expires_at: datetime
    colleague: str = ""
    used_at: datetime | None = None
    session_digest: str = ""
    session_until: datetime | None = None


class Links(Protocol):
    """Single-use links and their sessions."""

    async def add(self, link: Link) -> None:
        """Keep a link."""

    async def by_digest(self, digest: str) -> Link | None:
        """Return the link by its token's or its session's digest."""

    async def save(self, link: Link) -> None:
        """Write its use and session. Raises `StaleCard` if the link was already used and this use is new."""

    async def drop(self, about: str) -> None:
        """Forget every link about something."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message the desk has in a chat, so that it can be edited in place.

    `about` is a ticket id, or "reminder:<id>", "review:<id>", "items:<date>", "summary:<date>". `told_seq` is the last
    ledger entry told in its thread. `address` is the channel's or colleague's chat id; `message_id` is the chat's.
    """

    id: str
    chat: str
    address: str
    about: str
    message_id: str = ""
    told_seq: int = 0
    created_at: datetime | None = None


class Posts(Protocol):
    """Messages the desk has in chats."""

    async def put(self, post: Post) -> None:
        """Add or replace by id."""

    async def about(self, about: str) -> Sequence[Post]:
        """Return the posts about something."""

    async def feed(self, chat: str, address: str, limit: int = 100) -> Sequence[Post]:
        """Return the newest posts at an address, newest first."""

    async def drop(self, about: str) -> None:
        """Forget the posts about something."""


class ReviewState(StrEnum):
    """Where a retention review is."""

    PROPOSED = "proposed"
    OPENED = "opened"  # the list was looked at: a bulk approval is possible now (D29)
    POSTPONED = "postponed"
    APPROVED = "approved"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RetentionReview:
    """One run of a retention rule: how many are due, how many exempt by why. The list lies in the vault by id."""

    id: str
    rule: str
    system: str
    state: ReviewState
    started_at: datetime
    count: int
    exempt: Mapping[str, int] = field(default_factory=dict)
    opened_by: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()
    postponed_until: date | None = None
    done: int = 0
    version: int = 1


class Reviews(Protocol):
    """Retention reviews."""

    async def add(self, review: RetentionReview) -> None:
        """Keep a review."""

    async def load(self, review_id: str) -> RetentionReview:
        """Return it, or raise `NotFound`."""

    async def save(self, before: RetentionReview, after: RetentionReview) -> RetentionReview:
        """Write it; `StaleCard` when it moved meanwhile."""

    async def open_for(self, rule: str) -> Sequence[RetentionReview]:
        """Return the reviews of a rule that are not DONE."""


class Ledger(Protocol):
    """The append-only record (see `bot.domain.ledger`)."""

    async def write(
        self, chain: str, event: LedgerEvent, actor: str, facts: Mapping[str, str | int] | None = None
    ) -> None:
        """Add one entry to *chain*."""

    async def entries(self, chain: str, after_seq: int = 0) -> Sequence[Entry]:
        """Return a chain's entries in order."""

    async def heads(self) -> Mapping[str, tuple[int, str]]:
        """Return every chain's last (seq, hash)."""


class JobKind(StrEnum):
    """What a job wakes up."""

    READ_MAIL = "read_mail"
    FILE_AWAY = "file_away"
    SEARCH = "search"
    RUN_TASK = "run_task"
    DRAFT_REPLY = "draft_reply"
    SEND_LETTER = "send_letter"
    REFRESH_CARD = "refresh_card"
    TELL = "tell"
    UNLOCK = "unlock"
    TICK = "tick"
    REVIEW = "review"
    CARRY_OUT_REVIEW = "carry_out_review"
    RECHECK = "recheck"
    FORGET = "forget"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Job:
    """A wake-up call: ids only, never personal data. `key` is unique among the jobs that wait."""

    kind: JobKind
    key: str
    ids: tuple[str, ...] = ()
    run_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A job as its handler gets it. `token` is the fencing token; `attempts` counts from 1."""

    kind: JobKind
    ids: tuple[str, ...]
    token: str
    attempts: int


Work = Callable[[], AbstractAsyncContextManager["Unit"]]
Handler = Callable[[Call], Awaitable[None]]


class Jobs(Protocol):
    """The queue, written in the transaction of the state the job follows from."""

    async def put(self, job: Job) -> None:
        """Enqueue; a waiting job with the same key stays, at the earlier of both times."""

    async def fire(self, name: str, at: datetime, jobs: Sequence[Job]) -> bool:
        """Enqueue *jobs* for the tick (name, at) if nobody has (D35); return whether this call did."""

    async def cancel(self, key: str) -> None:
        """Take back the waiting job with that key, if any."""


class Shelf(StrEnum):
    """Which key of an owner a content is sealed with (D24)."""

    CASE = "case"  # mail, letters, identifiers: 24 months
    FINDINGS = "findings"  # records found, exports, packages: 30 days
    ITEM = "item"  # an incoming item's own key


class Vault(Protocol):
    """Sealed contents, by owner (ticket, item or review id), shelf and name. Opening is explicit and greppable."""

    async def put(self, owner: str, shelf: Shelf, name: str, content: bytes) -> None:
        """Seal *content*, replacing what had that name; makes the owner's key for the shelf when needed."""

    async def get(self, owner: str, shelf: Shelf, name: str) -> bytes:
        """Open a content. Raises `NotFound`, or `Shredded` when its key is gone."""

    async def names(self, owner: str, shelf: Shelf, prefix: str = "") -> Sequence[str]:
        """Return the names on a shelf, sorted."""

    async def shred(self, owner: str, shelf: Shelf) -> None:
        """Destroy the key, then the contents; harmless twice."""


class Index(Protocol):
    """The blind index: keyed digests by which a ticket can be found from an address, and our other digests."""

    def digest(self, kind: str, value: str) -> str:
        """Return the keyed digest of a value (NFKC, trimmed, case-folded)."""

    async def remember(self, ticket_id: str, digest: str) -> None:
        """Let the ticket be found by *digest*."""

    async def forget(self, ticket_id: str) -> None:
        """Remove every digest of the ticket."""


class Unit(Protocol):
    """The stores of one transaction."""

    @property
    def tickets(self) -> Tickets: ...
    @property
    def items(self) -> Items: ...
    @property
    def links(self) -> Links: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def index(self) -> Index: ...


# --- the world ---------------------------------------------------------------------------------


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


class KeepsContacts(Protocol):
    """A system whose idle contacts can be listed for the retention review."""

    async def idle_since(self, cutoff: date) -> tuple[Sequence[Idle], Mapping[str, int]]:
        """Return contacts without a sign of interest since *cutoff*, and counts of those exempt, by why."""


class Tokens(Protocol):
    """Where an access token comes from."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token; *fresh* asks for a new one after a refusal. Raises `CredentialsRefused` or `TryLater`."""
