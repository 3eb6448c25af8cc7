"""A store with a hundred thousand answered tickets behind the open ones: nothing may be slower for it.

The same desk answers the same requests twice, on a store as it is and on one with the crowd in it, in turns.
"""

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.app.clock import SystemClock
from bot.app.wiring import opened
from bot.card import Press, Verb
from config.settings import load
from handlers.slack import PATH as SLACK
from handlers.teams import PATH as TEAMS
from integrations.registry import discover, stand_ins
from tests.bench import against
from tests.bench.against import Paces
from tests.bench.children import Installation, in_teams, installation
from tests.bench.figures import Figure, Size, percentile
from tests.bench.slack import KINDS as SLACK_KINDS
from tests.bench.teams import KINDS as TEAMS_KINDS
from tests.bench.tickets import BY, Known, forget_jobs, known_tickets, take_in_many
from tests.bench.vitals import today
from tests.standins.slack import serve_slack

SLOWER: Final = 1.2
#: Which rows hang on a ticket, and which of their columns must differ from ticket to ticket.
OF_A_TICKET: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "ticket": ("id", ("id", "ref")),
    "part": ("ticket_id", ("id", "ticket_id")),
    "task": ("ticket_id", ("id", "ticket_id", "part_id")),
    "ledger": ("chain", ("chain",)),
    "vault_key": ("owner", ("owner",)),
    "vault_content": ("owner", ("owner",)),
    "blind_index": ("ticket_id", ("ticket_id", "digest")),
    "item": ("ticket_id", ("id", "ticket_id", "source_key")),
}
#: Their own `id` is a number that the store counts.
COUNTED_BY_ITSELF: Final = frozenset({"ledger", "vault_key", "vault_content", "blind_index"})


@dataclass(frozen=True, slots=True)
class Way:
    """A door, and one kind of request that goes through it."""

    chat: str
    path: str
    kind: against.Kind


WAYS: Final = (
    *(Way("slack", SLACK, kind) for kind in SLACK_KINDS),
    *(Way("teams", TEAMS, kind) for kind in TEAMS_KINDS),
)


async def crowd(size: Size, folder: Path) -> list[Figure]:
    """Presses and commands with `size.answered` answered tickets in the store, against the same without them."""
    figures = []
    for number, way in enumerate(WAYS):
        async with AsyncExitStack() as stack:
            workspace = await stack.enter_async_context(serve_slack())
            vendors = await stack.enter_async_context(stand_ins(discover(), today()))
            stanzas = {key: one.stanza for key, one in vendors.items()}
            few = in_teams(installation(folder / f"crowd-{number}", workspace, stanzas))
            tickets = await _stocked(few, against.needed(size))
            many = _crowded(few, size.answered)
            alone = await stack.enter_async_context(against.answering(few, way.path, "few"))
            crowded = await stack.enter_async_context(against.answering(many, way.path, "many"))
            paces = await against.compared(size, way.kind, tickets, crowded, alone)
            figures += _figures(way, size.answered, *paces)
    return figures


async def _stocked(desk: Installation, count: int) -> Sequence[Known]:
    """Open tickets, the first of them searched for; return the others."""
    async with opened(load(desk.overrides()), SystemClock(), lambda *_: {}) as full:
        await take_in_many(full, 0, count + 1)
        first = known_tickets(desk.database)[0]
        await full.desk.act(full.house.people.by_id(BY), Press(Verb.CONFIRM, first.ticket, first.version))
    forget_jobs(desk.database)
    with closing(sqlite3.connect(desk.database)) as connection, connection:
        connection.execute("UPDATE ticket SET confirmed_by = ''")  # counted are the presses to come
    return known_tickets(desk.database)[1:]


def _crowded(desk: Installation, answered: int) -> Installation:
    """Return the desk with copies of its first ticket in the store, all answered."""
    other = Installation(desk.folder / "crowded", desk.variables)
    other.folder.mkdir()
    shutil.copy(desk.database, other.database)
    first = known_tickets(other.database)[0]
    with closing(sqlite3.connect(other.database)) as connection, connection:
        for table, (about, differing) in OF_A_TICKET.items():
            every = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            columns = [name for name in every if name != "id" or table not in COUNTED_BY_ITSELF]
            copied = ", ".join(f"{name} || '-' || n" if name in differing else name for name in columns)
            connection.execute(
                "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) "  # noqa: S608
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {copied} FROM {table}, number WHERE {about} = ?",
                (answered, first.ticket),
            )
        connection.execute(
            "UPDATE part SET stage = 'closed', outcome = 'fulfilled', closed_at = received WHERE ticket_id LIKE '%-%'"
        )
        connection.execute("UPDATE ticket SET closed_at = received WHERE id LIKE '%-%'")
        connection.execute("ANALYZE")
    return other


def _figures(way: Way, answered: int, crowded: Paces, few: Paces) -> list[Figure]:
    slower = percentile(crowded.alone, 50) / percentile(few.alone, 50)
    fewer = percentile(few.a_second, 50) / percentile(crowded.a_second, 50)
    name = f"{way.chat} {way.kind.name}, {answered} answered tickets"
    return [
        Figure(f"{name}, alone", f"<= {SLOWER}x without", f"{slower:.2f}x", slower <= SLOWER),
        Figure(f"{name}, 32 at once", f"<= {SLOWER}x fewer a second", f"{fewer:.2f}x", fewer <= SLOWER),
    ]
