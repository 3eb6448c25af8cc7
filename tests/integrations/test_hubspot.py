"""HubSpot: who is found, what is shared, what permanent deletion means, who shows no interest."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, OutcomeUnknown
from bot.domain.system import Identifier, IdentifierKind, Operation, Record
from bot.ports import KeepsContacts
from integrations.hubspot import MANIFEST, HubSpot
from integrations.hubspot.idle import began_it, last_sign
from integrations.hubspot.places import account_pause
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.hubspot.seed import Activity, Person, demo_people, interest
from integrations.registry import Found
from integrations.sandbox import Fault, Trouble
from tests.fakes import FixedClock
from tests.integrations.conftest import running
from tests.integrations.hubspots import PATIENT

MOA = "moa@example.com"


def email(address: str) -> list[Identifier]:
    return [Identifier(IdentifierKind.EMAIL, address)]


class Account:
    """HubSpot and the sandbox behind it."""

    def __init__(self, system: HubSpot, sandbox: HubSpotSandbox) -> None:
        self.system = system
        self.sandbox = sandbox

    async def find(self, address: str) -> Sequence[Record]:
        return await self.system.find(email(address))

    def deletions(self) -> list[object]:
        return [one.body for one in self.sandbox.writes("gdpr-delete")]


Open = Callable[..., Awaitable[Account]]


@pytest.fixture
async def account(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock, today: date
) -> AsyncIterator[Open]:
    """Open an account with these people in it."""
    async with AsyncExitStack() as stack:

        async def open_account(*people: Person, latency: float = 0.0) -> Account:
            sandbox = HubSpotSandbox(people, today=today, latency=latency, search_lag=60)
            up = await stack.enter_async_context(
                running(found["hubspot"], sandbox, session, clock, {"seconds": PATIENT})
            )
            assert isinstance(up.system, HubSpot)
            return Account(up.system, sandbox)

        yield open_account


async def test_finds_a_contact_by_its_first_address_in_any_case(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", phone="070-174 06 07"))
    (record,) = await hubspot.find(" Moa@Example.com ")
    assert record.kind == "contact"
    known = (Identifier(IdentifierKind.PHONE, "070-174 06 07"), Identifier(IdentifierKind.NAME, "Moa Ek"))
    assert record.contacts == (*email(MOA), *known)


async def test_finds_a_contact_by_a_further_address(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", further=("moa.ek@example.org",)))
    (record,) = await hubspot.find("moa.ek@example.org")
    assert record.contacts[:2] == (*email(MOA), *email("moa.ek@example.org"))


async def test_an_address_of_the_same_words_is_somebody_else(account: Open) -> None:
    """HubSpot's token search would give this person away to the other."""
    hubspot = await account(Person("x@example.com", "Ek", "Moa", further=("ek.moa@example.org",)))
    assert not await hubspot.find("moa.ek@example.org")


async def test_a_contact_the_search_still_shows_after_it_is_gone_is_not_found(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", further=("moa.ek@example.org",)))
    (record,) = await hubspot.find("moa.ek@example.org")
    await hubspot.system.erase(record)
    assert hubspot.sandbox.account.index
    assert not await hubspot.find("moa.ek@example.org")


async def test_two_addresses_of_one_contact_find_it_once(account: Open) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", further=("moa.ek@example.org",)), Person("b@example.com", "B", "B")
    )
    found = await hubspot.system.find([*email(MOA), *email("moa.ek@example.org"), *email("b@example.com")])
    assert len(found) == 2


async def test_activities_come_before_their_contact_whatever_their_number(account: Open) -> None:
    notes = tuple(Activity("notes", f"Anteckning {number}") for number in range(1234))
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(*notes, Activity("emails", "Hej"))))
    records = await hubspot.find(MOA)
    assert [record.kind for record in records] == ["note"] * 1234 + ["email", "contact"]
    assert len({record.id for record in records}) == 1236
    assert [record.narrative for record in records[-3:]] == [True, False, False]


async def test_what_lies_with_others_too_is_shared_and_not_blindly_erased(account: Open) -> None:
    both = Activity("meetings", "Möte med båda", also=("b@example.com",))
    hubspot = await account(
        Person("b@example.com", "B", "B"), Person(MOA, "Moa", "Ek", activities=(both, Activity("meetings", "Eget")))
    )
    *meetings, contact = await hubspot.find(MOA)
    assert [meeting.shared for meeting in meetings] == [True, False]
    assert not contact.shared
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.erase(meetings[0])
    assert caught.value.key == "trouble.shared"
    for record in (meetings[1], contact):
        await hubspot.system.erase(record)
    assert len(hubspot.sandbox.account.alive("meetings")) == 1


async def test_deletion_is_permanent_and_by_id_never_by_address(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    (record,) = await hubspot.find(MOA)
    await hubspot.system.erase(record)
    assert hubspot.deletions() == [{"objectId": record.id}]
    assert hubspot.sandbox.account.get("contacts", record.id) is None
    assert hubspot.sandbox.account.blocklist == {MOA}


async def test_erasing_what_is_not_there_sends_no_deletion_and_blocks_nobody(account: Open) -> None:
    hubspot = await account()
    receipt = await hubspot.system.erase(Record("hubspot", "contact", "4711", tuple(email(MOA))))
    assert receipt.note == "already gone"
    assert not hubspot.deletions()
    assert not hubspot.sandbox.account.blocklist


async def test_a_colleague_may_be_faster_between_look_and_deletion(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    (record,) = await hubspot.find(MOA)
    gone = hubspot.sandbox.problem(404, "OBJECT_NOT_FOUND", "")
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "gdpr-delete", status=404, body=gone))
    assert (await hubspot.system.erase(record)).note == "already gone"


async def test_after_a_lost_answer_the_deletion_is_not_sent_again(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    (record,) = await hubspot.find(MOA)
    hubspot.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "POST", "gdpr-delete"))
    with pytest.raises(OutcomeUnknown):
        await hubspot.system.erase(record)
    assert not await hubspot.find(MOA)
    assert (await hubspot.system.erase(record)).note == "already gone"
    assert len(hubspot.deletions()) == 1


async def test_an_answer_about_somebody_else_is_never_believed(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    other: JsonValue = {"id": "1", "properties": {"email": "b@example.com"}}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "contacts/moa", status=200, body=other))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.find(MOA)
    assert caught.value.key == "trouble.someone_else"


async def test_a_vendor_that_pages_in_circles_is_left(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    again: JsonValue = {"results": [{"toObjectId": "7", "associationTypes": []}], "paging": {"next": {"after": "7"}}}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "associations/notes", None, status=200, body=again))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.find(MOA)
    assert caught.value.key == "trouble.endless"


async def test_exports_everything_on_a_contact(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", lists=("7", "12"), more={"favourite_tea": "Oolong"}))
    (record,) = await hubspot.find(MOA)
    fields = (await hubspot.system.export(record)).fields
    assert fields["favourite_tea"] == "Oolong"
    history, lists = fields["properties_with_history"], fields["list_memberships"]
    assert isinstance(history, dict)
    assert history["favourite_tea"][0]["sourceType"] == "CRM_UI"
    assert isinstance(lists, list)
    assert [one["listId"] for one in lists] == ["7", "12"]
    subscriptions = fields["subscriptions"]
    assert isinstance(subscriptions, list)
    assert [one["status"] for one in subscriptions] == ["SUBSCRIBED"]
    assert "phone" not in fields


async def test_exports_an_activity_and_asks_for_definitions_once(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=tuple(Activity("notes", str(n)) for n in range(5))))
    *notes, _ = await hubspot.find(MOA)
    contents = [(await hubspot.system.export(note)).fields["hs_note_body"] for note in notes]
    assert contents == ["0", "1", "2", "3", "4"]
    assert len([one for one in hubspot.sandbox.seen if "/properties/" in one.path]) == 1


async def test_a_missing_definition_page_is_not_an_empty_export(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    (record,) = await hubspot.find(MOA)
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/properties/", None, status=404))
    with pytest.raises(NeedsHuman):
        await hubspot.system.export(record)


async def test_a_batch_that_fails_in_part_is_a_persons(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    (record,) = await hubspot.find(MOA)
    partial: JsonValue = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [{"category": "SERVER"}]}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "batch/read", status=207, body=partial))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.export(record)
    assert caught.value.key == "trouble.partial"


async def test_an_address_is_opted_out_known_or_not(account: Open) -> None:
    hubspot = await account()
    first = await hubspot.system.suppress(email("Any.One@example.com")[0])
    second = await hubspot.system.suppress(email("any.one@example.com")[0])
    assert (first.note, second.note) == ("UNSUBSCRIBE_FROM_ALL_OCCURRED", "NO_STATUS_CHANGE")
    assert hubspot.sandbox.account.opted_out == {"any.one@example.com"}
    assert "any.one" not in repr(first)
    with pytest.raises(NeedsHuman):
        await hubspot.system.suppress(Identifier(IdentifierKind.NAME, "Moa Ek"))


async def test_a_search_takes_three_rounds(account: Open) -> None:
    """13 calls, side by side: not 13 times the vendor's latency."""
    hubspot = await account(
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x"), Activity("calls", "x"))), latency=0.1
    )
    await hubspot.find(MOA)
    started = monotonic()
    assert len(await hubspot.find(MOA)) == 3
    assert monotonic() - started < 0.7


async def test_one_version_of_the_api_throughout(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    for record in await hubspot.find(MOA):
        await hubspot.system.export(record)
        await hubspot.system.erase(record)
    assert {one.path.split("/")[3] for one in hubspot.sandbox.seen if one.path.startswith("/crm/")} == {"2026-03"}


async def test_lists_who_shows_no_interest(account: Open, today: date) -> None:
    hubspot = await account(*demo_people(today))
    assert isinstance(hubspot.system, KeepsContacts)
    cutoff = today.replace(year=today.year - 2)
    idle, exempt = await hubspot.system.idle_since(cutoff)
    assert len(idle) == 212
    assert exempt == {"open_deals": 9}
    assert all(one.last_sign is None or one.last_sign < cutoff for one in idle)
    assert {one.self_initiated for one in idle} == {False}
    assert all(one.label for one in idle)
    assert "Alva" not in repr(idle[0])


async def test_walks_past_the_search_window(account: Open, today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """HubSpot gives no hit beyond its 10,000th to a cursor; here the window is 400."""
    monkeypatch.setattr("integrations.hubspot.sandbox.SEARCH_WINDOW", 400)
    long_ago = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=2000)
    people = [
        Person(f"p{number}@example.org", "P", str(number), more=interest(None, long_ago)) for number in range(1000)
    ]
    hubspot = await account(*people)
    idle, _ = await hubspot.system.idle_since(today)
    assert len({one.record.id for one in idle}) == 1000


async def test_any_sign_keeps_a_contact_off_the_list(account: Open, today: date) -> None:
    noon = datetime.combine(today, datetime.min.time(), UTC)
    old = interest(noon - timedelta(days=1000), noon - timedelta(days=2000))
    recent = (noon - timedelta(days=5)).isoformat()
    signs = ("hs_email_last_click_date", "recent_conversion_date", "hs_analytics_last_visit_timestamp")
    hubspot = await account(*(Person(f"{sign}@example.org", "A", sign, more={**old, sign: recent}) for sign in signs))
    assert not (await hubspot.system.idle_since(today - timedelta(days=730)))[0]


async def test_without_leave_to_read_deals_the_count_is_absent(account: Open, today: date) -> None:
    hubspot = await account(*demo_people(today))
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, path="contacts/0-3", times=None, status=403))
    idle, exempt = await hubspot.system.idle_since(today.replace(year=today.year - 2))
    assert len(idle) == 221
    assert not exempt


def test_the_latest_sign_counts_in_either_notation() -> None:
    assert last_sign({"hs_email_last_open_date": "2026-01-02T03:04:05Z", "notes_last_updated": None}) == datetime(
        *(2026, 1, 2, 3, 4, 5), tzinfo=UTC
    )
    both = {"hs_email_last_open_date": "2026-01-02T03:04:05.000Z", "recent_conversion_date": "1790000000000"}
    assert last_sign(both) == datetime.fromtimestamp(1_790_000_000, UTC)
    assert last_sign({"hs_email_last_open_date": "yesterday"}) is None
    assert last_sign({"hs_email_last_open_date": "2026-01-02"}) == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"num_conversion_events": "2", "hs_object_source": "IMPORT"}, True),
        ({"hs_object_source": "FORM"}, True),
        ({"hs_object_source": "crm_ui"}, False),
        ({"hs_object_source": "OTHER"}, None),
        ({}, None),
    ],
)
def test_who_began_it(properties: dict[str, str], *, expected: bool | None) -> None:
    assert began_it(properties) is expected


@pytest.mark.parametrize(
    ("policy", "now", "expected"),
    [
        ("TEN_SECONDLY_ROLLING", datetime(2026, 3, 9, 9, tzinfo=UTC), timedelta(seconds=10)),
        ("SECONDLY", datetime(2026, 3, 9, 9, tzinfo=UTC), timedelta(seconds=1)),
        ("DAILY", datetime(2026, 3, 9, 9, tzinfo=UTC), timedelta(hours=14)),
        ("DAILY", datetime(2026, 3, 28, 23, 30, tzinfo=UTC), timedelta(hours=22, minutes=30)),  # a day of 23 hours
        ("ANOTHER", datetime(2026, 3, 9, 9, tzinfo=UTC), None),
    ],
)
def test_how_long_a_limit_lasts(policy: str, now: datetime, expected: timedelta | None) -> None:
    assert account_pause(ZoneInfo("Europe/Stockholm"))({"policyName": policy}, now) == expected


def test_numbers_of_the_demo_do_not_move_with_the_day() -> None:
    for today in (date(2026, 3, 9), date(2028, 2, 29)):
        people = demo_people(today)
        assert len({person.email for person in people}) == len(people)


def test_only_the_opt_out_is_safe_to_repeat() -> None:
    safe = [operation for operation, how in MANIFEST.capabilities.items() if how.repeat_safe]
    assert safe == [Operation.SUPPRESS]
    assert MANIFEST.how(Operation.ERASE).irreversible


async def test_a_search_that_goes_in_circles_is_left(account: Open, today: date) -> None:
    hubspot = await account()
    page: JsonValue = {"total": 9999, "results": [{"id": str(number), "properties": {}} for number in range(1, 201)]}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "/search", None, status=200, body=page))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.idle_since(today)
    assert caught.value.key == "trouble.endless"


async def test_a_contact_that_vanishes_during_the_search_has_no_activities(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "Hej"),)))
    gone = hubspot.sandbox.problem(404, "OBJECT_NOT_FOUND", "")
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/associations/", None, status=404, body=gone))
    assert [record.kind for record in await hubspot.find(MOA)] == ["contact"]


async def test_a_note_in_the_bin_is_not_found(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "Hej"), Activity("notes", "Nej"))))
    first, *_ = await hubspot.find(MOA)
    receipt = await hubspot.system.erase(first)
    assert (receipt.kind, receipt.id, receipt.note) == ("note", first.id, "")
    assert [record.kind for record in await hubspot.find(MOA)] == ["note", "contact"]
