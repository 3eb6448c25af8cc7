"""Eventbrite: who comes to our events.

Its API reads only: nothing in it changes or erases an order, so erasing, rectifying and
restricting are checklists, and the desk looks afterwards at what is left. Orders are found
by the buyer's address; a guest whom somebody else booked is found only by going through all
attendees (vendors.md §3). For those data Eventbrite is our processor; for whoever has an
account there it is a controller of its own, and only the person can close it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.domain.system import (
    Exported,
    Identifier,
    IdentifierKind,
    Manifest,
    Operation,
    Prepared,
    Record,
    Remains,
    absent,
    automatic,
    manual,
)
from bot.ports import Clock
from integrations.by_hand import ByHand
from integrations.eventbrite.bookings import Bookings
from integrations.eventbrite.content import for_buyer, for_somebody, with_questions
from integrations.eventbrite.guide import Guide
from integrations.eventbrite.remains import of_order, of_place
from integrations.eventbrite.shapes import Attendee, Order, same_phone, until_the_hour
from integrations.eventbrite.special import is_special
from integrations.http import Api, NotHeld, ServiceUrl, Vendor, both, pace, together
from integrations.tokens import FixedToken

KEY: Final = "eventbrite"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Eventbrite",
    known_by=frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.ORDER_NUMBER}),
    capabilities={
        Operation.FIND: automatic(),
        Operation.EXPORT: automatic(),
        Operation.ERASE: manual("reason.erase", irreversible=True),
        Operation.RECTIFY: manual("reason.rectify"),
        Operation.RESTRICT: manual("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)

ORDER: Final = "order"
ATTENDEE: Final = "attendee"


class Settings(BaseModel):
    """How to reach Eventbrite. 0 switches the limit off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(description="a private token from Eventbrite: Account settings, Developer links, API keys")
    organization_id: str = Field(pattern=r"^\d+$", description="the organisation's number at Eventbrite")
    base_url: ServiceUrl = Field("https://www.eventbriteapi.com/v3", description="where Eventbrite's API answers")
    pages_url: ServiceUrl = Field("https://www.eventbrite.com", description="where colleagues work in Eventbrite")
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
    return Eventbrite(Bookings(api, settings.organization_id), Guide(settings.organization_id, settings.pages_url))


class Eventbrite(ByHand):
    """Orders, and the attendees others booked for. A record's id is the event's and its own, as reading takes both."""

    def __init__(self, bookings: Bookings, guide: Guide) -> None:
        super().__init__(MANIFEST)
        self._bookings = bookings
        self._guide = guide

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return the orders the person placed, and the places others booked for them.

        An attendee within one of these orders is part of it, not a record of its own. An order number or a phone
        counts by itself where no address is known: what is proven then is the address on file. Beside an address
        it may be anybody's, so what bears it and no address of theirs is shared, for a person to judge (D20), and
        shows no contact point to write to. An order somebody else placed is theirs, with the person a guest in it.
        """
        addresses = {value.lower() for value in _values(person, IdentifierKind.EMAIL)}
        numbers = {value for value in _values(person, IdentifierKind.ORDER_NUMBER) if value.isdecimal()}
        phones = {same_phone(one) for one in _values(person, IdentifierKind.PHONE)} - {""}
        (placed, booked), named = await both(
            both(self._bookings.placed_by(addresses), self._bookings.booked_for(addresses, phones)),
            together(*(self._bookings.order(number) for number in sorted(numbers))),
        )
        orders = {order.id: order for order in (*placed, *named) if order is not None and not order.is_with(addresses)}
        return (
            *(_order_record(order, addresses) for order in orders.values()),
            *(_attendee_record(one, addresses) for one in booked if one.order_id not in orders),
        )

    async def export(self, record: Record) -> Exported:
        """Return the order with the person's place and answers, or one attendee's place.

        Of what may be somebody else's only that it is there. A record that is gone since it was found comes back
        without fields.
        """
        event, number = _parts(record)
        try:
            if record.kind == ORDER:
                whole = await self._bookings.whole_order(number)
                fields, masked = await for_buyer(whole, self._bookings.questions)
            else:
                whole = await self._bookings.whole_attendee(event, number)
                fields, masked = await with_questions(whole, self._bookings.questions), 0
        except NotHeld:
            return Exported(record)
        fields, masked = for_somebody(whole) if _is_doubtful(record) else (fields, masked)
        return Exported(record, fields, masked=masked)

    async def remains(self, record: Record, person: Sequence[Identifier]) -> Remains:
        """Return what is left of a booking after a colleague worked by the checklist."""
        event, number = _parts(record)
        known = {one.value for one in (*person, *record.contacts) if one.kind is not IdentifierKind.ORDER_NUMBER}
        if record.kind == ORDER:
            return of_order(await self._bookings.order(number), known)
        return of_place(await self._bookings.attendee(event, number), known)

    def prepared(self, operation: Operation, records: Sequence[Record]) -> Sequence[Prepared]:
        """Return each booking's page at Eventbrite and, for an erasure, the mail that asks Eventbrite for the rest."""
        named = [(record.kind == ORDER, *_parts(record)) for record in records]
        return self._guide.through(operation, named)

    async def probe(self) -> None:
        """Try whether Eventbrite answers and the token may read our orders and attendees, by asking for nobody's."""
        await self._bookings.may_read()


def _values(person: Sequence[Identifier], kind: IdentifierKind) -> set[str]:
    return {one.value.strip() for one in person if one.kind is kind} - {""}


def _parts(record: Record) -> tuple[str, str]:
    """Return a record's event and its own number there."""
    event, _, number = record.id.rpartition(":")
    return event, number


def _order_record(order: Order, addresses: Collection[str]) -> Record:
    """Return the record of an order; its contact points are the buyer's own, no other guest's."""
    special = any(is_special(answer) for one in order.attendees for answer in one.answers)
    record = Record(KEY, ORDER, f"{order.event_id}:{order.id}", special=special, shared=True)
    if addresses and order.buyer not in addresses:
        return record
    theirs = {*addresses, order.buyer}
    own = [
        one for one in order.attendees if one.address in theirs or (not one.address and one.name == order.buyers_name)
    ]
    contacts = (
        *(Identifier(IdentifierKind.EMAIL, one) for one in (order.buyer,) if one),
        *(Identifier(IdentifierKind.PHONE, one) for one in _phones(own)),
        Identifier(IdentifierKind.ORDER_NUMBER, order.id),
    )
    return replace(record, contacts=contacts, shared=len(own) < len(order.attendees))


def _attendee_record(attendee: Attendee, addresses: Collection[str]) -> Record:
    special = any(is_special(answer) for answer in attendee.answers)
    record = Record(KEY, ATTENDEE, f"{attendee.event_id}:{attendee.id}", special=special, shared=True)
    if addresses and attendee.address not in addresses:
        return record
    contacts = (
        *(Identifier(IdentifierKind.EMAIL, one) for one in (attendee.address,) if one),
        *(Identifier(IdentifierKind.PHONE, one) for one in _phones([attendee])),
        Identifier(IdentifierKind.ORDER_NUMBER, attendee.order_id),
    )
    return replace(record, contacts=contacts, shared=False)


def _is_doubtful(record: Record) -> bool:
    """Whether nothing but a number or a phone says that the record is the person's."""
    return record.shared and not record.contacts


def _phones(places: Sequence[Attendee]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phone for one in places if (phone := one.profile.cell_phone.strip())))
