"""Every column of every deadline vector, and the calendar against a second, hand-written one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deadline import (
    Calendar,
    asked_promptly,
    deadlines,
    due_on,
    end_of,
    local_date,
    months_after,
    suspended_until,
)
from config.calendar import ByYear, swedish_calendar
from tests.vectors import rows

CALENDAR = swedish_calendar()
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
VECTORS = rows("deadline_vectors")
PAUSES = rows("deadline_pause_vectors")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Both:
    """Holidays and eves together: the friendlier Swedish reading, lag (1930:173)."""

    def __contains__(self, day: object) -> bool:
        return day in CALENDAR.holidays or day in CALENDAR.eves


def why_rolled(nominal: date, last: date) -> str:
    """Say which days stood in the way, as the vectors do."""
    named = country_holidays("SE", years=(nominal.year, last.year), include_sundays=False, language="sv")
    said = []
    day = nominal
    while day < last:
        said.append(f"{day} {named.get(day) or ('lördag' if day.weekday() == 5 else 'söndag')}")
        day += timedelta(days=1)
    return "; ".join(said)


def test_the_vectors_are_whole() -> None:
    assert [row["id"] for row in VECTORS] == [f"D{n:02}" for n in range(1, 70)]
    assert [row["id"] for row in PAUSES] == [f"S{n:02}" for n in range(1, 13)]


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["id"])
def test_every_column_of_a_deadline_vector(row: dict[str, str]) -> None:
    found = deadlines(moment(row["received"]), CALENDAR)
    day = found.received_local_date
    extended = months_after(day, 3)
    assert {
        "received_local_date": str(day),
        "received_weekday": WEEKDAYS[day.weekday()],
        "nominal_end": str(found.nominal_end),
        "last_day": str(found.last_day),
        "last_day_weekday": WEEKDAYS[found.last_day.weekday()],
        "roll_reason": why_rolled(found.nominal_end, found.last_day),
        "last_day_end_utc": f"{end_of(found.last_day):%Y-%m-%dT%H:%M:%SZ}",
        "safe_target": str(found.safe_target),
        "extension_notice_last_day": str(found.extension_notice_last_day),
        "nominal_extended_end": str(extended),
        "extended_last_day": str(found.extended_last_day),
        "extended_roll_reason": why_rolled(extended, found.extended_last_day),
        "extended_end_utc": f"{end_of(found.extended_last_day):%Y-%m-%dT%H:%M:%SZ}",
        "safe_extended_target": str(found.safe_extended_target),
        "alt_last_day_SE_1930_173": str(due_on(day, holidays=Both())),
        "alt_extended_SE_1930_173": str(due_on(day, extended=True, holidays=Both())),
    } == {key: value for key, value in row.items() if key not in ("id", "received", "note")}


@pytest.mark.parametrize("row", PAUSES, ids=lambda row: row["id"])
def test_every_column_of_a_pause_vector(row: dict[str, str]) -> None:
    received, asked = moment(row["received"]), moment(row["info_asked"])
    hard = deadlines(received, CALENDAR).last_day
    prompt = asked_promptly(received, asked, CALENDAR)
    assert str(hard) == row["hard_last_day_no_pause"]
    assert str(prompt).lower() == row["asked_within_3_working_days"]
    if not row["info_received"]:
        assert (row["pause_days"], row["suspended_last_day"], row["restart_last_day"]) == ("", "", "")
        assert row["which_to_use"] == "hard_last_day only"
        return
    answered = moment(row["info_received"])
    suspended = suspended_until(received, asked, answered, CALENDAR)
    assert str((local_date(answered) - local_date(asked)).days) == row["pause_days"]
    assert str(suspended) == row["suspended_last_day"]
    assert str(due_on(local_date(answered), holidays=CALENDAR.holidays)) == row["restart_last_day"]
    assert suspended >= hard
    relied_on = (
        "plan on hard_last_day; suspended_last_day is the latest arguable day" if prompt else "hard_last_day only"
    )
    assert relied_on == row["which_to_use"]


MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2099, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - bounds


@given(MOMENTS)
def test_the_safe_target_holds_under_every_reading(received: datetime) -> None:
    found = deadlines(received, CALENDAR)
    assert found.safe_target <= found.nominal_end <= found.last_day
    assert CALENDAR.is_safe(found.safe_target)
    assert CALENDAR.is_working(found.last_day)
    assert found.safe_extended_target <= found.extended_last_day
    assert found.last_day < found.extended_last_day
    # one month clamped and then two more, the chained reading (C6)
    assert found.safe_extended_target <= months_after(months_after(found.received_local_date, 1), 2)


@given(MOMENTS)
def test_the_day_has_the_same_number_or_ends_a_shorter_month(received: datetime) -> None:
    found = deadlines(received, CALENDAR)
    same = found.nominal_end.day == found.received_local_date.day
    assert same or (found.nominal_end + timedelta(days=1)).day == 1


def easter(year: int) -> date:
    """Return Easter Sunday by Gauss's rule in Butcher's form, independent of the library."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    mm = (32 + 2 * e + 2 * i - h - k) % 7
    n = h + mm - 7 * ((a + 11 * h + 22 * mm) // 451) + 114
    return date(year, n // 31, n % 31 + 1)


def saturday_from(day: date) -> date:
    return day + timedelta(days=(5 - day.weekday()) % 7)


def by_hand(year: int) -> set[date]:
    """Return the public holidays of lag (1989:253) 1 §, Sundays left out."""
    e = easter(year)
    moving = {e + timedelta(days=n) for n in (-2, 0, 1, 39, 49)}
    fixed = {date(year, *day) for day in ((1, 1), (1, 6), (5, 1), (6, 6), (12, 25), (12, 26))}
    return moving | fixed | {saturday_from(date(year, 6, 20)), saturday_from(date(year, 10, 31))}


@pytest.mark.parametrize("year", range(2005, 2101))
def test_the_library_agrees_with_a_calendar_made_by_hand(year: int) -> None:
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    every = [day for day in every if day.year == year]
    assert {day for day in every if day in CALENDAR.holidays and day.weekday() != 6} == {
        day for day in by_hand(year) if day.weekday() != 6
    }
    assert all(day in CALENDAR.holidays for day in every if day.weekday() == 6)
    midsummer = saturday_from(date(year, 6, 20)) - timedelta(days=1)
    assert {day for day in every if day in CALENDAR.eves} == {midsummer, date(year, 12, 24), date(year, 12, 31)}


def test_years_beyond_the_calendar_know_weekends_only() -> None:
    assert date(1970, 1, 1) not in CALENDAR.holidays
    assert not CALENDAR.is_working(date(1970, 1, 3))
    assert "2026-01-01" not in ByYear(lambda _: frozenset())


def test_working_days_are_counted_forwards_and_backwards() -> None:
    thursday, tuesday = date(2026, 4, 2), date(2026, 4, 7)
    assert CALENDAR.working_days_between(thursday, tuesday) == 1
    assert CALENDAR.working_days_between(tuesday, thursday) == -1
    assert CALENDAR.working_days_between(thursday, thursday) == 0
    assert CALENDAR.add_working_days(thursday, 1) == tuesday
    assert CALENDAR.add_working_days(thursday, 0) == thursday


def test_an_eve_counts_for_the_law_but_not_for_the_plan() -> None:
    eve = date(2026, 6, 19)
    assert CALENDAR.is_working(eve)
    assert not CALENDAR.is_safe(eve)
    assert Calendar().is_safe(eve)


def test_summer_time_moves_the_last_instant() -> None:
    assert end_of(date(2026, 3, 28)) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC)
