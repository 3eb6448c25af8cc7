"""Opening a closed ticket or a dismissed part again at the desk: an officer's, once it had been confirmed (D9)."""

from bot.card import Form, Values
from bot.cards import fields
from bot.cards.reopening import reopen_form, reopen_part_form
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.errors import Incomplete
from bot.domain.ticket import Part, Ticket
from bot.services.deciding import later
from bot.services.intake import triage
from bot.services.thread import thread_of


async def open_reopen(at: Standing) -> Form:
    """Return the form that says what begins anew and what is dropped; who may not is told so before typing."""
    ticket, part = await _target(at)
    scene = at.house.scene(at.actor.language)
    if part is not None:
        later.refuse_to_reopen(ticket, part)
        return reopen_part_form(scene, ticket, part)
    joined_to = (await thread_of(at.unit, ticket.id)).joined_to
    return reopen_form(scene, ticket, at.house.terms.recheck_days, joined_to)


async def submit_reopen(at: Standing, values: Values) -> str:
    """Open it again; why is written down by its key, and a colleague's own words are sealed."""
    ticket, part = await _target(at)
    reason = one(values, fields.REASON)
    if reason not in fields.REOPENINGS:
        raise Incomplete("refusal.field_bad", {"field": fields.REASON})
    note = one(values, fields.NOTE, required=reason == fields.OTHER)
    if part is not None:
        return (await later.reopen_part(at.unit, at.house, ticket, part, at.actor, reason, note)).id
    return (await triage.reopen(at.unit, at.house, ticket, at.actor, reason, note)).id


async def _target(at: Standing) -> tuple[Ticket, Part | None]:
    ticket = await at.handled()
    part = at.part(ticket)
    if part is None and ticket.confirmed_by:
        at.officer()
    return ticket, part
