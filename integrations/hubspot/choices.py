"""The part of HubSpot's sandbox that knows what people agreed to: lists, subscriptions, leaving all mailings."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from aiohttp import web
from pydantic import JsonValue

from integrations.hubspot.account import CONTACTS, Account
from integrations.hubspot.bodies import batch_of
from integrations.hubspot.places import VERSION


class Choices:
    """Answers for lists and consent; *changed* notes that a request changed something."""

    def __init__(self, account: Account, changed: Callable[[web.Request], None]) -> None:
        self._account = account
        self._changed = changed

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is answered here."""
        consent = f"/communication-preferences/{VERSION}/statuses/{{address}}"
        return [
            web.get(f"/crm/lists/{VERSION}/records/0-1/{{id}}/memberships", self._lists),
            web.get(consent, self._consent),
            web.get(f"{consent}/unsubscribe-all", self._opted_out_of_all),
            web.post(f"{consent}/unsubscribe-all", self._opt_out),
        ]

    async def _lists(self, request: web.Request) -> web.Response:
        thing = self._account.get(CONTACTS, request.match_info["id"])
        if thing is None:
            raise web.HTTPNotFound
        lists = [one for one in thing.properties.get("hs_lists", "").split(";") if one]
        moments = {"firstAddedTimestamp": self._account.now, "lastAddedTimestamp": self._account.now, "listVersion": 1}
        return web.json_response({"results": [{"listId": one, **moments} for one in lists]})

    async def _consent(self, request: web.Request) -> web.Response:
        address = unquote(request.match_info["address"]).lower()
        status = "UNSUBSCRIBED" if address in self._account.opted_out else "SUBSCRIBED"
        return batch_of(self._account.now, [self._status(address, status, {})])

    def _status(self, address: str, status: str, more: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {
            "channel": "EMAIL",
            "source": "Subscription page",
            "status": status,
            "subscriberIdString": address,
            "subscriptionId": 31,
            "subscriptionName": "Nyhetsbrev",
            "timestamp": self._account.now,
            **more,
        }

    async def _opted_out_of_all(self, request: web.Request) -> web.Response:
        address = unquote(request.match_info["address"]).lower()
        wide: dict[str, JsonValue] = {
            "channel": "EMAIL",
            "status": "UNSUBSCRIBED",
            "subscriberIdString": address,
            "timestamp": self._account.now,
            "wideStatusType": "PORTAL_WIDE",
        }
        return batch_of(self._account.now, [wide] if address in self._account.opted_out else [])

    async def _opt_out(self, request: web.Request) -> web.Response:
        address = unquote(request.match_info["address"]).lower()
        reason = "NO_STATUS_CHANGE" if address in self._account.opted_out else "UNSUBSCRIBE_FROM_ALL_OCCURRED"
        self._account.opted_out.add(address)
        self._changed(request)
        return batch_of(self._account.now, [self._status(address, "UNSUBSCRIBED", {"setStatusSuccessReason": reason})])
