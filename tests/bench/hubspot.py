"""A person with ten thousand notes in HubSpot: found, copied, erased and proven gone at its limit, in flat memory.

The stand-in answers after 200 ms, keeps to the limit itself and counts whom it refuses.
"""

import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

from bot.app.clock import SystemClock
from bot.domain.system import Identifier, IdentifierKind, Record
from integrations.http import open_session
from integrations.hubspot import HubSpot, connect
from integrations.hubspot.quota import Quota
from integrations.hubspot.sandbox import HubSpotSandbox, stanza
from integrations.hubspot.seed import Activity, Person
from integrations.hubspot.settings import Settings
from integrations.sandbox import serve
from tests.bench.figures import Figure, Size
from tests.bench.vitals import today

#: Calls in ten seconds: the smallest plan, and the one above it (vendors.md §1.4).
PLANS: Final = (100, 190)
BURST_SECONDS: Final = 10.0
LEAST: Final = 90  # per cent of the limit, over the whole work
GROWTH: Final = 1.25  # memory for twice as much, at most
BODY: Final = "Ringde om mötet i april. " * 40
WHO: Final = "moa@example.com"


async def hubspot(size: Size, folder: Path) -> list[Figure]:
    """Find, copy, erase and ask again under each plan's limit; then copy half and all without one, for the memory."""
    del folder
    return [*[await _at_the_limit(size, plan) for plan in PLANS], await _memory(size)]


async def _at_the_limit(size: Size, plan: int) -> Figure:
    async with _account(size, Quota(burst=plan, seconds=BURST_SECONDS), plan) as (system, sandbox):
        began = perf_counter()
        records = await _found(system)
        copied = [one async for one in system.export_all(records) if one.fields]
        erased = [one async for one in system.erase_all(records)]
        assert not await system.still_there(records)
        spent = perf_counter() - began
        assert len(copied) == len(erased) == len(records) == size.notes + 1
        assert not await _found(system)
    calls = sum(not one.path.endswith("/search") for one in sandbox.seen)
    percent = 100 * calls / spent * BURST_SECONDS / plan
    measured = f"{percent:.0f} % ({calls} calls in {spent:.0f} s), {sandbox.quota.refused} refused"
    met = percent >= LEAST and not sandbox.quota.refused
    return Figure(f"hubspot, {size.notes} notes", f">= {LEAST} % of {plan} calls per 10 s", measured, met)


async def _memory(size: Size) -> Figure:
    async with _account(size, Quota(), 0) as (system, sandbox):
        records = await _found(system)
        half = await _peak(system, sandbox, records[: size.notes // 2])
        whole = await _peak(system, sandbox, records[: size.notes])
    measured = f"{whole / half:.2f}x: {whole / 2**20:.1f} MB against {half / 2**20:.1f} MB for half"
    return Figure("hubspot, memory", f"<= {GROWTH}x for twice as much", measured, whole <= GROWTH * half)


async def _peak(system: HubSpot, sandbox: HubSpotSandbox, records: Sequence[Record]) -> int:
    """Return the most memory in use while *records* are copied; what the stand-in remembers is let go of."""
    tracemalloc.start()
    try:
        async for one in system.export_all(records):
            assert one.fields
            sandbox.seen.clear()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def _found(system: HubSpot) -> Sequence[Record]:
    return await system.find([Identifier(IdentifierKind.EMAIL, WHO)])


@asynccontextmanager
async def _account(size: Size, quota: Quota, calls: int) -> AsyncIterator[tuple[HubSpot, HubSpotSandbox]]:
    notes = tuple(Activity("notes", BODY) for _ in range(size.notes))
    sandbox = HubSpotSandbox(
        [Person(WHO, "Moa", "Ek", activities=notes)], today=today(), latency=size.vendor_seconds, quota=quota
    )
    async with serve(sandbox.application()) as url, open_session() as session:
        read = Settings.model_validate({**stanza(url, sandbox), "calls_per_10_seconds": calls})
        yield connect(read, session, SystemClock()), sandbox
