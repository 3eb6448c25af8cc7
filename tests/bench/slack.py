"""The desk's Slack door against the honest floor (D37), in turns, so that neighbours disturb both alike."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite
from aiohttp import ClientSession, TCPConnector

from bot.app import chats, serve
from bot.app.clock import SystemClock
from bot.app.wiring import Opened, opened
from config.settings import load
from handlers.slack import PATH
from integrations.registry import discover, stand_ins
from tests.bench import load as loads
from tests.bench.children import HOST, Installation, installation, running
from tests.bench.figures import Figure, Size, percentile
from tests.bench.recording import Recorded, Tape
from tests.bench.slack_floor import script
from tests.bench.tickets import Known, forget_jobs, known_tickets, take_in_many
from tests.bench.vitals import today
from tests.free_port import free_port
from tests.standins.slack import serve_slack

SLOWER = 2.5  # times the floor's median, at most
THROUGHPUT = 0.4  # of the floor's, at least
WARM = 10  # requests before it counts
TURN = 5  # requests to one side before the other has its turn


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request."""

    name: str
    makes: loads.Makes
    written: str  # a query that counts what such requests have written


KINDS = (
    Kind("command", loads.command_body, "SELECT count(*) FROM ledger WHERE event = 'ticket.looked'"),
    Kind("press", loads.press_body, "SELECT count(*) FROM ticket WHERE confirmed_by <> ''"),
)


@dataclass(slots=True)
class Paces:
    """What one side showed: seconds alone and in company, requests a second."""

    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)
    a_second: list[float] = field(default_factory=list)


async def slack(size: Size, folder: Path) -> list[Figure]:
    """Signed commands and presses: how long one takes alone, how many a second at 32 at once."""
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(serve_slack())
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = installation(folder / "slack", workspace, {key: one.stanza for key, one in vendors.items()})
        async with opened(load(desk.overrides()), SystemClock(), lambda *_: {}) as full:
            await take_in_many(full, 0, 1 + WARM + size.rounds * (size.alone + size.together))
        forget_jobs(desk.database)
        first, *tickets = known_tickets(desk.database)
        recorded = await _recorded(desk, first)
        ours, ours_at = await stack.enter_async_context(_desk(desk))
        bare, bare_at = await stack.enter_async_context(_floor(desk, recorded, first, tickets))
        figures = []
        for kind, statements in zip(KINDS, recorded, strict=True):
            paces = await _compared(size, kind, tickets, (ours_at, bare_at))
            figures += _figures(kind, *paces, len(statements))
    for kind in KINDS:
        for database in (ours, bare):
            assert _count(database, kind.written) == len(tickets), f"every {kind.name} must write"
    return figures


async def _compared(size: Size, kind: Kind, tickets: Sequence[Known], urls: tuple[str, str]) -> tuple[Paces, Paces]:
    """Send the same to the desk and to the floor, in turns; return the pace of each."""
    desk, floor = Paces(), Paces()
    sides = tuple(zip(urls, (desk, floor), strict=True))
    left = list(tickets)
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        for at, _ in sides:
            await loads.send(session, at, kind.makes, left[:WARM], 2)
        del left[:WARM]
        for _ in range(size.rounds):
            one_by_one, at_once = left[: size.alone], left[size.alone : size.alone + size.together]
            del left[: size.alone + size.together]
            for start in range(0, size.alone, TURN):
                for at, paces in sides:
                    turn = one_by_one[start : start + TURN]
                    paces.alone += (await loads.send(session, at, kind.makes, turn, 1)).seconds
            for at, paces in sides:
                pace = await loads.send(session, at, kind.makes, at_once, loads.AT_ONCE)
                paces.together += pace.seconds
                paces.a_second.append(pace.a_second)
    return desk, floor


async def _recorded(desk: Installation, ticket: Known) -> list[Sequence[Recorded]]:
    """Ask a desk in this process, on a copy of the store, for each kind of request; return its statements."""
    copy = Installation(desk.folder / "recorded", {**desk.variables, "PRIVACY_PORT": str(free_port())})
    copy.folder.mkdir()
    shutil.copy(desk.database, copy.database)
    settings = load({**copy.overrides(), "database_url": f"sqlite://{copy.database}"})
    url = f"http://{HOST}:{settings.port}{PATH}"
    heard = []
    async with AsyncExitStack() as stack:
        halves = serve.Halves(worker=False)
        served = serve.served(settings, SystemClock(), chats.messengers(settings, SystemClock()), halves=halves)
        full = await stack.enter_async_context(served)
        session = await stack.enter_async_context(ClientSession())
        for kind in KINDS:
            tape = Tape(_connection(full))
            await loads.send(session, url, kind.makes, [ticket], 1)
            heard.append(tape.stop())
    assert all(_writes(statements) for statements in heard), "a request that writes nothing proves nothing"
    return heard


def _connection(desk: Opened) -> aiosqlite.Connection:
    connection: aiosqlite.Connection = desk.store.session.db._connection
    return connection


def _writes(statements: Sequence[Recorded]) -> bool:
    return any(one.sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")) for one in statements)


@asynccontextmanager
async def _desk(desk: Installation) -> AsyncIterator[tuple[Path, str]]:
    database, port = desk.folder / "measured.sqlite3", free_port()
    shutil.copy(desk.database, database)
    own = {"PRIVACY_DATABASE_URL": f"sqlite://{database}", "PRIVACY_PORT": str(port)}
    async with running(["tests.bench.web_half"], {**desk.variables, **own}, f"http://{HOST}:{port}/healthz"):
        yield database, f"http://{HOST}:{port}{PATH}"


@asynccontextmanager
async def _floor(
    desk: Installation, recorded: Sequence[Sequence[Recorded]], first: Known, tickets: Sequence[Known]
) -> AsyncIterator[tuple[Path, str]]:
    database, port, file = desk.folder / "floor.sqlite3", free_port(), desk.folder / "floor.script"
    shutil.copy(desk.database, database)
    file.write_text(script(database, port, recorded, first, tickets), encoding="utf-8")
    url = f"http://{HOST}:{port}{PATH}"
    async with running(["tests.bench.slack_floor", str(file)], {}, url):
        yield database, url


def _count(database: Path, query: str) -> int:
    connection = sqlite3.connect(database)
    (found,) = connection.execute(query).fetchone()
    connection.close()
    return int(found)


def _figures(kind: Kind, desk: Paces, floor: Paces, statements: int) -> list[Figure]:
    ours, bare = percentile(desk.alone, 50), percentile(floor.alone, 50)
    share = percentile(desk.a_second, 50) / percentile(floor.a_second, 50)
    alone = (
        f"{ours / bare:.2f}x: {_ms(desk.alone, 50)} against {_ms(floor.alone, 50)} "
        f"(p99 {_ms(desk.alone, 99)} / {_ms(floor.alone, 99)}; {statements} statements)"
    )
    together = (
        f"{share:.0%}: {percentile(desk.a_second, 50):.0f} against {percentile(floor.a_second, 50):.0f} a second "
        f"(p99 {_ms(desk.together, 99)} / {_ms(floor.together, 99)})"
    )
    met = (ours / bare <= SLOWER, share >= THROUGHPUT)
    return [
        Figure(f"slack {kind.name}, alone", f"<= {SLOWER}x the floor", alone, met[0]),
        Figure(f"slack {kind.name}, {loads.AT_ONCE} at once", f">= {THROUGHPUT:.0%} of it", together, met[1]),
    ]


def _ms(seconds: Sequence[float], percent: int) -> str:
    return f"{percentile(seconds, percent) * 1000:.1f} ms"
