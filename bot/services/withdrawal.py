"""Taking a request back: by the person on their page, or by a colleague who read that they want to (F41).

Where nothing is carried out yet it closes with its reason; what is under way is answered as usual.
"""

from collections.abc import Collection
from dataclasses import replace

from bot.domain.errors import NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.system import Operation
from bot.domain.task import TAKEN_BACK, TaskState
from bot.domain.threads import settled_regret
from bot.domain.ticket import MAY_TAKE_BACK, TRANSITIONS, Event, Outcome, Part, Stage, Ticket, advance, close
from bot.ports import Unit
from bot.services.house import House
from bot.services.progress import carry_on, requested


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


async def let_go_on(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Note a colleague's word that a later mail takes nothing back: what was held goes on."""
    if MAY_TAKE_BACK not in ticket.flags:
        raise NotAllowedNow("refusal.already_decided")
    await unit.ledger.write(ticket.id, LedgerEvent.REGRET_SETTLED, actor.id)
    return await carry_on(unit, house, ticket, settled_regret(ticket), actor.id)


def withdrawable(ticket: Ticket, part: Part) -> bool:
    """Whether nothing is carried out of *part* yet, beside searching and copying."""
    beside = {Operation.FIND, Operation.EXPORT, Operation.HIDE} | (set() if is_opt_out(part) else {Operation.SUPPRESS})
    acted = any(
        (task.state is TaskState.RUNNING and task.operation not in (Operation.FIND, Operation.EXPORT))
        or (task.state is TaskState.DONE and task.operation not in beside)
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
