"""Ledger, vault and index in memory: chained and shredded, but sealed by nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import NotFound, Shredded
from bot.domain.ledger import Entry, LedgerEvent, linked, sign_heads
from bot.ports import Clock, Shelf
from bot.store.index import keyed_digest
from tests.memory.rooms import MemoryLinks
from tests.memory.shelves import Shelves


@dataclass(frozen=True, slots=True)
class Line:
    """A day's digest, as far as memory needs one."""

    line: str


class MemoryLedger:
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

    async def told(self, events: Collection[LedgerEvent], since: datetime | None = None) -> Sequence[Entry]:
        every = (entry for chain in self._chains.values() for entry in chain)
        found = [entry for entry in every if entry.event in events and (since is None or entry.at >= since)]
        return sorted(found, key=lambda entry: entry.at)

    async def close_day(self, key: bytes) -> "Line":
        heads, at = await self.heads(), self._clock.now()
        signed = sign_heads(heads, at, key)
        await self.write("desk", LedgerEvent.DIGEST, "desk", {"chains": len(heads)})
        return Line(f"{at.isoformat()} {len(heads)} {signed}")

    async def heads(self) -> Mapping[str, tuple[int, str]]:
        return {chain: (entries[-1].seq, entries[-1].hash) for chain, entries in self._chains.items()}


class MemoryVault:
    def __init__(self, shelves: Shelves, links: MemoryLinks) -> None:
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

    async def drop(self, owner: str, shelf: Shelf, name: str) -> None:
        (self._vault.get((owner, shelf)) or {}).pop(name, None)

    async def names(self, owner: str, shelf: Shelf, prefix: str = "") -> Sequence[str]:
        return sorted(name for name in self._vault.get((owner, shelf)) or {} if name.startswith(prefix))

    async def shred(self, owner: str, shelf: Shelf) -> None:
        if (owner, shelf) in self._vault:
            self._vault[owner, shelf] = None
        await self._links.drop(owner)


class MemoryIndex:
    def __init__(self, shelves: Shelves, key: bytes) -> None:
        self._index = shelves.index
        self._key = key

    def digest(self, kind: str, value: str) -> str:
        return keyed_digest(self._key, kind, value)

    async def remember(self, ticket_id: str, *digests: str) -> None:
        for digest in digests:
            self._index[ticket_id, digest] = True

    async def leads_to(self, ticket_id: str, digests: Collection[str]) -> bool:
        return any((ticket_id, digest) in self._index for digest in digests)

    async def forget(self, ticket_id: str) -> None:
        for known in [known for known in self._index if known[0] == ticket_id]:
            del self._index[known]
