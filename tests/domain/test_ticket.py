"""A part's life walks the one table; closing needs a sent letter or a reason."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.domain.errors import NotAllowedNow, NotFound
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.request import RequestType
from bot.domain.ticket import (
    BY_REASON,
    TRANSITIONS,
    Event,
    Outcome,
    Stage,
    advance,
    answers,
    close,
    letters_of,
    mermaid,
)
from tests.domain.examples import NOW, part, task, ticket


@pytest.mark.parametrize(("stage", "event"), list(product(Stage, Event)))
def test_the_table_is_the_whole_life(stage: Stage, event: Event) -> None:
    before = part(stage=stage)
    if (stage, event) in TRANSITIONS:
        after = advance(before, event)
        assert after.stage is TRANSITIONS[stage, event]
        assert replace(after, stage=stage) == before
    else:
        with pytest.raises(NotAllowedNow) as refused:
            advance(before, event)
        assert refused.value.facts == {"event": event, "stage": stage}


def test_every_stage_is_reached_and_every_stage_reaches_the_end() -> None:
    def reachable(start: Stage) -> set[Stage]:
        seen, waiting = {start}, deque([start])
        while waiting:
            here = waiting.popleft()
            for (before, _), after in TRANSITIONS.items():
                if before is here and after not in seen:
                    seen.add(after)
                    waiting.append(after)
        return seen

    assert reachable(Stage.RECEIVED) == set(Stage)
    assert all(Stage.CLOSED in reachable(stage) for stage in Stage)


def test_every_event_moves_something() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_nothing_is_carried_out_before_somebody_decided_except_an_opt_out() -> None:
    """R70: the only roads past DECIDING into EXECUTING are the opt-out's, and the way back from one (by hand only)."""
    roads = {(before, event) for (before, event), after in TRANSITIONS.items() if after is Stage.EXECUTING}
    assert roads == {
        (Stage.DECIDING, Event.DECIDED),
        (Stage.LOCATING, Event.OPT_OUT_LOCATED),
        (Stage.CLOSED, Event.UNDONE),
    }


def test_the_diagram_has_one_line_per_transition() -> None:
    lines = mermaid().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> received"]
    assert lines[-1] == "    closed --> [*]"
    assert len(lines) == len(TRANSITIONS) + 3
    assert "    verifying --> deciding: proven" in lines


def sent(kind: LetterKind, *parts: str) -> Letter:
    return Letter("letter1", kind, parts or ("part1",), LetterState.SENT, drafted_at=NOW, sent_at=NOW)


ANSWERED = [outcome for outcome in Outcome if outcome not in BY_REASON]


@pytest.mark.parametrize("outcome", ANSWERED)
def test_no_part_closes_without_its_answer_having_been_sent(outcome: Outcome) -> None:
    one = part(stage=Stage.REPLYING)
    asked = ticket(one)
    letters = [
        (),
        (sent(LetterKind.ACKNOWLEDGEMENT),),
        (sent(LetterKind.IDENTITY_NEEDED),),
        (sent(LetterKind.ERASURE_DONE, "part2"),),
        (replace(sent(LetterKind.ERASURE_DONE), state=LetterState.DOUBTFUL),),
        (replace(sent(LetterKind.ERASURE_DONE), state=LetterState.SENDING),),
    ]
    for unanswered in letters:
        with pytest.raises(NotAllowedNow, match=r"refusal\.letter_missing"):
            close(replace(asked, letters=unanswered), one, Event.ANSWERED, outcome, NOW, "reason.other")
    answered = asked.with_letter(sent(LetterKind.ERASURE_DONE))
    closed = close(answered, one, Event.ANSWERED, outcome, NOW)
    assert closed.stage is Stage.CLOSED
    assert closed.closed_at == NOW
    assert closed.parts[0].outcome is outcome


@pytest.mark.parametrize("outcome", sorted(BY_REASON))
def test_closing_without_an_answer_needs_a_reason(outcome: Outcome) -> None:
    event = Event.DISMISSED if outcome is Outcome.NOT_A_REQUEST else Event.WITHDRAWN
    asked = ticket()
    with pytest.raises(NotAllowedNow, match=r"refusal\.reason_missing"):
        close(asked, asked.parts[0], event, outcome, NOW)
    closed = close(asked, asked.parts[0], event, outcome, NOW, "reason.question")
    assert closed.parts[0].reason == "reason.question"


def test_an_event_that_does_not_close_closes_nothing() -> None:
    asked = ticket()
    with pytest.raises(NotAllowedNow, match=r"refusal\.not_from_here"):
        close(asked, asked.parts[0], Event.CONFIRMED, Outcome.FULFILLED, NOW, "reason.other")


def test_the_ticket_is_where_its_earliest_open_part_is() -> None:
    access = part(RequestType.ACCESS, 1, Stage.REPLYING)
    erasure = part(RequestType.ERASURE, 2, Stage.EXECUTING)
    asked = ticket(access, erasure).with_letter(sent(LetterKind.ACCESS_ANSWER))
    assert asked.stage is Stage.REPLYING
    half = close(asked, access, Event.ANSWERED, Outcome.FULFILLED, NOW)
    assert half.stage is Stage.EXECUTING
    assert half.closed_at is None
    assert not half.parts[0].open
    assert half.parts[1].open


def test_an_answer_from_before_the_reopening_answers_nothing_now() -> None:
    one = replace(part(stage=Stage.REPLYING), reopened_at=NOW + timedelta(days=1))
    asked = ticket(one).with_letter(sent(LetterKind.NOTHING_FOUND))
    assert answers(asked, one) == ()
    undated = replace(sent(LetterKind.NOTHING_FOUND), drafted_at=None)
    assert letters_of(asked.with_letter(undated), one) == ()
    with pytest.raises(NotAllowedNow, match=r"refusal\.letter_missing"):
        close(asked, one, Event.ANSWERED, Outcome.NOTHING_HELD, NOW)
    anew = replace(sent(LetterKind.ERASURE_DONE), id="letter2", drafted_at=NOW + timedelta(days=2))
    assert answers(asked.with_letter(anew), one) == (anew,)


def test_what_a_ticket_holds_is_found_by_id_and_swapped_in_place() -> None:
    asked = ticket(part(RequestType.ACCESS, 1), part(RequestType.ERASURE, 2))
    assert asked.part("part2").type is RequestType.ERASURE
    with_task = asked.with_task(task())
    assert with_task.task("task1") == task()
    assert with_task.tasks_of(asked.parts[0]) == (task(),)
    assert with_task.tasks_of(asked.parts[1]) == ()
    done = replace(task(), found={"contact": 1})
    assert with_task.with_task(done).tasks == (done,)
    assert with_task.with_letter(sent(LetterKind.GENERAL)).letter("letter1").kind is LetterKind.GENERAL
    changed = replace(asked.parts[1], reason="x")
    assert asked.with_part(changed).parts == (asked.parts[0], changed)
    for look in (asked.part, asked.task, asked.letter):
        with pytest.raises(NotFound):
            look("nothing")
