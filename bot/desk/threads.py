"""Presses and forms about later mails and other tickets: one part by itself, two tickets as one, a regret settled.

Whoever puts two tickets together must be allowed to walk both (D9, D12).
"""

from bot.card import Form, Values
from bot.cards import fields, threads
from bot.cards.particulars import Thread
from bot.desk.standing import Standing
from bot.desk.values import moment, one, scope_in
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.request import RequestType
from bot.domain.ticket import MAY_TAKE_BACK, Part, Ticket
from bot.services.deciding import later, withdrawal
from bot.services.deciding.later import PartChange
from bot.services.intake import joining
from bot.services.showing import kin
from bot.services.thread import thread_of


async def join_form(at: Standing) -> Form:
    """Return the form that puts a ticket into another."""
    ticket = await at.handled()
    return threads.join(at.house.scene(at.actor.language), ticket, await _candidates(at, ticket))


async def _candidates(at: Standing, ticket: Ticket) -> tuple[Ticket, ...]:
    said = (await thread_of(at.unit, ticket.id)).said
    found = tuple(await kin.candidates(at.unit, ticket, said, for_officer=at.actor.is_officer))
    if not found:
        raise NotAllowedNow("refusal.nothing_to_join")
    return found


async def join(at: Standing, values: Values) -> str:
    """Put the ticket into the one chosen, or note that it stays by itself."""
    ticket = await at.handled()
    chosen = one(values, fields.WAY)
    if chosen == fields.KEEP_APART:
        return (await joining.keep_apart(at.unit, ticket, at.actor)).id
    found = {other.ref: other for other in await _candidates(at, ticket)}
    if chosen not in found:
        raise Incomplete("refusal.field_bad", {"field": fields.WAY})
    other = await at.unit.tickets.load(found[chosen].id)  # locked, and as it is now
    await at.may_touch(other)
    return (await joining.join(at.unit, at.house, ticket, other, at.actor)).id


async def confirm_part(at: Standing, ticket: Ticket, part: Part) -> str:
    """Confirm one part."""
    return (await later.confirm_part(at.unit, at.house, ticket, part, at.actor)).id


async def change_part_form(at: Standing, ticket: Ticket, part: Part) -> Form:
    """Return the form that corrects one part."""
    asked = (await thread_of(at.unit, ticket.id)).asked.get(part.id)
    return threads.change_part(at.house.scene(at.actor.language), ticket, part, asked)


async def change_part(at: Standing, values: Values, ticket: Ticket, part: Part) -> str:
    """Correct one part."""
    guessed = _guessed(await thread_of(at.unit, ticket.id), part)
    received = moment(values, fields.RECEIVED)
    if received == part.received.replace(second=0, microsecond=0) and not guessed:
        received = None  # the form shows whole minutes: left as it was
    if received is not None and received > at.house.now():
        raise Incomplete("refusal.field_bad", {"field": fields.RECEIVED})
    if received is not None and not guessed:
        one(values, fields.RECEIVED_WHY)
    if received is None and guessed:
        raise Incomplete("refusal.field_missing", {"field": fields.RECEIVED})
    wanted = PartChange(RequestType(one(values, fields.RIGHTS)), scope_in(values, part.scope), received)
    return (await later.change_part(at.unit, at.house, ticket, part, at.actor, wanted)).id


def _guessed(thread: Thread, part: Part) -> bool:
    asked = thread.asked.get(part.id)
    return asked is not None and asked.guessed


async def dismiss_part(at: Standing, values: Values, ticket: Ticket, part: Part) -> str:
    """Close one part as no request."""
    reason = one(values, fields.REASON)
    return (await later.dismiss_part(at.unit, at.house, ticket, part, at.actor, reason)).id


async def regret_form(at: Standing) -> Form:
    """Return the form that says what a mail means which may take the request back."""
    ticket = await at.handled()
    _regretted(ticket)
    takeable = [part for part in ticket.parts if withdrawal.withdrawable(ticket, part)]
    return threads.settle_regret(at.house.scene(at.actor.language), ticket, takeable)


async def settle_regret(at: Standing, values: Values) -> str:
    """Take back the parts chosen, or let everything go on."""
    ticket = await at.handled()
    _regretted(ticket)
    if one(values, fields.WAY) == fields.GO_ON:
        return (await withdrawal.let_go_on(at.unit, at.house, ticket, at.actor)).id
    chosen = values.get(fields.PARTS, ())
    if not chosen:
        raise Incomplete("refusal.field_missing", {"field": fields.PARTS})
    return (await withdrawal.withdraw(at.unit, at.house, ticket, at.actor.id, chosen)).id


def _regretted(ticket: Ticket) -> None:
    if MAY_TAKE_BACK not in ticket.flags:
        raise NotAllowedNow("refusal.already_decided")
