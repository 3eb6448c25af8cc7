"""SharePoint on this machine: libraries, searches that lag, two recycle bins, and a deletion that goes past both.

A guess, not knowledge (vendors.md §7): a file under a record label answers 423 with resourceLocked.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from integrations.office365.kql import tokens
from integrations.office365.sandbox_graph import GraphSandbox, selected
from integrations.office365.tenant import Drive, Paper, Thing

REGION: Final = "EUR"
DRIVE: Final = "/drives/{drive}"


class FilesSandbox(GraphSandbox):
    """The libraries of a tenant."""

    def file_routes(self) -> Sequence[web.RouteDef]:
        """Return what is answered of files."""
        return [
            web.get("/sites/{site}/drives", self._drives),
            web.get(f"{DRIVE}/{{search:root/search.*}}", self._search_drive),
            web.get(f"{DRIVE}/root/delta", self._delta),
            web.post(f"{DRIVE}/items/{{id}}/permanentDelete", self._erase_file),
            web.get(f"{DRIVE}/items/{{id}}", self._get_file),
            web.patch(f"{DRIVE}/items/{{id}}", self._change_file),
            web.delete(f"{DRIVE}/items/{{id}}", self._recycle_file),
            web.post("/search/query", self._search_everywhere),
        ]

    def _drive(self, request: web.Request) -> Drive:
        try:
            return self.tenant.drives[unquote(request.match_info["drive"])]
        except KeyError:
            raise web.HTTPNotFound from None

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
        return web.json_response(selected(shown, request))

    async def _change_file(self, request: web.Request) -> web.Response:
        paper = self._paper(request)
        self.changed(request)
        return web.json_response(_file(unquote(request.match_info["drive"]), paper))

    async def _erase_file(self, request: web.Request) -> web.Response:
        return self._taken_away(request, for_good=True)

    async def _recycle_file(self, request: web.Request) -> web.Response:
        return self._taken_away(request, for_good=False)

    def _taken_away(self, request: web.Request, *, for_good: bool) -> web.Response:
        paper = self._paper(request)
        if paper.kept:
            return self.refuse(423, "resourceLocked", "The item is a record and cannot be deleted.")
        self._drive(request).remove(paper.id, for_good=for_good)
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
