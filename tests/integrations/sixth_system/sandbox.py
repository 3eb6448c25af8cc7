"""The register on this machine."""

from collections.abc import Iterable
from datetime import date

from aiohttp import web
from pydantic import JsonValue

from integrations.sandbox import Sandbox


class LibrarySandbox(Sandbox):
    """One card, Astrid's, until the librarian takes it away from `cards`."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = {"astrid.lundgren@example.se": "17"}
        self.card: dict[str, JsonValue] = {"id": "17", "phone": "070-111 11 11", "city": "Lund", "restricted": False}
        self.patches: list[JsonValue] = []

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what the register answers to."""
        return [
            web.get("/cards/{address}", self._card),
            web.get("/records/{id}", self._shown),
            web.patch("/records/{id}", self._change),
        ]

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return the register's error body."""
        return {"code": code, "message": message, "status": status}

    async def _card(self, request: web.Request) -> web.Response:
        if request.match_info["address"] not in self.cards:
            raise web.HTTPNotFound
        return web.json_response(self.card)

    async def _shown(self, request: web.Request) -> web.Response:
        self._refuse_unknown(request)
        return web.json_response(self.card)

    async def _change(self, request: web.Request) -> web.Response:
        self._refuse_unknown(request)
        self.changed(request)
        changed = await request.json()
        self.patches.append(changed)
        self.card |= changed
        return web.json_response(self.card)

    def _refuse_unknown(self, request: web.Request) -> None:
        if request.match_info["id"] not in self.cards.values():
            raise web.HTTPNotFound


def demo(today: date) -> LibrarySandbox:
    """Return the demo's register."""
    del today
    return LibrarySandbox()


def stanza(url: str, sandbox: LibrarySandbox) -> dict[str, object]:
    """Return the settings that point the desk at *sandbox*."""
    return {"token": sandbox.token, "base_url": url}
