"""A thousand mails at once: how long until all are items and tickets, and what a press waits meanwhile (D36)."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from aiohttp import ClientSession, TCPConnector

from bot.app.clock import SystemClock
from bot.app.wiring import opened, reading_of
from bot.reading import read
from config.settings import load
from handlers.slack import PATH
from integrations.registry import discover, stand_ins
from tests.bench import load as loads
from tests.bench.children import Installation, installation, running
from tests.bench.figures import Figure, Size, percentile
from tests.bench.mails import AUTHSERV, Pile, lay, pile
from tests.bench.tickets import Known, forget_jobs, known_tickets, take_in_many
from tests.bench.vitals import today
from tests.standins.slack import serve_slack

#: Times the reading alone, at most: sealing, index, ledger and a flushed transaction for each mail stand beside it.
BESIDE_READING = 12
#: Times what a press takes when nothing else happens, at most, of 99 in 100: one mail is waited for, not a thousand.
SLOWER = 4
MAILBOX = {"PRIVACY_MAILBOX__AUTHSERV_ID": AUTHSERV, "PRIVACY_MAILBOX__POLL_SECONDS": "0.5"}
PATIENCE = 600.0  # seconds
WARM = 5  # presses before it counts
PAUSE = 0.25  # seconds between two presses: a handler in a hurry, and what each sets going


@dataclass(frozen=True, slots=True)
class Pressed:
    """How long presses took, in seconds."""

    quiet: Sequence[float]
    busy: Sequence[float]


async def burst(size: Size, folder: Path) -> list[Figure]:
    """From the mails lying in the folder to the last one filed away, with a handler confirming all the while."""
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(serve_slack())
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = installation(folder / "burst", workspace, {key: one.stanza for key, one in vendors.items()})
        desk = replace(desk, variables={**desk.variables, **MAILBOX})
        async with opened(load(desk.overrides()), SystemClock(), lambda *_: {}) as full:
            await take_in_many(full, 0, WARM + 2 * size.presses)
        forget_jobs(desk.database)
        tickets, before = list(known_tickets(desk.database)), _items(desk)
        mails = pile(size.burst, SystemClock().now(), large=size.burst >= 1_000)
        alone = _reading_seconds(mails, desk)
        await stack.enter_async_context(running(["bot", "run"], desk.variables, f"{desk.url}/readyz"))
        session = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=0)))
        quiet = await _quiet(session, desk, tickets, size)
        seconds, busy = await _poured(session, desk, tickets, mails)
    assert _items(desk) - before == mails.sources, "every mail is one item"
    return _figures(mails, seconds, alone, Pressed(quiet, busy))


def _reading_seconds(mails: Pile, desk: Installation) -> float:
    context = reading_of(load(desk.overrides()))
    read(mails.raws[-1], context)
    began = perf_counter()
    for raw in mails.raws:
        read(raw, context)
    return perf_counter() - began


async def _quiet(session: ClientSession, desk: Installation, tickets: list[Known], size: Size) -> Sequence[float]:
    url = f"{desk.url}{PATH}"
    await loads.send(session, url, loads.press, [tickets.pop() for _ in range(WARM)], 1)
    return [await _press(session, url, tickets) for _ in range(size.presses)]


async def _poured(
    session: ClientSession, desk: Installation, tickets: list[Known], mails: Pile
) -> tuple[float, Sequence[float]]:
    inbox = desk.folder / "mail" / "in"
    lay(mails.raws, inbox)
    began, busy = perf_counter(), []
    while any((inbox / "new").iterdir()):
        if perf_counter() - began > PATIENCE:
            raise TimeoutError
        if tickets:
            busy.append(await _press(session, f"{desk.url}{PATH}", tickets))
        else:
            await asyncio.sleep(PAUSE)
    return perf_counter() - began, busy


async def _press(session: ClientSession, url: str, tickets: list[Known]) -> float:
    await asyncio.sleep(PAUSE)
    (seconds,) = (await loads.send(session, url, loads.press, [tickets.pop()], 1)).seconds
    return seconds


def _items(desk: Installation) -> int:
    with closing(sqlite3.connect(desk.database)) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM item").fetchall()
    return int(count)


def _figures(mails: Pile, seconds: float, alone: float, pressed: Pressed) -> list[Figure]:
    count = len(mails.raws)
    minute = 60 * count / seconds
    pace = f"{seconds / alone:.1f}x: {minute:.0f} a minute ({count} in {seconds:.1f} s, reading {alone:.1f} s)"
    busy, quiet = (
        f"p50 {percentile(some, 50) * 1000:.0f} ms, p99 {percentile(some, 99) * 1000:.0f} ms"
        for some in (pressed.busy or pressed.quiet, pressed.quiet)
    )
    slower = percentile(pressed.busy or pressed.quiet, 99) / percentile(pressed.quiet, 99)
    said = f"{slower:.1f}x: {busy} ({len(pressed.busy)}); quiet {quiet}"
    return [
        Figure("mails taken in", f"<= {BESIDE_READING}x the reading", pace, seconds <= BESIDE_READING * alone),
        Figure("press meanwhile, p99", f"<= {SLOWER}x when quiet", said, slower <= SLOWER),
    ]
