"""Google's audience lists on this machine: members nobody can read, orders worked off by and by.

An order is taken at once and carried out after it has been asked about `polls` times; the counts it then
reports are those of what was sent, not of who was there, as at Google. Guesses, not knowledge: that an
unknown list or account refuses the whole order, and the wording of refusals.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from integrations.google.naming import hashed
from integrations.google.sandbox import GoogleSandbox
from integrations.sandbox import SEEN, TOKEN

ADVERTISER: Final = "1234567890"
ACCOUNT_TYPE: Final = "GOOGLE_ADS"
CUSTOMERS: Final = "8800000001"
NEWSLETTER: Final = "8800000002"
MOST_MEMBERS: Final = 10_000
MOST_DESTINATIONS: Final = 10
#: What a project may ask (vendors.md §5).
MINUTELY: Final = 300
DAILY: Final = 100_000
Json = dict[str, JsonValue]


@dataclass(slots=True)
class Order:
    """An order to take hashes off lists."""

    destinations: list[Json]
    hashes: frozenset[str]
    polls: int
    outcome: str
    reason: str


class GoogleDisplaySandbox(GoogleSandbox):
    """One advertising account; `lists` holds hashes. `outcome` and `reason` are how coming orders end.

    Of `unheard` lists it neither takes anybody off nor reports.
    """

    scope = "https://www.googleapis.com/auth/datamanager"

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0, polls: int = 1) -> None:
        super().__init__(token=token, latency=latency, per_minute=MINUTELY, per_day=DAILY)
        self.lists: dict[str, set[str]] = {CUSTOMERS: set(), NEWSLETTER: set()}
        self.polls = polls
        self.outcome = "SUCCESS"
        self.reason = ""
        self.unheard: set[str] = set()
        self._orders: dict[str, Order] = {}
        self._numbers = count(1)

    def add(self, address: str) -> None:
        """Put an address on every list, just as it is spelled."""
        for members in self.lists.values():
            members.add(hashed(address))

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what the Data Manager API answers to."""
        return [
            web.post("/v1/audienceMembers:remove", self._remove),
            web.get("/v1/requestStatus:retrieve", self._status),
            web.get("/v1/accountTypes/{type}/accounts/{account}/userLists/{list}", self._list),
        ]

    async def _remove(self, request: web.Request) -> web.Response:
        body = request[SEEN].body
        destinations, members = _given(body, "destinations"), _given(body, "audienceMembers")
        encoding = body.get("encoding") if isinstance(body, dict) else None
        fits = 0 < len(destinations) <= MOST_DESTINATIONS and 0 < len(members) <= MOST_MEMBERS
        if (
            not fits
            or encoding != "HEX"
            or any(str(one["productDestinationId"]) not in self.lists for one in destinations)
        ):
            return self.refuse(400, "INVALID_ARGUMENT", "There was a problem with the request.")
        if any(_account(one) != ADVERTISER for one in destinations):
            return self.refuse(403, "PERMISSION_DENIED", "The caller does not have permission.")
        number = f"request-{next(self._numbers)}"
        hashes = frozenset(_hashes(members))
        self._orders[number] = Order(destinations, hashes, self.polls, self.outcome, self.reason)
        self.changed(request)
        return web.json_response({"requestId": number})

    async def _status(self, request: web.Request) -> web.Response:
        order = self._orders.get(request.query.get("requestId", ""))
        if order is None:
            raise web.HTTPNotFound
        status = "PROCESSING" if order.polls > 0 else order.outcome
        order.polls -= 1
        heard = [one for one in order.destinations if one["productDestinationId"] not in self.unheard]
        if status in ("SUCCESS", "PARTIAL_SUCCESS"):
            for one in heard:
                self.lists[str(one["productDestinationId"])] -= order.hashes
        told: list[JsonValue] = [self._told(one, status, order) for one in heard]
        return web.json_response({"requestStatusPerDestination": told})

    def _told(self, destination: Json, status: str, order: Order) -> JsonValue:
        told: Json = {"destination": destination, "requestStatus": status}
        sent = str(len(order.hashes))
        if status == "SUCCESS":
            counts: JsonValue = {"recordCount": sent, "userIdentifierCount": sent}
            told["audienceMembersRemovalStatus"] = {"userDataRemovalStatus": counts}
        if order.reason and status != "PROCESSING":
            told["errorInfo"] = {"errorCounts": [{"recordCount": sent, "reason": order.reason}]}
        return told

    async def _list(self, request: web.Request) -> web.Response:
        kind, account, number = (request.match_info[name] for name in ("type", "account", "list"))
        if account != ADVERTISER:
            return self.refuse(403, "PERMISSION_DENIED", "The caller does not have permission.")
        if kind != ACCOUNT_TYPE or number not in self.lists:
            raise web.HTTPNotFound
        name = f"accountTypes/{kind}/accounts/{account}/userLists/{number}"
        return web.json_response({"name": name, "id": number, "membershipStatus": "OPEN"})


def _given(body: JsonValue, name: str) -> list[Json]:
    given = body.get(name) if isinstance(body, dict) else None
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _account(destination: Json) -> JsonValue:
    account = destination.get("operatingAccount")
    return account.get("accountId") if isinstance(account, dict) else None


def _hashes(members: list[Json]) -> Iterable[str]:
    for member in members:
        named = member.get("userData")
        for one in _given(named, "userIdentifiers"):
            yield from (str(value) for value in one.values())


def demo(today: date) -> GoogleDisplaySandbox:
    """Return the demo's lists; Astrid is on them."""
    del today
    sandbox = GoogleDisplaySandbox()
    sandbox.add("astrid.lundgren@example.se")
    return sandbox


def stanza(url: str, sandbox: GoogleDisplaySandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*: lists of contract customers."""
    return {
        "list_sync": True,
        "roles": "contract customer",
        "source_follows": True,
        "credentials_path": sandbox.credentials_path,
        "account_type": ACCOUNT_TYPE,
        "account_id": ADVERTISER,
        "list_ids": ",".join(sandbox.lists),
        "base_url": url,
        "login_url": url,
    }
