"""What every system promises, whatever its vendor does: run over HTTP against its sandbox.

A sixth system with a sandbox is tested here without a line changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.domain.errors import (
    CredentialsRefused,
    NeedsHuman,
    OutcomeUnknown,
    SystemTrouble,
    TryLater,
)
from bot.domain.system import Exported, Identifier, IdentifierKind, Mode, Operation, Receipt, Record
from bot.ports import ProvesGone, System, Unseen
from integrations.registry import discover
from integrations.sandbox import Fault, Trouble
from tests.integrations.conftest import CALL_SECONDS, Running, Start

#: Is in every sandbox's demo: by her address, and by the id in her browser where nobody has an address.
ASTRID = (
    Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se"),
    Identifier(IdentifierKind.GA_CLIENT_ID, "1784215566.1751870400"),
)
NOBODY = (Identifier(IdentifierKind.EMAIL, "nobody.at.all@example.se"),)

CONNECTED = [key for key, found in discover().items() if found.connect is not None]
#: Where Astrid can be looked for, and where nobody can.
SEEING = [key for key in CONNECTED if not discover()[key].module.MANIFEST.unseen]
UNSEEING = [key for key in CONNECTED if key not in SEEING]
#: Where a record can be asked for by its id.
PROVING = [key for key in SEEING if any(hasattr(one, "still_there") for one in vars(discover()[key].module).values())]
READS = (Operation.FIND, Operation.EXPORT)
WRITES = (Operation.ERASE, Operation.SUPPRESS)
SLOW = CALL_SECONDS + 0.5


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every named wait to the job, so that no test sits one out."""
    monkeypatch.setattr("integrations.http.api.PATIENT", timedelta(seconds=1))


def automatic(operations: Sequence[Operation]) -> list[tuple[str, Operation]]:
    """Return every system with each of *operations* that it does by itself."""
    pairs = []
    for key in CONNECTED:
        found = discover()[key]
        manifest = found.module.MANIFEST
        pairs += [(key, one) for one in operations if manifest.how(one).mode is Mode.AUTOMATIC]
    return pairs


async def carry_out(system: System, operation: Operation, records: Sequence[Record]) -> list[object]:
    """Do an operation to all that was found, in the order found."""
    match operation:
        case Operation.FIND:
            return list(await system.find(ASTRID))
        case Operation.EXPORT:
            return [await system.export(record) for record in records]
        case Operation.ERASE:
            return [await system.erase(record) for record in records]
        case Operation.SUPPRESS:
            return [await system.suppress(ASTRID[0])]
        case _:
            raise AssertionError(operation)


async def held(system: System) -> Sequence[Record]:
    """Return what is held on Astrid; where nothing can be seen, what there is to be asked for."""
    return system.named(ASTRID) if isinstance(system, Unseen) else await system.find(ASTRID)


async def ready(start: Start, key: str) -> tuple[Running, Sequence[Record]]:
    """Return a system with its sandbox and what it holds on Astrid."""
    running = await start(key)
    records = await held(running.system)
    assert records
    return running, records


async def written(start: Start, key: str, operation: Operation) -> tuple[str, str]:
    """Return method and path of the last write the operation makes, as seen on a sandbox of its own."""
    running, records = await ready(start, key)
    await carry_out(running.system, operation, records)
    last = running.sandbox.writes()[-1]
    return last.method, last.path


@pytest.mark.parametrize(("key", "operation"), automatic([*READS, *WRITES]))
async def test_does_it(start: Start, key: str, operation: Operation) -> None:
    running, records = await ready(start, key)
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
    running, records = await ready(start, key)
    await carry_out(running.system, operation, records)
    before = len(running.sandbox.writes())
    receipts = await carry_out(running.system, operation, records)
    assert all(isinstance(one, Receipt) for one in receipts)
    if not running.system.manifest.how(operation).repeat_safe:
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
    running, records = await ready(start, key)
    running.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, method, path))
    with pytest.raises(OutcomeUnknown):
        await carry_out(running.system, operation, records)
    assert await carry_out(running.system, operation, records)
    if not running.system.manifest.how(operation).repeat_safe:
        assert len(running.sandbox.writes(path)) == 1


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
async def test_lost_request_is_doubtful_and_done_at_the_next_try(start: Start, key: str, operation: Operation) -> None:
    method, path = await written(start, key, operation)
    running, records = await ready(start, key)
    running.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, method, path))
    with pytest.raises(OutcomeUnknown):
        await carry_out(running.system, operation, records)
    assert not running.sandbox.writes(path)
    await carry_out(running.system, operation, records)
    assert len(running.sandbox.writes(path)) == 1


async def reach(system: System) -> None:
    """Look Astrid up; where nothing can be seen, try what `check` tries."""
    await (probe(system) if isinstance(system, Unseen) else system.find(ASTRID))


async def proving(start: Start, key: str) -> tuple[Running, ProvesGone, Sequence[Record]]:
    """Return a system that can be asked for a record by its id, with what it holds on Astrid."""
    running, records = await ready(start, key)
    assert isinstance(running.system, ProvesGone)
    return running, running.system, records


@pytest.mark.parametrize("key", PROVING)
async def test_what_is_still_there_is_told_by_id_and_in_order(start: Start, key: str) -> None:
    running, system, records = await proving(start, key)
    assert await system.still_there(()) == ()
    assert list(await system.still_there(records)) == list(records)
    assert list(await system.still_there(records[::-1])) == list(records[::-1])
    gone = Record(key, records[0].kind, "999999999")
    assert list(await system.still_there([gone, *records])) == list(records)
    assert not running.sandbox.writes()


@pytest.mark.parametrize("key", PROVING)
async def test_what_was_erased_is_told_gone_by_id(start: Start, key: str) -> None:
    running, system, records = await proving(start, key)
    await carry_out(running.system, Operation.ERASE, records)
    assert not await system.still_there(records)


@dataclass(frozen=True)
class Case:
    """One fault, and what it means for a read and for a write."""

    name: str
    fault: Fault
    read: type[SystemTrouble]
    write: type[SystemTrouble]
    after: timedelta | None = None


def status(code: int, **headers: str) -> Fault:
    """Return a fault that answers with a bad status; header names bear hyphens for underscores."""
    return Fault(Trouble.STATUS, status=code, headers={name.replace("_", "-"): one for name, one in headers.items()})


CASES = [
    Case("401", status(401), CredentialsRefused, CredentialsRefused),
    Case("403", status(403), CredentialsRefused, CredentialsRefused),
    Case("400", status(400), NeedsHuman, NeedsHuman),
    Case("409", status(409), NeedsHuman, NeedsHuman),
    Case("422", status(422), NeedsHuman, NeedsHuman),
    Case("423", status(423), TryLater, TryLater, timedelta(seconds=2)),
    Case("429 with Retry-After", status(429, Retry_After="7"), TryLater, TryLater, timedelta(seconds=7)),
    Case("429 by rule", status(429), TryLater, TryLater),
    Case("477", status(477, Retry_After="90"), TryLater, TryLater, timedelta(seconds=90)),
    Case("500", status(500), TryLater, OutcomeUnknown),
    Case("502", status(502), TryLater, OutcomeUnknown),
    Case("503 with Retry-After", status(503, Retry_After="60"), TryLater, OutcomeUnknown),
    Case("redirect", status(302, Location="https://elsewhere.example/"), NeedsHuman, NeedsHuman),
    Case("slow", Fault(Trouble.SLOW, seconds=SLOW), TryLater, OutcomeUnknown),
    Case("lost answer", Fault(Trouble.LOST_ANSWER), TryLater, OutcomeUnknown),
    Case("garbage", Fault(Trouble.GARBAGE), TryLater, OutcomeUnknown),
    Case("wrong content type", Fault(Trouble.WRONG_TYPE), NeedsHuman, OutcomeUnknown),
]


@pytest.mark.parametrize(("key", "operation"), automatic(READS))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_reads_say_what_is_wrong(start: Start, key: str, operation: Operation, case: Case) -> None:
    running, records = await ready(start, key)
    running.sandbox.faults.add(_lasting(case.fault))
    with pytest.raises(case.read) as caught:
        await carry_out(running.system, operation, records)
    _check(caught.value, case, key)


@pytest.mark.parametrize("key", PROVING)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_cannot_be_asked_is_never_told_gone(start: Start, key: str, case: Case) -> None:
    running, system, records = await proving(start, key)
    running.sandbox.faults.add(_lasting(case.fault))
    with pytest.raises(case.read) as caught:
        await system.still_there(records)
    _check(caught.value, case, key)


@pytest.mark.parametrize(("key", "operation"), automatic(WRITES))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_writes_say_what_is_wrong(start: Start, key: str, operation: Operation, case: Case) -> None:
    method, path = await written(start, key, operation)
    running, records = await ready(start, key)
    running.sandbox.faults.add(_lasting(case.fault, method, path))
    with pytest.raises(case.write) as caught:
        await carry_out(running.system, operation, records)
    _check(caught.value, case, key)
    most = 2 if case.write is CredentialsRefused else 1  # what was refused is asked once more with a fresh token
    assert 1 <= len([one for one in running.sandbox.seen if (one.method, one.path) == (method, path)]) <= most


def _lasting(fault: Fault, method: str = "", path: str = "") -> Fault:
    return Fault(
        *(fault.trouble, method, path, None, fault.status, fault.headers, fault.body, fault.seconds),
    )


def _check(trouble: SystemTrouble, case: Case, key: str) -> None:
    assert trouble.facts["system"] == key
    if case.after is not None and isinstance(trouble, TryLater):
        assert trouble.after == case.after
    if case.name == "429 by rule":
        assert isinstance(trouble, TryLater)
        assert trouble.after is not None


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


async def probe(system: System) -> None:
    """Probe what can be probed; a system without one fails here, since `check` would be blind to it."""
    await getattr(system, "probe")()  # noqa: B009 - no part of the port: `check` looks for it by name, too
