"""The neutral answer to who may be somebody else (R65, T21): one press of an officer, to the address written from.

It says nothing of whether the person is known, and the person on file is not told: that is for a colleague to decide.
"""

from bot.domain.errors import NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.people import Colleague
from bot.domain.protection import answered_neutrally, suspect
from bot.domain.ticket import Stage, Ticket
from bot.ports import Unit
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House


async def answer(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Have the neutral letter written and sent; the press is its approval, its words say nothing that needs reading."""
    parts = [part for part in ticket.parts if part.stage is Stage.RECEIVED]
    if not parts:
        raise NotAllowedNow("refusal.already_decided")
    if not suspect(ticket):
        raise NotAllowedNow("refusal.not_suspect")
    after = requested(house, answered_neutrally(ticket), LetterKind.NEUTRAL, parts)
    await unit.ledger.write(ticket.id, LedgerEvent.LETTER_APPROVED, actor.id, {"letter": LetterKind.NEUTRAL})
    return await carry_on(unit, house, ticket, after, actor.id)
