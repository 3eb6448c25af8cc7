"""Legal holds at the desk: an officer's alone, on a closed ticket as on an open one."""

from bot.card import Form, Values
from bot.cards import fields
from bot.cards.hold import hold_form
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.hold import Hold
from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Ticket
from bot.services.casework import holding
from bot.services.casework.progress import carry_on
from bot.services.casework.protecting import known_again, open_about
from bot.services.deciding.approval import is_own


async def open_hold(at: Standing) -> Form:
    """Return the form of a hold."""
    return hold_form(at.house.scene(at.actor.language), await _ticket(at))


async def submit_hold(at: Standing, values: Values) -> str:
    """Set the hold, keep it longer, or release it; every other request about the person hears of it."""
    ticket = await _ticket(at)
    own = await is_own(at.unit, ticket, at.actor)
    if one(values, fields.WAY, required=False) == fields.RELEASE_HOLD:
        after = await holding.release(at.unit, at.house, ticket, at.actor, own=own)
        if any(part.open for part in after.parts):
            await known_again(at.unit, ticket)
        saved = await carry_on(at.unit, at.house, ticket, after, at.actor.id)
        await _owed_by_others(at, saved)
        return saved.id
    earlier = await holding.hold_of(at.unit, ticket)
    wanted = Hold(
        ground=one(values, fields.GROUND, required=earlier is None) or (earlier.ground if earlier else ""),
        owner=at.actor.id,
        since=at.house.today(),
        review_on=holding.checked_day(one(values, fields.REVIEW_ON)),
        reason=one(values, fields.WHY, required=earlier is None) or (earlier.reason if earlier else ""),
    )
    after = await holding.place(at.unit, at.house, ticket, at.actor, wanted, own=own)
    saved = await carry_on(at.unit, at.house, ticket, after, at.actor.id)
    await _met_by_others(at, saved)
    return saved.id


async def _met_by_others(at: Standing, ticket: Ticket) -> None:
    for address in await holding.addresses_of(at.unit, ticket):
        for found in await open_about(at.unit, address):
            if found.id != ticket.id:
                other = await at.unit.tickets.load(found.id)
                await carry_on(at.unit, at.house, other, other, at.actor.id)


async def _owed_by_others(at: Standing, ticket: Ticket) -> None:
    """Put before their owners what the hold refused of the person's other requests: their letters promised so."""
    for address in await holding.addresses_of(at.unit, ticket):
        for found in await open_about(at.unit, address, closed_too=True):
            other = await at.unit.tickets.load(found.id)
            after = await holding.owed(at.unit, at.house, other)
            if after is not other:
                await at.unit.ledger.write(other.id, LedgerEvent.RELEASED, at.actor.id)
                await carry_on(at.unit, at.house, other, after, at.actor.id)


async def _ticket(at: Standing) -> Ticket:
    ticket = await at.ticket()
    at.officer()
    await at.may_touch(ticket)
    return ticket
