"""Nobody decides on their own request (D9), not even when the index by which it was known has been forgotten (D24)."""

from datetime import timedelta

import pytest

from bot.card import Form, Press, Verb
from bot.domain.errors import NotYours
from bot.domain.ticket import Stage, Ticket
from bot.ports import Shelf, TicketQuery
from bot.services.casework.protecting import open_about
from bot.services.deciding.approval import is_own
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.walks import PRIYA, erased

HOME = "sara.lind@example.net"


async def closed(desk: Furnished, address: str, by: str = "maria") -> Ticket:
    """Return a ticket about a colleague, closed so long ago that the index has forgotten it."""
    form = await desk.opened.desk.say(desk.who(by), "ny")
    assert isinstance(form, Form)
    await desk.send(by, form, {"channel": "visit", "subject": address, "text": "Jag vill att allt om mig raderas."})
    await desk.fill(by, Verb.DISMISS, {"reason": "sales"})
    async with desk.opened.house.work() as unit:
        await unit.index.forget((await unit.tickets.load(FIRST)).id)
    ticket = await desk.ticket()
    assert ticket.stage is Stage.CLOSED
    return ticket


@pytest.mark.parametrize("address", ["sara.lind@gotowork.example", HOME.upper()])
@pytest.mark.parametrize("verb", [Verb.REVIEW, Verb.EVIDENCE, Verb.REOPEN])
async def test_a_closed_request_of_ones_own_is_neither_read_nor_reopened(
    desk: Furnished, address: str, verb: Verb
) -> None:
    """The case file still says who asked: for as long as there is anything to read, and no longer."""
    ticket = await closed(desk, address)
    asks = desk.opened.desk.form if verb is Verb.REOPEN else desk.opened.desk.press
    with pytest.raises(NotYours, match="own_request"):
        await asks(desk.who("sara"), Press(verb, ticket.id, ticket.version))
    with pytest.raises(NotYours, match="own_request"):
        await desk.opened.desk.say(desk.who("sara"), f"akt {FIRST}")
    await asks(desk.who("maria"), Press(verb, ticket.id, ticket.version))


async def test_reopened_by_somebody_else_it_is_known_again(desk: Furnished) -> None:
    """Else who asked could approve what was opened for them; and what protects the person would not (D13)."""
    await closed(desk, HOME)
    await desk.fill("maria", Verb.REOPEN, {"reason": "person_came_back"})
    ticket = await desk.ticket()
    for verb in (Verb.REVIEW, Verb.CONFIRM):
        with pytest.raises(NotYours, match="own_request"):
            await desk.opened.desk.press(desk.who("sara"), Press(verb, ticket.id, ticket.version))
    async with desk.opened.house.work() as unit:
        assert [one.id for one in await open_about(unit, HOME)] == [ticket.id]


async def test_a_reopened_request_is_found_by_its_address(desk: Furnished) -> None:
    await erased(desk)
    await desk.later(timedelta(days=32), steps=2)
    async with desk.opened.house.work() as unit:
        query = TicketQuery(open_only=False, digest=unit.index.digest("email", PRIYA))
        assert not await unit.tickets.matching(query)
    await desk.fill("maria", Verb.REOPEN, {"reason": "person_came_back"})
    async with desk.opened.house.work() as unit:
        assert [one.ref for one in await unit.tickets.matching(query)] == [FIRST]


async def test_when_the_case_is_gone_there_is_nothing_left_to_keep_from_anybody(desk: Furnished) -> None:
    """And nothing breaks over it."""
    ticket = await closed(desk, HOME)
    async with desk.opened.house.work() as unit:
        assert await is_own(unit, ticket, desk.who("sara"))
        assert not await is_own(unit, ticket, desk.who("maria"))
        await unit.vault.shred(ticket.id, Shelf.CASE)
        assert not await is_own(unit, ticket, desk.who("sara"))
