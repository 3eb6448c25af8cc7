"""What every honest floor does (D37): the given statements, through raw aiosqlite, on disk before the answer.

One immediate transaction for each request (WAL, synchronous FULL). No desk, no rights, no cards.
"""

import ast
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import astuple, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
from aiohttp import web

from tests.bench.recording import Recorded, replayed
from tests.bench.tickets import Known


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a request; *values* gives its parameters for the n-th request, so that keys differ.

    `many`: its parameters are rows, and it runs once for each.
    """

    sql: str
    values: Callable[[int], Sequence[Any]] = lambda _n: ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    """Where a floor writes, its tables, and what each kind of request asks of them."""

    database: Path
    schema: str
    kinds: Sequence[Sequence[Statement]]


Write = Callable[[], Awaitable[None]]


def writers(floor: Floor, application: web.Application) -> list[Write]:
    """Return what writes one request of each kind, while *application* runs."""
    lock = asyncio.Lock()
    connections: list[aiosqlite.Connection] = []

    async def opened(_application: web.Application) -> AsyncIterator[None]:
        connections.append(await _connected(floor))
        yield
        await connections.pop().close()

    def written(statements: Sequence[Statement]) -> Write:
        numbers = count(1)

        async def write() -> None:
            async with lock:
                await _write(connections[0], statements, next(numbers))

        return write

    application.cleanup_ctx.append(opened)
    return [written(statements) for statements in floor.kinds]


async def _connected(floor: Floor) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(floor.database, isolation_level=None)
    await connection.execute("PRAGMA journal_mode=WAL")
    await connection.execute("PRAGMA synchronous=FULL")
    await connection.executescript(floor.schema)
    return connection


async def _write(connection: aiosqlite.Connection, statements: Sequence[Statement], number: int) -> None:
    await connection.execute("BEGIN IMMEDIATE")
    for statement in statements:
        if statement.many:
            await connection.executemany(statement.sql, statement.values(number))
        else:
            await connection.execute_fetchall(statement.sql, statement.values(number))
    await connection.execute("COMMIT")


def script(
    database: Path, port: int, *, recorded: Sequence[Sequence[Recorded]], on: Known, tickets: Sequence[Known]
) -> str:
    """Return what a floor's program reads: Python literals, so that sealed bytes pass.

    *recorded*: what each kind of request asked of the store, *on* one ticket.
    """
    told = [list(map(astuple, statements)) for statements in recorded]
    return repr((str(database), port, told, astuple(on), list(map(astuple, tickets))))


def floor_from(read: str) -> tuple[Floor, int]:
    """Return the floor of a script and its port. All values are made now: while it is measured it only executes."""
    database, port, told, on, others = ast.literal_eval(read)
    tickets = [Known(*one) for one in others]
    kinds = [_planned([Recorded(*one) for one in statements], Known(*on), tickets) for statements in told]
    return Floor(Path(database), "", kinds), port


def _planned(recorded: Sequence[Recorded], on: Known, tickets: Sequence[Known]) -> list[Statement]:
    plans: list[list[Sequence[Any]]] = []
    for ticket in tickets:
        new_ids: dict[str, str] = {}
        plans.append([replayed(one, on, ticket, new_ids) for one in recorded])

    def values(place: int) -> Callable[[int], Sequence[Any]]:
        return lambda number: plans[number - 1][place]

    return [Statement(one.sql, values(place), one.many) for place, one in enumerate(recorded)]
