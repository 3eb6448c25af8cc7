"""Tickets whose right has a card of its own: a value to put right, a restriction from its ground to its end."""

from dataclasses import replace

from bot.cards.particulars import Particulars
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.request import RequestType
from bot.domain.restriction import GROUND_SET, Ends, Ground, Restriction, Terms, plan_lift
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Outcome, Part, Stage, Ticket
from tests.cards import tickets as t


def of_right(right: RequestType, operation: Operation, stage: Stage, state: TaskState, mode: Mode) -> Ticket:
    """Return a ticket of one right, with one task in HubSpot."""
    part = Part("part-1", 1, right, t.THURSDAY, stage=stage)
    task = Task("task-1", part.id, "hubspot", operation, mode, state, found={"contact": 1}, waiting_since=t.MONDAY)
    found = tuple(replace(one, part_id=part.id) for one in t.SEARCHES)
    return replace(t.DECIDING, parts=(part,), tasks=(*found, task), letters=())


CORRECTING = of_right(RequestType.RECTIFICATION, Operation.RECTIFY, Stage.DECIDING, TaskState.PROPOSED, Mode.AUTOMATIC)
EMPTYING = replace(CORRECTING, tasks=(*CORRECTING.tasks[:-1], replace(CORRECTING.tasks[-1], irreversible=True)))
WEIGHING = of_right(RequestType.OBJECTION, Operation.RESTRICT, Stage.DECIDING, TaskState.PROPOSED, Mode.MANUAL)
UNGROUNDED = of_right(RequestType.RESTRICTION, Operation.RESTRICT, Stage.DECIDING, TaskState.PROPOSED, Mode.AUTOMATIC)
GROUNDED = replace(UNGROUNDED, flags=UNGROUNDED.flags | {GROUND_SET})
ANSWERED = Letter("letter-9", LetterKind.RESTRICTED, ("part-1",), LetterState.SENT, sent_at=t.MONDAY)
RESTRICTED = replace(
    GROUNDED,
    parts=(replace(GROUNDED.parts[0], stage=Stage.CLOSED, outcome=Outcome.FULFILLED, closed_at=t.MONDAY),),
    tasks=tuple(
        replace(task, state=TaskState.DONE, done=task.found, settled_at=t.MONDAY)
        if task.operation is Operation.RESTRICT
        else task
        for task in GROUNDED.tasks
    ),
    letters=(ANSWERED,),
    closed_at=t.MONDAY,
)
NOTICE = Letter("letter-10", LetterKind.LIFTING, ("part-1",), LetterState.SENT, sent_at=t.MONDAY)
ANNOUNCED = replace(RESTRICTED, letters=(ANSWERED, NOTICE))
WRITTEN = replace(RESTRICTED, letters=(ANSWERED, replace(NOTICE, state=LetterState.REQUESTED)))
LIFTING = replace(
    ANNOUNCED,
    tasks=(
        *ANNOUNCED.tasks,
        *(
            replace(task, mode=Mode.MANUAL, state=TaskState.BY_HAND, waiting_since=t.MONDAY)
            for task in plan_lift(ANNOUNCED, ANNOUNCED.parts[0], iter(("lift-1",)), t.MONDAY)
        ),
    ),
)
IN_FORCE = Restriction(
    "part-1", "ticket-1", Terms(Ground.CLAIMS, Ends.CLAIM_OVER), t.MONDAY, t.MONDAY.date() + 90 * t.DAY
)
TOLD = replace(IN_FORCE, lifting=Ends.CLAIM_OVER, notice="letter-10", lift_from=t.MONDAY.date() + 3 * t.DAY)
RIGHTS = {
    "correcting": (CORRECTING, Particulars()),
    "weighing": (WEIGHING, Particulars()),
    "restricting_ungrounded": (UNGROUNDED, Particulars()),
    "restricting_grounded": (GROUNDED, Particulars()),
    "restricted": (RESTRICTED, Particulars(restriction=IN_FORCE)),
    "restricted_notice_written": (WRITTEN, Particulars(restriction=TOLD)),
    "restricted_announced": (ANNOUNCED, Particulars(restriction=TOLD)),
    "restricted_lifting": (LIFTING, Particulars(restriction=TOLD)),
}
