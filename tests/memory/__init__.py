"""The store in memory: a small working one behind the `Work` port, for tests of what stands above it.

One lock, as SQLite has one writer; a unit works on copies of the shelves, which
replace the real ones when it is left without an error. The contract tests in
`tests/store` run over it and over both databases alike.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from itertools import count

from bot.ports import Clock
from tests.memory.bursts import MemoryBursts
from tests.memory.people import MemoryIdentities, MemoryPauses, MemoryPlaces, MemoryShifts
from tests.memory.queue import MemoryJobs, MemoryQueue
from tests.memory.rooms import MemoryItems, MemoryLinks, MemoryPosts, MemoryReviews
from tests.memory.sealed import MemoryIndex, MemoryLedger, MemoryVault
from tests.memory.shelves import Shelves
from tests.memory.tickets import MemoryTickets

__all__ = ["MemoryQueue", "MemoryUnit", "MemoryWork"]


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
        self.lock = asyncio.Lock()
        self._inside: ContextVar[MemoryUnit | None] = ContextVar("inside", default=None)
        self.serial = count(1)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator["MemoryUnit"]:
        """Open a unit: all or nothing."""
        around = self._inside.get()
        if around and around.open:
            raise RuntimeError("a unit is open already: pass it on instead of opening another")
        async with self.lock:
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
        self.tickets = MemoryTickets(shelves)
        self.items = MemoryItems(shelves)
        self.links = MemoryLinks(shelves)
        self.posts = MemoryPosts(shelves, clock)
        self.reviews = MemoryReviews(shelves)
        self.bursts = MemoryBursts(shelves)
        self.places = MemoryPlaces(shelves)
        self.identities = MemoryIdentities(shelves)
        self.shifts = MemoryShifts(shelves)
        self.pauses = MemoryPauses(shelves)
        self.ledger = MemoryLedger(shelves, clock)
        self.jobs = MemoryJobs(shelves, clock, serial)
        self.vault = MemoryVault(shelves, self.links)
        self.index = MemoryIndex(shelves, index_key)
