"""Taking a request back at the desk, when the person said so to a colleague (F41)."""

from typing import Final

from bot.card import Form, Values
from bot.cards import fields
from bot.cards.withdrawal import withdraw_form
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.ticket import Part, Stage, Ticket
from bot.services.deciding import withdrawal

#: What was said and not written needs words of its own: nobody can look it up.
SPOKEN: Final = ("call", "visit")


async def open_withdraw(at: Standing) -> Form:
    """Return the form that says what stops and what cannot come back."""
    ticket = await at.handled()
    return withdraw_form(at.house.scene(at.actor.language), ticket, _takeable(ticket))


async def submit_withdraw(at: Standing, values: Values) -> str:
    """Take the chosen parts back; the person has a letter that says so."""
    ticket = await at.handled()
    _takeable(ticket)
    chosen, how = values.get(fields.PARTS, ()), one(values, fields.METHOD)
    if not chosen:
        raise Incomplete("refusal.field_missing", {"field": fields.PARTS})
    if how not in fields.WITHDRAWN_BY:
        raise Incomplete("refusal.field_bad", {"field": fields.METHOD})
    note = one(values, fields.NOTE, required=how in SPOKEN)
    return (await withdrawal.told_us(at.unit, at.house, ticket, at.actor, chosen, how, note)).id


def _takeable(ticket: Ticket) -> list[Part]:
    found = [part for part in ticket.parts if withdrawal.stoppable(ticket, part)]
    if not found:
        closed = ticket.stage is Stage.CLOSED
        raise NotAllowedNow("refusal.withdraw_closed" if closed else "refusal.too_late_to_withdraw")
    return found
