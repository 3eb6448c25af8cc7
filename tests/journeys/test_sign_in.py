"""Colleagues sign in before a page shows content (D15): who gets in, how long, and that nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from selectolax.lexbor import LexborHTMLParser
from yarl import URL

from bot.card import Link, Verb
from bot.domain.ledger import LedgerEvent
from bot.domain.people import People
from bot.domain.request import Language
from bot.ports import LinkPurpose
from bot.services.staff.roster import catch_up, changed
from tests.journeys.furnished import FIRST, Visitor
from tests.journeys.guarded import CONTENT, DAVID, KARIN, MARIA, SARA, STRANGER, Guarded
from tests.journeys.test_calendar import the_review
from tests.journeys.test_quiet_list import TIPS
from tests.standins.entra import SECRET


def said(page: str) -> str:
    """Return the one sentence of a page."""
    lead = LexborHTMLParser(page).css_first(".lead")
    assert lead is not None
    return lead.text()


async def test_a_link_names_the_page_and_only_signing_in_opens_it(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    status, page = await browser.get(path)
    assert (status, CONTENT in page) == (200, False)
    async with browser.session.post(f"{browser.url}{path}", allow_redirects=False) as answer:
        assert (answer.status, await answer.text()) == (303, "")
        assert answer.headers["Location"].startswith(guarded.entra.url)
    status, page = await guarded.enter(browser, path, SARA)
    assert status == 200
    assert CONTENT in page
    assert "Inloggad som Sara Lind" in page
    looks = [one.actor for one in await guarded.desk.events() if one.event is LedgerEvent.LOOKED]
    assert looks == ["sara"]
    assert (LedgerEvent.SIGNED_IN, "sara", "") in await guarded.events()


async def test_the_next_link_needs_no_second_sign_in_and_the_same_one_opens_again(guarded: Guarded) -> None:
    """A link is not used up: closing a tab costs nothing, and each opening is written down."""
    first, second = await guarded.link(), await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, first, SARA)
    for path in (second, first):
        status, page, _ = await guarded.open(browser, path)
        assert (status, CONTENT in page) == (200, True)
    assert len(guarded.entra.forms) == 1
    assert [one.event for one in await guarded.desk.events()].count(LedgerEvent.LOOKED) == 3


async def test_signing_out_closes_every_page(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    kept = {cookie.key: cookie.value for cookie in browser.session.cookie_jar}
    status, page = await browser.post("/sign-out")
    assert (status, "utloggad" in page) == (200, True)
    assert (await browser.get(at))[0] == 403
    thief = await guarded.desk.visitor()
    thief.session.cookie_jar.update_cookies(kept)
    status, page = await thief.get(at)
    assert (status, CONTENT in page) == (403, False), "a copy of the cookies is worth nothing either"
    assert (LedgerEvent.SIGNED_OUT, "sara", "") in await guarded.events()
    assert (await browser.post("/sign-out"))[0] == 200


async def test_a_session_ends_when_nothing_happens_and_after_a_working_day(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    for _ in range(19):
        guarded.desk.clock.advance(timedelta(minutes=25))
        assert (await browser.get(at))[0] == 200
    guarded.desk.clock.advance(timedelta(minutes=6))
    assert (await browser.get(at))[0] == 403, "eight hours, however busy"
    path = await guarded.link()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    guarded.desk.clock.advance(timedelta(minutes=31))
    assert (await browser.get(at))[0] == 403


async def test_what_was_typed_outlives_the_session(guarded: Guarded) -> None:
    """Signed out in the middle of a letter: sign in beside, send the same words again."""
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    typed = {"csrf": await csrf_of(guarded, browser, at), "about": "nothing", "chosen": "<b>mina ord</b>"}
    guarded.desk.clock.advance(timedelta(minutes=45))
    status, page = await browser.post(f"{at}/answer", typed)
    assert status == 403
    kept = guarded.desk.form_of(page, "answer")
    assert kept == typed
    assert "<b>mina ord</b>" not in page
    beside, shown = await guarded.come_back(
        browser, guarded.entra.agree(await guarded.begin(browser, "/sign-in"), SARA)
    )
    assert (beside, "Du är inloggad" in shown) == (200, True)
    status, page = await browser.post(f"{at}/answer", kept)
    assert status == 404, "it arrived: there is no such question, says the desk itself"


async def csrf_of(guarded: Guarded, browser: Visitor, at: str) -> str:
    """Return what proves that a form came from an opened page, whether it has one or not."""
    cookies = browser.session.cookie_jar.filter_cookies(URL(f"{browser.url}{at}"))
    async with guarded.desk.opened.house.work() as unit:
        return unit.index.digest("csrf", cookies["review_session"].value)


async def test_files_cannot_be_kept_and_that_is_said(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    await browser.post("/sign-out")
    for size in (10, 3_000_000):
        form = FormData()
        form.add_field("csrf", "x")
        form.add_field("file", BytesIO(b"x" * size), filename="a.csv")
        async with browser.session.post(f"{browser.url}{at}/upload", data=form) as answer:
            assert answer.status == 403
            assert "lägg till filerna" in await answer.text()


async def test_a_colleague_reads_as_themselves_and_only_what_is_theirs(guarded: Guarded) -> None:
    """A link passed on opens for who would be handed one too, in their own name; nobody else, and that is noted."""
    path = await guarded.link("sara")
    maria = await guarded.desk.visitor()
    status, page = await guarded.enter(maria, path, MARIA)
    assert (status, CONTENT in page) == (200, True)
    assert [one.actor for one in await guarded.desk.events() if one.event is LedgerEvent.LOOKED] == ["maria"]
    david = await guarded.desk.visitor()
    status, page = await guarded.enter(david, path, DAVID)
    assert (status, CONTENT in page) == (403, False)
    assert "Sara" in said(page)
    assert (LedgerEvent.REFUSED, "david", "refusal.not_yours_handler") in await guarded.events()


async def test_lists_open_for_who_would_be_handed_them(guarded: Guarded) -> None:
    """The quiet list is the handlers', a retention list its owner's too; who opened one is known by name (D29)."""
    await guarded.desk.raw_mail(TIPS)
    quiet = await guarded.link("sara", f"items:{guarded.desk.opened.house.today()}", Verb.OPEN_ITEM)
    await guarded.desk.tick("retention")
    about = await the_review(guarded.desk)
    stale = await guarded.link("maria", about, Verb.REVIEW_LIST)
    status, page = await guarded.enter(await guarded.desk.visitor(), quiet, MARIA)
    assert (status, "vilken tid serveras" in page) == (200, True)
    karin = await guarded.desk.visitor()
    status, page = await guarded.enter(karin, stale, KARIN)
    assert (status, "Gallringslistan" in page) == (200, True)
    status, page = await karin.post(quiet)
    assert (status, "Sara" in said(page)) == (403, True)
    status, page = await guarded.enter(await guarded.desk.visitor(), stale, DAVID)
    assert (status, "HubSpot" in said(page), "Karin" in said(page)) == (403, True, True)
    async with guarded.desk.opened.house.work() as unit:
        assert (await unit.reviews.load(about.removeprefix("review:"))).opened_by == ("karin",)


async def test_who_has_signed_in_beside_goes_straight_on(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    status, page = await browser.post("/sign-in", {"page": at.removeprefix("/review/")})
    assert (status, CONTENT in page) == (200, True)
    assert len(guarded.entra.forms) == 1


async def test_a_page_is_whose_it_is(guarded: Guarded) -> None:
    """Another colleague at the same browser does not find the first one's page open."""
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    _, _, at = await guarded.open(browser, path)
    csrf = await csrf_of(guarded, browser, at)
    await browser.post("/sign-out")
    await guarded.enter(browser, path, MARIA)
    status, page = await browser.get(at)
    assert (status, CONTENT in page) == (404, False)
    assert (await browser.post(f"{at}/answer", {"csrf": csrf, "about": "x", "chosen": "y"}))[0] == 404


async def test_a_ticket_of_the_officers_alone_stays_hers(guarded: Guarded) -> None:
    path = await guarded.link("sara")
    async with guarded.desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    status, page = await guarded.enter(await guarded.desk.visitor(), path, SARA)
    assert (status, CONTENT in page) == (403, False)
    assert "Maria Ek" in said(page)
    status, page = await guarded.enter(await guarded.desk.visitor(), path, MARIA)
    assert (status, CONTENT in page) == (200, True)


async def test_who_the_desk_does_not_know_is_told_whom_to_ask(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    status, page = await guarded.enter(browser, path, STRANGER)
    assert status == 403
    assert said(page) == guarded.sentence("unknown", who="Maria Ek")
    assert not [cookie.key for cookie in browser.session.cookie_jar if cookie.key == "colleague"]
    assert (LedgerEvent.REFUSED, "desk", "refusal.sign_in_unknown") in await guarded.events()
    again = guarded.desk.form_of(page, "again")
    async with browser.session.post(f"{browser.url}/sign-in/again", data=again, allow_redirects=False) as answer:
        way = answer.headers["Location"]
    assert URL(way).query["prompt"] == "select_account", "or the login server takes the same account again, unasked"
    assert CONTENT in (await guarded.come_back(browser, guarded.entra.agree(way, SARA)))[1]


async def test_an_id_that_is_known_counts_and_an_address_no_longer(guarded: Guarded) -> None:
    """The address may be given to somebody new; the id never is."""
    house = guarded.desk.opened.house
    people = tuple(
        replace(one, handles={**one.handles, "teams": SARA.oid.upper()}) if one.id == "sara" else one
        for one in house.people.colleagues
    )
    await catch_up(house, People(people, house.people.rota))
    path = await guarded.link()
    renamed = replace(SARA, address="sara.berg@gotowork.example")
    assert CONTENT in (await guarded.enter(await guarded.desk.visitor(), path, renamed))[1]
    heir = replace(STRANGER, address=SARA.address)
    status, page = await guarded.enter(await guarded.desk.visitor(), path, heir)
    assert (status, said(page)) == (403, guarded.sentence("another_account", who="Maria Ek"))


async def test_an_address_counts_once_and_then_the_account_it_led_to(guarded: Guarded) -> None:
    """Who signed in is known by their account from then on: renamed they get in, who inherits the address does not."""
    path = await guarded.link()
    assert CONTENT in (await guarded.enter(await guarded.desk.visitor(), path, SARA))[1]
    renamed = replace(SARA, address="sara.berg@gotowork.example")
    assert CONTENT in (await guarded.enter(await guarded.desk.visitor(), path, renamed))[1]
    heir = replace(STRANGER, address=SARA.address)
    status, page = await guarded.enter(await guarded.desk.visitor(), path, heir)
    assert (status, said(page)) == (403, guarded.sentence("another_account", who="Maria Ek"))
    assert (LedgerEvent.REFUSED, "desk", "refusal.sign_in_another_account") in await guarded.events()


async def test_a_colleague_who_left_is_out_with_the_next_request(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, MARIA)
    _, _, at = await guarded.open(browser, path)
    house = guarded.desk.opened.house
    rest = tuple(one for one in house.people.colleagues if one.id != "maria")
    await catch_up(house, People(rest, house.people.rota))
    assert (await browser.get(at))[0] == 403


@pytest.mark.parametrize("to", ["moved", "left"])
async def test_who_moves_or_leaves_is_signed_out_at_once_for_good(guarded: Guarded, to: str) -> None:
    """The session was opened by an address that is theirs no more; that they come back under it opens nothing again."""
    path = await guarded.link()
    browser, other = await guarded.desk.visitor(), await guarded.desk.visitor()
    await guarded.enter(browser, path, MARIA)
    _, _, at = await guarded.open(browser, path)
    await guarded.enter(other, path, SARA)
    _, _, others = await guarded.open(other, path)
    house = guarded.desk.opened.house
    before = house.people.written
    moved = {"moved": (replace(before.by_id("maria"), email="maria.ny@goto.work"),), "left": ()}[to]
    rest = tuple(one for one in before.colleagues if one.id != "maria")
    await changed(house, replace(before, colleagues=(*rest, *moved)))
    assert (await browser.get(at))[0] == 403
    await changed(house, before)
    assert (await browser.get(at))[0] == 403, "nor is the session back with the name"
    status, page = await other.get(others)
    assert (status, CONTENT in page) == (200, True), "nobody else is signed out"


async def test_a_sign_in_belongs_to_the_browser_that_began_it(guarded: Guarded) -> None:
    """Neither a victim sent our way back with somebody's code, nor a thief with a code, gets in."""
    path = await guarded.link()
    begun, other = await guarded.desk.visitor(), await guarded.desk.visitor()
    brought = guarded.entra.agree(await guarded.begin(begun, path), SARA)
    await guarded.begin(other, path)
    status, page = await guarded.come_back(other, brought)
    assert status == 403
    assert said(page).startswith("Inloggningen hann bli för gammal")
    assert not guarded.entra.forms
    assert [event for event, _, _ in await guarded.events()].count(LedgerEvent.REFUSED) == 0, "strangers write nothing"
    assert CONTENT in (await guarded.come_back(begun, brought))[1]


async def test_two_sign_ins_side_by_side_do_not_disturb_each_other(guarded: Guarded) -> None:
    first, second = await guarded.link(), await guarded.link()
    browser = await guarded.desk.visitor()
    ways = [await guarded.begin(browser, path) for path in (first, second)]
    for way in ways:
        status, page = await guarded.come_back(browser, guarded.entra.agree(way, SARA))
        assert (status, CONTENT in page) == (200, True)


async def test_signing_in_gives_a_new_session_and_ends_the_one_before(guarded: Guarded) -> None:
    """A planted value is never taken over, and the old one is worth nothing afterwards."""
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    browser.session.cookie_jar.update_cookies({"colleague": "planted"}, URL(browser.url))
    ways = [await guarded.begin(browser, path) for _ in range(2)]
    sessions = ["planted"]
    for way in ways:
        assert (await guarded.come_back(browser, guarded.entra.agree(way, SARA)))[0] == 200
        sessions.append(session_of(browser))
    assert len(set(sessions)) == 3
    for over in sessions[:2]:
        thief = await guarded.desk.visitor()
        thief.session.cookie_jar.update_cookies({"colleague": over}, URL(browser.url))
        await guarded.begin(thief, path)


def session_of(browser: Visitor) -> str:
    """Return the value of a browser's session."""
    return next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "colleague")


async def test_a_sign_in_may_take_a_quarter_of_an_hour(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    way = await guarded.begin(browser, path)
    guarded.desk.clock.advance(timedelta(minutes=14))
    assert CONTENT in (await guarded.come_back(browser, guarded.entra.agree(way, SARA)))[1]
    other = await guarded.desk.visitor()
    way = await guarded.begin(other, path)
    guarded.desk.clock.advance(timedelta(minutes=16))
    assert (await guarded.come_back(other, guarded.entra.agree(way, SARA)))[0] == 403


async def test_a_code_is_worth_one_sign_in(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    brought = guarded.entra.agree(await guarded.begin(browser, path), SARA)
    kept = {cookie.key: cookie.value for cookie in browser.session.cookie_jar}
    assert (await guarded.come_back(browser, brought))[0] == 200
    status, page = await guarded.come_back(browser, brought)
    assert (status, "Du är inloggad" in page) == (200, True), "pressed twice, and they are in already"
    assert len(guarded.entra.forms) == 1, "the browser has let go of it"
    thief = await guarded.desk.visitor()
    thief.session.cookie_jar.update_cookies(kept)
    assert (await guarded.come_back(thief, brought))[0] == 403, "and Entra ID knows the code"


TROUBLE: list[tuple[str, Mapping[str, Any], int]] = [
    ("unreachable", {"keys_status": 500}, 503),  # the first: keys once learnt are kept
    ("unreachable", {"token_status": 503}, 503),
    ("settings", {"refuses_token": 7000222}, 503),
    ("settings", {"refuses_token": 700027}, 503),
    ("conditions", {"refuses_token": 53003}, 403),
    ("more_proof", {"refuses_token": 50076}, 403),
    ("over", {"refuses_token": 70008}, 403),
    ("clock", {"claims": {"nbf": 4_000_000_000, "iat": 4_000_000_000}}, 503),
    ("foreign", {"claims": {"tid": "99999999-1111-4222-8333-444444444444"}}, 403),
    ("guest", {"claims": {"idp": "live.com"}}, 403),
    ("not_ours", {"claims": {"nonce": "another"}}, 403),
]


@pytest.mark.parametrize("language", Language)
async def test_whatever_goes_wrong_is_one_clear_page_and_the_way_back_is_there(
    guarded: Guarded, language: Language
) -> None:
    path = await guarded.link()
    for key, knobs, expected in TROUBLE:
        browser = await guarded.desk.visitor()
        browser.session.headers["Accept-Language"] = language
        for name, value in knobs.items():
            setattr(guarded.entra, name, value)
        status, page = await guarded.enter(browser, path, SARA)
        assert (status, said(page)) == (expected, guarded.sentence(key, language))
        for name in knobs:
            setattr(guarded.entra, name, {} if name == "claims" else 0)
        if "choose" not in guarded.desk.form_of(page, "again"):
            status, page = await browser.post("/sign-in/again", guarded.desk.form_of(page, "again"))
            assert (status, "Här finns personuppgifter" in page or "personal data" in page) == (200, True)
        assert CONTENT in (await guarded.enter(browser, path, SARA))[1], "nothing is lost: the same link opens"


async def test_what_the_login_page_refuses_leads_back_too(guarded: Guarded) -> None:
    path = await guarded.link()
    for number, key in ((65004, "cancelled"), (53003, "conditions"), (50105, "unassigned")):
        browser = await guarded.desk.visitor()
        brought = guarded.entra.refuse(await guarded.begin(browser, path), number)
        status, page = await guarded.come_back(browser, brought)
        assert (status, said(page)) == (403, guarded.sentence(key))
        assert "anna@" not in page
        async with browser.session.post(
            f"{browser.url}/sign-in/again", data=guarded.desk.form_of(page, "again"), allow_redirects=False
        ) as answer:
            chosen_anew = answer.headers["Location"].startswith(guarded.entra.url)
            assert chosen_anew or answer.headers["Location"] == path
            assert chosen_anew is (key == "unassigned")


async def test_what_comes_back_without_sense_is_answered_calmly(guarded: Guarded) -> None:
    browser = await guarded.desk.visitor()
    assert (await browser.get("/sign-in/back"))[0] == 400
    for brought in ({}, {"state": "s"}, {"code": "c"}, {"state": "s" * 9000, "code": "<script>"}):
        status, page = await guarded.come_back(browser, brought)
        assert status in (400, 403)
        assert "<script>" not in page
    assert "Du är inte inloggad" in (await browser.post("/sign-in/again", {"state": "unknown"}))[1]
    for odd in ("../c/x", "https://evil.example", "at/", "a b c d e f", "x" * 65):
        assert (await browser.post("/sign-in", {"page": odd}))[0] == 404
    assert not guarded.entra.forms


async def test_another_sites_page_can_neither_begin_nor_finish_nor_end_a_sign_in(guarded: Guarded) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    await guarded.enter(browser, path, SARA)
    for where in ("/sign-in", "/sign-in/finish", "/sign-in/again", "/sign-out", path):
        crossed = {"Sec-Fetch-Site": "cross-site"}
        async with browser.session.post(f"{browser.url}{where}", headers=crossed) as answer:
            assert answer.status == 409
    assert CONTENT in (await guarded.open(browser, path))[1]


async def test_who_brings_nonsense_back_again_and_again_is_slowed_down(
    guarded: Guarded,
) -> None:
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    statuses = [(await guarded.come_back(browser, {"state": f"s{n}", "code": "c"}))[0] for n in range(101)]
    assert (statuses[0], statuses[-1]) == (403, 429)
    assert (await browser.get(path))[0] == 200


async def test_addresses_and_logs_say_nothing_of_anybody(guarded: Guarded, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    path = await guarded.link()
    browser = await guarded.desk.visitor()
    way = await guarded.begin(browser, path)
    brought = guarded.entra.agree(way, SARA)
    await guarded.come_back(browser, brought)
    token = path.rpartition("/")[2]
    assert token not in way, "the login server does not learn which page it is for"
    for address in (*browser.asked, way):
        for hint in ("sara", "Sara", "gotowork.example", brought["code"], FIRST, SARA.oid):
            assert hint not in address.replace(guarded.desk.opened.house.public_url, "")
    # the database's own library logs what it is asked when debugging, which the desk never lets it
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "aiosqlite")
    for secret in (brought["code"], brought["state"], token, SECRET, SARA.oid, SARA.address, session_of(browser)):
        assert secret not in logged


async def test_sessions_and_links_that_are_over_are_swept(guarded: Guarded) -> None:
    path = await guarded.link()
    await guarded.enter(await guarded.desk.visitor(), path, SARA)
    await guarded.desk.later(timedelta(days=3))
    await guarded.desk.tick("forget")
    assert await links_left(guarded) == 0


async def links_left(guarded: Guarded) -> int:
    """Return how many links and sessions of colleagues the store still holds."""
    purposes = tuple(one.value for one in (LinkPurpose.REVIEW, LinkPurpose.SIGN_IN))
    async with guarded.desk.opened.house.work() as unit:
        session = unit.links._session  # type: ignore[attr-defined] # what lies on disk, behind the port
        rows = await session.rows("SELECT count(*) AS n FROM link WHERE purpose IN ($1, $2)", *purposes)
    return int(rows[0]["n"])


async def test_the_file_of_a_case_is_for_who_walks_cases(guarded: Guarded) -> None:
    """Its link opens for whoever would be handed it, as themselves; an owner, who would not, is refused (D26)."""
    shown = await guarded.desk.opened.desk.say(guarded.desk.who("sara"), f"akt {FIRST}")
    (link,) = (one.url for one in shown.elements if isinstance(one, Link))
    path = link.removeprefix(guarded.desk.opened.house.public_url)
    status, page = await guarded.enter(await guarded.desk.visitor(), path, KARIN)
    assert status == 403
    assert "kedja" not in page
    status, page = await guarded.enter(await guarded.desk.visitor(), path, MARIA)
    assert status == 200
    assert "Granskningsloggens kedja är obruten" in page
    assert "Inloggad som Maria Ek" in page
    looks = [(one.actor, dict(one.facts)) for one in await guarded.desk.events() if one.event is LedgerEvent.LOOKED]
    assert looks == [("maria", {"file": 1})]
