"""Sweden's own days: holidays that others in the Union do not have, days that only custom takes off, and the eves.

The month of Article 12(3) ends as Regulation 1182/71 says: its public holidays are the member state's (Art. 2(1)), so
they are those of lag (1989:253) and nobody else's; lag (1930:173), which would spare the eves, does not count (C5).
"""

from datetime import date, datetime, time

import pytest

from bot.domain.deadline import SWEDEN, deadlines, due_on, months_after
from bot.domain.retention import candidate_due
from config.calendar import swedish_calendar
from tests.domain.test_deadline import Both

CALENDAR = swedish_calendar()

#: Holidays of Sweden that are ordinary days in much of the Union, each with the last day of a month that ends on it.
SWEDISH_ONLY = {
    "Epiphany": (date(2027, 1, 6), date(2027, 1, 7)),
    "Ascension Day, after a Wednesday": (date(2026, 5, 14), date(2026, 5, 15)),
    "National Day, a Tuesday": (date(2028, 6, 6), date(2028, 6, 7)),
    "Midsummer Day, a Saturday": (date(2026, 6, 20), date(2026, 6, 22)),
    "All Saints' Day, a Saturday": (date(2025, 11, 1), date(2025, 11, 3)),
}
#: Holidays elsewhere in the Union, and days that much of Sweden takes off: the month may end on them (C4, C5).
ORDINARY = {
    "Whit Monday, none since 2005": date(2026, 5, 25),
    "Maundy Thursday": date(2026, 4, 2),
    "Walpurgis Eve": date(2026, 4, 30),
    "Germany's unity, a Saturday's eve": date(2025, 10, 3),
    "All Saints' Day elsewhere, a Wednesday": date(2028, 11, 1),
    "the Assumption, a Friday": date(2025, 8, 15),
    "the day between Ascension Day and Saturday": date(2026, 5, 15),
    "the Monday after a National Day on a Sunday": date(2027, 6, 7),
    "the Monday after a Christmas on a Saturday": date(2027, 12, 27),
    "Twelfth Night": date(2027, 1, 5),
}
EVES = {
    "Midsummer Eve": (date(2026, 6, 19), date(2026, 6, 18)),
    "Christmas Eve": (date(2026, 12, 24), date(2026, 12, 23)),
}


def a_month_before(day: date) -> datetime:
    """Return noon in Sweden of the day of receipt whose month ends on *day*."""
    return datetime.combine(months_after(day, -1), time(12), SWEDEN)


@pytest.mark.parametrize("name", SWEDISH_ONLY)
def test_a_holiday_of_sweden_alone_moves_the_last_day_and_the_plan_stays_before_it(name: str) -> None:
    """Reg. 1182/71 Art. 2(1): the public holidays are those of the member state; Art. 3(4) moves the last day."""
    holiday, working = SWEDISH_ONLY[name]
    found = deadlines(a_month_before(holiday), CALENDAR)
    assert (found.nominal_end, found.last_day) == (holiday, working)
    assert found.safe_target < holiday


@pytest.mark.parametrize("name", ORDINARY)
def test_what_is_a_holiday_elsewhere_or_by_custom_moves_nothing(name: str) -> None:
    day = ORDINARY[name]
    found = deadlines(a_month_before(day), CALENDAR)
    assert found.nominal_end == found.last_day == found.safe_target == day


@pytest.mark.parametrize("name", EVES)
def test_an_eve_may_be_the_last_day_and_never_the_one_planned_for(name: str) -> None:
    """C5 against C10: lag (1930:173) would move the day, the Regulation does not; the plan holds under both."""
    eve, planned = EVES[name]
    found = deadlines(a_month_before(eve), CALENDAR)
    assert (found.last_day, found.safe_target) == (eve, planned)
    assert due_on(found.received_local_date, holidays=Both()) > eve


def test_the_plan_passes_over_new_years_eve_on_which_no_month_ends() -> None:
    """November has no thirty-first; a month that ends on New Year's Day is planned for before both."""
    found = deadlines(datetime(2026, 12, 1, 12, tzinfo=SWEDEN), CALENDAR)
    assert (found.last_day, found.safe_target) == (date(2027, 1, 4), date(2026, 12, 30))


def test_holidays_within_the_month_count_as_days_of_it() -> None:
    """Art. 3(3): Good Friday, Easter and four weekends lie within; nothing is added for them."""
    found = deadlines(datetime(2026, 3, 20, 12, tzinfo=SWEDEN), CALENDAR)
    assert found.last_day == date(2026, 4, 20)


def test_the_old_whit_monday_and_the_young_national_day() -> None:
    """Lag (2004:1320) let them change places from 2005 on: what came before is counted as it was."""
    assert not CALENDAR.is_working(date(2004, 5, 31))
    assert CALENDAR.is_working(date(2003, 6, 6))
    assert CALENDAR.is_working(date(2005, 5, 16))
    assert not CALENDAR.is_working(date(2005, 6, 6))


def test_a_storage_limit_is_not_moved_by_its_holiday() -> None:
    """C12: 1 January is a holiday in every year, and data due then is due then (P75)."""
    due = candidate_due([datetime(2024, 5, 10, 10, tzinfo=SWEDEN)]).due
    assert due == date(2027, 1, 1)
    assert not CALENDAR.is_working(date(2027, 1, 1))
