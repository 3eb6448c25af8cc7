"""What mailboxes and libraries of the sandbox share: the login server, who is let in, pages, and what is too much.

Guesses, not knowledge (vendors.md §7): more than four calls at once in one mailbox are refused; SharePoint says with
`RateLimit-*` how near the end of its minute an application is, from four fifths on, as its documentation has it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import unquote

from aiohttp import web
from pydantic import JsonValue

from integrations.office365.places import AT_ONCE
from integrations.office365.tenant import Mail, Tenant, Thing
from integrations.sandbox import TOKEN, Handler, Sandbox

One = TypeVar("One")

TENANT_ID: Final = "11111111-2222-4333-8444-555555555555"
CLIENT: Final = "66666666-7777-4888-8999-aaaaaaaaaaaa"
SECRET: Final = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
QUOTA: Final = 10_000
#: SharePoint's resource units for an application and minute, in a tenant of up to a thousand licences.
UNITS: Final = 1_200
MINUTE: Final = 60.0
#: The part of them from which on the headers are sent.
WARNED_FROM: Final = 0.8
#: What a page holds when nothing is asked.
ORDINARY_PAGE: Final = 10


class GraphSandbox(Sandbox):
    """Who is let in to Microsoft 365, and how it pages."""

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0, lag: float = 0.5) -> None:
        super().__init__(token=token, latency=latency)
        self.tenant = Tenant(lag)
        self.settings: dict[str, object] = {}
        self.forbidden: set[str] = set()
        self.quota = QUOTA
        self.units = UNITS
        self.pause = 0.0
        self.most_at_once = 0
        self.refused = 0
        self._given = token
        self._at_once: Counter[str] = Counter()
        self._spent = 0
        self._minute_ends = 0.0

    def application(self) -> web.Application:
        """Return Graph with what stands beside it: the login server and the host that hands out files."""
        app = super().application()
        app.middlewares.insert(0, self._beside)
        return app

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return Graph's error body."""
        del status
        return {"error": {"code": code, "message": message, "innerError": {"request-id": TENANT_ID}}}

    @web.middleware
    async def _beside(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.endswith("/oauth2/v2.0/token"):
            return await self._log_in(request)
        if request.path.startswith("/download/"):
            content = self.tenant.links.get(request.path.rpartition("/")[2])
            if content is None or "Authorization" in request.headers:
                return self.refuse(404, "itemNotFound", "There is no such link.")
            return web.Response(body=content, content_type="application/octet-stream")
        return await handler(request)

    async def _log_in(self, request: web.Request) -> web.Response:
        """Give out the token the sandbox began with, so that a change of it is a key that was withdrawn."""
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            answer = {"error": "invalid_client", "error_description": "AADSTS7000215", "error_codes": [7000215]}
            return web.json_response(answer, status=401)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": self._given})

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who has the token and the scope, and no more than a mailbox or SharePoint takes."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.refuse(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if self._needs(request) in self.forbidden:
            return self.refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if "mailbox" in request.match_info:
            return await self._in_mailbox(request, handler)
        return await self._in_sharepoint(request, handler)

    async def _in_mailbox(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A mailbox takes four calls at a time and so many in ten minutes; Outlook sends no `RateLimit-*`."""
        mailbox = unquote(request.match_info["mailbox"])
        if mailbox not in self.tenant.boxes:
            return self.refuse(404, "ErrorInvalidUser", "The requested user is invalid.")
        box = self.tenant.boxes[mailbox]
        box.calls += 1
        if self._at_once[mailbox] >= AT_ONCE or box.calls > self.quota:
            self.refused += 1
            return self.refuse(429, "ApplicationThrottled", "Too many requests.", {"Retry-After": "1"})
        self._at_once[mailbox] += 1
        self.most_at_once = max(self.most_at_once, self._at_once[mailbox])
        try:
            await asyncio.sleep(self.pause)
            return await handler(request)
        except web.HTTPNotFound:
            return self.refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        finally:
            self._at_once[mailbox] -= 1

    async def _in_sharepoint(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """SharePoint counts resource units by the minute: one for a single item, two for a list or a change."""
        now = asyncio.get_running_loop().time()
        if now >= self._minute_ends:
            self._spent, self._minute_ends = 0, now + MINUTE
        self._spent += 1 if request.method == "GET" and "id" in request.match_info else 2
        left, ends = self.units - self._spent, max(1, round(self._minute_ends - now))
        if left < 0:
            self.refused += 1
            return self.refuse(429, "activityLimitReached", "Too many requests.", {"Retry-After": str(ends)})
        try:
            await asyncio.sleep(self.pause)
            answer = await handler(request)
        except web.HTTPNotFound:
            answer = self.refuse(404, "itemNotFound", "The resource could not be found.")
        if self._spent >= WARNED_FROM * self.units:
            said = {"RateLimit-Limit": self.units, "RateLimit-Remaining": left, "RateLimit-Reset": ends}
            answer.headers.update({name: str(value) for name, value in said.items()})
        return answer

    def _needs(self, request: web.Request) -> str:
        kind = request.match_info.get("kind") or ("messages" if "mailbox" in request.match_info else "files")
        kind = {"contact": "contacts", "calendar": "events"}.get(kind, kind)
        how = "read" if request.method == "GET" or request.path == "/search/query" else "write"
        return f"{kind}.{how}"

    def _page(self, request: web.Request, things: Sequence[Thing], paging: str = "$skip") -> web.Response:
        return self._shown_page(request, things, dict, paging)

    def _mail_page(self, request: web.Request, mails: Sequence[Mail], paging: str) -> web.Response:
        return self._shown_page(request, mails, lambda mail: mail.shown, paging)

    def _shown_page(
        self, request: web.Request, things: Sequence[One], show: Callable[[One], Thing], paging: str
    ) -> web.Response:
        """Return one page of *things* and a link to the next; only the fields asked for."""
        start, size = int(request.query.get(paging, 0)), int(request.query.get("$top", ORDINARY_PAGE))
        answer: Thing = {"value": [selected(show(one), request) for one in things[start : start + size]]}
        if start + size < len(things):
            further = request.url.update_query({paging: str(start + size)})
            answer["@odata.nextLink"] = str(further)
        return web.json_response(answer)


def selected(thing: Mapping[str, JsonValue], request: web.Request) -> Thing:
    """Return the fields of *thing* that were asked for."""
    names = [name for name in request.query.get("$select", "").split(",") if name]
    return {name: value for name, value in thing.items() if not names or name in ("id", *names)}
