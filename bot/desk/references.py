"""Answers to typed commands that name a ticket: its card, one of its forms, or its file.

A command is the same as the button it stands for: it opens the same form under the same rights.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot import commands
from bot.card import Shown, Verb
from bot.cards.buttons import aimed
from bot.commands import Command
from bot.desk.evidence import hand_out
from bot.desk.forms import open_form
from bot.desk.rights import refuse
from bot.desk.standing import Standing
from bot.domain.errors import NotFound
from bot.domain.ledger import CARD, LedgerEvent
from bot.domain.people import Colleague
from bot.ports import Unit
from bot.services.house import House
from bot.services.showing.board import card_about
from bot.services.showing.bursts import let_out

#: What each command that names a ticket presses.
VERBS: Final[Mapping[type[Command], Verb]] = MappingProxyType(
    {
        commands.Show: Verb.OPEN,
        commands.Hold: Verb.HOLD,
        commands.Extend: Verb.EXTEND,
        commands.Withdraw: Verb.WITHDRAW,
        commands.Wrong: Verb.WRONG_PERSON,
        commands.Evidence: Verb.EVIDENCE,
    }
)


async def about_ticket(unit: Unit, house: House, actor: Colleague, command: Command, ref: str) -> Shown:
    """Return what *command* asks of the ticket *ref*; raises `NotFound` naming the reference, `NotYours`."""
    verb = VERBS[type(command)]
    refuse(house, actor, verb)
    try:
        ticket = await unit.tickets.load(ref)
    except NotFound:
        raise NotFound("refusal.no_ticket", {"ref": ref}) from None
    at = Standing(unit, house, actor, aimed(verb, ticket))
    if verb is Verb.EVIDENCE:
        return await hand_out(at)
    form = None if verb is Verb.OPEN else await open_form(at)
    await unit.ledger.write(ticket.id, LedgerEvent.LOOKED, actor.id, {CARD: 1})
    if form is not None:
        return form
    if actor.handles_tickets:
        await let_out(unit, house, ticket.id)
    return await card_about(unit, house, actor, ticket.id)
