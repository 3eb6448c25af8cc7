"""Meetings as calendar files (RFC 5545), for whatever calendar the person uses.

Graph gives moments in UTC. A series is written in its own time zone all the same, with that zone's rules: a meeting
at nine in the morning is one at nine in summer too.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vRecur, vText
from pydantic import BeforeValidator, Field, JsonValue, ValidationError

from integrations.http import VendorShape
from integrations.office365.answers import Texts, Words
from integrations.office365.person import PLAIN
from integrations.office365.zones import rules_of, zone_named

MAKER: Final = "-//Privacy Desk//Office 365//EN"
#: What no text of a calendar may hold (RFC 5545 §3.1).
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
DAYS: Final = {
    "monday": "MO",
    "tuesday": "TU",
    "wednesday": "WE",
    "thursday": "TH",
    "friday": "FR",
    "saturday": "SA",
    "sunday": "SU",
}
WEEKS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
FREQUENCIES: Final = {
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "absoluteMonthly": "MONTHLY",
    "relativeMonthly": "MONTHLY",
    "absoluteYearly": "YEARLY",
    "relativeYearly": "YEARLY",
}
#: Every month has so many days. Outlook holds a meeting of the 31st on the last of a shorter one; a rule skips it.
SHORTEST: Final = 28
ROLES: Final = {"required": "REQ-PARTICIPANT", "optional": "OPT-PARTICIPANT", "resource": "NON-PARTICIPANT"}
ANSWERS: Final = {"accepted": "ACCEPTED", "declined": "DECLINED", "tentativelyAccepted": "TENTATIVE"}
CLASSES: Final = {"personal": "PRIVATE", "private": "PRIVATE", "confidential": "CONFIDENTIAL"}


class _Moment(VendorShape):
    at: datetime = Field(alias="dateTime")
    zone: Words = Field("", alias="timeZone")

    @property
    def utc(self) -> datetime:
        return self.at.replace(tzinfo=self.at.tzinfo or zone_named(self.zone) or UTC).astimezone(UTC)


class _Who(VendorShape):
    address: Words = ""
    name: Words = ""


class _Answer(VendorShape):
    response: Words = ""


class _Party(VendorShape):
    who: _Who = Field(_Who(), alias="emailAddress")
    kind: Words = Field("", alias="type")
    status: _Answer | None = None


class _Pattern(VendorShape):
    kind: Words = Field("", alias="type")
    interval: int = 1
    days: Texts = Field((), alias="daysOfWeek")
    week: Words = Field("", alias="index")
    first_day: Words = Field("", alias="firstDayOfWeek")
    day_of_month: int = Field(0, alias="dayOfMonth")
    month: int = 0


class _Range(VendorShape):
    kind: Words = Field("", alias="type")
    end: date | None = Field(None, alias="endDate")
    times: int = Field(0, alias="numberOfOccurrences")
    zone: Words = Field("", alias="recurrenceTimeZone")


class _Recurrence(VendorShape):
    pattern: _Pattern
    range: _Range


class _Named(VendorShape):
    name: Words = Field("", alias="displayName")


class _Body(VendorShape):
    content: Words = ""


class _Meeting(VendorShape):
    id: str
    uid: Words = Field("", alias="iCalUId")
    subject: Words = ""
    preview: Words = Field("", alias="bodyPreview")
    body: _Body | None = None
    location: _Named | None = None
    start: _Moment
    end: _Moment | None = None
    all_day: bool | None = Field(None, alias="isAllDay")
    cancelled: bool | None = Field(None, alias="isCancelled")
    changed: datetime | None = Field(None, alias="lastModifiedDateTime")
    organizer: _Party | None = None
    attendees: Annotated[tuple[_Party, ...], BeforeValidator(lambda value: () if value is None else value)] = ()
    sensitivity: Words = ""
    shown_as: Words = Field("", alias="showAs")
    zone: Words = Field("", alias="originalStartTimeZone")
    recurrence: _Recurrence | None = None
    left_out: Texts = Field((), alias="cancelledOccurrences")
    original: datetime | None = Field(None, alias="originalStart")
    type: Words = ""

    def when(self, moment: _Moment) -> datetime | date:
        """Return a moment as it is written: a day, a moment of the series' own zone, or one in UTC."""
        if self.all_day:
            return moment.at.date()
        recurs = self.recurrence
        zone = None if recurs is None else zone_named(recurs.range.zone) or zone_named(self.zone)
        return moment.utc.astimezone(zone or UTC)


def calendar_file(event: Mapping[str, JsonValue]) -> bytes:
    """Return a meeting as a calendar file; nothing where Graph's answer is none that can be read as a meeting."""
    try:
        meeting = _Meeting.model_validate(event)
    except ValidationError:
        return b""
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    start = meeting.when(meeting.start)
    if isinstance(start, datetime) and isinstance(start.tzinfo, ZoneInfo):
        calendar.add_component(rules_of(start.tzinfo, start.year - 1))
    calendar.add_component(_event(meeting))
    return bytes(calendar.to_ical())


def _event(meeting: _Meeting) -> Event:
    one = Event()
    one.add("uid", _clean(meeting.uid or meeting.id))
    one.add("dtstamp", (meeting.changed or meeting.start.utc).astimezone(UTC))
    one.add("dtstart", meeting.when(meeting.start))
    if meeting.end is not None:
        one.add("dtend", meeting.when(meeting.end))
    _add_repetition(one, meeting)
    texts = {
        "summary": meeting.subject,
        "description": meeting.body.content if meeting.body and meeting.body.content else meeting.preview,
        "location": meeting.location.name if meeting.location else "",
    }
    for name, text in texts.items():
        if text:
            one.add(name, _clean(text))
    one.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    one.add("class", CLASSES.get(meeting.sensitivity, "PUBLIC"))
    one.add("transp", "TRANSPARENT" if meeting.shown_as == "free" else "OPAQUE")
    if meeting.organizer is not None and (organizer := _address(meeting.organizer)) is not None:
        one.add("organizer", organizer)
    for party in meeting.attendees:
        if (attendee := _address(party)) is not None:
            attendee.params["ROLE"] = vText(ROLES.get(party.kind, "REQ-PARTICIPANT"))
            attendee.params["PARTSTAT"] = vText(
                ANSWERS.get(party.status.response if party.status else "", "NEEDS-ACTION")
            )
            one.add("attendee", attendee, encode=False)
    return one


def _address(party: _Party) -> vCalAddress | None:
    """Return somebody who takes part; None for whom Exchange names by no mail address."""
    if not PLAIN.fullmatch(party.who.address):
        return None
    address = vCalAddress(f"mailto:{party.who.address}")
    if party.who.name:
        address.params["CN"] = vText(_clean(party.who.name).replace("\r", " ").replace("\n", " "))
    return address


def _add_repetition(one: Event, meeting: _Meeting) -> None:
    if meeting.type == "exception" and meeting.original is not None:
        original = meeting.original.astimezone(UTC)
        one.add("recurrence-id", original.date() if meeting.all_day else original)
    if meeting.recurrence is None:
        return
    rule = _rule(meeting, meeting.recurrence)
    if not rule:
        return
    one.add("rrule", vRecur(rule))
    start = meeting.when(meeting.start)
    for day in map(_day_of, meeting.left_out):
        if day is not None:
            one.add("exdate", datetime.combine(day, start.timetz()) if isinstance(start, datetime) else day)


def _rule(meeting: _Meeting, recurrence: _Recurrence) -> dict[str, object]:
    """Return how a series is repeated; nothing for a pattern Graph does not have today."""
    pattern, span = recurrence.pattern, recurrence.range
    if pattern.kind not in FREQUENCIES:
        return {}
    rule: dict[str, object] = {"freq": FREQUENCIES[pattern.kind], "interval": max(pattern.interval, 1)}
    if pattern.kind.endswith("Yearly"):
        rule["bymonth"] = pattern.month
    if pattern.kind.startswith("absolute"):
        rule |= _by_day_of_month(pattern.day_of_month)
    elif pattern.kind != "daily":
        rule["byday"] = [DAYS[one] for one in pattern.days if one in DAYS]
    if pattern.kind == "weekly":
        rule["wkst"] = DAYS.get(pattern.first_day, "SU")
    elif pattern.kind.startswith("relative"):
        rule["bysetpos"] = WEEKS.get(pattern.week, 1)
    if span.kind == "numbered":
        rule["count"] = span.times
    elif span.kind == "endDate" and span.end is not None:
        start = meeting.when(meeting.start)
        last = datetime.combine(span.end, time(23, 59, 59), start.tzinfo) if isinstance(start, datetime) else None
        rule["until"] = span.end if last is None else last.astimezone(UTC)
    return rule


def _by_day_of_month(day: int) -> dict[str, object]:
    if day <= SHORTEST:
        return {"bymonthday": day}
    return {"bymonthday": list(range(SHORTEST, day + 1)), "bysetpos": -1}


def _day_of(occurrence: str) -> date | None:
    """Return the day of an occurrence left out: its id ends with that."""
    try:
        return date.fromisoformat(occurrence.rpartition(".")[2])
    except ValueError:
        return None


def _clean(text: str) -> str:
    return CONTROLS.sub("", text)
