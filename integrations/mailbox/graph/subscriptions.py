"""The sandbox's subscriptions: the handshake, the telling, and what goes wrong with either."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from pydantic import JsonValue

from integrations.sandbox import Sandbox

HANDSHAKE: Final = "Validation: Testing client application reachability for subscription Request-Id: å&+"


class Subscriptions:
    """Who is told of new mail. `held` by id, as Graph shows them and with their secrets."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.held: dict[str, dict[str, Any]] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what belongs to them."""
        return [
            web.get("/subscriptions", self._listed),
            web.post("/subscriptions", self._begin),
            web.patch("/subscriptions/{id}", self._renew),
            web.delete("/subscriptions/{id}", self._end),
        ]

    async def tell(self, *, secret: str | None = None, lifecycle: str = "") -> list[int]:
        """Tell every subscriber, of new mail or of the subscription's life; return the answers' statuses."""
        statuses = []
        for one in list(self.held.values()):
            told: dict[str, Any] = {
                "subscriptionId": one["id"],
                "clientState": one["clientState"] if secret is None else secret,
                "subscriptionExpirationDateTime": one["expirationDateTime"],
                "tenantId": str(uuid4()),
                "resource": one["resource"],
            }
            if lifecycle:
                told["lifecycleEvent"] = lifecycle
            else:
                told |= {"changeType": "created", "resourceData": {"id": "AAkALg-mail"}}
            url = one["lifecycleNotificationUrl" if lifecycle else "notificationUrl"]
            statuses.append((await call(url, {"value": [told]}))[0])
        return statuses

    async def _listed(self, _request: web.Request) -> web.Response:
        shown = [{name: one[name] for name in one.keys() - {"clientState"}} for one in self.held.values()]
        return web.json_response({"value": shown})

    async def _begin(self, request: web.Request) -> web.Response:
        said = await request.json()
        for url in {said["notificationUrl"], said["lifecycleNotificationUrl"]}:
            status, kind, text = await call(url, query={"validationToken": HANDSHAKE})
            if (status, kind, text) != (200, "text/plain", HANDSHAKE):
                return self._sandbox.refuse(400, "ValidationError", "Subscription validation request failed.")
        held = {**said, "id": str(uuid4())}
        self.held[held["id"]] = held
        self._sandbox.changed(request)
        return web.json_response(held, status=201)

    def _one(self, request: web.Request) -> dict[str, Any]:
        try:
            return self.held[request.match_info["id"]]
        except KeyError:
            raise web.HTTPNotFound from None

    async def _renew(self, request: web.Request) -> web.Response:
        one = self._one(request)
        one["expirationDateTime"] = (await request.json())["expirationDateTime"]
        self._sandbox.changed(request)
        return web.json_response({name: one[name] for name in one.keys() - {"clientState"}})

    async def _end(self, request: web.Request) -> web.Response:
        del self.held[self._one(request)["id"]]
        self._sandbox.changed(request)
        return web.Response(status=204)


async def call(url: str, body: JsonValue = None, query: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Call somebody's notification address as Graph does; return status, kind and text of the answer."""
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=10)) as session,
            session.post(url, json=body, params=query) as answer,
        ):
            return answer.status, answer.content_type, await answer.text()
    except (ClientError, OSError, TimeoutError):
        return 0, "", ""
