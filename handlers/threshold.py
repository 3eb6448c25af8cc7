"""The threshold of a page that a mailed link opens: /c/{token} and /undo/{token}.

A GET changes nothing, because mail scanners follow links; a POST exchanges the token, once, for a session cookie
(D7c). A link that is used, expired or made up gets one and the same answer, and is counted as a guess.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from bot.domain.errors import NotAllowedNow
from bot.services.person_views import Knock, KnockState
from handlers.cookies import Cookie
from handlers.guesses import Guesses
from handlers.page import Pages, back_to, refuse_other_sites, remote_of


class Opened(Protocol):
    """What a threshold needs of the room behind it."""

    async def knock(self, token: str) -> Knock:
        """Say what a link is worth; change nothing."""

    async def enter(self, token: str) -> str:
        """Exchange the token for a session. Raises `NotAllowedNow`."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """`knocked`: the template that asks to go on; `home`: where a session leads, and it lives *lives* seconds."""

    room: Opened
    pages: Pages
    cookie: Cookie
    guesses: Guesses
    knocked: str
    home: str
    lives: int
    unusable: Callable[[web.Request], web.Response]

    async def knock(self, request: web.Request) -> web.Response:
        """Answer the link itself: a page with one button."""
        self.guesses.refuse_too_many(remote_of(request))
        token = request.match_info["token"]
        knock = await self.room.knock(token)
        if knock.state is KnockState.FRESH:
            return self.pages.answer(self.knocked, knock.language, {"token": token})
        return self._wrong(request)

    async def enter(self, request: web.Request) -> web.Response:
        """Answer that button: the session's cookie, and its page."""
        refuse_other_sites(request)
        self.guesses.refuse_too_many(remote_of(request))
        try:
            session = await self.room.enter(request.match_info["token"])
        except NotAllowedNow:
            return self._wrong(request)
        answer = back_to(self.home)
        self.cookie.keep(answer, session, self.lives)
        return answer

    def _wrong(self, request: web.Request) -> web.Response:
        self.guesses.wrong(remote_of(request))
        return self.unusable(request)
