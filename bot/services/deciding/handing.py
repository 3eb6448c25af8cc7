"""Handing over every open ticket of a colleague at once (D28), also of one who works here no more."""

from dataclasses import dataclass, replace
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.ticket import Ticket
from bot.ports import EVERY, TicketQuery, Unit
from bot.services.deciding.approval import is_own
from bot.services.house import House, new_id
from bot.services.showing.posting import refresh, tell

HANDED: Final = "handed"


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a colleague's open tickets: how many moved, and how many could not go to that colleague."""

    moved: int
    stayed: int

    def about(self, who: str, to: str) -> str:
        """Return the name under which it is told."""
        return f"{HANDED}:{who}:{to}:{self.moved}:{self.stayed}:{new_id()[:8]}"


async def walked_by(unit: Unit, who: str) -> list[Ticket]:
    """Return the open tickets that a colleague walks, oldest first."""
    return [one for one in await unit.tickets.matching(TicketQuery(limit=EVERY)) if one.handler == who]


async def hand_over_all(unit: Unit, house: House, who: str, actor: Colleague, to: Colleague) -> str:
    """Give *to* what *who* walks; return what it is told under. Raises `NotAllowedNow` when nothing can move.

    A ticket that is about the one or the other, or an officer's alone and the other no officer, stays: nobody
    may come by a right this way (D9, D12). Whom it waits for follows from who walks it.
    """
    mine = await walked_by(unit, who)
    movable = [one for one in mine if await _may_move(unit, one, actor, to)]
    if not movable:
        raise NotAllowedNow("refusal.nothing_to_hand_over")
    for ticket in movable:
        await unit.tickets.save(ticket, replace(ticket, handler=to.id))
        facts: dict[str, str | int] = {"to": to.id, "from": who, "of": len(movable)}
        await unit.ledger.write(ticket.id, LedgerEvent.HANDED_OVER, actor.id, facts)
        await refresh(unit, ticket.id)
    told = Handed(len(movable), len(mine) - len(movable)).about(who, to.id)
    for colleague in house.people.colleagues:
        if colleague.id in (who, to.id):
            await tell(unit, told, colleague)
    return told


async def _may_move(unit: Unit, ticket: Ticket, actor: Colleague, to: Colleague) -> bool:
    if officer_only(ticket) and not (actor.is_officer and to.is_officer):
        return False
    return not (await is_own(unit, ticket, to) or await is_own(unit, ticket, actor))
