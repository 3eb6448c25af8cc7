"""Which steps of the progress line a ticket never took, so that nothing that was not done is called done.

Nobody is asked who they are where the mail is proof enough (D7) or nothing needs proof (R18); what is no request, is
taken back or is only a question is neither searched for nor decided. It is read off what is there: searches, the state
of identity, decisions, work, letters.
"""

from typing import Final

from bot.domain.identity import IdentityState
from bot.domain.letter import LetterState
from bot.domain.optout import is_opt_out
from bot.domain.system import AT_RECIPIENTS, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Stage, Ticket, answers

#: States of identity in which nobody was asked anything.
UNASKED: Final = frozenset({IdentityState.UNSETTLED, IdentityState.NOT_NEEDED, IdentityState.AUTHENTICATED})
#: What is no work on the data itself.
BESIDE_WORK: Final = frozenset({Operation.FIND, *AT_RECIPIENTS})
#: What nobody decides on: mailings stop at once (R46), an address is hidden at once (D12), an end is told before.
UNDECIDED: Final = frozenset({Operation.SUPPRESS, Operation.HIDE, Operation.LIFT, Operation.RESUME})


def skipped(ticket: Ticket) -> frozenset[Stage]:
    """Return the steps not taken so far; of those that lie ahead it says nothing."""
    work = [task for task in ticket.tasks if task.operation not in BESIDE_WORK]
    taken = {
        Stage.LOCATING: any(task.operation is Operation.FIND for task in ticket.tasks),
        Stage.VERIFYING: ticket.identity.state not in UNASKED,
        Stage.DECIDING: any(_was_decided(ticket, task) for task in work),
        Stage.EXECUTING: any(task.state not in (TaskState.DECLINED, TaskState.NOT_APPLICABLE) for task in work),
        Stage.REPLYING: any(one.state is LetterState.SENT for part in ticket.parts for one in answers(ticket, part)),
    }
    return frozenset(stage for stage, was in taken.items() if not was)


def _was_decided(ticket: Ticket, task: Task) -> bool:
    """Whether somebody had to say yes or no; what fell away before that was never put to anybody."""
    by_itself = task.operation in UNDECIDED or any(is_opt_out(part) for part in ticket.parts if part.id == task.part_id)
    return not by_itself and (bool(task.approvals) or task.state is not TaskState.NOT_APPLICABLE)
