"""What every service needs to know that is not in the store.

Made once, in `bot.app`. A value, not a place to put things: services take it first and
never change it. Two of its fields are windows on what changes while the desk runs:
`people` and `stops`, which `bot.services.staff.roster` alone brings up to date.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final
from uuid import uuid4

from bot.cards.scene import Scene, SystemWords
from bot.domain.deadline import SWEDEN, Calendar, Deadlines, local_date
from bot.domain.extension import in_force, nearest
from bot.domain.people import Colleague
from bot.domain.policy_text import PolicyText
from bot.domain.request import Language
from bot.domain.retention import NoInterestRule
from bot.domain.roster import Roster
from bot.domain.system import Manifest
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.i18n import Texts
from bot.letters import Stationery
from bot.ports import Clock, Directory, KeepsContacts, Mailbox, Messenger, System, Work
from bot.reading import ReadingContext
from bot.services.stops import Stops

#: When a working morning begins, in Sweden: what was put off until tomorrow comes back then.
MORNING: Final = time(8)


@dataclass(frozen=True, slots=True)
class Terms:
    """Periods that are settings (D24, R53, P60): days unless said otherwise."""

    findings_days: int
    case_months: int
    items_days: int
    recheck_days: int
    no_interest: NoInterestRule
    candidate_years: int  # calendar years after that of the latest activity (P75)


@dataclass(frozen=True, slots=True)
class Channels:
    """Where each chat's ticket cards go, and where mail is forwarded into it: chat name -> channel id."""

    tickets: Mapping[str, str]
    mail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    """Everything a service may lean on."""

    work: Work
    clock: Clock
    people: Roster
    calendar: Calendar
    manifests: tuple[Manifest, ...]
    systems: Mapping[str, System]
    contacts: Mapping[str, KeepsContacts]
    words: Mapping[str, SystemWords]
    policy: PolicyText
    terms: Terms
    texts: Texts
    stationery: Stationery
    outside: ReadingContext  # without the colleagues, who come and go: `reading` knows them
    mailbox: Mailbox
    messengers: Mapping[str, Messenger]
    channels: Channels
    public_url: str
    sender: str
    keep_digest: Callable[[str], None]
    signing_key: bytes
    language: Language
    start: date
    directories: Mapping[str, Directory] = field(default_factory=dict)
    stops: Stops = field(default_factory=Stops)
    single_person: bool = False  # whether one person may say both of two yeses, a day apart (D10)
    signs_in: bool = False  # whether colleagues sign in to read content; links of ten minutes without
    hints_url: str = ""  # where a mailbox may tell us of new mail; "" when nobody can reach us

    def now(self) -> datetime:
        """Return the present moment (aware, UTC)."""
        return self.clock.now()

    def today(self) -> date:
        """Return today's date in Sweden."""
        return local_date(self.clock.now())

    def next_morning(self) -> datetime:
        """Return when the next working day begins (aware, Europe/Stockholm)."""
        return datetime.combine(self.calendar.add_working_days(self.today(), 1), MORNING, SWEDEN)

    @property
    def reading(self) -> ReadingContext:
        """Return what the reading must know of us, today's colleagues among it."""
        colleagues = {address.casefold() for one in self.people.colleagues for address in one.work_addresses}
        return replace(self.outside, staff=self.outside.staff | colleagues)

    def on_call(self) -> Colleague:
        """Return who is on call today."""
        return self.people.on_call(self.today())

    def manifest(self, system: str) -> Manifest:
        """Return the manifest of a system."""
        return next(manifest for manifest in self.manifests if manifest.key == system)

    def dates(self, ticket: Ticket, part: Part) -> Deadlines:
        """Return the deadlines that hold for a part of a ticket: the extended ones once the person was told."""
        return in_force(ticket, part, self.calendar)

    def nearest(self, ticket: Ticket) -> Deadlines:
        """Return the deadlines of the open part that is to be answered first (of the first of all when closed)."""
        return nearest(ticket, self.calendar)

    def scene(self, language: Language) -> Scene:
        """Return what the cards need to know, in a language."""
        named = {one.key: one.name for one in self.policy.recipients}
        now, stopped = self.now(), self.stops.standing
        return Scene(
            self.texts, language, self.people.now, self.calendar, now, self.words, named, stopped, self.single_person
        )


def key_of(task: Task) -> str:
    """Return the key of the job that carries a task out, by which it is put, and asked for when it is tried again."""
    return f"task:{task.id}"


def new_id() -> str:
    """Return a new opaque id (32 hex digits)."""
    return uuid4().hex


def new_ids() -> "_Ids":
    """Return an endless supply of new ids, for the planning that must not make its own."""
    return _Ids()


class _Ids:
    def __iter__(self) -> "_Ids":
        return self

    def __next__(self) -> str:
        return new_id()
