"""The stores of tickets and what hangs on them: items, links, posts, reviews.

Versions belong to the store: `save` takes what was loaded and what it became, writes
only what differs, raises versions by one and refuses when somebody was faster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.request import RequestType, Route
from bot.domain.ticket import Outcome, Stage, Ticket
from bot.ports.shelf import Shelf


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """Which tickets to list, oldest safe receipt first. `digest` is a blind index value.

    `burst` asks for the tickets that came in one (D36), `sealed` for those that still have a key on that shelf.
    `closed_before` and `closed_since` (this moment included) ask for closed ones, whatever `open_only` says.
    """

    open_only: bool = True
    digest: str | None = None
    closed_before: datetime | None = None
    closed_since: datetime | None = None
    sealed: Shelf | None = None
    limit: int = 500
    burst: str = ""


#: Where every ticket counts, whatever number there are: reminders, forgetting, figures.
EVERY: Final = 1_000_000


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

    async def tally(self) -> Mapping[tuple[RequestType, Stage, Outcome | None], int]:
        """Return how many parts there are of each kind, in each stage, with each outcome; open ones have none."""


class ItemState(StrEnum):
    """What became of something that was read (D1)."""

    WAITING = "waiting"  # on the quiet daily list
    TICKET = "ticket"
    DISMISSED = "dismissed"
    OLDER = "older"  # found by a backfill: proposed to a person, and nothing else (D4)


@dataclass(frozen=True, slots=True)
class IncomingItem:
    """Everything read is first an item. Its mail lies in the vault under the item's own id (key shelf "item").

    `source_key` is the keyed digest of what it was made from (a mail's Message-ID, sender and words, a chat message's
    place and moment): unique, so that the same mail seen twice, in whatever channel, is one item.
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

    async def by_source(self, source_key: str) -> IncomingItem | None:
        """Return the item that was made from a source, None when nothing was."""

    async def save(self, before: IncomingItem, after: IncomingItem) -> IncomingItem:
        """Write it; `StaleCard` when it moved meanwhile."""

    async def waiting(self, before: datetime | None = None) -> Sequence[IncomingItem]:
        """Return waiting items, oldest first (those received before a moment)."""

    async def older(self) -> Sequence[IncomingItem]:
        """Return what a backfill found and nobody has decided on, oldest first."""


class LinkPurpose(StrEnum):
    """What a link opens."""

    SUBJECT = "subject"  # /c/{token}: the person's page
    UNDO = "undo"  # /undo/{token}: takes one opt-out back; `about` is the part (D8)
    REVIEW = "review"  # /review/{token}: one colleague, ten minutes, once (D15)
    SIGN_IN = "sign_in"  # no link at all: the session of a colleague who signed in, by its cookie (D15)


#: What only colleagues open.
COLLEAGUES: Final = frozenset({LinkPurpose.REVIEW, LinkPurpose.SIGN_IN})


@dataclass(frozen=True, slots=True)
class Link:
    """A single-use link; the token itself is never kept, only its keyed digest.

    A POST exchanges it for a session: `session_digest` until `session_until` (D7c). `about` is a ticket id,
    item id or review id; `colleague` is set for REVIEW and SIGN_IN.
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

    async def drop_of(self, colleague: str) -> None:
        """Forget every link and session of a colleague's, signing in and open pages alike; harmless twice."""

    async def sweep(self, before: datetime) -> None:
        """Forget colleagues' sign-ins and links that were over by then."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message the desk has in a chat, so that it can be edited in place.

    `id` is the key under which the chat is asked to take it, and `message_id` the chat's own name of it: "" from
    before the chat is asked until its answer has come, so that a lost answer leaves a trace.

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

    async def known(self, chat: str, address: str, message_id: str) -> bool:
        """Whether a chat's message at an address is a post, whatever about."""

    async def feed(self, chat: str, address: str, limit: int = 100) -> Sequence[Post]:
        """Return the newest posts at an address, newest first."""

    async def drop(self, about: str) -> None:
        """Forget the posts about something."""

    async def remove(self, post_id: str) -> None:
        """Forget one post; harmless twice."""


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
