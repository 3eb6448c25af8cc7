"""Memory over many activities: what a chat sends all day may leave nothing behind.

Looks, views of one's own and presses on old cards, in Slack and in Teams alike: they are
answered in full, and what they write lies on disk.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import ClientSession, TCPConnector

from handlers.slack import PATH as SLACK
from handlers.teams import PATH as TEAMS
from integrations.registry import discover, stand_ins
from tests.bench import load as loads
from tests.bench.children import HOST, in_teams, installation, resident_megabytes, running
from tests.bench.figures import Figure, Size
from tests.bench.slack import stocked
from tests.bench.tickets import Known
from tests.bench.vitals import today
from tests.standins.slack import serve_slack

FLAT = 1.1
#: Until then what is made once is made: caches of texts, of statements, of who was told what.
WARM = 0.2
AT_ONCE = 8
TICKETS = 50
WAYS = ((SLACK, loads.command), (TEAMS, loads.view), (SLACK, loads.press), (TEAMS, loads.execute))


async def activities(size: Size, folder: Path) -> list[Figure]:
    """Send `size.activities` to a desk; compare its memory after a fifth of them with its memory at the end."""
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(serve_slack())
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = in_teams(
            installation(folder / "activities", workspace, {key: one.stanza for key, one in vendors.items()})
        )
        tickets = await stocked(desk, TICKETS)
        url = f"http://{HOST}:{desk.variables['PRIVACY_PORT']}"
        child = await stack.enter_async_context(running(["tests.bench.web_half"], desk.variables, f"{url}/healthz"))
        session = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=0)))
        warm = int(size.activities * WARM)
        await _send(session, url, tickets, warm)
        before = resident_megabytes(child.process.pid)
        await _send(session, url, tickets, size.activities - warm)
        after = resident_megabytes(child.process.pid)
    said = f"{after / before:.2f}x: {after:.0f} MB after {size.activities}, {before:.0f} MB after {warm}"
    return [Figure(f"memory over {size.activities} activities", f"<= {FLAT}x", said, after / before <= FLAT)]


async def _send(session: ClientSession, url: str, tickets: Sequence[Known], count: int) -> None:
    for path, makes in WAYS:
        about = [tickets[number % len(tickets)] for number in range(count // len(WAYS))]
        await loads.send(session, f"{url}{path}", makes, about, AT_ONCE)
