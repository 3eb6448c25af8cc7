"""The clock of Article 12(3): one calendar month, Swedish holidays, a safe target.

The month is an EU period and follows Regulation (EEC, Euratom) 1182/71 Art. 3, not
lag (1930:173): the three eves (midsommarafton, julafton, nyårsafton) do not move the
last day, but the *safe target* stays clear of them, so it holds under every reading
(domain C1-C10). Plans and reminders work to the safe target; the last day is the law.
"""

from calendar import monthrange
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

SWEDEN: Final = ZoneInfo("Europe/Stockholm")
MONTHS: Final = 1
MONTHS_IF_EXTENDED: Final = 3  # one step of three, not one and then two (C6)
SATURDAY: Final = 5
ONE_DAY: Final = timedelta(days=1)
#: Asked later than this, an identity question was not asked "without undue delay" (R16).
PROMPT_WORKING_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that are not ordinary: `holidays` by lag (1989:253) Sundays included or not, and the three `eves`.

    Both must be hashable and never change: what was counted once by a calendar is remembered.
    """

    holidays: Container[date] = ()
    eves: Container[date] = ()

    def is_working(self, day: date) -> bool:
        """Whether *day* is a working day for the last day of a period (the eves are)."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def is_safe(self, day: date) -> bool:
        """Whether *day* is a working day under every reading (the eves are not)."""
        return self.is_working(day) and day not in self.eves

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many safe working days lie after *start* up to and including *end*; negative when past."""
        if end < start:
            return -self.working_days_between(end, start)
        return _safe_days(self, start, end)

    def add_working_days(self, start: date, count: int) -> date:
        """Return the day that lies *count* safe working days after *start*."""
        day = start
        while count > 0:
            day += ONE_DAY
            count -= self.is_safe(day)
        return day


@lru_cache(maxsize=1024)
def _safe_days(calendar: Calendar, start: date, end: date) -> int:
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(calendar.is_safe(day) for day in days)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Every day that follows from one receipt (dates in Europe/Stockholm)."""

    received_local_date: date
    nominal_end: date
    last_day: date
    safe_target: date
    extended_last_day: date
    safe_extended_target: date
    extension_notice_last_day: date


def local_date(moment: datetime) -> date:
    """Return the day in Sweden on which *moment* (aware) fell (C1)."""
    return moment.astimezone(SWEDEN).date()


def due_on(received: date, *, extended: bool = False, holidays: Container[date] = ()) -> date:
    """Return the last day on which the person must have our answer (GDPR Art. 12(3)).

    The day bears the same number as the day of receipt, or is the last of a shorter
    month. A deadline that is not a working day moves to the next one that is.
    """
    due = months_after(received, MONTHS_IF_EXTENDED if extended else MONTHS)
    while due.weekday() >= SATURDAY or due in holidays:
        due += ONE_DAY
    return due


def safe_target(received: date, calendar: Calendar, *, extended: bool = False) -> date:
    """Return the last safe working day on or before the un-rolled end (C10)."""
    if extended:
        # Also before the end read as one month, clamped, and then two more (C6).
        chained = months_after(months_after(received, MONTHS), MONTHS_IF_EXTENDED - MONTHS)
        target = min(months_after(received, MONTHS_IF_EXTENDED), chained)
    else:
        target = months_after(received, MONTHS)
    while not calendar.is_safe(target):
        target -= ONE_DAY
    return target


def deadlines(received: datetime, calendar: Calendar) -> Deadlines:
    """Return every day that follows from *received* (aware), the moment an official channel had it (R22)."""
    return _deadlines(local_date(received), calendar)


@lru_cache(maxsize=1024)
def _deadlines(day: date, calendar: Calendar) -> Deadlines:
    last = due_on(day, holidays=calendar.holidays)
    return Deadlines(
        received_local_date=day,
        nominal_end=months_after(day, MONTHS),
        last_day=last,
        safe_target=safe_target(day, calendar),
        extended_last_day=due_on(day, extended=True, holidays=calendar.holidays),
        safe_extended_target=safe_target(day, calendar, extended=True),
        extension_notice_last_day=last,
    )


def end_of(day: date) -> datetime:
    """Return the first instant (UTC) after *day* in Sweden: 24:00 local, summer time and all (C9)."""
    return datetime.combine(day + ONE_DAY, time.min, SWEDEN).astimezone(UTC)


def suspended_until(received: datetime, asked: datetime, answered: datetime, calendar: Calendar) -> date:
    """Return the latest arguable day when the clock is read as paused for an identity question (C8, R27).

    Un-rolled end plus the local days between question and answer, then rolled. Shown, never planned on.
    """
    pause = local_date(answered) - local_date(asked)
    due = months_after(local_date(received), MONTHS) + pause
    while not calendar.is_working(due):
        due += ONE_DAY
    return due


def asked_promptly(received: datetime, asked: datetime, calendar: Calendar) -> bool:
    """Whether an identity question came within three working days of receipt (R16)."""
    return local_date(asked) <= calendar.add_working_days(local_date(received), PROMPT_WORKING_DAYS)


def months_after(day: date, months: int) -> date:
    """Return the day with the same number *months* later, or the last of a shorter month (C2, C3)."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
