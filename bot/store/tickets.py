"""Tickets with their parts, tasks and letters.

`load` is one look for the ticket, by whatever of its ids is given, and one for each
kind below it, all on one way to the database; on PostgreSQL it locks the ticket's row until the commit (SQLite has one
writer anyway). `save` writes the columns that differ, each row only if it still has the
version that was loaded: a row somebody else moved meanwhile refuses the whole unit.

What a unit has loaded or saved it need not ask for again: nobody else can change it
before the unit is left (SQLite has one writer, PostgreSQL holds the row).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from bot.domain.errors import NotFound, StaleCard
from bot.domain.letter import Letter
from bot.domain.request import RequestType
from bot.domain.task import Task
from bot.domain.ticket import Outcome, Part, Stage, Ticket
from bot.ports import TicketQuery
from bot.store.changes import changes, versioned
from bot.store.session import Row, Session, Statement, inserting, removing, updating
from bot.store.shape import Shape, plain

TICKET: Final = Shape(Ticket, nested=("roles", "flags", "identity"), elsewhere=("parts", "tasks", "letters"))
PART: Final = Shape(Part, nested=("scope",))
TASK: Final = Shape(Task, nested=("found", "done", "approvals"))
LETTER: Final = Shape(Letter, nested=("part_ids",))

ID: Final = """
SELECT id FROM ticket WHERE id = $1 OR ref = $1
UNION ALL SELECT ticket_id FROM part WHERE id = $1
UNION ALL SELECT ticket_id FROM task WHERE id = $1
UNION ALL SELECT ticket_id FROM letter WHERE id = $1 LIMIT 1
"""
FIND: Final = f"SELECT * FROM ticket WHERE id = ({ID})"  # noqa: S608 - our own words
BELOW: Final = ("part", "task", "letter")
FIND_BELOW: Final = [f"SELECT * FROM {table} WHERE ticket_id = ({ID}) ORDER BY position" for table in BELOW]  # noqa: S608
NEXT_REFERENCE: Final = """
INSERT INTO counter (name, value) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value
"""
#: What a query may ask. Only what it does ask is said, so that an index answers it, however many tickets there are.
OPEN: Final = "t.id IN (SELECT ticket_id FROM part WHERE stage <> 'closed')"
ABOUT: Final = "t.id IN (SELECT ticket_id FROM blind_index WHERE digest = {})"
CAME_IN: Final = "t.id IN (SELECT ticket_id FROM burst WHERE burst <> '' AND burst = {})"
SEALED: Final = "t.id IN (SELECT owner FROM vault_key WHERE shelf = {} AND wrapped IS NOT NULL)"
CLOSED_BEFORE: Final = "t.closed_at < {}"
CLOSED_SINCE: Final = "t.closed_at >= {}"
OLDEST_FIRST: Final = "ORDER BY t.received, t.ref LIMIT"
TALLY: Final = "SELECT type, stage, outcome, count(*) AS n FROM part GROUP BY type, stage, outcome"

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
        find = FIND + (" FOR UPDATE" if self._session.postgres else "")
        found, *below = await self._session.several([(sql, [key]) for sql in (find, *FIND_BELOW)])
        if not found:
            raise NotFound("refusal.not_found")
        parts, tasks, letters = below
        ticket = TICKET.value(
            found[0],
            {
                "parts": tuple(map(PART.value, parts)),
                "tasks": tuple(map(TASK.value, tasks)),
                "letters": tuple(map(LETTER.value, letters)),
            },
        )
        self._known[ticket.id] = ticket
        return ticket

    async def save(self, before: Ticket, after: Ticket) -> Ticket:
        """Write what differs; return it with its new versions. Raises `StaleCard` when a version moved meanwhile."""
        saved = versioned(before, after)
        ours = self._known.pop(before.id, None) == before
        if not ours and self._session.postgres:
            # Two that settle a task each, loaded earlier: the second must wait, and then see the first one's.
            await self._session.rows("SELECT id FROM ticket WHERE id = $1 FOR UPDATE", before.id)
        own = TICKET.changed(before, saved) if saved.version != before.version else {}
        moved = [updating("ticket", own, before.id, before.version)] if own else []
        kinds = (
            _moved("part", PART, before.id, before.parts, saved.parts),
            _moved("task", TASK, before.id, before.tasks, saved.tasks),
            _moved("letter", LETTER, before.id, before.letters, saved.letters),
        )
        moved += [statement for kind in reversed(kinds) for statement in kind.removed]
        moved += [statement for kind in kinds for statement in kind.changed]
        rows = await self._session.several([*moved, *(statement for kind in kinds for statement in kind.added)])
        if not all(rows[: len(moved)]):
            raise StaleCard("refusal.stale")
        if ours:  # what another unit loaded may have moved below meanwhile: the next look must see it
            self._known[saved.id] = saved
        return saved

    async def matching(self, query: TicketQuery) -> Sequence[Ticket]:
        """Return tickets, unlocked, by receipt."""
        asked = [
            (ABOUT, query.digest),
            (CAME_IN, query.burst),
            (SEALED, query.sealed and query.sealed.value),
            (CLOSED_BEFORE, query.closed_before and plain(query.closed_before)),
            (CLOSED_SINCE, query.closed_since and plain(query.closed_since)),
        ]
        said = [(words, value) for words, value in asked if value]
        wanted = [words.format(f"${n}") for n, (words, _) in enumerate(said, start=1)]
        if query.open_only and query.closed_before is None and query.closed_since is None:
            wanted.append(OPEN)
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        sql = f"SELECT * FROM ticket t {where} {OLDEST_FIRST} ${len(said) + 1}"  # noqa: S608 - our own words
        return await self._whole(await self._session.rows(sql, *(value for _, value in said), query.limit))

    async def tally(self) -> Mapping[tuple[RequestType, Stage, Outcome | None], int]:
        """Return how many parts there are of each kind, in each stage, with each outcome; open ones have none."""
        rows = await self._session.rows(TALLY)
        return {(RequestType(row["type"]), Stage(row["stage"]), _outcome(row["outcome"])): row["n"] for row in rows}

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

    async def _insert(self, table: str, shape: Shape[Below], ticket_id: str, values: tuple[Below, ...]) -> None:
        await self._session.insert(table, _rows(shape, ticket_id, values))


@dataclass(frozen=True, slots=True)
class _Moved:
    """The statements that bring one kind of a ticket's rows up to date; those that must hit a row, and the others."""

    removed: list[Statement]
    changed: list[Statement]
    added: list[Statement]


def _moved(
    table: str, shape: Shape[Below], ticket_id: str, before: tuple[Below, ...], saved: tuple[Below, ...]
) -> _Moved:
    moved, loaded = changes(before, saved), {row.id: row for row in before}
    return _Moved(
        [removing(table, row.id, row.version) for row in moved.removed],
        [updating(table, shape.changed(loaded[row.id], row), row.id, loaded[row.id].version) for row in moved.changed],
        inserting(table, _rows(shape, ticket_id, moved.added, len(before))),
    )


def _rows(shape: Shape[Below], ticket_id: str, values: tuple[Below, ...], first: int = 0) -> list[dict[str, Any]]:
    return [{"position": first + n, **shape.columns(value), "ticket_id": ticket_id} for n, value in enumerate(values)]


def _answers_to(ticket: Ticket, key: str) -> bool:
    parts = (part.id for part in ticket.parts)
    tasks = (task.id for task in ticket.tasks)
    letters = (letter.id for letter in ticket.letters)
    return key in (ticket.id, ticket.ref, *parts, *tasks, *letters)


def _outcome(column: str | None) -> Outcome | None:
    return Outcome(column) if column else None
