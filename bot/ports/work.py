"""One transaction and what belongs to it: ledger, jobs, vault, index (D31).

`async with work() as unit:` gives the stores of one transaction; leaving it commits
everything or nothing. Never wait for a network inside it: SQLite has one writer.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.ledger import Entry, LedgerEvent
from bot.ports.bursts import Bursts
from bot.ports.people import Identities, Pauses, Places, Shifts
from bot.ports.shelf import Shelf
from bot.ports.tickets import Items, Links, Posts, Reviews, Tickets

Work = Callable[[], AbstractAsyncContextManager["Unit"]]


class Signed(Protocol):
    """A day's digest."""

    @property
    def line(self) -> str:
        """What is kept outside the database."""


class Ledger(Protocol):
    """The append-only record (see `bot.domain.ledger`)."""

    async def write(
        self, chain: str, event: LedgerEvent, actor: str, facts: Mapping[str, str | int] | None = None
    ) -> None:
        """Add one entry to *chain*."""

    async def entries(self, chain: str, after_seq: int = 0) -> Sequence[Entry]:
        """Return a chain's entries in order."""

    async def told(self, events: Collection[LedgerEvent], since: datetime | None = None) -> Sequence[Entry]:
        """Return the entries of some events in every chain, from *since* on, in the order they were written."""

    async def close_day(self, key: bytes) -> "Signed":
        """Sign the heads of the chains that moved since the last digest, and that digest with them (D25)."""

    async def heads(self) -> Mapping[str, tuple[int, str]]:
        """Return every chain's last (seq, hash)."""


class JobKind(StrEnum):
    """What a job wakes up."""

    READ_MAIL = "read_mail"
    FETCH_MAIL = "fetch_mail"
    FIND_MAIL = "find_mail"
    CHASE_ORIGINAL = "chase_original"
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
    BE_TOLD = "be_told"
    CHASE = "chase"
    BURST = "burst"
    FETCH_VALUES = "fetch_values"
    REVIEW_RESTRICTION = "review_restriction"
    KNOW_PEOPLE = "know_people"
    HEED_STOP = "heed_stop"


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


Handler = Callable[[Call], Awaitable[None]]


class Jobs(Protocol):
    """The queue, written in the transaction of the state the job follows from."""

    async def put(self, job: Job) -> None:
        """Enqueue; a waiting job with the same key stays, at the earlier of both times."""

    async def fire(self, name: str, at: datetime, jobs: Sequence[Job]) -> bool:
        """Enqueue *jobs* for the tick (name, at) if nobody has (D35); return whether this call did."""

    async def cancel(self, key: str) -> None:
        """Take back the waiting job with that key, if any."""

    async def due(self, keys: Collection[str]) -> Mapping[str, datetime]:
        """Return when the waiting jobs with these keys are to run, as last written; one that runs or is none, not."""

    async def set_aside(self) -> int:
        """Return how many jobs were given up after too many failures."""

    async def forget_set_aside(self, kind: JobKind) -> None:
        """Forget the jobs of a kind that were given up: what they name is kept no longer."""


class Vault(Protocol):
    """Sealed contents, by owner (ticket, item or review id), shelf and name. Opening is explicit and greppable."""

    async def put(self, owner: str, shelf: Shelf, name: str, content: bytes) -> None:
        """Seal *content*, replacing what had that name; makes the owner's key for the shelf when needed."""

    async def get(self, owner: str, shelf: Shelf, name: str) -> bytes:
        """Open a content. Raises `NotFound`, or `Shredded` when its key is gone."""

    async def drop(self, owner: str, shelf: Shelf, name: str) -> None:
        """Take one content away; harmless twice. Its copies in backups end with their key: to forget, `shred`."""

    async def names(self, owner: str, shelf: Shelf, prefix: str = "") -> Sequence[str]:
        """Return the names on a shelf, sorted."""

    async def shred(self, owner: str, shelf: Shelf) -> None:
        """Destroy the key, then the contents; harmless twice."""


class Index(Protocol):
    """The blind index: keyed digests by which a ticket can be found from an address, and our other digests."""

    def digest(self, kind: str, value: str) -> str:
        """Return the keyed digest of a value (NFKC, trimmed, case-folded)."""

    async def remember(self, ticket_id: str, *digests: str) -> None:
        """Let the ticket be found by each of *digests*."""

    async def leads_to(self, ticket_id: str, digests: Collection[str]) -> bool:
        """Whether the ticket is found by any of *digests*."""

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
    def bursts(self) -> Bursts: ...
    @property
    def places(self) -> Places: ...
    @property
    def identities(self) -> Identities: ...
    @property
    def shifts(self) -> Shifts: ...
    @property
    def pauses(self) -> Pauses: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def index(self) -> Index: ...
