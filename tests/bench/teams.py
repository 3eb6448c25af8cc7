"""Teams' door against the honest floor (D37): a bare Agents SDK application and the same statements."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from handlers.teams import PATH
from integrations.registry import discover, stand_ins
from tests.bench import against, teams_floor
from tests.bench import load as loads
from tests.bench.against import Kind
from tests.bench.children import in_teams, installation
from tests.bench.figures import Figure, Size
from tests.bench.floor import script
from tests.bench.slack import stocked
from tests.bench.vitals import today

KINDS: Sequence[Kind] = (Kind("press", loads.execute, "SELECT count(*) FROM ticket WHERE confirmed_by <> ''"),)


async def teams(size: Size, folder: Path) -> list[Figure]:
    """Presses (Action.Execute) answered by the new card: how long one takes alone, how many a second at 32 at once."""
    async with AsyncExitStack() as stack:
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = in_teams(installation(folder / "teams", None, {key: one.stanza for key, one in vendors.items()}))
        first, *tickets = await stocked(desk, 1 + against.needed(size))
        recorded = await against.recorded(desk, PATH, KINDS, first)
        ours = await stack.enter_async_context(against.answering(desk, PATH))
        written = partial(script, recorded=recorded, on=first, tickets=tickets)
        bare = await stack.enter_async_context(against.floor(desk, teams_floor.__name__, PATH, written))
        paces = await against.compared(size, KINDS[0], tickets, ours, bare)
        return against.figures("teams", KINDS[0], *paces, len(recorded[0]))
