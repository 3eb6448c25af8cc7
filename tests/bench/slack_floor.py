"""The honest floor for Slack (D37): what no desk built of these parts could beat.

Bare bolt, which acks when its listener is done, and in the listener the given statements
through raw aiosqlite, in one immediate transaction that lies on disk (WAL, synchronous
FULL) before the ack. No desk, no rights, no cards. Acking first would be faster and a lie.
"""

import ast
import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import astuple, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from tests.bench.recording import Recorded, replayed
from tests.bench.tickets import Known
from tests.standins.slack import SIGNING_SECRET

PATH = "/slack/events"


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
    """Where the floor writes, its tables, and what a command and a press ask of them."""

    database: Path
    schema: str
    command: Sequence[Statement]
    press: Sequence[Statement]
    signing_secret: str


def floor_application(floor: Floor) -> web.Application:
    """Return the application: signed commands and presses at `/slack/events`."""
    application = web.Application()
    lock = asyncio.Lock()
    connections: list[aiosqlite.Connection] = []

    async def opened(_application: web.Application) -> AsyncIterator[None]:
        connections.append(await _connected(floor))
        yield
        await connections.pop().close()

    def written(statements: Sequence[Statement]) -> Callable[[AsyncAck], Awaitable[None]]:
        numbers = count(1)

        async def write(ack: AsyncAck) -> None:
            async with lock:
                await _write(connections[0], statements, next(numbers))
            await ack("ok")

        return write

    app = AsyncApp(
        name="floor", signing_secret=floor.signing_secret, authorize=_authorize, process_before_response=True
    )
    app.command("/privacy")(written(floor.command))
    app.action(re.compile("^press:"))(written(floor.press))

    async def receive(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    application.cleanup_ctx.append(opened)
    application.router.add_post(PATH, receive)
    return application


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-floor")


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
    database: Path, port: int, recorded: Sequence[Sequence[Recorded]], on: Known, tickets: Sequence[Known]
) -> str:
    """Return what `python -m tests.bench.slack_floor FILE` reads: Python literals, so that sealed bytes pass.

    *recorded*: what a command asked of the store, and what a press did, *on* one ticket.
    """
    told = [list(map(astuple, statements)) for statements in recorded]
    return repr((str(database), port, told, astuple(on), list(map(astuple, tickets))))


def floor_from(read: str) -> tuple[Floor, int]:
    """Return the floor of a script and its port. All values are made now: while it is measured it only executes."""
    database, port, told, on, others = ast.literal_eval(read)
    tickets = [Known(*one) for one in others]
    command, press = (_planned([Recorded(*one) for one in statements], Known(*on), tickets) for statements in told)
    return Floor(Path(database), "", command, press, SIGNING_SECRET), port


def _planned(recorded: Sequence[Recorded], on: Known, tickets: Sequence[Known]) -> list[Statement]:
    plans: list[list[Sequence[Any]]] = []
    for ticket in tickets:
        new_ids: dict[str, str] = {}
        plans.append([replayed(one, on, ticket, new_ids) for one in recorded])

    def values(place: int) -> Callable[[int], Sequence[Any]]:
        return lambda number: plans[number - 1][place]

    return [Statement(one.sql, values(place), one.many) for place, one in enumerate(recorded)]


if __name__ == "__main__":
    floor, port = floor_from(Path(sys.argv[1]).read_text(encoding="utf-8"))
    web.run_app(floor_application(floor), host="127.0.0.1", port=port, access_log=None, print=None)
