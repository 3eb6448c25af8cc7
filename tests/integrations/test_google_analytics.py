"""Google Analytics: nobody is seen, what an id may be, once for each property, quotas, and what is a colleague's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date, timedelta

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.cookie import EXAMPLE, client_ids
from bot.domain.errors import CredentialsRefused, NeedsHuman, TryLater
from bot.domain.request import Language, Role
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation, Record
from bot.i18n import Texts
from bot.ports import CarriesOut, Unseen
from config.texts import load_catalogue
from integrations.by_hand import ByHand
from integrations.google_analytics import GoogleAnalytics
from integrations.google_analytics.sandbox import (
    ASTRID,
    CAREERS,
    SITE,
    SOMEBODY_ELSES,
    GoogleAnalyticsSandbox,
    Visitor,
    demo,
    stanza,
)
from integrations.registry import Found, SettingsProblem
from integrations.sandbox import Fault, Trouble, serve
from integrations.strings import require
from tests.fakes import FixedClock
from tests.integrations.conftest import running

KEY = "google_analytics"
CLIENT = Identifier(IdentifierKind.GA_CLIENT_ID, ASTRID)
EMAIL = Identifier(IdentifierKind.EMAIL, "Astrid.Lundgren@gmail.com")
PHONE = Identifier(IdentifierKind.PHONE, "070-123 45 67")


class Account:
    """Google Analytics and the sandbox behind it."""

    def __init__(self, system: GoogleAnalytics, sandbox: GoogleAnalyticsSandbox) -> None:
        self.system = system
        self.sandbox = sandbox

    async def erase(self, *person: Identifier) -> list[str]:
        """Erase all that is named; return the receipts' notes."""
        return [(await self.system.erase(record)).note for record in self.system.named(person)]

    def sent(self) -> list[tuple[str, object]]:
        """Return property and body of each order carried out."""
        return [(one.path.split("/")[3].partition(":")[0], one.body) for one in self.sandbox.writes()]


Open = Callable[..., Awaitable[Account]]


@pytest.fixture
async def account(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock, today: date
) -> AsyncIterator[Open]:
    """Open Google Analytics with these settings beside the sandbox's own."""
    async with AsyncExitStack() as stack:

        async def open_account(sandbox: GoogleAnalyticsSandbox | None = None, **settings: object) -> Account:
            there = sandbox or demo(today)
            settings = {"seconds": 1.5} | settings
            one = await stack.enter_async_context(running(found[KEY], there, session, clock, settings))
            assert isinstance(one.system, GoogleAnalytics)
            return Account(one.system, there)

        yield open_account


async def test_one_order_for_each_property_and_the_moment_is_the_receipt(account: Open) -> None:
    google = await account()
    assert isinstance(google.system, Unseen)
    assert not isinstance(google.system, CarriesOut)
    assert await google.erase(CLIENT) == ["2026-03-09T09:00:00Z"]
    assert google.sent() == [(SITE, {"clientId": ASTRID}), (CAREERS, {"clientId": ASTRID})]


async def test_it_takes_effect_by_and_by(account: Open) -> None:
    """As the letter says: 72 hours in the reports, about two months on the servers."""
    google = await account()
    await google.erase(CLIENT)
    assert google.sandbox.in_reports(ASTRID) == [SITE, CAREERS]
    google.sandbox.let_pass(72)
    assert google.sandbox.in_reports(ASTRID) == []
    assert google.sandbox.on_servers(ASTRID) == [SITE, CAREERS]
    google.sandbox.let_pass(24 * 61)
    assert google.sandbox.on_servers(ASTRID) == []


async def test_an_unknown_id_is_taken_all_the_same(account: Open) -> None:
    """Why a receipt proves no visit, and the letter claims none."""
    google = await account()
    assert await google.erase(Identifier(IdentifierKind.GA_CLIENT_ID, "1.1600000000"))
    assert google.sandbox.in_reports(ASTRID) == [SITE, CAREERS]


@pytest.mark.parametrize(
    ("kind", "given", "sent"),
    [
        (IdentifierKind.GA_CLIENT_ID, f"_ga=GA1.2.{ASTRID}; _gid=GA1.2.5.1700000000", {"clientId": ASTRID}),
        (IdentifierKind.GA_USER_ID, " medlem-4711 ", {"userId": "medlem-4711"}),
        (IdentifierKind.GA_APP_INSTANCE, "0123456789abcdef" * 2, {"appInstanceId": "0123456789abcdef" * 2}),
    ],
)
async def test_each_id_goes_by_its_name(account: Open, kind: IdentifierKind, given: str, sent: dict[str, str]) -> None:
    google = await account(property_ids=SITE)
    await google.erase(Identifier(kind, given))
    assert google.sent() == [(SITE, sent)]


async def test_two_cookies_pasted_together_are_two_orders(account: Open) -> None:
    google = await account(property_ids=SITE)
    await google.erase(Identifier(IdentifierKind.GA_CLIENT_ID, f"GA1.2.{ASTRID} GA1.2.42.1600000001"), CLIENT)
    assert [body for _, body in google.sent()] == [{"clientId": ASTRID}, {"clientId": "42.1600000001"}]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (IdentifierKind.GA_CLIENT_ID, "jag hittar ingen"),
        (IdentifierKind.GA_CLIENT_ID, "_gid=GA1.2.5.1700000000"),
        (IdentifierKind.GA_USER_ID, "   "),
        (IdentifierKind.GA_USER_ID, "x" * 257),
        (IdentifierKind.GA_APP_INSTANCE, "0123"),
    ],
)
async def test_what_can_be_no_id_is_a_colleagues_to_look_at(account: Open, kind: IdentifierKind, given: str) -> None:
    """An order with it would erase nothing and look well."""
    google = await account()
    with pytest.raises(NeedsHuman) as caught:
        google.system.named([Identifier(kind, given)])
    assert caught.value.key == "trouble.no_such_id"
    assert google.sandbox.seen == []


# --- addresses (D19) --------------------------------------------------------------------------


async def test_an_address_is_told_to_google_only_where_it_is_collected(account: Open) -> None:
    google = await account()
    assert google.system.named([EMAIL, PHONE]) == ()
    collecting = await account(collects_addresses=True, collects_from="contact", property_ids=SITE)
    await collecting.erase(EMAIL, PHONE)
    assert [body for _, body in collecting.sent()] == [
        {"userProvidedData": "+46701234567"},
        {"userProvidedData": "astridlundgren@gmail.com"},
    ]
    with pytest.raises(NeedsHuman):
        collecting.system.named([Identifier(IdentifierKind.EMAIL, "no address")])


def test_addresses_of_whom(found: dict[str, Found], today: date) -> None:
    """Ids are the person's own to give; addresses only of the roles they are collected of, never of candidates."""
    folder, sandbox = found[KEY], demo(today)
    base = stanza("http://127.0.0.1", sandbox)
    manifest = folder.manifest(
        folder.read({**base, "collects_addresses": "true", "collects_from": "contact, attendee"})
    )
    require(folder.strings, manifest)
    ids = {IdentifierKind.GA_CLIENT_ID, IdentifierKind.GA_USER_ID, IdentifierKind.GA_APP_INSTANCE}
    assert manifest.knows([Role.CANDIDATE]) == manifest.knows([]) == ids
    assert manifest.knows([Role.CANDIDATE, Role.CONTACT]) == ids | {IdentifierKind.EMAIL, IdentifierKind.PHONE}


# --- refusals ---------------------------------------------------------------------------------


async def test_the_daily_quota_is_waited_out(account: Open, today: date) -> None:
    google = await account(GoogleAnalyticsSandbox([Visitor(SITE, "clientId", ASTRID)], today=today, daily=1))
    await google.erase(CLIENT)
    with pytest.raises(TryLater) as caught:
        await google.erase(CLIENT)
    assert caught.value.after == timedelta(hours=22)  # 09:05 to midnight in California, and five minutes
    google.sandbox.let_pass(24)
    await google.erase(CLIENT)


async def test_an_older_403_is_a_quota_too(account: Open) -> None:
    google = await account()
    body = {"error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": "rateLimitExceeded"}]}}
    google.sandbox.faults.add(Fault(Trouble.STATUS, status=403, times=2, body=body))  # type: ignore[arg-type] # invariant
    with pytest.raises(TryLater):
        await google.erase(CLIENT)
    assert len(google.sandbox.seen) == 1, "no second order: it would spend of the next day's quota"
    assert google.sandbox.grants == 1, "nor a fresh token: the old one is good"


async def test_a_property_that_is_not_there_is_no_success(account: Open) -> None:
    google = await account(property_ids="310009999")
    with pytest.raises(NeedsHuman) as caught:
        await google.erase(CLIENT)
    assert caught.value.key == "trouble.not_allowed_there"
    with pytest.raises(NeedsHuman):
        await google.system.probe()


async def test_a_property_of_somebody_else_is_refused(account: Open) -> None:
    google = await account(property_ids=SOMEBODY_ELSES)
    for call in (google.erase(CLIENT), google.system.probe()):
        with pytest.raises(CredentialsRefused):
            await call


async def test_a_revoked_token_is_replaced(account: Open) -> None:
    google = await account()
    await google.erase(CLIENT)
    google.sandbox.revoke()
    await google.erase(CLIENT)
    assert google.sandbox.grants == 2
    assert len(google.sent()) == 4


# --- the rest is a colleague's ----------------------------------------------------------------


async def test_rows_of_our_own_export_are_a_colleagues_and_come_last(account: Open) -> None:
    google = await account(bigquery=True)
    first, last = google.system.named([CLIENT])
    assert (first.kind, last.kind) == ("client", "exported")
    await google.system.erase(first)
    with pytest.raises(NeedsHuman) as caught:
        await google.system.erase(last)
    assert caught.value.key == "trouble.rest_by_hand"


async def test_an_export_that_the_settings_forgot_is_found(account: Open, today: date) -> None:
    exported = GoogleAnalyticsSandbox(today=today, exported=[CAREERS])
    google = await account(exported)
    with pytest.raises(NeedsHuman) as caught:
        await google.system.probe()
    assert caught.value.key == "trouble.exported_elsewhere"
    told = await account(GoogleAnalyticsSandbox(today=today, exported=[CAREERS]), bigquery=True)
    await told.system.probe()


async def test_without_a_key_it_is_by_hand(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    folder = found[KEY]
    assert folder.connect is not None
    system = folder.connect(folder.read({"credentials_path": "  "}), session, clock)
    assert isinstance(system, ByHand)
    assert not isinstance(system, Unseen)
    assert {system.manifest.how(one).mode for one in (Operation.FIND, Operation.EXPORT, Operation.ERASE)} == {
        Mode.MANUAL
    }
    require(folder.strings, system.manifest)
    with pytest.raises(NeedsHuman):
        await system.erase(Record(KEY, "client", "1"))


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"property_ids": ""}, "PROPERTY_IDS: is missing, though there is a key file"),
        ({"property_ids": "G-ABC123"}, "PROPERTY_IDS: must be numbers, separated by commas"),
        ({"collects_addresses": True}, "COLLECTS_FROM: is missing, though the properties collect addresses"),
        ({"collects_from": "contact,candidate"}, "COLLECTS_FROM: must be among contact, attendee, contract customer"),
        ({"login_url": "http://elsewhere.example"}, "LOGIN_URL: must begin with https://"),
    ],
)
def test_bad_settings_are_one_line(
    found: dict[str, Found], today: date, settings: dict[str, object], line: str
) -> None:
    sandbox = demo(today)
    with pytest.raises(SettingsProblem) as caught:
        found[KEY].read(stanza("http://127.0.0.1", sandbox) | settings)
    (said,) = caught.value.lines
    assert said.startswith(f"PRIVACY_SYSTEMS__GOOGLE_ANALYTICS__{line}")


async def test_the_sandbox_takes_exactly_one_id(session: aiohttp.ClientSession, today: date) -> None:
    sandbox = demo(today)
    async with serve(sandbox.application()) as url:
        place = f"{url}/v1alpha/properties/{SITE}:submitUserDeletion"
        headers = {"Authorization": f"Bearer {sandbox.token}"}
        bodies: list[JsonValue] = [{}, {"clientId": "1", "userId": "2"}, []]
        for body in bodies:
            async with session.post(place, json=body, headers=headers) as answer:
                assert answer.status == 400
                assert (await answer.json())["error"]["status"] == "INVALID_ARGUMENT"
    assert not sandbox.writes()


@pytest.mark.parametrize("language", list(Language))
def test_the_example_in_our_letters_is_taken_for_nobodys_id(found: dict[str, Found], language: Language) -> None:
    """It comes back in the quotation below the answer."""
    texts = Texts(load_catalogue())
    for said in (found[KEY].strings[language]["reason.not_known_by"], texts.say(language, "letter_help.ga_client_id")):
        assert f"GA1.1.{EXAMPLE}" in said
        assert client_ids(said) == ()


@pytest.mark.parametrize(("language", "words"), [("sv", "blockera kakor"), ("en", "block cookies")])
def test_the_letter_says_how_to_refuse_cookies(found: dict[str, Found], language: str, words: str) -> None:
    """P36: the person's own choice, and what they must do in the browser; P37: no reason to refuse anything."""
    texts = found[KEY].strings[language]
    for name in ("reason.restrict", "reason.suppress", "letter.erase"):
        assert words in texts[name]
        assert "tools.google.com/dlpage/gaoptout" in texts[name]
