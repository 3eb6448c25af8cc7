"""Carrying tasks out: look, act, look again.

A job only wakes a task. Who may act is settled by compare-and-set and the job's fencing
token, in short transactions; the vendor is called between them, never inside. A write
that is not safe to repeat is marked before it leaves (`writing_since`): whoever finds
the mark later looks first and never just asks again (D34).
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.deadline import end_of
from bot.domain.errors import NeedsHuman, NotAllowedNow, NotFound, SystemTrouble, TryLater
from bot.domain.ledger import LedgerEvent
from bot.domain.policy import lock_on
from bot.domain.system import Identifier, IdentifierKind, Operation
from bot.domain.task import Again, Task, TaskState, after_trouble, begin, settle
from bot.domain.ticket import Ticket
from bot.ports import Call, Job, JobKind, Shelf, System, Unit
from bot.services import casefile
from bot.services.house import House
from bot.services.posting import refresh
from bot.services.progress import carry_on
from bot.services.protecting import kept_elsewhere
from bot.services.turns import tell_whose_turn

DESK: Final = "desk"
UNFORESEEN: Final = "trouble.unforeseen"
#: A marked write may still be under way at the vendor: looking sooner proves nothing.
SETTLING: Final = timedelta(seconds=5)
#: Searches at the vendor may lag behind a deletion; look again after this.
LAG: Final = timedelta(seconds=2)


async def run_task(house: House, call: Call) -> None:
    """Job: carry out one task, if it is still to be done and this job holds it."""
    (task_id,) = call.ids
    held = await _take(house, task_id, call.token)
    if held is None:
        return
    ticket, task = held
    system = house.systems[task.system]
    try:
        match task.operation:
            case Operation.FIND:
                await _find(house, ticket, task, system)
            case Operation.EXPORT:
                await _export(house, ticket, task, system)
            case Operation.ERASE:
                await _erase(house, ticket, task, system)
            case Operation.SUPPRESS:
                await _suppress(house, ticket, task, system)
            case Operation.RECTIFY | Operation.RESTRICT | Operation.HIDE | Operation.RESUME:
                raise NeedsHuman("trouble.needs_human")
    except SystemTrouble as trouble:
        await _note_trouble(house, task, trouble)


async def _take(house: House, task_id: str, token: str) -> tuple[Ticket, Task] | None:
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(task_id)
        except NotFound:
            return None
        task = ticket.task(task_id)
        if task.state not in (TaskState.READY, TaskState.RUNNING):
            return None
        part = ticket.part(task.part_id)
        locked = lock_on(ticket, part, task, house.now(), house.calendar)
        if locked is not None and task.writing_since is None:  # a later mail locked it again: nothing was written yet
            await carry_on(unit, house, ticket, ticket.with_task(replace(task, state=TaskState.LOCKED, token="")))
            return None
        held = begin(task, token)
        saved = await unit.tickets.save(ticket, ticket.with_task(held))
        facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "attempt": held.attempts}
        await unit.ledger.write(ticket.id, LedgerEvent.ATTEMPTED, DESK, facts)
        return saved, saved.task(task_id)


async def _find(house: House, ticket: Ticket, task: Task, system: System) -> None:
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
    records = await system.find(_known(person.identifiers(), system))
    found = Counter(record.kind for record in records)
    async with house.work() as unit:
        now = await _still_held(unit, task)
        await casefile.keep_records(unit, ticket.id, task.system, records)
        state = TaskState.DONE if records else TaskState.NOT_HELD
        settled = replace(settle(now.task(task.id), state, house.now()), found=dict(found))
        await _finish(unit, house, now, settled, LedgerEvent.SEARCHED, found)


async def _export(house: House, ticket: Ticket, task: Task, system: System) -> None:
    """Fetch record by record into the vault, so that memory stays flat however much there is."""
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        records = await casefile.records_of(unit, ticket.id, task.system)
        kept = set(await unit.vault.names(ticket.id, Shelf.FINDINGS, f"export/{task.id}/"))
    if not records:  # the search was closed by hand: what a colleague saw must be found again to be handed over
        records = tuple(await system.find(_known(person.identifiers(), system)))
        if not records:
            raise NeedsHuman("trouble.not_found_again")
        async with house.work() as unit:
            await casefile.keep_records(unit, ticket.id, task.system, records)
    fetched: Counter[str] = Counter()
    for number, record in enumerate(records):
        name = f"export/{task.id}/{number:05}"
        if name not in kept:
            exported = await system.export(record)
            content = {"kind": record.kind, "fields": dict(exported.fields), "files": [n for n, _ in exported.files]}
            async with house.work() as unit:
                await _still_held(unit, task)
                sealed = json.dumps(content, ensure_ascii=False, default=str).encode()
                await unit.vault.put(ticket.id, Shelf.FINDINGS, name, sealed)
                for file_name, body in exported.files:
                    await unit.vault.put(ticket.id, Shelf.FINDINGS, f"file/{task.id}/{number:05}/{file_name}", body)
        fetched[record.kind] += 1
    await _settle_done(house, task, fetched, LedgerEvent.CARRIED_OUT)


async def _erase(house: House, ticket: Ticket, task: Task, system: System) -> None:
    """Erase what is there now, in the order found; shared records are a person's to judge (D20)."""
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        known = await casefile.records_of(unit, ticket.id, task.system)
        if await kept_elsewhere(unit, ticket, person):
            raise NeedsHuman("trouble.other_ticket")
    identifiers = _known(person.identifiers(), system)
    if task.writing_since is not None and house.now() < task.writing_since + SETTLING:
        raise TryLater("trouble.later", SETTLING)
    there = [record for record in await system.find(identifiers) if not record.shared]
    if not known and not there:
        raise NeedsHuman("trouble.not_found_again")
    erased = Counter(record.kind for record in known or there if not record.shared)
    for record in there:
        await _mark_write(house, task)
        await system.erase(record)
    left = [record for record in await system.find(identifiers) if not record.shared] if there else []
    if left:
        raise TryLater("trouble.still_there", LAG)
    if any(record.shared for record in known):
        raise NeedsHuman("trouble.shared_records")
    await _settle_done(house, task, erased, LedgerEvent.CARRIED_OUT)


async def _suppress(house: House, ticket: Ticket, task: Task, system: System) -> None:
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
    addresses = [one for one in person.identifiers() if one.kind is IdentifierKind.EMAIL]
    if not addresses:
        raise NeedsHuman("trouble.no_address")
    for address in addresses:
        await system.suppress(address)
    await _settle_done(house, task, Counter({"address": len(addresses)}), LedgerEvent.CARRIED_OUT)


async def _mark_write(house: House, task: Task) -> None:
    """Write down that an unsafe write is about to leave (D34)."""
    async with house.work() as unit:
        ticket = await _still_held(unit, task)
        if ticket.task(task.id).writing_since is None:
            marked = replace(ticket.task(task.id), writing_since=house.now())
            await unit.tickets.save(ticket, ticket.with_task(marked))


async def _still_held(unit: Unit, task: Task) -> Ticket:
    """Return the ticket while this job's token still holds the task; else its result is not ours to write."""
    ticket = await unit.tickets.load(task.id)
    if ticket.task(task.id).token != task.token or ticket.task(task.id).state is not TaskState.RUNNING:
        raise NotAllowedNow("refusal.task_taken_over")
    return ticket


async def _settle_done(house: House, task: Task, done: Mapping[str, int], event: LedgerEvent) -> None:
    async with house.work() as unit:
        ticket = await _still_held(unit, task)
        settled = settle(ticket.task(task.id), TaskState.DONE, house.now(), done=dict(done))
        await _finish(unit, house, ticket, settled, event, done)


async def _finish(
    unit: Unit, house: House, ticket: Ticket, settled: Task, event: LedgerEvent, counts: Mapping[str, int]
) -> None:
    facts: dict[str, str | int] = {
        "system": settled.system,
        "operation": settled.operation,
        "state": settled.state,
        "records": sum(counts.values()),
    }
    await unit.ledger.write(ticket.id, event, DESK, facts)
    await carry_on(unit, house, ticket, ticket.with_task(settled))


async def _note_trouble(house: House, task: Task, trouble: SystemTrouble) -> None:
    """Write the trouble down and either try again later or ask a person, with the deadline in view."""
    async with house.work() as unit:
        ticket = await _still_held(unit, task)
        held = ticket.task(task.id)
        left = end_of(house.dates(ticket.part(task.part_id)).safe_target) - house.now()
        answer = after_trouble(trouble, held.attempts, left)
        facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "trouble": trouble.key}
        await unit.ledger.write(ticket.id, LedgerEvent.TROUBLE, DESK, facts)
        if isinstance(answer, Again):
            waiting = replace(held, state=TaskState.READY, trouble=trouble.key, token="")
            await unit.tickets.save(ticket, ticket.with_task(waiting))
            again = Job(JobKind.RUN_TASK, f"task:{task.id}", (task.id,), house.now() + answer.after)
            await unit.jobs.put(again)
        else:
            stuck = replace(held, state=TaskState.STUCK, trouble=answer.trouble, token="", waiting_since=house.now())
            saved = await unit.tickets.save(ticket, ticket.with_task(stuck))
            await tell_whose_turn(unit, house, ticket, saved, DESK)
        await refresh(unit, ticket.id)


async def give_up(house: House, task_id: str) -> None:
    """Ask a colleague about a task whose job failed in a way nobody foresaw; harmless when it was settled meanwhile."""
    async with house.work() as unit:
        ticket = await unit.tickets.load(task_id)
        task = ticket.task(task_id)
        if task.state not in (TaskState.READY, TaskState.RUNNING):
            return
        facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "trouble": UNFORESEEN}
        await unit.ledger.write(ticket.id, LedgerEvent.TROUBLE, DESK, facts)
        stuck = replace(task, state=TaskState.STUCK, trouble=UNFORESEEN, token="", waiting_since=house.now())
        saved = await unit.tickets.save(ticket, ticket.with_task(stuck))
        await tell_whose_turn(unit, house, ticket, saved, DESK)
        await refresh(unit, ticket.id)


async def unlock(house: House, call: Call) -> None:
    """Job: a wait has run out; see whether what was locked may go on."""
    async with house.work() as unit:
        ticket = await unit.tickets.load(call.ids[0])
        await carry_on(unit, house, ticket, ticket)


def _known(identifiers: Sequence[Identifier], system: System) -> tuple[Identifier, ...]:
    return tuple(one for one in identifiers if one.kind in system.manifest.known_by)
