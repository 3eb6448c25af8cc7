"""Every folder of contact cards and every calendar of one mailbox, and what differs from the series it belongs to.

Graph lists the ordinary folder and the ordinary calendar; the others are walked to. A calendar that a colleague
shares with the mailbox is left: whose it is searches it (D18).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from integrations.http import Api, Place, at, both, together
from integrations.office365.answers import (
    CARD_FIELDS,
    EVENT_FIELDS,
    EXCEPTION,
    SERIES,
    Calendars,
    Card,
    Cards,
    Event,
    Events,
    NamedOnes,
)
from integrations.office365.paging import pages
from integrations.office365.places import CONTACT, EVENT, PAGE, in_mailbox

#: Somebody may be invited to one of a series so long before it is held.
AHEAD: Final = timedelta(days=365)
#: A calendar shows no longer a stretch at a time (user-list-calendarview.md).
STRETCH: Final = timedelta(days=1_800)
CALENDAR_FIELDS: Final = "id,isDefaultCalendar,owner"


class Folders:
    """Reads one mailbox's contact cards and meetings, wherever in it they lie."""

    def __init__(self, api: Api, address: str) -> None:
        self._api = api
        self._address = address

    async def cards(self) -> Sequence[Card]:
        """Return every contact card of the mailbox."""
        top = at("/users/{}/contactFolders", self._address)
        ordinary, further = await both(
            self._cards_in(in_mailbox(self._address, CONTACT)), self._cards_below(top, set())
        )
        return [*ordinary, *further]

    async def _cards_below(self, place: Place, seen: set[str]) -> Sequence[Card]:
        """Return the cards of the folders listed at *place*, and of those within them; each folder once."""
        reading = pages(self._api, place, NamedOnes, {"$select": "id", "$top": PAGE})
        found = [one.id async for page in reading for one in page.value]
        folders = [one for one in dict.fromkeys(found) if one not in seen]
        seen.update(folders)
        here = [at("/users/{}/contactFolders/{}/contacts", self._address, one) for one in folders]
        below = [at("/users/{}/contactFolders/{}/childFolders", self._address, one) for one in folders]
        groups = await together(
            *(self._cards_in(one) for one in here), *(self._cards_below(one, seen) for one in below)
        )
        return [card for group in groups for card in group]

    async def _cards_in(self, place: Place) -> Sequence[Card]:
        reading = pages(self._api, place, Cards, {"$select": CARD_FIELDS, "$top": PAGE})
        return [card async for page in reading for card in page.value]

    async def meetings(self, now: datetime) -> Sequence[Event]:
        """Return every meeting and series of the mailbox's own calendars, and each of a series that differs from it."""
        ordinary, further = await both(
            self._meetings_in(in_mailbox(self._address, EVENT), now), self._further_meetings(now)
        )
        return [*ordinary, *further]

    async def _further_meetings(self, now: datetime) -> Sequence[Event]:
        reading = pages(
            self._api, at("/users/{}/calendars", self._address), Calendars, {"$select": CALENDAR_FIELDS, "$top": PAGE}
        )
        calendars = [one async for page in reading for one in page.value]
        ours = {one.owner.address for one in calendars if one.ordinary}  # whatever the mailbox calls itself
        further = [one.id for one in calendars if not one.ordinary and one.owner.address in {*ours, None}]
        places = [at("/users/{}/calendars/{}/events", self._address, one) for one in further]
        groups = await together(*(self._meetings_in(one, now) for one in places))
        return [event for group in groups for event in group]

    async def _meetings_in(self, place: Place, now: datetime) -> Sequence[Event]:
        reading = pages(self._api, place, Events, {"$select": EVENT_FIELDS, "$top": PAGE})
        events = [event async for page in reading for event in page.value]
        groups = await together(*(self._differing(one, now) for one in events if one.type == SERIES))
        return [*events, *(event for group in groups for event in group)]

    async def _differing(self, series: Event, now: datetime) -> Sequence[Event]:
        """Return what of a series differs from it: Graph shows that only for a stretch of time."""
        place = at("/users/{}/events/{}/instances", self._address, series.id)
        found = []
        for since, until in _stretches(series, now):
            query = {
                "startDateTime": f"{since:%Y-%m-%dT%H:%M:%SZ}",
                "endDateTime": f"{until:%Y-%m-%dT%H:%M:%SZ}",
                "$select": EVENT_FIELDS,
                "$top": PAGE,
            }
            reading = pages(self._api, place, Events, query)
            found += [one async for page in reading for one in page.value if one.type == EXCEPTION]
        return found


def _stretches(series: Event, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of time that a series lasts; one without end, until a year from now."""
    if series.start is None:
        return
    since = datetime.fromisoformat(series.start.at[:19]).replace(tzinfo=UTC) - timedelta(days=1)
    span = series.recurrence.range if series.recurrence is not None else None
    last = span.end if span is not None and span.kind == "endDate" else None
    end = datetime.combine(last, time(), UTC) + timedelta(days=2) if last is not None else now + AHEAD
    while since < end:
        until = min(since + STRETCH, end)
        yield since, until
        since = until
