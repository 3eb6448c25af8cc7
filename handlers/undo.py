"""The page behind "Ångra" in the letter that answers an opt-out: /undo/{token}.

As on the person's page, the link alone changes nothing (`handlers.threshold`): its cookie is sent to /undo only, and a
second POST takes the opt-out back.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from bot.domain.errors import NotAllowedNow, NotFound
from bot.ports import LinkPurpose
from bot.services.links import SESSION_LIVES
from bot.services.person_views import UndoPage, UndoState
from handlers.cookies import Cookie
from handlers.guesses import Guesses
from handlers.page import Pages, back_to, language_of, refuse_other_sites
from handlers.threshold import Opened, Threshold

COOKIE: Final = "undo_session"
HOME: Final = "/undo/page"
LIVES: Final = int(SESSION_LIVES[LinkPurpose.UNDO].total_seconds())


class Undo(Opened, Protocol):
    """What the page needs of the desk (`bot.services.pages.undo`)."""

    async def page(self, session: str) -> UndoPage:
        """Return the page. Raises `NotFound` when the session is over."""

    async def undo(self, session: str) -> None:
        """Take the opt-out back. Raises `NotAllowedNow`."""


def undo_routes(undo: Undo, pages: Pages, *, secure: bool, guesses: Guesses) -> list[web.RouteDef]:
    """Return the routes of the page. `secure`: the desk is reached by https, so is its cookie."""
    room = _Room(undo, pages)
    cookie = Cookie(COOKIE, "/undo", secure)
    door = Threshold(undo, pages, cookie, guesses, "undo_knock.html", HOME, LIVES, room.unusable)
    return [
        web.get(HOME, room.page),
        web.post("/undo/page", room.undone),
        web.get("/undo/{token}", door.knock),
        web.post("/undo/{token}", door.enter),
    ]


@dataclass(frozen=True, slots=True)
class _Room:
    undo: Undo
    pages: Pages

    async def page(self, request: web.Request) -> web.Response:
        try:
            page = await self.undo.page(request.cookies.get(COOKIE, ""))
        except NotFound:
            return self.unusable(request)
        return self.pages.answer("undo.html", page.language, {"page": page, "UndoState": UndoState})

    async def undone(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        try:
            await self.undo.undo(request.cookies.get(COOKIE, ""))
        except NotAllowedNow:
            pass  # the page itself says that it is too late
        except NotFound:
            return self.unusable(request)
        return back_to(HOME)

    def unusable(self, request: web.Request) -> web.Response:
        return self.pages.answer("undo_unusable.html", language_of(request), {}, 404)
