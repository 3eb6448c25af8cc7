"""Office 365 on this machine: function mailboxes, a recruitment library, a login server, searches that lag and end.

Guesses, not knowledge (vendors.md §7): a file under a record label answers 423 with
resourceLocked; `participants:` fits an address word by word; more than four calls at once in
one mailbox are refused.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from aiohttp import web
from pydantic import JsonValue

from integrations.office365.kql import fits, tokens, unquoted
from integrations.office365.places import AT_ONCE, SEARCH_CAP
from integrations.office365.seed import DRIVE, FRONT, JOBS, furnish
from integrations.office365.tenant import Box, Drive, Mail, Paper, Tenant, Thing
from integrations.sandbox import TOKEN, Handler, Sandbox

One = TypeVar("One")

TENANT_ID: Final = "11111111-2222-4333-8444-555555555555"
CLIENT: Final = "66666666-7777-4888-8999-aaaaaaaaaaaa"
SECRET: Final = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
REGION: Final = "EUR"
QUOTA: Final = 10_000
#: What a page holds when nothing is asked.
ORDINARY_PAGE: Final = 10


class Office365Sandbox(Sandbox):
    """Microsoft 365 of one made-up company, its state in `tenant`.

    `forbidden` is what the app may not do, such as "messages.write"; `settings` are more of the desk's.
    """

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0, lag: float = 0.5) -> None:
        super().__init__(token=token, latency=latency)
        self.tenant = Tenant(lag)
        self.settings: dict[str, object] = {}
        self.forbidden: set[str] = set()
        self.quota = QUOTA
        self.pause = 0.0
        self.most_at_once = 0
        self._given = token
        self._at_once: Counter[str] = Counter()

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what Graph answers to."""
        kinds, drive = "/users/{mailbox}/{kind:messages|contacts|events}", "/drives/{drive}"
        return [
            web.get("/users/{mailbox}/mailFolders", self._folders),
            web.get(f"{kinds}/{{id}}/$value", self._mime),
            web.post(f"{kinds}/{{id}}/permanentDelete", self._purge),
            web.get(f"{kinds}/{{id}}", self._get),
            web.patch(f"{kinds}/{{id}}", self._change),
            web.get(kinds, self._list),
            web.get("/sites/{site}/drives", self._drives),
            web.get(f"{drive}/{{search:root/search.*}}", self._search_drive),
            web.get(f"{drive}/root/delta", self._delta),
            web.post(f"{drive}/items/{{id}}/permanentDelete", self._erase_file),
            web.get(f"{drive}/items/{{id}}", self._get_file),
            web.patch(f"{drive}/items/{{id}}", self._change_file),
            web.post("/search/query", self._search_everywhere),
        ]

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
        """Let in who has the token and the scope; a mailbox takes four calls at a time and so many in ten minutes."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.refuse(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if self._needs(request) in self.forbidden:
            return self.refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        mailbox = unquote(request.match_info.get("mailbox", ""))
        if mailbox and mailbox not in self.tenant.boxes:
            return self.refuse(404, "ErrorInvalidUser", "The requested user is invalid.")
        if mailbox and self._throttled(mailbox):
            return self.refuse(429, "ApplicationThrottled", "Too many requests.", {"Retry-After": "1"})
        self._at_once[mailbox] += 1
        self.most_at_once = max(self.most_at_once, self._at_once[mailbox] if mailbox else 0)
        try:
            await asyncio.sleep(self.pause)
            return await handler(request)
        except web.HTTPNotFound:
            return self.refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        finally:
            self._at_once[mailbox] -= 1

    def _throttled(self, mailbox: str) -> bool:
        box = self.tenant.boxes.get(mailbox)
        if box is not None:
            box.calls += 1
        return self._at_once[mailbox] >= AT_ONCE or (box is not None and box.calls > self.quota)

    def _needs(self, request: web.Request) -> str:
        kind = request.match_info.get("kind") or ("messages" if "mailbox" in request.match_info else "files")
        how = "read" if request.method == "GET" or request.path == "/search/query" else "write"
        return f"{kind}.{how}"

    def _box(self, request: web.Request) -> Box:
        try:
            return self.tenant.boxes[unquote(request.match_info["mailbox"])]
        except KeyError:
            raise web.HTTPNotFound from None

    def _drive(self, request: web.Request) -> Drive:
        try:
            return self.tenant.drives[unquote(request.match_info["drive"])]
        except KeyError:
            raise web.HTTPNotFound from None

    def _page(self, request: web.Request, things: Sequence[Thing], paging: str = "$skip") -> web.Response:
        return self._shown_page(request, things, dict, paging)

    def _mail_page(self, request: web.Request, mails: Sequence[Mail], paging: str) -> web.Response:
        return self._shown_page(request, mails, lambda mail: mail.shown, paging)

    def _shown_page(
        self, request: web.Request, things: Sequence[One], show: Callable[[One], Thing], paging: str
    ) -> web.Response:
        """Return one page of *things* and a link to the next; only the fields asked for."""
        start, size = int(request.query.get(paging, 0)), int(request.query.get("$top", ORDINARY_PAGE))
        answer: Thing = {"value": [_selected(show(one), request) for one in things[start : start + size]]}
        if start + size < len(things):
            further = request.url.update_query({paging: str(start + size)})
            answer["@odata.nextLink"] = str(further)
        return web.json_response(answer)

    async def _folders(self, request: web.Request) -> web.Response:
        wanted = request.query.get("$filter", "").removeprefix("displayName eq ").strip("'")
        folders = self._box(request).folders.items()
        return self._page(request, [{"id": one, "displayName": name} for one, name in folders if name == wanted])

    async def _list(self, request: web.Request) -> web.Response:
        box, kind = self._box(request), request.match_info["kind"]
        if kind == "messages":
            return self._mails(request, box)
        return self._page(request, list((box.contacts if kind == "contacts" else box.events).values()))

    def _mails(self, request: web.Request, box: Box) -> web.Response:
        """Return mails, newest first; a search shows a thousand at most and says nothing of the rest."""
        if "$search" not in request.query:
            shown = sorted(box.mails.values(), key=lambda one: one.received, reverse=True)
            return self._mail_page(request, shown, "$skip")
        search = request.query["$search"]
        if "$skiptoken" not in request.query:
            try:
                box.found[search] = self._found(search, box)
            except ValueError:
                return self.refuse(400, "BadRequest", "Syntax error in the search clause.")
        return self._mail_page(request, box.found[search], "$skiptoken")

    def _found(self, search: str, box: Box) -> list[Mail]:
        """Return what a search shows, on all its pages. Raises `ValueError`."""
        words = unquoted(search)
        if words is None:
            raise ValueError("not quoted")
        box.index.catch_up()
        mails = [one for one in box.index.texts.values() if isinstance(one, Mail)]
        hits = [one for one in mails if fits(words, one.participants, one.searched, one.received)]
        return sorted(hits, key=lambda one: one.received, reverse=True)[:SEARCH_CAP]

    def _thing(self, request: web.Request) -> Thing:
        box, kind, item = self._box(request), request.match_info["kind"], unquote(request.match_info["id"])
        if kind == "messages":
            mail = box.mails.get(item)
            thing = None if mail is None else mail.shown
        else:
            thing = (box.contacts if kind == "contacts" else box.events).get(item)
        if thing is None:
            raise web.HTTPNotFound
        return thing

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(_selected(self._thing(request), request))

    async def _mime(self, request: web.Request) -> web.Response:
        mail = self._box(request).mails.get(unquote(request.match_info["id"]))
        if mail is None:
            raise web.HTTPNotFound
        return web.Response(body=mail.mime, content_type="text/plain")

    async def _change(self, request: web.Request) -> web.Response:
        thing, changes = self._thing(request), await request.json()
        thing |= changes
        self.changed(request)
        return web.json_response(thing)

    async def _purge(self, request: web.Request) -> web.Response:
        if not self._box(request).purge(request.match_info["kind"], unquote(request.match_info["id"])):
            raise web.HTTPNotFound
        self.changed(request)
        return web.Response(status=204)

    async def _drives(self, request: web.Request) -> web.Response:
        drives = self.tenant.sites.get(unquote(request.match_info["site"]))
        if drives is None:
            raise web.HTTPNotFound
        return self._page(request, [{"id": one, "driveType": "documentLibrary"} for one in drives])

    async def _search_drive(self, request: web.Request) -> web.Response:
        """Return the files in whose name or text all the words stand, wherever: this search is a loose one."""
        name, drive = unquote(request.match_info["drive"]), self._drive(request)
        asked = unquote(request.match_info["search"]).removeprefix("root/search(q='").removesuffix("')")
        wanted = tokens(asked.replace("''", "'"))
        drive.index.catch_up()
        hits = [one for one in drive.index.texts.values() if isinstance(one, Paper) and wanted <= tokens(one.searched)]
        return self._page(request, [_file(name, one) for one in hits], "$skiptoken")

    async def _delta(self, request: web.Request) -> web.Response:
        name = unquote(request.match_info["drive"])
        return self._page(request, [_file(name, one) for one in self._drive(request).papers.values()], "token")

    def _paper(self, request: web.Request) -> Paper:
        paper = self._drive(request).papers.get(unquote(request.match_info["id"]))
        if paper is None:
            raise web.HTTPNotFound
        return paper

    async def _get_file(self, request: web.Request) -> web.Response:
        paper = self._paper(request)
        shown = _file(unquote(request.match_info["drive"]), paper)
        if paper.content is not None:
            secret = self.tenant.link_to(paper.content)
            shown["@microsoft.graph.downloadUrl"] = f"{request.url.origin()}/download/{secret}"
        return web.json_response(_selected(shown, request))

    async def _change_file(self, request: web.Request) -> web.Response:
        paper = self._paper(request)
        self.changed(request)
        return web.json_response(_file(unquote(request.match_info["drive"]), paper))

    async def _erase_file(self, request: web.Request) -> web.Response:
        paper = self._paper(request)
        if paper.kept:
            return self.refuse(423, "resourceLocked", "The item is a record and cannot be deleted.")
        self._drive(request).remove(paper.id)
        self.changed(request)
        return web.Response(status=204)

    async def _search_everywhere(self, request: web.Request) -> web.Response:
        (asked,) = (await request.json())["requests"]
        if asked.get("region") != REGION:
            return self.refuse(400, "BadRequest", "The region is missing or wrong.")
        wanted = tokens(asked["query"]["queryString"])
        found = [_file(drive, one) for drive, one in self.tenant.everywhere() if wanted <= tokens(one.searched)]
        start, size = asked["from"], asked["size"]
        hits: list[Any] = [{"hitId": str(one["id"]), "resource": one} for one in found[start : start + size]]
        for hit in hits:
            hit["resource"] = {"@odata.type": "#microsoft.graph.driveItem", **hit["resource"]}
        container = {"hits": hits, "total": len(found), "moreResultsAvailable": start + size < len(found)}
        return web.json_response({"value": [{"hitsContainers": [container]}]})


def _selected(thing: Mapping[str, JsonValue], request: web.Request) -> Thing:
    names = [name for name in request.query.get("$select", "").split(",") if name]
    return {name: value for name, value in thing.items() if not names or name in ("id", *names)}


def _file(drive: str, paper: Paper) -> Thing:
    shown: Thing = {
        "id": paper.id,
        "name": paper.name,
        "createdDateTime": "2026-01-12T09:00:00Z",
        "lastModifiedDateTime": "2026-01-12T09:00:00Z",
        "parentReference": {"driveId": drive, "id": paper.parent},
    }
    if paper.content is None:
        return {**shown, "folder": {"childCount": 1}}
    return {**shown, "size": len(paper.content), "file": {"mimeType": "application/octet-stream"}}


def demo(today: date) -> Office365Sandbox:
    """Return the demo's Office 365."""
    sandbox = Office365Sandbox()
    furnish(sandbox.tenant, today)
    return sandbox


def stanza(url: str, sandbox: Office365Sandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*, served at *url*."""
    return {
        "tenant_id": TENANT_ID,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "mailboxes": f"{FRONT},{JOBS}",
        "drives": DRIVE,
        "sharepoint_hosts": "127.0.0.1",
        "base_url": url,
        "login_url": url,
        **sandbox.settings,
    }
