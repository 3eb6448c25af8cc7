"""The store: opened once, closed always.

A unit is one transaction on the store's own connection. What must follow a commit (the
write-ahead log cleaned after shredding, the job loop woken) follows here, after it.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection

from bot.domain.errors import PrivacyDeskError
from bot.ports import Clock
from bot.store.bursts import StoredBursts
from bot.store.index import keyed_digest
from bot.store.keys import KeyRing, WrongKey, bound_to
from bot.store.ledger import ChainedLedger
from bot.store.migrating import pending
from bot.store.people import StoredIdentities, StoredPauses, StoredPlaces, StoredShifts
from bot.store.place import CONNECTION, Place, place, tortoise_config
from bot.store.queue import StoredJobs, StoredQueue
from bot.store.rooms import BlindIndex, StoredItems, StoredLinks, StoredPosts, StoredReviews
from bot.store.session import Found, Session, Statement
from bot.store.tickets import StoredTickets
from bot.store.trouble import translated
from bot.store.vault import SealedVault

PROOF: Final = b"this is the right key"
RING_PROOF: Final = "proof:keys"
INDEX_PROOF: Final = "proof:index"
PUT_PROOF: Final = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
RENEW_PROOF: Final = "UPDATE meta SET value = $2 WHERE name = $1"
GET_PROOF: Final = "SELECT value FROM meta WHERE name = $1"


class StoredUnit:
    """The stores of one transaction (`bot.ports.Unit`)."""

    def __init__(self, session: Session, ring: KeyRing, index_key: bytes, clock: Clock) -> None:
        self.open = True
        self._session = session
        self.tickets = StoredTickets(session)
        self.items = StoredItems(session)
        self.links = StoredLinks(session)
        self.posts = StoredPosts(session, clock)
        self.reviews = StoredReviews(session)
        self.bursts = StoredBursts(session)
        self.places = StoredPlaces(session)
        self.identities = StoredIdentities(session)
        self.shifts = StoredShifts(session)
        self.pauses = StoredPauses(session)
        self.ledger = ChainedLedger(session, clock)
        self.jobs = StoredJobs(session, clock)
        self.vault = SealedVault(session, ring)
        self.index = BlindIndex(session, index_key)

    async def flush(self) -> None:
        """Write what was kept back until the end: entries of the ledger, then jobs."""

        def kept_back(found: Found) -> list[Statement]:
            return [*self.ledger.kept_back(found), *self.jobs.kept_back()]

        await self._session.look_and_write(self.ledger.looks(), kept_back)


class Store:
    """An open store. `work` is the `Work` port; `queue` is the job loop's side."""

    def __init__(
        self,
        at: Place,
        session: Session,
        keys: KeyRing,
        index_key: bytes,
        clock: Clock,
        on_commit: Callable[[], None],
    ) -> None:
        self.place = at
        self.session = session
        self.queue = StoredQueue(session, clock)
        self.keys = keys
        self._index_key = index_key
        self._clock = clock
        self._on_commit = on_commit
        self._inside: ContextVar[StoredUnit | None] = ContextVar("unit", default=None)
        self._log_owed = False

    @asynccontextmanager
    async def work(self) -> AsyncIterator[StoredUnit]:
        """Open a unit: leaving it commits everything, an error in it nothing. Raises `PrivacyDeskError` (disk full)."""
        around = self._inside.get()
        if around is not None and around.open:
            raise RuntimeError("a unit is open already: pass it on instead of opening another")
        with translated():
            async with self.session.transaction() as db:
                unit = StoredUnit(Session(db), self.keys, self._index_key, self._clock)
                entered = self._inside.set(unit)
                try:
                    yield unit
                    await unit.flush()
                    self._log_owed |= unit.vault.shredded  # before the commit, whose wait may be cancelled
                finally:
                    unit.open = False
                    self._inside.reset(entered)
        self._on_commit()
        if self._log_owed:
            await self.clean_log()

    async def close(self) -> None:
        """Close every connection: an open one keeps the process alive."""
        await Tortoise.close_connections()

    async def clean_log(self) -> None:
        """Empty SQLite's write-ahead log, where what was shredded may still stand."""
        if self.place.postgres:
            return
        rows = await self.session.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        self._log_owed = bool(rows[0]["busy"])  # another process reads: once more after the next commit


async def open_store(
    url: str, *, keys: KeyRing, index_key: bytes, clock: Clock, on_commit: Callable[[], None] = lambda: None
) -> Store:
    """Open a migrated store and prove its keys. One store at a time in a process: Tortoise's rows know one.

    `on_commit` is called after every unit that was committed; it must not raise.
    Raises `PrivacyDeskError`: "trouble.not_migrated", "trouble.wrong_key" (`facts["setting"]`),
    "trouble.store_unreachable", "trouble.store_damaged", "trouble.database_url".
    """
    at = place(url)
    logging.getLogger("tortoise").setLevel(logging.WARNING)  # at DEBUG it would write whole rows into the log
    with translated():
        if await pending(at):
            raise PrivacyDeskError("trouble.not_migrated")
        EXECUTOR_CACHE.clear()  # it is filled by connection name, whatever the dialect
        await Tortoise.init(config=tortoise_config(at), _enable_global_fallback=True)
        try:
            session = Session(get_connection(CONNECTION))
            async with session.transaction() as db:
                await prove_ring(Session(db), keys)
                await _prove_index(Session(db), index_key)
        except BaseException:
            await Tortoise.close_connections()
            raise
    return Store(at, session, keys, index_key, clock, on_commit)


async def prove_ring(session: Session, keys: KeyRing, *, renew: bool = False) -> None:
    """Notice a wrong key now rather than at first use; the first time, or to *renew* it, write the proof."""
    about = bound_to(RING_PROOF)
    fresh = keys.first.encode() + b":" + keys.wrap(PROOF, about)
    await session.rows(RENEW_PROOF if renew else PUT_PROOF, RING_PROOF, fresh)
    stored = bytes((await session.rows(GET_PROOF, RING_PROOF))[0]["value"])
    name, _, sealed = stored.partition(b":")
    keys.unwrap(name.decode(), sealed, about)


async def _prove_index(session: Session, index_key: bytes) -> None:
    """The same for the index key, which otherwise would find nothing, silently."""
    proof = keyed_digest(index_key, INDEX_PROOF, "").encode()
    await session.rows(PUT_PROOF, INDEX_PROOF, proof)
    if bytes((await session.rows(GET_PROOF, INDEX_PROOF))[0]["value"]) != proof:
        raise WrongKey("PRIVACY_INDEX_KEY")
