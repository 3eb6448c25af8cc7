"""Time zones in calendar files: which one Microsoft's name means, and its rules.

Written as rules that go on, not as a list of days: some calendars read only the first day of such a list, and after
it hold every meeting an hour off.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HOUR: Final = timedelta(hours=1)


def zone_named(name: str) -> ZoneInfo | None:
    """Return a time zone by Microsoft's name or by everybody else's; None for one that is known by neither."""
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def rules_of(zone: ZoneInfo, year: int) -> Timezone:
    """Return a zone's rules as they are in *year* and go on from there: name the one before what is written."""
    whole = Timezone()
    whole.add("tzid", zone.key)
    for before, after in _changes(zone, year) or [(datetime(1970, 1, 1), datetime(year, 1, 1, tzinfo=zone))]:  # noqa: DTZ001 - written without a zone
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        part.add("dtstart", before)
        part.add("tzname", after.tzname() or zone.key)
        part.add("tzoffsetto", after.utcoffset())
        part.add("tzoffsetfrom", _offset_before(after))
        if _offset_before(after) != after.utcoffset():
            part.add("rrule", vRecur({"freq": "YEARLY", "bymonth": before.month, "byday": _weekday(before)}))
        whole.add_component(part)
    return whole


def _changes(zone: ZoneInfo, year: int) -> list[tuple[datetime, datetime]]:
    """Return each change of a year: what the clock showed at it, and the moment it shows from then on."""
    moments = [
        one for one in _hours(year) if (one - HOUR).astimezone(zone).utcoffset() != one.astimezone(zone).utcoffset()
    ]
    return [((one - HOUR).astimezone(zone).replace(tzinfo=None) + HOUR, one.astimezone(zone)) for one in moments]


def _hours(year: int) -> Iterator[datetime]:
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) - first).days
    return (first + number * HOUR for number in range(days * 24))


def _offset_before(after: datetime) -> timedelta | None:
    return (after.astimezone(UTC) - HOUR).astimezone(after.tzinfo).utcoffset()


def _weekday(day: datetime) -> str:
    """Return which of its weekdays in the month a day is: "-1SU" is the last Sunday."""
    last = day.day + 7 > monthrange(day.year, day.month)[1]
    return f"{-1 if last else (day.day - 1) // 7 + 1}{DAYS[day.weekday()]}"
