"""Rectification: what is written over, what may be told of it, and what takes a yes back."""

from dataclasses import replace

import pytest

from bot.domain.correcting import (
    NOTHING_TO_CORRECT,
    Values,
    Written,
    awaits_values,
    by_program,
    changes,
    emptied,
    landed,
    masked,
    nothing_there,
    rewritten,
    yes_names_values,
)
from bot.domain.errors import NotAllowedNow
from bot.domain.system import Correction, Mode, Operation
from bot.domain.task import Approval, TaskState
from tests.domain.examples import NOW, task

HELD = Values("contact", "101", special=False, values={"phone": "070-1", "city": "Lund", "about": ""})


def written(before: str, after: str, *, special: bool = False) -> Written:
    """Return one correction of a phone number."""
    return Written("contact", "101", Correction("phone", before, after), special)


def test_only_fields_that_are_there_and_differ_are_changed() -> None:
    wanted = {"phone": " 070-2 ", "city": "Lund ", "about": "", "unknown": "x"}
    assert changes(HELD, wanted) == (Written("contact", "101", Correction("phone", "070-1", "070-2")),)
    assert changes(HELD, {}) == ()
    assert changes(HELD, {"city": ""})[0].correction == Correction("city", "Lund", "")


def test_the_log_holds_no_value() -> None:
    found = [written("070-1", "070-2"), written("070-1", ""), written("", "070-2")]
    assert masked(found) == "phone:set>set,phone:set>empty,phone:empty>set"


def test_a_value_is_emptied_when_it_is_gone_and_none_has_come() -> None:
    """A dash put in its place is no value; where nothing stood nothing is lost."""
    for after in ("", " ", "–", "-", "..."):
        assert emptied([written("070-1", after)]) == {("101", "phone")}
    for before, after in (("070-1", "070-2"), ("", "070-2"), (" ", "-"), ("070-1", "x")):
        assert not emptied([written(before, after)])


def test_a_yes_says_to_which_values_where_the_desk_writes_them_or_one_will_be_gone() -> None:
    rectify = task(TaskState.PROPOSED, Operation.RECTIFY)
    by_hand = replace(rectify, mode=Mode.MANUAL)
    assert yes_names_values(rectify)
    assert not yes_names_values(by_hand), "they may be written afterwards"
    assert yes_names_values(replace(by_hand, irreversible=True))
    assert not yes_names_values(task(TaskState.PROPOSED, Operation.ERASE))


def test_what_is_emptied_takes_two_and_what_is_put_right_takes_one() -> None:
    rectify = task(TaskState.PROPOSED, Operation.RECTIFY)
    lasting = rewritten(rectify, NOW, irreversible=True)
    assert (rectify.approvals_needed, lasting.approvals_needed) == (1, 2)
    assert (rectify.takes_away, lasting.takes_away) == (False, True)
    assert rewritten(lasting, NOW).approvals_needed == 1
    assert task(TaskState.PROPOSED, Operation.ERASE).takes_away
    assert not replace(task(TaskState.PROPOSED, Operation.RESTRICT), irreversible=True).takes_away


def test_a_step_by_hand_is_asked_anew_where_a_value_goes_that_nobody_agreed_to() -> None:
    agreed = replace(task(TaskState.BY_HAND, Operation.RECTIFY), mode=Mode.MANUAL, approvals=(Approval("karin", NOW),))
    kept = rewritten(agreed, NOW, irreversible=True)
    assert (kept.state, kept.approvals, kept.irreversible) == (TaskState.BY_HAND, agreed.approvals, True)
    asked = rewritten(agreed, NOW, irreversible=True, anew=True)
    assert (asked.state, asked.approvals, asked.approvals_needed) == (TaskState.PROPOSED, (), 2)


@pytest.mark.parametrize(
    ("one", "tellable"),
    [
        (written("070-111 11 11", "070-222 22 22"), True),
        (written("0701111111", "0702222222"), True),
        (written("nuts", "", special=True), False),
        (written("19121212-1212", ""), False),
        (written("", "121212-1212"), False),
        (written("191212121212", ""), False),
    ],
)
def test_what_is_sensitive_is_not_told(one: Written, tellable: bool) -> None:
    assert one.tellable is tellable


@pytest.mark.parametrize("state", TaskState)
def test_values_are_written_only_while_somebody_may_still_say_no(state: TaskState) -> None:
    open_for_it = state in (TaskState.PROPOSED, TaskState.STUCK, TaskState.BY_HAND)
    rectify = task(state, Operation.RECTIFY)
    assert awaits_values(rectify) is open_for_it
    assert not awaits_values(task(state, Operation.ERASE))
    if not open_for_it:
        with pytest.raises(NotAllowedNow):
            rewritten(rectify, NOW)


def test_other_values_take_the_yes_back() -> None:
    stuck = replace(
        task(TaskState.STUCK, Operation.RECTIFY),
        approvals=(Approval("karin", NOW),),
        trouble="trouble.refused",
        token="t",
    )
    again = rewritten(stuck, NOW)
    assert (again.state, again.approvals, again.trouble, again.token) == (TaskState.PROPOSED, (), "", "")
    by_hand = replace(task(TaskState.BY_HAND, Operation.RECTIFY), mode=Mode.MANUAL, approvals=(Approval("karin", NOW),))
    assert rewritten(by_hand, NOW).state is TaskState.BY_HAND
    assert rewritten(by_hand, NOW).approvals == by_hand.approvals


def test_the_desk_writes_only_where_it_can() -> None:
    rectify = task(TaskState.PROPOSED, Operation.RECTIFY)
    assert by_program(rectify)
    assert not by_program(replace(rectify, mode=Mode.ASSISTED))
    assert not by_program(task(TaskState.PROPOSED, Operation.ERASE))


def test_nothing_to_correct_is_a_result_with_a_reason() -> None:
    settled = nothing_there(task(TaskState.PROPOSED, Operation.RECTIFY), "karin", NOW)
    assert settled.state is TaskState.NOT_APPLICABLE
    assert (settled.reason, settled.settled_by, settled.settled_at) == (NOTHING_TO_CORRECT, "karin", NOW)


def test_landed_means_every_value_stands_there() -> None:
    wanted = [written("070-1", "070-2"), Written("contact", "101", Correction("city", "Lund", ""))]
    assert landed(wanted, {"phone": "070-2", "city": ""})
    assert landed(wanted, {"phone": "070-2 "})
    assert not landed(wanted, {"phone": "070-2", "city": "Lund"})
    assert not landed(wanted, {"phone": "070-1", "city": ""})
