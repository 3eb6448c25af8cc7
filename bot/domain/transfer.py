"""Handing a person's portable file straight to another controller (Art. 20(2), R36): only on their approval (P16).

There is no step without an approval: a colleague attests how and when the person gave it, and may fetch the file only
while the step is open. It ends as handed over, not technically feasible, or taken back by the person. Who was handed
the file is from then on a recipient like others (see `bot.domain.recipients`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.letter import LetterKind, LetterState
from bot.domain.recipients import marked, next_key, step
from bot.domain.request import RequestType
from bot.domain.system import Operation
from bot.domain.task import TAKEN_BACK, Approval, Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket, answers

#: Stages in which the file is packed.
PACKED_IN: Final = frozenset({Stage.REPLYING, Stage.CLOSED})


class Given(StrEnum):
    """How the person gave their approval."""

    MAIL = "mail"  # in the thread of the answer, from the address we know
    CALL = "call"  # on a number on file
    WRITING = "writing"  # on paper or in person


@dataclass(frozen=True, slots=True)
class Approved:
    """The person's approval: how and when they gave it, and which colleague attests so, when."""

    given: Given
    at: datetime
    by: str
    attested_at: datetime


def transferable(ticket: Ticket) -> Part | None:
    """Return the part whose file may be handed to somebody else on approval; None when there is no file."""
    for part in ticket.parts:
        if part.type is not RequestType.PORTABILITY or part.stage not in PACKED_IN:
            continue
        packed = any(
            task.operation is Operation.EXPORT and task.state is TaskState.DONE for task in ticket.tasks_of(part)
        )
        if packed and ticket.identity_for(part).permits_content:
            return part
    return None


def approved(ticket: Ticket, approval: Approved, task_id: str) -> tuple[Ticket, Task]:
    """Return the ticket with a step to hand the file over, and that step.

    Raises `Incomplete` for an approval from before the request or after now: it is not one of this.
    """
    part = transferable(ticket)
    if part is None:
        raise NotAllowedNow("refusal.nothing_to_transfer")
    if not local_date(part.received) <= local_date(approval.at) or approval.at > approval.attested_at:
        raise Incomplete("refusal.field_bad", {"field": "approved_at"})
    handing = step(part, next_key(ticket), Operation.TRANSFER, task_id, approval.attested_at)
    handing = replace(handing, approvals=(Approval(approval.by, approval.attested_at),))
    return replace(ticket, tasks=(*ticket.tasks, handing)), handing


def transfers(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return the steps by which a part's file is handed to others, done or not."""
    return tuple(task for task in ticket.tasks_of(part) if task.operation is Operation.TRANSFER)


def open_transfer(task: Task) -> bool:
    """Whether a colleague may fetch the file to hand it over: approved, attested, and not ended."""
    return task.operation is Operation.TRANSFER and not task.settled and bool(task.approvals)


def handed_over(ticket: Ticket, task: Task) -> Ticket:
    """Return the ticket with an ended step; who got the file is told what is done to the data from now on."""
    after = ticket.with_task(task)
    return marked(after, task.system) if task.state is TaskState.DONE else after


def taken_back(task: Task) -> Task:
    """Return an ended step as one whose approval the person took back: nothing was handed over."""
    return replace(task, state=TaskState.NOT_APPLICABLE, reason=TAKEN_BACK)


def told_by_answer(ticket: Ticket, part: Part) -> bool:
    """Whether the answer to the part is still to be read by a colleague, and can say what came of it."""
    unread = (LetterState.REQUESTED, LetterState.DRAFT)
    return any(one.kind is LetterKind.PORTABLE and one.state in unread for one in answers(ticket, part))
