"""Signing in with Entra ID, for the pages that show content (D15): there, back, and out again.

All cookies are SameSite=Strict, and such a cookie does not come along when another site leads here: neither from a
chat in the browser nor back from the login server. So arriving decides nothing: a link shows a page with one button
whether or not somebody has signed in, and coming back answers with a page whose one button sends what came. Those
presses are ours, with all cookies. The second one finishes the sign-in and opens what it was for. The code arrives as
a form, never in an address, and a GET changes nothing (D7c). Finishing waits for the login server, the only page that
waits for a network: who they are decides what is shown next, so no job could ask later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from aiohttp import web

from bot.domain.errors import NotAllowedNow, NotYours, PrivacyDeskError, SystemTrouble
from bot.domain.request import Language
from bot.services.pages.admission import SignedIn
from bot.services.pages.signing_in import FLOW_LIVES, LONGEST, PAGE, Finished, Started
from handlers.cookies import Cookie
from handlers.guesses import Guesses
from handlers.page import Pages, back_to, language_of, one, refuse_other_sites, remote_of, typed
from handlers.web import HEADERS

PATH: Final = "/sign-in"
#: Where the login server sends the browser back to; written into the registration in Entra ID, so it never changes.
BACK: Final = "/sign-in/back"
SESSION: Final = "colleague"
ON_ITS_WAY: Final = "signing-in-"
OVER: Final = "refusal.sign_in_over"
#: Of what the login server sends: more is not from it.
LONGEST_FIELD: Final = 8_192
BROUGHT: Final = ("code", "state", "error", "error_description")


class SigningIn(Protocol):
    """What these pages need of the desk (`bot.services.pages.signing_in`)."""

    async def begin(self, page: str, *, choose: bool = False) -> Started:
        """Begin a sign-in that leads to a page. *choose*: with another account than the last one."""

    def page_of(self, sealed: str) -> str:
        """Return the page a sign-in leads to; "" when it is not known any longer."""

    async def finish(self, sealed: str, answer: Mapping[str, str], before: str) -> Finished:
        """Let in who signed in; the session this browser had *before* ends. Raises `PrivacyDeskError`."""

    async def who(self, session: str) -> SignedIn | None:
        """Return who a session belongs to; None when it is over."""

    async def sign_out(self, session: str) -> None:
        """End a session; harmless when there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Why somebody is asked to sign in (a sentence's key), and the page that leads to.

    `kept` is what they had typed, to be sent to `action` again once they have signed in beside.
    """

    page: str
    lead: str
    kept: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    action: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """Where colleagues sign in. `login` is the origin of the login server; `secure`: the desk is reached by https."""

    signing_in: SigningIn
    pages: Pages
    login: str
    secure: bool
    guesses: Guesses

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the door."""
        return [
            web.get(PATH, self.where),
            web.post(PATH, self.begin),
            web.get(BACK, self.astray),
            web.post(BACK, self.back),
            web.post(f"{PATH}/finish", self.finish),
            web.post(f"{PATH}/again", self.again),
            web.post("/sign-out", self.leave),
        ]

    async def who(self, request: web.Request) -> SignedIn | None:
        """Return who has signed in with this browser."""
        return await self.signing_in.who(request.cookies.get(self._name(SESSION), ""))

    def ask(self, language: Language, asked: "Asked", status: int) -> web.Response:
        """Return the page that asks to sign in."""
        return self.leading(self.pages.answer("sign_in.html", language, {"asked": asked}, status))

    def leading(self, answer: web.Response) -> web.Response:
        """Let a page's form lead on to the login server, which the policy of every other page forbids."""
        policy = HEADERS["Content-Security-Policy"].replace("form-action 'self'", f"form-action 'self' {self.login}")
        answer.headers["Content-Security-Policy"] = policy
        return answer

    async def send(self, page: str, *, choose: bool = False) -> web.Response:
        """Send the browser to the login server, on the way to a page."""
        started = await self.signing_in.begin(page, choose=choose)
        answer = back_to(started.url)
        self._cookie(self._on_its_way(started.state)).keep(answer, started.sealed, int(FLOW_LIVES.total_seconds()))
        return answer

    async def where(self, request: web.Request) -> web.Response:
        """Say who has signed in, with a way in or out."""
        reader = await self.who(request)
        if reader is None:
            return self.ask(language_of(request), Asked("", "sign_in.lead_bare"), 200)
        values = {"name": reader.colleague.name}
        return self.pages.answer("signed_in.html", reader.colleague.language, values)

    async def begin(self, request: web.Request) -> web.Response:
        """Send the browser to sign in; who has done so already goes on at once."""
        refuse_other_sites(request)
        page = one(await typed(request), "page")
        if page and PAGE.fullmatch(page) and await self.who(request):
            return back_to(f"/review/{page}")
        return await self.send(page)

    async def astray(self, request: web.Request) -> web.Response:
        """Answer a browser that comes back without a form: somebody reloaded, or the registration sends a query."""
        return self._failed(request, NotAllowedNow(OVER), 400)

    async def back(self, request: web.Request) -> web.Response:
        """Take what the login server sends, and hand it on by a press of our own page; nothing is believed here."""
        values = await typed(request)
        brought = {name: one(values, name)[:LONGEST_FIELD] for name in BROUGHT if one(values, name)}
        if not (brought.get("state") and (brought.get("code") or brought.get("error"))):
            return self._failed(request, NotAllowedNow(OVER), 400)
        return self.pages.answer("sign_in_back.html", language_of(request), {"brought": brought})

    async def finish(self, request: web.Request) -> web.Response:
        """Finish the sign-in with what came back, and go on to the page it was for."""
        refuse_other_sites(request)
        self.guesses.refuse_too_many(remote_of(request))
        values = await typed(request)
        brought = {name: one(values, name) for name in BROUGHT}
        cookie = self._on_its_way(brought["state"])
        before = request.cookies.get(self._name(SESSION), "")
        try:
            done = await self.signing_in.finish(request.cookies.get(cookie, ""), brought, before)
        except PrivacyDeskError as refusal:
            if refusal.key == OVER and await self.who(request):  # pressed twice, or gone back to: they are in already
                page = self.signing_in.page_of(request.cookies.get(cookie, ""))
                return back_to(f"/review/{page}" if page else PATH)
            return self._refused(request, brought["state"], refusal)
        # 307 keeps the press a POST, and so it opens the page the link names
        opens = bool(done.page) and not done.page.startswith("at/")
        where = f"/review/{done.page}" if done.page else PATH
        answer = web.Response(status=307 if opens else 303, headers={"Location": where})
        self._cookie(self._name(SESSION)).keep(answer, done.session, int(LONGEST.total_seconds()))
        self._cookie(cookie).drop(answer)
        return answer

    async def again(self, request: web.Request) -> web.Response:
        """Lead back to the page a sign-in that failed was for, or there again with another account."""
        refuse_other_sites(request)
        values = await typed(request)
        page = self.signing_in.page_of(request.cookies.get(self._on_its_way(one(values, "state")), ""))
        if one(values, "choose"):
            return await self.send(page, choose=True)
        return back_to(f"/review/{page}" if page else PATH)

    async def leave(self, request: web.Request) -> web.Response:
        """Sign out here; Microsoft's own sign-in stays, for the colleague's other programs."""
        refuse_other_sites(request)
        reader = await self.who(request)
        await self.signing_in.sign_out(request.cookies.get(self._name(SESSION), ""))
        language = reader.colleague.language if reader else language_of(request)
        answer = self.pages.answer("signed_out.html", language, {})
        self._cookie(self._name(SESSION)).drop(answer)
        return answer

    def _refused(self, request: web.Request, state: str, refusal: PrivacyDeskError) -> web.Response:
        """Say why nobody was let in; who came with an account that is not theirs here is offered to choose another."""
        status = 503 if isinstance(refusal, SystemTrouble) else 403
        if status == 403:  # anybody may begin one and bring nonsense back; the login server is not asked for ever
            self.guesses.wrong(remote_of(request))
        return self._failed(request, refusal, status, state)

    def _failed(self, request: web.Request, why: PrivacyDeskError, status: int, state: str = "") -> web.Response:
        language = language_of(request)
        values = {"sentence": self.pages.texts.say(language, why.key, why.facts), "state": state}
        values["choose"] = "1" if isinstance(why, NotYours) else ""
        return self.leading(self.pages.answer("sign_in_failed.html", language, values, status))

    def _name(self, name: str) -> str:
        """Return a cookie's name: with https one that no neighbouring site of the same domain can plant."""
        return f"__Host-{name}" if self.secure else name

    def _on_its_way(self, state: str) -> str:
        """Return the name of the cookie of one sign-in: two begun side by side do not disturb each other."""
        return self._name(ON_ITS_WAY + sha256(state.encode()).hexdigest()[:16])

    def _cookie(self, name: str) -> Cookie:
        return Cookie(name, "/", self.secure)
