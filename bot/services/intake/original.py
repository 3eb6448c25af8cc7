"""Seeing to it that a chat message which became a ticket leaves the chat (D17).

The colleague who made the ticket is asked every working morning, whatever the ticket's
stage; when that has not helped three times, who is on call hears of it too.
"""

from collections.abc import Iterator
from typing import Final

from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.original import original_with, removed
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket
from bot.ports import Call, Job, JobKind, Unit
from bot.services.house import House
from bot.services.showing.posting import refresh, tell

#: Mornings after which who is on call is asked too.
ALONE: Final = 3


async def begin_chase(unit: Unit, house: House, ticket: Ticket) -> None:
    """Write down who is to remove the original, and begin to ask for it."""
    await unit.ledger.write(ticket.id, LedgerEvent.ORIGINAL_LEFT, DESK, {"to": original_with(ticket)})
    await _ask_next_morning(unit, house, ticket.id, 1)


async def chase(house: House, call: Call) -> None:
    """Job, every working morning: ask for the original until it is removed."""
    ticket_id, times = call.ids[0], int(call.ids[1])
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
        except NotFound:
            return
        if not original_with(ticket):
            return
        for colleague in {one.id: one for one in _asked(house, ticket, times)}.values():
            await tell(unit, f"reminder:original:{ticket.id}:{house.today()}", colleague)
        await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": "original"})
        await _ask_next_morning(unit, house, ticket.id, times + 1)


async def note_removed(unit: Unit, ticket: Ticket, actor: Colleague) -> Ticket:
    """Write down that the original is gone from the chat; refused when nothing is left to remove."""
    saved = await unit.tickets.save(ticket, removed(ticket))
    await unit.ledger.write(ticket.id, LedgerEvent.ORIGINAL_REMOVED, actor.id)
    await unit.jobs.cancel(_key(ticket.id))
    await refresh(unit, ticket.id)
    return saved


def _asked(house: House, ticket: Ticket, times: int) -> Iterator[Colleague]:
    made_by = [one for one in house.people.colleagues if one.id == original_with(ticket)]
    yield from made_by
    if times > ALONE or not made_by:
        yield house.on_call()


async def _ask_next_morning(unit: Unit, house: House, ticket_id: str, times: int) -> None:
    await unit.jobs.put(Job(JobKind.CHASE_ORIGINAL, _key(ticket_id), (ticket_id, str(times)), house.next_morning()))


def _key(ticket_id: str) -> str:
    return f"original:{ticket_id}"
