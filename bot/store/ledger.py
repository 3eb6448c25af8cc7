"""The ledger's rows: one hash chain per ticket, written at the end of the transaction.

Entries are kept back until somebody reads or the unit is left: then one look at each
chain's head and one insert serve them all. On PostgreSQL a chain is locked for that
short moment only, in the order of the names, so two transactions neither wait for each
other's whole work nor lock each other out. UNIQUE(chain, seq) is the last word.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.ledger import DESK, GENESIS, Entry, LedgerEvent, linked, sign_heads
from bot.ports import Clock
from bot.store.rows import DigestRow
from bot.store.session import Found, Session, Statement, inserting, moment
from bot.store.shape import Shape, plain

ENTRY: Final = Shape(Entry, nested=("facts",))
HEAD: Final = "SELECT * FROM ledger WHERE chain = $1 ORDER BY seq DESC LIMIT 1"
HEADS: Final = """
SELECT chain, seq, hash FROM ledger l WHERE seq = (SELECT max(seq) FROM ledger m WHERE m.chain = l.chain)
"""
LOCK_CHAIN: Final = "SELECT pg_advisory_xact_lock(8152026, hashtext($1))"

Heads = Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Digest:
    """A day's signature. `heads` are those of the chains that moved since the digest before."""

    number: int
    at: datetime
    heads: Heads
    signature: str

    @property
    def line(self) -> str:
        """What is kept outside the database: number, moment, chains, signature."""
        return f"{self.number} {self.at.isoformat()} {len(self.heads)} {self.signature}"


@dataclass(frozen=True, slots=True)
class _Waiting:
    chain: str
    at: datetime
    event: LedgerEvent
    actor: str
    facts: Mapping[str, str | int]


class ChainedLedger:
    """The ledger of one transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._waiting: list[_Waiting] = []

    async def write(
        self, chain: str, event: LedgerEvent, actor: str, facts: Mapping[str, str | int] | None = None
    ) -> None:
        """Add one entry to *chain*."""
        plain_facts = {name: int(fact) if isinstance(fact, int) else str(fact) for name, fact in (facts or {}).items()}
        self._waiting.append(_Waiting(chain, self._clock.now(), event, actor, plain_facts))

    async def entries(self, chain: str, after_seq: int = 0) -> Sequence[Entry]:
        """Return a chain's entries in order."""
        await self.flush()
        sql = "SELECT * FROM ledger WHERE chain = $1 AND seq > $2 ORDER BY seq"
        return [ENTRY.value(row) for row in await self._session.rows(sql, chain, after_seq)]

    async def told(self, events: Collection[LedgerEvent], since: datetime | None = None) -> Sequence[Entry]:
        """Return the entries of some events in every chain, from *since* on, in the order they were written."""
        await self.flush()
        listed = ", ".join(f"${n}" for n in range(1, len(events) + 1))
        sql = f"SELECT * FROM ledger WHERE event IN ({listed})"  # noqa: S608 - our own words
        values: list[object] = [event.value for event in events]
        if since is not None:
            sql += f" AND at >= ${len(events) + 1}"
            values.append(plain(since))
        return [ENTRY.value(row) for row in await self._session.rows(f"{sql} ORDER BY id", *values)]

    async def heads(self) -> Heads:
        """Return every chain's last (seq, hash)."""
        await self.flush()
        return {row["chain"]: (row["seq"], row["hash"]) for row in await self._session.rows(HEADS)}

    async def flush(self) -> None:
        """Write what was kept back."""
        await self._session.look_and_write(self.looks(), self.kept_back)

    def looks(self) -> list[Statement]:
        """Return the statements that find what `kept_back` must know: the heads of the chains to be written to."""
        chains = self._chains()
        if self._session.postgres:
            return [look for chain in chains for look in ((LOCK_CHAIN, [chain]), (HEAD, [chain]))]
        return [(HEAD, [chain]) for chain in chains]

    def kept_back(self, found: Found) -> list[Statement]:
        """Return the statements that write what was kept back, after what `looks` *found*; whoever asks must run them.

        On SQLite it is asked in the connection's thread.
        """
        rows = found[1::2] if self._session.postgres else found
        heads = {
            chain: ENTRY.value(head[0]) if head else None for chain, head in zip(self._chains(), rows, strict=True)
        }
        waiting, self._waiting = self._waiting, []
        written = []
        for one in waiting:
            entry = linked(one.chain, heads[one.chain], one.at, one.event, one.actor, one.facts)
            heads[one.chain] = entry
            written.append(ENTRY.columns(entry))
        return inserting("ledger", written)

    async def close_day(self, key: bytes) -> Digest:
        """Sign the heads of the chains that moved since the last digest, and the last digest with them (D25).

        Writes the digest's row and an entry in the desk's own chain. The digest's `line` belongs outside the
        database: that is what finds the last digest itself cut off.
        """
        heads = await self.heads()
        digests = await digests_of(self._session)
        known: dict[str, tuple[int, str]] = {}
        for earlier in digests:
            known.update(earlier.heads)
        moved = {chain: head for chain, head in heads.items() if known.get(chain) != head}
        digest = Digest(len(digests) + 1, self._clock.now(), moved, "")
        digest = replace(digest, signature=signature(digest, digests[-1] if digests else None, key))
        columns = {"number": digest.number, "at": plain(digest.at), "heads": moved, "signature": digest.signature}
        await DigestRow.bulk_create([DigestRow(**columns)], using_db=self._session.db)
        await self.write(DESK, LedgerEvent.DIGEST, DESK, {"number": digest.number, "chains": len(moved)})
        return digest

    def _chains(self) -> list[str]:
        return sorted({one.chain for one in self._waiting})


def signature(digest: Digest, before: Digest | None, key: bytes) -> str:
    """Return the signature of a digest: over its heads and, as one more chain, the digest before it."""
    link = {"digest": (before.number, before.signature) if before else (0, GENESIS)}
    return sign_heads({**digest.heads, **link}, digest.at, key)


async def digests_of(session: Session) -> Sequence[Digest]:
    """Return the digests in order."""
    rows = await session.rows("SELECT number, at, heads, signature FROM digest ORDER BY number")
    return [
        Digest(row["number"], at, _heads(row["heads"]), row["signature"]) for row in rows if (at := moment(row["at"]))
    ]


def _heads(stored: str | Mapping[str, tuple[int, str]]) -> Heads:
    opened: Heads = json.loads(stored) if isinstance(stored, str) else stored
    return {chain: (seq, head) for chain, (seq, head) in opened.items()}
