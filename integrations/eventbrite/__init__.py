"""Eventbrite: who comes to our events.

Its API reads only: nothing in it changes or erases an order, so erasing and rectifying are
checklists. Orders are found by the buyer's address; a guest whom somebody else booked is
found only by going through all attendees (vendors.md §3).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from bot.domain.system import (
    Exported,
    Identifier,
    IdentifierKind,
    Manifest,
    Operation,
    Record,
    absent,
    automatic,
    manual,
)
from bot.ports.world import Clock
from integrations.by_hand import ByHand
from integrations.eventbrite.bookings import Attendee, Bookings, Order, until_the_hour
from integrations.eventbrite.special import is_special
from integrations.http import Api, NotHeld, ServiceUrl, Vendor, both, pace, together
from integrations.tokens import FixedToken

KEY: Final = "eventbrite"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Eventbrite",
    known_by=frozenset({IdentifierKind.EMAIL, IdentifierKind.ORDER_NUMBER}),
    capabilities={
        Operation.FIND: automatic(),
        Operation.EXPORT: automatic(),
        Operation.ERASE: manual("reason.erase", irreversible=True),
        Operation.RECTIFY: manual("reason.rectify"),
        Operation.RESTRICT: manual("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)

#: Nobody: a reserved name that can have no mailbox (RFC 2606).
NOBODY: Final = "nobody@probe.invalid"

ORDER: Final = "order"
ATTENDEE: Final = "attendee"


class Settings(BaseModel):
    """How to reach Eventbrite. 0 switches the limit off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(description="a private token from Eventbrite: Account settings, Developer links, API keys")
    organization_id: str = Field(pattern=r"^\d+$", description="the organisation's number at Eventbrite")
    base_url: ServiceUrl = Field("https://www.eventbriteapi.com/v3", description="where Eventbrite's API answers")
    calls_per_hour: int = Field(2000, ge=0, description="the token's hourly limit, 0 for none")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")


def manifest(settings: Settings) -> Manifest:
    """Return what Eventbrite can do, the same whatever the settings."""
    del settings
    return MANIFEST


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> "Eventbrite":
    """Return Eventbrite, ready to work over the shared session."""
    vendor = Vendor(KEY, settings.base_url, seconds=settings.seconds, pause=until_the_hour)
    tokens = FixedToken(KEY, settings.token)
    api = Api(session, vendor, tokens, clock, window=pace(settings.calls_per_hour, 3600))
    return Eventbrite(Bookings(api, settings.organization_id))


class Eventbrite(ByHand):
    """Orders, and the attendees others booked for."""

    def __init__(self, bookings: Bookings) -> None:
        super().__init__(MANIFEST)
        self._bookings = bookings

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return the orders the person placed, and the places others booked for them.

        An attendee within one of these orders is part of it, not a record of its own. An order number
        counts by itself, but beside an address only when the order mentions that address: it may be
        anybody's.
        """
        addresses = {one.value.strip().lower() for one in person if one.kind is IdentifierKind.EMAIL}
        numbers = {one.value.strip() for one in person if one.kind is IdentifierKind.ORDER_NUMBER}
        (placed, booked), named = await both(
            both(self._bookings.placed_by(addresses), self._bookings.booked_for(addresses)),
            together(*(self._bookings.order(number) for number in sorted(numbers) if number.isdecimal())),
        )
        orders = {order.id: order for order in placed}
        orders |= {
            order.id: order for order in named if order is not None and (not addresses or addresses & order.addresses)
        }
        theirs = addresses or {order.email.lower() for order in orders.values()}
        return (
            *(_order_record(order, theirs) for order in orders.values()),
            *(_attendee_record(one) for one in booked if one.order_id not in orders),
        )

    async def export(self, record: Record) -> Exported:
        """Return the order with its attendees and their answers, or one attendee's place.

        A record that is gone since it was found comes back without fields.
        """
        try:
            return Exported(record, await self._content(record))
        except NotHeld:
            return Exported(record)

    async def probe(self) -> None:
        """Try whether Eventbrite answers and the token may read our orders, by looking for nobody's."""
        await self._bookings.placed_by({NOBODY})

    async def _content(self, record: Record) -> Mapping[str, JsonValue]:
        if record.kind == ORDER:
            return await self._bookings.whole_order(record.id)
        event, _, attendee = record.id.partition(":")
        return await self._bookings.whole_attendee(event, attendee)


def _order_record(order: Order, theirs: set[str]) -> Record:
    contacts = (
        *(Identifier(IdentifierKind.EMAIL, one) for one in sorted({order.email.lower()} - {""})),
        Identifier(IdentifierKind.ORDER_NUMBER, order.id),
    )
    special = any(is_special(answer) for one in order.attendees for answer in one.answers)
    others = order.addresses - theirs
    return Record(KEY, ORDER, order.id, contacts=contacts, special=special, shared=bool(others))


def _attendee_record(attendee: Attendee) -> Record:
    """Return the record of a place; its id is the event's and the attendee's, since reading it takes both."""
    profile = attendee.profile
    contacts = (
        Identifier(IdentifierKind.EMAIL, profile.email.lower()),
        *(Identifier(IdentifierKind.PHONE, phone) for phone in (profile.cell_phone,) if phone),
        Identifier(IdentifierKind.ORDER_NUMBER, attendee.order_id),
    )
    special = any(is_special(answer) for answer in attendee.answers)
    return Record(KEY, ATTENDEE, f"{attendee.event_id}:{attendee.id}", contacts=contacts, special=special)
