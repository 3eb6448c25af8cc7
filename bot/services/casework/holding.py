"""Legal holds: setting one, what it refuses, looking at it again, releasing it (F40, P68, P76).

A hold is about a person: it is found by blind index from any ticket that concerns them,
so a later request meets it too, and so does the retention review. The reason lies in the
vault of the ticket it was set on, which is not forgotten while it stands.
"""

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Final

from bot.domain import hold as law
from bot.domain.deadline import end_of
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, Shredded
from bot.domain.hold import Hold
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.system import Operation
from bot.domain.ticket import Part, Ticket
from bot.ports import Shelf, TicketQuery, Unit
from bot.services import casefile
from bot.services.casefile import Person
from bot.services.house import House
from bot.services.showing.posting import tell

KEPT: Final = "hold"
INDEXED: Final = "hold"


async def hold_of(unit: Unit, ticket: Ticket) -> Hold | None:
    """Return the hold that stands on the ticket itself, None when none does."""
    if law.review_of(ticket) is None:
        return None
    try:
        kept = json.loads(await unit.vault.get(ticket.id, Shelf.CASE, KEPT))
    except (NotFound, Shredded):
        return None
    if kept["released_on"]:
        return None
    since, review_on = (date.fromisoformat(kept[name]) for name in ("since", "review_on"))
    return Hold(**kept | {"since": since, "review_on": review_on})


async def standing(unit: Unit, ticket: Ticket, person: Person) -> Hold | None:
    """Return the hold that stands on the person, set on this ticket or on another."""
    if (own := await hold_of(unit, ticket)) is not None:
        return own
    for address in person.addresses:
        if (other := await on_address(unit, address)) is not None:
            return other
    return None


async def on_address(unit: Unit, address: str) -> Hold | None:
    """Return the hold that stands on whoever is behind an address."""
    query = TicketQuery(open_only=False, digest=unit.index.digest(INDEXED, address))
    for ticket in await unit.tickets.matching(query):
        if (found := await hold_of(unit, ticket)) is not None:
            return found
    return None


async def applied(unit: Unit, house: House, ticket: Ticket, part: Part) -> Ticket:
    """Return the ticket with what a hold refuses refused; the very same one when none stands or nothing is left."""
    if not any(task.operation is Operation.ERASE and not task.settled for task in ticket.tasks_of(part)):
        return ticket
    found = await standing(unit, ticket, await casefile.person_of(unit, ticket.id))
    return ticket if found is None else law.refused(ticket, part, found, house.now())


async def place(unit: Unit, house: House, ticket: Ticket, actor: Colleague, wanted: Hold, *, own: bool) -> Ticket:
    """Set a hold, or set it anew with another day; every open request about the person meets it at once."""
    hold = law.placed(replace(wanted, since=house.today()), actor, own_request=own)
    person = await casefile.person_of(unit, ticket.id)
    for address in person.addresses:
        await unit.index.remember(ticket.id, unit.index.digest(INDEXED, address))
    await unit.vault.put(ticket.id, Shelf.CASE, KEPT, json.dumps(asdict(hold), default=str).encode())
    facts: dict[str, str | int] = {"ground": hold.ground, "until": hold.review_on.isoformat()}
    await unit.ledger.write(ticket.id, LedgerEvent.HELD, actor.id, facts)
    morning = end_of(hold.review_on - timedelta(days=1))
    await tell(unit, f"reminder:hold:{ticket.id}:{hold.review_on}", actor, morning)
    return law.marked(ticket, hold.review_on)


async def release(unit: Unit, house: House, ticket: Ticket, actor: Colleague, *, own: bool) -> Ticket:
    """End a hold; the erasures it refused are owed now, and are put before their owners anew."""
    if not actor.is_officer:
        raise NotYours("refusal.not_yours_officer")
    if own:
        raise NotYours("refusal.own_request")
    hold = await hold_of(unit, ticket)
    if hold is None:
        raise NotAllowedNow("refusal.no_hold")
    ended = replace(hold, released_on=house.today(), released_by=actor.id)
    await unit.vault.put(ticket.id, Shelf.CASE, KEPT, json.dumps(asdict(ended), default=str).encode())
    await unit.ledger.write(ticket.id, LedgerEvent.RELEASED, actor.id)
    return await owed(unit, house, law.marked(ticket, None))


async def owed(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """Return the ticket with what a hold refused put before its owners anew; as it is while any hold stands."""
    if not law.refused_by_hold(ticket):
        return ticket
    if await standing(unit, ticket, await casefile.person_of(unit, ticket.id)) is not None:
        return ticket
    return law.released(ticket, house.now())


def checked_day(typed: str) -> date:
    """Return a typed day. Raises `Incomplete`."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Incomplete("refusal.field_bad", {"field": "review_on"}) from None


async def addresses_of(unit: Unit, ticket: Ticket) -> frozenset[str]:
    """Return the addresses a hold on the ticket is found by."""
    return (await casefile.person_of(unit, ticket.id)).addresses
