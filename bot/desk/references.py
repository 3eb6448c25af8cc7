"""Answers to typed commands that name a ticket. That somebody looked is written down in the ticket's own chain."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot import commands
from bot.card import Shown, Verb
from bot.cards.hold import hold_form
from bot.commands import Command
from bot.desk.rights import refuse
from bot.domain.errors import NotFound
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket
from bot.ports import Unit
from bot.services.board import card_about
from bot.services.bursts import let_out
from bot.services.house import House

Answer = Callable[[Unit, House, Colleague, Ticket], Awaitable[Shown]]


async def about_ticket(unit: Unit, house: House, actor: Colleague, command: Command, ref: str) -> Shown:
    """Return what *command* asks of the ticket *ref*; raises `NotFound` naming the reference."""
    try:
        ticket = await unit.tickets.load(ref)
    except NotFound:
        raise NotFound("refusal.no_ticket", {"ref": ref}) from None
    return await ANSWERS[type(command)](unit, house, actor, ticket)


async def _show(unit: Unit, house: House, actor: Colleague, ticket: Ticket) -> Shown:
    await unit.ledger.write(ticket.id, LedgerEvent.LOOKED, actor.id)
    if actor.handles_tickets:
        await let_out(unit, house, ticket.id)
    return await card_about(unit, house, actor, ticket.id)


async def _hold(unit: Unit, house: House, actor: Colleague, ticket: Ticket) -> Shown:
    """Return the form of a legal hold, which only an officer sets (D9)."""
    refuse(house, actor, Verb.HOLD)
    await unit.ledger.write(ticket.id, LedgerEvent.LOOKED, actor.id)
    return hold_form(house.scene(actor.language), ticket)


#: What each command that names a ticket answers.
ANSWERS: Final[Mapping[type[Command], Answer]] = MappingProxyType({commands.Show: _show, commands.Hold: _hold})
