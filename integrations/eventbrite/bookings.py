"""Eventbrite's orders and attendees, page by page.

Paging follows the continuation Eventbrite hands out, not page numbers: between two pages
somebody may book, and numbers would skip a person.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, Field, JsonValue, RootModel

from bot.domain.errors import NeedsHuman, TryLater
from integrations.http import Api, NotHeld, Place, VendorShape, at

ATTENDEES: Final = {"expand": "attendees"}
EXPANSION_FAILED: Final = "EXPANSION_FAILED"


#: A text Eventbrite may leave out or send as null.
Words = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class Profile(VendorShape):
    """How an attendee presented themselves."""

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


class Order(VendorShape):
    """What somebody bought; `attendees` only when asked for."""

    id: str
    email: Words = Field("", repr=False)
    attendees: tuple[Attendee, ...] = ()

    @property
    def addresses(self) -> frozenset[str]:
        """Every address in the order, the buyer's and the attendees', in lower case."""
        every = (self.email, *(one.profile.email for one in self.attendees))
        return frozenset(one.lower() for one in every if one)


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


AnyPage = TypeVar("AnyPage", bound=Page)


class Whole(RootModel[Mapping[str, JsonValue]]):
    """An object just as Eventbrite gives it."""


def until_the_hour(answer: Mapping[str, JsonValue], now: datetime) -> timedelta | None:
    """Return how long the hourly quota stays used up: to the next full hour (vendors.md §3)."""
    if answer.get("error") != "HIT_RATE_LIMIT":
        return None
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) - now


class Bookings:
    """Reads one organisation's orders and attendees."""

    def __init__(self, api: Api, organization: str) -> None:
        self._api = api
        self._organization = organization

    async def placed_by(self, addresses: Collection[str]) -> Sequence[Order]:
        """Return the orders placed by any of *addresses*, cancelled ones too, with their attendees."""
        if not addresses:
            return []
        place = at("/organizations/{}/orders/", self._organization)
        query = {"only_emails": ",".join(sorted(addresses)), "status": "both", **ATTENDEES}
        pages = self._pages(place, OrderPage, query)
        return [order async for page in pages for order in page.orders if order.email.lower() in addresses]

    async def booked_for(self, addresses: Collection[str]) -> Sequence[Attendee]:
        """Return every place at our events that bears any of *addresses*: a walk through all of them."""
        if not addresses:
            return []
        pages = self._pages(at("/organizations/{}/attendees/", self._organization), AttendeePage, {})
        return [one async for page in pages for one in page.attendees if one.profile.email.lower() in addresses]

    async def _pages(self, place: Place, shape: type[AnyPage], query: Mapping[str, str]) -> AsyncIterator[AnyPage]:
        more: dict[str, str] = {}
        while True:
            try:
                page = await self._api.get(place, shape, {**query, **more})
            except NotHeld:  # a list is never missing, only not ours: a wrong organisation or too small a token
                raise NeedsHuman("trouble.not_allowed_there", {"system": "eventbrite"}) from None
            yield page
            if not page.pagination.has_more_items:
                return
            if page.pagination.continuation in ("", more.get("continuation")):
                raise NeedsHuman("trouble.endless", {"system": "eventbrite"})
            more = {"continuation": page.pagination.continuation}

    async def order(self, number: str) -> Order | None:
        """Return an order by its number, None when there is none (or it is not ours to see)."""
        try:
            return await self._api.get(at("/orders/{}/", number), Order, ATTENDEES)
        except NotHeld:
            return None

    async def whole_order(self, number: str) -> Mapping[str, JsonValue]:
        """Return all of an order with its attendees and their answers. Raises `NotHeld`."""
        place = at("/orders/{}/", number)
        try:
            return (await self._api.get(place, Whole, ATTENDEES)).root
        except TryLater as trouble:
            if trouble.facts.get("code") != EXPANSION_FAILED:
                raise
        order = (await self._api.get(place, Whole)).root
        attendees = await self._attendees_of(number, str(order.get("event_id", "")))
        return {**order, "attendees": attendees}

    async def _attendees_of(self, number: str, event: str) -> list[JsonValue]:
        """Return an order's attendees the long way: Eventbrite cannot always expand an order (EXPANSION_FAILED)."""
        pages = self._pages(at("/events/{}/attendees/", event), AttendeePage, {})
        theirs = [one.id async for page in pages for one in page.attendees if one.order_id == number]
        return [dict(await self.whole_attendee(event, one)) for one in theirs]

    async def whole_attendee(self, event: str, attendee: str) -> Mapping[str, JsonValue]:
        """Return all of one place: profile, answers, tickets. Raises `NotHeld`."""
        return (await self._api.get(at("/events/{}/attendees/{}/", event, attendee), Whole)).root
