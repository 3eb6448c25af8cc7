"""Restriction: in force until lifted everywhere, never lifted before the person was told (R38-R40)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.errors import NotAllowedNow
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.policy import operation_for, plan
from bot.domain.request import RequestType, Scope, ScopeKind
from bot.domain.restriction import (
    GROUND_SET,
    MEANWHILE,
    USUALLY,
    Ends,
    Ground,
    Restriction,
    Terms,
    asks_for_ground,
    ended,
    in_force,
    kept_on_reopening,
    liftings,
    lifts,
    may_rest,
    needs_ground,
    plan_lift,
    refuse_early,
    restricted_in,
    told_of_end,
)
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket
from tests.domain.examples import NOW, STREET, ids, part, ticket

TODAY = date(2026, 3, 9)
FIND = Task("find", "part1", "hubspot", Operation.FIND, Mode.AUTOMATIC, TaskState.DONE)


def done(system: str = "hubspot", mode: Mode = Mode.AUTOMATIC, by: str = "") -> Task:
    """Return a restriction carried out."""
    found = {"contact": 1}
    return Task(f"r-{system}", "part1", system, Operation.RESTRICT, mode, TaskState.DONE, done=found, settled_by=by)


def restricted(*more: Task, stage: Stage = Stage.CLOSED) -> Ticket:
    """Return a ticket whose restriction is carried out in HubSpot."""
    return replace(ticket(part(RequestType.RESTRICTION, stage=stage)), tasks=(done(), *more))


def test_every_ground_has_its_usual_end() -> None:
    assert set(USUALLY) == set(Ground)
    assert set(USUALLY.values()) == set(Ends)
    assert set(MEANWHILE.values()) <= set(Ground)


def test_it_is_in_force_from_the_first_system_to_the_last() -> None:
    (the_part,) = restricted().parts
    assert in_force(ticket(the_part)) is None
    assert in_force(restricted()) == the_part
    steps = plan_lift(restricted(done("eventbrite")), the_part, ids(), NOW)
    half = restricted(done("eventbrite"), replace(steps[0], state=TaskState.DONE), steps[1])
    assert in_force(half) == the_part
    assert [task.system for task in liftings(half)] == ["eventbrite"]
    failed = restricted(replace(steps[0], state=TaskState.EXCEPTION))
    assert in_force(failed) == the_part, "what could not be lifted still holds"
    assert [task.system for task in plan_lift(failed, the_part, ids(), NOW)] == ["hubspot"], "and is tried once more"
    over = restricted(
        done("eventbrite"), replace(steps[0], state=TaskState.DONE), replace(steps[1], state=TaskState.NOT_HELD)
    )
    assert plan_lift(over, the_part, ids(), NOW) == ()
    assert in_force(over) is None
    assert ended(over, the_part)
    assert not ended(restricted(), the_part)


def test_an_objection_is_no_restriction_of_this_kind() -> None:
    objection = replace(ticket(part(RequestType.OBJECTION)), tasks=(done(),))
    assert restricted_in(objection, objection.parts[0]) == ()


def test_what_the_desk_did_the_desk_lifts_and_what_hands_did_hands_lift() -> None:
    by_hand = (done("eventbrite", Mode.MANUAL, "sara"), done("office365", by="jonas"))
    both = restricted(*by_hand)
    steps = plan_lift(both, both.parts[0], ids(), NOW)
    assert [(one.system, one.mode, one.state) for one in steps] == [
        ("hubspot", Mode.AUTOMATIC, TaskState.READY),
        ("eventbrite", Mode.MANUAL, TaskState.BY_HAND),
        ("office365", Mode.MANUAL, TaskState.BY_HAND),
    ]
    assert all(one.found == {"contact": 1} for one in steps)
    assert lifts(restricted(*steps), both.parts[0]) == steps


def told(state: LetterState, kind: LetterKind = LetterKind.LIFTING, letter_id: str = "letter1") -> Ticket:
    """Return a restricted ticket with a letter in that state."""
    return replace(restricted(), letters=(Letter(letter_id, kind, ("part1",), state),))


ANNOUNCED = Restriction(
    "part1", "ticket1", Terms(Ground.CLAIMS, Ends.CLAIM_OVER), NOW, TODAY, Ends.CLAIM_OVER, "letter1", TODAY
)


@pytest.mark.parametrize("state", [one for one in LetterState if one is not LetterState.SENT])
def test_a_notice_that_was_not_sent_lifts_nothing(state: LetterState) -> None:
    with pytest.raises(NotAllowedNow) as refused:
        refuse_early(ANNOUNCED, told(state), TODAY)
    assert refused.value.key == "refusal.notice_first"


@pytest.mark.parametrize(
    "wrong",
    [told(LetterState.SENT, LetterKind.RESTRICTED), told(LetterState.SENT, letter_id="another"), restricted()],
)
def test_nor_does_any_other_letter(wrong: Ticket) -> None:
    with pytest.raises(NotAllowedNow) as refused:
        refuse_early(ANNOUNCED, wrong, TODAY)
    assert refused.value.key == "refusal.notice_first"


@pytest.mark.parametrize("state", LetterState)
def test_a_letter_that_came_back_told_nobody(state: LetterState) -> None:
    assert told_of_end(told(state)) is (state not in (LetterState.RETURNED, LetterState.UNDELIVERED))
    assert not told_of_end(restricted())


def test_the_days_the_letter_names_are_kept() -> None:
    sent = told(LetterState.SENT)
    refuse_early(ANNOUNCED, sent, TODAY)
    refuse_early(ANNOUNCED, sent, TODAY + timedelta(days=1))
    with pytest.raises(NotAllowedNow) as refused:
        refuse_early(ANNOUNCED, sent, TODAY - timedelta(days=1))
    assert refused.value.key == "refusal.notice_runs"
    with pytest.raises(NotAllowedNow):
        refuse_early(replace(ANNOUNCED, lift_from=None), sent, TODAY)


def test_a_yes_waits_for_the_ground_of_a_restriction_alone() -> None:
    asked = restricted(stage=Stage.DECIDING)
    assert needs_ground(asked, done())
    assert not needs_ground(replace(asked, flags=frozenset({GROUND_SET})), done())
    assert not needs_ground(replace(asked, tasks=(FIND,)), FIND)
    weighed = replace(ticket(part(RequestType.OBJECTION)), tasks=(done(),))
    assert not needs_ground(weighed, done())


@pytest.mark.parametrize("stage", Stage)
def test_the_ground_is_asked_for_while_it_is_decided(stage: Stage) -> None:
    asks = stage in (Stage.DECIDING, Stage.EXECUTING)
    assert (asks_for_ground(restricted(stage=stage)) is not None) is asks
    assert asks_for_ground(ticket(part(RequestType.ERASURE, stage=stage))) is None


STATISTICS = Scope(ScopeKind.PURPOSES, ("statistics",))


@pytest.mark.parametrize(
    ("one", "rests"),
    [
        (part(RequestType.RECTIFICATION, stage=Stage.DECIDING), True),
        (replace(part(RequestType.OBJECTION, stage=Stage.DECIDING), scope=STATISTICS), True),
        (part(RequestType.OBJECTION, stage=Stage.EXECUTING), False),
        (part(RequestType.RECTIFICATION, stage=Stage.LOCATING), False),
        (part(RequestType.ERASURE, stage=Stage.DECIDING), False),
    ],
)
def test_what_is_looked_into_may_rest_meanwhile(one: Part, rests: bool) -> None:
    assert (may_rest(ticket(one)) is not None) is rests
    assert may_rest(ticket(one, part(RequestType.RESTRICTION, 2))) is None, "once is enough"


def test_the_desk_restricts_everything_or_nothing() -> None:
    """An objection to one use leaves the others free, so a colleague does it."""
    whole = part(RequestType.RESTRICTION)
    narrow = replace(part(RequestType.OBJECTION), scope=STATISTICS)
    for asked, mode in ((whole, Mode.AUTOMATIC), (narrow, Mode.MANUAL)):
        assert operation_for(asked) is Operation.RESTRICT
        assert plan(asked, STREET[:1], [FIND], ids(), NOW)[0].mode is mode


def test_what_restricts_outlives_that_the_ticket_begins_anew() -> None:
    held = restricted(FIND)
    assert [task.operation for task in held.tasks if kept_on_reopening(held, task)] == [Operation.RESTRICT]
    asked = replace(held, tasks=(FIND,))
    assert not kept_on_reopening(asked, FIND)
