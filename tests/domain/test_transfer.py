"""A file goes straight to somebody else only with the person's own approval, attested by a colleague (P16, R36)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.identity import IdentityState
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.recipients import named_on
from bot.domain.request import RequestType
from bot.domain.system import Mode, Operation
from bot.domain.task import TAKEN_BACK, Approval, Task, TaskState
from bot.domain.ticket import Stage, Ticket
from bot.domain.transfer import (
    Approved,
    Given,
    approved,
    handed_over,
    open_transfer,
    taken_back,
    told_by_answer,
    transferable,
    transfers,
)
from tests.domain.examples import NOW, RECEIVED, part, ticket

GIVEN = Approved(Given.MAIL, RECEIVED + timedelta(days=1), "sara", NOW)


def filed(
    stage: Stage = Stage.CLOSED,
    right: RequestType = RequestType.PORTABILITY,
    state: TaskState = TaskState.DONE,
    identity: IdentityState = IdentityState.PROVEN,
) -> Ticket:
    export = Task("task1", "part1", "eventbrite", Operation.EXPORT, Mode.AUTOMATIC, state)
    return replace(ticket(part(right, stage=stage), identity=identity), tasks=(export,))


@pytest.mark.parametrize("stage", [Stage.REPLYING, Stage.CLOSED])
def test_a_packed_file_may_go_to_whom_the_person_approved(stage: Stage) -> None:
    after, handing = approved(filed(stage), GIVEN, "id1")
    assert (handing.system, handing.state, handing.part_id) == ("recipient_1", TaskState.BY_HAND, "part1")
    assert handing.approvals == (Approval("sara", NOW),)
    assert transfers(after, after.parts[0]) == (handing,)
    assert open_transfer(handing)
    assert named_on(after) == (), "nobody has been given anything yet"


@pytest.mark.parametrize(
    "wrong",
    [
        filed(Stage.EXECUTING),
        filed(right=RequestType.ACCESS),
        filed(state=TaskState.NOT_APPLICABLE),
        filed(identity=IdentityState.ASKED),
    ],
)
def test_without_a_file_of_a_proven_person_nothing_goes_anywhere(wrong: Ticket) -> None:
    if wrong.identity.state is IdentityState.ASKED:
        wrong = replace(wrong, identity=replace(wrong.identity, state=IdentityState.FAILED))
    assert transferable(wrong) is None
    with pytest.raises(NotAllowedNow, match="nothing_to_transfer"):
        approved(wrong, GIVEN, "id1")


@pytest.mark.parametrize("at", [RECEIVED - timedelta(days=1), NOW + timedelta(minutes=1)])
def test_an_approval_of_another_time_is_none_of_this(at: object) -> None:
    with pytest.raises(Incomplete) as refused:
        approved(filed(), replace(GIVEN, at=at), "id1")  # type: ignore[arg-type]  # a moment, named by the parameter
    assert refused.value.facts["field"] == "approved_at"


def test_no_step_without_an_approval_is_open() -> None:
    _, handing = approved(filed(), GIVEN, "id1")
    assert not open_transfer(replace(handing, approvals=()))
    assert not open_transfer(replace(handing, state=TaskState.DONE))
    assert not open_transfer(replace(handing, operation=Operation.NOTIFY))


@pytest.mark.parametrize(("state", "who"), [(TaskState.DONE, ("recipient_1",)), (TaskState.EXCEPTION, ())])
def test_only_who_got_the_file_is_a_recipient_from_then_on(state: TaskState, who: tuple[str, ...]) -> None:
    after, handing = approved(filed(), GIVEN, "id1")
    assert named_on(handed_over(after, replace(handing, state=state))) == who


def test_an_approval_taken_back_hands_nothing_over() -> None:
    after, handing = approved(filed(), GIVEN, "id1")
    back = taken_back(replace(handing, state=TaskState.NOT_HELD))
    assert (back.state, back.reason) == (TaskState.NOT_APPLICABLE, TAKEN_BACK)
    assert named_on(handed_over(after, back)) == ()


@pytest.mark.parametrize(
    ("kind", "state", "told"),
    [
        (LetterKind.PORTABLE, LetterState.DRAFT, True),
        (LetterKind.PORTABLE, LetterState.REQUESTED, True),
        (LetterKind.PORTABLE, LetterState.SENT, False),
        (LetterKind.GENERAL, LetterState.DRAFT, False),
    ],
)
def test_an_answer_still_unread_tells_it_else_a_letter_of_its_own(
    kind: LetterKind, state: LetterState, *, told: bool
) -> None:
    one = filed(Stage.REPLYING).with_letter(Letter("l1", kind, ("part1",), state))
    assert told_by_answer(one, one.parts[0]) is told
