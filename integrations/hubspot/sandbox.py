"""HubSpot on this machine: contacts, timelines, consent, permanent deletion, a search that lags.

Guesses, not knowledge (vendors.md §7): a contact that was permanently deleted answers 404
in both archive states, permanent deletion by an unknown id answers 404, and what lies in
the bin has no associations to show.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from urllib.parse import unquote

from aiohttp import web
from pydantic import JsonValue

from integrations.hubspot.account import CONTACTS, WRITABLE, Account, Held
from integrations.hubspot.bodies import batch_of, definition, link, not_found, problem, refused
from integrations.hubspot.choices import Choices
from integrations.hubspot.filters import fits
from integrations.hubspot.inbox import SIGNED, Inbox
from integrations.hubspot.places import ACTIVITIES, ATTACHMENTS, VERSION
from integrations.hubspot.quota import Quota
from integrations.hubspot.seed import Person, demo_people
from integrations.sandbox import TOKEN, Handler, Sandbox

SEARCH_WINDOW: Final = 10_000
LARGEST_PAGE: Final = 200
LARGEST_SEARCH: Final = 5
LINKS_PER_PAGE: Final = 500
BATCH: Final = 100
#: The property that says restricted, in accounts that have one.
RESTRICTED: Final = "gdpr_restricted"
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
        quota: Quota | None = None,
    ) -> None:
        super().__init__(token=token, latency=latency)
        self.account = Account(today, search_lag)
        self.account.seed(people)
        self.quota = quota or Quota()
        self._inbox = Inbox(self.account, self.changed)
        self._choices = Choices(self.account, self.changed)
        self.middlewares.append(self._count)

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what HubSpot answers to."""
        objects = f"/crm/objects/{VERSION}"
        return [
            *self._inbox.routes(),
            *self._choices.routes(),
            web.post(f"{objects}/{{type}}/search", self._search),
            web.post(f"{objects}/contacts/gdpr-delete", self._forget),
            web.post(f"{objects}/contacts", self._create),
            web.get(f"{objects}/contacts", self._bin),
            web.post(f"{objects}/{{type}}/batch/read", self._batch),
            web.post(f"{objects}/{{type}}/batch/archive", self._archive_many),
            web.get(f"{objects}/{{type}}/{{id}}", self._get),
            web.patch(f"{objects}/{{type}}/{{id}}", self._change),
            web.delete(f"{objects}/{{type}}/{{id}}", self._archive),
            web.get(f"{objects}/{{type}}/{{id}}/associations/{{far}}", self._links),
            web.delete(f"{objects}/{{type}}/{{id}}/associations/contacts/{{contact}}", self._part),
            web.post(f"/crm/associations/{VERSION}/{{type}}/{{far}}/batch/read", self._links_of_many),
            web.get(f"/crm/properties/{VERSION}/{{type}}", self._properties),
        ]

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return HubSpot's error body; a 429 names the policy."""
        return problem(status, code, message)

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let anybody follow a signed link: the link is the secret."""
        if request.path.startswith(SIGNED):
            return await handler(request)
        return await super()._admit(request, handler)

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep to the quota and tell of it; a search's answer bears no such headers."""
        searching = request.path.endswith("/search")
        policy = self.quota.admit(searching=searching)
        if policy:
            return web.json_response(problem(429, "RATE_LIMITS", "", policy), status=429)
        answer = await handler(request)
        if not searching:
            answer.headers.update(self.quota.headers())
        return answer

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
                name: [{"value": value, "timestamp": moment, "sourceType": "CRM_UI"} for value, moment in entries]
                for name in with_history
                if (entries := thing.history.get(name))
            }
        return shown

    async def _batch(self, request: web.Request) -> web.Response:
        body, type_ = await request.json(), request.match_info["type"]
        if len(body["inputs"]) > BATCH:
            return self.refuse(400, "VALIDATION_ERROR", "too many inputs")
        asked = [self.account.get(type_, one["id"]) for one in body["inputs"]]
        binned = request.query.get("archived") == "true"
        there = [one for one in asked if one is not None and one.archived == binned]
        shown = [self._shown(one, body["properties"], body["propertiesWithHistory"]) for one in there]
        missing = sorted({one["id"] for one in body["inputs"]} - {one.id for one in there})
        return batch_of(self.account.now, shown, [not_found({"ids": missing})] if missing else [])

    async def _search(self, request: web.Request) -> web.Response:
        account, type_, body = self.account, request.match_info["type"], await request.json()
        account.catch_up()
        start, limit = int(body["after"] or 0), body["limit"]
        if limit > LARGEST_PAGE or start + limit > SEARCH_WINDOW:
            return self.refuse(400, "VALIDATION_ERROR", "beyond the search window")
        groups = [group["filters"] for group in body["filterGroups"]]
        if len(groups) > LARGEST_SEARCH:
            return self.refuse(400, "VALIDATION_ERROR", "too many filter groups")
        seen = account.index.values() if type_ == CONTACTS else [one.properties for one in account.alive(type_)]
        fitting = (one for one in seen if fits(one, groups))
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
        values = (await request.json())["properties"]
        refusal = self.account.refusal(request.match_info["type"], values)
        if refusal is not None:
            return web.json_response(refused(*refusal), status=400)
        self.account.write(thing, values)
        self.changed(request)
        return web.json_response(self._shown(thing, ()))

    async def _bin(self, request: web.Request) -> web.Response:
        """List contacts, those in the bin when asked for."""
        binned = request.query.get("archived") == "true"
        things = self.account.binned(CONTACTS) if binned else self.account.alive(CONTACTS)
        start, size = int(request.query.get("after", 0)), min(int(request.query.get("limit", 10)), BATCH)
        names = [name for name in request.query.get("properties", "").split(",") if name]
        answer: dict[str, JsonValue] = {"results": [self._shown(one, names) for one in things[start : start + size]]}
        if start + size < len(things):
            answer["paging"] = {"next": {"after": str(start + size)}}
        return web.json_response(answer)

    async def _archive_many(self, request: web.Request) -> web.Response:
        """Archive up to a hundred; those unknown or gone are no fault."""
        inputs = (await request.json())["inputs"]
        if len(inputs) > BATCH:
            return self.refuse(400, "VALIDATION_ERROR", "too many inputs")
        for one in inputs:
            thing = self.account.get(request.match_info["type"], one["id"])
            if thing is not None:
                thing.archived = True
        self.changed(request)
        return web.Response(status=204)

    async def _part(self, request: web.Request) -> web.Response:
        """End an association; one that is not there is answered 204 as well."""
        self.account.part(request.match_info["type"], request.match_info["id"], request.match_info["contact"])
        self.changed(request)
        return web.Response(status=204)

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
        answer: dict[str, JsonValue] = {"results": [link(one) for one in ends[start : start + size]]}
        if start + size < len(ends):
            answer["paging"] = {"next": {"after": str(start + size)}}
        return web.json_response(answer)

    async def _links_of_many(self, request: web.Request) -> web.Response:
        type_, far = request.match_info["type"], request.match_info["far"]
        asked = [one["id"] for one in (await request.json())["inputs"]]
        ends = {one: self.account.ends(type_, one, far) for one in asked}
        shown: list[JsonValue] = [
            {"from": {"id": one}, "to": [link(end) for end in held]} for one, held in ends.items() if held
        ]
        bare = [
            not_found({"fromObjectId": [one], "fromObjectType": [type_], "toObjectType": [far]})
            for one, held in ends.items()
            if not held
        ]
        return batch_of(self.account.now, shown, bare)

    async def _properties(self, request: web.Request) -> web.Response:
        type_ = request.match_info["type"]
        custom = self.account.custom if type_ == CONTACTS else {}
        ours = WRITABLE if type_ == CONTACTS else frozenset()
        hanging = {ATTACHMENTS} if type_ in ACTIVITIES.values() else set()
        names = sorted({*self.account.property_names(type_), *DEFAULTS, *custom, *ours, *hanging})
        return web.json_response({"results": [definition(name, custom.get(name, "")) for name in names]})


def demo(today: date) -> HubSpotSandbox:
    """Return the demo's HubSpot."""
    return HubSpotSandbox(demo_people(today), today=today)


def stanza(url: str, sandbox: HubSpotSandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*."""
    return {"token": sandbox.token, "base_url": url}


def switch_on(sandbox: HubSpotSandbox) -> dict[str, object]:
    """Make the property that says restricted, and return the settings that name it: then the desk restricts alone."""
    sandbox.account.custom[RESTRICTED] = "bool"
    return {"restricted_property": RESTRICTED}
