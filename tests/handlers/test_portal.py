"""The person's page: what a link does, what a session may, and that a guess learns nothing."""

import pytest
from aiohttp import ClientError

from bot.domain.request import Language
from bot.services.person_views import Asks
from handlers.guesses import Guesses
from handlers.page import Pages
from handlers.portal import portal_routes
from tests.handlers.conftest import Client, Serve, only, sound, words
from tests.handlers.stand_ins import REF, TEXTS, SmallPortal

LINK = "/c/fresh-token-0123456789"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


async def opened(person: Client) -> str:
    """Open the link and return the page."""
    answer = await person.post(LINK)
    assert answer.status == 200
    assert answer.url.path == "/c/page"
    return await answer.text()


async def test_looking_at_a_link_changes_nothing(person: Client, portal: SmallPortal) -> None:
    for _ in range(3):
        answer = await person.get(LINK)
        page = sound(await answer.text())
        assert answer.status == 200
        assert only(page, "main form").attributes == {"method": "post", "action": LINK}
        assert "Set-Cookie" not in answer.headers
    assert not portal.sessions
    assert portal.fresh


async def test_pressing_opens_once_with_a_strict_cookie(person: Client, portal: SmallPortal) -> None:
    answer = await person.post(LINK, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/c/page")
    cookie = answer.cookies["c_session"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Strict", "/c", "1800")
    assert not cookie["secure"]
    assert (await person.post(LINK)).status == 404


async def test_behind_https_the_cookie_is_secure(serve: Serve, portal: SmallPortal) -> None:
    client = await serve([portal_routes(portal, Pages(TEXTS), secure=True, guesses=Guesses())])
    answer = await client.post(LINK, allow_redirects=False)
    assert answer.cookies["c_session"]["secure"]


async def test_unknown_used_and_expired_links_look_alike(person: Client, portal: SmallPortal) -> None:
    await person.post(LINK)
    person.session.cookie_jar.clear()
    shown = set()
    for token in ("fresh-token-0123456789", "short-one", "unknown-token-9876543210"):
        answer = await person.get(f"/c/{token}")
        assert answer.status == 404
        shown.add((await answer.text()).replace(token, "TOKEN"))
    assert len(shown) == 1


async def test_a_used_link_points_to_the_page_that_is_open(person: Client) -> None:
    await opened(person)
    assert 'href="/c/page"' in await (await person.get(LINK)).text()


async def test_guessing_is_slowed_down(person: Client) -> None:
    for _ in range(5):
        assert (await person.get("/c/guess")).status == 404
    answer = await person.get("/c/guess")
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "600"
    sound(await answer.text())
    assert (await person.post(LINK)).status == 429


async def test_a_new_link_is_asked_for_and_nothing_is_said(person: Client, portal: SmallPortal) -> None:
    answers = [await person.post(f"/c/{token}/new-link") for token in ("old-token", "unknown")]
    assert [answer.status for answer in answers] == [200, 200]
    assert len({await answer.text() for answer in answers}) == 1
    assert portal.asked_for_link == ["old-token", "unknown"]


async def test_the_page_says_where_the_request_is(person: Client) -> None:
    page = sound(await opened(person))
    assert REF in words(page, "main")
    now = only(page, "[aria-current=step]")
    assert " ".join(now.text().split()) == "Beslut (pågår)"
    assert [node.text().split()[-1] for node in page.css(".steps li")].count("(klart)") == 3
    assert "5 mars 2026" in words(page, ".facts")
    assert "7 april 2026" in words(page, ".facts")
    assert len(page.css("details.letter")) == 2


async def test_the_page_speaks_english(person: Client, portal: SmallPortal) -> None:
    portal.language = Language.EN
    page = sound(await opened(person))
    assert only(page, "html").attributes["lang"] == "en"
    assert "5 March 2026" in words(page, ".facts")


@pytest.mark.parametrize("asks", [Asks.CONFIRM_ERASURE, Asks.CONFIRM_IDENTITY, Asks.CONFIRM_FIRST])
async def test_yes_is_one_press(person: Client, portal: SmallPortal, asks: Asks) -> None:
    portal.asks = asks
    page = sound(await opened(person))
    assert words(page, ".ask button").startswith("Ja, ")
    answer = await person.post("/c/confirm")
    assert TEXTS.say(Language.SV, "portal.told_confirmed") in await answer.text()
    assert portal.asks is Asks.NOTHING


@pytest.mark.parametrize("asks", [Asks.CODE, Asks.ORDER_NUMBER])
async def test_a_wrong_answer_is_said_beside_the_field(person: Client, portal: SmallPortal, asks: Asks) -> None:
    portal.asks = asks
    field = only(sound(await opened(person)), "#answer")
    assert field.attributes["autocomplete"] == ("one-time-code" if asks is Asks.CODE else "off")
    page = sound(await (await person.post("/c/answer", data={"answer": " 000000 "})).text())
    assert only(page, "#answer").attributes["aria-invalid"] == "true"
    assert words(page, "#left") == "Du har 4 försök kvar."
    await person.post("/c/answer", data={"answer": "  "})
    assert portal.left == 4
    told = await (await person.post("/c/answer", data={"answer": " 123456 "})).text()
    assert TEXTS.say(Language.SV, "portal.told_answered") in told


async def test_spent_attempts_return_to_the_page(person: Client, portal: SmallPortal) -> None:
    portal.asks, portal.left = Asks.CODE, 0
    await opened(person)
    answer = await person.post("/c/answer", data={"answer": "1"})
    assert (answer.status, str(answer.url.relative())) == (200, "/c/page")


async def test_the_package_is_fetched_by_a_press(person: Client, portal: SmallPortal) -> None:
    portal.package_ready = True
    page = sound(await opened(person))
    assert "4,2 MB" in words(page, "section[aria-labelledby=package]")
    assert "men längst till 19 mars 2026" in words(page, "section[aria-labelledby=package]")
    answer = await person.post("/c/package")
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{REF}.zip"')
    assert (await answer.read()).startswith(b"PK")
    again = await (await person.get("/c/page")).text()  # by the same connection, so after it was noted
    assert portal.fetched
    assert "Hämta filen igen" in again
    assert "väntar tills du har hämtat filen" not in again


async def test_a_package_that_broke_off_was_not_fetched(person: Client, portal: SmallPortal) -> None:
    """What waits for the package may erase: half of it is no proof that the person has it (D3)."""
    portal.package_ready = portal.breaks_off = True
    await opened(person)
    with pytest.raises(ClientError):
        await (await person.post("/c/package")).read()
    assert not portal.fetched


async def test_withdrawing_asks_once_more(person: Client, portal: SmallPortal) -> None:
    page = sound(await opened(person))
    assert page.css_first('a[href="/c/withdraw"]')
    asked = sound(await (await person.get("/c/withdraw")).text())
    assert only(asked, "main form").attributes["action"] == "/c/withdraw"
    before = portal.withdrawn
    told = await (await person.post("/c/withdraw")).text()
    assert (before, portal.withdrawn) == (False, True)
    assert TEXTS.say(Language.SV, "portal.told_withdrawn") in told
    assert (await person.get("/c/withdraw")).url.path == "/c/page"


async def test_a_closed_request_shows_no_day_to_wait_for(person: Client, portal: SmallPortal) -> None:
    portal.stage = 6
    page = sound(await opened(person))
    assert "7 april" not in words(page, ".facts")
    assert not page.css("[aria-current=step]")


async def test_leaving_forgets_the_session(person: Client, portal: SmallPortal) -> None:
    portal.language = Language.EN
    await opened(person)
    answer = await person.post("/c/leave?language=en")
    assert only(sound(await answer.text()), "html").attributes["lang"] == "en"
    assert (await person.get("/c/page")).status == 404
    assert (await person.post("/c/leave?language=xx")).status == 200


async def test_without_a_session_nothing_happens(person: Client, portal: SmallPortal) -> None:
    portal.package_ready = True
    for path in ("/c/page", "/c/withdraw"):
        answer = await person.get(path)
        assert answer.status == 404
        sound(await answer.text())
    for path in ("/c/confirm", "/c/package", "/c/withdraw", "/c/answer"):
        assert (await person.post(path, data={"answer": "123456"})).status == 404
    assert not portal.fetched
    assert not portal.withdrawn


@pytest.mark.parametrize(
    "path", [LINK, f"{LINK}/new-link", "/c/confirm", "/c/answer", "/c/package", "/c/withdraw", "/c/leave"]
)
async def test_a_form_on_another_site_does_nothing(person: Client, portal: SmallPortal, path: str) -> None:
    await opened(person)
    portal.fresh.add("fresh-token-0123456789")
    portal.asks = Asks.CONFIRM_ERASURE
    answer = await person.post(path, headers=ELSEWHERE)
    assert answer.status == 409
    assert portal.asks is Asks.CONFIRM_ERASURE
    assert not portal.withdrawn
    assert not portal.asked_for_link


async def test_made_up_told_is_not_shown(person: Client) -> None:
    await opened(person)
    assert 'role="status"' not in await (await person.get("/c/page?told=%3Cb%3E")).text()
