"""A legal hold: a recorded reason to keep what would be erased (Art. 17(3), P68, P76).

An officer sets it, with a ground, in words, and with a day on which it is looked at again;
it ends when an officer releases it, never by itself. While it stands, erasing is refused
on its ground and the data is used for nothing else. The ticket carries only a mark with
that day; the words lie in the vault.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from bot.domain.again import reopened
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.letter import LetterState
from bot.domain.people import Colleague
from bot.domain.policy import GROUNDS, grounds_of
from bot.domain.request import RequestType
from bot.domain.system import Operation
from bot.domain.task import TAKEN_BACK, Task, TaskState
from bot.domain.ticket import Event, Outcome, Part, Stage, Ticket, advance, answers, without_letter

#: Mark of a ticket on hold, with the day of its review (ISO) behind it.
MARK: Final = "hold:"
#: Why a task was refused by a hold rather than by its owner and an officer.
BY_HOLD: Final = "reason.held"
#: Outcomes of a part of which nothing is owed any more, whatever a hold refused.
OWES_NOTHING: Final = frozenset({Outcome.WITHDRAWN, Outcome.NOT_IDENTIFIED, Outcome.JOINED})
#: States of a letter that has certainly not left.
NOT_LEFT: Final = frozenset({LetterState.REQUESTED, LetterState.DRAFT, LetterState.APPROVED})
#: Grounds of a hold: those on which an erasure may be refused.
HOLD_GROUNDS: Final = GROUNDS[RequestType.ERASURE]
#: A ground every right to erasure knows.
CLAIMS: Final = "legal_claims"


@dataclass(frozen=True, slots=True)
class Hold:
    """Who keeps what, on which ground, and when that is looked at again."""

    ground: str
    owner: str
    since: date
    review_on: date
    reason: str = field(default="", repr=False)
    released_on: date | None = None
    released_by: str = ""


def review_of(ticket: Ticket) -> date | None:
    """Return the day on which the ticket's hold is looked at again; None when it has none."""
    marks = [flag.removeprefix(MARK) for flag in ticket.flags if flag.startswith(MARK)]
    return date.fromisoformat(marks[0]) if marks else None


def marked(ticket: Ticket, review_on: date | None) -> Ticket:
    """Return the ticket with its hold's mark, or without."""
    others = frozenset(flag for flag in ticket.flags if not flag.startswith(MARK))
    return replace(ticket, flags=others | ({f"{MARK}{review_on.isoformat()}"} if review_on else set()))


def placed(hold: Hold, colleague: Colleague, *, own_request: bool) -> Hold:
    """Return the hold as *colleague* sets it, or refuse: an officer, not on their own data, with ground and reason."""
    if not colleague.is_officer:
        raise NotYours("refusal.not_yours_officer")
    if own_request:
        raise NotYours("refusal.own_request")
    if hold.ground not in HOLD_GROUNDS:
        raise NotAllowedNow("refusal.ground_unknown")
    if not hold.reason.strip():
        raise Incomplete("refusal.field_missing", {"field": "why"})
    if hold.review_on <= hold.since:
        raise Incomplete("refusal.field_bad", {"field": "review_on"})
    return replace(hold, owner=colleague.id)


def refused(ticket: Ticket, part: Part, hold: Hold, at: datetime) -> Ticket:
    """Return the ticket with every erasure of *part* that is not done refused on the hold's ground.

    What a job has in hand, or may have written, is left: it stops by itself, and a colleague is asked.
    """
    if part.stage not in (Stage.DECIDING, Stage.EXECUTING):
        return ticket
    grounds = grounds_of(part)
    for task in ticket.tasks_of(part):
        if _refusable(task):
            ground = hold.ground if hold.ground in grounds else CLAIMS
            ticket = ticket.with_task(_refused(task, hold, ground, at))
    return ticket


def _refusable(task: Task) -> bool:
    begun = task.state is TaskState.RUNNING or task.writing_since is not None
    return task.operation is Operation.ERASE and not task.settled and not begun


def _refused(task: Task, hold: Hold, ground: str, at: datetime) -> Task:
    return replace(
        task,
        state=TaskState.DECLINED,
        ground=ground,
        reason=BY_HOLD,
        declined_by=hold.owner,
        settled_at=at,
        settled_by=hold.owner,
        waiting_since=None,
        trouble="",
        token="",
    )


def refused_by_hold(ticket: Ticket) -> Sequence[Task]:
    """Return the erasures a hold refused, answered or not: released, they are owed. Not of what is no longer asked."""
    return [
        task
        for task in ticket.tasks
        if task.reason == BY_HOLD
        and task.state is TaskState.DECLINED
        and ticket.part(task.part_id).outcome not in OWES_NOTHING
        and not any(one.reason == TAKEN_BACK for one in ticket.tasks_of(ticket.part(task.part_id)))
    ]


def keeps(ticket: Ticket) -> bool:
    """Whether the ticket must still be found by its person: a hold stands on it, or refused something there."""
    return review_of(ticket) is not None or bool(refused_by_hold(ticket))


def released(ticket: Ticket, at: datetime) -> Ticket:
    """Return the ticket with all that a hold refused before its owners anew; a refusal that has not left is dropped."""
    for task in refused_by_hold(ticket):
        part = ticket.part(task.part_id)
        if part.stage is Stage.REPLYING:
            ticket = _unanswered(ticket, part, at)
        ticket = reopened(ticket, replace(task, reason=""), task.found, at)
    return ticket


def _unanswered(ticket: Ticket, part: Part, at: datetime) -> Ticket:
    """Return the ticket without the answer that was to leave; one that may have left answers an earlier round."""
    unsent = [one for one in answers(ticket, part) if one.state in NOT_LEFT or one.unwritten]
    may_have_left = len(unsent) < len(answers(ticket, part))  # settled as not sent it is not sent then either
    for letter in unsent:
        ticket = without_letter(ticket, letter)
    again = advance(part, Event.RELEASED)
    return ticket.with_part(replace(again, reopened_at=at) if may_have_left else again)
