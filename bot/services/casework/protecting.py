"""What arrival itself protects (D12, D13): addresses hidden at once, wishes for restriction marked, records kept.

A record that another open ticket must still show, correct or keep is erased neither by a program nor by hand. The
other ticket is found by blind index: by the addresses it came with, and by those found on file for its person.
"""

from typing import Final

from bot.domain.errors import NeedsHuman, NotFound, Shredded
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.policy import operation_for
from bot.domain.protection import hiding, protected
from bot.domain.request import RequestType
from bot.domain.system import Operation
from bot.domain.ticket import Part, Ticket
from bot.ports import TicketQuery, Unit
from bot.services import casefile
from bot.services.casefile import Person
from bot.services.casework import holding
from bot.services.house import House, new_ids
from bot.services.records import restrictions
from bot.services.showing.posting import tell

#: Kinds of digest by which a ticket is found from an address: what it came with, and what was found on file.
WRITTEN, HELD = "email", "held"
#: Rights whose open parts keep their records from being erased by another ticket; restriction is one however asked.
PROTECTS: Final = frozenset({RequestType.ACCESS, RequestType.PORTABILITY, RequestType.RECTIFICATION})


async def at_arrival(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """Do what waits for no press: mark a wish for restriction, and have a protected person's address hidden."""
    await mark_restriction(unit, (), ticket)
    if not protected(ticket):
        return ticket
    hidden = await unit.tickets.save(ticket, hiding(ticket, house.manifests, new_ids(), house.now()))
    owners = {owner.id: owner for task in hidden.tasks for owner in house.people.owners(task.system)}
    for owner in owners.values():
        if not owner.is_officer:
            await tell(unit, f"reminder:help:{ticket.id}:{owner.id}", owner)
    return hidden


async def mark_restriction(unit: Unit, before: tuple[Part, ...], ticket: Ticket, by: str = DESK) -> None:
    """Write down that a restriction is wished for: from this moment on it protects, before identity (D13)."""
    known = {part.type for part in before}
    if any(restricts(part) for part in ticket.parts if part.type not in known):
        await unit.ledger.write(ticket.id, LedgerEvent.RESTRICTION_MARKED, by)


def restricts(part: Part) -> bool:
    """Whether the part asks that the data be kept from use: a restriction, or an objection that is weighed (R45)."""
    return operation_for(part) is Operation.RESTRICT


async def remember_held(unit: Unit, ticket: Ticket, addresses: tuple[str, ...]) -> None:
    """Let the ticket protect what is on file under other addresses of the person too; they join no mail to it."""
    for address in addresses:
        await unit.index.remember(ticket.id, unit.index.digest(HELD, address))


async def written(unit: Unit, ticket: Ticket) -> frozenset[str]:
    """Return the digests of who a ticket is about and who asked, as its case has them; none once that is forgotten."""
    try:
        person = await casefile.person_of(unit, ticket.id)
    except (NotFound, Shredded):
        return frozenset()
    return frozenset(unit.index.digest(WRITTEN, address) for address in {person.email, person.requester} - {""})


async def known_again(unit: Unit, ticket: Ticket) -> None:
    """Let a ticket that is open again be found as one that never was closed is: the index forgot it meanwhile (D24)."""
    await casefile.keep_person(unit, ticket.id, await casefile.person_of(unit, ticket.id))


async def open_about(unit: Unit, address: str, *, closed_too: bool = False) -> list[Ticket]:
    """Return the open tickets about the person behind an address, or every one that still knows them."""
    found: dict[str, Ticket] = {}
    for kind in (WRITTEN, HELD):
        query = TicketQuery(open_only=not closed_too, digest=unit.index.digest(kind, address))
        found |= {one.id: one for one in await unit.tickets.matching(query)}
    return list(found.values())


async def kept_elsewhere(unit: Unit, ticket: Ticket, person: Person) -> bool:
    """Whether another ticket about the person must still show or keep what would be erased (D13, D3, R39)."""
    for address in person.addresses:
        for other in await open_about(unit, address):
            keeps = any(part.open and (part.type in PROTECTS or restricts(part)) for part in other.parts)
            if other.id != ticket.id and keeps:
                return True
    return await restrictions.holds(unit, tuple(person.addresses), ticket.id)


async def refuse_erasing(unit: Unit, ticket: Ticket) -> None:
    """Refuse to erase by program what another ticket must still show or keep, or a hold keeps, at this very moment.

    Asked before each write as well as at the start: either may be set while an erasure of thousands runs.
    """
    person = await casefile.person_of(unit, ticket.id)
    if await kept_elsewhere(unit, ticket, person):
        raise NeedsHuman("trouble.other_ticket")
    if await holding.standing(unit, ticket, person) is not None:
        raise NeedsHuman("trouble.held")
