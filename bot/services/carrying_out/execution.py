"""Carrying tasks out: look, act, look again.

A job only wakes a task. Who may act is settled by compare-and-set and the job's fencing
token, in short transactions; the vendor is called between them, never inside. A write
that is not safe to repeat is marked before it leaves (`writing_since`): whoever finds
the mark later looks first and never just asks again (D34).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from bot.domain.again import asked_anew
from bot.domain.deadline import end_of
from bot.domain.errors import NeedsHuman, NotAllowedNow, NotFound, SystemTrouble, TryLater
from bot.domain.ledger import AGAIN, DESK, LedgerEvent
from bot.domain.locking import lock_on
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation, Record
from bot.domain.task import Again, Task, TaskState, after_trouble, begin, settle
from bot.domain.ticket import Ticket
from bot.ports import Call, Job, JobKind, System, Unit
from bot.services import casefile
from bot.services.carrying_out import erasing
from bot.services.casework.progress import carry_on
from bot.services.casework.protecting import refuse_erasing
from bot.services.deciding import correcting, restricting
from bot.services.house import House, key_of
from bot.services.records import exporting, shared
from bot.services.records.looking import LOOKS, look
from bot.services.records.ordering import suppress_at
from bot.services.showing.posting import refresh
from bot.services.showing.turns import tell_whose_turn
from bot.services.staff import stopping

#: By what somebody is marketed to, where a system knows people by it: the same an erasure there goes by.
REACHED_AT: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})
UNFORESEEN: Final = "trouble.unforeseen"
#: A mark is set anew after this; far less than `erasing.SETTLING`, so that it is never older than what it warns of.
FRESH: Final = timedelta(seconds=1)
LEFT_BY_HAND: Final = "trouble.left_by_hand"
STILL_THERE: Final = "trouble.still_there"


async def run_task(house: House, call: Call) -> None:
    """Job: carry out one task, if it is still to be done and this job holds it."""
    task_id = call.ids[0]
    held = await _take(house, task_id, call.token)
    if held is None:
        return
    ticket, task, begun = held
    system = house.systems[task.system]
    gone = Counter[str]()
    try:
        if begun is not None:
            await _export(house, ticket, task, system, begun)
        else:
            await _carry_out(house, ticket, task, system, gone)
    except SystemTrouble as trouble:
        await _note_trouble(house, task, trouble, gone)


async def _carry_out(house: House, ticket: Ticket, task: Task, system: System, gone: Counter[str]) -> None:
    match task.operation:
        case Operation.FIND:
            await _find(house, ticket, task, system)
        case Operation.ERASE if task.settled_by:
            await _look_again(house, ticket, task, system)
        case Operation.ERASE:
            await _erase(house, ticket, task, system, gone)
        case Operation.SUPPRESS:
            await _suppress(house, ticket, task, system)
        case Operation.RECTIFY:
            done = await correcting.correct(house, ticket, task, system, partial(_mark_write, house, task))
            await _settle_done(house, task, done, LedgerEvent.CARRIED_OUT)
        case Operation.RESTRICT | Operation.LIFT:
            done = await restricting.carry_out(house, ticket, task, system, partial(_mark_write, house, task))
            await _settle_done(house, task, done, LedgerEvent.CARRIED_OUT)
        case Operation.EXPORT | Operation.HIDE | Operation.RESUME | Operation.NOTIFY | Operation.TRANSFER:
            # an export has begun with its being taken; the rest is a person's
            raise NeedsHuman("trouble.needs_human")


async def _take(house: House, task_id: str, token: str) -> tuple[Ticket, Task, exporting.Begun | None] | None:
    """Take the task, and open what an export goes by; None when there is nothing to do."""
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(task_id)
        except NotFound:
            return None
        task = ticket.task(task_id)
        if task.state not in (TaskState.READY, TaskState.RUNNING):
            return None
        if await stopping.is_stopped(unit, task.system):
            return None  # it lies where it is until somebody lets the system go on (`stopping.resume`)
        part = ticket.part(task.part_id)
        locked = lock_on(ticket, part, task, house.now(), house.calendar)
        if locked is not None and task.writing_since is None:  # a later mail locked it again: nothing was written yet
            await carry_on(unit, house, ticket, ticket.with_task(replace(task, state=TaskState.LOCKED, token="")))
            return None
        held = begin(task, token)
        saved = await unit.tickets.save(ticket, ticket.with_task(held))
        facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "attempt": held.attempts}
        facts |= _only_looks(task)
        await unit.ledger.write(ticket.id, LedgerEvent.ATTEMPTED, DESK, facts)
        begun = await exporting.begin(unit, saved, held) if task.operation is Operation.EXPORT else None
        return saved, saved.task(task_id), begun


def _only_looks(task: Task) -> dict[str, str | int]:
    """Return what the ledger says beside an attempt after a step by hand: the desk erases nothing then, it looks."""
    return {AGAIN: 1} if task.operation is Operation.ERASE and task.settled_by else {}


async def _find(house: House, ticket: Ticket, task: Task, system: System) -> None:
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
    records = await system.find(_known(person, ticket, system))
    found = Counter(record.kind for record in records)
    async with house.work() as unit:
        now = await _still_held(unit, task)
        await casefile.keep_records(unit, ticket.id, task.system, records)
        now = await unit.tickets.save(now, await shared.marking(unit, house, now, task.system))
        state = TaskState.DONE if records else TaskState.NOT_HELD
        settled = replace(settle(now.task(task.id), state, house.now()), found=dict(found))
        await _finish(unit, house, now, settled, LedgerEvent.SEARCHED, found)


async def _export(house: House, ticket: Ticket, task: Task, system: System, begun: exporting.Begun) -> None:
    """Take everything out into the vault (see `exporting`)."""
    portion = await exporting.export(house, ticket, task, system, begun, _still_held)
    async with house.work() as unit:
        now = await portion.write(unit, await _still_held(unit, task))
        state = TaskState.DONE if portion.came else TaskState.NOT_HELD  # whatever was counted, nothing of it is there
        settled = settle(now.task(task.id), state, house.now(), done=dict(portion.came))
        await _finish(unit, house, now, settled, LedgerEvent.CARRIED_OUT, portion.came)


async def _erase(house: House, ticket: Ticket, task: Task, system: System, gone: Counter[str]) -> None:
    """Erase (see `erasing`); wait for a person where a yes is lacking (D10), or a word on something shared (D20)."""
    erased = await erasing.erase(house, ticket, task, system, _mark_write, gone)
    if isinstance(erased, erasing.More):
        await _ask_anew(house, task, erased.listed)
        return
    if erased is None:
        async with house.work() as unit:
            now = await _still_held(unit, task)
            waiting = replace(now.task(task.id), state=TaskState.LOCKED, token="", waiting_since=house.now())
            await carry_on(unit, house, now, await shared.marking(unit, house, now.with_task(waiting), task.system))
        return
    state = TaskState.DONE if erased.held else TaskState.NOT_HELD
    await _settle_done(house, task, erased.counts, LedgerEvent.CARRIED_OUT, erased.ground, state)


async def _ask_anew(house: House, task: Task, listed: Sequence[Record]) -> None:
    """Put an approved erasure before its owner with what is there now; nothing of it was touched."""
    found = Counter(one.kind for one in listed)
    async with house.work() as unit:
        now = await _still_held(unit, task)
        await casefile.keep_records(unit, now.id, task.system, listed)
        approved = sum(now.task(task.id).found.values())
        facts: dict[str, str | int] = {"system": task.system, "records": found.total(), "approved": approved}
        await unit.ledger.write(now.id, LedgerEvent.REAPPEARED, DESK, facts)
        asked = asked_anew(now, now.task(task.id), found, house.now())
        await carry_on(unit, house, now, await shared.marking(unit, house, asked, task.system))


async def _look_again(house: House, ticket: Ticket, task: Task, system: System) -> None:
    """Settle an erasure a colleague did by hand when nothing of the person is left; else the step is theirs again."""
    left = await look(house, ticket, task, system)
    if left.there and task.attempts < LOOKS:
        raise TryLater(STILL_THERE)
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "records": left.there}
    async with house.work() as unit:
        now = await _still_held(unit, task)
        held = now.task(task.id)
        if not left.there:
            state = TaskState.DONE if held.done else TaskState.NOT_HELD
            facts |= {"state": state, "masked": left.masked, "gone": left.gone}
            await unit.ledger.write(ticket.id, LedgerEvent.SEARCHED, DESK, facts)
            settled = settle(held, state, house.now(), done=held.done, by=held.settled_by)
            await carry_on(unit, house, now, now.with_task(replace(settled, reason=left.as_reason, ground=left.ground)))
            return
        state = TaskState.STUCK if held.mode is Mode.AUTOMATIC else TaskState.BY_HAND  # as it was before
        facts |= {"state": state, "trouble": LEFT_BY_HAND}
        await unit.ledger.write(ticket.id, LedgerEvent.SEARCHED, DESK, facts)
        back = replace(held, state=state, trouble=LEFT_BY_HAND, token="", attempts=0)
        back = replace(back, done={}, settled_by="", waiting_since=house.now())
        await carry_on(unit, house, now, now.with_task(back))


async def _suppress(house: House, ticket: Ticket, task: Task, system: System) -> None:
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
    reached = [one for one in _known(person, ticket, system) if one.kind in REACHED_AT]
    if not reached:
        raise NeedsHuman("trouble.no_address")
    await suppress_at(house, ticket, task, system, reached)
    await _settle_done(house, task, Counter({"address": len(reached)}), LedgerEvent.CARRIED_OUT)


async def _mark_write(house: House, task: Task) -> None:
    """Write down that an unsafe write is about to leave (D34), in the transaction that saw nothing against it.

    Set anew all the while writes leave: whoever takes over after the last of them waits until it has settled.
    """
    async with house.work() as unit:
        ticket = await _still_held(unit, task)
        if await stopping.is_stopped(unit, task.system):
            raise TryLater("trouble.stopped", facts={"system": task.system})
        if task.operation is Operation.ERASE:
            await refuse_erasing(unit, ticket)
        since = ticket.task(task.id).writing_since
        if since is None or house.now() - since >= FRESH:
            marked = replace(ticket.task(task.id), writing_since=house.now())
            await unit.tickets.save(ticket, ticket.with_task(marked))


async def _still_held(unit: Unit, task: Task) -> Ticket:
    """Return the ticket while this job's token still holds the task; else its result is not ours to write."""
    ticket = await unit.tickets.load(task.id)
    if ticket.task(task.id).token != task.token or ticket.task(task.id).state is not TaskState.RUNNING:
        raise NotAllowedNow("refusal.task_taken_over")
    return ticket


async def _settle_done(
    house: House,
    task: Task,
    done: Mapping[str, int],
    event: LedgerEvent,
    ground: str = "",
    state: TaskState = TaskState.DONE,
) -> None:
    """Settle the task as done; *ground*: on which some of it was kept all the same; *state*: when nothing was there."""
    async with house.work() as unit:
        ticket = await _still_held(unit, task)
        settled = settle(ticket.task(task.id), state, house.now(), done=dict(done))
        settled = replace(settled, ground=ground)
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


async def _note_trouble(house: House, task: Task, trouble: SystemTrouble, gone: Counter[str]) -> None:
    """Write the trouble down and either try again later or ask a person, with the deadline in view.

    How far the attempt came is kept with the task, for its owner to see; what it holds is settled by none but its end.
    """
    async with house.work() as unit:
        ticket = await _still_held(unit, task)
        held = ticket.task(task.id)
        if task.operation is Operation.EXPORT:
            gone = await exporting.kept_so_far(unit, ticket.id, task)
        held = replace(held, done=dict(gone) if gone and not held.settled_by else held.done)
        left = end_of(house.dates(ticket, ticket.part(task.part_id)).safe_target) - house.now()
        answer = after_trouble(trouble, held.attempts, left)
        facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "trouble": trouble.key}
        facts |= _only_looks(task) if trouble.key == STILL_THERE else {}
        await unit.ledger.write(ticket.id, LedgerEvent.TROUBLE, DESK, facts)
        if isinstance(answer, Again):
            waiting = replace(held, state=TaskState.READY, trouble=trouble.key, token="")
            await unit.tickets.save(ticket, ticket.with_task(waiting))
            again = Job(JobKind.RUN_TASK, key_of(task), (task.id, task.system), house.now() + answer.after)
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


def _known(person: casefile.Person, ticket: Ticket, system: System) -> tuple[Identifier, ...]:
    """Return what the person may be looked up by there."""
    kinds = system.manifest.knows(ticket.roles)
    return tuple(one for one in person.identifiers() if one.kind in kinds)
