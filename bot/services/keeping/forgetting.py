"""Forgetting our own traces, and the daily digest of the ledger.

Findings go 30 days after closing, the case after 24 months, items after 30 days (D24).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.deadline import SWEDEN, months_after
from bot.domain.hold import keeps
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.restriction import in_force
from bot.domain.ticket import Ticket
from bot.ports import EVERY, Call, ItemState, Job, JobKind, Shelf, TicketQuery, Unit
from bot.services.house import House

SHORTEST_MONTH: Final = 28  # days


async def forget(house: House, call: Call) -> None:
    """Job: shred what the periods say. Daily the tickets, each in its own transaction; on its day the item named."""
    if len(call.ids) == 1:
        await _forget_item(house, call.ids[0])
        return
    async with house.work() as unit:
        await unit.links.sweep(house.now() - timedelta(days=1))
    for ticket in await _forgettable(house):
        async with house.work() as unit:
            await _forget_ticket(unit, house, ticket.id)


async def _forgettable(house: House) -> Iterable[Ticket]:
    """Return the closed tickets that still hold what goes at a period's end, a day early: `_forget_ticket` decides."""
    periods = {
        Shelf.FINDINGS: timedelta(days=house.terms.findings_days - 1),
        Shelf.CASE: timedelta(days=house.terms.case_months * SHORTEST_MONTH - 1),
    }
    found: dict[str, Ticket] = {}
    async with house.work() as unit:
        for shelf, period in periods.items():
            query = TicketQuery(closed_before=house.now() - period, sealed=shelf, limit=EVERY)
            found |= {ticket.id: ticket for ticket in await unit.tickets.matching(query)}
    return found.values()


async def _forget_item(house: House, item_id: str) -> None:
    """Forget an item, dismissed or not; one that nobody looked at leaves the quiet list with it.

    What a backfill found looks like a request: it is not forgotten before somebody has said what it is.
    """
    async with house.work() as unit:
        item = await unit.items.load(item_id)
        if item.state is ItemState.OLDER:
            later = house.now() + timedelta(days=house.terms.items_days)
            await unit.jobs.put(Job(JobKind.FORGET, f"forget:{item_id}", (item_id,), later))
            return
        if item.state is ItemState.WAITING:
            await unit.items.save(item, replace(item, state=ItemState.DISMISSED))
        await unit.vault.shred(item_id, Shelf.ITEM)
        await unit.ledger.write(DESK, LedgerEvent.FORGOTTEN, DESK, {"item": item_id})


async def _forget_ticket(unit: Unit, house: House, ticket_id: str) -> None:
    """Shred what goes of a ticket as it is now: since the list was made it may have been held, or opened again."""
    ticket = await unit.tickets.load(ticket_id)
    if ticket.closed_at is None:
        return
    age = house.now() - ticket.closed_at
    case_ends = months_after(ticket.closed_at.astimezone(SWEDEN).date(), house.terms.case_months)
    if age.days >= house.terms.findings_days and await unit.vault.names(ticket.id, Shelf.FINDINGS):
        await unit.vault.shred(ticket.id, Shelf.FINDINGS)
        for about in (ticket.id, *(part.id for part in ticket.parts)):
            await unit.links.drop(about)
        await unit.ledger.write(ticket.id, LedgerEvent.FORGOTTEN, DESK, {"shelf": Shelf.FINDINGS})
    kept_on = keeps(ticket) or in_force(ticket) is not None
    if house.today() >= case_ends and not kept_on and await unit.vault.names(ticket.id, Shelf.CASE):
        await unit.vault.shred(ticket.id, Shelf.CASE)
        await unit.index.forget(ticket.id)
        await unit.posts.drop(ticket.id)
        await unit.ledger.write(ticket.id, LedgerEvent.FORGOTTEN, DESK, {"shelf": Shelf.CASE})


async def digest(house: House, _call: Call) -> None:
    """Job, daily: sign every chain's head and keep the digest's line outside the database (D25)."""
    async with house.work() as unit:
        signed = await unit.ledger.close_day(house.signing_key)
    house.keep_digest(signed.line)
