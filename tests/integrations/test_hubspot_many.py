"""HubSpot: ten thousand notes in portions, with flat memory, at the limit and never above it."""

import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import date
from time import monotonic

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, OutcomeUnknown
from bot.domain.system import Record
from bot.ports import TakesMany
from integrations.hubspot.quota import Quota
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.hubspot.seed import Activity, Person
from integrations.registry import Found
from integrations.sandbox import Fault, Trouble
from tests.fakes import FixedClock
from tests.integrations.hubspots import MOA, Account, Open, opened, unwatched


@pytest.fixture
async def account(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Open]:
    """Open an account with these people in it, and these settings."""
    async with AsyncExitStack() as stack:

        async def open_account(*people: Person, quota: Quota | None = None, **settings: object) -> Account:
            return await stack.enter_async_context(opened(found["hubspot"], session, clock, people, settings, quota))

        yield open_account


def many(count: int) -> Person:
    return Person(MOA, "Moa", "Ek", activities=tuple(Activity("notes", f"Anteckning {n}") for n in range(count)))


async def test_a_thousand_notes_are_read_and_erased_a_hundred_at_a_time(account: Open) -> None:
    hubspot = await account(many(1050), calls_per_10_seconds=0)
    assert isinstance(hubspot.system, TakesMany)
    records = await hubspot.find()
    exported = [one async for one in hubspot.system.export_all(records)]
    assert [one.record for one in exported] == list(records)
    assert [one.fields["hs_note_body"] for one in exported[:-1]] == [f"Anteckning {n}" for n in range(1050)]
    receipts = await hubspot.erase_all(records)
    assert [one.id for one in receipts] == [one.id for one in records]
    assert not await hubspot.find()
    assert len(hubspot.wrote("notes/batch/archive")) == 11


async def test_what_somebody_else_erased_is_left_out_of_the_batch(account: Open) -> None:
    hubspot = await account(many(3))
    first, second, third, _ = await hubspot.find()
    await hubspot.system.erase(second)
    receipts = await hubspot.erase_all([first, second, third])
    assert [one.note for one in receipts] == ["", "already gone", ""]
    (batch,) = hubspot.sandbox.writes("batch/archive")
    assert batch.body == {"inputs": [{"id": first.id}, {"id": third.id}]}
    assert [dict(one.fields) async for one in hubspot.system.export_all([second])] == [{}]
    await hubspot.erase_all([first, second, third])
    assert len(hubspot.wrote("batch/archive")) == 1


async def test_a_lost_answer_in_the_midst_stops_before_the_contact_and_the_rest_is_done_later(account: Open) -> None:
    hubspot = await account(many(250))
    records = await hubspot.find()
    hubspot.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "POST", "batch/archive"))
    with pytest.raises(OutcomeUnknown):
        await hubspot.erase_all(records)
    assert hubspot.state.contact(MOA)
    receipts = await hubspot.erase_all(records)
    assert len(receipts) == 251
    assert {one.note for one in receipts} == {"already gone", ""} or receipts[-1].note == ""
    assert not await hubspot.find()
    assert not hubspot.state.alive("notes")


async def test_a_batch_answered_in_part_is_a_persons(account: Open) -> None:
    hubspot = await account(many(2))
    *notes, _ = await hubspot.find()
    partial: JsonValue = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [{"category": "SERVER"}]}
    for take in (hubspot.system.export_all, hubspot.system.erase_all):
        hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "notes/batch/read", status=207, body=partial))
        with pytest.raises(NeedsHuman) as caught:
            [one async for one in take(notes)]
        assert caught.value.key == "trouble.partial"
    assert not hubspot.wrote()


async def test_a_portion_too_large_for_one_answer_is_asked_for_in_halves(
    account: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", activities=tuple(Activity("emails", "x" * 2000) for _ in range(40)))
    )
    records = await hubspot.find()
    monkeypatch.setattr("integrations.http.api.MOST_OCTETS", 60_000)
    exported = [one async for one in hubspot.system.export_all(records[:-1])]
    assert [one.fields["hs_email_text"] for one in exported] == ["x" * 2000] * 40
    monkeypatch.setattr("integrations.http.api.MOST_OCTETS", 1_000)
    with pytest.raises(NeedsHuman) as caught:
        [one async for one in hubspot.system.export_all(records[:1])]
    assert caught.value.key == "trouble.too_large"


async def test_memory_stays_flat_however_much_there_is(
    session: aiohttp.ClientSession, clock: FixedClock, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as many notes, 9 MB more, take no more memory. Small portions: the stand-in keeps its last ones."""
    monkeypatch.setattr("integrations.hubspot.places.BATCH", 20)
    notes = tuple(Activity("notes", "Anteckning " * 500) for _ in range(3400))
    sandbox = HubSpotSandbox([Person(MOA, "Moa", "Ek", activities=notes)], today=today)
    async with unwatched(sandbox, session, clock, calls_per_10_seconds=0) as hubspot:
        records = await hubspot.find()
        half = await _peak(hubspot, records[:1700])
        assert await _peak(hubspot, records) < half + 3_000_000


async def _peak(hubspot: Account, records: Sequence[Record]) -> int:
    tracemalloc.start()
    try:
        async for one in hubspot.system.export_all(records):
            assert one.fields
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_the_limit_is_used_up_and_never_broken(
    session: aiohttp.ClientSession, clock: FixedClock, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of one second; the stand-in's is a little shorter, since both share a busy process. See the bench."""
    monkeypatch.setattr("integrations.hubspot.BURST_SECONDS", 1.0)
    sandbox = HubSpotSandbox([many(2500)], today=today, quota=Quota(burst=20, seconds=0.7))
    async with unwatched(sandbox, session, clock, calls_per_10_seconds=20) as hubspot:
        records = await hubspot.find()
        started, before = monotonic(), len(sandbox.seen)
        assert len([one async for one in hubspot.system.export_all(records)]) == 2501
        assert len(await hubspot.erase_all(records)) == 2501
        calls, spent = len(sandbox.seen) - before, monotonic() - started
    assert sandbox.quota.refused == 0
    assert calls > 75
    assert calls / spent > 0.7 * 20
