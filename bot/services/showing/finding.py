"""Finding the tickets that may be about somebody: by blind index, never in the systems (D16)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.finding import By, Mark, Sought
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.restriction import Restriction, in_force
from bot.domain.ticket import Ticket
from bot.ports import TicketQuery, Unit
from bot.services.records import restrictions


@dataclass(frozen=True, slots=True)
class Found:
    """What the seeker may see: the tickets, the surest first; which of them each thing given led to; restrictions."""

    tickets: tuple[Ticket, ...]
    by: Mapping[By, frozenset[str]]
    resting: tuple[Restriction, ...]


async def search(unit: Unit, actor: Colleague, sought: Sought) -> Found:
    """Return whatever any of the things given leads to; of what is the officer's alone others learn nothing (D12).

    What is given beside an address never hides what the address leads to: who searches must not miss anything, and is
    told by what each ticket was found.
    """
    led = {by: await _led_to(unit, marks) for by, marks in sought.marks().items()}
    resting = await restrictions.in_force_for(unit, sought.address) if sought.address else ()
    for one in resting:  # its ticket is found by address no more a month after it was closed; the register still is
        led[By.EMAIL].setdefault(one.ticket_id, await unit.tickets.load(one.ticket_id))
    known: dict[str, Ticket] = {}
    for tickets in led.values():
        known |= tickets
    seen = {key: one for key, one in known.items() if actor.is_officer or not officer_only(one)}
    registered = {one.part_id: one for one in resting if one.ticket_id in seen}
    return Found(
        tuple(seen.values()),
        {by: frozenset(tickets.keys() & seen.keys()) for by, tickets in led.items()},
        tuple((registered | await _entered(unit, seen.values())).values()),
    )


async def _led_to(unit: Unit, marks: Iterable[Mark]) -> dict[str, Ticket]:
    found: dict[str, Ticket] = {}
    for mark in marks:
        query = TicketQuery(open_only=False, digest=unit.index.digest(mark.kind, mark.value))
        found |= {one.id: one for one in await unit.tickets.matching(query)}
    return found


async def _entered(unit: Unit, tickets: Iterable[Ticket]) -> dict[str, Restriction]:
    """Return what is restricted in the tickets themselves: the register knows a person by address and nothing else."""
    parts = [part.id for ticket in tickets if (part := in_force(ticket)) is not None]
    entries = [await restrictions.entry(unit, part) for part in parts]
    return {one.part_id: one for one in entries if one is not None}
