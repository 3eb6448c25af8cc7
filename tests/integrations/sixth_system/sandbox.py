"""The register on this machine."""

from collections.abc import Iterable
from datetime import date

from aiohttp import web
from pydantic import JsonValue

from integrations.sandbox import Sandbox


class LibrarySandbox(Sandbox):
    """One card, Astrid's."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what the register answers to."""
        return [web.get("/cards/{address}", self._card)]

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return the register's error body."""
        return {"code": code, "message": message, "status": status}

    async def _card(self, request: web.Request) -> web.Response:
        if request.match_info["address"] != "astrid.lundgren@example.se":
            raise web.HTTPNotFound
        return web.json_response({"id": "17"})


def demo(today: date) -> LibrarySandbox:
    """Return the demo's register."""
    del today
    return LibrarySandbox()


def stanza(url: str, sandbox: LibrarySandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*."""
    return {"token": sandbox.token, "base_url": url}
