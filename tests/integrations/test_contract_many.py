"""One person of whom a vendor holds as much as it can: everything is found, taken out in order, and erased.

Ten thousand notes, mails or guests, seeded in memory, over HTTP with the limits off. Not held against the vendor's
description: checking ten thousand answers costs more than giving them, and they are like the few of the other tests.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from importlib import import_module

import aiohttp
import pytest

from bot.domain.system import Exported, Mode, Operation, Receipt, Record
from bot.ports import System, TakesMany, Unseen
from integrations.registry import Found
from integrations.sandbox import Full, serve
from tests.fakes import FixedClock
from tests.integrations.conftest import sandbox_module
from tests.integrations.contract import CONNECTED, held, how

Filled = tuple[System, Full]


@pytest.fixture
async def filled(
    request: pytest.FixtureRequest,
    found: dict[str, Found],
    session: aiohttp.ClientSession,
    clock: FixedClock,
    today: date,
) -> AsyncIterator[Filled]:
    """A system whose stand-in is full."""
    folder = found[request.param]
    async with _served(folder, import_module(f"{folder.module.__name__}.full").full(today), session, clock) as system:
        yield system


@asynccontextmanager
async def _served(
    folder: Found, full: Full, session: aiohttp.ClientSession, clock: FixedClock
) -> AsyncIterator[Filled]:
    async with serve(full.sandbox.application()) as url:
        stanza = {**sandbox_module(folder).stanza(url, full.sandbox), **full.settings}
        assert folder.connect is not None
        yield folder.connect(folder.read(stanza), session, clock), full


@pytest.mark.parametrize("filled", CONNECTED, indirect=True)
async def test_many_are_found_each_once_taken_out_in_order_and_erased(filled: Filled) -> None:
    system, full = filled
    key = system.manifest.key
    records = await held(system, full.person)
    assert len(records) == full.records
    assert len({(one.kind, one.id) for one in records}) == full.records
    taken = records[-full.taken :]
    if how(key, Operation.EXPORT).mode is Mode.AUTOMATIC:
        exported = await _exported(system, taken)
        assert [one.record for one in exported] == list(taken)
        assert all(one.fields for one in exported)
    if how(key, Operation.ERASE).mode is Mode.AUTOMATIC:
        theirs = [one for one in taken if not one.shared]
        receipts = await _erased(system, theirs)
        assert [(one.kind, one.id) for one in receipts] == [(one.kind, one.id) for one in theirs]
        await _left(system, full, theirs)


async def _exported(system: System, records: Sequence[Record]) -> list[Exported]:
    if isinstance(system, TakesMany):
        return [one async for one in system.export_all(records)]
    return [await system.export(one) for one in records]


async def _erased(system: System, records: Sequence[Record]) -> list[Receipt]:
    if isinstance(system, TakesMany):
        return [one async for one in system.erase_all(records)]
    return [await system.erase(one) for one in records]


async def _left(system: System, full: Full, erased: Sequence[Record]) -> None:
    """Look whether what was erased is there no more; where nobody is shown, whether all of it was asked for."""
    if isinstance(system, Unseen):
        assert len(full.sandbox.writes()) >= len(erased)
    elif full.taken:
        assert not any(one.fields for one in await _exported(system, erased))
    else:
        assert not await system.find(full.person)
