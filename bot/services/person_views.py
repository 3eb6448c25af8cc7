"""What the person's own pages show, and what any link is worth before it is used, as plain values.

They carry words, not markup: the handlers escape in one place. Everything here may be
personal data; it is made for one request, shown once and kept nowhere.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.card import StepState
from bot.domain.request import Language


class KnockState(StrEnum):
    """What a link is worth before it is used."""

    FRESH = "fresh"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Knock:
    """What may be said of a link before its POST; looking changed nothing (D7c)."""

    language: Language
    state: KnockState


class Asks(StrEnum):
    """What the person is asked for on their page."""

    NOTHING = "nothing"
    CONFIRM_ERASURE = "confirm_erasure"
    CONFIRM_IDENTITY = "confirm_identity"
    CONFIRM_FIRST = "confirm_first"  # above tier 1: the same yes, and it is not enough
    CODE = "code"
    ORDER_NUMBER = "order_number"


@dataclass(frozen=True, slots=True)
class PackageOffer:
    """A sealed package, fetched until `expires`. `waits_until`: how long an erasure waits for that, None for none."""

    size_bytes: int
    expires: date
    fetched: bool
    waits_until: date | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A package on its way to the person: `pieces` are read one by one, and together have `size` bytes.

    `about` is the part it answers.
    """

    about: str
    name: str
    size: int
    pieces: AsyncIterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter as the person got it."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    sent: date


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """The person's page: where their ticket is, what we wait for, what they can do."""

    ref: str
    language: Language
    received: date
    last_day: date
    rights: tuple[str, ...]
    steps: tuple[tuple[str, StepState], ...]
    waiting: str
    asks: Asks
    attempts_left: int
    package: PackageOffer | None
    letters: tuple[LetterView, ...]
    closed: bool
    can_withdraw: bool


class UndoState(StrEnum):
    """What can be done about an opt-out that its letter's link leads to."""

    OPEN = "open"
    DONE = "done"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class UndoPage:
    """The page that takes one opt-out back; `asked` is what it asked for, in words."""

    ref: str
    language: Language
    asked: str
    state: UndoState
