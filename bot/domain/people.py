"""Colleagues, their roles, and who is on call.

Handler, owner, officer and viewer are different things (D9), and a deputy is not an
owner: only an owner, the deputy or an officer approves in a system, only an officer
declines. Nobody decides on their own request.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.errors import NotFound
from bot.domain.request import Language


class Duty(StrEnum):
    """What a colleague may do (D9)."""

    HANDLER = "handler"
    OFFICER = "officer"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Colleague:
    """One colleague. `handles` maps a chat ("slack", "console") to the id the chat knows them by.

    `addresses` are the further ones they write from: an alias, a former work address, a private one. By those it is
    seen that a request is their own (D9). They let nobody in and prove nothing (D7b).
    """

    id: str
    name: str
    email: str
    duties: frozenset[Duty] = frozenset()
    owns: frozenset[str] = frozenset()
    deputises: frozenset[str] = frozenset()
    language: Language = Language.SV
    handles: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = field(default=(), repr=False)

    @property
    def every_address(self) -> tuple[str, ...]:
        """Return all addresses the colleague is known to write from."""
        return tuple(one for one in (self.email, *self.addresses) if one)

    @property
    def work_addresses(self) -> tuple[str, ...]:
        """Return those from which they write as a colleague: of the further ones only where their work mail is.

        A private or a former address may be anybody's tomorrow: mail from there is a person's, never a forward (D7b).
        """
        domain = self.email.rpartition("@")[2].casefold()
        return tuple(one for one in self.every_address if domain and one.rpartition("@")[2].casefold() == domain)

    @property
    def handles_tickets(self) -> bool:
        """Whether triage, identity and letters are theirs."""
        return bool({Duty.HANDLER, Duty.OFFICER} & self.duties)

    @property
    def is_officer(self) -> bool:
        """Whether they are a privacy officer."""
        return Duty.OFFICER in self.duties

    def approves_in(self, system: str) -> bool:
        """Whether they may say yes for *system*."""
        return system in self.owns or system in self.deputises or self.is_officer

    def works_in(self, system: str) -> bool:
        """Whether steps in *system* are theirs to do, and what was found there theirs to see: its owner, a handler."""
        return self.handles_tickets or self.approves_in(system)


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of the on-call rota, first and last day included."""

    first: date
    last: date
    colleague: str


@dataclass(frozen=True, slots=True)
class People:
    """Everybody the desk knows, and the rota."""

    colleagues: tuple[Colleague, ...]
    rota: tuple[Shift, ...] = ()

    def by_id(self, colleague_id: str) -> Colleague:
        """Return the colleague, or raise `NotFound`."""
        return _first((c for c in self.colleagues if c.id == colleague_id), "refusal.unknown_colleague")

    def by_handle(self, chat: str, handle: str) -> Colleague:
        """Return the colleague a chat knows as *handle*, or raise `NotFound` (unmapped people are refused kindly)."""
        return _first((c for c in self.colleagues if c.handles.get(chat) == handle), "refusal.unknown_colleague")

    def on_call(self, day: date) -> Colleague:
        """Return who is on call on *day*: the rota's, else the first officer (`check` warns of gaps, D28)."""
        for shift in reversed(self.rota):
            if shift.first <= day <= shift.last and any(c.id == shift.colleague for c in self.colleagues):
                return self.by_id(shift.colleague)
        return _first((c for c in self.colleagues if c.is_officer), "refusal.nobody_on_call")

    def gaps(self, first: date, days: int) -> tuple[date, ...]:
        """Return the days from *first* on that no shift covers."""
        every = (first + timedelta(days=n) for n in range(days))
        return tuple(day for day in every if not any(shift.first <= day <= shift.last for shift in self.rota))

    def owners(self, system: str) -> tuple[Colleague, ...]:
        """Return the owners of *system*."""
        return tuple(c for c in self.colleagues if system in c.owns)

    def approvers(self, system: str) -> tuple[Colleague, ...]:
        """Return everybody who may say yes for *system*."""
        return tuple(c for c in self.colleagues if c.approves_in(system))

    def officers(self) -> tuple[Colleague, ...]:
        """Return the privacy officers."""
        return tuple(c for c in self.colleagues if c.is_officer)


def comparable(value: str) -> str:
    """Return *value* in the form in which what a person would call the same is the same: NFKC, trimmed, case-folded."""
    return unicodedata.normalize("NFKC", value).strip().casefold()


def same_address(one: str, other: str) -> bool:
    """Whether two work addresses are the same: capitals do not count, letters that only look alike do.

    Folding case alone makes a Kelvin sign a k and ß two letters, so whoever has the one would be taken for the other.
    """
    return bool(one) and one.isascii() is other.isascii() and one.lower() == other.lower()


def _first(found: Iterable[Colleague], key: str) -> Colleague:
    for one in found:
        return one
    raise NotFound(key)
