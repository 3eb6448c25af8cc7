"""Routes of the console: every press is a plain form, a redirect, and a page drawn anew.

Guarded by the Host header (a rebound name cannot reach it), a token in every form and
cookies sent to /console only. The script refreshes the page; nothing depends on it.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.card import Card, Form, Press, Values
from bot.desk import PRIVATE_VERBS
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, PrivacyDeskError, StaleCard
from bot.domain.people import Colleague
from bot.domain.request import Language
from handlers.console.front import FrontDesk
from handlers.console.messenger import CHAT
from handlers.console.notes import IN_NOTE, Note, Notes
from handlers.console.outside import Outside, written_mail
from handlers.console.screen import OUTSIDE, Asked, Screen
from handlers.page import Pages, back_to, one, refuse_other_sites, typed, typed_with_files

HOSTS: Final = {"127.0.0.1", "localhost", "::1"}
WHO, LANGUAGE = "console_who", "console_language"
OURS: Final = frozenset({"csrf", "on", "press"})
LONGEST_MAIL: Final = 30 * 1024 * 1024  # bytes
MOST_DAYS: Final = 400
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

Answering = Callable[[web.Request, Colleague], Awaitable[web.Response]]


def console_routes(
    desk: FrontDesk, pages: Pages, outside: Outside, *, channel: str, systems: Mapping[str, str]
) -> list[web.RouteDef]:
    """Return the routes of the console. `channel`: where ticket cards are posted; `systems`: names by key."""
    room = _Room(desk, pages, outside, channel, systems, Notes(), secrets.token_urlsafe(24))
    posts: dict[str, Answering] = {
        "press": room.press,
        "submit": room.submit,
        "say": room.say,
        "close": room.close,
        "act-as": room.act_as,
        "language": room.speak,
        "drop": room.drop,
        "write": room.write,
        "skip": room.skip,
    }
    return [
        web.get("/", room.start),
        web.get("/console", room.page),
        *(web.post(f"/console/{name}", room.guarded(answer)) for name, answer in posts.items()),
        web.post("/console/upload", room.upload),
    ]


@dataclass(frozen=True, slots=True)
class _Room:
    desk: FrontDesk
    pages: Pages
    outside: Outside
    channel: str
    systems: Mapping[str, str]
    notes: Notes
    csrf: str

    async def start(self, _request: web.Request) -> web.Response:
        return back_to("/console")

    async def page(self, request: web.Request) -> web.Response:
        _refuse_other_hosts(request)
        actor = self._actor(request)
        asked = await self._asked(request, actor) if "form" in request.query else None
        answer = await self._drawn(actor, asked, 200)
        self.notes.drop(actor.id, OUTSIDE)  # "on its way" is said once
        return answer

    def guarded(self, answer: Answering) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return the answer behind the checks every POST must pass."""

        async def checked(request: web.Request) -> web.Response:
            _refuse_other_hosts(request)
            self._refuse_strangers(request, await typed(request))
            return await answer(request, self._actor(request))

        return checked

    async def press(self, request: web.Request, actor: Colleague) -> web.Response:
        values = await typed(request)
        on = one(values, "on")
        try:
            press = Press.unpack(one(values, "press"))
            card = await self.desk.press(actor, press)
        except PrivacyDeskError as refusal:
            await self._refused(actor, on, refusal)
        else:
            self._answered(actor, on, card, private=press.verb in PRIVATE_VERBS)
        return _back_on(on)

    async def submit(self, request: web.Request, actor: Colleague) -> web.Response:
        sent = await typed(request)
        on, press = one(sent, "on"), Press.unpack(one(sent, "press"))
        values = {name: value for name, value in sent.items() if name not in OURS}
        try:
            card = await self.desk.submit(actor, press, values)
        except Incomplete as lacking:
            form = await self.desk.form(actor, press)
            said = self.desk.explain(actor.language, lacking)
            return await self._drawn(actor, Asked(form, on, values, said, lacking.facts.get("field", "")), 422)
        except PrivacyDeskError as refusal:
            await self._refused(actor, on, refusal)
        else:
            self._answered(actor, on, card, private=press.verb in PRIVATE_VERBS)
        return _back_on(on)

    async def say(self, request: web.Request, actor: Colleague) -> web.Response:
        try:
            shown = await self.desk.say(actor, one(await typed(request), "text").strip())
        except PrivacyDeskError as refusal:
            await self._refused(actor, "", refusal)
            return _back_on("")
        if isinstance(shown, Form):
            return back_to(f"/console?form={quote(shown.press.pack(), safe='')}&on=")
        self.notes.keep(actor.id, Note("", shown))
        return _back_on("")

    async def close(self, request: web.Request, actor: Colleague) -> web.Response:
        place = one(await typed(request), "place")
        self.notes.drop(actor.id, place)
        return _back_on(place)

    async def act_as(self, request: web.Request, actor: Colleague) -> web.Response:
        chosen = self.desk.people.by_id(one(await typed(request), "colleague"))
        if LANGUAGE in request.cookies:
            self.notes.clear(actor.id)  # who is played next is read to in their own language
        answer = back_to("/console")
        answer.set_cookie(WHO, chosen.id, path="/console", httponly=True, samesite="Strict")
        answer.del_cookie(LANGUAGE, path="/console", httponly=True, samesite="Strict")
        return answer

    async def speak(self, request: web.Request, actor: Colleague) -> web.Response:
        answer = back_to("/console")
        language = _language(one(await typed(request), "language"))
        if language is not None:
            self.notes.clear(actor.id)
            answer.set_cookie(LANGUAGE, language, path="/console", httponly=True, samesite="Strict")
        return answer

    async def drop(self, request: web.Request, actor: Colleague) -> web.Response:
        try:
            raw = self.outside.sample(one(await typed(request), "sample"))
        except Incomplete as lacking:
            await self._refused(actor, OUTSIDE, lacking)
            return _back_on(OUTSIDE)
        return await self._dropped(actor, raw)

    async def write(self, request: web.Request, actor: Colleague) -> web.Response:
        values = await typed(request)
        try:
            raw = written_mail(
                one(values, "name"),
                one(values, "address").strip(),
                one(values, "subject"),
                one(values, "text"),
                self.outside.clock.now(),
            )
        except Incomplete as lacking:
            await self._refused(actor, OUTSIDE, lacking)
            return _back_on(OUTSIDE)
        return await self._dropped(actor, raw)

    async def upload(self, request: web.Request) -> web.Response:
        _refuse_other_hosts(request)
        values, files = await typed_with_files(request, LONGEST_MAIL)
        self._refuse_strangers(request, values)
        actor = self._actor(request)
        raw = next((upload.content for name, upload in files if name == "mail" and upload.content), b"")
        if not raw:
            await self._refused(actor, OUTSIDE, Incomplete("console.mail_incomplete", {"field": "mail"}))
            return _back_on(OUTSIDE)
        return await self._dropped(actor, raw)

    async def skip(self, request: web.Request, _actor: Colleague) -> web.Response:
        days = one(await typed(request), "days")
        if self.outside.skip_days is not None and days.isdecimal() and 1 <= int(days) <= MOST_DAYS:
            await self.outside.skip_days(int(days))
        return _back_on(OUTSIDE)

    async def _dropped(self, actor: Colleague, raw: bytes) -> web.Response:
        await asyncio.to_thread(self.outside.drop_mail, raw)
        said = self.pages.texts.say(actor.language, "console.dropped")
        self.notes.keep(actor.id, Note(OUTSIDE, sentence=said))
        return _back_on(OUTSIDE)

    def _answered(self, actor: Colleague, on: str, card: Card, *, private: bool) -> None:
        """Keep what only the presser sees; a channel card is drawn anew by itself."""
        place = on.removeprefix(IN_NOTE)
        if private or on.startswith(IN_NOTE):
            self.notes.keep(actor.id, Note(place, card))
        else:
            self.notes.drop(actor.id, place)

    async def _refused(self, actor: Colleague, on: str, refusal: PrivacyDeskError) -> None:
        """Keep the refusal for the presser; a stale private card is shown as it is now (D32)."""
        place, card = on.removeprefix(IN_NOTE), None
        stood = next((note for note in self.notes.of(actor.id) if note.place == place), None)
        if on.startswith(IN_NOTE) and stood is not None and stood.card is not None:
            card = stood.card
            if isinstance(refusal, StaleCard) and card.about:
                card = await self.desk.view(actor, card.about)
        self.notes.keep(actor.id, Note(place, card, self.desk.explain(actor.language, refusal)))

    async def _asked(self, request: web.Request, actor: Colleague) -> Asked | None:
        on = request.query.get("on", "")
        try:
            form = await self.desk.form(actor, Press.unpack(request.query["form"]))
        except PrivacyDeskError as refusal:
            await self._refused(actor, on, refusal)
            return None
        return Asked(form, on)

    async def _drawn(self, actor: Colleague, asked: Asked | None, status: int) -> web.Response:
        screen = Screen(
            actor=actor,
            systems=self.systems,
            colleagues=self._colleagues(),
            channel=await self.desk.feed(actor, CHAT, self.channel),
            direct=await self.desk.feed(actor, CHAT, actor.handles.get(CHAT, "")),
            home=await self.desk.view(actor, "home"),
            notes=self.notes.of(actor.id),
            letters=await asyncio.to_thread(self.outside.letters),
            asked=asked,
        )
        answer = self.pages.answer(
            "console.html", actor.language, screen.values(self.pages, self.outside, self.csrf), status
        )
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    def _colleagues(self) -> tuple[Colleague, ...]:
        return tuple(one for one in self.desk.people.colleagues if CHAT in one.handles)

    def _actor(self, request: web.Request) -> Colleague:
        """Return the colleague who is being played, speaking the language chosen for the moment."""
        known = self._colleagues()
        if not known:
            raise NotFound("refusal.unknown_colleague")
        actor = next((one for one in known if one.id == request.cookies.get(WHO)), known[0])
        language = _language(request.cookies.get(LANGUAGE, ""))
        return replace(actor, language=language) if language is not None else actor

    def _refuse_strangers(self, request: web.Request, values: Values) -> None:
        refuse_other_sites(request)
        if not compare_digest(self.csrf.encode(), one(values, "csrf").encode()):
            raise NotAllowedNow("web.elsewhere")


def _refuse_other_hosts(request: web.Request) -> None:
    """Raise `NotAllowedNow` unless the page was asked for under a loopback name (D41)."""
    if urlsplit(f"//{request.host}").hostname not in HOSTS:
        raise NotAllowedNow("console.wrong_origin")


def _language(word: str) -> Language | None:
    try:
        return Language(word)
    except ValueError:
        return None


def _back_on(on: str) -> web.Response:
    """Return to the card that was pressed."""
    place = on.removeprefix(IN_NOTE)
    return back_to(f"/console#at-{quote(place, safe=':')}" if place else "/console")
