"""What Eventbrite answers, as far as the desk reads it; the rest is handed on unread in a copy."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, JsonValue, RootModel

from integrations.http import VendorShape

#: Digits at the end of a number that tell two phones apart whatever their country code is written like.
TELLING: Final = 8


def _in_words(value: object) -> object:
    """Return null as nothing and several choices as one text."""
    match value:
        case None:
            return ""
        case list():
            return ", ".join(str(one) for one in value)
        case bool() | int() | float():
            return str(value)
        case _:
            return value


#: A text Eventbrite may leave out, send as null, or as the list of what was chosen.
Words = Annotated[str, BeforeValidator(_in_words)]


def same_phone(number: str) -> str:
    """Return what two spellings of a phone number have in common; "" for what is too short to be one."""
    digits = "".join(one for one in number if one.isdecimal())
    return digits[-TELLING:] if len(digits) >= TELLING else ""


class Profile(VendorShape):
    """How an attendee presented themselves."""

    name: Words = Field("", repr=False)
    email: Words = Field("", repr=False)
    cell_phone: Words = Field("", repr=False)


class Answer(VendorShape):
    """An answer to one of our questions; absent when left open."""

    question: Words = Field("", repr=False)
    answer: Words = Field("", repr=False)


class Attendee(VendorShape):
    """One place at one event."""

    id: str
    event_id: Words = ""
    order_id: Words = ""
    profile: Profile = Profile()
    answers: tuple[Answer, ...] = ()

    @property
    def address(self) -> str:
        """The guest's address in lower case."""
        return self.profile.email.strip().lower()

    @property
    def name(self) -> str:
        """The guest's name, folded for comparing."""
        return " ".join(self.profile.name.split()).casefold()


class Order(VendorShape):
    """What somebody bought; `attendees` only when asked for."""

    id: str
    event_id: Words = ""
    name: Words = Field("", repr=False)
    email: Words = Field("", repr=False)
    attendees: tuple[Attendee, ...] = ()

    @property
    def buyer(self) -> str:
        """The buyer's address in lower case."""
        return self.email.strip().lower()

    def is_with(self, addresses: Collection[str]) -> bool:
        """Whether somebody else placed it for the person of *addresses*, who is a guest in it."""
        return self.buyer not in addresses and any(one.address in addresses for one in self.attendees)

    @property
    def buyers_name(self) -> str:
        """The buyer's name, folded for comparing."""
        return " ".join(self.name.split()).casefold()


class Pagination(VendorShape):
    """Where we are in a list."""

    has_more_items: bool = False
    continuation: Words = ""


class Page(VendorShape):
    """One page of a list."""

    pagination: Pagination = Pagination()


class OrderPage(Page):
    """One page of orders."""

    orders: tuple[Order, ...]


class AttendeePage(Page):
    """One page of attendees."""

    attendees: tuple[Attendee, ...]


class Wording(VendorShape):
    """A text as Eventbrite shows it."""

    text: Words = ""


class Question(VendorShape):
    """A question of an event."""

    id: str
    question: Wording = Wording()


class QuestionPage(Page):
    """The questions of an event."""

    questions: tuple[Question, ...] = ()


class Whole(RootModel[Mapping[str, JsonValue]]):
    """An object just as Eventbrite gives it."""


def until_the_hour(answer: Mapping[str, JsonValue], now: datetime) -> timedelta | None:
    """Return how long the hourly quota stays used up: to the next full hour (vendors.md §3)."""
    if answer.get("error") != "HIT_RATE_LIMIT":
        return None
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) - now
