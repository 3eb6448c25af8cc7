"""Taking an opt-out back: the person's own click on their own link to their own address (D8).

Never by a program: to mail somebody again needs a person who looks first whether they have said no once more
since, so what was stopped becomes one step by hand for each system's owner.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.optout import is_opt_out
from bot.domain.policy import officer_only
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Event, Outcome, Part, Stage, Ticket, advance

#: Why a part is open again: the person took the opt-out back.
UNDOING: Final = "reason.undone"
STOPS: Final = frozenset({Operation.SUPPRESS, Operation.RESTRICT})


def stopped(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return what an opt-out really stopped: one task for each system, in their order."""
    done = [task for task in ticket.tasks_of(part) if task.operation in STOPS and task.state is TaskState.DONE]
    return tuple({task.system: task for task in done}.values()) if is_opt_out(part) else ()


def undoable(ticket: Ticket, part: Part) -> bool:
    """Whether the part is an answered opt-out that may be taken back by its link; never an officer's (D12)."""
    answered = part.stage is Stage.CLOSED and part.outcome in (Outcome.FULFILLED, Outcome.PARTLY)
    return answered and bool(stopped(ticket, part)) and not officer_only(ticket)


def undoing(part: Part) -> bool:
    """Whether the part is open because its opt-out was taken back."""
    return part.open and part.reason == UNDOING


def undone(ticket: Ticket, part: Part, new_id: Iterable[str], at: datetime) -> Ticket:
    """Return the ticket with the part open again and a step by hand in every system that was stopped.

    The press is a wish of its own with a clock of its own; when the opt-out came in stands in the ledger.
    """
    ids = iter(new_id)
    steps = tuple(
        Task(next(ids), part.id, task.system, Operation.RESUME, Mode.MANUAL, TaskState.BY_HAND, waiting_since=at)
        for task in stopped(ticket, part)
    )
    again = replace(
        advance(part, Event.UNDONE), received=at, outcome=None, reason=UNDOING, closed_at=None, reopened_at=at
    )
    return replace(ticket.with_part(again), tasks=(*ticket.tasks, *steps), closed_at=None)
