"""The state behind HubSpot's sandbox: objects, what lies on whose timeline, consent, a search index that lags."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Final

from integrations.hubspot.places import DEALS
from integrations.hubspot.seed import Person, stamp

CONTACTS: Final = "contacts"
TEXT_OF: Final[Mapping[str, str]] = {
    "notes": "hs_note_body",
    "emails": "hs_email_text",
    "calls": "hs_call_body",
    "meetings": "hs_meeting_body",
    "tasks": "hs_task_body",
    "communications": "hs_communication_body",
    "postal_mail": "hs_postal_mail_body",
}


@dataclass(slots=True)
class Held:
    """A CRM object. `archived` is the bin of the ordinary DELETE, from which it can be brought back."""

    id: str
    properties: dict[str, str]
    archived: bool = False
    links: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def addresses(self) -> set[str]:
        """A contact's addresses, in lower case."""
        further = self.properties.get("hs_additional_emails", "").split(";")
        return {one.lower() for one in (self.properties.get("email", ""), *further) if one}


class Account:
    """One company's HubSpot account."""

    def __init__(self, today: date, search_lag: float) -> None:
        self.blocklist: set[str] = set()
        self.opted_out: set[str] = set()
        self.now = stamp(datetime.combine(today, time(9), UTC))
        self.index: dict[str, dict[str, str]] = {}
        self._search_lag = search_lag
        self._things: dict[str, dict[str, Held]] = defaultdict(dict)
        self._ids = count(1001)
        self._unindexed: list[tuple[float, str]] = []

    def seed(self, people: Iterable[Person]) -> None:
        """Put people in, found by the search at once."""
        for person in people:
            self._put(person)
        self.index = {one.id: dict(one.properties) for one in self.alive(CONTACTS)}

    def contact(self, address: str) -> Held | None:
        """Return the living contact that has *address*, first or further."""
        return next((one for one in self.alive(CONTACTS) if address.lower() in one.addresses), None)

    def by_first_address(self, address: str) -> Held | None:
        """Return the living contact whose first address it is; further ones find nobody, as far as we know (§7)."""
        return next((one for one in self.alive(CONTACTS) if one.properties.get("email", "") == address.lower()), None)

    def alive(self, type_: str) -> Sequence[Held]:
        """Return the objects of one type that are not in the bin."""
        return [one for one in self._things[type_].values() if not one.archived]

    def get(self, type_: str, number: str) -> Held | None:
        """Return an object, in the bin or not."""
        return self._things[type_].get(number)

    def _put(self, person: Person) -> None:
        properties = {
            "email": person.email,
            "firstname": person.first,
            "lastname": person.last,
            "phone": person.phone,
            "hs_additional_emails": ";".join(person.further),
            "hs_lists": ";".join(person.lists),
            **person.more,
        }
        contact = self.make(CONTACTS, properties)
        for activity in person.activities:
            others = [self.contact(one) for one in activity.also]
            thing = self.make(activity.type, {TEXT_OF[activity.type]: activity.text, "hs_timestamp": self.now})
            for near in (contact, *others):
                if near is not None:
                    _join(CONTACTS, near, activity.type, thing)
        if person.open_deal:
            _join(CONTACTS, contact, DEALS, self.make(DEALS, {"dealname": "Rekrytering", "hs_is_closed": "false"}))

    def make(self, type_: str, properties: Mapping[str, str]) -> Held:
        """Return a new object."""
        number = str(next(self._ids))
        held = {"hs_object_id": number, "createdate": self.now, "lastmodifieddate": self.now}
        thing = Held(number, {**held, **{name: value for name, value in properties.items() if value}})
        self._things[type_][number] = thing
        return thing

    def ends(self, type_: str, number: str, far: str) -> Sequence[str]:
        """Return the ids of what an object is associated with, those in the bin left out."""
        thing = self.get(type_, number)
        if thing is None or thing.archived:
            return []
        return [one for one in thing.links[far] if not self._things[far][one].archived]

    def property_names(self, type_: str) -> Sequence[str]:
        """Return every property any object of the type has."""
        return sorted({name for one in self._things[type_].values() for name in one.properties})

    def forget(self, contact: Held) -> None:
        """Delete permanently: the contact, its associations, not what lies at their other ends."""
        self.blocklist |= contact.addresses
        for type_, ids in contact.links.items():
            for one in ids:
                self._things[type_][one].links[CONTACTS].remove(contact.id)
        del self._things[CONTACTS][contact.id]
        self.touched(contact)

    def touched(self, contact: Held) -> None:
        """Let the search hear of a change after its lag."""
        self._unindexed.append((asyncio.get_running_loop().time() + self._search_lag, contact.id))

    def catch_up(self) -> None:
        """Let the search see what was changed longer ago than its lag."""
        now = asyncio.get_running_loop().time()
        ripe = [one for one in self._unindexed if one[0] <= now]
        self._unindexed = [one for one in self._unindexed if one[0] > now]
        for _, number in ripe:
            thing = self.get(CONTACTS, number)
            if thing is None or thing.archived:
                self.index.pop(number, None)
            else:
                self.index[number] = dict(thing.properties)


def _join(near_type: str, near: Held, far_type: str, far: Held) -> None:
    near.links[far_type].append(far.id)
    far.links[near_type].append(near.id)
