"""Who is asked "Ja, radera" has five working days; then a person decides, and it never lapses by itself (D7)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.identity import Identity, IdentityState
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.request import RequestType
from bot.domain.task import TaskState
from bot.domain.ticket import MAY_TAKE_BACK, Stage, Ticket
from bot.domain.unpressed import a_person_decides, pressable_since, unpressed_days, waits_for_press
from config.calendar import swedish_calendar
from tests.domain.examples import NOW, part, task, ticket

DAYS = swedish_calendar()


def asked(state: TaskState, sent: datetime | None = NOW) -> Ticket:
    """Return an erasure whose link left at a moment."""
    old = ticket(part(RequestType.ERASURE, 1, Stage.EXECUTING)).with_task(task(state))
    gone = LetterState.SENT if sent else LetterState.APPROVED
    link = Letter("letter1", LetterKind.CONFIRM_ERASURE, (old.parts[0].id,), gone, sent_at=sent)
    return replace(old, letters=(link,), identity=Identity(IdentityState.AUTHENTICATED))


@pytest.mark.parametrize(("days", "decides"), [(0, False), (6, False), (7, True), (60, True)])
def test_a_person_decides_after_five_working_days(days: int, decides: bool) -> None:
    assert a_person_decides(asked(TaskState.LOCKED), NOW + timedelta(days=days), DAYS) is decides


@pytest.mark.parametrize("state", TaskState)
def test_only_what_waits_for_the_person_is_decided_in_their_place(state: TaskState) -> None:
    waits = state in (TaskState.LOCKED, TaskState.BY_HAND, TaskState.STUCK)
    assert waits_for_press(asked(state), NOW, DAYS) is waits
    taken_back = replace(asked(state), flags=frozenset({MAY_TAKE_BACK}))
    assert not a_person_decides(taken_back, NOW + timedelta(days=30), DAYS)


def test_a_link_that_never_left_is_not_waited_for() -> None:
    unsent = asked(TaskState.LOCKED, None)
    assert pressable_since(unsent) is None
    assert unpressed_days(unsent, NOW.date(), DAYS) == -1
    assert not a_person_decides(unsent, NOW + timedelta(days=30), DAYS)
