"""Eventbrite: buyers by address, guests by a walk through all, answers that smell of Art. 9."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, TryLater
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation, Record
from integrations.eventbrite import MANIFEST, Eventbrite
from integrations.eventbrite.bookings import Answer, until_the_hour
from integrations.eventbrite.sandbox import EventbriteSandbox
from integrations.eventbrite.seed import ALLERGIES, HEARD, SEMINAR, WEBINAR, Booking, Guest, own
from integrations.eventbrite.special import is_special
from integrations.registry import Found
from integrations.sandbox import TOKEN, Fault, Trouble, serve
from tests.fakes import FixedClock
from tests.integrations.conftest import running

MOA = "moa@example.com"
MOAS = own(SEMINAR, "Moa Ek", MOA, (HEARD, "Nyhetsbrevet"))
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
    assert (record.id, record.shared) == (number, False)
    assert await eventbrite.find(MOA, order=number) == (record,)


async def test_an_order_number_beside_another_address_is_not_believed(office: Open) -> None:
    eventbrite = await office(MOAS)
    (number,) = eventbrite.sandbox.orders_of(MOA)
    assert not await eventbrite.find("somebody@example.org", order=number)


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


async def test_exports_an_order_the_long_way_when_it_cannot_be_expanded(office: Open) -> None:
    eventbrite = await office(MOAS, *CROWD)
    (record,) = await eventbrite.find(MOA)
    expected = await eventbrite.system.export(record)
    broken: JsonValue = {"error": "EXPANSION_FAILED", "error_description": "", "status_code": 500}
    eventbrite.sandbox.faults.add(Fault(Trouble.STATUS, path="/orders/", times=3, status=500, body=broken))
    assert await eventbrite.system.export(record) == expected


async def test_another_failure_of_an_order_is_no_expansion(office: Open) -> None:
    eventbrite = await office(MOAS)
    (record,) = await eventbrite.find(MOA)
    eventbrite.sandbox.faults.add(Fault(Trouble.STATUS, path="/orders/", times=None, status=500))
    with pytest.raises(TryLater):
        await eventbrite.system.export(record)


async def test_what_a_colleague_blanked_by_the_checklist_is_not_found_again(office: Open) -> None:
    eventbrite = await office(MOAS, Booking(SEMINAR, "Bo", "bo@example.com", (Guest("Moa Ek", MOA),)))
    assert len(await eventbrite.find(MOA)) == 2
    eventbrite.sandbox.blank(MOA)
    assert not await eventbrite.find(MOA)


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
