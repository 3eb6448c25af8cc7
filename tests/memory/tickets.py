"""Tickets in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.errors import NotFound, StaleCard
from bot.domain.letter import Letter
from bot.domain.request import RequestType
from bot.domain.task import Task
from bot.domain.ticket import Outcome, Part, Stage, Ticket
from bot.ports import TicketQuery
from bot.store.changes import Changes, changes, versioned
from tests.memory.shelves import Shelves

Row = TypeVar("Row", Part, Task, Letter)


class MemoryTickets:
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
        closed, since = query.closed_before, query.closed_since
        of_closed = closed is not None or since is not None
        found = [
            ticket
            for ticket in self._shelves.tickets.values()
            if (of_closed or not query.open_only or any(part.open for part in ticket.parts))
            and (query.digest is None or (ticket.id, query.digest) in self._shelves.index)
            and (not query.burst or self._came_in(ticket.id, query.burst))
            and (closed is None or (ticket.closed_at is not None and ticket.closed_at < closed))
            and (since is None or (ticket.closed_at is not None and ticket.closed_at >= since))
            and (query.sealed is None or self._shelves.sealed(ticket.id, query.sealed))
        ]
        return sorted(found, key=lambda ticket: (ticket.received, ticket.ref))[: query.limit]

    async def tally(self) -> Mapping[tuple[RequestType, Stage, Outcome | None], int]:
        return Counter((p.type, p.stage, p.outcome) for ticket in self._shelves.tickets.values() for p in ticket.parts)

    def _came_in(self, ticket_id: str, burst: str) -> bool:
        opening = self._shelves.bursts.get(ticket_id)
        return opening is not None and opening.burst == burst


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
