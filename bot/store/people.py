"""Who colleagues are in the chats, where they are reached, who is on call, and what is stopped."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.ports import ChatIdentity, Pause, Place, PlaceKind, SetShift
from bot.store.session import Session
from bot.store.shape import Shape

PLACE: Final = Shape(Place)
IDENTITY: Final = Shape(ChatIdentity)
SHIFT: Final = Shape(SetShift)
PAUSE: Final = Shape(Pause)

PUT_PLACE: Final = """
INSERT INTO chat_place (chat, tenant, address, conversation, service_url, kind, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (chat, tenant, address) DO UPDATE SET conversation = excluded.conversation,
service_url = excluded.service_url, kind = excluded.kind, seen_at = excluded.seen_at
"""
PLACE_AT: Final = "SELECT * FROM chat_place WHERE chat = $1 AND tenant = $2 AND address = $3"
PLACES_OF: Final = "SELECT * FROM chat_place WHERE chat = $1 AND tenant = $2"
DROP_PLACE: Final = "DELETE FROM chat_place WHERE chat = $1 AND tenant = $2 AND address = $3"

PUT_IDENTITY: Final = """
INSERT INTO chat_identity (chat, handle, colleague, verified_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (chat, handle) DO UPDATE SET colleague = excluded.colleague, verified_at = excluded.verified_at
"""
PUT_PAUSE: Final = """
INSERT INTO pause (system, stopped_by, since) VALUES ($1, $2, $3) ON CONFLICT (system) DO NOTHING RETURNING system
"""


class StoredPlaces:
    """The places of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, place: Place) -> None:
        """Add or replace by chat, tenant and address."""
        await self._session.rows(PUT_PLACE, *PLACE.columns(place).values())

    async def at(self, chat: str, tenant: str, address: str) -> Place | None:
        """Return the place; None when the chat never spoke from there."""
        rows = await self._session.rows(PLACE_AT, chat, tenant, address)
        return PLACE.value(rows[0]) if rows else None

    async def of(self, chat: str, tenant: str) -> Sequence[Place]:
        """Return every place of a chat's tenant, by address (sorted here: the databases' own orders differ)."""
        found = [PLACE.value(row) for row in await self._session.rows(PLACES_OF, chat, tenant)]
        return sorted(found, key=lambda place: place.address)

    async def personal(self, chat: str) -> Sequence[Place]:
        """Return the places where a chat reaches one person each, of all tenants, by address."""
        sql = "SELECT * FROM chat_place WHERE chat = $1 AND kind = $2"
        found = [PLACE.value(row) for row in await self._session.rows(sql, chat, PlaceKind.PERSONAL.value)]
        return sorted(found, key=lambda place: place.address)

    async def drop(self, chat: str, tenant: str, address: str) -> None:
        """Forget a place; harmless twice."""
        await self._session.rows(DROP_PLACE, chat, tenant, address)


class StoredIdentities:
    """The chat identities of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, identity: ChatIdentity) -> None:
        """Add or replace by chat and handle."""
        await self._session.rows(PUT_IDENTITY, *IDENTITY.columns(identity).values())

    async def of(self, chat: str, handle: str) -> ChatIdentity | None:
        """Return whose the handle is; None when the directory was never asked."""
        rows = await self._session.rows("SELECT * FROM chat_identity WHERE chat = $1 AND handle = $2", chat, handle)
        return IDENTITY.value(rows[0]) if rows else None

    async def every(self) -> Sequence[ChatIdentity]:
        """Return them all, by chat and handle."""
        found = [IDENTITY.value(row) for row in await self._session.rows("SELECT * FROM chat_identity")]
        return sorted(found, key=lambda identity: (identity.chat, identity.handle))

    async def drop(self, chat: str, handle: str) -> None:
        """Forget a handle; harmless twice."""
        await self._session.rows("DELETE FROM chat_identity WHERE chat = $1 AND handle = $2", chat, handle)


class StoredShifts:
    """The shifts set at the desk, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, shift: SetShift) -> None:
        """Keep a shift."""
        await self._session.insert("shift", [SHIFT.columns(shift)])

    async def since(self, day: date) -> Sequence[SetShift]:
        """Return the shifts that end on *day* or later, in the order they were set."""
        rows = await self._session.rows("SELECT * FROM shift WHERE last_day >= $1 ORDER BY id", day)
        return [SHIFT.value(row) for row in rows]

    async def forget(self, before: date) -> None:
        """Drop the shifts that ended before a day."""
        await self._session.rows("DELETE FROM shift WHERE last_day < $1", before)


class StoredPauses:
    """What is stopped, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, pause: Pause) -> bool:
        """Stop a system; False (and nothing changed) when it is stopped already."""
        return bool(await self._session.rows(PUT_PAUSE, *PAUSE.columns(pause).values()))

    async def lift(self, system: str) -> bool:
        """Let a system go on; False when it was not stopped."""
        return bool(await self._session.rows("DELETE FROM pause WHERE system = $1 RETURNING system", system))

    async def every(self) -> Sequence[Pause]:
        """Return what is stopped, by system."""
        found = [PAUSE.value(row) for row in await self._session.rows("SELECT * FROM pause")]
        return sorted(found, key=lambda pause: pause.system)
