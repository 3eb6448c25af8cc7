"""The page that takes an opt-out back: looking changes nothing, the cookie is strict, other sites cannot press."""

from dataclasses import dataclass, field

import pytest

from bot.domain.errors import NotAllowedNow, NotFound
from bot.domain.request import Language
from bot.services.person_views import Knock, KnockState, UndoPage, UndoState
from handlers.guesses import Guesses
from handlers.page import Pages
from handlers.undo import undo_routes
from tests.handlers.conftest import Client, Serve, only, sound, words
from tests.handlers.stand_ins import REF, TEXTS

LINK = "/undo/fresh-token-0123456789"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@dataclass
class SmallUndo:
    """One link that leads to one opt-out."""

    fresh: bool = True
    state: UndoState = UndoState.OPEN
    language: Language = Language.SV
    sessions: set[str] = field(default_factory=set)

    async def knock(self, token: str) -> Knock:
        known = token == LINK.rpartition("/")[2] and self.fresh
        return Knock(self.language, KnockState.FRESH if known else KnockState.UNKNOWN)

    async def enter(self, token: str) -> str:
        if (await self.knock(token)).state is not KnockState.FRESH:
            raise NotAllowedNow("refusal.link_spent")
        self.fresh = False
        self.sessions.add("session")
        return "session"

    async def page(self, session: str) -> UndoPage:
        if session not in self.sessions:
            raise NotFound("refusal.session_over")
        return UndoPage(REF, self.language, "inga fler utskick", self.state)

    async def undo(self, session: str) -> None:
        await self.page(session)
        if self.state is UndoState.TOO_LATE:
            raise NotAllowedNow("refusal.not_undoable")
        self.state = UndoState.DONE


@pytest.fixture
def undo() -> SmallUndo:
    return SmallUndo()


@pytest.fixture
async def person(serve: Serve, undo: SmallUndo) -> Client:
    return await serve([undo_routes(undo, Pages(TEXTS), secure=False, guesses=Guesses(allowed=5))])


async def test_looking_changes_nothing(person: Client, undo: SmallUndo) -> None:
    for _ in range(3):
        answer = await person.get(LINK)
        page = sound(await answer.text())
        assert only(page, "main form").attributes == {"method": "post", "action": LINK}
        assert "Set-Cookie" not in answer.headers
    assert undo.fresh
    assert (await person.get("/undo/page")).status == 404


async def test_pressing_opens_once_and_pressing_again_takes_it_back(person: Client, undo: SmallUndo) -> None:
    answer = await person.post(LINK, allow_redirects=False)
    cookie = answer.cookies["undo_session"]
    assert (answer.status, answer.headers["Location"]) == (303, "/undo/page")
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Strict", "/undo", "1800")
    page = await (await person.get("/undo/page")).text()
    assert "inga fler utskick" in words(sound(page), "main")
    assert undo.state is UndoState.OPEN
    assert "En kollega slår på utskicken igen" in await (await person.post("/undo/page")).text()
    assert (await person.post(LINK)).status == 404


async def test_behind_https_the_cookie_is_secure(serve: Serve, undo: SmallUndo) -> None:
    client = await serve([undo_routes(undo, Pages(TEXTS), secure=True, guesses=Guesses())])
    assert (await client.post(LINK, allow_redirects=False)).cookies["undo_session"]["secure"]


@pytest.mark.parametrize("path", [LINK, "/undo/page"])
async def test_another_site_cannot_press(person: Client, undo: SmallUndo, path: str) -> None:
    if path != LINK:
        await person.post(LINK)
    assert (await person.post(path, headers=ELSEWHERE)).status == 409
    assert undo.state is UndoState.OPEN


async def test_too_late_is_said_kindly_in_both_languages(person: Client, undo: SmallUndo) -> None:
    undo.state = UndoState.TOO_LATE
    await person.post(LINK)
    answer = await person.post("/undo/page")
    assert answer.status == 200
    assert "Det går inte att ångra" in await answer.text()
    undo.language = Language.EN
    page = sound(await (await person.get("/undo/page")).text())
    assert "It cannot be undone" in words(page, "main")


async def test_without_a_session_nothing_is_pressed(person: Client, undo: SmallUndo) -> None:
    assert (await person.post("/undo/page")).status == 404
    assert undo.state is UndoState.OPEN


async def test_guessing_is_slowed_down(person: Client) -> None:
    for _ in range(5):
        assert (await person.get("/undo/guess")).status == 404
    assert (await person.get("/undo/guess")).status == 429
    assert (await person.post(LINK)).status == 429
