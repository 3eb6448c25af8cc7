"""Where everything lies that says who a person is: sealed, by owner, shelf and name (D24).

Each owner and shelf has a key of its own, wrapped by the ring. Forgetting is dropping
that key; the chunks go too, but it is the key that makes it certain, in every copy of
the file. Contents are cut into chunks of 256 KiB, so that a large mail is no large row;
each chunk is bound to its place, and all chunks of one content share half a nonce, so
chunks cannot be moved, swapped, cut off or mixed with an older version's.
"""

import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import NotFound, PrivacyDeskError, Shredded
from bot.ports import Shelf
from bot.store.keys import NONCE_BYTES, KeyRing, bound_to, seal, unseal
from bot.store.session import Row, Session, inserting

CHUNK: Final = 256 * 1024
SMALL: Final = 16 * 1024  # bytes of a content that is remembered until the next is opened
SHARED: Final = 8  # bytes of the nonce that the chunks of one content share; the other four count

OPEN: Final = """
SELECT k.ring_key, k.wrapped, c.number, c.count, c.sealed
FROM vault_key k LEFT JOIN vault_content c ON c.owner = k.owner AND c.shelf = k.shelf AND c.name = $3
WHERE k.owner = $1 AND k.shelf = $2 ORDER BY c.number
"""
DROP: Final = "DELETE FROM vault_content WHERE owner = $1 AND shelf = $2 AND name = $3"
NEW_KEY: Final = """
INSERT INTO vault_key (owner, shelf, ring_key, wrapped) VALUES ($1, $2, $3, $4)
ON CONFLICT (owner, shelf) DO UPDATE SET ring_key = excluded.ring_key, wrapped = excluded.wrapped
WHERE vault_key.wrapped IS NULL
"""


class SealedVault:
    """The vault of one transaction. `shredded` tells the store to clean the write-ahead log after the commit."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring
        self._ciphers: dict[tuple[str, Shelf], AESGCM] = {}
        self._latest: tuple[tuple[str, Shelf, str], bytes] | None = None  # what was opened last: often asked for again
        self.shredded = False

    async def put(self, owner: str, shelf: Shelf, name: str, content: bytes) -> None:
        """Seal *content*, replacing what had that name; makes the owner's key for the shelf when needed."""
        self._latest = None
        cipher = await self._cipher(owner, shelf)
        shared = os.urandom(SHARED)
        starts = range(0, max(len(content), 1), CHUNK)
        chunks = [
            {
                "owner": owner,
                "shelf": shelf.value,
                "name": name,
                "number": number,
                "count": len(starts),
                "sealed": seal(
                    cipher,
                    content[start : start + CHUNK],
                    bound_to(owner, shelf, name, number, len(starts)),
                    shared + number.to_bytes(NONCE_BYTES - SHARED, "big"),
                ),
            }
            for number, start in enumerate(starts)
        ]
        await self._session.several([(DROP, (owner, shelf.value, name)), *inserting("vault_content", chunks)])

    async def get(self, owner: str, shelf: Shelf, name: str) -> bytes:
        """Open a content. Raises `NotFound`, `Shredded` (its key is gone), `WrongKey` or "trouble.vault_damaged"."""
        place = (owner, shelf, name)
        if self._latest is not None and self._latest[0] == place:
            return self._latest[1]
        rows = await self._session.rows(OPEN, owner, shelf.value, name)
        if not rows:
            raise NotFound("refusal.not_found")
        if rows[0]["wrapped"] is None:
            raise Shredded("refusal.shredded")
        if rows[0]["number"] is None:
            raise NotFound("refusal.not_found")
        content = _joined(AESGCM(self._unwrapped(owner, shelf, rows[0])), rows, place)
        if not self._session.postgres and len(content) <= SMALL:  # there another transaction might shred it meanwhile
            self._latest = place, content
        return content

    async def drop(self, owner: str, shelf: Shelf, name: str) -> None:
        """Take one content away; harmless twice."""
        self._latest = None
        await self._session.rows(DROP, owner, shelf.value, name)

    async def names(self, owner: str, shelf: Shelf, prefix: str = "") -> Sequence[str]:
        """Return the names on a shelf, sorted."""
        rows = await self._session.rows(
            "SELECT name FROM vault_content WHERE owner = $1 AND shelf = $2 AND number = 0", owner, shelf.value
        )
        return sorted(row["name"] for row in rows if row["name"].startswith(prefix))

    async def shred(self, owner: str, shelf: Shelf) -> None:
        """Destroy the key, then the contents and the links that opened them; harmless twice."""
        self._latest = None
        self._ciphers.pop((owner, shelf), None)
        place = (owner, shelf.value)
        await self._session.rows(
            "UPDATE vault_key SET wrapped = NULL, ring_key = '' WHERE owner = $1 AND shelf = $2", *place
        )
        await self._session.rows("DELETE FROM vault_content WHERE owner = $1 AND shelf = $2", *place)
        await self._session.rows("DELETE FROM link WHERE about = $1", owner)
        self.shredded = True

    async def _cipher(self, owner: str, shelf: Shelf) -> AESGCM:
        """Return the owner's key for the shelf, made when there is none (or when it was shredded: a new life)."""
        if (known := self._ciphers.get((owner, shelf))) is not None:
            return known
        find = "SELECT ring_key, wrapped FROM vault_key WHERE owner = $1 AND shelf = $2 AND wrapped IS NOT NULL"
        rows = await self._session.rows(find, owner, shelf.value)
        if not rows:
            wrapped = self._ring.wrap(AESGCM.generate_key(256), bound_to(owner, shelf))
            await self._session.rows(NEW_KEY, owner, shelf.value, self._ring.first, wrapped)
            rows = await self._session.rows(find, owner, shelf.value)
        cipher = AESGCM(self._unwrapped(owner, shelf, rows[0]))
        if not self._session.postgres:  # where another transaction might shred it meanwhile
            self._ciphers[owner, shelf] = cipher
        return cipher

    def _unwrapped(self, owner: str, shelf: Shelf, row: Row) -> bytes:
        return self._ring.unwrap(row["ring_key"], row["wrapped"], bound_to(owner, shelf))


def _joined(cipher: AESGCM, rows: Sequence[Row], place: tuple[str, str, str]) -> bytes:
    shared = rows[0]["sealed"][:SHARED]
    whole = [row["number"] for row in rows] == list(range(rows[0]["count"]))
    if not whole or any(row["sealed"][:SHARED] != shared for row in rows):
        raise PrivacyDeskError("trouble.vault_damaged")
    try:
        return b"".join(unseal(cipher, row["sealed"], bound_to(*place, row["number"], row["count"])) for row in rows)
    except InvalidTag:
        raise PrivacyDeskError("trouble.vault_damaged") from None


async def rewrap(session: Session, ring: KeyRing, limit: int = 200) -> int:
    """Wrap at most *limit* live keys anew with the ring's first key; return how many there were to do."""
    rows = await session.rows(
        "SELECT id, owner, shelf, ring_key, wrapped FROM vault_key "
        "WHERE wrapped IS NOT NULL AND ring_key <> $1 ORDER BY id LIMIT $2",
        ring.first,
        limit,
    )
    for row in rows:
        about = bound_to(row["owner"], row["shelf"])
        wrapped = ring.wrap(ring.unwrap(row["ring_key"], row["wrapped"], about), about)
        await session.rows(
            "UPDATE vault_key SET wrapped = $1, ring_key = $2 WHERE id = $3 AND ring_key = $4",
            wrapped,
            ring.first,
            row["id"],
            row["ring_key"],
        )
    return len(rows)
