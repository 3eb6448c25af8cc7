"""The page behind "Ångra" in the letter that answers an opt-out: /undo/{token}.

As on the person's page, a GET changes nothing, because mail scanners follow links: a POST exchanges the token, once,
for a session cookie that is HttpOnly, SameSite=Strict and sent to /undo only (D7c), and a second POST takes the
opt-out back.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from bot.domain.errors import NotAllowedNow, NotFound
from bot.ports import LinkPurpose
from bot.services.links import SESSION_LIVES
from bot.services.person_views import Knock, KnockState, UndoPage, UndoState
from handlers.cookies import Cookie
from handlers.guesses import Guesses
from handlers.page import Pages, back_to, language_of, refuse_other_sites, remote_of

COOKIE: Final = "undo_session"
HOME: Final = "/undo/page"
LIVES: Final = int(SESSION_LIVES[LinkPurpose.UNDO].total_seconds())


class Undo(Protocol):
    """What the page needs of the desk (`bot.services.pages.undo`)."""

    async def knock(self, token: str) -> Knock:
        """Say what a link is worth; change nothing."""

    async def enter(self, token: str) -> str:
        """Exchange the token for a session. Raises `NotAllowedNow`."""

    async def page(self, session: str) -> UndoPage:
        """Return the page. Raises `NotFound` when the session is over."""

    async def undo(self, session: str) -> None:
        """Take the opt-out back. Raises `NotAllowedNow`."""


def undo_routes(undo: Undo, pages: Pages, *, secure: bool, guesses: Guesses) -> list[web.RouteDef]:
    """Return the routes of the page. `secure`: the desk is reached by https, so is its cookie."""
    room = _Room(undo, pages, Cookie(COOKIE, "/undo", secure), guesses)
    return [
        web.get(HOME, room.page),
        web.post("/undo/page", room.undone),
        web.get("/undo/{token}", room.knock),
        web.post("/undo/{token}", room.enter),
    ]


@dataclass(frozen=True, slots=True)
class _Room:
    undo: Undo
    pages: Pages
    cookie: Cookie
    guesses: Guesses

    async def knock(self, request: web.Request) -> web.Response:
        self.guesses.refuse_too_many(remote_of(request))
        token = request.match_info["token"]
        knock = await self.undo.knock(token)
        if knock.state is KnockState.FRESH:
            return self.pages.answer("undo_knock.html", knock.language, {"token": token})
        self.guesses.wrong(remote_of(request))
        return self._unusable(request)

    async def enter(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        self.guesses.refuse_too_many(remote_of(request))
        try:
            session = await self.undo.enter(request.match_info["token"])
        except NotAllowedNow:
            self.guesses.wrong(remote_of(request))
            return self._unusable(request)
        answer = back_to(HOME)
        self.cookie.keep(answer, session, LIVES)
        return answer

    async def page(self, request: web.Request) -> web.Response:
        try:
            page = await self.undo.page(request.cookies.get(COOKIE, ""))
        except NotFound:
            return self._unusable(request)
        return self.pages.answer("undo.html", page.language, {"page": page, "UndoState": UndoState})

    async def undone(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        try:
            await self.undo.undo(request.cookies.get(COOKIE, ""))
        except NotAllowedNow:
            pass  # the page itself says that it is too late
        except NotFound:
            return self._unusable(request)
        return back_to(HOME)

    def _unusable(self, request: web.Request) -> web.Response:
        return self.pages.answer("undo_unusable.html", language_of(request), {}, 404)
