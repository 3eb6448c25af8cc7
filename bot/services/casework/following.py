"""What follows from a change of a ticket: entries in the ledger, and jobs, in its own transaction."""

from datetime import timedelta

from bot.domain.correcting import by_program
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import LetterState
from bot.domain.locking import unlock_at
from bot.domain.recipients import waits_until
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Stage, Ticket
from bot.ports import Job, JobKind, Unit
from bot.services.casework import recipients
from bot.services.house import House, key_of
from bot.services.records import restrictions


async def note_stages(unit: Unit, before: Ticket, saved: Ticket) -> None:
    """Write down every part that moved, or came."""
    old = {part.id: part.stage for part in before.parts}
    for part in saved.parts:
        if old.get(part.id, Stage.RECEIVED) is part.stage:
            continue  # as it was; that a part came is written down by who brought it
        facts: dict[str, str | int] = {"part": part.position, "right": part.type, "stage": part.stage}
        if part.stage is Stage.CLOSED:
            facts["outcome"] = part.outcome or ""
            await unit.ledger.write(saved.id, LedgerEvent.CLOSED, DESK, facts)
        else:
            await unit.ledger.write(saved.id, LedgerEvent.STAGE, DESK, facts)


async def enqueue(unit: Unit, house: House, before: Ticket, saved: Ticket) -> None:
    """Put the jobs that follow from what moved: tasks that are ready, letters to write and to send, waits that end."""
    old_tasks = {task.id: task.state for task in before.tasks}
    for task in saved.tasks:
        if task.state is TaskState.READY and old_tasks.get(task.id) is not TaskState.READY:
            await unit.jobs.put(Job(JobKind.RUN_TASK, key_of(task), (task.id, task.system)))
        if by_program(task) and task.state is TaskState.PROPOSED and task.id not in old_tasks:
            await unit.jobs.put(Job(JobKind.FETCH_VALUES, f"values:{task.id}", (task.id,)))
    old_letters = {letter.id: letter.state for letter in before.letters}
    for letter in saved.letters:
        if old_letters.get(letter.id) is letter.state:
            continue
        if letter.state is LetterState.REQUESTED:
            await unit.jobs.put(Job(JobKind.DRAFT_REPLY, f"draft:{letter.id}", (letter.id,)))
        if letter.state is LetterState.APPROVED:
            await unit.jobs.put(Job(JobKind.SEND_LETTER, f"send:{letter.id}", (letter.id,)))
    await restrictions.follow(unit, house, before, saved)
    await recipients.watch(unit, house, before, saved)
    for part in saved.parts:
        await _watch_lock(unit, house, saved, part)
        await _watch_telling(unit, house, saved, part)
    if saved.closed_at is not None and before.closed_at is None:
        await unit.jobs.put(
            Job(
                JobKind.RECHECK,
                f"recheck:{saved.id}",
                (saved.id,),
                run_after=saved.closed_at + timedelta(days=house.terms.recheck_days),
            )
        )


async def _watch_lock(unit: Unit, house: House, ticket: Ticket, part: Part) -> None:
    locked = [task for task in ticket.tasks_of(part) if task.state is TaskState.LOCKED]
    if part.stage is Stage.EXECUTING and locked:
        wakes = unlock_at(ticket, part, house.calendar)
        if wakes is not None and wakes > house.now():
            await unit.jobs.put(Job(JobKind.UNLOCK, f"unlock:{ticket.id}", (ticket.id,), wakes))


async def _watch_telling(unit: Unit, house: House, ticket: Ticket, part: Part) -> None:
    """Have the letter written without them when those to be told have been waited for long enough (Art. 19)."""
    until = waits_until(ticket, part, house.calendar)
    if part.stage is Stage.EXECUTING and until is not None and until > house.now():
        await unit.jobs.put(Job(JobKind.UNLOCK, f"told:{part.id}", (ticket.id,), until))
