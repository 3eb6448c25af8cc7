"""Eventbrite's orders and attendees, page by page.

Paging follows the continuation Eventbrite hands out, not page numbers: between two pages
somebody may book, and numbers would skip a person. A continuation does not live for ever;
when it is refused the list begins anew, so whoever reads pages may see an item twice.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Final, TypeVar

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, TryLater
from integrations.eventbrite.shapes import Attendee, AttendeePage, Order, OrderPage, Page, QuestionPage, Whole
from integrations.eventbrite.walk import Walk
from integrations.http import Api, NotHeld, Place, at

WITH_ATTENDEES: Final = {"expand": "attendees"}
EXPANSION_FAILED: Final = "EXPANSION_FAILED"
BAD_CONTINUATION: Final = "BAD_CONTINUATION_TOKEN"
#: How often one list is begun anew before a job is left to try later.
RESTARTS: Final = 3

NO_QUERY: Final[Mapping[str, str]] = {}

AnyPage = TypeVar("AnyPage", bound=Page)


class Bookings:
    """Reads one organisation's orders and attendees."""

    def __init__(self, api: Api, organization: str) -> None:
        self._api = api
        self._organization = organization
        self._walk = Walk(self._everybody)

    async def placed_by(self, addresses: Collection[str]) -> Sequence[Order]:
        """Return the orders placed by any of *addresses*, cancelled ones too, with their attendees."""
        if not addresses:
            return []
        place = at("/organizations/{}/orders/", self._organization)
        query = {"only_emails": ",".join(sorted(addresses)), "status": "both"}
        try:
            return await self._orders(place, {**query, **WITH_ATTENDEES}, addresses)
        except TryLater as trouble:
            _unless_expansion(trouble)
        return [await self._filled(order) for order in await self._orders(place, query, addresses)]

    async def _orders(self, place: Place, query: Mapping[str, str], addresses: Collection[str]) -> Sequence[Order]:
        pages = self._pages(place, OrderPage, query)
        orders = {order.id: order async for page in pages for order in page.orders if order.buyer in addresses}
        return list(orders.values())

    async def _filled(self, order: Order) -> Order:
        """Return the order with its attendees by the long way: Eventbrite cannot always expand (EXPANSION_FAILED)."""
        return order.model_copy(update={"attendees": tuple(await self._attendees_of(order.id, order.event_id))})

    async def booked_for(self, addresses: Collection[str], phones: Collection[str]) -> Sequence[Attendee]:
        """Return every place at our events that bears any of *addresses* or *phones*: a walk through all of them."""
        return await self._walk.look_for(addresses, phones) if addresses or phones else []

    def _everybody(self) -> AsyncIterator[AttendeePage]:
        return self._pages(at("/organizations/{}/attendees/", self._organization), AttendeePage)

    async def _pages(
        self, place: Place, shape: type[AnyPage], query: Mapping[str, str] = NO_QUERY
    ) -> AsyncIterator[AnyPage]:
        for _ in range(RESTARTS + 1):
            seen: set[str] = set()
            more = ""
            while True:
                page = await self._page(place, shape, {**query, "continuation": more} if more else query)
                if page is None:
                    break  # what led on is worth nothing any more: from the beginning
                yield page
                if not page.pagination.has_more_items:
                    return
                more = page.pagination.continuation
                if not more or more in seen:
                    raise NeedsHuman("trouble.endless", {"system": "eventbrite"})
                seen.add(more)
        raise TryLater("trouble.busy", facts={"system": "eventbrite"})

    async def _page(self, place: Place, shape: type[AnyPage], query: Mapping[str, str]) -> AnyPage | None:
        """Return a page; None when Eventbrite has forgotten the continuation."""
        try:
            return await self._api.get(place, shape, query)
        except NotHeld:  # a list is never missing, only not ours: a wrong organisation or too small a token
            raise NeedsHuman("trouble.not_allowed_there", {"system": "eventbrite"}) from None
        except NeedsHuman as trouble:
            if "continuation" not in query or trouble.facts.get("code") != BAD_CONTINUATION:
                raise
        return None

    async def order(self, number: str) -> Order | None:
        """Return an order by its number, None when there is none (or it is not ours to see)."""
        place = at("/orders/{}/", number)
        try:
            return await self._api.get(place, Order, WITH_ATTENDEES)
        except NotHeld:
            return None
        except TryLater as trouble:
            _unless_expansion(trouble)
        try:
            return await self._filled(await self._api.get(place, Order))
        except NotHeld:
            return None

    async def attendee(self, event: str, number: str) -> Attendee | None:
        """Return one place, None when there is none."""
        try:
            return await self._api.get(at("/events/{}/attendees/{}/", event, number), Attendee)
        except NotHeld:
            return None

    async def whole_order(self, number: str) -> Mapping[str, JsonValue]:
        """Return all of an order with its attendees and their answers. Raises `NotHeld`."""
        place = at("/orders/{}/", number)
        try:
            return (await self._api.get(place, Whole, WITH_ATTENDEES)).root
        except TryLater as trouble:
            _unless_expansion(trouble)
        order = (await self._api.get(place, Whole)).root
        event = str(order.get("event_id", ""))
        attendees = await self._attendees_of(number, event)
        return {**order, "attendees": [dict(await self.whole_attendee(event, one.id)) for one in attendees]}

    async def _attendees_of(self, number: str, event: str) -> Sequence[Attendee]:
        pages = self._pages(at("/events/{}/attendees/", event), AttendeePage)
        theirs = {one.id: one async for page in pages for one in page.attendees if one.order_id == number}
        return list(theirs.values())

    async def whole_attendee(self, event: str, attendee: str) -> Mapping[str, JsonValue]:
        """Return all of one place: profile, answers, tickets. Raises `NotHeld`."""
        return (await self._api.get(at("/events/{}/attendees/{}/", event, attendee), Whole)).root

    async def questions(self, event: str) -> Mapping[str, str]:
        """Return what an event asks its guests, by question id: Eventbrite's own questions and ours."""
        asked: dict[str, str] = {}
        for shape in ("/events/{}/questions/", "/events/{}/custom_questions/"):
            try:
                page = await self._api.get(at(shape, event), QuestionPage)
            except NotHeld:  # the event is gone, or has none of that sort
                continue
            asked |= {one.id: one.question.text for one in page.questions if one.question.text}
        return asked

    async def may_read(self) -> None:
        """Try whether our orders can be read, by looking for nobody's: the name is reserved and has no mailbox."""
        await self.placed_by({"nobody@probe.invalid"})


def _unless_expansion(trouble: TryLater) -> None:
    """Let every trouble pass on but the one that asking without the expansion cures."""
    if trouble.facts.get("code") != EXPANSION_FAILED:
        raise trouble
