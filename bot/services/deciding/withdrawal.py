"""Taking a request back: by the person on their page, or by a colleague who read that they want to (F41).

Where nothing is carried out yet it closes with its reason; what is under way is answered as usual.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.protection import UNANSWERED
from bot.domain.system import AT_RECIPIENTS, Operation
from bot.domain.task import TAKEN_BACK, Task, TaskState
from bot.domain.threads import settled_regret
from bot.domain.ticket import MAY_TAKE_BACK, TRANSITIONS, Event, Outcome, Part, Stage, Ticket, advance, close
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House

#: What a colleague wrote of how the person took it back, with the moment.
NOTE: Final = "note/withdrawn"


async def withdraw(
    unit: Unit, house: House, ticket: Ticket, by: str, part_ids: Collection[str] | None = None
) -> Ticket:
    """Take back the parts named (None: all) of which nothing is carried out yet. `NotAllowedNow` when there is none."""
    after = settled_regret(ticket)
    for part in ticket.parts:
        if (part_ids is None or part.id in part_ids) and withdrawable(after, part):
            after = _withdrawn(house, after, part)
    if after.parts == ticket.parts:
        raise NotAllowedNow("refusal.too_late_to_withdraw")
    await unit.ledger.write(ticket.id, LedgerEvent.WITHDRAWN, by)
    return await carry_on(unit, house, ticket, after, by)


async def told_us(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, part_ids: Collection[str], how: str, note: str
) -> Ticket:
    """Take back what the person told a colleague they take back; what is under way stops where it stands.

    A part of which nothing was done closes, and a letter says so: the person can object if it was not them. Where
    something is gone already, the rest is left and the ordinary answer says what was done and what was not.
    """
    after = settled_regret(ticket)
    ended = []
    for part in ticket.parts:
        if part.id not in part_ids or not stoppable(after, part):
            continue
        if withdrawable(after, part):
            after = _withdrawn(house, after, part)
            ended += [part] if not after.part(part.id).open else []
        else:
            after = _dropped(house, after, part)
    if after.parts == ticket.parts and after.tasks == ticket.tasks:
        raise NotAllowedNow("refusal.too_late_to_withdraw")
    if note:
        await unit.vault.put(ticket.id, Shelf.CASE, f"{NOTE}-{house.now().isoformat()}", note.encode())
    facts: dict[str, str | int] = {"how": how, "parts": len(part_ids)}
    await unit.ledger.write(ticket.id, LedgerEvent.WITHDRAWN, actor.id, facts)
    if ended and not UNANSWERED & ticket.flags and (await casefile.person_of(unit, ticket.id)).answer_to():
        after = requested(house, after, LetterKind.TAKEN_BACK, ended)
    return await carry_on(unit, house, ticket, after, actor.id)


def stoppable(ticket: Ticket, part: Part) -> bool:
    """Whether taking *part* back still stops anything: nothing is done yet, or some of it waits to be done."""
    return withdrawable(ticket, part) or (part.stage is Stage.EXECUTING and any(_waits(ticket, part)))


def _waits(ticket: Ticket, part: Part) -> Iterator[Task]:
    """Yield what is neither done nor under way: a job that holds a task may have written already."""
    for task in ticket.tasks_of(part):
        begun = task.state is TaskState.RUNNING or task.writing_since is not None
        if not task.settled and not begun and task.operation not in (Operation.HIDE, *AT_RECIPIENTS):
            yield task


def _dropped(house: House, ticket: Ticket, part: Part) -> Ticket:
    for task in _waits(ticket, part):
        left = replace(task, state=TaskState.NOT_APPLICABLE, reason=TAKEN_BACK, settled_at=house.now(), token="")
        ticket = ticket.with_task(left)
    return ticket


async def let_go_on(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Note a colleague's word that a later mail takes nothing back: what was held goes on."""
    if MAY_TAKE_BACK not in ticket.flags:
        raise NotAllowedNow("refusal.already_decided")
    await unit.ledger.write(ticket.id, LedgerEvent.REGRET_SETTLED, actor.id)
    return await carry_on(unit, house, ticket, settled_regret(ticket), actor.id)


def withdrawable(ticket: Ticket, part: Part) -> bool:
    """Whether nothing is carried out of *part* yet, beside searching and copying; what broke off may have been."""
    beside = {Operation.FIND, Operation.EXPORT, Operation.HIDE} | (set() if is_opt_out(part) else {Operation.SUPPRESS})
    acted = any(
        (task.state is TaskState.RUNNING and task.operation not in (Operation.FIND, Operation.EXPORT))
        or ((task.state is TaskState.DONE or task.writing_since is not None) and task.operation not in beside)
        for task in ticket.tasks_of(part)
    )
    return part.open and not acted and TRANSITIONS.get((part.stage, Event.WITHDRAWN)) is not None


def _withdrawn(house: House, ticket: Ticket, part: Part) -> Ticket:
    for task in ticket.tasks_of(part):
        if not task.settled and task.operation is not Operation.HIDE:
            dropped = replace(task, state=TaskState.NOT_APPLICABLE, reason=TAKEN_BACK, settled_at=house.now(), token="")
            ticket = ticket.with_task(dropped)
    if TRANSITIONS[part.stage, Event.WITHDRAWN] is Stage.CLOSED:
        return close(ticket, part, Event.WITHDRAWN, Outcome.WITHDRAWN, house.now(), TAKEN_BACK)
    return requested(house, ticket.with_part(advance(part, Event.WITHDRAWN)), LetterKind.GENERAL, (part,))
