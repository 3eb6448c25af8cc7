"""One operation in one system: who holds it, what settles it, what follows from trouble."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import CredentialsRefused, NeedsHuman, NotAllowedNow, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.system import Operation
from bot.domain.task import (
    HASTE,
    PATIENCE,
    PAUSES,
    SETTLED,
    WAITS_FOR_A_PERSON,
    Again,
    Ask,
    TaskState,
    after_trouble,
    begin,
    settle,
)
from tests.domain.examples import NOW, task

WEEKS = timedelta(weeks=3)


@pytest.mark.parametrize("state", TaskState)
def test_only_what_is_ready_or_left_running_may_begin(state: TaskState) -> None:
    if state in (TaskState.READY, TaskState.RUNNING):
        begun = begin(replace(task(state), token="old", attempts=2), "new")
        assert (begun.state, begun.token, begun.attempts) == (TaskState.RUNNING, "new", 3)
    else:
        with pytest.raises(NotAllowedNow, match=r"refusal\.task_not_ready"):
            begin(task(state), "new")


@pytest.mark.parametrize("state", TaskState)
def test_every_state_is_settled_or_waits_for_a_person_or_for_a_job(state: TaskState) -> None:
    kinds = (state in SETTLED, state in WAITS_FOR_A_PERSON, state in (TaskState.READY, TaskState.RUNNING))
    assert sum(kinds) == 1
    assert task(state).settled is (state in SETTLED)


@pytest.mark.parametrize("before", TaskState)
@pytest.mark.parametrize("result", TaskState)
def test_a_result_is_given_once_and_only_a_result(before: TaskState, result: TaskState) -> None:
    held = replace(task(before), token="t", trouble="trouble.later", writing_since=NOW, waiting_since=NOW)
    if before in SETTLED or result not in SETTLED:
        with pytest.raises(NotAllowedNow):
            settle(held, result, NOW)
        return
    after = settle(held, result, NOW, done={"contact": 1}, by="karin")
    assert (after.state, after.done, after.settled_at, after.settled_by) == (result, {"contact": 1}, NOW, "karin")
    assert (after.token, after.trouble, after.waiting_since) == ("", "", None)
    assert after.writing_since == (NOW if result is TaskState.EXCEPTION else None), "some of it may be done"


def test_what_cannot_be_undone_needs_two() -> None:
    assert task().approvals_needed == 2
    assert task(operation=Operation.EXPORT).approvals_needed == 1


@pytest.mark.parametrize("trouble", [CredentialsRefused("trouble.credentials"), NeedsHuman("trouble.refused")])
def test_what_no_retry_cures_goes_to_a_person_at_once(trouble: SystemTrouble) -> None:
    assert after_trouble(trouble, 1, WEEKS) == Ask(trouble.key)


def test_trouble_of_no_known_kind_goes_to_a_person() -> None:
    assert after_trouble(SystemTrouble("trouble.strange"), 1, WEEKS) == Ask("trouble.strange")


@pytest.mark.parametrize("trouble", [TryLater("trouble.later"), OutcomeUnknown("trouble.lost")])
def test_pauses_grow_and_the_last_one_repeats(trouble: SystemTrouble) -> None:
    answers = [after_trouble(trouble, attempts, WEEKS) for attempts in range(1, PATIENCE)]
    assert answers[: len(PAUSES)] == [Again(pause) for pause in PAUSES]
    assert set(answers[len(PAUSES) :]) == {Again(PAUSES[-1])}
    assert after_trouble(trouble, PATIENCE, WEEKS) == Ask(trouble.key)


def test_what_the_vendor_asks_for_is_kept() -> None:
    assert after_trouble(TryLater("trouble.too_many", timedelta(seconds=42)), 1, WEEKS) == Again(timedelta(seconds=42))


def test_close_to_the_target_a_person_is_asked_sooner() -> None:
    later = TryLater("trouble.later")
    near = HASTE - timedelta(seconds=1)
    assert after_trouble(later, len(PAUSES), near) == Again(PAUSES[-1])
    assert after_trouble(later, len(PAUSES) + 1, near) == Ask("trouble.later")
    assert after_trouble(later, len(PAUSES) + 1, HASTE) == Again(PAUSES[-1])
