"""What was not done is not called done: the steps a ticket never took."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.identity import Identity, IdentityState
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.request import Channel, Language, RequestType
from bot.domain.skipped import skipped
from bot.domain.system import Mode, Operation
from bot.domain.task import Approval, Task, TaskState
from bot.domain.ticket import Outcome, Part, Stage, Ticket

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
PART = Part("p", 1, RequestType.ERASURE, NOW)
FIND = Task("f", "p", "hubspot", Operation.FIND, Mode.AUTOMATIC, TaskState.DONE)
ERASE = Task("e", "p", "hubspot", Operation.ERASE, Mode.AUTOMATIC, TaskState.DONE, approvals=(Approval("karin", NOW),))
ANSWER = Letter("l", LetterKind.ERASURE_DONE, ("p",), LetterState.SENT, NOW, sent_at=NOW)
EVERY = {Stage.LOCATING, Stage.VERIFYING, Stage.DECIDING, Stage.EXECUTING, Stage.REPLYING}
BARE = Ticket("t", "PR-2026-0001", Channel.MAIL, Language.SV, NOW, (PART,))
WHOLE = replace(BARE, tasks=(FIND, ERASE), identity=Identity(IdentityState.PROVEN), letters=(ANSWER,))


def with_task(**more: object) -> Ticket:
    return replace(WHOLE, tasks=(FIND, replace(ERASE, **more)))  # type: ignore[arg-type]


def test_what_was_walked_to_its_end_skipped_nothing() -> None:
    assert skipped(WHOLE) == frozenset()


def test_what_is_no_request_or_taken_back_at_once_took_no_step() -> None:
    closed = replace(PART, stage=Stage.CLOSED, outcome=Outcome.NOT_A_REQUEST, reason="reason.duplicate")
    assert skipped(replace(BARE, parts=(closed,))) == EVERY


@pytest.mark.parametrize("state", IdentityState)
def test_nobody_was_asked_where_the_mail_is_proof_or_none_is_needed(state: IdentityState) -> None:
    asked = state in (IdentityState.ASKED, IdentityState.PROVEN, IdentityState.FAILED)
    assert skipped(replace(WHOLE, identity=Identity(state))) == (set() if asked else {Stage.VERIFYING})


def test_an_opt_out_is_decided_by_nobody_and_searched_nowhere() -> None:
    stop = replace(ERASE, operation=Operation.SUPPRESS, approvals=())
    opt_out = replace(PART, type=RequestType.UNSUBSCRIBE)
    by_itself = replace(WHOLE, parts=(opt_out,), tasks=(stop,), identity=Identity(IdentityState.NOT_NEEDED))
    assert skipped(by_itself) == {Stage.LOCATING, Stage.VERIFYING, Stage.DECIDING}
    by_hand = replace(by_itself, tasks=(replace(stop, operation=Operation.RESTRICT, mode=Mode.MANUAL),))
    assert skipped(by_hand) == skipped(by_itself)


def test_what_was_declined_was_decided_but_not_carried_out() -> None:
    assert skipped(with_task(state=TaskState.DECLINED, approvals=())) == {Stage.EXECUTING}


def test_what_fell_away_before_anybody_was_asked_was_not_decided() -> None:
    dropped = {"state": TaskState.NOT_APPLICABLE}
    assert skipped(with_task(**dropped, approvals=())) == {Stage.DECIDING, Stage.EXECUTING}
    assert skipped(with_task(**dropped)) == {Stage.EXECUTING}, "a yes had been said"
    assert skipped(replace(WHOLE, tasks=(FIND,))) == {Stage.DECIDING, Stage.EXECUTING}, "nothing was held"


def test_a_letter_that_has_not_left_answers_nothing() -> None:
    assert skipped(replace(WHOLE, letters=(replace(ANSWER, state=LetterState.DRAFT),))) == {Stage.REPLYING}
