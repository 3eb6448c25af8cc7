"""Extending a deadline: told in time or not at all, once, and never for what is not complex (R28, R29)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.domain.deadline import Calendar, deadlines
from bot.domain.extension import extendable, in_force, nearest, on_its_way, told
from bot.domain.kept import Kept, kept
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.request import RequestType
from bot.domain.ticket import Outcome, Part, Stage, Ticket
from tests.domain.examples import RECEIVED, part, ticket

CALENDAR = Calendar(holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
LAST = date(2026, 4, 7)
IN_TIME = datetime(2026, 4, 7, 21, 59, tzinfo=UTC)  # 23:59 in Sweden
TOO_LATE = datetime(2026, 4, 7, 22, 1, tzinfo=UTC)


def notice(state: LetterState = LetterState.SENT, at: datetime | None = IN_TIME, *parts: str) -> Letter:
    return Letter("notice", LetterKind.EXTENDED, parts or ("part1",), state, sent_at=at)


def access(stage: Stage = Stage.DECIDING) -> Part:
    return part(RequestType.ACCESS, stage=stage)


def with_notice(letter: Letter) -> Ticket:
    return replace(ticket(access()), letters=(letter,))


def test_both_days_move_from_the_moment_the_person_was_told() -> None:
    one = with_notice(notice())
    plain = deadlines(RECEIVED, CALENDAR)
    days = in_force(one, one.parts[0], CALENDAR)
    assert (days.last_day, days.safe_target) == (plain.extended_last_day, plain.safe_extended_target)
    assert days.last_day == date(2026, 6, 5)
    assert nearest(one, CALENDAR) == days
    assert days.extension_notice_last_day == LAST, "the day by which one must be told does not move with it"


@pytest.mark.parametrize(
    "letter",
    [
        notice(LetterState.REQUESTED, None),
        notice(LetterState.DRAFT, None),
        notice(LetterState.SENDING, None),
        notice(LetterState.DOUBTFUL, None),
        notice(LetterState.RETURNED),
        notice(LetterState.UNDELIVERED),
        notice(LetterState.SENT, TOO_LATE),
        replace(notice(), kind=LetterKind.ACKNOWLEDGEMENT),
        notice(LetterState.SENT, IN_TIME, "part2"),
    ],
    ids=lambda one: f"{one.kind}-{one.state}",
)
def test_nothing_moves_while_the_person_does_not_know(letter: Letter) -> None:
    one = with_notice(letter)
    assert in_force(one, one.parts[0], CALENDAR) == deadlines(RECEIVED, CALENDAR)
    assert told(one, one.parts[0], CALENDAR) is None


@pytest.mark.parametrize(
    ("today", "possible"),
    [(date(2026, 3, 5), True), (LAST, True), (date(2026, 4, 8), False), (date(2026, 5, 5), False)],
)
def test_only_within_the_first_month(today: date, possible: bool) -> None:
    assert bool(extendable(ticket(access()), today, CALENDAR)) is possible


@pytest.mark.parametrize("state", LetterState)
def test_only_once(state: LetterState) -> None:
    """A notice on its way or sent bars another; one that reached nobody, and was seen to, does not."""
    one = with_notice(notice(state, None))
    assert bool(extendable(one, LAST, CALENDAR)) is (state is LetterState.UNDELIVERED)


@pytest.mark.parametrize(
    ("asked", "possible"),
    [
        (access(Stage.RECEIVED), False),
        (access(Stage.LOCATING), True),
        (access(Stage.REPLYING), True),
        (replace(access(Stage.CLOSED), outcome=Outcome.FULFILLED), False),
        (part(RequestType.UNSUBSCRIBE, stage=Stage.EXECUTING), False),
        (part(RequestType.ERASURE, stage=Stage.EXECUTING), True),
    ],
    ids=lambda one: str(one.stage) if isinstance(one, Part) else str(one),
)
def test_what_can_be_extended(asked: Part, possible: bool) -> None:
    assert bool(extendable(ticket(asked), LAST, CALENDAR)) is possible


def test_parts_keep_clocks_of_their_own() -> None:
    """One asked later is not extended by the first one's letter, and it is what must be answered next."""
    later = replace(part(RequestType.ERASURE, 2, Stage.DECIDING), received=datetime(2026, 3, 20, 9, tzinfo=UTC))
    one = replace(ticket(access(), later), letters=(notice(),))
    assert extendable(one, LAST, CALENDAR) == (later,)
    assert nearest(one, CALENDAR).last_day == date(2026, 4, 20)
    assert on_its_way(one, later) is None


def test_an_answer_within_the_extended_time_is_in_time() -> None:
    late = replace(access(Stage.CLOSED), outcome=Outcome.FULFILLED, closed_at=datetime(2026, 5, 20, 9, tzinfo=UTC))
    plain = ticket(late)
    assert kept([plain], date(2026, 6, 1), CALENDAR) == Kept(late=1)
    assert kept([replace(plain, letters=(notice(),))], date(2026, 6, 1), CALENDAR) == Kept(in_time=1)
