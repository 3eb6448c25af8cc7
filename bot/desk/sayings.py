"""Answers to typed commands, for the asker alone. Every look-up of a person is written down (D16)."""

from collections.abc import Sequence
from typing import Final

from bot import commands
from bot.card import Shown
from bot.cards import forms, lookups
from bot.cards.hold import hold_form
from bot.cards.retention import reviews_card
from bot.cards.scene import Scene
from bot.cards.stats import stats_card
from bot.commands import Command
from bot.domain.errors import NotFound
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.ticket import Ticket
from bot.ports import EVERY, TicketQuery, Unit
from bot.services import restrictions
from bot.services.accuracy import COUNTED, how_kept, how_right
from bot.services.board import NO_INTEREST, card_about
from bot.services.bursts import let_out
from bot.services.house import House, new_id

DESK: Final = "desk"


async def answer(unit: Unit, house: House, actor: Colleague, text: str, *, private: bool) -> Shown:
    """Return the card or form that answers *text*."""
    command = commands.parse(text, house.today().year)
    scene = house.scene(actor.language)
    match command:
        case commands.Help():
            return lookups.help_card(scene)
        case commands.Home():
            return await card_about(unit, house, actor, "home")
        case commands.New():
            return _new(scene, actor, house)
        case commands.Show(ref) | commands.Hold(ref):
            way = _show if isinstance(command, commands.Show) else _hold
            return await way(unit, house, actor, ref)
        case commands.Find(address):
            return await _find(unit, house, actor, address if private else "")
        case commands.Unknown(nearest):
            return lookups.unknown_card(scene, nearest)
        case commands.Lacks(word):
            return lookups.lacks_card(scene, word)
        case _:
            return await _listed(unit, house, actor, command)


async def _listed(unit: Unit, house: House, actor: Colleague, command: Command) -> Shown:
    scene = house.scene(actor.language)
    tickets = await unit.tickets.matching(TicketQuery(limit=EVERY))
    match command:
        case commands.Mine():
            return lookups.list_card(scene, "mine", _mine(tickets, actor), for_officer=actor.is_officer)
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
        case _:
            return lookups.note(scene.say("command.title"), scene.say("command.not_here_yet"))


def _mine(tickets: Sequence[Ticket], actor: Colleague) -> list[Ticket]:
    return [ticket for ticket in tickets if ticket.handler == actor.id]


def _new(scene: Scene, actor: Colleague, house: House) -> Shown:
    if actor.handles_tickets:
        return forms.new(scene, new_id())
    officers = house.texts.together(actor.language, [one.name for one in house.people.officers()])
    return lookups.note(scene.say("command.title"), scene.say("refusal.not_yours_handler", {"who": officers}))


async def _show(unit: Unit, house: House, actor: Colleague, ref: str) -> Shown:
    try:
        ticket = await unit.tickets.load(ref)
    except NotFound:
        raise NotFound("refusal.no_ticket", {"ref": ref}) from None
    await unit.ledger.write(ticket.id, LedgerEvent.LOOKED, actor.id)
    if actor.handles_tickets:
        await let_out(unit, house, ticket.id)
    return await card_about(unit, house, actor, ticket.id)


async def _hold(unit: Unit, house: House, actor: Colleague, ref: str) -> Shown:
    """Return the form of a legal hold, which only an officer sets (D9)."""
    scene = house.scene(actor.language)
    if not actor.is_officer:
        officers = house.texts.together(actor.language, [one.name for one in house.people.officers()])
        return lookups.note(scene.say("command.title"), scene.say("refusal.not_yours_officer", {"who": officers}))
    try:
        ticket = await unit.tickets.load(ref)
    except NotFound:
        raise NotFound("refusal.no_ticket", {"ref": ref}) from None
    await unit.ledger.write(ticket.id, LedgerEvent.LOOKED, actor.id)
    return hold_form(scene, ticket)


async def _find(unit: Unit, house: House, actor: Colleague, address: str) -> Shown:
    """Find by address; that somebody looked is written down, for whom is not."""
    scene = house.scene(actor.language)
    if not address:
        return lookups.note(scene.say("command.title"), scene.say("command.find_private"))
    query = TicketQuery(open_only=False, digest=unit.index.digest("email", address))
    found = {one.id: one for one in await unit.tickets.matching(query)}
    resting = await restrictions.in_force_for(unit, address)
    for one in resting:  # its ticket is found by address no more a month after it was closed; the register still is
        found.setdefault(one.ticket_id, await unit.tickets.load(one.ticket_id))
    tickets = [one for one in found.values() if actor.is_officer or not officer_only(one)]
    seen = {one.id for one in tickets}
    since = [(found[one.ticket_id].ref, restrictions.since(one)) for one in resting if one.ticket_id in seen]
    await unit.ledger.write(DESK, LedgerEvent.SOUGHT, actor.id, {"found": len(tickets)})
    return lookups.found_card(scene, tickets, since, for_officer=actor.is_officer)
