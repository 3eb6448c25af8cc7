"""Slack's door against the honest floor (D37): bare bolt and the same statements."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from bot.app.clock import SystemClock
from bot.app.wiring import opened
from config.settings import load
from handlers.slack import PATH
from integrations.registry import discover, stand_ins
from tests.bench import against, slack_floor
from tests.bench import load as loads
from tests.bench.against import Kind
from tests.bench.children import Installation, installation
from tests.bench.figures import Figure, Size
from tests.bench.floor import script
from tests.bench.tickets import Known, forget_jobs, known_tickets, take_in_many
from tests.bench.vitals import today
from tests.standins.slack import serve_slack

KINDS = (
    Kind("command", loads.command, "SELECT count(*) FROM ledger WHERE event = 'ticket.looked'"),
    Kind("press", loads.press, "SELECT count(*) FROM ticket WHERE confirmed_by <> ''"),
)


async def slack(size: Size, folder: Path) -> list[Figure]:
    """Signed commands and presses: how long one takes alone, how many a second at 32 at once."""
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(serve_slack())
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = installation(folder / "slack", workspace, {key: one.stanza for key, one in vendors.items()})
        first, *tickets = await stocked(desk, 1 + against.needed(size))
        recorded = await against.recorded(desk, PATH, KINDS, first)
        ours = await stack.enter_async_context(against.answering(desk, PATH))
        written = partial(script, recorded=recorded, on=first, tickets=tickets)
        bare = await stack.enter_async_context(against.floor(desk, slack_floor.__name__, PATH, written))
        figures = []
        for kind, statements in zip(KINDS, recorded, strict=True):
            paces = await against.compared(size, kind, tickets, ours, bare)
            figures += against.figures("slack", kind, *paces, len(statements))
    return figures


async def stocked(desk: Installation, count: int) -> Sequence[Known]:
    """Open *count* tickets in a desk's store, no job waiting; return them, oldest first."""
    async with opened(load(desk.overrides()), SystemClock(), lambda *_: {}) as full:
        await take_in_many(full, 0, count)
    forget_jobs(desk.database)
    return known_tickets(desk.database)
