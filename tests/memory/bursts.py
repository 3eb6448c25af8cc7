"""Openings in memory."""

from datetime import datetime

from bot.ports import Opening, Pace
from tests.memory.shelves import Shelves


class MemoryBursts:
    def __init__(self, shelves: Shelves) -> None:
        self._openings = shelves.bursts

    async def put(self, opening: Opening) -> None:
        self._openings[opening.ticket_id] = opening

    async def load(self, ticket_id: str) -> Opening | None:
        return self._openings.get(ticket_id)

    async def pace(self, since: datetime) -> Pace:
        lately = [one for one in self._openings.values() if one.opened_at >= since]
        named = [one for one in lately if one.burst]
        newest = max(named, key=lambda one: one.opened_at, default=None)
        return Pace(len(lately), newest.burst if newest else "")

    async def of(self, burst: str) -> tuple[Opening, ...]:
        found = [one for one in self._openings.values() if burst and one.burst == burst]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.ticket_id)))

    async def forget(self, alone_before: datetime, burst_before: datetime) -> None:
        for ticket_id, one in list(self._openings.items()):
            if not one.held and one.opened_at < (burst_before if one.burst else alone_before):
                del self._openings[ticket_id]
