"""Forgetting our own traces, looking again after an erasure, and the daily digest of the ledger.

Findings go 30 days after closing, the case after 24 months, items after 30 days (D24).
31 days after closing every system that was erased from and can be seen into is looked at
once more; a hit opens that system's erasure again, to be approved anew, and the on-call
officer hears (F31).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.again import reopened
from bot.domain.deadline import SWEDEN, months_after
from bot.domain.errors import PrivacyDeskError, TryLater
from bot.domain.hold import review_of
from bot.domain.ledger import LedgerEvent
from bot.domain.restriction import in_force
from bot.domain.system import AT_RECIPIENTS, Record
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from bot.ports import EVERY, Call, ItemState, Job, JobKind, Shelf, TicketQuery
from bot.services import casefile
from bot.services.house import House
from bot.services.looking import nothing_may_be_left
from bot.services.posting import tell
from bot.services.progress import carry_on

DESK: Final = "desk"


async def forget(house: House, call: Call) -> None:
    """Job: shred what the periods say. Daily the tickets, each in its own transaction; on its day the item named."""
    if len(call.ids) == 1:
        await _forget_item(house, call.ids[0])
        return
    async with house.work() as unit:
        closed = await unit.tickets.matching(TicketQuery(closed_before=house.now(), limit=EVERY))
    for ticket in closed:
        await _forget_ticket(house, ticket)


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


async def _forget_ticket(house: House, ticket: Ticket) -> None:
    if ticket.closed_at is None:
        return
    age = house.now() - ticket.closed_at
    case_ends = months_after(ticket.closed_at.astimezone(SWEDEN).date(), house.terms.case_months)
    async with house.work() as unit:
        if age.days >= house.terms.findings_days and await unit.vault.names(ticket.id, Shelf.FINDINGS):
            await unit.vault.shred(ticket.id, Shelf.FINDINGS)
            for about in (ticket.id, *(part.id for part in ticket.parts)):
                await unit.links.drop(about)
            await unit.ledger.write(ticket.id, LedgerEvent.FORGOTTEN, DESK, {"shelf": Shelf.FINDINGS})
        kept_on = review_of(ticket) is not None or in_force(ticket) is not None
        if house.today() >= case_ends and not kept_on and await unit.vault.names(ticket.id, Shelf.CASE):
            await unit.vault.shred(ticket.id, Shelf.CASE)
            await unit.index.forget(ticket.id)
            await unit.posts.drop(ticket.id)
            await unit.ledger.write(ticket.id, LedgerEvent.FORGOTTEN, DESK, {"shelf": Shelf.CASE})


async def recheck(house: House, call: Call) -> None:
    """Job, 31 days after closing: look again where something was erased; the blind index goes with it (D24)."""
    (ticket_id,) = call.ids
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
            person = await casefile.person_of(unit, ticket_id)
        except PrivacyDeskError:
            return
    if ticket.closed_at is None:
        return
    left = ticket.closed_at + timedelta(days=house.terms.recheck_days) - house.now()
    if left > timedelta(0):
        raise TryLater("trouble.later", left)  # opened and closed again meanwhile: its days count anew
    hits: dict[str, tuple[Record, ...]] = {}
    for task in ticket.tasks:
        if task.operation in AT_RECIPIENTS:
            continue  # told, not held: nobody outside is looked into
        unseen = house.manifest(task.system).unseen
        if task.state is TaskState.DONE and nothing_may_be_left(house, ticket, task) and not unseen:
            known = tuple(i for i in person.identifiers() if i.kind in house.manifest(task.system).known_by)
            found = await house.systems[task.system].find(known)
            hits[task.id] = tuple(one for one in found if not one.shared)  # what was kept for others may stand there
    await _looked_again(house, ticket_id, {task_id: found for task_id, found in hits.items() if found})


async def _looked_again(house: House, ticket_id: str, hits: Mapping[str, Sequence[Record]]) -> None:
    """Write down what was seen; what is there again is put before its owner, to be approved anew, and on-call hears."""
    async with house.work() as unit:
        ticket = await unit.tickets.load(ticket_id)
        if ticket.closed_at is None:
            return
        facts: dict[str, str | int] = {"records": sum(map(len, hits.values()))}
        await unit.ledger.write(ticket_id, LedgerEvent.SEARCHED, DESK, facts)
        if not hits:
            if review_of(ticket) is None and in_force(ticket) is None:
                await unit.index.forget(ticket_id)
            return
        after = ticket
        for task_id, found in hits.items():
            task = after.task(task_id)
            await casefile.keep_records(unit, ticket_id, task.system, found)
            after = reopened(after, task, Counter(one.kind for one in found), house.now())
            told: dict[str, str | int] = {"system": task.system, "records": len(found)}
            await unit.ledger.write(ticket_id, LedgerEvent.REAPPEARED, DESK, told)
        await carry_on(unit, house, ticket, after)
        await tell(unit, f"reminder:reappeared:{ticket_id}:{house.today()}", house.on_call())


async def digest(house: House, _call: Call) -> None:
    """Job, daily: sign every chain's head and keep the digest's line outside the database (D25)."""
    async with house.work() as unit:
        signed = await unit.ledger.close_day(house.signing_key)
    house.keep_digest(signed.line)
