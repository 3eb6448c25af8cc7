"""A colleague's one-time page: /review/{token}, the only place where content is shown (D14, D15).

Looking at the address changes nothing; a POST opens the page. Each opened page gets an
address and a cookie path of its own, so two tickets can be read side by side and the
address alone is worth nothing. Where colleagues sign in, nothing is shown or done without.
/t/{ref} is the address of a ticket that may be pasted anywhere: it holds no key.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from hmac import compare_digest
from typing import Final, Protocol

from aiohttp import web

from bot.card import Values
from bot.domain.errors import NO_FACTS, Incomplete, NotAllowedNow, NotFound, PrivacyDeskError, StaleCard
from bot.domain.request import Language
from bot.ports import LinkPurpose
from bot.services.dossier import Dossier
from bot.services.links import SESSION_LIVES
from bot.services.pages.admission import REFERENCE, SignedIn
from bot.services.pages.signing_in import LONGEST
from bot.services.person_views import Knock, KnockState, Parcel
from bot.services.views import Act, LetterDraft, ReviewPage
from handlers.behind import behind, reader_of
from handlers.cookies import Cookie
from handlers.copy_review import Copies, copy_routes
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
    typed_with_files,
)
from handlers.sections import Told, drawn
from handlers.sign_in import FrontDoor

COOKIE: Final = "review_session"
LIVES: Final = SESSION_LIVES[LinkPurpose.REVIEW]
LONGEST_FILE: Final = 50 * 1024 * 1024  # bytes
AT_ONCE: Final = 2  # uploads held in memory at the same time
#: What the page says after something was done, by the word in its address.
TOLD: Final = {"saved": "review.saved", "uploaded": "review.uploaded", "shown": "review.shown"}
#: What begins the name of a value on a sheet.
FIELD: Final = "f:"
PLACE: Final = "/review/at/{place:[A-Za-z0-9_-]{6,24}}"


class Review(Copies, Protocol):
    """What the page needs of the desk (`bot.services.pages.review`)."""

    async def knock(self, token: str) -> Knock:
        """Say what a link is worth; change nothing."""

    async def enter(self, token: str, reader: SignedIn | None = None) -> str:
        """Open the page a token names, once without a reader who signed in. Raises `NotAllowedNow` or `NotYours`."""

    async def page(self, session: str, reader: SignedIn | None = None) -> ReviewPage:
        """Return the page. Raises `NotFound` when the session is over or another's."""

    async def save_letter(self, session: str, letter_id: str, version: int, subject: str, text: str) -> tuple[str, ...]:
        """Save a draft and return (); or save nothing and return the words of the blocks that lack."""

    async def add_file(self, session: str, task_id: str, name: str, content: bytes) -> None:
        """Keep a file that belongs to a task done by hand."""

    async def parcel(self, session: str, task_id: str) -> Parcel:
        """Return the person's file, for who hands it on as they approved."""

    async def correct(self, session: str, task_id: str, seen: str, wanted: Mapping[str, str] | None) -> None:
        """Keep what was written on a sheet; None: nothing to correct there. Raises `Incomplete` or `StaleCard`."""

    async def act(self, session: str, act: Act, target: str) -> None:
        """Do what a button beside an entry of a list says."""

    async def answer(self, session: str, about: str, chosen: str, reference: str) -> None:
        """Carry out the answer to a question on the page."""


def review_routes(
    review: Review, pages: Pages, *, secure: bool, guesses: Guesses, door: FrontDoor | None = None
) -> list[web.RouteDef]:
    """Return the routes of the review page. `secure`: the desk is reached by https, so is its cookie.

    `door` is where colleagues sign in; None: a link alone opens its page, once.
    """
    room = _Room(review, pages, secure, guesses, asyncio.Semaphore(AT_ONCE), door)
    inside = [
        web.get(PLACE, room.page),
        web.post(f"{PLACE}/letter", room.save_letter),
        web.post(f"{PLACE}/upload", room.add_file),
        web.post(f"{PLACE}/parcel", room.parcel),
        web.post(f"{PLACE}/correct", room.correct),
        web.post(f"{PLACE}/answer", room.answer),
        *(web.post(f"{PLACE}/{act}", partial(room.act, act)) for act in Act),
        *copy_routes(PLACE, review, room),
    ]
    return [
        *(inside if door is None else behind(door, inside)),
        web.get("/t/{ref}", room.point),
        web.get("/review/{token}", room.knock),
        web.post("/review/{token}", room.enter),
    ]


@dataclass(frozen=True, slots=True)
class _Room:
    review: Review
    pages: Pages
    secure: bool
    guesses: Guesses
    uploads: asyncio.Semaphore
    door: FrontDoor | None

    async def knock(self, request: web.Request) -> web.Response:
        self.guesses.refuse_too_many(remote_of(request))
        token = request.match_info["token"]
        knock = await self.review.knock(token)
        if knock.state is not KnockState.FRESH:
            return self._unusable(request)
        return await self._at_the_door(request, token, knock.language)

    async def point(self, request: web.Request) -> web.Response:
        """Answer an address that may be pasted: it names a ticket, and is no key to it.

        It leads who signs in to the ticket, and tells nobody else anything, not even whether there is one.
        """
        ref = request.match_info["ref"].upper()
        if not REFERENCE.fullmatch(ref):
            raise NotFound("web.not_found")
        if self.door is None:
            return self.pages.answer("look_up.html", language_of(request), {"ref": ref})
        return await self._at_the_door(request, ref, language_of(request))

    async def _at_the_door(self, request: web.Request, token: str, language: Language) -> web.Response:
        """Return the page whose one button goes on to what the token names."""
        reader = await self.door.who(request) if self.door else None
        values = {"token": token, "reader": _name(reader), "signs_in": bool(self.door)}
        answer = self.pages.answer("review_knock.html", reader.colleague.language if reader else language, values)
        return self.door.leading(answer) if self.door else answer

    async def enter(self, request: web.Request) -> web.Response:
        refuse_other_sites(request)
        self.guesses.refuse_too_many(remote_of(request))
        reader = await self.door.who(request) if self.door else None
        token = request.match_info["token"]
        if self.door and reader is None:
            known = (await self.review.knock(token)).state is KnockState.FRESH
            return await self.door.send(token) if known else self._unusable(request)
        try:
            session = await self.review.enter(token, reader)
        except NotAllowedNow:
            return self._unusable(request)
        path = f"/review/at/{secrets.token_urlsafe(9)}"
        answer = back_to(path)
        lives = LONGEST if reader else LIVES
        Cookie(COOKIE, path, self.secure).keep(answer, session, int(lives.total_seconds()))
        return answer

    async def page(self, request: web.Request) -> web.Response:
        try:
            page = await self.review.page(_session(request), reader_of(request))
        except NotFound:
            return self.pages.answer("review_over.html", language_of(request), {"signs_in": bool(self.door)}, 404)
        return self._shown(request, page, Told(TOLD.get(request.query.get("told", ""), "")), 200)

    async def save_letter(self, request: web.Request) -> web.Response:
        values = await typed(request)
        session, page = await self.checked(request, values)
        draft = _draft_of(page, one(values, "letter"))
        typed_draft = replace(draft, subject=one(values, "subject"), text=_unix(one(values, "text")))
        try:
            missing = await self.review.save_letter(
                session, draft.letter_id, _number(values, "version"), typed_draft.subject, typed_draft.text
            )
        except StaleCard as stale:
            return self._shown(request, page, Told(stale.key, stale.facts, typed_draft), 409)
        if missing:
            unsaved = Told("review.not_saved", unsaved=replace(typed_draft, missing=missing))
            return self._shown(request, page, unsaved, 422)
        return back_to(f"{request.path.removesuffix('/letter')}?told=saved")

    async def add_file(self, request: web.Request) -> web.Response:
        async with self.uploads:
            values, files = await typed_with_files(request, LONGEST_FILE)
            session, page = await self.checked(request, values)
            chosen = [upload for name, upload in files if name == "file" and upload.name]
            if not chosen:
                return self._shown(request, page, Told("review.no_file"), 422)
            for upload in chosen:
                await self.review.add_file(session, one(values, "task"), upload.name, upload.content)
        return back_to(f"{request.path.removesuffix('/upload')}?told=uploaded")

    async def parcel(self, request: web.Request) -> web.StreamResponse:
        values = await typed(request)
        session, _ = await self.checked(request, values)
        return await send_parcel(request, await self.review.parcel(session, one(values, "task")), _noted)

    async def correct(self, request: web.Request) -> web.Response:
        values = await typed(request)
        session, page = await self.checked(request, values)
        wanted = {name.removeprefix(FIELD): _unix(one(values, name)) for name in values if name.startswith(FIELD)}
        nothing = one(values, "nothing") == "1"
        try:
            await self.review.correct(session, one(values, "task"), one(values, "seen"), None if nothing else wanted)
        except (Incomplete, StaleCard) as refused:
            return self.refused(request, page, refused)
        return back_to(f"{request.path.removesuffix('/correct')}?told=saved")

    async def act(self, act: Act, request: web.Request) -> web.Response:
        values = await typed(request)
        session, _ = await self.checked(request, values)
        await self.review.act(session, act, one(values, "item"))
        return back_to(f"{request.path.removesuffix(f'/{act}')}?told={'shown' if act is Act.SHOW else 'saved'}")

    async def answer(self, request: web.Request) -> web.Response:
        values = await typed(request)
        session, page = await self.checked(request, values)
        try:
            await self.review.answer(session, one(values, "about"), one(values, "chosen"), one(values, "reference"))
        except Incomplete as refused:
            return self.refused(request, page, refused)
        return back_to(f"{request.path.removesuffix('/answer')}?told=saved")

    def refused(self, request: web.Request, page: ReviewPage, trouble: PrivacyDeskError) -> web.Response:
        """Return the page with the sentence that says why nothing was changed."""
        status = 409 if isinstance(trouble, StaleCard) else 422
        return self._shown(request, page, Told(trouble.key, trouble.facts), status)

    async def checked(self, request: web.Request, values: Values) -> tuple[str, ReviewPage]:
        """Return session and page of a POST that came from our own page; raises `NotAllowedNow` or `NotFound`."""
        refuse_other_sites(request)
        session = _session(request)
        page = await self.review.page(session, reader_of(request))
        if not compare_digest(page.csrf.encode(), one(values, "csrf").encode()):
            raise NotAllowedNow("web.elsewhere")
        return session, page

    def _unusable(self, request: web.Request) -> web.Response:
        self.guesses.wrong(remote_of(request))
        return self.pages.answer("review_unusable.html", language_of(request), {"signs_in": bool(self.door)}, 404)

    def _shown(self, request: web.Request, page: ReviewPage, told: Told, status: int) -> web.Response:
        sentence = self.pages.texts.say(page.language, told.key, told.facts) if told.key else ""
        mark = self.pages.texts.say(page.language, "review.mark_begins")
        shown = [drawn(section, told, mark) for section in page.sections]
        at = f"/review/at/{request.match_info['place']}"
        values = {"page": page, "sections": shown, "told": sentence, "wrong": status != 200, "at": at}
        values["reader"] = _name(reader_of(request))
        template = "evidence.html" if any(isinstance(one, Dossier) for one in page.sections) else "review.html"
        return self.pages.answer(template, page.language, values, status)


async def _noted() -> None:
    """Do nothing: that a colleague took the file was written down before its first piece."""


def _draft_of(page: ReviewPage, letter_id: str) -> LetterDraft:
    for section in page.sections:
        if isinstance(section, LetterDraft) and section.letter_id == letter_id:
            return section
    raise NotFound("refusal.letter_unknown", NO_FACTS)


def _number(values: Values, name: str) -> int:
    try:
        return int(one(values, name))
    except ValueError:
        raise Incomplete("web.not_a_form", {"field": name}) from None


def _unix(text: str) -> str:
    """Return what a browser sent with its line ends as we keep them."""
    return text.replace("\r\n", "\n")


def _session(request: web.Request) -> str:
    return request.cookies.get(COOKIE, "")


def _name(reader: SignedIn | None) -> str:
    return reader.colleague.name if reader else ""
