"""What `ProvesGone` promises of every system that implements it: asked for a record by its id, it tells the truth.

Found by the port, so a system that comes to implement it is tested here without a line changed.
"""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.domain.errors import NeedsHuman
from bot.domain.system import Mode, Operation, Record
from bot.ports import ProvesGone
from integrations.sandbox import Fault, Trouble
from tests.integrations.conftest import Start
from tests.integrations.contract import CASES, Case, carry_out, how, implementing, lasting, ready, status

PROVING = implementing(ProvesGone)
ERASING = [key for key in PROVING if how(key, Operation.ERASE).mode is Mode.AUTOMATIC]


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every named wait to the job, so that no test sits one out."""
    monkeypatch.setattr("integrations.http.api.PATIENT", timedelta(seconds=1))


@pytest.mark.parametrize("key", PROVING)
async def test_what_is_held_is_still_there_in_the_order_given(start: Start, key: str) -> None:
    running, records = await ready(start, key)
    system = running.system
    assert isinstance(system, ProvesGone)
    assert list(await system.still_there(records)) == list(records)
    assert list(await system.still_there(records[::-1])) == list(records[::-1])
    assert list(await system.still_there(())) == []
    assert not running.sandbox.writes()


@pytest.mark.parametrize("key", PROVING)
async def test_what_never_was_is_not_there(start: Start, key: str) -> None:
    running, records = await ready(start, key)
    assert isinstance(running.system, ProvesGone)
    strangers = [Record(key, one.kind, "999999999", one.contacts) for one in records]
    assert list(await running.system.still_there([strangers[0], *records, *strangers])) == list(records)


@pytest.mark.parametrize("key", ERASING)
async def test_what_was_erased_is_there_no_more_and_the_rest_is(start: Start, key: str) -> None:
    running, records = await ready(start, key)
    assert isinstance(running.system, ProvesGone)
    theirs = [one for one in records if not one.shared]
    await carry_out(running.system, Operation.ERASE, theirs)
    assert list(await running.system.still_there(records)) == [one for one in records if one.shared]


@pytest.mark.parametrize("key", PROVING)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_an_answer_that_is_none_proves_nothing(start: Start, key: str, case: Case) -> None:
    running, records = await ready(start, key, seconds=case.seconds)
    assert isinstance(running.system, ProvesGone)
    running.sandbox.faults.add(lasting(case.fault))
    with pytest.raises(case.read) as caught:
        await running.system.still_there(records)
    case.check(caught.value, key)


@pytest.mark.parametrize("key", PROVING)
async def test_a_page_not_found_proves_nothing(start: Start, key: str) -> None:
    running, records = await ready(start, key)
    assert isinstance(running.system, ProvesGone)
    running.sandbox.faults.add(Fault(Trouble.PAGE_NOT_FOUND, times=None))
    with pytest.raises(NeedsHuman):
        await running.system.still_there(records)


@pytest.mark.parametrize("key", PROVING)
async def test_not_found_is_the_vendors_word_for_gone_or_a_persons_to_look_at(start: Start, key: str) -> None:
    running, records = await ready(start, key)
    assert isinstance(running.system, ProvesGone)
    running.sandbox.faults.add(lasting(status(404)))
    with suppress(NeedsHuman):
        assert list(await running.system.still_there(records)) == []
