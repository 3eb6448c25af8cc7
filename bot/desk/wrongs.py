"""An answer that went to the wrong person, at the desk: told by whoever walks tickets, at once (R64)."""

from bot.card import Form, Values
from bot.cards import fields
from bot.cards.wrong import GONE_OUT, wrong_form
from bot.desk.standing import Standing
from bot.desk.values import moment, one
from bot.domain.errors import Incomplete
from bot.services.casework import wrong_person
from bot.services.casework.wrong_person import WrongPerson


async def open_wrong(at: Standing) -> Form:
    """Return the form."""
    return wrong_form(at.house.scene(at.actor.language), await at.handled())


async def submit_wrong(at: Standing, values: Values) -> str:
    """Close every link of the ticket, start the 72 hours, page who has duty."""
    ticket = await at.handled()
    letter = one(values, fields.LETTER)
    sent = {one.id for one in ticket.letters if one.state in GONE_OUT}
    if letter not in {fields.NOT_A_LETTER, *sent}:
        raise Incomplete("refusal.field_bad", {"field": fields.LETTER})
    categories = tuple(key for key in fields.WRONG_CATEGORIES if key in values.get(fields.CATEGORIES, ()))
    if not categories:
        raise Incomplete("refusal.field_missing", {"field": fields.CATEGORIES})
    aware = moment(values, fields.AWARE_AT)
    if aware is None:
        raise Incomplete("refusal.field_missing", {"field": fields.AWARE_AT})
    found = one(values, fields.METHOD)
    if found not in fields.WRONG_FOUND:
        raise Incomplete("refusal.field_bad", {"field": fields.METHOD})
    told = WrongPerson("" if letter == fields.NOT_A_LETTER else letter, found, categories, one(values, fields.WHY))
    return (await wrong_person.report(at.unit, at.house, ticket, at.actor, told, aware)).id
