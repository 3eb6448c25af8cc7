"""Office 365 on this machine: function mailboxes, a recruitment library, a login server, searches that lag and end.

Guesses, not knowledge (vendors.md §7): `participants:` fits an address word by word; what lies in Deleted Items can
be read by its id, what was deleted from there only in the folder of what can be recovered, and there only mail.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from integrations.office365.kql import fits, unquoted
from integrations.office365.places import RECOVERABLE, SEARCH_CAP
from integrations.office365.sandbox_files import FilesSandbox
from integrations.office365.sandbox_graph import CLIENT, QUOTA, SECRET, TENANT_ID, selected
from integrations.office365.seed import DRIVE, FRONT, JOBS, furnish
from integrations.office365.tenant import CALENDAR, CONTACTS, Box, Mail, Thing

__all__ = ["QUOTA", "Office365Sandbox", "demo", "stanza"]

BOX = "/users/{mailbox}"
KINDS = f"{BOX}/{{kind:messages|contacts|events}}"
#: The longest stretch a calendar is shown for (calendarview documentation).
LONGEST_RANGE: Final = timedelta(days=1_825)


class Office365Sandbox(FilesSandbox):
    """Microsoft 365 of one made-up company, its state in `tenant`.

    `forbidden` is what the app may not do, such as "messages.write"; `settings` are more of the desk's.
    """

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what Graph answers to."""
        folder, calendar = f"{BOX}/{{kind:contact}}Folders", f"{BOX}/{{kind:calendar}}s"
        return [
            web.get(f"{BOX}/mailFolders", self._folders),
            web.get(f"{BOX}/mailFolders/{{folder}}/messages", self._in_folder),
            web.get(folder, self._contact_folders),
            web.get(f"{folder}/{{folder}}/childFolders", self._contact_folders),
            web.get(f"{folder}/{{folder}}/contacts", self._list),
            web.get(calendar, self._calendars),
            web.get(f"{calendar}/{{folder}}/events", self._list),
            web.get(f"{BOX}/{{kind:events}}/{{id}}/instances", self._instances),
            web.get(f"{KINDS}/{{id}}/$value", self._mime),
            web.post(f"{KINDS}/{{id}}/permanentDelete", self._purge),
            web.get(f"{KINDS}/{{id}}", self._get),
            web.patch(f"{KINDS}/{{id}}", self._change),
            web.delete(f"{KINDS}/{{id}}", self._delete),
            web.get(KINDS, self._list),
            *self.file_routes(),
        ]

    def _box(self, request: web.Request) -> Box:
        try:
            return self.tenant.boxes[unquote(request.match_info["mailbox"])]
        except KeyError:
            raise web.HTTPNotFound from None

    async def _folders(self, request: web.Request) -> web.Response:
        wanted = request.query.get("$filter", "").removeprefix("displayName eq ").strip("'")
        folders = self._box(request).folders.items()
        return self._page(request, [{"id": one, "displayName": name} for one, name in folders if name == wanted])

    async def _in_folder(self, request: web.Request) -> web.Response:
        """Return the mails of a folder, newest first; only mails are shown, whatever else was deleted into it."""
        mails = [
            one for one in self._box(request).mails.values() if one.folder == unquote(request.match_info["folder"])
        ]
        return self._mail_page(request, sorted(mails, key=lambda one: one.received, reverse=True), "$skip")

    async def _contact_folders(self, request: web.Request) -> web.Response:
        """Return the folders that lie in the ordinary one, or in another."""
        parent, folders = unquote(request.match_info.get("folder", CONTACTS)), self._box(request).contact_folders
        things: list[Thing] = [
            {"id": one, "displayName": folder.name, "parentFolderId": parent}
            for one, folder in folders.items()
            if folder.parent == parent
        ]
        return self._page(request, things)

    async def _calendars(self, request: web.Request) -> web.Response:
        """Return the calendars, those of others that are shared with this mailbox too."""
        mailbox = unquote(request.match_info["mailbox"])
        things: list[Thing] = [
            {
                "id": one,
                "name": calendar.name,
                "isDefaultCalendar": one == CALENDAR,
                "owner": {"address": calendar.owner or mailbox, "name": calendar.owner or mailbox},
            }
            for one, calendar in self._box(request).calendars.items()
        ]
        return self._page(request, things)

    async def _list(self, request: web.Request) -> web.Response:
        box, kind = self._box(request), request.match_info["kind"]
        if kind == "messages":
            return self._mails(request, box)
        ordinary = CONTACTS if kind.startswith("contact") else CALENDAR
        return self._page(request, box.lying_in(unquote(request.match_info.get("folder", ordinary))))

    async def _instances(self, request: web.Request) -> web.Response:
        """Return what of a series was laid in, alike or differing, within a range of time."""
        series, box = self._thing(request)["id"], self._box(request)
        since, until = (datetime.fromisoformat(request.query[f"{edge}DateTime"]) for edge in ("start", "end"))
        if until - since > LONGEST_RANGE:
            return self.refuse(400, "ErrorInvalidRequest", "The requested duration exceeds the limit.")
        ours = [one for one in box.events.values() if one.get("seriesMasterId") == series]
        things = [one for one in ours if since <= begins(one) < until]
        return self._page(request, things)

    def _mails(self, request: web.Request, box: Box) -> web.Response:
        """Return mails, newest first; a search shows a thousand at most and says nothing of the rest."""
        if "$search" not in request.query:
            shown = [one for one in box.mails.values() if one.folder != RECOVERABLE]
            shown.sort(key=lambda one: one.received, reverse=True)
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
        thing = self._box(request).reach(request.match_info["kind"], unquote(request.match_info["id"]))
        if thing is None:
            raise web.HTTPNotFound
        return thing.shown if isinstance(thing, Mail) else thing

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(selected(self._thing(request), request))

    async def _mime(self, request: web.Request) -> web.Response:
        mail = self._box(request).reach("messages", unquote(request.match_info["id"]))
        if not isinstance(mail, Mail):
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

    async def _delete(self, request: web.Request) -> web.Response:
        if not self._box(request).delete(request.match_info["kind"], unquote(request.match_info["id"])):
            raise web.HTTPNotFound
        self.changed(request)
        return web.Response(status=204)


def begins(event: Thing) -> datetime:
    """Return when a meeting begins; Graph gives UTC."""
    start = event["start"]
    at = str(start["dateTime"])[:19] if isinstance(start, dict) else str(start)
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


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
