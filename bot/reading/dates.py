"""Moments as mail programs write them above a forwarded or quoted mail.

Outlook writes local Swedish time without saying so; Apple and Gmail sometimes name the
zone. A moment that can be read in two ways says so: the handler then settles the clock.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Final

_MONTHS: Final = MappingProxyType(
    {
        name: number
        for number, names in enumerate(
            (
                "januari january jan",
                "februari february feb febr",
                "mars march mar",
                "april apr",
                "maj may",
                "juni june jun",
                "juli july jul",
                "augusti august aug",
                "september sep sept",
                "oktober october okt oct",
                "november nov",
                "december dec",
            ),
            1,
        )
        for name in names.split()
    }
)
_NAME: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?=\D|$)")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?::e|:a|st|nd|rd|th|\.)?\s+(?:of\s+)?({_NAME})\b\.?,?\s+(\d{{4}})")
_MONTH_FIRST = re.compile(rf"\b({_NAME})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})")
_FIGURES = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})\b")
_TIME = re.compile(
    r"(?<![\d:.+-])(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?!\d)\s*([ap]\.?\s?m\b\.?|[ef]m\b)?", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:\b(?:gmt|utc)\s*)?([+-])(\d{1,2}):?(\d{2})?(?!\d)")
_ZONE = re.compile(r"\b(cest|cet|utc|gmt|bst)\b")
_ZONES: Final = MappingProxyType({"cest": 2, "cet": 1, "utc": 0, "gmt": 0, "bst": 1})


@dataclass(frozen=True, slots=True)
class Written:
    """A moment (aware UTC) as read; `sure` is False when it can be read in another way too."""

    moment: datetime
    sure: bool = True


def moment_in(text: str, zone: tzinfo) -> Written | None:
    """Return the moment *text* names, local to *zone* unless it says otherwise; None when it names none."""
    line = " ".join(text.lower().replace("\u202f", " ").split())
    found = _date(line)
    if found is None:
        return None
    day, sure, rest = found
    clock = _TIME.search(rest)
    at = _time(clock) if clock else None
    if at is None:
        return Written(datetime.combine(day, time.min, zone).astimezone(UTC), sure=False)
    local = datetime.combine(day, at, _zone(rest[clock.end() :] if clock else "") or zone)
    half_day = bool(clock and clock[4] and clock[4][0] in "ap")
    return Written(local.astimezone(UTC), sure or half_day)


def _date(line: str) -> tuple[date, bool, str] | None:
    """Return the day, whether it can be read in one way only, and the line without it."""
    for pattern, order in ((_ISO, "ymd"), (_DAY_FIRST, "dmy"), (_MONTH_FIRST, "mdy")):
        match = pattern.search(line)
        if match:
            parts = dict(zip(order, match.groups(), strict=True))
            month = _MONTHS.get(parts["m"]) or int(parts["m"])
            day = _day(int(parts["y"]), month, int(parts["d"]))
            return (day, True, _without(line, match)) if day else None
    match = _FIGURES.search(line)
    if not match:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    american = match[2] == "/" and (second > 12 or bool(re.search(r"\d\s*[ap]\.?m", line)))
    month, number = (first, second) if american else (second, first)
    day = _day(year + 2000 if year < 100 else year, month, number)
    sure = american or match[2] != "/" or first > 12 or first == second
    return (day, sure, _without(line, match)) if day else None


def _without(line: str, match: re.Match[str]) -> str:
    return f"{line[: match.start()]} {line[match.end() :]}"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year > 1990 else None
    except ValueError:
        return None


def _time(match: re.Match[str]) -> time | None:
    hour, half = int(match[1]), (match[4] or "").lower()
    if half[:1] == "p" or half == "em":
        hour += 12 if hour < 12 else 0
    elif half and hour == 12:
        hour = 0
    try:
        return time(hour, int(match[2]), int(match[3] or 0))
    except ValueError:
        return None


def _zone(text: str) -> tzinfo | None:
    offset = _OFFSET.search(text)
    if offset and int(offset[2]) <= 14 and int(offset[3] or 0) < 60:
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(shift if offset[1] == "+" else -shift)
    named = _ZONE.search(text)
    return timezone(timedelta(hours=_ZONES[named[1]])) if named else None
