"""Answers to typed commands that name a ticket: its card, one of its forms, or its file.

A command is the same as the button it stands for: it opens the same form under the same rights, and whoever may not
is told so privately and it is written down.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot import commands
from bot.card import Shown, Verb
from bot.cards import lookups
from bot.cards.buttons import aimed
from bot.commands import Command
from bot.desk.evidence import hand_out
from bot.desk.forms import open_form
from bot.desk.standing import Standing
from bot.domain.errors import NotFound, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket
from bot.ports import Unit
from bot.services.board import card_about
from bot.services.bursts import let_out
from bot.services.house import House

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
    """Return what *command* asks of the ticket *ref*; raises `NotFound` naming the reference."""
    try:
        ticket = await unit.tickets.load(ref)
    except NotFound:
        raise NotFound("refusal.no_ticket", {"ref": ref}) from None
    at = Standing(unit, house, actor, aimed(VERBS[type(command)], ticket))
    try:
        return await _answered(at, ticket)
    except NotYours as refusal:
        facts: dict[str, str | int] = {"verb": at.press.verb, "why": refusal.key}
        await unit.ledger.write(ticket.id, LedgerEvent.REFUSED, actor.id, facts)
        scene = house.scene(actor.language)
        return lookups.note(scene.say("command.title"), scene.say(refusal.key, refusal.facts))


async def _answered(at: Standing, ticket: Ticket) -> Shown:
    match at.press.verb:
        case Verb.OPEN:
            await at.unit.ledger.write(ticket.id, LedgerEvent.LOOKED, at.actor.id)
            if at.actor.handles_tickets:
                await let_out(at.unit, at.house, ticket.id)
            return await card_about(at.unit, at.house, at.actor, ticket.id)
        case Verb.EVIDENCE:
            return await hand_out(at)
        case _:
            form = await open_form(at)
            await at.unit.ledger.write(ticket.id, LedgerEvent.LOOKED, at.actor.id)
            return form
