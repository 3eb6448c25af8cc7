"""The honest floor for Slack (D37): what no desk built of these parts could beat.

Bare bolt, which acks when its listener is done, and in the listener the given statements
through raw aiosqlite, in one immediate transaction that lies on disk (WAL, synchronous
FULL) before the ack. No desk, no rights, no cards. Acking first would be faster and a lie.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import aiosqlite
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

PATH = "/slack/events"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a request; *values* gives its parameters for the n-th request, so that keys differ."""

    sql: str
    values: Callable[[int], Sequence[object]] = lambda _n: ()


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor for one kind of request: where it writes, its tables, and what each request asks of them."""

    database: Path
    schema: str
    statements: Sequence[Statement]
    signing_secret: str


def floor_application(floor: Floor) -> web.Application:
    """Return the application: signed commands and presses at `/slack/events`."""
    application = web.Application()
    lock, numbers = asyncio.Lock(), count(1)
    connections: list[aiosqlite.Connection] = []

    async def opened(_application: web.Application) -> AsyncIterator[None]:
        connections.append(await _connected(floor))
        yield
        await connections.pop().close()

    async def written(ack: AsyncAck) -> None:
        async with lock:
            await _write(connections[0], floor.statements, next(numbers))
        await ack("ok")

    app = AsyncApp(
        name="floor", signing_secret=floor.signing_secret, authorize=_authorize, process_before_response=True
    )
    app.command("/privacy")(written)
    app.action(re.compile("^press:"))(written)

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
        await connection.execute_fetchall(statement.sql, statement.values(number))
    await connection.execute("COMMIT")
