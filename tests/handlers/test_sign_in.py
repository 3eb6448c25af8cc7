"""The front door's cookies and headers; what becomes of a sign-in is walked through in tests/journeys."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from aiohttp import FormData

from bot.domain.errors import NotAllowedNow
from bot.services.pages.admission import SignedIn
from bot.services.pages.signing_in import Finished, Started
from handlers.guesses import Guesses
from handlers.page import Pages
from handlers.review import review_routes
from handlers.sign_in import FrontDoor
from tests.handlers.conftest import Client, Serve, only, sound, words
from tests.handlers.stand_ins import PEOPLE, TEXTS, SmallReview

LOGIN = "https://login.example"
TOKEN = "review-token-0123456789"
UNTIL = datetime(2026, 3, 9, 18, tzinfo=UTC)


class SmallSigningIn:
    """One colleague, one session."""

    def __init__(self) -> None:
        self.sessions: dict[str, str] = {}
        self.finishing: list[tuple[str, Mapping[str, str], str]] = []

    async def begin(self, page: str, *, choose: bool = False) -> Started:
        return Started(f"{LOGIN}/authorize?state=s1{'&choose' * choose}", "s1", f"sealed-{page}")

    def page_of(self, sealed: str) -> str:
        return sealed.removeprefix("sealed-")

    async def finish(self, sealed: str, answer: Mapping[str, str], before: str) -> Finished:
        self.finishing.append((sealed, answer, before))
        if not sealed:
            raise NotAllowedNow("refusal.sign_in_over")
        self.sessions["value"] = "sara"
        return Finished("value", self.page_of(sealed))

    async def who(self, session: str) -> SignedIn | None:
        name = self.sessions.get(session)
        return SignedIn(PEOPLE.by_id(name), UNTIL) if name else None

    async def sign_out(self, session: str) -> None:
        self.sessions.pop(session, None)


@pytest.fixture
def signing_in() -> SmallSigningIn:
    """Nobody is signed in."""
    return SmallSigningIn()


async def served(serve: Serve, review: SmallReview, signing_in: SmallSigningIn, *, secure: bool) -> Client:
    """Return a colleague's browser at a desk reached by https, or by http on this machine."""
    pages = Pages(TEXTS)
    door = FrontDoor(signing_in, pages, LOGIN, secure, Guesses(allowed=5))
    doors = [review_routes(review, pages, secure=secure, guesses=Guesses(allowed=5), door=door), door.routes()]
    return await serve(doors)


@pytest.fixture
async def guarded(serve: Serve, review: SmallReview, signing_in: SmallSigningIn) -> Client:
    """A browser at a desk where colleagues sign in."""
    return await served(serve, review, signing_in, secure=False)


async def enter(browser: Client) -> str:
    """Sign in on the way to a page; return the page's address."""
    await browser.post(f"/review/{TOKEN}", allow_redirects=False)
    answer = await browser.post("/sign-in/finish", data={"state": "s1", "code": "c"})
    assert answer.status == 200
    return answer.url.path


async def test_every_cookie_is_strict_hidden_from_scripts_and_this_hosts_alone(
    serve: Serve, review: SmallReview, signing_in: SmallSigningIn
) -> None:
    browser = await served(serve, review, signing_in, secure=True)
    begun = await browser.post("/sign-in", data={"page": TOKEN}, allow_redirects=False)
    (way,) = begun.cookies.values()
    sent = {"Cookie": f"{way.key}={way.value}"}
    done = await browser.post("/sign-in/finish", data={"state": "s1", "code": "c"}, headers=sent, allow_redirects=False)
    session = done.cookies["__Host-colleague"]
    assert (done.status, done.headers["Location"]) == (307, f"/review/{TOKEN}")
    for cookie, lives in ((way, "900"), (session, "28800")):
        assert cookie.key.startswith("__Host-")
        assert (cookie["samesite"], cookie["path"], cookie["domain"], cookie["max-age"]) == ("Strict", "/", "", lives)
        assert cookie["httponly"]
        assert cookie["secure"]
    assert done.cookies[way.key]["max-age"] == "0", "what the sign-in needed is dropped"
    assert TOKEN not in way.key


async def test_only_the_page_that_asks_to_sign_in_may_lead_to_the_login_server(
    guarded: Client, review: SmallReview
) -> None:
    asked = await guarded.get(f"/review/{TOKEN}")
    assert f"form-action 'self' {LOGIN};" in asked.headers["Content-Security-Policy"]
    page = sound(await asked.text())
    assert only(page, "main form").attributes == {"method": "post", "action": f"/review/{TOKEN}"}
    sent = await guarded.post(f"/review/{TOKEN}", allow_redirects=False)
    assert (sent.status, sent.headers["Location"]) == (303, f"{LOGIN}/authorize?state=s1")
    assert not review.sessions
    assert (await guarded.post("/review/unknown-token", allow_redirects=False)).status == 404
    at = await enter(guarded)
    shown = await guarded.get(at)
    assert "form-action 'self';" in shown.headers["Content-Security-Policy"]
    assert "Inloggad som" in words(sound(await shown.text()), "main")


async def test_what_comes_back_is_carried_on_by_a_press_and_nothing_else(
    guarded: Client, signing_in: SmallSigningIn
) -> None:
    """The cookies stay at home when another site sends the browser here, so nothing is decided then (D7c)."""
    crossed = {"Sec-Fetch-Site": "cross-site"}
    brought = {"state": "s1", "code": 'a"><b>', "session_state": "x", "error_description": ""}
    answer = await guarded.post("/sign-in/back", data=brought, headers=crossed)
    form = only(sound(await answer.text()), "form")
    hidden = {node.attributes["name"]: node.attributes["value"] for node in form.css("input")}
    assert hidden == {"state": "s1", "code": 'a"><b>'}
    assert form.attributes["action"] == "/sign-in/finish"
    assert not signing_in.finishing
    assert not answer.cookies
    assert (await guarded.post("/sign-in/finish", data=hidden, headers=crossed)).status == 409
    assert not signing_in.finishing


@pytest.mark.parametrize("act", ["letter", "upload", "parcel", "correct", "answer", "open", "copy", "copies", "copied"])
async def test_nothing_of_a_page_is_done_once_somebody_signed_out(
    guarded: Client, review: SmallReview, act: str
) -> None:
    at = await enter(guarded)
    await guarded.post("/sign-out")
    form = FormData(default_to_multipart=act in ("upload", "copy"))
    form.add_field("csrf", f"csrf-of-{TOKEN}")
    form.add_field("words", "Kim\nHolm")
    answer = await guarded.post(f"{at}/{act}", data=form)
    assert answer.status == 403
    page = sound(await answer.text())
    again = only(page, f"form[action='{at}/{act}']")
    assert again.attributes["enctype"] == answer.request_info.headers["Content-Type"].partition(";")[0]
    kept = {node.attributes["name"]: node.attributes["value"] for node in again.css("input")}
    assert kept == {"csrf": f"csrf-of-{TOKEN}", "words": "Kim\nHolm"}
    done = [review.acted, review.judged, review.files, review.corrected, review.answered]
    assert not any(done)


async def test_every_page_of_the_door_is_sound(guarded: Client) -> None:
    sound(await (await guarded.get("/sign-in")).text())
    sound(await (await guarded.get("/sign-in/back")).text())
    failed = await guarded.post("/sign-in/finish", data={"state": "x", "code": "c"})
    assert failed.status == 403
    sound(await failed.text())
    at = await enter(guarded)
    sound(await (await guarded.get("/sign-in")).text())
    sound(await (await guarded.get(f"/review/{TOKEN}")).text())
    sound(await (await guarded.post("/sign-out")).text())
    sound(await (await guarded.get(at)).text())
