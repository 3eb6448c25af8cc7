"""A search widened step by step: every address a colleague let it be made by protects the person, as the first does."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.system import Identifier, IdentifierKind, Record
from bot.services import casefile
from bot.services.casework.protecting import kept_elsewhere, open_about
from tests.journeys.furnished import Furnished
from tests.journeys.pages import asked, reply
from tests.journeys.walks import at_decision
from tests.standins.cabinet import KEY, Cabinet, put_in

ASTRID = "astrid.lundgren@example.se"
SECOND, THIRD = "astrid.private@example.net", "astrid.office@example.net"


class Chained(Cabinet):
    """Two contacts: the first shares an address with the second, and that one has another still."""

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        groups = ((ASTRID, SECOND), (SECOND, THIRD))
        contacts = [tuple(Identifier(IdentifierKind.EMAIL, one) for one in group) for group in groups]
        return [
            Record(KEY, "contact", group[0].value, contacts=group) for group in contacts if set(group) & set(person)
        ]


async def searched_by(desk: Furnished, address: str) -> None:
    """Say yes to a search by an address that was offered."""
    offered = asked((await desk.review("sara"))[2])
    (about,) = [about for about, said in offered.items() if address in said[0]]
    assert (await reply(desk, "sara", about, "yes"))[0] == 200


async def test_an_address_two_searches_away_keeps_another_tickets_erasure_off(desk: Furnished) -> None:
    """Only the first search decides what is on file; what is found by way of it belongs to the person all the same."""
    put_in(desk.opened.house, Chained(desk.opened.house.systems["hubspot"].manifest, ASTRID, 0))
    ref = await at_decision(desk, "access")
    await searched_by(desk, SECOND)
    await searched_by(desk, THIRD)
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(ref)
        assert THIRD not in (await casefile.person_of(unit, ticket.id)).on_file
        assert [one.id for one in await open_about(unit, THIRD)] == [ticket.id]


async def test_a_widened_erasure_meets_what_keeps_the_other_address(desk: Furnished) -> None:
    await at_decision(desk, "access")
    other = await desk.sample("erase")
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(other)
        person = await casefile.person_of(unit, ticket.id)
        assert not await kept_elsewhere(unit, ticket, person)
        wider = replace(person, others=(Identifier(IdentifierKind.EMAIL, ASTRID),))
        assert await kept_elsewhere(unit, ticket, wider)
