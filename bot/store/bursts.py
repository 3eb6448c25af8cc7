"""The proposals opened lately, and which of them stand on a burst's card (D36)."""

from datetime import datetime
from typing import Final

from bot.ports import Opening, Pace
from bot.store.session import Session
from bot.store.shape import Shape, plain

OPENING: Final = Shape(Opening)

PUT: Final = """
INSERT INTO burst (ticket_id, opened_at, burst, held) VALUES ($1, $2, $3, $4)
ON CONFLICT (ticket_id) DO UPDATE SET opened_at = excluded.opened_at, burst = excluded.burst, held = excluded.held
"""
PACE: Final = """
SELECT count(*) AS opened, (
    SELECT burst FROM burst WHERE opened_at >= $1 AND burst <> '' ORDER BY opened_at DESC LIMIT 1
) AS burst FROM burst WHERE opened_at >= $1
"""
OF_BURST: Final = "SELECT * FROM burst WHERE burst = $1 ORDER BY opened_at, ticket_id"
FORGET: Final = """
DELETE FROM burst WHERE NOT held AND ((burst = '' AND opened_at < $1) OR (burst <> '' AND opened_at < $2))
"""


class StoredBursts:
    """The openings of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, opening: Opening) -> None:
        """Add or replace by ticket."""
        columns = OPENING.columns(opening)
        await self._session.rows(PUT, *(columns[name] for name in ("ticket_id", "opened_at", "burst", "held")))

    async def load(self, ticket_id: str) -> Opening | None:
        """Return a ticket's opening; None when nothing is known of it."""
        rows = await self._session.rows("SELECT * FROM burst WHERE ticket_id = $1", ticket_id)
        return OPENING.value(rows[0]) if rows else None

    async def pace(self, since: datetime) -> Pace:
        """Return how many were opened at *since* or later."""
        (row,) = await self._session.rows(PACE, plain(since))
        return Pace(row["opened"], row["burst"] or "")

    async def of(self, burst: str) -> tuple[Opening, ...]:
        """Return the openings of a burst, oldest first."""
        return tuple(OPENING.value(row) for row in await self._session.rows(OF_BURST, burst))

    async def forget(self, alone_before: datetime, burst_before: datetime) -> None:
        """Drop the openings of no burst before one moment, and those of a burst that are not held before another."""
        await self._session.rows(FORGET, plain(alone_before), plain(burst_before))
