"""A ticket with everything its file is written from, in one language: its words, names and roles, days and moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from bot.cards.scene import Scene, capital
from bot.domain.deadline import SWEDEN
from bot.domain.errors import NO_FACTS, NotFound
from bot.domain.ledger import Entry, LedgerEvent
from bot.domain.people import Colleague, Duty, People
from bot.domain.request import Language
from bot.domain.ticket import Ticket
from bot.ports import Shelf
from bot.services.casework.wrong_person import WrongPerson
from bot.services.dossier import Sheet
from bot.services.house import House

NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Notes:
    """What only an officer's copy says: to which address each letter went, and the sealed notes."""

    recipients: Mapping[str, str] = field(default_factory=dict, repr=False)
    received: str = field(default="", repr=False)
    extension: str = field(default="", repr=False)
    astray: tuple[WrongPerson, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with everything the file is written from, in one language. `broken` is the chain's first bad entry."""

    house: House
    ticket: Ticket
    entries: tuple[Entry, ...]
    broken: Entry | None
    reader: Colleague
    language: Language
    notes: Notes | None

    @property
    def scene(self) -> Scene:
        """The words and days of the language; once the case is forgotten no colleague's name (D24)."""
        scene = self.house.scene(self.language)
        return replace(scene, people=People(())) if self.forgotten else scene

    @property
    def forgotten(self) -> bool:
        """Whether the content is gone: from then on colleagues are roles here, as the person is nobody."""
        gone = (one.facts.get("shelf") == Shelf.CASE for one in self.entries if one.event is LedgerEvent.FORGOTTEN)
        return any(gone)

    def say(self, key: str, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Return a sentence."""
        return self.house.texts.say(self.language, key, facts)

    def who(self, actor: str, system: str = "") -> str:
        """Return a colleague's name and role, in *system* where they acted in one; or what else acted."""
        try:
            colleague = self.house.people.by_id(actor)
        except NotFound:
            return capital(self.scene.name(actor))
        role = self.say(f"duty.{_role(colleague, system)}")
        return capital(role) if self.forgotten and colleague is not self.reader else f"{colleague.name}, {role}"

    def table(self, kind: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> tuple[Sheet, ...]:
        """Return a table with its heads in words; none where there are no rows."""
        head = tuple(self.say(f"evidence.head.{column}") for column in columns)
        return (Sheet(kind, head, tuple(rows)),) if rows else ()


def _role(colleague: Colleague, system: str) -> str:
    """Return the role a colleague acted in: the system's own where they have one there, else the weightiest (D9)."""
    if system in colleague.owns:
        return "owner"
    if system in colleague.deputises:
        return "deputy"
    if duty := next((one for one in (Duty.OFFICER, Duty.HANDLER) if one in colleague.duties), None):
        return duty
    return "owner" if colleague.owns else "deputy" if colleague.deputises else "viewer"


def at(moment: datetime, *, seconds: bool = False) -> str:
    """Return a moment in Swedish time as it is written in a record: "2026-03-05 09:12"."""
    return moment.astimezone(SWEDEN).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def on(day: date) -> str:
    """Return a day as it is written in a record."""
    return day.isoformat()
