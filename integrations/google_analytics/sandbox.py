"""Google Analytics on this machine: properties, who visited them, and deletions that take effect by and by.

An order is taken for any id, known or not. The visits leave the reports after 72 hours and the servers at the next
clean-up; `let_pass` lets the hours go by. Guesses, not knowledge: the wording of refusals, and that a property of
somebody else's answers 403 rather than 404.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from integrations.google.quota import PACIFIC
from integrations.google.sandbox import PER_DAY, GoogleSandbox
from integrations.sandbox import SEEN, TOKEN

SITE: Final = "310000001"
CAREERS: Final = "310000002"
SOMEBODY_ELSES: Final = "999000001"
#: Deletions a property takes in a day, and requests the project has in a minute (vendors.md §4).
DAILY: Final = 500
REQUESTS: Final = 1200
#: Hours until a deleted visitor is gone from the reports, and until the servers are cleaned up.
REPORTS: Final = 72
SERVERS: Final = 24 * 61
ONE_OF: Final = ("clientId", "userId", "appInstanceId", "userProvidedData")
#: Astrid's browser, as her cookie says.
ASTRID: Final = "1784215566.1751870400"


@dataclass(slots=True)
class Visitor:
    """Somebody's visits to one property, by one id."""

    property: str
    field: str
    value: str
    deleted: datetime | None = None


@dataclass(slots=True)
class _Counters:
    orders: Counter[str] = field(default_factory=Counter)


class GoogleAnalyticsSandbox(GoogleSandbox):
    """Two properties of one made-up company; `exported` names those copied to BigQuery."""

    scope = "https://www.googleapis.com/auth/analytics.edit"
    quota = PER_DAY

    def __init__(
        self,
        visitors: Iterable[Visitor] = (),
        *,
        today: date,
        token: str = TOKEN,
        latency: float = 0.0,
        daily: int = DAILY,
        exported: Sequence[str] = (),
    ) -> None:
        super().__init__(token=token, latency=latency, per_minute=REQUESTS)
        self.visitors = list(visitors)
        self.now = datetime.combine(today, time(9), UTC)
        self.deletions = daily
        self.exported = exported
        self._counters = _Counters()

    def let_pass(self, hours: float) -> None:
        """Let time go by; a new day in California begins the quota anew."""
        before, self.now = self.now, self.now + timedelta(hours=hours)
        self.minutely.let_pass(3600 * hours)
        if self.now.astimezone(PACIFIC).date() != before.astimezone(PACIFIC).date():
            self._counters = _Counters()

    def in_reports(self, value: str) -> list[str]:
        """Return the properties in whose User explorer a colleague still sees the id."""
        return [one.property for one in self.visitors if one.value == value and not self._since(one, REPORTS)]

    def on_servers(self, value: str) -> list[str]:
        """Return the properties whose servers still hold the visits."""
        return [one.property for one in self.visitors if one.value == value and not self._since(one, SERVERS)]

    def _since(self, one: Visitor, hours: int) -> bool:
        return one.deleted is not None and self.now - one.deleted >= timedelta(hours=hours)

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what the Admin API answers to."""
        place = "/v1alpha/properties/{property:[^/:]+}"
        return [
            web.post(f"{place}:submitUserDeletion", self._delete),
            web.get(f"{place}/bigQueryLinks", self._links),
        ]

    def _ours(self, request: web.Request) -> str | web.Response:
        number = request.match_info["property"]
        if number == SOMEBODY_ELSES:
            return self.refuse(403, "ACCESS_DENIED", "User does not have sufficient permissions for this property.")
        if number not in (SITE, CAREERS):
            raise web.HTTPNotFound
        return number

    async def _delete(self, request: web.Request) -> web.Response:
        number = self._ours(request)
        if isinstance(number, web.Response):
            return number
        body = request[SEEN].body
        given = [(name, body[name]) for name in ONE_OF if body.get(name)] if isinstance(body, dict) else []
        if len(given) != 1:
            return self.refuse(400, "BAD_REQUEST", "Exactly one identifier must be set.")
        if self._counters.orders[number] >= self.deletions:
            return self.refuse(429, "RATE_LIMIT_EXCEEDED", PER_DAY)
        self._counters.orders[number] += 1
        self.changed(request)
        for one in self.visitors:
            if (one.property, one.field, one.value) == (number, *given[0]):
                one.deleted = self.now
        return web.json_response({"deletionRequestTime": self.now.isoformat().replace("+00:00", "Z")})

    async def _links(self, request: web.Request) -> web.Response:
        number = self._ours(request)
        if isinstance(number, web.Response):
            return number
        if number not in self.exported:
            return web.json_response({})
        link: JsonValue = {"name": f"properties/{number}/bigQueryLinks/1", "project": "projects/1"}
        return web.json_response({"bigqueryLinks": [link]})


def demo(today: date) -> GoogleAnalyticsSandbox:
    """Return the demo's Google Analytics: Astrid's browser and a few others."""
    others = [Visitor(SITE, "clientId", f"{1_100_000_000 + number}.1751000000") for number in range(20)]
    return GoogleAnalyticsSandbox(
        [Visitor(SITE, "clientId", ASTRID), Visitor(CAREERS, "clientId", ASTRID), *others], today=today
    )


def stanza(url: str, sandbox: GoogleAnalyticsSandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*."""
    return {
        "credentials_path": sandbox.credentials_path,
        "property_ids": f"{SITE},{CAREERS}",
        "base_url": url,
        "login_url": url,
    }
