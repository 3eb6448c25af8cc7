"""A suspected breach: page who has duty, keep the 72-hour clock ringing, end it with a person's word (R63, Art. 33).

What is known of the clock lies in the vault as `case/incident`; the ticket only carries the mark that it runs.
Alarms are jobs, so they ring at night and on Sundays, and each rings once whatever happens (D35): who has duty is
asked when it rings, not when it was put.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain import incident as law
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, TryLater
from bot.domain.incident import INCIDENT_OPEN, Incident
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket
from bot.ports import Job, JobKind, Shelf, Unit
from bot.services.casefile import incident_of, keep_incident
from bot.services.house import House
from bot.services.showing.posting import redraw, refresh, tell
from bot.services.showing.turns import tell_whose_turn
from bot.services.thread import thread_of

NAME: Final = "incident"
WHY: Final = "note/incident"
#: Hours from which every officer is told, not only who has duty.
ALL_FROM: Final = 48


async def begin(unit: Unit, house: House, ticket: Ticket, aware_at: datetime) -> None:
    """Start the clock of a ticket that was just opened, and page who has duty in the same transaction."""
    started = Incident(aware_at)
    await keep_incident(unit, ticket.id, started)
    await unit.ledger.write(ticket.id, LedgerEvent.INCIDENT_STARTED, DESK, {"aware": aware_at.isoformat()})
    await _page(unit, house, ticket, "start")
    await _wind(unit, ticket, started.alarm_after(house.now()))


async def suspect(unit: Unit, house: House, ticket: Ticket, actor: Colleague, aware_at: datetime, why: str) -> Ticket:
    """A colleague says that something may have leaked, an answer to the wrong person too (R64): the clock starts."""
    if law.runs(ticket):
        raise NotAllowedNow("refusal.already_decided")
    if aware_at > house.now():
        raise Incomplete("refusal.field_bad", {"field": "aware_at"})
    if not why.strip():
        raise Incomplete("refusal.field_missing", {"field": "why"})
    if (earlier := await incident_of(unit, ticket.id)) is not None and earlier.ended_at is not None:
        await keep_incident(unit, ticket.id, earlier, f"{NAME}-{earlier.ended_at.isoformat()}")  # one clock each
    await unit.vault.put(ticket.id, Shelf.CASE, f"{WHY}-suspected-{house.now().isoformat()}", why.encode())
    marked = replace(ticket, flags=ticket.flags | {law.BREACH, INCIDENT_OPEN})
    saved = await unit.tickets.save(ticket, marked)
    await unit.ledger.write(ticket.id, LedgerEvent.INCIDENT_SUSPECTED, actor.id)
    await begin(unit, house, saved, aware_at)
    await refresh(unit, ticket.id)
    return saved


async def ring(house: House, ticket_id: str) -> None:
    """Job: the next alarm is due; tell who has duty now, and wind the one after it."""
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
        except NotFound:
            return
        running = await incident_of(unit, ticket.id)
        if running is None or not law.runs(ticket):
            return
        due = running.alarm_at(house.now())
        following = running.alarm_after(house.now())
        if due is None:  # we became aware later than we first thought
            raise TryLater("trouble.later", following - house.now())
        hours = int((due - running.aware_at).total_seconds() // 3600)
        if await unit.jobs.fire(f"incident:{ticket.id}", due, ()):
            await _page(unit, house, ticket, hours)
            await unit.ledger.write(ticket.id, LedgerEvent.INCIDENT_RANG, DESK, {"hours": hours})
            await refresh(unit, ticket.id)
        await _wind(unit, ticket, following)


async def set_aware(unit: Unit, house: House, ticket: Ticket, actor: Colleague, at: datetime, why: str) -> Ticket:
    """Set when we became aware, with why; the alarms follow."""
    running = await _running(unit, ticket)
    if not why.strip():
        raise Incomplete("refusal.field_missing", {"field": "why"})
    moved = law.aware_from(running, at, house.now())
    await unit.vault.put(ticket.id, Shelf.CASE, f"{WHY}-aware-{house.now().isoformat()}", why.encode())
    facts: dict[str, str | int] = {"aware": moved.aware_at.isoformat()}
    await unit.ledger.write(ticket.id, LedgerEvent.INCIDENT_MOVED, actor.id, facts)
    await _wind(unit, ticket, moved.alarm_after(house.now()))
    return await _changed(unit, house, ticket, moved)


async def notify(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, at: datetime, *, reference: str, reason: str
) -> Ticket:
    """End the clock: IMY was notified at that moment, under that reference, and if late why (Art. 33(1))."""
    running = await _running(unit, ticket)
    ended = law.notified(running, at, house.now(), actor.id, reference=reference, reason=reason)
    facts: dict[str, str | int] = {"at": at.isoformat(), "reference": reference, "why": ended.reason}
    await unit.ledger.write(ticket.id, LedgerEvent.INCIDENT_NOTIFIED, actor.id, facts)
    return await _ended(unit, house, ticket, ended)


async def settle_without(unit: Unit, house: House, ticket: Ticket, actor: Colleague, reason: str, note: str) -> Ticket:
    """End the clock without a notification; the reason is written down, what was found out is sealed (Art. 33(5))."""
    running = await _running(unit, ticket)
    if not note.strip():
        raise Incomplete("refusal.field_missing", {"field": "note"})
    ended = law.not_needed(running, house.now(), actor.id, reason)
    await unit.vault.put(ticket.id, Shelf.CASE, WHY, note.encode())
    await unit.ledger.write(ticket.id, LedgerEvent.INCIDENT_SETTLED, actor.id, {"because": reason})
    return await _ended(unit, house, ticket, ended)


async def _running(unit: Unit, ticket: Ticket) -> Incident:
    running = await incident_of(unit, ticket.id)
    if running is None:
        raise NotAllowedNow("refusal.no_incident")
    return running


async def _ended(unit: Unit, house: House, ticket: Ticket, ended: Incident) -> Ticket:
    """Keep how it ended and let the ordinary work go on with those whose it is; they are told that it is their turn."""
    await unit.jobs.cancel(_key(ticket))
    saved = await _changed(unit, house, law.released(ticket), ended, before=ticket)
    await tell_whose_turn(unit, house, ticket, saved, ended.ended_by)
    await _let_go_where_it_joined(unit, house, ticket, ended.ended_by)
    return saved


async def _let_go_where_it_joined(unit: Unit, house: House, ticket: Ticket, by: str) -> None:
    """Release the ticket this one was put into as well: it took the mark over, and has no clock of its own to end."""
    if not (ref := (await thread_of(unit, ticket.id)).joined_to):
        return
    try:
        other = await unit.tickets.load(ref)
    except NotFound:
        return
    if law.suspected(other) and not law.runs(other) and not await _another_runs(unit, other):
        freed = law.released(other)
        saved = await unit.tickets.save(other, replace(freed, changes=freed.changes + 1))
        await refresh(unit, other.id)
        await tell_whose_turn(unit, house, other, saved, by)


async def _another_runs(unit: Unit, other: Ticket) -> bool:
    """Whether the clock of one more ticket that was put into *other* still runs."""
    for entry in await unit.ledger.entries(other.id):
        if entry.event is LedgerEvent.TICKET_JOINED:
            try:
                joined = await unit.tickets.load(str(entry.facts.get("ref", "")))
            except NotFound:  # a later mail joined, no ticket; or forgotten
                continue
            if law.runs(joined):
                return True
    return False


async def _changed(unit: Unit, house: House, ticket: Ticket, changed: Incident, before: Ticket | None = None) -> Ticket:
    await keep_incident(unit, ticket.id, changed)
    raised = replace(ticket, changes=ticket.changes + 1)  # a card drawn before this one is stale
    saved = await unit.tickets.save(before or ticket, raised)
    await refresh(unit, ticket.id)
    await _redraw_pages(unit, house, ticket, changed)
    return saved


async def _redraw_pages(unit: Unit, house: House, ticket: Ticket, changed: Incident) -> None:
    """Bring the pages in the officers' own chats up to date: none may go on asking for a word that was given."""
    gone = int((house.now() - changed.aware_at).total_seconds() // 3600)
    every = range(law.ALARMS[-1] + law.EVERY, gone + law.EVERY, law.EVERY)
    for which in ("start", *law.ALARMS, *every):
        await redraw(unit, house, f"reminder:{NAME}:{ticket.id}:{which}")


async def _page(unit: Unit, house: House, ticket: Ticket, which: str | int) -> None:
    """Put the clock before the officer who has duty; before all where that is no officer (D12), or time is short."""
    on_call = house.on_call()
    alone = on_call.is_officer and (isinstance(which, str) or which < ALL_FROM)
    for officer in (on_call,) if alone else house.people.officers():
        await tell(unit, f"reminder:{NAME}:{ticket.id}:{which}", officer)


async def _wind(unit: Unit, ticket: Ticket, at: datetime) -> None:
    await unit.jobs.cancel(_key(ticket))
    await unit.jobs.put(Job(JobKind.CHASE, _key(ticket), (NAME, ticket.id), at))


def _key(ticket: Ticket) -> str:
    return f"chase:{NAME}:{ticket.id}"
