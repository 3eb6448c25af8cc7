"""Answers to typed look-ups: lists, systems, on-call, finding a person. Every look is noted (D16, F65)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot import commands
from bot.card import Button, Card, Press, Shown, Values, Verb
from bot.cards import fields, lookups
from bot.cards.buttons import pressing
from bot.cards.retention import reviews_card
from bot.cards.scene import Scene
from bot.cards.stats import stats_card
from bot.desk.standing import Standing
from bot.desk.values import address, one
from bot.domain.errors import Incomplete
from bot.domain.finding import By, Sought
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket
from bot.ports import EVERY, TicketQuery, Unit
from bot.services.house import House
from bot.services.keeping.accuracy import COUNTED, how_kept, how_right
from bot.services.records import restrictions
from bot.services.showing.board import NO_INTEREST
from bot.services.showing.finding import search

#: The commands that show a list or a table.
Listing = (
    commands.Mine
    | commands.OpenTickets
    | commands.Due
    | commands.Systems
    | commands.Retention
    | commands.Stats
    | commands.OnCall
)


#: What each is called in the ledger.
LISTS: Final[Mapping[type[Listing], str]] = MappingProxyType(
    {
        commands.Mine: "mine",
        commands.OpenTickets: "open_tickets",
        commands.Due: "due",
        commands.Systems: "systems",
        commands.Retention: "retention",
        commands.Stats: "stats",
        commands.OnCall: "on_call",
    }
)


async def listed(unit: Unit, house: House, actor: Colleague, command: Listing) -> Shown:
    """Return the list or table that answers *command*; that somebody looked through it is written down (F65)."""
    scene = house.scene(actor.language)
    await unit.ledger.write(DESK, LedgerEvent.LOOKED, actor.id, {"list": LISTS[type(command)]})
    tickets = await unit.tickets.matching(TicketQuery(limit=EVERY))
    match command:
        case commands.Mine():
            mine, more = _mine(tickets, actor), _all(scene, actor)
            return lookups.list_card(scene, "mine", mine, for_officer=actor.is_officer, more=more)
        case commands.OpenTickets():
            return lookups.list_card(scene, "open", tickets, for_officer=actor.is_officer)
        case commands.Due(days):
            return lookups.due_card(scene, tickets, days, for_officer=actor.is_officer)
        case commands.Systems():
            return lookups.systems_card(scene, house.manifests, tickets)
        case commands.Retention():
            return reviews_card(scene, tuple(await unit.reviews.open_for(NO_INTEREST)))
        case commands.Stats():
            return stats_card(scene, await how_right(unit, house.now() - COUNTED), await how_kept(unit, house))
        case commands.OnCall():
            return lookups.on_call_card(scene)


def _all(scene: Scene, actor: Colleague) -> tuple[Button, ...]:
    return (pressing(scene, Press(Verb.HAND_OVER_ALL, actor.id)),) if actor.handles_tickets else ()


def _mine(tickets: Sequence[Ticket], actor: Colleague) -> list[Ticket]:
    return [ticket for ticket in tickets if ticket.handler == actor.id]


async def found(unit: Unit, house: House, actor: Colleague, address: str, *, private: bool) -> Shown:
    """Return what is found; where others may be looking, or without an address, a form that asks for it (D16)."""
    scene = house.scene(actor.language)
    if not private:
        return lookups.find_elsewhere_card(scene)
    return await find(unit, house, actor, Sought(address)) if address else lookups.find_form(scene)


async def find(unit: Unit, house: House, actor: Colleague, sought: Sought) -> Card:
    """Find by address, name or number; that somebody looked, and by which, is written down, for whom is not."""
    scene = house.scene(actor.language)
    seen = await search(unit, actor, sought)
    facts: dict[str, str | int] = {"by": ",".join(seen.by), "found": len(seen.tickets)}
    await unit.ledger.write(DESK, LedgerEvent.SOUGHT, actor.id, facts)
    refs = {one.id: one.ref for one in seen.tickets}
    since = [(refs[one.ticket_id], restrictions.since(one)) for one in seen.resting]
    return lookups.found_card(scene, seen.tickets, since, by=seen.by, for_officer=actor.is_officer)


async def submit_find(at: Standing, values: Values) -> Card:
    """Search; the form is where nobody looks over a shoulder, wherever it was opened (D16).

    Raises `Incomplete` when nothing was given that anybody could be found by, or a number that is none.
    """
    sought = Sought(
        address(values, fields.SUBJECT, required=False),
        one(values, fields.NAME, required=False),
        one(values, fields.PHONE, required=False),
    )
    ways = sought.marks()
    if sought.phone and By.PHONE not in ways:
        raise Incomplete("refusal.find_nothing_given", {"field": fields.PHONE})
    if not ways:
        raise Incomplete("refusal.find_nothing_given", {"field": fields.SUBJECT})
    return await find(at.unit, at.house, at.actor, sought)
