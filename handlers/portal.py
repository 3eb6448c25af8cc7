"""The person's own page: /c/{token}.

The link alone changes nothing (`handlers.threshold`); its cookie is sent to /c only. Works
without script; every step is a plain form and a redirect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from aiohttp import web

from bot.card import StepState
from bot.domain.errors import NotAllowedNow, NotFound
from bot.domain.request import Language
from bot.ports import LinkPurpose
from bot.services.links import SESSION_LIVES
from bot.services.person_views import Asks, Parcel, SubjectPage
from handlers.cookies import Cookie
from handlers.guesses import Guesses
from handlers.page import (
    Pages,
    back_to,
    language_of,
    one,
    refuse_other_sites,
    remote_of,
    send_parcel,
    typed,
)
from handlers.threshold import Opened, Threshold

COOKIE: Final = "c_session"
HOME: Final = "/c/page"
LIVES: Final = int(SESSION_LIVES[LinkPurpose.SUBJECT].total_seconds())
LONGEST_ANSWER: Final = 100  # characters of a code or an order number
TOLD: Final = {"confirmed", "answered", "again", "withdrawn"}


class Portal(Opened, Protocol):
    """What the page needs of the desk (`bot.services.pages.portal`)."""

    async def page(self, session: str) -> SubjectPage:
        """Return the page. Raises `NotFound` when the session is over."""

    async def confirm(self, session: str) -> None:
        """Take "Ja, radera" or "Ja, det är jag"."""

    async def answer(self, session: str, value: str) -> None:
        """Take a code or an order number. Raises `NotAllowedNow` when no attempt is left."""

    async def package(self, session: str) -> Parcel:
        """Return the package, to be sent piece by piece."""

    async def package_fetched(self, about: str) -> None:
        """Note that the person has the whole parcel *about* something."""

    async def withdraw(self, session: str) -> None:
        """Take the request back."""

    async def send_new_link(self, token: str) -> None:
        """Mail a new link to the address on file, or nothing; never says which."""


def portal_routes(portal: Portal, pages: Pages, *, secure: bool, guesses: Guesses) -> list[web.RouteDef]:
    """Return the routes of the person's page. `secure`: the desk is reached by https, so is its cookie."""
    cookie = Cookie(COOKIE, "/c", secure)
    room = _Room(portal, pages, cookie, guesses)
    door = Threshold(portal, pages, cookie, guesses, "portal_knock.html", HOME, LIVES, room.unusable)
    return [
        web.get(HOME, room.page),
        web.post("/c/confirm", room.confirm),
        web.post("/c/answer", room.answer),
        web.post("/c/package", room.package),
        web.get("/c/withdraw", room.ask_withdraw),
        web.post("/c/withdraw", room.withdraw),
        web.post("/c/leave", room.leave),
        web.get("/c/{token}", door.knock),
        web.post("/c/{token}", door.enter),
        web.post("/c/{token}/new-link", room.new_link),
    ]


@dataclass(frozen=True, slots=True)
class _Room:
    portal: Portal
    pages: Pages
    cookie: Cookie
    guesses: Guesses

    async def new_link(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        self.guesses.refuse_too_many(remote_of(request))
        self.guesses.wrong(remote_of(request))
        await self.portal.send_new_link(request.match_info["token"])
        return self.pages.answer("portal_new_link.html", language_of(request), {})

    async def page(self, request: web.Request) -> web.Response:
        try:
            page = await self.portal.page(_session(request))
        except NotFound:
            return self._over(request)
        told = request.query.get("told", "")
        return self._shown(page, told if told in TOLD else "")

    async def confirm(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        await self.portal.confirm(_session(request))
        return back_to(f"{HOME}?told=confirmed")

    async def answer(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        session = _session(request)
        asked = (await self.portal.page(session)).asks
        value = one(await typed(request), "answer").strip()[:LONGEST_ANSWER]
        if not value:
            return back_to(f"{HOME}?told=again")
        try:
            await self.portal.answer(session, value)
        except NotAllowedNow:
            return back_to(HOME)
        still = (await self.portal.page(session)).asks is asked
        return back_to(f"{HOME}?told={'again' if still else 'answered'}")

    async def package(self, request: web.Request) -> web.StreamResponse:
        refuse_other_sites(request)
        session = _session(request)
        parcel = await self.portal.package(session)
        # noted when the last byte was handed over and not before: what waits for it may erase (D3)
        return await send_parcel(request, parcel, partial(self.portal.package_fetched, parcel.about))

    async def ask_withdraw(self, request: web.Request) -> web.Response:
        try:
            page = await self.portal.page(_session(request))
        except NotFound:
            return self._over(request)
        if not page.can_withdraw:
            return back_to(HOME)
        return self.pages.answer("portal_withdraw.html", page.language, {"page": page})

    async def withdraw(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        await self.portal.withdraw(_session(request))
        return back_to(f"{HOME}?told=withdrawn")

    async def leave(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        answer = self.pages.answer("portal_left.html", _wished(request), {})
        self.cookie.drop(answer)
        return answer

    def _shown(self, page: SubjectPage, told: str) -> web.Response:
        steps = [(word, state, f"step.{state}") for word, state in page.steps]
        now = next((word for word, state in page.steps if state is StepState.NOW), "")
        values: Mapping[str, object] = {"page": page, "steps": steps, "now": now, "told": told, "Asks": Asks}
        return self.pages.answer("portal.html", page.language, values)

    def unusable(self, request: web.Request) -> web.Response:
        values = {"token": request.match_info["token"], "open_already": COOKIE in request.cookies}
        return self.pages.answer("portal_unusable.html", language_of(request), values, 404)

    def _over(self, request: web.Request) -> web.Response:
        return self.pages.answer("portal_over.html", language_of(request), {}, 404)


def _session(request: web.Request) -> str:
    return request.cookies.get(COOKIE, "")


def _wished(request: web.Request) -> Language:
    """Return the language the page was in when it was left."""
    try:
        return Language(request.query.get("language", ""))
    except ValueError:
        return language_of(request)
