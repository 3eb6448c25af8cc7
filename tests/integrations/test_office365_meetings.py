"""Meetings as calendar files, read back by another reader than the one that wrote them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from pydantic import JsonValue

from integrations.office365.meetings import calendar_file
from integrations.office365.seed import FRONT, meeting
from integrations.office365.zones import zone_named

MOA = "moa.ek@example.com"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday, nine o'clock in Sweden
SWEDEN = ZoneInfo("Europe/Stockholm")
NEVER: JsonValue = {"type": "noEnd", "endDate": "0001-01-01", "numberOfOccurrences": 0}


def event(**more: JsonValue) -> dict[str, JsonValue]:
    """Return a meeting as Graph gives it, whole."""
    return {"id": "AAMk1", "iCalUId": "0400008200E0", **meeting("Möte", START, FRONT, MOA), **more}


def repeated(pattern: Mapping[str, JsonValue], span: JsonValue = NEVER, **more: JsonValue) -> dict[str, JsonValue]:
    """Return a series."""
    assert isinstance(span, dict)
    range_: JsonValue = {"startDate": "2026-03-02", "recurrenceTimeZone": "W. Europe Standard Time", **span}
    recurrence: JsonValue = {"pattern": {"interval": 1, **pattern}, "range": range_}
    return event(type="seriesMaster", recurrence=recurrence, **more)


def read(given: Mapping[str, JsonValue]) -> Any:
    """Return the one meeting of the file, as the other reader sees it."""
    written = calendar_file(given)
    assert written.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in written.replace(b"\r\n", b""), "lines end with both signs"
    assert max(map(len, written.split(b"\r\n"))) <= 75, "no line has more octets"
    getattr(vobject.icalendar, "__tzidMap").clear()
    calendar = vobject.readOne(written.decode())
    assert calendar.version.value == "2.0"
    return calendar.vevent


def held(given: Mapping[str, JsonValue], number: int) -> list[datetime]:
    """Return when the first meetings of a series are held, in Sweden."""
    found = []
    for one in read(given).getrruleset(addRDate=False):
        found.append(one.astimezone(SWEDEN) if one.tzinfo else one)
        if len(found) == number:
            break
    return found


def test_a_meeting_read_back() -> None:
    one = read(event(location={"displayName": "Lund, plan 2; rum 3"}, lastModifiedDateTime="2026-02-01T10:00:00Z"))
    assert one.uid.value == "0400008200E0"
    assert one.dtstamp.value == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert (one.dtstart.value, one.dtend.value) == (START, START + timedelta(hours=1))
    assert one.summary.value == "Möte"
    assert one.location.value == "Lund, plan 2; rum 3"
    assert one.organizer.value == f"mailto:{FRONT}"
    assert one.attendee.value == f"mailto:{MOA}"
    assert one.attendee.params["CN"] == [MOA]
    assert one.status.value == "CONFIRMED"


def test_no_text_breaks_out_of_its_line() -> None:
    """What somebody wrote into a meeting stays text: it adds no line and no other meeting."""
    text = 'Åäö, "a"; b\\c\r\nEND:VEVENT\nBEGIN:VEVENT\x00\x0b' + "lång rad med å " * 30
    name = 'Ek, "Moa"\r\nX-EVIL:1'
    who: JsonValue = [{"emailAddress": {"address": MOA, "name": name}, "type": "optional"}]
    one = read(event(subject=text, body={"contentType": "text", "content": text}, attendees=who))
    plain = text.replace("\x00", "").replace("\x0b", "").replace("\r\n", "\n")
    assert one.summary.value == plain
    assert one.description.value == plain
    assert not hasattr(one, "x_evil")
    assert one.attendee.params["ROLE"] == ["OPT-PARTICIPANT"]
    assert calendar_file(event(subject=text)).count(b"\r\nBEGIN:VEVENT") == 1


def test_whoever_takes_part_and_what_they_answered() -> None:
    parties: JsonValue = [
        {"emailAddress": {"address": MOA, "name": "Moa Ek"}, "type": "required", "status": {"response": "accepted"}},
        {"emailAddress": {"address": "rum@goto.work"}, "type": "resource", "status": {"response": "declined"}},
        {"emailAddress": {"address": "/o=ExchangeLabs/cn=moa", "name": "Moa"}, "type": "required"},
    ]
    one = read(event(attendees=parties, organizer={"emailAddress": {"name": "Någon"}}, sensitivity="private"))
    assert [party.params["PARTSTAT"] for party in one.attendee_list] == [["ACCEPTED"], ["DECLINED"]]
    assert not hasattr(one, "organizer")
    assert one.contents["class"][0].value == "PRIVATE"


def test_a_whole_day_is_a_day_and_a_cancelled_meeting_says_so() -> None:
    midnight: JsonValue = {"dateTime": "2026-03-02T00:00:00.0000000", "timeZone": "W. Europe Standard Time"}
    after: JsonValue = {"dateTime": "2026-03-03T00:00:00.0000000", "timeZone": "W. Europe Standard Time"}
    one = read(event(start=midnight, end=after, isAllDay=True, isCancelled=True, showAs="free"))
    assert (one.dtstart.value, one.dtend.value) == (date(2026, 3, 2), date(2026, 3, 3))
    assert (one.status.value, one.transp.value) == ("CANCELLED", "TRANSPARENT")


def test_a_series_keeps_its_hour_through_the_change_to_summer_time() -> None:
    """It says nine o'clock; in UTC it would be ten from the end of March on."""
    weekly: dict[str, JsonValue] = {"type": "weekly", "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "monday"}
    dates = held(repeated(weekly), 12)
    assert {one.hour for one in dates} == {9}
    assert [one.isoweekday() for one in dates[:4]] == [1, 4, 1, 4]
    assert dates[-1].date() == date(2026, 4, 9)


@pytest.mark.parametrize("zone", ["Eastern Standard Time", "AUS Eastern Standard Time", "Tokyo Standard Time"])
@pytest.mark.parametrize("started", [START, datetime(2019, 7, 1, 7, 0, tzinfo=UTC)], ids=["winter", "summer"])
def test_every_zone_keeps_its_hour_all_the_year(zone: str, started: datetime) -> None:
    moment: JsonValue = {"dateTime": f"{started:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
    span: JsonValue = {"type": "numbered", "numberOfOccurrences": 400, "recurrenceTimeZone": zone}
    given = repeated({"type": "daily"}, span, start=moment, end=moment)
    there = zone_named(zone)
    hours = {one.astimezone(there).hour for one in read(given).getrruleset(addRDate=False)}
    assert hours == {started.astimezone(there).hour}


@pytest.mark.parametrize(
    ("pattern", "days"),
    [
        ({"type": "daily", "interval": 3}, [date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 8)]),
        ({"type": "absoluteMonthly", "dayOfMonth": 2}, [date(2026, 3, 2), date(2026, 4, 2), date(2026, 5, 2)]),
        (
            {"type": "relativeMonthly", "daysOfWeek": ["monday"], "index": "first"},
            [date(2026, 3, 2), date(2026, 4, 6), date(2026, 5, 4)],
        ),
        (
            {"type": "relativeMonthly", "daysOfWeek": ["friday"], "index": "last"},
            [date(2026, 3, 27), date(2026, 4, 24), date(2026, 5, 29)],
        ),
        (
            {"type": "absoluteYearly", "dayOfMonth": 2, "month": 3},
            [date(2026, 3, 2), date(2027, 3, 2), date(2028, 3, 2)],
        ),
        (
            {"type": "relativeYearly", "daysOfWeek": ["monday"], "index": "second", "month": 5},
            [date(2026, 5, 11), date(2027, 5, 10), date(2028, 5, 8)],
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_every_pattern_of_a_series(pattern: dict[str, JsonValue], days: list[date]) -> None:
    assert [one.date() for one in held(repeated(pattern), 3)] == days


def test_the_thirty_first_is_the_last_of_a_shorter_month() -> None:
    late: JsonValue = {"dateTime": "2026-01-31T08:00:00.0000000", "timeZone": "UTC"}
    given = repeated({"type": "absoluteMonthly", "dayOfMonth": 31}, start=late, end=late)
    assert [one.date().isoformat()[5:] for one in held(given, 4)] == ["01-31", "02-28", "03-31", "04-30"]


def test_a_series_ends_where_it_does_and_leaves_out_what_was_cancelled() -> None:
    daily = {"type": "daily"}
    assert len(held(repeated(daily, {"type": "numbered", "numberOfOccurrences": 3}), 9)) == 3
    until: JsonValue = {"type": "endDate", "endDate": "2026-03-05"}
    assert len(held(repeated(daily, until), 9)) == 4
    without = repeated(daily, until, cancelledOccurrences=["OID.AAMk1.2026-03-03", "OID.strange"])
    assert [one.day for one in held(without, 9)] == [2, 4, 5]


def test_one_that_differs_says_of_which_day_of_the_series_it_is() -> None:
    one = read(event(type="exception", originalStart="2026-03-09T08:00:00Z"))
    assert one.recurrence_id.value == datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert one.dtstart.value == START


@pytest.mark.parametrize("zone", ["tzone://Microsoft/Custom", "../../etc/passwd", "", "Europe/Stockholm"])
def test_a_zone_nobody_knows_is_written_in_utc(zone: str) -> None:
    given = repeated({"type": "daily"}, {"type": "noEnd", "recurrenceTimeZone": zone})
    assert held(given, 1) == [START.astimezone(SWEDEN)]


def test_what_is_no_meeting_makes_no_file_and_a_pattern_nobody_knows_no_rule() -> None:
    assert calendar_file({"id": "1"}) == b""
    assert not hasattr(read(repeated({"type": "lunar"})), "rrule")
