"""From Confirm to the last system searched, against the slowest vendor's own pace: are they searched side by side?"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from bot.app.clock import SystemClock
from bot.app.wiring import Opened, opened
from bot.card import Press, Verb
from bot.domain.request import Channel
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation
from bot.domain.task import Task
from bot.services.intake.intake import take_in
from config.settings import load
from handlers.console import CHAT, ConsoleMessenger
from integrations.registry import StandIn, discover, stand_ins
from tests.bench.children import PATIENCE, installation
from tests.bench.figures import Figure, Size
from tests.bench.polling import until
from tests.bench.tickets import BY, WORDS, proposal_for
from tests.bench.vitals import today

SLOWER = 1.3  # times the slowest vendor's own latency, at most
SUBJECT = "astrid.lundgren@example.se"  # known to the sandboxes, with something to find in each


async def search(size: Size, folder: Path) -> list[Figure]:
    """A ticket is confirmed, the job loop does the rest; in turns with each system's own `find`, called alone."""
    ratios, waits, slowest = [], [], []
    async with AsyncExitStack() as stack:
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = installation(folder / "search", systems={key: one.stanza for key, one in vendors.items()})
        chat = {CHAT: ConsoleMessenger()}
        full = await stack.enter_async_context(opened(load(desk.overrides()), SystemClock(), lambda *_: chat))
        await full.runner.start()
        stack.push_async_callback(full.runner.stop)
        _slow_down(vendors, size.vendor_seconds)
        for number in range(size.searches):
            alone = await _slowest(full)
            waited = await _searched(full, number)
            ratios.append(waited / alone)
            waits.append(waited)
            slowest.append(alone)
    ratio = median(ratios)
    measured = f"{ratio:.2f}x: {median(waits):.2f} s against {median(slowest):.2f} s (median of {size.searches})"
    return [Figure("search", f"<= {SLOWER}x the slowest vendor", measured, ratio <= SLOWER)]


def _slow_down(vendors: Mapping[str, StandIn], seconds: float) -> None:
    for one in vendors.values():
        one.sandbox.latency = seconds


async def _slowest(desk: Opened) -> float:
    """Return how long the slowest automatic system takes to find the person, each called alone."""
    person = (Identifier(IdentifierKind.EMAIL, SUBJECT),)
    slowest = 0.0
    for system in desk.house.systems.values():
        if system.manifest.capabilities[Operation.FIND].mode is Mode.AUTOMATIC:
            began = perf_counter()
            found = await system.find(person)
            slowest = max(slowest, perf_counter() - began)
            assert found, "a search that finds nothing may have asked for nothing"
    return slowest


async def _searched(desk: Opened, number: int) -> float:
    """Return the seconds from the return of Confirm to the last automatic search settled, as the store has it."""
    proposal = replace(proposal_for(desk, SUBJECT), subject_email=SUBJECT)
    async with desk.house.work() as unit:
        raw = f"{number} {WORDS}".encode()
        ticket = await take_in(unit, desk.house, proposal, raw, Channel.PHONE, BY)
    assert ticket is not None
    await desk.desk.press(desk.house.people.by_id(BY), Press(Verb.CONFIRM, ticket.id, ticket.version))
    confirmed = desk.house.now()

    async def settled() -> list[Task]:
        async with desk.house.work() as unit:
            tasks = (await unit.tickets.load(ticket.id)).tasks
        searches = [task for task in tasks if task.operation is Operation.FIND and task.mode is Mode.AUTOMATIC]
        return searches if searches and all(task.settled for task in searches) else []

    searches = await until(settled, PATIENCE)
    assert all(task.found for task in searches)
    last = max(task.settled_at for task in searches if task.settled_at is not None)
    return (last - confirmed).total_seconds()
