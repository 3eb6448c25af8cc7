"""HubSpot on this machine: contacts, timelines, consent, permanent deletion, a search that lags.

Guesses, not knowledge (vendors.md §7): a contact that was permanently deleted answers 404
in both archive states, and permanent deletion by an unknown id answers 404.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import unquote

from aiohttp import web
from pydantic import JsonValue

from integrations.hubspot.account import CONTACTS, Account, Held
from integrations.hubspot.filters import fits
from integrations.hubspot.places import VERSION
from integrations.hubspot.seed import Person, demo_people
from integrations.sandbox import TOKEN, Sandbox

SEARCH_WINDOW: Final = 10_000
LARGEST_PAGE: Final = 200
LINKS_PER_PAGE: Final = 500
#: What a read gives when no property is named.
DEFAULTS: Final = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")


class HubSpotSandbox(Sandbox):
    """HubSpot's account of one made-up company, its state in `account`."""

    def __init__(
        self,
        people: Sequence[Person] = (),
        *,
        today: date,
        token: str = TOKEN,
        latency: float = 0.0,
        search_lag: float = 0.5,
    ) -> None:
        super().__init__(token=token, latency=latency)
        self.account = Account(today, search_lag)
        self.account.seed(people)

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what HubSpot answers to."""
        objects, consent = f"/crm/objects/{VERSION}", f"/communication-preferences/{VERSION}/statuses/{{address}}"
        return [
            web.post(f"{objects}/contacts/search", self._search),
            web.post(f"{objects}/contacts/gdpr-delete", self._forget),
            web.post(f"{objects}/contacts", self._create),
            web.post(f"{objects}/{{type}}/batch/read", self._batch),
            web.get(f"{objects}/{{type}}/{{id}}", self._get),
            web.patch(f"{objects}/{{type}}/{{id}}", self._change),
            web.delete(f"{objects}/{{type}}/{{id}}", self._archive),
            web.get(f"{objects}/{{type}}/{{id}}/associations/{{far}}", self._links),
            web.post(f"/crm/associations/{VERSION}/{{type}}/{{far}}/batch/read", self._links_of_many),
            web.get(f"/crm/properties/{VERSION}/{{type}}", self._properties),
            web.get(f"/crm/lists/{VERSION}/records/0-1/{{id}}/memberships", self._lists),
            web.get(consent, self._consent),
            web.get(f"{consent}/unsubscribe-all", self._opted_out_of_all),
            web.post(f"{consent}/unsubscribe-all", self._opt_out),
        ]

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return HubSpot's error body; a 429 names the policy."""
        body: dict[str, JsonValue] = {
            "status": "error",
            "message": message,
            "correlationId": "00000000-0000-4000-8000-000000000000",
            "category": code,
        }
        if status == 429:
            body |= {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
        return body

    def _find(self, request: web.Request, *, archived: bool = False) -> Held:
        name, by_email = unquote(request.match_info["id"]), request.query.get("idProperty") == "email"
        account, type_ = self.account, request.match_info["type"]
        thing = account.by_first_address(name) if by_email else account.get(type_, name)
        if thing is None or thing.archived != archived:
            raise web.HTTPNotFound
        return thing

    async def _get(self, request: web.Request) -> web.Response:
        thing = self._find(request, archived=request.query.get("archived") == "true")
        names = [name for name in request.query.get("properties", "").split(",") if name]
        return web.json_response(self._shown(thing, names))

    def _shown(self, thing: Held, names: Sequence[str], with_history: Sequence[str] = ()) -> dict[str, JsonValue]:
        properties = {name: thing.properties.get(name) for name in (*DEFAULTS, *names)}
        shown: dict[str, JsonValue] = {
            "id": thing.id,
            "properties": dict(properties),
            "createdAt": thing.properties["createdate"],
            "updatedAt": thing.properties["lastmodifieddate"],
            "archived": thing.archived,
        }
        if with_history:
            shown["propertiesWithHistory"] = {
                name: [{"value": value, "timestamp": self.account.now, "sourceType": "CRM_UI"}]
                for name in with_history
                if (value := thing.properties.get(name))
            }
        return shown

    async def _batch(self, request: web.Request) -> web.Response:
        body, type_ = await request.json(), request.match_info["type"]
        asked = [self.account.get(type_, one["id"]) for one in body["inputs"]]
        there = [one for one in asked if one is not None and not one.archived]
        shown = [self._shown(one, body["properties"], body["propertiesWithHistory"]) for one in there]
        return self._batch_of(shown, len(asked) - len(there))

    def _batch_of(self, results: Sequence[JsonValue], missing: int) -> web.Response:
        """Return a batch; what is missing makes it 207 and stands among the errors."""
        body: dict[str, JsonValue] = {
            "status": "COMPLETE",
            "results": list(results),
            "startedAt": self.account.now,
            "completedAt": self.account.now,
        }
        if missing:
            error: dict[str, JsonValue] = {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "message": "",
                "context": {},
                "links": {},
            }
            body |= {"numErrors": missing, "errors": [{**error, "errors": []}]}
        return web.json_response(body, status=207 if missing else 200)

    async def _search(self, request: web.Request) -> web.Response:
        self.account.catch_up()
        body = await request.json()
        start, limit = int(body["after"] or 0), body["limit"]
        if limit > LARGEST_PAGE or start + limit > SEARCH_WINDOW:
            return self.refuse(400, "VALIDATION_ERROR", "beyond the search window")
        groups = [group["filters"] for group in body["filterGroups"]]
        fitting = (one for one in self.account.index.values() if fits(one, groups))
        hits = sorted(fitting, key=lambda one: int(one["hs_object_id"]))
        page = [self._shown(Held(one["hs_object_id"], one), body["properties"]) for one in hits[start : start + limit]]
        answer: dict[str, JsonValue] = {"total": len(hits), "results": list(page)}
        if start + limit < len(hits):
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return web.json_response(answer)

    async def _create(self, request: web.Request) -> web.Response:
        """Create a contact: an API request brings even a blocked address back (vendors.md §1.2)."""
        properties = (await request.json())["properties"]
        if self.account.contact(properties.get("email", "")):
            return self.refuse(409, "CONFLICT", "there is such a contact")
        self.account.blocklist.discard(properties.get("email", ""))
        thing = self.account.make(CONTACTS, properties)
        self._touched(request, thing)
        return web.json_response(self._shown(thing, ()), status=201)

    async def _change(self, request: web.Request) -> web.Response:
        thing = self._find(request)
        thing.properties |= (await request.json())["properties"]
        self._touched(request, thing)
        return web.json_response(self._shown(thing, ()))

    async def _archive(self, request: web.Request) -> web.Response:
        """Archive; an unknown id is answered 204 as well (vendors.md §1.1)."""
        thing = self.account.get(request.match_info["type"], request.match_info["id"])
        if thing is not None and not thing.archived:
            thing.archived = True
            self._touched(request, thing)
        return web.Response(status=204)

    async def _forget(self, request: web.Request) -> web.Response:
        """Delete permanently. An unknown address is blocked all the same, answered 204."""
        body = await request.json()
        name, by_email = body["objectId"], body.get("idProperty") == "email"
        thing = self.account.contact(name) if by_email else self.account.get(CONTACTS, name)
        if thing is not None:
            self.account.forget(thing)
        elif by_email:
            self.account.blocklist.add(name.lower())
        else:
            raise web.HTTPNotFound
        self.changed(request)
        return web.Response(status=204)

    def _touched(self, request: web.Request, thing: Held) -> None:
        self.changed(request)
        self.account.touched(thing)

    async def _links(self, request: web.Request) -> web.Response:
        self._find(request)
        ends = self.account.ends(request.match_info["type"], request.match_info["id"], request.match_info["far"])
        start, size = int(request.query.get("after", 0)), min(int(request.query.get("limit", 500)), LINKS_PER_PAGE)
        answer: dict[str, JsonValue] = {"results": [_link(one) for one in ends[start : start + size]]}
        if start + size < len(ends):
            answer["paging"] = {"next": {"after": str(start + size)}}
        return web.json_response(answer)

    async def _links_of_many(self, request: web.Request) -> web.Response:
        type_, far = request.match_info["type"], request.match_info["far"]
        asked = [one["id"] for one in (await request.json())["inputs"]]
        ends = {one: self.account.ends(type_, one, far) for one in asked}
        shown: list[JsonValue] = [
            {"from": {"id": one}, "to": [_link(end) for end in held]} for one, held in ends.items() if held
        ]
        return self._batch_of(shown, len(asked) - len(shown))

    async def _properties(self, request: web.Request) -> web.Response:
        type_ = request.match_info["type"]
        names = sorted({*self.account.property_names(type_), *DEFAULTS})
        shape = {"description": "", "fieldType": "text", "groupName": "all", "options": [], "type": "string"}
        return web.json_response({"results": [{**shape, "name": name, "label": name} for name in names]})

    async def _lists(self, request: web.Request) -> web.Response:
        thing = self.account.get(CONTACTS, request.match_info["id"])
        if thing is None:
            raise web.HTTPNotFound
        lists = [one for one in thing.properties.get("hs_lists", "").split(";") if one]
        moments = {"firstAddedTimestamp": self.account.now, "lastAddedTimestamp": self.account.now, "listVersion": 1}
        return web.json_response({"results": [{"listId": one, **moments} for one in lists]})

    async def _consent(self, request: web.Request) -> web.Response:
        address = unquote(request.match_info["address"]).lower()
        status = "UNSUBSCRIBED" if address in self.account.opted_out else "SUBSCRIBED"
        return self._batch_of([self._status(address, status, {})], 0)

    def _status(self, address: str, status: str, more: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {
            "channel": "EMAIL",
            "source": "Subscription page",
            "status": status,
            "subscriberIdString": address,
            "subscriptionId": 31,
            "subscriptionName": "Nyhetsbrev",
            "timestamp": self.account.now,
            **more,
        }

    async def _opted_out_of_all(self, request: web.Request) -> web.Response:
        address = unquote(request.match_info["address"]).lower()
        wide: dict[str, JsonValue] = {
            "channel": "EMAIL",
            "status": "UNSUBSCRIBED",
            "subscriberIdString": address,
            "timestamp": self.account.now,
            "wideStatusType": "PORTAL_WIDE",
        }
        return self._batch_of([wide] if address in self.account.opted_out else [], 0)

    async def _opt_out(self, request: web.Request) -> web.Response:
        address = unquote(request.match_info["address"]).lower()
        reason = "NO_STATUS_CHANGE" if address in self.account.opted_out else "UNSUBSCRIBE_FROM_ALL_OCCURRED"
        self.account.opted_out.add(address)
        self.changed(request)
        return self._batch_of([self._status(address, "UNSUBSCRIBED", {"setStatusSuccessReason": reason})], 0)


def _link(end: str) -> JsonValue:
    return {"toObjectId": end, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 1}]}


def demo(today: date) -> HubSpotSandbox:
    """Return the demo's HubSpot."""
    return HubSpotSandbox(demo_people(today), today=today)


def stanza(url: str, sandbox: HubSpotSandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*."""
    return {"token": sandbox.token, "base_url": url}
