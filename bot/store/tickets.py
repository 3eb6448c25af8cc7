"""Tickets with their parts, tasks and letters.

`load` is one look for the ticket, by whatever of its ids is given, and one for each
kind below it; on PostgreSQL it locks the ticket's row until the commit (SQLite has one
writer anyway). `save` writes the columns that differ, each row only if it still has the
version that was loaded: a row somebody else moved meanwhile refuses the whole unit.

What a unit has loaded or saved it need not ask for again: nobody else can change it
before the unit is left (SQLite has one writer, PostgreSQL holds the row).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from tortoise.models import Model

from bot.domain.errors import NotFound, StaleCard
from bot.domain.letter import Letter
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.ports import TicketQuery
from bot.store.changes import changes, versioned
from bot.store.rows import LetterRow, PartRow, TaskRow
from bot.store.session import Row, Session
from bot.store.shape import Shape, plain

TICKET: Final = Shape(Ticket, nested=("roles", "flags", "identity"), elsewhere=("parts", "tasks", "letters"))
PART: Final = Shape(Part, nested=("scope",))
TASK: Final = Shape(Task, nested=("found", "done", "approvals"))
LETTER: Final = Shape(Letter, nested=("part_ids",))

FIND: Final = """
SELECT * FROM ticket WHERE id = $1 OR ref = $1 OR id = (
    SELECT ticket_id FROM part WHERE id = $1
    UNION ALL SELECT ticket_id FROM task WHERE id = $1
    UNION ALL SELECT ticket_id FROM letter WHERE id = $1 LIMIT 1
)
"""
NEXT_REFERENCE: Final = """
INSERT INTO counter (name, value) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value
"""
MATCHING: Final = """
SELECT * FROM ticket t WHERE (NOT $1 OR EXISTS (SELECT 1 FROM part p WHERE p.ticket_id = t.id AND p.stage <> 'closed'))
AND ($2 = '' OR EXISTS (SELECT 1 FROM blind_index i WHERE i.ticket_id = t.id AND i.digest = $2))
AND ($4 = '' OR EXISTS (SELECT 1 FROM burst b WHERE b.ticket_id = t.id AND b.burst = $4))
"""
CLOSED_BEFORE: Final = "AND t.closed_at < $5"
OLDEST_FIRST: Final = "ORDER BY t.received, t.ref LIMIT $3"

AT_ONCE: Final = 500  # values in one statement; both databases end at some thirty thousand

Below = TypeVar("Below", Part, Task, Letter)


class StoredTickets:
    """The tickets of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Ticket] = {}

    async def add(self, ticket: Ticket, year: int) -> Ticket:
        """Keep a new ticket under the year's next reference; return it with `ref` set."""
        counted = await self._session.rows(NEXT_REFERENCE, f"ref:{year}")
        kept = replace(ticket, ref=f"PR-{year}-{counted[0]['value']:04d}")
        await self._session.insert("ticket", [TICKET.columns(kept)])
        await self._insert("part", PART, kept.id, kept.parts)
        await self._insert("task", TASK, kept.id, kept.tasks)
        await self._insert("letter", LETTER, kept.id, kept.letters)
        self._known[kept.id] = kept
        return kept

    async def load(self, key: str) -> Ticket:
        """Return the ticket by id, reference, or the id of a part, task or letter; lock it. Raises `NotFound`."""
        known = next((ticket for ticket in self._known.values() if _answers_to(ticket, key)), None)
        if known is not None:
            return known
        found = await self._session.rows(FIND + ("FOR UPDATE" if self._session.postgres else ""), key)
        if not found:
            raise NotFound("refusal.not_found")
        (ticket,) = await self._whole(found)
        self._known[ticket.id] = ticket
        return ticket

    async def save(self, before: Ticket, after: Ticket) -> Ticket:
        """Write what differs; return it with its new versions. Raises `StaleCard` when a version moved meanwhile."""
        saved = versioned(before, after)
        ours = self._known.pop(before.id, None) == before
        if not ours and self._session.postgres:
            # Two that settle a task each, loaded earlier: the second must wait, and then see the first one's.
            await self._session.rows("SELECT id FROM ticket WHERE id = $1 FOR UPDATE", before.id)
        if saved.version != before.version:
            await self._update("ticket", TICKET.changed(before, saved), before.id, before.version)
        tasks, letters = changes(before.tasks, saved.tasks), changes(before.letters, saved.letters)
        parts = changes(before.parts, saved.parts)
        for table, gone in ((TaskRow, tasks.removed), (LetterRow, letters.removed), (PartRow, parts.removed)):
            await self._remove(table, gone)
        await self._write("part", PART, before.id, before.parts, parts.changed, parts.added)
        await self._write("task", TASK, before.id, before.tasks, tasks.changed, tasks.added)
        await self._write("letter", LETTER, before.id, before.letters, letters.changed, letters.added)
        if ours:  # what another unit loaded may have moved below meanwhile: the next look must see it
            self._known[saved.id] = saved
        return saved

    async def matching(self, query: TicketQuery) -> Sequence[Ticket]:
        """Return tickets, unlocked, by receipt. `closed_before` asks for closed ones, whatever `open_only` says."""
        closed = query.closed_before
        sql = " ".join((MATCHING, CLOSED_BEFORE if closed else "", OLDEST_FIRST))
        values = [query.open_only and closed is None, query.digest or "", query.limit, query.burst]
        return await self._whole(await self._session.rows(sql, *values, *([plain(closed)] if closed else [])))

    async def _whole(self, rows: Sequence[Row]) -> list[Ticket]:
        """Return the tickets of these rows with all that is below them: one statement for each kind."""
        parts = await self._below("part", PART, rows)
        tasks = await self._below("task", TASK, rows)
        letters = await self._below("letter", LETTER, rows)
        return [
            TICKET.value(row, {"parts": parts[row["id"]], "tasks": tasks[row["id"]], "letters": letters[row["id"]]})
            for row in rows
        ]

    async def _below(
        self, table: str, shape: Shape[Below], tickets: Sequence[Row]
    ) -> defaultdict[str, tuple[Below, ...]]:
        below: defaultdict[str, tuple[Below, ...]] = defaultdict(tuple)
        for first in range(0, len(tickets), AT_ONCE):
            ids = [ticket["id"] for ticket in tickets[first : first + AT_ONCE]]
            listed = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
            sql = f"SELECT * FROM {table} WHERE ticket_id IN ({listed}) ORDER BY position"  # noqa: S608 - our own words
            for row in await self._session.rows(sql, *ids):
                below[row["ticket_id"]] += (shape.value(row),)
        return below

    async def _write(
        self,
        table: str,
        shape: Shape[Below],
        ticket_id: str,
        before: tuple[Below, ...],
        changed: tuple[Below, ...],
        added: tuple[Below, ...],
    ) -> None:
        loaded = {row.id: row for row in before}
        for row in changed:
            old = loaded[row.id]
            await self._update(table, shape.changed(old, row), row.id, old.version)
        await self._insert(table, shape, ticket_id, added, len(before))

    async def _insert(
        self, table: str, shape: Shape[Below], ticket_id: str, values: tuple[Below, ...], first: int = 0
    ) -> None:
        columns = [
            {"position": first + n, **shape.columns(value), "ticket_id": ticket_id} for n, value in enumerate(values)
        ]
        await self._session.insert(table, columns)

    async def _update(self, table: str, columns: dict[str, Any], row_id: str, version: int) -> None:
        if not await self._session.update(table, columns, row_id, version):
            raise StaleCard("refusal.stale")

    async def _remove(self, table: type[Model], rows: Sequence[Part | Task | Letter]) -> None:
        for row in rows:
            if await table.filter(id=row.id, version=row.version).using_db(self._session.db).delete() != 1:
                raise StaleCard("refusal.stale")


def _answers_to(ticket: Ticket, key: str) -> bool:
    parts = (part.id for part in ticket.parts)
    tasks = (task.id for task in ticket.tasks)
    letters = (letter.id for letter in ticket.letters)
    return key in (ticket.id, ticket.ref, *parts, *tasks, *letters)
