"""Eventbrite on this machine: one organisation's orders and attendees, to be read only.

Nothing can be changed over HTTP, as at Eventbrite; `blank` is the colleague who follows the
checklist in Eventbrite's own pages and `drop` Eventbrite deleting for us. A token has 2,000 calls
an hour (`quota`), counted in a header of every answer. What goes wrong at
Eventbrite can be switched on: `expands` false fails every
expansion, the next `forgets_continuations` continuations are unknown, the next `lag` lists
still show what was before the change, `words_in_answers` false leaves questions as numbers.
What we only guess: that one object read by its number is never stale, that Eventbrite's own
deletion leaves nothing under it, how its header is written, and when its hours begin.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from itertools import count
from math import ceil
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from integrations.eventbrite.account import (
    Json,
    is_of,
    mask_order,
    mask_place,
    order_as_sent,
    place_as_sent,
    row_of,
)
from integrations.eventbrite.organizer import page
from integrations.eventbrite.seed import EVENTS, Booking, demo_bookings
from integrations.sandbox import TOKEN, Allowance, Handler, Sandbox

ORGANIZATION: Final = "550001"
PAGE: Final = 50
HOURLY: Final = 2000
HOUR: Final = 3600.0
CODES: Final = {401: "NO_AUTH", 403: "NOT_AUTHORIZED", 404: "NOT_FOUND", 429: "HIT_RATE_LIMIT"}
#: The organiser's page of an event; what is shown are its orders or its attendees.
PAGES: Final = r"/manage/events/{event}/{what:orders|attendees}"


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
        self.quota = Allowance(HOURLY, HOUR)
        self.expands = True
        self.words_in_answers = True
        self.forgets_continuations = 0
        self.lag = 0
        self._numbers = count(80_000_001)
        self._questions: dict[str, str] = {}
        self._orders: dict[str, Json] = {}
        self._attendees: dict[str, Json] = {}
        self._before: tuple[dict[str, Json], dict[str, Json]] = ({}, {})
        self.seed(bookings)

    def seed(self, bookings: Iterable[Booking]) -> None:
        """Put orders in."""
        for booking in bookings:
            number = str(next(self._numbers))
            self._orders[number] = order_as_sent(number, booking)
            for guest in booking.guests:
                attendee = str(next(self._numbers))
                answers = [self._answer(question, answer) for question, answer in guest.answers]
                self._attendees[attendee] = place_as_sent(attendee, number, booking, guest, answers)

    def _answer(self, question: str, answer: str) -> Json:
        known = {text: number for number, text in self._questions.items()}
        number = known.get(question) or str(9001 + len(self._questions))
        self._questions[number] = question
        return {"question_id": number, "question": question, "type": "text", "answer": answer}

    def orders_of(self, address: str) -> Sequence[str]:
        """Return the numbers of the orders *address* placed."""
        return [number for number, order in self._orders.items() if order["email"] == address]

    def blank(self, address: str, *, answers: bool = True, buyer: bool = True) -> None:
        """Do what a colleague does by the checklist; or forget the answers, or leave the buyer (bookkeeping)."""
        self._before = deepcopy((self._orders, self._attendees))
        for order in self._orders.values():
            if buyer and order["email"] == address:
                mask_order(order)
        for attendee in self._attendees.values():
            if is_of(attendee, address):
                mask_place(attendee, answers=answers)

    def drop(self, address: str) -> None:
        """Do what Eventbrite does when it deletes for us, as far as we can guess: nothing is left under the number."""
        gone = {number for number, order in self._orders.items() if order["email"] == address}
        self._orders = {number: one for number, one in self._orders.items() if number not in gone}
        self._attendees = {
            number: one
            for number, one in self._attendees.items()
            if one["order_id"] not in gone and not is_of(one, address)
        }

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what Eventbrite answers to."""
        routes = {
            "/users/me/organizations/": self._organizations,
            "/organizations/{organization}/orders/": self._list_orders,
            "/organizations/{organization}/attendees/": self._list_attendees,
            "/events/{event}/attendees/": self._list_attendees,
            "/events/{event}/attendees/{attendee}/": self._get_attendee,
            "/events/{event}/questions/": self._list_no_questions,
            "/events/{event}/custom_questions/": self._list_questions,
            "/orders/{order}/": self._get_order,
        }
        pages = (web.get(PAGES, self._see), web.post(PAGES, self._edit))
        return [*(web.get(path, self._within_quota(handler)) for path, handler in routes.items()), *pages]

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let colleagues into the organiser's pages, where they would sign in by themselves."""
        if request.path.startswith("/manage/"):
            return await handler(request)
        return await super()._admit(request, handler)

    async def _see(self, request: web.Request) -> web.Response:
        event, what = request.match_info["event"], request.match_info["what"]
        things = self._orders if what == "orders" else self._attendees
        rows = [row_of(one) for one in things.values() if one["event_id"] == event]
        return web.Response(text=page(EVENTS.get(event, event), rows), content_type="text/html")

    async def _edit(self, request: web.Request) -> web.Response:
        """Edit one booking as the checklist says: an order's buyer and their own place, or one place."""
        number = request.query.get("number", "")
        order, place = self._orders.get(number), self._attendees.get(number)
        if order is not None:
            own = order["email"]
            mask_order(order)
            for one in self._attendees.values():
                if one["order_id"] == number and is_of(one, own):
                    mask_place(one)
        if place is not None:
            mask_place(place)
        raise web.HTTPSeeOther(request.path)

    def _within_quota(self, handler: Handler) -> Handler:
        async def counted(request: web.Request) -> web.StreamResponse:
            within = self.quota.take()
            answer = await handler(request) if within else self.refuse(429, "HIT_RATE_LIMIT", "the hour is used up")
            answer.headers["X-Rate-Limit"] = f"token:sandbox {self.quota.used}/{self.quota.most} reset={self._reset}s"
            return answer

        return counted

    @property
    def _reset(self) -> int:
        return ceil(self.quota.anew_in)

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return Eventbrite's error body."""
        return {"error": CODES.get(status, code), "error_description": message, "status_code": status}

    def _as_listed(self) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        """Return orders and attendees as a list shows them: for a while as they were before the last change."""
        if self.lag <= 0:
            return self._orders, self._attendees
        self.lag -= 1
        return self._before

    async def _organizations(self, request: web.Request) -> web.Response:
        return self._page(request, "organizations", [{"id": ORGANIZATION, "name": "Exempelbolaget"}])

    async def _list_orders(self, request: web.Request) -> web.Response:
        self._ours(request)
        wanted = {one.lower() for one in request.query.get("only_emails", "").split(",") if one}
        listed, _ = self._as_listed()
        orders = [one for one in listed.values() if not wanted or str(one["email"]).lower() in wanted]
        if orders and self._asks_too_much(request):
            return self._not_expanded()
        return self._page(request, "orders", [self._expanded(request, one) for one in orders])

    async def _list_attendees(self, request: web.Request) -> web.Response:
        self._ours(request)
        event = request.match_info.get("event")
        _, listed = self._as_listed()
        attendees = [self._shown(one) for one in listed.values() if event in (None, one["event_id"])]
        return self._page(request, "attendees", attendees)

    async def _list_no_questions(self, request: web.Request) -> web.Response:
        self._ours(request)
        return self._page(request, "questions", [])

    async def _list_questions(self, request: web.Request) -> web.Response:
        self._ours(request)
        asked: list[Json] = [
            {"id": number, "question": {"text": text, "html": text}, "type": "text"}
            for number, text in self._questions.items()
        ]
        return self._page(request, "questions", asked)

    def _ours(self, request: web.Request) -> None:
        organization, event = request.match_info.get("organization", ORGANIZATION), request.match_info.get("event")
        if organization != ORGANIZATION or event not in (None, *EVENTS):
            raise web.HTTPNotFound

    async def _get_attendee(self, request: web.Request) -> web.Response:
        attendee = self._attendees.get(request.match_info["attendee"])
        if attendee is None or attendee["event_id"] != request.match_info["event"]:
            raise web.HTTPNotFound
        return web.json_response(self._shown(attendee))

    async def _get_order(self, request: web.Request) -> web.Response:
        order = self._orders.get(request.match_info["order"])
        if order is None:
            raise web.HTTPNotFound
        if self._asks_too_much(request):
            return self._not_expanded()
        return web.json_response(self._expanded(request, order))

    def _asks_too_much(self, request: web.Request) -> bool:
        return not self.expands and "expand" in request.query

    def _not_expanded(self) -> web.Response:
        return self.refuse(500, "EXPANSION_FAILED", "an expansion could not be made")

    def _expanded(self, request: web.Request, order: Json) -> Json:
        if "attendees" not in request.query.get("expand", "").split(","):
            return order
        inside: list[JsonValue] = [
            self._shown(one) for one in self._attendees.values() if one["order_id"] == order["id"]
        ]
        return {**order, "attendees": inside}

    def _shown(self, attendee: Json) -> Json:
        """Return an attendee as answered; some answers bear only their question's number."""
        answers = attendee["answers"]
        if self.words_in_answers or not isinstance(answers, list):
            return attendee
        bare: list[JsonValue] = [
            {name: value for name, value in one.items() if name != "question"}
            for one in answers
            if isinstance(one, dict)
        ]
        return {**attendee, "answers": bare}

    def _page(self, request: web.Request, name: str, items: Sequence[Json]) -> web.Response:
        """Return the page the continuation names. It is opaque to callers: here the page's first item, in disguise."""
        try:
            start = int(request.query.get("continuation", "0"), 36)
        except ValueError:
            return self._lost_its_way()
        if start and self.forgets_continuations > 0:
            self.forgets_continuations -= 1
            return self._lost_its_way()
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

    def _lost_its_way(self) -> web.Response:
        return self.refuse(400, "BAD_CONTINUATION_TOKEN", "the continuation is unknown")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def demo(today: date) -> EventbriteSandbox:
    """Return the demo's Eventbrite, the same on any day."""
    del today
    return EventbriteSandbox(demo_bookings())


def stanza(url: str, sandbox: EventbriteSandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*."""
    return {"token": sandbox.token, "base_url": url, "pages_url": url, "organization_id": ORGANIZATION}
