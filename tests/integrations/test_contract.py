"""What every system promises, whatever its vendor does: run over HTTP against its sandbox.

A sixth system with a sandbox is tested here without a line changed.
"""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown
from bot.domain.system import Correction, Exported, Operation, Receipt, Record
from bot.ports import Corrects, Unseen
from integrations.sandbox import Fault, Trouble
from tests.integrations.conftest import Start
from tests.integrations.contract import (
    ASTRID,
    CASES,
    CONNECTED,
    NOBODY,
    READS,
    SEEING,
    UNSEEING,
    WRITES,
    Case,
    automatic,
    carry_out,
    how,
    lasting,
    probe,
    reach,
    ready,
    status,
    to_correct,
    written,
)


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every named wait to the job, so that no test sits one out."""
    monkeypatch.setattr("integrations.http.api.PATIENT", timedelta(seconds=1))


@pytest.mark.parametrize(("key", "operation"), automatic([*READS, *WRITES]))
async def test_does_it(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key, operation)
    done = await carry_out(running.system, operation, records)
    assert done
    assert bool(running.sandbox.writes()) == (operation in WRITES)


@pytest.mark.parametrize("key", SEEING)
async def test_finds_nothing_where_nothing_is(start: Start, key: str) -> None:
    running = await start(key)
    assert not await running.system.find(NOBODY)
    assert not await running.system.find(())


@pytest.mark.parametrize("key", UNSEEING)
async def test_where_nothing_can_be_seen_nothing_is_asked_and_nothing_claimed(start: Start, key: str) -> None:
    running = await start(key)
    assert isinstance(running.system, Unseen)
    assert running.system.named(ASTRID) == running.system.named(ASTRID)
    assert running.system.named(()) == ()
    assert not running.sandbox.seen


@pytest.mark.parametrize(("key", "operation"), automatic([Operation.EXPORT]))
async def test_export_of_what_is_gone_is_empty(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key)
    one = records[-1]
    gone = Record(one.system, one.kind, "999999999", one.contacts)
    (exported,) = await carry_out(running.system, operation, [gone])
    assert isinstance(exported, Exported)
    assert not exported.fields


@pytest.mark.parametrize("key", CONNECTED)
async def test_records_are_each_found_once_and_bear_contact_points(start: Start, key: str) -> None:
    _, records = await ready(start, key)
    assert len({(record.kind, record.id) for record in records}) == len(records)
    assert all(record.system == key for record in records)
    assert any(one in record.contacts for one in ASTRID for record in records)


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
async def test_twice_is_harmless(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key, operation)
    await carry_out(running.system, operation, records)
    before = len(running.sandbox.writes())
    receipts = await carry_out(running.system, operation, records)
    assert all(isinstance(one, Receipt) for one in receipts)
    if not how(key, operation).repeat_safe:
        assert len(running.sandbox.writes()) == before


@pytest.mark.parametrize(("key", "operation"), automatic([Operation.ERASE]))
async def test_what_is_erased_is_not_found_though_the_search_lags(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key)
    await carry_out(running.system, operation, records)
    if key in SEEING:
        assert not await running.system.find(ASTRID)


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
async def test_lost_answer_is_looked_into_and_the_write_not_sent_again(
    start: Start, key: str, operation: Operation
) -> None:
    method, path = await written(start, key, operation)
    running, records = await ready(start, key, operation)
    running.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, method, path))
    with pytest.raises(OutcomeUnknown):
        await carry_out(running.system, operation, records)
    assert await carry_out(running.system, operation, records)
    if not how(key, operation).repeat_safe:
        assert len(running.sandbox.writes(path)) == 1


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
async def test_lost_request_is_doubtful_and_done_at_the_next_try(start: Start, key: str, operation: Operation) -> None:
    method, path = await written(start, key, operation)
    running, records = await ready(start, key, operation)
    running.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, method, path))
    with pytest.raises(OutcomeUnknown):
        await carry_out(running.system, operation, records)
    assert not running.sandbox.writes(path)
    await carry_out(running.system, operation, records)
    assert len(running.sandbox.writes(path)) == 1


@pytest.mark.parametrize(("key", "operation"), automatic(READS))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_reads_say_what_is_wrong(start: Start, key: str, operation: Operation, case: Case) -> None:
    running, records = await ready(start, key, operation, case.seconds)
    running.sandbox.faults.add(lasting(case.fault))
    with pytest.raises(case.read) as caught:
        await carry_out(running.system, operation, records)
    case.check(caught.value, key)


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_writes_say_what_is_wrong(start: Start, key: str, operation: Operation, case: Case) -> None:
    method, path = await written(start, key, operation)
    running, records = await ready(start, key, operation, case.seconds)
    running.sandbox.faults.add(lasting(case.fault, method, path))
    with pytest.raises(case.write) as caught:
        await carry_out(running.system, operation, records)
    case.check(caught.value, key)
    most = 2 if case.write is CredentialsRefused else 1  # what was refused is asked once more with a fresh token
    assert 1 <= len([one for one in running.sandbox.seen if (one.method, one.path) == (method, path)]) <= most


@pytest.mark.parametrize(("key", "operation"), automatic(READS))
@pytest.mark.parametrize(
    "fault",
    [status(503), status(429, Retry_After="0"), Fault(Trouble.LOST_ANSWER), Fault(Trouble.GARBAGE)],
    ids=["503", "429", "lost", "garbage"],
)
async def test_a_read_that_fails_once_is_asked_again(
    start: Start, key: str, operation: Operation, fault: Fault
) -> None:
    running, records = await ready(start, key)
    expected = await carry_out(running.system, operation, records)
    running.sandbox.faults.add(_once(fault))
    assert await carry_out(running.system, operation, records) == expected


def _once(fault: Fault) -> Fault:
    return Fault(fault.trouble, status=fault.status, headers=fault.headers)


@pytest.mark.parametrize("key", CONNECTED)
async def test_a_wrong_token_is_refused(start: Start, key: str) -> None:
    running = await start(key)
    running.sandbox.token = "another"
    with pytest.raises(CredentialsRefused):
        await reach(running.system)


@pytest.mark.parametrize("key", CONNECTED)
async def test_a_page_not_found_proves_nothing(start: Start, key: str) -> None:
    """A wrong base URL answers 404 with a page: that is no "nothing held"."""
    running = await start(key)
    running.sandbox.faults.add(Fault(Trouble.PAGE_NOT_FOUND, times=None))
    with pytest.raises(NeedsHuman):
        await reach(running.system)


@pytest.mark.parametrize("key", CONNECTED)
async def test_a_probe_reads_nobodys_data_and_changes_nothing(start: Start, key: str) -> None:
    running = await start(key)
    await probe(running.system)
    assert running.sandbox.seen
    assert not running.sandbox.writes()
    assert not any("astrid" in str(one).lower() for one in running.sandbox.seen)
    running.sandbox.token = "another"
    with pytest.raises(CredentialsRefused):
        await probe(running.system)


@pytest.mark.parametrize(("key", "operation"), automatic(READS))
async def test_not_found_to_everything_is_no_content(start: Start, key: str, operation: Operation) -> None:
    """A vendor's own 404, in its own words. Of a list it proves nothing; of one thing that it is gone."""
    running, records = await ready(start, key)
    running.sandbox.faults.add(lasting(status(404)))
    done: list[object] = []
    with suppress(NeedsHuman):
        done = await carry_out(running.system, operation, records)
    assert not any(isinstance(one, Record) or (isinstance(one, Exported) and one.fields) for one in done)


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
async def test_not_found_to_a_write_is_done_already_or_a_persons(start: Start, key: str, operation: Operation) -> None:
    """Never doubtful, never tried again and again: what is gone need not be erased, and cannot be changed."""
    method, path = await written(start, key, operation)
    running, records = await ready(start, key, operation)
    running.sandbox.faults.add(lasting(status(404), method, path))
    with suppress(NeedsHuman):
        receipts = await carry_out(running.system, operation, records)
        assert operation is Operation.ERASE, "only what is to be gone may be gone already"
        assert all(isinstance(one, Receipt) for one in receipts)
    assert len([one for one in running.sandbox.seen if (one.method, one.path) == (method, path)]) == 1
    assert not running.sandbox.writes(path)


@pytest.mark.parametrize(("key", "operation"), automatic([Operation.RECTIFY]))
async def test_what_somebody_else_changed_is_not_written_over(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key)
    assert isinstance(running.system, Corrects)
    record, correction = await to_correct(running.system, records)
    stale = Correction(correction.name, "Så stod det när det godkändes", correction.after)
    with pytest.raises(NeedsHuman):
        await running.system.correct(record, [stale])
    assert not running.sandbox.writes(), operation
    await running.system.correct(record, [correction])
    assert (await running.system.correctable(record))[correction.name] == correction.after


@pytest.mark.parametrize(("key", "operation"), automatic([Operation.RECTIFY]))
async def test_what_is_gone_has_nothing_to_correct(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key)
    assert isinstance(running.system, Corrects)
    record, _ = await to_correct(running.system, records)
    assert await running.system.correctable(Record(key, record.kind, "999999999", record.contacts)) == {}, operation


@pytest.mark.parametrize(("key", "operation"), automatic([Operation.RECTIFY]))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_reading_what_can_be_corrected_says_what_is_wrong(
    start: Start, key: str, operation: Operation, case: Case
) -> None:
    running, records = await ready(start, key, operation, case.seconds)
    assert isinstance(running.system, Corrects)
    record, _ = await to_correct(running.system, records)
    running.sandbox.faults.add(lasting(case.fault))
    with pytest.raises(case.read) as caught:
        await running.system.correctable(record)
    case.check(caught.value, key)
    assert operation is Operation.RECTIFY
