"""How the days are kept: each part once, on the right side of its days."""

from dataclasses import replace
from datetime import UTC, date, datetime

from bot.domain.deadline import Calendar
from bot.domain.kept import Kept, kept
from bot.domain.request import EVERYTHING, RequestType
from bot.domain.ticket import Outcome, Part, Stage, Ticket
from tests.domain.examples import ticket

PART = Part("p", 1, RequestType.ACCESS, datetime(2026, 3, 5, 9, tzinfo=UTC), EVERYTHING)
TARGET, LAST = date(2026, 4, 2), date(2026, 4, 7)
CALENDAR = Calendar(holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))


def of(*parts: Part) -> list[Ticket]:
    return [ticket(part) for part in parts]


def closed(at: datetime, outcome: Outcome = Outcome.FULFILLED) -> Part:
    return replace(PART, stage=Stage.CLOSED, outcome=outcome, closed_at=at)


def test_an_open_part_is_within_past_its_target_or_overdue() -> None:
    found = [kept(of(PART), day, CALENDAR) for day in (TARGET, date(2026, 4, 3), LAST, date(2026, 4, 8))]
    assert found == [Kept(open=1), Kept(open=1, past_target=1), Kept(open=1, past_target=1), Kept(open=1, overdue=1)]


def test_an_answer_is_in_time_up_to_the_end_of_the_last_day_in_sweden() -> None:
    in_time, late = datetime(2026, 4, 7, 21, 59, tzinfo=UTC), datetime(2026, 4, 7, 22, 1, tzinfo=UTC)
    assert kept(of(closed(in_time), closed(late)), LAST, CALENDAR) == Kept(in_time=1, late=1)


def test_what_was_never_to_be_answered_counts_nowhere() -> None:
    at = datetime(2026, 5, 5, 9, tzinfo=UTC)
    assert kept(of(closed(at, Outcome.NOT_A_REQUEST), closed(at, Outcome.WITHDRAWN)), LAST, CALENDAR) == Kept()
