"""The state behind HubSpot's sandbox: objects, what lies on whose timeline, consent, a search index that lags."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Final

from integrations.hubspot.places import ATTACHMENTS, DEALS
from integrations.hubspot.seed import GUIDE, SEMINAR, Activity, Person, stamp

CONTACTS: Final = "contacts"
#: Exist in every account, filled in or not.
WRITABLE: Final = frozenset({"email", "firstname", "lastname", "phone", "mobilephone", "jobtitle", "company", "city"})
TEXT_OF: Final[Mapping[str, str]] = {
    "notes": "hs_note_body",
    "emails": "hs_email_text",
    "calls": "hs_call_body",
    "meetings": "hs_meeting_body",
    "tasks": "hs_task_body",
    "communications": "hs_communication_body",
    "postal_mail": "hs_postal_mail_body",
    "feedback_submissions": "hs_content",
    "tickets": "subject",
}
#: What HubSpot counts itself, and nobody writes.
READ_ONLY: Final = frozenset(
    {
        "createdate",
        "lastmodifieddate",
        "hs_object_id",
        "hs_email_optout",
        "hs_email_last_open_date",
        "hs_email_delivered",
        "hs_email_open",
        "hs_object_source",
        "hs_lists",
        "num_conversion_events",
    }
)


@dataclass(slots=True)
class Held:
    """A CRM object. `archived` is the bin of the ordinary DELETE, from which it can be brought back."""

    id: str
    properties: dict[str, str]
    archived: bool = False
    history: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def addresses(self) -> set[str]:
        """A contact's addresses, in lower case."""
        further = self.properties.get("hs_additional_emails", "").split(";")
        return {one.lower() for one in (self.properties.get("email", ""), *further) if one}


@dataclass(slots=True)
class Chat:
    """A conversation in an inbox with its messages; one longer than the sandbox shows is shown in part."""

    id: str
    contact: str
    messages: list[str]
    archived: bool = False


@dataclass(slots=True)
class Submission:
    """A form sent in."""

    id: str
    address: str
    values: dict[str, str]


@dataclass(slots=True)
class Mailing:
    """Something that became of a marketing e-mail."""

    id: str
    address: str
    kind: str


class Account:
    """One company's HubSpot account."""

    def __init__(self, today: date, search_lag: float) -> None:
        self.blocklist: set[str] = set()
        self.opted_out: set[str] = set()
        #: Addresses of contacts deleted for good whose traces are still to be purged, within thirty days.
        self.to_purge: set[str] = set()
        #: Custom properties by name with their type; what a value must fit, by property (2026-09).
        self.custom: dict[str, str] = {}
        self.rules: dict[str, str] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        #: Files that stand in the file manager for any page to use.
        self.published: set[str] = set()
        self.chats: dict[str, Chat] = {}
        self.submissions: dict[str, list[Submission]] = {GUIDE: [], SEMINAR: []}
        self.mailings: list[Mailing] = []
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
            self._lay(contact, activity)
        for messages in person.chats:
            number = str(next(self._ids))
            self.chats[number] = Chat(number, contact.id, list(messages))
        for form, values in person.forms:
            sent = {"email": person.email, **values}
            self.submissions[form].append(Submission(str(next(self._ids)), person.email, sent))
        self.mailings += [Mailing(str(next(self._ids)), person.email, kind) for kind in person.mailings]
        if person.open_deal:
            _join(CONTACTS, contact, DEALS, self.make(DEALS, {"dealname": "Rekrytering", "hs_is_closed": "false"}))

    def _lay(self, contact: Held, activity: Activity) -> None:
        others = [self.contact(one) for one in activity.also]
        thing = self.make(activity.type, {TEXT_OF[activity.type]: activity.text, "hs_timestamp": self.now})
        for name, content in activity.files:
            number = str(next(self._ids))
            self.files[number] = (name, content)
            thing.properties[ATTACHMENTS] = ";".join(filter(None, (thing.properties.get(ATTACHMENTS), number)))
        for near in (contact, *others):
            if near is not None:
                _join(CONTACTS, near, activity.type, thing)

    def make(self, type_: str, properties: Mapping[str, str]) -> Held:
        """Return a new object."""
        number = str(next(self._ids))
        held = {"hs_object_id": number, "createdate": self.now, "lastmodifieddate": self.now}
        thing = Held(number, {**held, **{name: value for name, value in properties.items() if value}})
        thing.history = {name: [(value, self.now)] for name, value in thing.properties.items()}
        self._things[type_][number] = thing
        return thing

    def write(self, thing: Held, values: Mapping[str, str]) -> None:
        """Write properties, an empty value empties; addresses in small letters, and every value is remembered."""
        for name, value in values.items():
            kept = value.strip().lower() if name == "email" else value.strip()
            thing.properties[name] = kept
            thing.history.setdefault(name, []).insert(0, (kept, self.now))
        self.touched(thing)

    def refusal(self, type_: str, values: Mapping[str, str]) -> tuple[str, str] | None:
        """Return which property cannot be written so and HubSpot's word for why, None when all can."""
        known = {*self.property_names(type_), *self.custom, *WRITABLE}
        for name, value in values.items():
            if name not in known:
                return name, "PROPERTY_DOESNT_EXIST"
            if name in READ_ONLY:
                return name, "READ_ONLY_VALUE"
            if value and not re.fullmatch(self.rules.get(name, ".*"), value, re.DOTALL):
                return name, "INVALID_VALUE"
        return None

    def binned(self, type_: str) -> Sequence[Held]:
        """Return the objects of one type that are in the bin."""
        return [one for one in self._things[type_].values() if one.archived]

    def part(self, type_: str, number: str, contact: str) -> None:
        """End the association between an object and a contact."""
        thing, person = self._things[type_].get(number), self._things[CONTACTS].get(contact)
        if thing is not None and person is not None and contact in thing.links[CONTACTS]:
            thing.links[CONTACTS].remove(contact)
            person.links[type_].remove(number)

    def purge(self) -> None:
        """Do what HubSpot does within thirty days of a permanent deletion: remove the traces that bear the address."""
        for form, sent in self.submissions.items():
            self.submissions[form] = [one for one in sent if one.address not in self.to_purge]
        self.mailings = [one for one in self.mailings if one.address not in self.to_purge]
        self.to_purge.clear()

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
        self.to_purge |= contact.addresses
        for type_, ids in contact.links.items():
            for one in ids:
                self._things[type_][one].links[CONTACTS].remove(contact.id)
                if type_ == "feedback_submissions":
                    del self._things[type_][one]
        self.chats = {number: one for number, one in self.chats.items() if one.contact != contact.id}
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
