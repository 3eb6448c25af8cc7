"""The privacy policy as values: what Article 15 is answered from.

The policy may change (P84), so every sentence and every name comes in from
`config/policy.toml` with its version and date; code only selects by role. A legal basis
may be UNCLEAR and then stays unsaid in letters: nobody invents one here (G1).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.domain.request import Language, Role

Wording = Mapping[Language, str]


class Basis(StrEnum):
    """The legal basis of a purpose (Art. 6(1)); UNCLEAR where the policy leaves it open (G1)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the data (P7). `officer` and `phone` may be empty (G12).

    `contracts` is whom contract customers turn to (P6); empty, and a colleague writes it each time.
    """

    name: str
    registration: str
    postal: str
    email: str
    officer: str = ""
    phone: str = ""
    contracts: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data is used, for whom. `marketing` makes an objection absolute (R42)."""

    key: str
    roles: frozenset[Role]
    text: Wording
    basis: Basis = Basis.UNCLEAR
    marketing: bool = False
    profiling: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of data. `held_in` names systems, or "system:kind" of record, whose findings show that it is held."""

    key: str
    roles: frozenset[Role]
    text: Wording
    held_in: tuple[str, ...]
    special: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives data, by name (R32); `third_country` when outside the EU and EEA.

    `receives_from` names what they are given, as `Category.held_in` does; empty: something of everything. `contact` is
    how a colleague reaches them to tell what was done (Art. 19), and stands on the review page alone.
    """

    key: str
    roles: frozenset[Role]
    name: str
    text: Wording
    third_country: bool = False
    receives_from: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence that holds for some roles: a source, a storage period, profiling, an exclusion."""

    key: str
    roles: frozenset[Role]
    text: Wording


@dataclass(frozen=True, slots=True)
class Portable:
    """What Art. 20 covers in one kind of record: fields the person gave, on consent or by contract (R35).

    `fields` names each by its path in the record ("profile.name") with its explanation; none means the whole file.
    """

    key: str
    roles: frozenset[Role]
    text: Wording
    system: str
    kind: str
    basis: Basis
    fields: Mapping[str, Wording]


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A system the policy names (P46-P56), and what a person found there is to us, by kind where it differs."""

    key: str
    name: str
    roles: frozenset[Role]
    by_kind: Mapping[str, frozenset[Role]] = field(default_factory=dict)

    def implies(self, kinds: Collection[str]) -> frozenset[Role]:
        """Return what somebody of whom such records are held there is to us; a kind not named by itself: any of all."""
        named = [self.by_kind[kind] for kind in kinds if kind in self.by_kind]
        unnamed = not named or any(kind not in self.by_kind for kind in kinds)
        return frozenset(role for roles in (*named, *((self.roles,) if unnamed else ())) for role in roles)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The policy in force. `unconfirmed` names the passages GoToWork has still to confirm (G6, G7, G10)."""

    version: str
    dated: date
    url: str
    controller: Controller
    systems: tuple[KnownSystem, ...]
    purposes: tuple[Purpose, ...]
    categories: tuple[Category, ...]
    sources: tuple[Passage, ...]
    recipients: tuple[Recipient, ...]
    keeping: tuple[Passage, ...]
    profiling: tuple[Passage, ...]
    exclusions: tuple[Passage, ...]
    rights: Wording
    complaint: Wording
    third_countries: Wording
    backups: Wording
    unconfirmed: tuple[str, ...] = ()
    portable: tuple[Portable, ...] = ()

    def roles_held(self, roles: Collection[Role], found_in: Iterable[str]) -> frozenset[Role]:
        """Return the roles to answer for: those known and those the findings imply (P62).

        *found_in* names systems, or "system:kind" of record, as `Category.held_in` does.

        Both: what is known was often read from a mail, and a guess must hide nothing that a system was seen to hold.
        """
        kinds: dict[str, set[str]] = {}
        for place in found_in:
            system, _, kind = place.partition(":")
            kinds.setdefault(system, set()).update({kind} - {""})
        implied = frozenset(
            role for system in self.systems if system.key in kinds for role in system.implies(kinds[system.key])
        )
        return (frozenset(roles) - {Role.UNKNOWN}) | implied


class _ForRoles(Protocol):
    @property
    def roles(self) -> frozenset[Role]: ...


Entry = TypeVar("Entry", bound=_ForRoles)


def for_roles(entries: Iterable[Entry], roles: Collection[Role]) -> tuple[Entry, ...]:
    """Return the entries that hold for any of *roles*, in the policy's order (P62)."""
    wanted = frozenset(roles)
    return tuple(entry for entry in entries if entry.roles & wanted)
