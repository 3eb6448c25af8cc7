"""Eventbrite on this machine: one organisation's orders and attendees, to be read only.

Nothing can be changed over HTTP, as at Eventbrite; `blank` is the colleague who follows
the checklist in Eventbrite's own pages.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import count
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from integrations.eventbrite.seed import EVENTS, Booking, Guest, demo_bookings
from integrations.sandbox import TOKEN, Sandbox

ORGANIZATION: Final = "550001"
PAGE: Final = 50
CODES: Final = {401: "NO_AUTH", 403: "NOT_AUTHORIZED", 404: "NOT_FOUND", 429: "HIT_RATE_LIMIT"}
Json = dict[str, JsonValue]


class EventbriteSandbox(Sandbox):
    """Eventbrite's view of one made-up organisation."""

    def __init__(
        self,
        bookings: Sequence[Booking] = (),
        *,
        token: str = TOKEN,
        latency: float = 0.0,
    ) -> None:
        super().__init__(token=token, latency=latency)
        self._numbers = count(80_000_001)
        self._orders: dict[str, Json] = {}
        self._attendees: dict[str, Json] = {}
        self.seed(bookings)

    def seed(self, bookings: Iterable[Booking]) -> None:
        """Put orders in."""
        for booking in bookings:
            number = str(next(self._numbers))
            self._orders[number] = {
                "id": number,
                "event_id": booking.event,
                "created": "2026-02-02T08:00:00Z",
                "changed": "2026-02-02T08:00:00Z",
                "name": booking.name,
                "email": booking.email,
                "status": "placed",
                "costs": {"gross": {"currency": "SEK", "value": 0, "display": "0 kr"}},
            }
            for guest in booking.guests:
                attendee = str(next(self._numbers))
                self._attendees[attendee] = _attendee(attendee, number, booking.event, guest)

    def orders_of(self, address: str) -> Sequence[str]:
        """Return the numbers of the orders *address* placed."""
        return [number for number, order in self._orders.items() if order["email"] == address]

    def blank(self, address: str) -> None:
        """Do what a colleague does by the checklist: replace name and address, empty the answers."""
        for order in self._orders.values():
            if order["email"] == address:
                order |= {"name": "Raderad", "email": "raderad@example.org"}
        for attendee in self._attendees.values():
            profile = attendee["profile"]
            if isinstance(profile, dict) and profile["email"] == address:
                attendee |= {"profile": {"name": "Raderad", "email": "raderad@example.org"}, "answers": []}

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what Eventbrite answers to."""
        return [
            web.get("/users/me/organizations/", self._organizations),
            web.get("/organizations/{organization}/orders/", self._list_orders),
            web.get("/organizations/{organization}/attendees/", self._list_attendees),
            web.get("/events/{event}/attendees/", self._list_attendees),
            web.get("/events/{event}/attendees/{attendee}/", self._get_attendee),
            web.get("/orders/{order}/", self._get_order),
        ]

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return Eventbrite's error body."""
        return {"error": CODES.get(status, code), "error_description": message, "status_code": status}

    async def _organizations(self, request: web.Request) -> web.Response:
        return self._page(request, "organizations", [{"id": ORGANIZATION, "name": "Exempelbolaget"}])

    async def _list_orders(self, request: web.Request) -> web.Response:
        self._ours(request)
        wanted = {one.lower() for one in request.query.get("only_emails", "").split(",") if one}
        orders = [one for one in self._orders.values() if not wanted or str(one["email"]).lower() in wanted]
        return self._page(request, "orders", [self._expanded(request, one) for one in orders])

    async def _list_attendees(self, request: web.Request) -> web.Response:
        self._ours(request)
        event = request.match_info.get("event")
        attendees = [one for one in self._attendees.values() if event in (None, one["event_id"])]
        return self._page(request, "attendees", attendees)

    def _ours(self, request: web.Request) -> None:
        organization, event = request.match_info.get("organization", ORGANIZATION), request.match_info.get("event")
        if organization != ORGANIZATION or event not in (None, *EVENTS):
            raise web.HTTPNotFound

    async def _get_attendee(self, request: web.Request) -> web.Response:
        attendee = self._attendees.get(request.match_info["attendee"])
        if attendee is None or attendee["event_id"] != request.match_info["event"]:
            raise web.HTTPNotFound
        return web.json_response(attendee)

    async def _get_order(self, request: web.Request) -> web.Response:
        order = self._orders.get(request.match_info["order"])
        if order is None:
            raise web.HTTPNotFound
        return web.json_response(self._expanded(request, order))

    def _expanded(self, request: web.Request, order: Json) -> Json:
        if "attendees" not in request.query.get("expand", "").split(","):
            return order
        inside: list[JsonValue] = [one for one in self._attendees.values() if one["order_id"] == order["id"]]
        return {**order, "attendees": inside}

    def _page(self, request: web.Request, name: str, items: Sequence[Json]) -> web.Response:
        """Return the page the continuation names. It is opaque to callers: here the page's first item, in disguise."""
        try:
            start = int(request.query.get("continuation", "0"), 36)
        except ValueError:
            return self.refuse(400, "BAD_CONTINUATION_TOKEN", "the continuation is unknown")
        more = start + PAGE < len(items)
        pagination: Json = {
            "object_count": len(items),
            "page_number": start // PAGE + 1,
            "page_size": PAGE,
            "page_count": -(-len(items) // PAGE),
            "has_more_items": more,
        }
        if more:
            pagination["continuation"] = _base36(start + PAGE)
        return web.json_response({"pagination": pagination, name: items[start : start + PAGE]})


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _attendee(number: str, order: str, event: str, guest: Guest) -> Json:
    first, _, last = guest.name.partition(" ")
    profile: Json = {"name": guest.name, "first_name": first, "last_name": last, "email": guest.email}
    if guest.phone:
        profile["cell_phone"] = guest.phone
    return {
        "id": number,
        "event_id": event,
        "order_id": order,
        "ticket_class_name": "Deltagare",
        "created": "2026-02-02T08:00:00Z",
        "changed": "2026-02-02T08:00:00Z",
        "status": "Attending",
        "checked_in": False,
        "cancelled": False,
        "refunded": False,
        "profile": profile,
        "answers": [
            {"question_id": str(place), "question": question, "type": "text", "answer": answer}
            for place, (question, answer) in enumerate(guest.answers, 1)
        ],
    }


def demo(today: date) -> EventbriteSandbox:
    """Return the demo's Eventbrite, the same on any day."""
    del today
    return EventbriteSandbox(demo_bookings())


def stanza(url: str, sandbox: EventbriteSandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*."""
    return {"token": sandbox.token, "base_url": url, "organization_id": ORGANIZATION}
