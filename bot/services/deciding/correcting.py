"""Putting values right: fetched by a job, written down by a colleague, approved by the owner, written, looked at again.

    findings/values/<task>         what can be corrected there, as it was when fetched
    findings/corrections/<task>    what a colleague wrote: before and after

Content lies in the vault and on the review page only (D14). The owner says yes to exactly the values that were
written: changing them takes the yes back.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from bot.domain.correcting import (
    WRITTEN,
    Values,
    Written,
    awaits_values,
    by_program,
    changes,
    emptied,
    empties_fields,
    landed,
    masked,
    nothing_there,
    rewritten,
)
from bot.domain.errors import Incomplete, NeedsHuman, NotFound, NotYours, Shredded, StaleCard, SystemTrouble, TryLater
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.system import Correction, Operation, Record
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part, Ticket
from bot.letters import Corrected
from bot.ports import Call, Corrects, Job, JobKind, Shelf, System, Unit
from bot.services import casefile
from bot.services.casework import protecting
from bot.services.casework.progress import carry_on
from bot.services.house import House
from bot.services.staff import stopping

VALUES, CORRECTIONS = "values", "corrections"
#: How soon what was written is looked for again when the vendor still shows the old value.
LAG: Final = timedelta(seconds=2)


async def want_values(unit: Unit, task: Task) -> None:
    """Have the values of a task fetched, so that a colleague sees what stands there now."""
    await unit.jobs.put(Job(JobKind.FETCH_VALUES, f"values:{task.id}", (task.id,)))


async def fetch_values(house: House, call: Call) -> None:
    """Job: seal what can be corrected in each record; trouble that waiting does not cure is told on the page."""
    (task_id,) = call.ids
    async with house.work() as unit:
        waiting = await _awaiting(unit, task_id)
        if waiting is None:
            return
        ticket, task = waiting
        records = await casefile.records_of(unit, ticket.id, task.system)
    system = house.systems[task.system]
    if not isinstance(system, Corrects):
        return
    await stopping.refuse_stopped(house, task.system)
    try:
        found = [(record, await system.correctable(record)) for record in records]
        content: dict[str, Any] = {"records": [_kept(record, values) for record, values in found if values]}
    except TryLater:
        raise
    except SystemTrouble as trouble:
        content = {"records": [], "trouble": trouble.key}
    async with house.work() as unit:
        if await _awaiting(unit, task_id) is not None:  # else all that was found may have been dropped meanwhile (R19)
            await _put(unit, ticket.id, f"{VALUES}/{task_id}", content)


async def _awaiting(unit: Unit, task_id: str) -> tuple[Ticket, Task] | None:
    """Return a task that waits for its values, and its ticket; None where nobody waits for them any more."""
    try:
        ticket = await unit.tickets.load(task_id)
    except NotFound:
        return None
    task = ticket.task(task_id)
    return (ticket, task) if awaits_values(task) else None


def _kept(record: Record, values: Mapping[str, str]) -> dict[str, Any]:
    return {"kind": record.kind, "id": record.id, "special": record.special, "values": dict(values)}


async def values_of(unit: Unit, ticket_id: str, task_id: str) -> tuple[tuple[Values, ...], str]:
    """Open what was fetched for a task, and the key of what kept it from being fetched ("" when nothing did)."""
    kept = await _get(unit, ticket_id, f"{VALUES}/{task_id}")
    if kept is None:
        return (), ""
    return tuple(Values(**one) for one in kept["records"]), kept.get("trouble", "")


async def written_for(unit: Unit, ticket_id: str, task_id: str) -> tuple[Written, ...]:
    """Open what a colleague wrote for a task; empty when nobody has."""
    kept = await _get(unit, ticket_id, f"{CORRECTIONS}/{task_id}") or []
    return tuple(Written(**one | {"correction": Correction(**one["correction"])}) for one in kept)


async def seen(unit: Unit, ticket_id: str, task: Task) -> str:
    """Return a mark of what the page showed, so that nobody writes over values they did not see."""
    held, _ = await values_of(unit, ticket_id, task.id)
    shown = json.dumps([task.version, [asdict(one) for one in held]], sort_keys=True)
    return unit.index.digest("values", shown)


async def write(
    unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, mark: str, wanted: Mapping[str, str]
) -> Ticket:
    """Keep what a colleague wrote for a task: `{"<record>/<field>": value}`, or rows of their own where by hand.

    Raises `StaleCard` when other values stand there than the page showed.
    """
    _refuse_others(task, actor)
    if mark != await seen(unit, ticket.id, task):
        raise StaleCard("refusal.stale")
    if by_program(task):
        held, _ = await values_of(unit, ticket.id, task.id)
        written = [one for n, record in enumerate(held) for one in changes(record, _of_record(wanted, n))]
    else:
        written = _rows(wanted)
    if not written:
        raise Incomplete("refusal.nothing_corrected", {"field": "corrections"})
    asked = await _asked_anew(unit, house, ticket, task, written)
    await _put(unit, ticket.id, f"{CORRECTIONS}/{task.id}", [asdict(one) for one in written])
    await _note(unit, ticket, task, actor, written)
    after = replace(ticket.with_task(asked), flags=ticket.flags | {WRITTEN})
    return await carry_on(unit, house, ticket, after, actor.id)


async def write_one(
    unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, where: str, value: str
) -> Ticket:
    """Keep one more value for a task, at "<record>/<field>", beside those written before.

    A form in a chat takes one and shows none (D14).
    """
    held, _ = await values_of(unit, ticket.id, task.id)
    numbers = {(one.kind, one.id): number for number, one in enumerate(held)}
    before = [one for one in await written_for(unit, ticket.id, task.id) if (one.kind, one.id) in numbers]
    wanted = {f"{numbers[one.kind, one.id]}/{one.correction.name}": one.correction.after for one in before}
    mark = await seen(unit, ticket.id, task)
    return await write(unit, house, ticket, task, actor, mark, wanted | {where: value})


async def _asked_anew(unit: Unit, house: House, ticket: Ticket, task: Task, written: Sequence[Written]) -> Task:
    """Return the task as the values about to be kept leave it: what is emptied cannot be undone (D10).

    Where single fields were to be erased from the start, two people said so before anybody wrote which.
    """
    before, gone = emptied(await written_for(unit, ticket.id, task.id)), emptied(written)
    by_scope = empties_fields(ticket.part(task.part_id))
    lasting = bool(gone) or by_scope or house.manifest(task.system).how(Operation.RECTIFY).irreversible
    return rewritten(task, house.now(), irreversible=lasting, anew=bool(gone - before) and not by_scope)


async def emptied_in(unit: Unit, ticket: Ticket) -> Mapping[str, int]:
    """Return how many fields are emptied by each task whose yes is waited for; those nobody has written are left out.

    A number and no value: it stands in a form in chat (D14).
    """
    asked = [one for one in ticket.tasks if one.operation is Operation.RECTIFY and one.state is TaskState.PROPOSED]
    counts = {one.id: len(emptied(await written_for(unit, ticket.id, one.id))) for one in asked if one.irreversible}
    return {task_id: n for task_id, n in counts.items() if n}


async def nothing_to_write(unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague) -> Ticket:
    """Settle a task in whose system the value to correct does not stand; the letter says so."""
    _refuse_others(task, actor)
    await unit.vault.drop(ticket.id, Shelf.FINDINGS, f"{CORRECTIONS}/{task.id}")
    await _note(unit, ticket, task, actor, ())
    return await carry_on(unit, house, ticket, ticket.with_task(nothing_there(task, actor.id, house.now())), actor.id)


def _refuse_others(task: Task, actor: Colleague) -> None:
    if not actor.works_in(task.system):
        raise NotYours("refusal.not_yours_owner", {"system": task.system})


async def _note(unit: Unit, ticket: Ticket, task: Task, actor: Colleague, written: Sequence[Written]) -> None:
    """Write down that values were written, masked (R41); the names of rows by hand are the colleague's own words."""
    fields = masked(written) if by_program(task) else ""
    facts: dict[str, str | int] = {"system": task.system, "n": len(written), "fields": fields}
    if gone := len(emptied(written)):
        facts["emptied"] = gone
    await unit.ledger.write(ticket.id, LedgerEvent.CORRECTIONS_WRITTEN, actor.id, facts)


def _of_record(wanted: Mapping[str, str], number: int) -> dict[str, str]:
    return {name.removeprefix(f"{number}/"): value for name, value in wanted.items() if name.startswith(f"{number}/")}


def _rows(wanted: Mapping[str, str]) -> list[Written]:
    """Return the rows a colleague wrote for a step by hand: what, from, to."""
    numbers = sorted({name.rpartition("/")[0] for name in wanted})
    rows = ((wanted.get(f"{n}/{key}", "").strip() for key in ("name", "before", "after")) for n in numbers)
    return [
        Written("", "", Correction(name, before, after)) for name, before, after in rows if name and before != after
    ]


async def refuse_unwritten(unit: Unit, ticket: Ticket, task: Task) -> None:
    """Refuse a yes to a correction that nobody has written."""
    if by_program(task) and not await written_for(unit, ticket.id, task.id):
        raise Incomplete("refusal.corrections_first", {"field": f"task:{task.id}"})


async def refuse_untold(unit: Unit, ticket: Ticket, task: Task) -> None:
    """Refuse a "done" by hand that does not say from what to what: the letter could not either (R41)."""
    if task.operation is Operation.RECTIFY and not await written_for(unit, ticket.id, task.id):
        raise Incomplete("refusal.values_first", {"field": "result"})


async def correct(
    house: House, ticket: Ticket, task: Task, system: System, mark_write: Callable[[], Awaitable[None]]
) -> Counter[str]:
    """Write what the owner said yes to, record by record, and look again; return how many of each kind.

    A record that is gone, or where somebody else has changed the value meanwhile, is a person's. So is emptying what a
    hold or another ticket keeps: it is an erasure in everything but name.
    """
    if not isinstance(system, Corrects):
        raise NeedsHuman("trouble.needs_human")
    async with house.work() as unit:
        records = await casefile.records_of(unit, ticket.id, task.system)
        written = await written_for(unit, ticket.id, task.id)
        if task.takes_away:
            await protecting.refuse_erasing(unit, ticket)
    if not written:
        raise NeedsHuman("trouble.nothing_written")
    done: Counter[str] = Counter()
    for kind, record_id in dict.fromkeys((one.kind, one.id) for one in written):
        record = next((one for one in records if (one.kind, one.id) == (kind, record_id)), None)
        if record is None:
            raise NeedsHuman("trouble.not_found_again")
        await _correct_one(system, record, [one for one in written if one.id == record_id], mark_write)
        done[kind] += 1
    return done


async def _correct_one(
    system: Corrects, record: Record, wanted: Sequence[Written], mark_write: Callable[[], Awaitable[None]]
) -> None:
    now = await system.correctable(record)
    if not now:
        raise NeedsHuman("trouble.not_found_again")
    if landed(wanted, now):
        return
    await mark_write()
    await system.correct(record, [one.correction for one in wanted])
    if not landed(wanted, await system.correctable(record)):
        raise TryLater("trouble.not_yet_there", LAG)


async def corrected_in(unit: Unit, house: House, ticket: Ticket, parts: Sequence[Part]) -> tuple[Corrected, ...]:
    """Return what was put right for the parts, for their letter: of tasks that are done, and of no others."""
    found: list[Corrected] = []
    for task in (task for part in parts for task in ticket.tasks_of(part)):
        if task.operation is not Operation.RECTIFY or task.state is not TaskState.DONE:
            continue
        voice = house.words[task.system]
        for one in await written_for(unit, ticket.id, task.id):
            label = voice.words[ticket.language].get(f"field.{one.correction.name}", one.correction.name)
            values = (one.correction.before, one.correction.after)
            found.append(Corrected(voice.name, label, *values, told=one.tellable))
    return tuple(found)


async def _put(unit: Unit, ticket_id: str, name: str, content: Any) -> None:
    await unit.vault.put(ticket_id, Shelf.FINDINGS, name, json.dumps(content, ensure_ascii=False).encode())


async def _get(unit: Unit, ticket_id: str, name: str) -> Any:
    try:
        return json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, name))
    except (NotFound, Shredded):
        return None
