"""Eventbrite: buyers by address, guests by a walk through all, answers that smell of Art. 9."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, TryLater
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation, Record, Remains
from integrations.eventbrite import MANIFEST, Eventbrite
from integrations.eventbrite.guide import Guide
from integrations.eventbrite.sandbox import ORGANIZATION, EventbriteSandbox, stanza
from integrations.eventbrite.seed import ALLERGIES, HEARD, SEMINAR, WEBINAR, Booking, Guest, own
from integrations.eventbrite.shapes import Answer, until_the_hour
from integrations.eventbrite.special import is_special
from integrations.registry import Found
from integrations.sandbox import TOKEN, Fault, Trouble, serve
from tests.fakes import FixedClock
from tests.integrations.conftest import running

MOA, BO = "moa@example.com", "bo@example.com"
MOAS = own(SEMINAR, "Moa Ek", MOA, (HEARD, "Nyhetsbrevet"))
DIET = ((ALLERGIES, "Jordnötter"),)
CROWD = [own(WEBINAR, f"Gäst {number}", f"g{number}@example.org") for number in range(130)]


class Office:
    """Eventbrite and the sandbox behind it."""

    def __init__(self, system: Eventbrite, sandbox: EventbriteSandbox) -> None:
        self.system = system
        self.sandbox = sandbox

    async def find(self, *addresses: str, order: str = "") -> Sequence[Record]:
        person = [Identifier(IdentifierKind.EMAIL, one) for one in addresses]
        if order:
            person.append(Identifier(IdentifierKind.ORDER_NUMBER, order))
        return await self.system.find(person)


Open = Callable[..., Awaitable[Office]]


@pytest.fixture
async def office(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Open]:
    """Open an organisation with these bookings."""
    async with AsyncExitStack() as stack:

        async def open_office(*bookings: Booking) -> Office:
            sandbox = EventbriteSandbox(bookings)
            up = await stack.enter_async_context(running(found["eventbrite"], sandbox, session, clock))
            assert isinstance(up.system, Eventbrite)
            return Office(up.system, sandbox)

        yield open_office


async def test_finds_a_buyers_orders_and_does_not_count_their_own_place_again(office: Open) -> None:
    eventbrite = await office(MOAS, own(WEBINAR, "Moa Ek", MOA), *CROWD)
    records = await eventbrite.find("Moa@Example.com")
    assert [record.kind for record in records] == ["order", "order"]
    numbers = [Identifier(IdentifierKind.ORDER_NUMBER, one) for one in eventbrite.sandbox.orders_of(MOA)]
    assert [record.contacts for record in records] == [(Identifier(IdentifierKind.EMAIL, MOA), one) for one in numbers]
    assert not any(record.special or record.shared for record in records)


async def test_finds_a_guest_somebody_else_booked_on_the_last_page(office: Open) -> None:
    guest = Guest("Moa Ek", MOA, "070-174 06 07")
    eventbrite = await office(*CROWD, Booking(SEMINAR, "Bo", "bo@example.com", (Guest("Bo", "bo@example.com"), guest)))
    (record,) = await eventbrite.find(MOA)
    assert record.kind == "attendee"
    assert {one.kind for one in record.contacts} == {
        *(IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.ORDER_NUMBER),
    }
    assert (await eventbrite.system.export(record)).fields["id"] == record.id.partition(":")[2]


async def test_an_order_with_guests_concerns_them_too(office: Open) -> None:
    guests = (Guest("Moa Ek", MOA), Guest("Bo", "bo@example.com", answers=((ALLERGIES, "Nötter"),)))
    eventbrite = await office(Booking(SEMINAR, "Moa Ek", MOA, guests))
    (record,) = await eventbrite.find(MOA)
    assert record.shared
    assert record.special


async def test_an_order_number_finds_its_order(office: Open) -> None:
    eventbrite = await office(MOAS)
    (number,) = eventbrite.sandbox.orders_of(MOA)
    (record,) = await eventbrite.find(order=number)
    assert (record.id, record.shared) == (f"{SEMINAR}:{number}", False)
    assert await eventbrite.find(MOA, order=number) == (record,)


async def test_an_order_number_beside_another_address_is_for_a_person_to_judge(office: Open) -> None:
    """It may be hers, placed with an address we do not know, or a stranger's: nothing is said or written to on it."""
    eventbrite = await office(Booking(SEMINAR, "Moa Ek", MOA, (Guest("Moa Ek", MOA, "070-1740607", DIET),), price=100))
    (number,) = eventbrite.sandbox.orders_of(MOA)
    (record,) = await eventbrite.find("somebody@example.org", order=number)
    assert (record.id, record.shared, record.special) == (f"{SEMINAR}:{number}", True, True)
    assert record.contacts == ()
    exported = await eventbrite.system.export(record)
    assert exported.fields["id"] == number
    assert not any(one in str(exported.fields) for one in ("Moa", MOA, "070-1740607", "Jordnötter", "barcode"))
    assert exported.masked == 7  # the buyer's name and address; the guest's, the phone, an answer and a bar code


async def test_an_order_number_that_came_later_is_used_beside_the_address(office: Open) -> None:
    eventbrite = await office(MOAS, own(WEBINAR, "Moa Ek", "moa.ek@example.org"))
    (number,) = eventbrite.sandbox.orders_of("moa.ek@example.org")
    sure, doubtful = await eventbrite.find(MOA, order=number)
    assert (sure.shared, doubtful.shared) == (False, True)
    assert doubtful.id == f"{WEBINAR}:{number}"


@pytest.mark.parametrize("number", ["4711", "../users/me", "", "1 OR 1=1"])
async def test_an_order_number_that_is_none_finds_nothing(office: Open, number: str) -> None:
    eventbrite = await office(MOAS)
    assert not await eventbrite.find(order=number)


async def test_other_identifiers_ask_nothing(office: Open) -> None:
    eventbrite = await office(MOAS)
    assert not await eventbrite.system.find([Identifier(IdentifierKind.NAME, "Moa Ek")])
    assert not eventbrite.sandbox.seen


async def test_exports_an_order_with_the_answers(office: Open) -> None:
    eventbrite = await office(MOAS)
    (record,) = await eventbrite.find(MOA)
    fields = (await eventbrite.system.export(record)).fields
    assert "Nyhetsbrevet" in str(fields["attendees"])


async def test_exports_and_finds_an_order_the_long_way_when_it_cannot_be_expanded(office: Open) -> None:
    eventbrite = await office(MOAS, *CROWD)
    found = await eventbrite.find(MOA)
    expected = await eventbrite.system.export(found[0])
    eventbrite.sandbox.expands = False
    assert await eventbrite.find(MOA) == found
    assert await eventbrite.find(order=found[0].id.partition(":")[2]) == found
    assert await eventbrite.system.export(found[0]) == expected


async def test_another_failure_of_an_order_is_no_expansion(office: Open) -> None:
    eventbrite = await office(MOAS)
    (record,) = await eventbrite.find(MOA)
    eventbrite.sandbox.faults.add(Fault(Trouble.STATUS, path="/orders/", times=None, status=500))
    with pytest.raises(TryLater):
        await eventbrite.system.export(record)


async def test_a_buyer_gets_their_own_place_whole_and_nothing_of_their_guests(office: Open) -> None:
    guests = (
        Guest("Moa Ek", MOA, "070-1740607", ((ALLERGIES, "Inga"),)),
        Guest("Bo Ask", "bo@example.com", "070-1740608", ((ALLERGIES, "Nötter"), (HEARD, ""))),
    )
    eventbrite = await office(Booking(SEMINAR, "Moa Ek", MOA, guests, price=25000))
    (record,) = await eventbrite.find(MOA)
    exported = await eventbrite.system.export(record)
    assert [one.value for one in record.contacts if one.kind is IdentifierKind.PHONE] == ["070-1740607"]
    told = str(exported.fields)
    assert all(one in told for one in ("070-1740607", ALLERGIES, "barcode", "checked_in", "500.00"))
    assert not any(one in told for one in ("Bo", "bo@example.com", "Nötter", "070-1740608"))
    assert exported.masked == 5  # name, address, phone, one answer, one bar code


async def test_a_guests_order_number_makes_the_buyer_none_of_their_contact_points(office: Open) -> None:
    """The order is the buyer's: were it the guest's record, we would write to the buyer about the guest (R19)."""
    eventbrite = await office(Booking(SEMINAR, "Bo", "bo@example.com", (Guest("Moa Ek", MOA),)))
    (number,) = eventbrite.sandbox.orders_of("bo@example.com")
    (record,) = await eventbrite.find(MOA, order=number)
    assert record.kind == "attendee"
    assert "bo@example.com" not in str([one.value for one in record.contacts])


async def test_a_question_that_is_a_number_is_looked_up(office: Open) -> None:
    eventbrite = await office(MOAS, Booking(SEMINAR, "Bo", "bo@example.com", (Guest("Moa", MOA, answers=DIET),)))
    eventbrite.sandbox.words_in_answers = False
    order, place = await eventbrite.find(MOA)
    assert HEARD in str((await eventbrite.system.export(order)).fields["attendees"])
    assert ALLERGIES in str((await eventbrite.system.export(place)).fields["answers"])


async def test_a_phone_finds_a_place_when_no_address_is_known(office: Open) -> None:
    guest = Guest("Moa Ek", MOA, "+46 70 174 06 07")
    eventbrite = await office(Booking(SEMINAR, "Bo", "bo@example.com", (guest, Guest("Bo", "bo@example.com"))))
    phone = Identifier(IdentifierKind.PHONE, "070-174 06 07")
    (record,) = await eventbrite.system.find([phone])
    assert Identifier(IdentifierKind.EMAIL, MOA) in record.contacts
    assert not record.shared
    assert not await eventbrite.system.find([Identifier(IdentifierKind.PHONE, "112")])


async def test_a_phone_beside_an_address_finds_more_for_a_person_to_judge(office: Open) -> None:
    """The number may be a switchboard's: the place is a colleague's perhaps, and nothing of it is handed out."""
    bo = Guest("Bo", BO, "+46 70 174 06 07", DIET)
    eventbrite = await office(MOAS, own(WEBINAR, "Bo", BO), Booking(SEMINAR, "Bo", BO, (bo,)))
    person = [Identifier(IdentifierKind.EMAIL, MOA), Identifier(IdentifierKind.PHONE, "070-174 06 07")]
    sure, doubtful = await eventbrite.system.find(person)
    assert (sure.kind, sure.shared) == ("order", False)
    assert (doubtful.kind, doubtful.shared, doubtful.special, doubtful.contacts) == ("attendee", True, True, ())
    exported = await eventbrite.system.export(doubtful)
    assert exported.fields["id"] == doubtful.id.partition(":")[2]
    assert not any(one in str(exported.fields) for one in ("Bo", BO, "174 06 07", "Jordnötter", "barcode"))
    assert exported.masked == 5
    assert await eventbrite.system.remains(doubtful, person) is Remains.THERE


async def test_a_continuation_that_is_forgotten_begins_the_list_anew_and_counts_nobody_twice(office: Open) -> None:
    places = [Booking(SEMINAR, "Bo", "bo@example.com", (Guest("Moa Ek", MOA),)) for _ in range(2)]
    eventbrite = await office(places[0], *CROWD, places[1])
    eventbrite.sandbox.forgets_continuations = 2
    assert len(await eventbrite.find(MOA)) == 2
    eventbrite.sandbox.forgets_continuations = 99
    with pytest.raises(TryLater):
        await eventbrite.find(MOA)


async def test_a_quota_used_up_waits_for_the_next_hour_and_is_whole_again_then(office: Open) -> None:
    eventbrite = await office(MOAS, *CROWD)
    eventbrite.sandbox.quota.most = 4
    assert len(await eventbrite.find(MOA)) == 1  # one page of orders, three of guests
    with pytest.raises(TryLater) as caught:
        await eventbrite.find(MOA)
    assert caught.value.after == timedelta(minutes=55)  # it is five past nine
    eventbrite.sandbox.quota.let_pass(3600)
    assert len(await eventbrite.find(MOA)) == 1


async def test_every_answer_of_the_sandbox_tells_of_the_hour(session: aiohttp.ClientSession) -> None:
    sandbox = EventbriteSandbox([MOAS])
    assert sandbox.quota.most == 2000
    sandbox.quota.most = 1
    sandbox.quota.let_pass(3500)
    told = []
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with serve(sandbox.application()) as url:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        for _ in range(2):
            async with session.get(f"{url}/users/me/organizations/", headers=headers) as answer:
                told.append((answer.status, answer.headers["X-Rate-Limit"]))
        sandbox.quota.let_pass(101)
        async with session.get(f"{url}/users/me/organizations/", headers=headers) as answer:
            assert answer.status == 200
    assert [status for status, _ in told] == [200, 429]
    assert all(said.startswith("token:sandbox 1/1 reset=") for _, said in told)
    assert all(0 < int(said.partition("reset=")[2][:-1]) <= 100 for _, said in told)


async def test_searches_at_the_same_time_share_their_walks(office: Open) -> None:
    eventbrite = await office(*CROWD)
    found = await asyncio.gather(*(eventbrite.find(f"g{number}@example.org") for number in range(50)))
    assert [len(one) for one in found] == [1] * 50
    assert [one.kind for (one,) in found] == ["order"] * 50
    pages = [one for one in eventbrite.sandbox.seen if one.path.endswith("/attendees/")]
    assert len(pages) <= 2 * 3  # two walks of three pages


async def test_a_search_called_off_takes_no_other_with_it(office: Open) -> None:
    guests = [Booking(SEMINAR, "Bo", "bo@example.com", (Guest("Moa Ek", MOA),)), *CROWD]
    eventbrite = await office(*guests)
    eventbrite.sandbox.latency = 0.1
    leader = asyncio.create_task(eventbrite.find("g7@example.org"))
    other = asyncio.create_task(eventbrite.find(MOA))
    await asyncio.sleep(0.15)
    leader.cancel()
    assert len(await other) == 1


LEFT = [
    (lambda box: None, Remains.THERE),
    (lambda box: box.blank(MOA), Remains.MASKED),
    (lambda box: box.blank(MOA, answers=False), Remains.THERE),
    (lambda box: box.drop(MOA), Remains.GONE),
]


@pytest.mark.parametrize(("act", "left"), LEFT)
async def test_says_what_is_left_of_a_booking_after_it_was_erased_by_hand(
    office: Open, act: Callable[[EventbriteSandbox], None], left: Remains
) -> None:
    guests = (Guest("Moa Ek", MOA, answers=DIET), Guest("Bo", "bo@example.com", answers=DIET))
    eventbrite = await office(
        Booking(SEMINAR, "Moa Ek", MOA, guests),
        Booking(WEBINAR, "Bo", "bo@example.com", (Guest("Moa Ek", MOA, answers=DIET),)),
    )
    person = [Identifier(IdentifierKind.EMAIL, MOA), Identifier(IdentifierKind.NAME, "Moa Ek")]
    records = await eventbrite.find(MOA)
    assert [one.kind for one in records] == ["order", "attendee"]
    act(eventbrite.sandbox)
    assert [await eventbrite.system.remains(one, person) for one in records] == [left, left]
    if left is not Remains.THERE:
        assert not await eventbrite.find(MOA)


async def test_a_buyer_who_stays_for_the_books_is_still_there(office: Open) -> None:
    eventbrite = await office(Booking(SEMINAR, "Moa Ek", MOA, (Guest("Moa Ek", MOA),), price=25000))
    (record,) = await eventbrite.find(MOA)
    eventbrite.sandbox.blank(MOA, buyer=False)
    assert await eventbrite.system.remains(record, record.contacts) is Remains.THERE


async def test_a_list_that_lags_shows_for_a_while_what_is_already_masked(office: Open) -> None:
    eventbrite = await office(MOAS)
    records = await eventbrite.find(MOA)
    eventbrite.sandbox.blank(MOA)
    eventbrite.sandbox.lag = 2
    assert [one.id for one in await eventbrite.find(MOA)] == [one.id for one in records]
    assert not await eventbrite.find(MOA)


async def test_makes_a_step_by_hand_ready_with_ids_and_nobodys_name(office: Open) -> None:
    eventbrite = await office(MOAS, Booking(WEBINAR, "Bo", "bo@example.com", (Guest("Moa Ek", MOA),)))
    order, place = await eventbrite.find(MOA)
    ready = eventbrite.system.prepared(Operation.ERASE, (order, place))
    assert [one.name for one in ready] == ["order", "attendee", "ask_vendor"]
    (page,) = Guide("1", "https://www.eventbrite.com").through(Operation.RECTIFY, [(True, SEMINAR, "7")])
    assert page.link == f"https://www.eventbrite.com/manage/events/{SEMINAR}/orders"
    assert [one.link.partition("/manage/")[2] for one in ready] == [
        *(f"events/{SEMINAR}/orders", f"events/{WEBINAR}/attendees"),
        "",
    ]
    mail = ready[-1].facts
    assert mail["organization"] == ORGANIZATION
    assert mail["events"] == f"{SEMINAR}, {WEBINAR}"
    assert mail["orders"] == order.id.partition(":")[2]
    assert mail["attendees"] == place.id.partition(":")[2]
    assert "moa" not in str(ready).lower()
    assert [one.name for one in eventbrite.system.prepared(Operation.RECTIFY, (order,))] == ["order"]
    assert not eventbrite.system.prepared(Operation.ERASE, ())


async def test_the_sandboxs_own_page_does_what_the_checklist_says(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    """In the demo the step must be possible to do; every page that was made ready leads to it."""
    guests = (Guest("Moa Ek", MOA, answers=DIET), Guest("Bo", BO, answers=DIET))
    sandbox = EventbriteSandbox(
        [Booking(SEMINAR, "Moa Ek", MOA, guests), Booking(WEBINAR, "Bo", BO, (Guest("Moa Ek", MOA, answers=DIET),))]
    )
    async with serve(sandbox.application()) as url:
        folder = found["eventbrite"]
        assert folder.connect is not None
        system = folder.connect(folder.read(stanza(url, sandbox)), session, clock)
        assert isinstance(system, Eventbrite)
        records = await system.find([Identifier(IdentifierKind.EMAIL, MOA)])
        for one in system.prepared(Operation.RECTIFY, records):
            async with session.get(one.link) as answer:
                assert MOA in await answer.text()
            async with session.post(one.link, params={"number": one.facts["number"]}) as answer:
                assert MOA not in await answer.text()
                assert answer.status == 200
        assert not await system.find([Identifier(IdentifierKind.EMAIL, MOA)])
        assert {await system.remains(one, ()) for one in records} == {Remains.MASKED}
        assert len(await system.find([Identifier(IdentifierKind.EMAIL, BO)])) == 2


@pytest.mark.parametrize("key", ["order", "attendee", "ask_vendor"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_is_made_ready_has_words_for_all_its_facts(found: dict[str, Found], key: str, language: str) -> None:
    words = found["eventbrite"].strings[language]
    facts = {"organization": "1", "events": "2", "orders": "3", "attendees": "4", "event": "5", "number": "6"}
    for part in ("title", "text"):
        assert words[f"prepared.{key}.{part}"].format_map(facts)


async def test_a_vendor_that_pages_in_circles_is_left(office: Open) -> None:
    eventbrite = await office(MOAS)
    again: JsonValue = {"pagination": {"has_more_items": True, "continuation": "x"}, "attendees": []}
    eventbrite.sandbox.faults.add(Fault(Trouble.STATUS, path="/attendees/", times=None, status=200, body=again))
    with pytest.raises(NeedsHuman) as caught:
        await eventbrite.find(MOA)
    assert caught.value.key == "trouble.endless"


async def test_nulls_are_as_good_as_nothing(office: Open) -> None:
    eventbrite = await office(MOAS)
    blank: JsonValue = {"id": "1", "event_id": None, "order_id": None, "profile": {"email": None}, "answers": []}
    page: JsonValue = {"pagination": {"has_more_items": False, "continuation": None}, "attendees": [blank]}
    eventbrite.sandbox.faults.add(Fault(Trouble.STATUS, path="/attendees/", status=200, body=page))
    assert len(await eventbrite.find(MOA)) == 1


async def test_what_is_done_by_hand_is_refused(office: Open) -> None:
    eventbrite = await office(MOAS)
    (record,) = await eventbrite.find(MOA)
    with pytest.raises(NeedsHuman):
        await eventbrite.system.erase(record)
    with pytest.raises(NeedsHuman):
        await eventbrite.system.suppress(record.contacts[0])
    assert not eventbrite.sandbox.writes()


def test_the_manifest_promises_no_more_than_the_api_can() -> None:
    modes = {operation: how.mode for operation, how in MANIFEST.capabilities.items()}
    assert [one for one, mode in modes.items() if mode is Mode.AUTOMATIC] == [Operation.FIND, Operation.EXPORT]
    assert MANIFEST.how(Operation.ERASE).irreversible


@pytest.mark.parametrize(
    ("question", "answer", "special"),
    [
        (ALLERGIES, "Jordnötter", True),
        (ALLERGIES, "Ja, pollen", True),
        (ALLERGIES, "Inga", False),
        (ALLERGIES, "Nej.", False),
        (ALLERGIES, " - ", False),
        (ALLERGIES, "", False),
        ("Any dietary requirements?", "Halal", True),
        ("Any dietary requirements?", "none", False),
        ("Övrigt", "Jag sitter i rullstol", True),
        ("Anything else?", "I am COELIAC", True),
        ("Comments", "See you in a few minutes", False),
        (HEARD, "Nyhetsbrevet", False),
        ("Kostnadsställe", "4711", False),
        ("Något vi bör veta?", "Jag är äggallergiker", True),
        ("Något vi bör veta?", "Äter inte fisk", True),
        ("Något vi bör veta?", "Gärna mjölkfri kost", True),
        ("Något vi bör veta?", "Svår astma, har EpiPen", True),
        ("Något vi bör veta?", "Kommer lite senare", False),
        ("Anything we should know?", "I can’t eat eggs", True),
        ("Anything we should know?", "Looking forward to it", False),
    ],
)
def test_answers_that_smell_of_article_9(question: str, answer: str, *, special: bool) -> None:
    assert is_special(Answer(question=question, answer=answer)) is special


def test_the_hourly_limit_lasts_to_the_hour() -> None:
    now = datetime(2026, 3, 9, 9, 40, 30, tzinfo=UTC)
    assert until_the_hour({"error": "HIT_RATE_LIMIT"}, now) == timedelta(minutes=19, seconds=30)
    assert until_the_hour({"error": "ANOTHER"}, now) is None


async def test_a_wrong_organisation_is_a_persons_to_put_right(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    async with serve(EventbriteSandbox([MOAS]).application()) as url:
        folder = found["eventbrite"]
        assert folder.connect is not None
        settings = folder.read({"token": TOKEN, "base_url": url, "organization_id": "7"})
        system = folder.connect(settings, session, clock)
        with pytest.raises(NeedsHuman) as caught:
            await system.find([Identifier(IdentifierKind.EMAIL, MOA)])
        assert caught.value.key == "trouble.not_allowed_there"
