"""The store in memory: a small working one behind the `Work` port, for tests of what stands above it.

One lock, as SQLite has one writer; a unit works on copies of the shelves, which
replace the real ones when it is left without an error. The contract tests in
`tests/store` run over it and over both databases alike.
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from bot.domain.errors import NotFound, Shredded, StaleCard
from bot.domain.ledger import Entry, LedgerEvent, linked, sign_heads
from bot.domain.letter import Letter
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.jobs.queue import Claimed
from bot.ports import (
    Call,
    Clock,
    IncomingItem,
    ItemState,
    Job,
    Link,
    Post,
    RetentionReview,
    ReviewState,
    Shelf,
    TicketQuery,
)
from bot.store.changes import Changes, changes, versioned
from bot.store.index import keyed_digest

Row = TypeVar("Row", Part, Task, Letter)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the queue in memory keeps it."""

    id: int
    job: Job
    run_after: datetime
    state: str = "waiting"
    attempts: int = 0
    failures: int = 0
    token: str = ""
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed job."""

    id: int
    call: Call
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A day's digest, as far as memory needs one."""

    line: str


@dataclass(slots=True)
class Shelves:
    """Everything the store holds."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    references: dict[int, int] = field(default_factory=dict)
    items: dict[str, IncomingItem] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    reviews: dict[str, RetentionReview] = field(default_factory=dict)
    ledger: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    jobs: dict[int, JobRow] = field(default_factory=dict)
    ticks: dict[tuple[str, datetime], bool] = field(default_factory=dict)
    vault: dict[tuple[str, Shelf], dict[str, bytes] | None] = field(default_factory=dict)
    index: dict[tuple[str, str], bool] = field(default_factory=dict)

    def copy(self) -> "Shelves":
        """Return a copy one may write to; the values themselves are frozen."""
        copied = {f.name: dict(getattr(self, f.name)) for f in dataclasses.fields(self)}
        copied["vault"] = {key: dict(names) if names else names for key, names in self.vault.items()}
        return Shelves(**copied)


class MemoryWork:
    """`Work` in memory. `on_commit` is called after every unit that left without an error.

    `shelves` may be looked at by a test; `queue` is the job loop's side of the same rows.
    """

    def __init__(
        self, clock: Clock, *, index_key: bytes = b"index", on_commit: Callable[[], None] = lambda: None
    ) -> None:
        self.shelves = Shelves()
        self.on_commit = on_commit
        self.clock = clock
        self.queue = MemoryQueue(self)
        self._index_key = index_key
        self._lock = asyncio.Lock()
        self._inside: ContextVar[MemoryUnit | None] = ContextVar("inside", default=None)
        self.serial = count(1)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator["MemoryUnit"]:
        """Open a unit: all or nothing."""
        around = self._inside.get()
        if around and around.open:
            raise RuntimeError("a unit is open already: pass it on instead of opening another")
        async with self._lock:
            unit = MemoryUnit(self.shelves.copy(), self.clock, self._index_key, self.serial)
            entered = self._inside.set(unit)
            try:
                yield unit
                self.shelves = unit.shelves
            finally:
                unit.open = False
                self._inside.reset(entered)
        self.on_commit()


class MemoryUnit:
    """The stores of one transaction."""

    def __init__(self, shelves: Shelves, clock: Clock, index_key: bytes, serial: "count[int]") -> None:
        self.open = True
        self.shelves = shelves
        self.tickets = _Tickets(shelves)
        self.items = _Items(shelves)
        self.links = _Links(shelves)
        self.posts = _Posts(shelves, clock)
        self.reviews = _Reviews(shelves)
        self.ledger = _Ledger(shelves, clock)
        self.jobs = _Jobs(shelves, clock, serial)
        self.vault = _Vault(shelves, self.links)
        self.index = _Index(shelves, index_key)


class _Tickets:
    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves

    async def add(self, ticket: Ticket, year: int) -> Ticket:
        number = self._shelves.references.get(year, 0) + 1
        self._shelves.references[year] = number
        kept = replace(ticket, ref=f"PR-{year}-{number:04d}")
        self._shelves.tickets[kept.id] = kept
        return kept

    async def load(self, key: str) -> Ticket:
        for ticket in self._shelves.tickets.values():
            parts = {part.id for part in ticket.parts}
            tasks = {task.id for task in ticket.tasks}
            letters = {letter.id for letter in ticket.letters}
            if key and key in {ticket.id, ticket.ref} | parts | tasks | letters:
                return ticket
        raise NotFound("refusal.not_found")

    async def save(self, before: Ticket, after: Ticket) -> Ticket:
        saved = versioned(before, after)
        stored = await self.load(before.id)
        if before.version not in (saved.version, stored.version):
            raise StaleCard("refusal.stale")
        self._shelves.tickets[before.id] = replace(
            saved if saved.version != before.version else stored,
            parts=tuple(sorted(_merged(stored.parts, before.parts, saved.parts), key=lambda p: p.position)),
            tasks=_merged(stored.tasks, before.tasks, saved.tasks),
            letters=_merged(stored.letters, before.letters, saved.letters),
        )
        return saved

    async def matching(self, query: TicketQuery) -> Sequence[Ticket]:
        closed = query.closed_before
        found = [
            ticket
            for ticket in self._shelves.tickets.values()
            if (closed is not None or not query.open_only or any(part.open for part in ticket.parts))
            and (query.digest is None or (ticket.id, query.digest) in self._shelves.index)
            and (closed is None or (ticket.closed_at is not None and ticket.closed_at < closed))
        ]
        return sorted(found, key=lambda ticket: (ticket.received, ticket.ref))[: query.limit]


def _merged(stored: tuple[Row, ...], before: tuple[Row, ...], after: tuple[Row, ...]) -> tuple[Row, ...]:
    moves: Changes[Row] = changes(before, after)
    now = {row.id: row.version for row in stored}
    loaded = {row.id: row.version for row in before}
    if any(now.get(row.id) != loaded[row.id] for row in (*moves.changed, *moves.removed)):
        raise StaleCard("refusal.stale")
    changed: dict[str, Row] = {row.id: row for row in moves.changed}
    gone: set[str] = {row.id for row in moves.removed}
    kept: tuple[Row, ...] = tuple(changed.get(row.id, row) for row in stored if row.id not in gone)
    return kept + moves.added


class _Items:
    def __init__(self, shelves: Shelves) -> None:
        self._items = shelves.items

    async def add(self, item: IncomingItem) -> bool:
        if any(known.source_key == item.source_key for known in self._items.values()):
            return False
        self._items[item.id] = item
        return True

    async def load(self, item_id: str) -> IncomingItem:
        try:
            return self._items[item_id]
        except KeyError:
            raise NotFound("refusal.not_found") from None

    async def save(self, before: IncomingItem, after: IncomingItem) -> IncomingItem:
        if (await self.load(before.id)).version != before.version:
            raise StaleCard("refusal.stale")
        self._items[before.id] = replace(after, version=before.version + 1)
        return self._items[before.id]

    async def waiting(self, before: datetime | None = None) -> Sequence[IncomingItem]:
        found = [
            item
            for item in self._items.values()
            if item.state is ItemState.WAITING and (before is None or item.received < before)
        ]
        return sorted(found, key=lambda item: (item.received, item.id))


class _Links:
    def __init__(self, shelves: Shelves) -> None:
        self._links = shelves.links

    async def add(self, link: Link) -> None:
        self._links[link.digest] = link

    async def by_digest(self, digest: str) -> Link | None:
        matches = (link for link in self._links.values() if digest in (link.digest, link.session_digest))
        return next(matches, None) if digest else None

    async def save(self, link: Link) -> None:
        stored = self._links.get(link.digest)
        if stored is None:
            raise NotFound("refusal.not_found")
        if stored.used_at is not None and link.used_at != stored.used_at:
            raise StaleCard("refusal.stale")
        self._links[link.digest] = replace(
            stored, used_at=link.used_at, session_digest=link.session_digest, session_until=link.session_until
        )

    async def drop(self, about: str) -> None:
        for link in [link for link in self._links.values() if link.about == about]:
            del self._links[link.digest]


class _Posts:
    def __init__(self, shelves: Shelves, clock: Clock) -> None:
        self._posts = shelves.posts
        self._clock = clock

    async def put(self, post: Post) -> None:
        stored = self._posts.get(post.id)
        created = (stored.created_at if stored else post.created_at) or self._clock.now()
        self._posts[post.id] = replace(post, created_at=created)

    async def about(self, about: str) -> Sequence[Post]:
        return [post for post in self._posts.values() if post.about == about]

    async def feed(self, chat: str, address: str, limit: int = 100) -> Sequence[Post]:
        here = [post for post in self._posts.values() if (post.chat, post.address) == (chat, address)]
        return here[::-1][:limit]

    async def drop(self, about: str) -> None:
        for post in await self.about(about):
            del self._posts[post.id]


class _Reviews:
    def __init__(self, shelves: Shelves) -> None:
        self._reviews = shelves.reviews

    async def add(self, review: RetentionReview) -> None:
        self._reviews[review.id] = review

    async def load(self, review_id: str) -> RetentionReview:
        try:
            return self._reviews[review_id]
        except KeyError:
            raise NotFound("refusal.not_found") from None

    async def save(self, before: RetentionReview, after: RetentionReview) -> RetentionReview:
        if (await self.load(before.id)).version != before.version:
            raise StaleCard("refusal.stale")
        self._reviews[before.id] = replace(after, version=before.version + 1)
        return self._reviews[before.id]

    async def open_for(self, rule: str) -> Sequence[RetentionReview]:
        found = [r for r in self._reviews.values() if r.rule == rule and r.state is not ReviewState.DONE]
        return sorted(found, key=lambda review: (review.started_at, review.id))


class _Ledger:
    def __init__(self, shelves: Shelves, clock: Clock) -> None:
        self._chains = shelves.ledger
        self._clock = clock

    async def write(
        self, chain: str, event: LedgerEvent, actor: str, facts: Mapping[str, str | int] | None = None
    ) -> None:
        written = self._chains.get(chain, ())
        last = written[-1] if written else None
        plain = {name: int(fact) if isinstance(fact, int) else str(fact) for name, fact in (facts or {}).items()}
        entry = linked(chain, last, self._clock.now(), event, actor, plain)
        self._chains[chain] = (*written, entry)

    async def entries(self, chain: str, after_seq: int = 0) -> Sequence[Entry]:
        return [entry for entry in self._chains.get(chain, ()) if entry.seq > after_seq]

    async def close_day(self, key: bytes) -> "Line":
        heads, at = await self.heads(), self._clock.now()
        signed = sign_heads(heads, at, key)
        await self.write("desk", LedgerEvent.DIGEST, "desk", {"chains": len(heads)})
        return Line(f"{at.isoformat()} {len(heads)} {signed}")

    async def heads(self) -> Mapping[str, tuple[int, str]]:
        return {chain: (entries[-1].seq, entries[-1].hash) for chain, entries in self._chains.items()}


class _Jobs:
    def __init__(self, shelves: Shelves, clock: Clock, serial: "count[int]") -> None:
        self._shelves = shelves
        self._clock = clock
        self._serial = serial

    async def put(self, job: Job) -> None:
        run_after = job.run_after or self._clock.now()
        for row in self._waiting(job.key):
            earlier = min(row.run_after, run_after)
            self._shelves.jobs[row.id] = replace(row, run_after=earlier)
            return
        row_id = next(self._serial)
        self._shelves.jobs[row_id] = JobRow(row_id, job, run_after)

    async def fire(self, name: str, at: datetime, jobs: Sequence[Job]) -> bool:
        if (name, at) in self._shelves.ticks:
            return False
        self._shelves.ticks[name, at] = True
        for job in jobs:
            await self.put(job)
        return True

    async def cancel(self, key: str) -> None:
        for row in self._waiting(key):
            del self._shelves.jobs[row.id]

    def _waiting(self, key: str) -> list[JobRow]:
        return [row for row in self._shelves.jobs.values() if row.state == "waiting" and row.job.key == key]


class _Vault:
    def __init__(self, shelves: Shelves, links: _Links) -> None:
        self._vault = shelves.vault
        self._links = links

    async def put(self, owner: str, shelf: Shelf, name: str, content: bytes) -> None:
        self._vault[owner, shelf] = {**(self._vault.get((owner, shelf)) or {}), name: content}

    async def get(self, owner: str, shelf: Shelf, name: str) -> bytes:
        names = self._vault.get((owner, shelf), {})
        if names is None:
            raise Shredded("refusal.shredded")
        try:
            return names[name]
        except KeyError:
            raise NotFound("refusal.not_found") from None

    async def names(self, owner: str, shelf: Shelf, prefix: str = "") -> Sequence[str]:
        return sorted(name for name in self._vault.get((owner, shelf)) or {} if name.startswith(prefix))

    async def shred(self, owner: str, shelf: Shelf) -> None:
        if (owner, shelf) in self._vault:
            self._vault[owner, shelf] = None
        await self._links.drop(owner)


class _Index:
    def __init__(self, shelves: Shelves, key: bytes) -> None:
        self._index = shelves.index
        self._key = key

    def digest(self, kind: str, value: str) -> str:
        return keyed_digest(self._key, kind, value)

    async def remember(self, ticket_id: str, digest: str) -> None:
        self._index[ticket_id, digest] = True

    async def forget(self, ticket_id: str) -> None:
        for known in [known for known in self._index if known[0] == ticket_id]:
            del self._index[known]


class MemoryQueue:
    """The job loop's side of the rows (`bot.jobs.queue.Queue`)."""

    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    async def claim(self, limit: int, lease: timedelta) -> Sequence[Claimed]:
        now = self._work.clock.now()
        due = [row for row in self._claimable() if _due(row) <= now]
        claimed = []
        for row in sorted(due, key=lambda row: (row.run_after, row.id))[:limit]:
            token = f"token-{next(self._work.serial)}"
            held = replace(row, state="running", token=token, lease_until=now + lease, attempts=row.attempts + 1)
            self._rows[row.id] = held
            call = Call(row.job.kind, row.job.ids, token, held.attempts)
            claimed.append(Taken(row.id, call, row.failures))
        return claimed

    async def extend(self, held: Collection[Claimed], lease: timedelta) -> Collection[int]:
        mine = [row for claimed in held if (row := self._mine(claimed))]
        for row in mine:
            self._rows[row.id] = replace(row, lease_until=self._work.clock.now() + lease)
        return {row.id for row in mine}

    async def finish(self, claimed: Claimed) -> bool:
        if row := self._mine(claimed):
            del self._rows[row.id]
        return row is not None

    async def reschedule(self, claimed: Claimed, run_after: datetime, *, failed: bool) -> bool:
        row = self._mine(claimed)
        if row is None:
            return False
        waits = replace(
            row, state="waiting", token="", lease_until=None, run_after=run_after, failures=row.failures + failed
        )
        for twin in [r for r in self._rows.values() if r.state == "waiting" and r.job.key == row.job.key]:
            waits = replace(waits, run_after=min(run_after, twin.run_after))
            del self._rows[twin.id]
        self._rows[row.id] = waits
        return True

    async def fail(self, claimed: Claimed) -> bool:
        row = self._mine(claimed)
        if row is None:
            return False
        self._rows[row.id] = replace(row, state="failed", token="", lease_until=None, failures=row.failures + 1)
        return True

    async def clear_leases(self) -> int:
        held = [row for row in self._rows.values() if row.state == "running"]
        for row in held:
            self._rows[row.id] = replace(row, lease_until=self._work.clock.now())
        return len(held)

    async def next_due(self) -> datetime | None:
        return min((_due(row) for row in self._claimable()), default=None)

    async def failed_jobs(self) -> int:
        return sum(row.state == "failed" for row in self._rows.values())

    @property
    def _rows(self) -> dict[int, JobRow]:
        return self._work.shelves.jobs

    def _claimable(self) -> list[JobRow]:
        held = {row.job.key for row in self._rows.values() if row.state == "running"}
        return [
            row
            for row in self._rows.values()
            if row.state == "running" or (row.state == "waiting" and row.job.key not in held)
        ]

    def _mine(self, claimed: Claimed) -> JobRow | None:
        row = self._rows.get(claimed.id)
        return row if row and row.state == "running" and row.token == claimed.call.token else None


def _due(row: JobRow) -> datetime:
    return row.lease_until or row.run_after
