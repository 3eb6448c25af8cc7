"""Restriction (Art. 18, R38-R40): on which ground, until what, and what must happen before it ends.

While one is in force the data is kept from every use but storage, and neither a sweep nor another ticket erases it,
also after its own ticket is closed. It ends only by an officer's decision, and never before the person was told.
What is in force is read off the ticket's tasks; the ground and the dates are sealed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.letter import LetterKind, LetterState
from bot.domain.request import EVERYTHING, RequestType
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket, letters_of


class Ground(StrEnum):
    """Why the data may not be used (Art. 18(1)(a)-(d))."""

    ACCURACY = "accuracy"
    UNLAWFUL = "unlawful"
    CLAIMS = "claims"
    OBJECTION = "objection"


class Ends(StrEnum):
    """What ends it; chosen with the ground, and the reason given when it is lifted."""

    CHECKED = "checked"
    PERSON_SAYS = "person_says"
    CLAIM_OVER = "claim_over"
    WEIGHED = "weighed"


#: What usually ends a restriction on a ground.
USUALLY: Final = {
    Ground.ACCURACY: Ends.CHECKED,
    Ground.UNLAWFUL: Ends.PERSON_SAYS,
    Ground.CLAIMS: Ends.CLAIM_OVER,
    Ground.OBJECTION: Ends.WEIGHED,
}
#: Rights whose question may be open for long enough that the data rests meanwhile, and the ground that gives.
MEANWHILE: Final = {RequestType.RECTIFICATION: Ground.ACCURACY, RequestType.OBJECTION: Ground.OBJECTION}
REVIEW_DAYS: Final = 90
LONGEST_REVIEW: Final = 365
#: Mark of a ticket whose restriction has its ground.
GROUND_SET: Final = "restriction_ground"
UNSETTLED: Final = frozenset({Stage.DECIDING, Stage.EXECUTING})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a colleague chose for a restriction. `meanwhile`: it only lasts while another right is looked into."""

    ground: Ground
    ends: Ends
    review_days: int = REVIEW_DAYS
    meanwhile: bool = False


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction in force. `lifting`: why it will end, told by letter `notice`, not before `lift_from`."""

    part_id: str
    ticket_id: str
    terms: Terms
    since: datetime
    review_on: date
    lifting: Ends | None = None
    notice: str = ""
    lift_from: date | None = None


def lifts(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return the steps that end a part's restriction."""
    return tuple(task for task in ticket.tasks_of(part) if task.operation is Operation.LIFT)


def liftings(ticket: Ticket) -> tuple[Task, ...]:
    """Return the steps that end a restriction and are not done; they belong to a part that is answered long since."""
    return tuple(task for task in ticket.tasks if task.operation is Operation.LIFT and not task.settled)


def restricted_in(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return where a part's restriction was carried out."""
    if part.type is not RequestType.RESTRICTION:
        return ()
    done = (TaskState.DONE,)
    return tuple(task for task in ticket.tasks_of(part) if task.operation is Operation.RESTRICT and task.state in done)


def ended(ticket: Ticket, part: Part) -> bool:
    """Whether it was lifted wherever it was carried out: what could not be lifted is still in force."""
    held = restricted_in(ticket, part)
    return bool(held) and {task.system for task in held} <= _lifted_in(ticket, part)


def _lifted_in(ticket: Ticket, part: Part) -> set[str]:
    good = (TaskState.DONE, TaskState.NOT_HELD)
    return {task.system for task in lifts(ticket, part) if task.state in good}


def in_force(ticket: Ticket) -> Part | None:
    """Return the part whose restriction is in force, None when none is."""
    found = (part for part in ticket.parts if restricted_in(ticket, part) and not ended(ticket, part))
    return next(found, None)


def kept_on_reopening(ticket: Ticket, task: Task) -> bool:
    """Whether a task outlives that its ticket begins anew: what restricts stays until it is lifted (R40)."""
    held = in_force(ticket)
    return held is not None and task.part_id == held.id and task.operation in (Operation.RESTRICT, Operation.LIFT)


def needs_ground(ticket: Ticket, task: Task) -> bool:
    """Whether a yes to the task must wait for somebody to choose the ground (R38)."""
    part = ticket.part(task.part_id)
    restricts = part.type is RequestType.RESTRICTION and task.operation is Operation.RESTRICT
    return restricts and GROUND_SET not in ticket.flags


def asks_for_ground(ticket: Ticket) -> Part | None:
    """Return the part whose ground may be chosen now."""
    found = (part for part in ticket.parts if part.type is RequestType.RESTRICTION and part.stage in UNSETTLED)
    return next(found, None)


def may_rest(ticket: Ticket) -> Part | None:
    """Return the part whose question may be open while its data rests: a disputed value, an objection under test."""
    if any(part.type is RequestType.RESTRICTION for part in ticket.parts):
        return None
    for part in ticket.parts:
        marketing = part.type is RequestType.OBJECTION and part.scope == EVERYTHING
        if part.type in MEANWHILE and part.stage in UNSETTLED and not marketing:
            return part
    return None


def told_of_end(ticket: Ticket) -> bool:
    """Whether a letter that says so is written, on its way or there; one that came back told nobody."""
    lost = (LetterState.RETURNED, LetterState.UNDELIVERED)
    letters = [letter for letter in ticket.letters if letter.kind is LetterKind.LIFTING]
    return bool(letters) and letters[-1].state not in lost


def refuse_early(restriction: Restriction, ticket: Ticket, today: date) -> None:
    """Refuse to lift before the person was told, and had the days to answer that the letter names (R40)."""
    part = ticket.part(restriction.part_id)
    told = [one for one in letters_of(ticket, part) if one.id == restriction.notice]
    sent = any(one.kind is LetterKind.LIFTING and one.state is LetterState.SENT for one in told)
    if not sent or restriction.lift_from is None:
        raise NotAllowedNow("refusal.notice_first")
    if today < restriction.lift_from:
        raise NotAllowedNow("refusal.notice_runs", {"day": restriction.lift_from.isoformat()})


def plan_lift(ticket: Ticket, part: Part, new_id: Iterable[str], at: datetime) -> tuple[Task, ...]:
    """Return one step per system where it is still in force: by the desk where the desk did it, else by hand."""
    ids = iter(new_id)
    lifted = _lifted_in(ticket, part)
    return tuple(_lift(task, next(ids), at) for task in restricted_in(ticket, part) if task.system not in lifted)


def _lift(task: Task, task_id: str, at: datetime) -> Task:
    by_desk = task.mode is Mode.AUTOMATIC and not task.settled_by
    mode, state = (Mode.AUTOMATIC, TaskState.READY) if by_desk else (Mode.MANUAL, TaskState.BY_HAND)
    waiting = None if by_desk else at
    return Task(task_id, task.part_id, task.system, Operation.LIFT, mode, state, found=task.done, waiting_since=waiting)
