"""Google Display: only where lists are synced, every spelling, an order followed to its end, of nobody else (D19)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date, timedelta

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, NeedsHuman, TryLater
from bot.domain.request import Role
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation, Receipt
from bot.ports import CarriesOut, Unseen
from integrations.by_hand import ByHand
from integrations.google.naming import hashed
from integrations.google_display import GoogleDisplay
from integrations.google_display.sandbox import CUSTOMERS, NEWSLETTER, GoogleDisplaySandbox, demo, stanza
from integrations.registry import Found, SettingsProblem
from integrations.sandbox import Fault, Trouble, serve
from integrations.strings import require
from tests.fakes import FixedClock
from tests.integrations.conftest import running

KEY = "google_display"
JANE = "Jane.Doe+news@gmail.com"
ASTRID = Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se")


class Lists:
    """Google Display and the sandbox behind it."""

    def __init__(self, system: GoogleDisplay, sandbox: GoogleDisplaySandbox) -> None:
        self.system = system
        self.sandbox = sandbox

    async def erase(self, *person: Identifier) -> list[Receipt]:
        """Order that all that is named be taken off."""
        return [await self.system.erase(record) for record in self.system.named(person)]


Open = Callable[..., Awaitable[Lists]]


@pytest.fixture
async def lists(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock, today: date
) -> AsyncIterator[Open]:
    """Open the lists with these settings beside the sandbox's own."""
    async with AsyncExitStack() as stack:

        async def open_lists(sandbox: GoogleDisplaySandbox | None = None, **settings: object) -> Lists:
            there = sandbox or demo(today)
            settings = {"seconds": 1.5} | settings
            one = await stack.enter_async_context(running(found[KEY], there, session, clock, settings))
            assert isinstance(one.system, GoogleDisplay)
            return Lists(one.system, there)

        yield open_lists


@pytest.mark.parametrize("spelling", ["jane.doe+news", "janedoe+news", "jane.doe", "janedoe"])
async def test_whatever_spelling_was_uploaded_it_comes_off(lists: Open, spelling: str) -> None:
    google = await lists()
    google.sandbox.add(f"{spelling}@gmail.com")
    google.sandbox.add("john.doe@gmail.com")
    (receipt,) = await google.erase(Identifier(IdentifierKind.EMAIL, JANE))
    await _wait(google, receipt)
    left = {hashed("john.doe@gmail.com"), hashed(ASTRID.value)}
    assert google.sandbox.lists == {CUSTOMERS: left, NEWSLETTER: left}


async def _wait(google: Lists, receipt: Receipt) -> None:
    with pytest.raises(TryLater):
        await google.system.carried_out(receipt)
    await google.system.carried_out(receipt)


async def test_no_address_leaves_in_words(lists: Open) -> None:
    google = await lists()
    await google.erase(ASTRID, Identifier(IdentifierKind.PHONE, "070-123 45 67"))
    assert "astrid" not in str(google.sandbox.seen).lower()
    assert hashed("+46701234567") in str(google.sandbox.seen)


async def test_an_order_is_followed_to_its_end(lists: Open) -> None:
    google = await lists(GoogleDisplaySandbox(polls=3))
    assert isinstance(google.system, Unseen)
    assert isinstance(google.system, CarriesOut)
    (receipt,) = await google.erase(ASTRID)
    for _ in range(3):
        with pytest.raises(TryLater) as caught:
            await google.system.carried_out(receipt)
        assert caught.value.key == "trouble.under_way"
        assert caught.value.after is None  # by our own pauses: seconds at first, then hours
    await google.system.carried_out(receipt)
    assert len(google.sandbox.writes()) == 1


@pytest.mark.parametrize("outcome", ["FAILED", "PARTIAL_SUCCESS"])
async def test_an_order_google_gave_up_is_a_colleagues(lists: Open, outcome: str) -> None:
    google = await lists()
    google.sandbox.outcome, google.sandbox.reason = outcome, "PROCESSING_ERROR_REASON_INTERNAL_ERROR"
    (receipt,) = await google.erase(ASTRID)
    with pytest.raises(TryLater):
        await google.system.carried_out(receipt)
    with pytest.raises(NeedsHuman) as caught:
        await google.system.carried_out(receipt)
    assert caught.value.key == "trouble.not_carried_out"
    assert caught.value.facts["code"] == "PROCESSING_ERROR_REASON_INTERNAL_ERROR"


async def test_an_outcome_we_do_not_know_is_not_taken_for_a_good_one(lists: Open) -> None:
    google = await lists(GoogleDisplaySandbox(polls=0))
    google.sandbox.outcome = "REQUEST_STATUS_UNKNOWN"
    (receipt,) = await google.erase(ASTRID)
    with pytest.raises(TryLater):
        await google.system.carried_out(receipt)


async def test_a_list_that_google_does_not_report_is_not_done(lists: Open) -> None:
    """Fewer answers than lists ordered: those that are missing are still on."""
    google = await lists(GoogleDisplaySandbox(polls=0))
    google.sandbox.add(ASTRID.value)
    google.sandbox.unheard = {NEWSLETTER}
    (receipt,) = await google.erase(ASTRID)
    for _ in range(2):
        with pytest.raises(TryLater) as caught:
            await google.system.carried_out(receipt)
        assert caught.value.key == "trouble.under_way"
    assert google.sandbox.lists == {CUSTOMERS: set(), NEWSLETTER: {hashed(ASTRID.value)}}
    google.sandbox.unheard = set()
    await google.system.carried_out(receipt)
    assert not any(google.sandbox.lists.values())


async def test_one_list_reported_twice_is_not_two(lists: Open) -> None:
    google = await lists(GoogleDisplaySandbox(polls=0))
    (receipt,) = await google.erase(ASTRID)
    one: JsonValue = {"destination": {"productDestinationId": CUSTOMERS}, "requestStatus": "SUCCESS"}
    twice: JsonValue = {"requestStatusPerDestination": [one, one]}
    google.sandbox.faults.add(Fault(Trouble.STATUS, path="requestStatus", status=200, body=twice))
    with pytest.raises(TryLater):
        await google.system.carried_out(receipt)
    await google.system.carried_out(receipt)


async def test_the_projects_minute_and_day_are_kept_to(lists: Open) -> None:
    google = await lists()
    assert (google.sandbox.minutely.most, google.sandbox.daily.most) == (300, 100_000)
    google.sandbox.minutely.most, google.sandbox.daily.most = 1, 2
    await google.erase(ASTRID)
    with pytest.raises(TryLater) as caught:
        await google.erase(ASTRID)
    assert caught.value.after == timedelta(minutes=1)
    google.sandbox.minutely.let_pass(60)
    await google.erase(ASTRID)
    google.sandbox.minutely.let_pass(60)
    with pytest.raises(TryLater) as caught:
        await google.erase(ASTRID)
    assert caught.value.after is not None
    assert caught.value.after > timedelta(hours=1), "until the day ends in California"
    google.sandbox.minutely.let_pass(86_400)
    google.sandbox.daily.let_pass(86_400)
    await google.erase(ASTRID)
    assert len(google.sandbox.writes()) == 3


async def test_counts_prove_nothing(lists: Open) -> None:
    """Google counts what it was sent: the letter must not say that somebody was there."""
    google = await lists(GoogleDisplaySandbox(polls=0))
    (receipt,) = await google.erase(Identifier(IdentifierKind.EMAIL, "nobody@example.se"))
    await google.system.carried_out(receipt)


async def test_more_lists_than_one_order_takes(lists: Open) -> None:
    sandbox = GoogleDisplaySandbox(polls=0)
    sandbox.lists = {str(number): {hashed(ASTRID.value)} for number in range(1, 24)}
    google = await lists(sandbox, list_ids=",".join(sandbox.lists))
    (receipt,) = await google.erase(ASTRID)
    assert len(receipt.note.split()) == 3
    await google.system.carried_out(receipt)
    assert not any(sandbox.lists.values())


async def test_a_manager_account_is_named_beside_ours(lists: Open) -> None:
    google = await lists(login_account_id="987-654-3210")
    await google.system.suppress(ASTRID)
    (order,) = google.sandbox.writes()
    assert isinstance(order.body, dict)
    assert (
        str(order.body["destinations"]).count(
            "'loginAccount': {'accountType': 'GOOGLE_ADS', 'accountId': '9876543210'}"
        )
        == 2
    )


async def test_neither_address_nor_number_is_never_sent(lists: Open) -> None:
    google = await lists()
    for one in (
        Identifier(IdentifierKind.EMAIL, "no address"),
        Identifier(IdentifierKind.PHONE, "ring mig"),
        Identifier(IdentifierKind.NAME, "Jane Doe"),
    ):
        with pytest.raises(NeedsHuman):
            await google.system.suppress(one)
    assert google.sandbox.seen == []


async def test_the_wrong_account_or_list_shows_when_probed(lists: Open) -> None:
    await (await lists()).system.probe()
    with pytest.raises(NeedsHuman):
        await (await lists(list_ids="1")).system.probe()
    with pytest.raises(CredentialsRefused):
        await (await lists(account_id="111-111-1111")).system.probe()
    with pytest.raises(NeedsHuman):
        await (await lists(list_ids="1")).erase(ASTRID)
    with pytest.raises(CredentialsRefused):
        await (await lists(account_id="1")).erase(ASTRID)


# --- of whom, and when not --------------------------------------------------------------------


def test_nobody_but_those_of_the_roles_is_named(found: dict[str, Found], today: date) -> None:
    folder, sandbox = found[KEY], demo(today)
    manifest = folder.manifest(folder.read(stanza("http://127.0.0.1", sandbox)))
    require(folder.strings, manifest)
    both = {IdentifierKind.EMAIL, IdentifierKind.PHONE}
    assert manifest.knows([Role.CONTRACT_CUSTOMER, Role.CANDIDATE]) == both
    for roles in ([], [Role.CANDIDATE], [Role.CONTACT], [Role.UNKNOWN]):
        assert manifest.knows(roles) == frozenset()


@pytest.mark.parametrize(
    ("changed", "erase"),
    [
        ({"list_sync": False}, Mode.ABSENT),
        ({"source_follows": False}, Mode.MANUAL),
        ({"credentials_path": ""}, Mode.MANUAL),
        ({}, Mode.AUTOMATIC),
    ],
)
async def test_by_itself_only_where_it_stays_done(
    found: dict[str, Found],
    session: aiohttp.ClientSession,
    clock: FixedClock,
    changed: dict[str, object],
    erase: Mode,
) -> None:
    """A source that does not follow would bring the person back with the next sync."""
    folder, sandbox = found[KEY], demo(clock.now().date())
    settings = folder.read(stanza("http://127.0.0.1", sandbox) | changed)
    manifest = folder.manifest(settings)
    assert manifest.how(Operation.ERASE).mode is erase
    require(folder.strings, manifest)
    assert folder.connect is not None
    system = folder.connect(settings, session, clock)
    assert isinstance(system, ByHand)
    assert isinstance(system, Unseen) is (erase is Mode.AUTOMATIC)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"roles": ""}, "ROLES: is missing, though a list is synced"),
        ({"roles": "candidate"}, "ROLES: must be among contact, attendee, contract customer; never candidates"),
        ({"account_id": ""}, "ACCOUNT_ID: is missing, though there is a key file"),
        ({"account_id": "our account"}, "ACCOUNT_ID: string should match pattern"),
        ({"list_ids": ""}, "LIST_IDS: is missing, though there is a key file"),
        ({"account_type": "FACEBOOK"}, "ACCOUNT_TYPE: input should be"),
    ],
)
def test_bad_settings_are_one_line(
    found: dict[str, Found], today: date, settings: dict[str, object], line: str
) -> None:
    sandbox = demo(today)
    with pytest.raises(SettingsProblem) as caught:
        found[KEY].read(stanza("http://127.0.0.1", sandbox) | settings)
    (said,) = caught.value.lines
    assert said.startswith(f"PRIVACY_SYSTEMS__GOOGLE_DISPLAY__{line}")


async def test_the_sandbox_refuses_what_google_would(session: aiohttp.ClientSession) -> None:
    sandbox = GoogleDisplaySandbox()
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    async with serve(sandbox.application()) as url:
        bodies: list[JsonValue] = [{}, {"destinations": [], "audienceMembers": []}, []]
        for body in bodies:
            async with session.post(f"{url}/v1/audienceMembers:remove", json=body, headers=headers) as answer:
                assert answer.status == 400
        async with session.get(f"{url}/v1/requestStatus:retrieve?requestId=7", headers=headers) as answer:
            assert answer.status == 404
