"""Extending a deadline at the desk: an officer's, with the letter shown before it leaves (D9, Art. 12(3))."""

from bot.card import Form, Values
from bot.cards import fields
from bot.cards.extension import extend_form
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.ticket import Ticket
from bot.services.deciding import extending
from bot.services.deciding.extending import Extension


async def open_extend(at: Standing) -> Form:
    """Return the form with the letter as it will be; who may not, or where it is too late, is told so before typing."""
    ticket = await _ticket(at)
    parts = extending.may_extend(at.house, ticket)
    stands_for = at.house.texts.say(ticket.language, "letter_extension.stands_for")
    preview = extending.preview(at.house, ticket, parts, stands_for)
    return extend_form(at.house.scene(at.actor.language), ticket, parts, preview)


async def submit_extend(at: Standing, values: Values) -> str:
    """Have the person told; the deadlines move once the letter has left."""
    ticket = await _ticket(at)
    read_first = one(values, fields.WAY) == fields.READ_FIRST
    wanted = Extension(tuple(values.get(fields.REASONS, ())), one(values, fields.WHY), read_first)
    return (await extending.extend(at.unit, at.house, ticket, at.actor, wanted)).id


async def _ticket(at: Standing) -> Ticket:
    ticket = await at.ticket()
    at.officer()
    await at.may_touch(ticket)
    return ticket
