"""The desk's door against an honest floor (D37), in turns, so that neighbours disturb both alike."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite
from aiohttp import ClientSession, TCPConnector

from bot.app import chats, serve
from bot.app.clock import SystemClock
from bot.app.wiring import Opened
from config.settings import load
from tests.bench import load as loads
from tests.bench.children import HOST, Installation, running
from tests.bench.figures import Figure, Size, percentile
from tests.bench.recording import Recorded, Tape
from tests.bench.tickets import Known
from tests.free_port import free_port

SLOWER = 2.5  # times the floor's median, at most
THROUGHPUT = 0.4  # of the floor's, at least
SLOWEST = 0.2  # seconds: the slowest of a hundred requests, with `AT_ONCE` under way
WARM = 10  # requests before it counts
TURN = 5  # requests to one side before the other has its turn


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. `written` counts what such requests have written, by a query."""

    name: str
    makes: loads.Makes
    written: str


@dataclass(slots=True)
class Paces:
    """What one side showed: seconds alone and in company, requests a second."""

    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)
    a_second: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Side:
    """One that is measured: where it answers and where it writes."""

    url: str
    database: Path


def needed(size: Size) -> int:
    """Return how many tickets one kind of request takes, one each."""
    return WARM + size.rounds * (size.alone + size.together)


async def compared(size: Size, kind: Kind, tickets: Sequence[Known], ours: Side, bare: Side) -> tuple[Paces, Paces]:
    """Send the same to the desk and to the floor, in turns; return the pace of each."""
    desk, floor = Paces(), Paces()
    sides = ((ours.url, desk), (bare.url, floor))
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
    for side in (ours, bare):
        found = counted(side.database, kind.written)
        assert found == len(tickets), f"every {kind.name} must write: {found} of {len(tickets)}"
    return desk, floor


async def recorded(desk: Installation, path: str, kinds: Sequence[Kind], ticket: Known) -> list[Sequence[Recorded]]:
    """Ask a desk in this process, on a copy of the store, for each kind of request; return its statements."""
    copy = Installation(desk.folder / "recorded", {**desk.variables, "PRIVACY_PORT": str(free_port())})
    copy.folder.mkdir()
    shutil.copy(desk.database, copy.database)
    settings = load({**copy.overrides(), "database_url": f"sqlite://{copy.database}"})
    url = f"http://{HOST}:{settings.port}{path}"
    heard = []
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        served = serve.served(settings, clock, chats.messengers(settings, clock), halves=serve.Halves(worker=False))
        full = await stack.enter_async_context(served)
        session = await stack.enter_async_context(ClientSession())
        for kind in kinds:
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
async def answering(desk: Installation, path: str, name: str = "measured") -> AsyncIterator[Side]:
    """Run the half of the desk that answers, on a copy of the store."""
    database, port = desk.folder / f"{name}.sqlite3", free_port()
    shutil.copy(desk.database, database)
    own = {"PRIVACY_DATABASE_URL": f"sqlite://{database}", "PRIVACY_PORT": str(port)}
    async with running(["tests.bench.web_half"], {**desk.variables, **own}, f"http://{HOST}:{port}/healthz"):
        yield Side(f"http://{HOST}:{port}{path}", database)


@asynccontextmanager
async def floor(desk: Installation, module: str, path: str, script: Callable[[Path, int], str]) -> AsyncIterator[Side]:
    """Run a floor (`python -m MODULE SCRIPT`), on a copy of the store."""
    database, port, file = desk.folder / "floor.sqlite3", free_port(), desk.folder / "floor.script"
    shutil.copy(desk.database, database)
    file.write_text(script(database, port), encoding="utf-8")
    url = f"http://{HOST}:{port}{path}"
    async with running([module, str(file)], {}, url):
        yield Side(url, database)


def counted(database: Path, query: str) -> int:
    """Return the one number a query gives."""
    connection = sqlite3.connect(database)
    (found,) = connection.execute(query).fetchone()
    connection.close()
    return int(found)


def figures(chat: str, kind: Kind, desk: Paces, floor_: Paces, statements: int) -> list[Figure]:
    """Return the three figures of D37 for one kind of request."""
    ours, bare = percentile(desk.alone, 50), percentile(floor_.alone, 50)
    share = percentile(desk.a_second, 50) / percentile(floor_.a_second, 50)
    alone = (
        f"{ours / bare:.2f}x: {_ms(desk.alone, 50)} against {_ms(floor_.alone, 50)} "
        f"(p99 {_ms(desk.alone, 99)} / {_ms(floor_.alone, 99)}; {statements} statements)"
    )
    together = (
        f"{share:.0%}: {percentile(desk.a_second, 50):.0f} against {percentile(floor_.a_second, 50):.0f} a second"
    )
    slowest = percentile(desk.together, 99)
    late = f"{_ms(desk.together, 99)} (the floor's {_ms(floor_.together, 99)})"
    name = f"{chat} {kind.name}"
    return [
        Figure(f"{name}, alone", f"<= {SLOWER}x the floor", alone, ours / bare <= SLOWER),
        Figure(f"{name}, {loads.AT_ONCE} at once", f">= {THROUGHPUT:.0%} of it", together, share >= THROUGHPUT),
        Figure(f"{name}, {loads.AT_ONCE} at once, p99", f"< {SLOWEST * 1000:.0f} ms", late, slowest < SLOWEST),
    ]


def _ms(seconds: Sequence[float], percent: int) -> str:
    return f"{percentile(seconds, percent) * 1000:.1f} ms"
