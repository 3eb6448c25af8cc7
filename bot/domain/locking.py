"""What an approved erasure still waits for (D3, D7).

The copy that goes first, the person's own yes, what a later mail means, a word about what concerns others too.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.deadline import Calendar, end_of
from bot.domain.extension import in_force
from bot.domain.identity import IdentityState
from bot.domain.letter import LetterState
from bot.domain.policy import READS
from bot.domain.shared import MARK as SHARED
from bot.domain.system import Mode, Operation
from bot.domain.task import Lock, Task, TaskState
from bot.domain.ticket import MAY_TAKE_BACK, Part, Stage, Ticket, answers

#: How long an erasure waits for the access package to be fetched, counted from its letter (D3).
PACKAGE_GRACE: Final = timedelta(days=7)


def lock_on(ticket: Ticket, part: Part, task: Task, at: datetime, calendar: Calendar) -> Lock | None:
    """Return what an approved ERASE still waits for, or None (D3, D7); emptying a field waits for a regret alone.

    Without the access letter nothing is erased, whatever the date: it would destroy what must be shown. Once that
    letter is out, the wait ends when the package is fetched, after seven days, or at the safe target.
    """
    if task.takes_away and MAY_TAKE_BACK in ticket.flags:
        return Lock.REGRET
    if task.operation is not Operation.ERASE:
        return None
    if any(_holds_back(ticket, earlier, part, at, calendar) for earlier in _copies_before(ticket, part)):
        return Lock.PACKAGE
    if ticket.identity_for(part).state is not IdentityState.PROVEN:
        return Lock.CONFIRMATION
    if task.mode is Mode.AUTOMATIC and f"{SHARED}{task.system}" in ticket.flags:
        return Lock.SHARED
    return None


def _copies_before(ticket: Ticket, part: Part) -> list[Part]:
    """Return the parts whose copy goes before erasing *part*: asked before it in its mail, or by another mail (D3)."""
    return [
        one
        for one in ticket.parts
        if one.type in READS and (one.position < part.position or one.received != part.received)
    ]


def _holds_back(ticket: Ticket, earlier: Part, part: Part, at: datetime, calendar: Calendar) -> bool:
    if earlier.package_fetched_at is not None:
        return False
    sent = _answered_at(ticket, earlier)
    states = {letter.state for letter in answers(ticket, earlier)}
    if not sent and LetterState.RETURNED in states:
        return True  # the copy reached nobody: a person sees to that before anything is erased
    if not sent and LetterState.UNDELIVERED in states:
        return at < _latest(ticket, part, calendar)
    if not sent:
        return earlier.stage is not Stage.CLOSED
    if not any(task.state is TaskState.DONE for task in ticket.tasks_of(earlier) if task.operation is Operation.EXPORT):
        return False  # nothing was packed: there is nothing to fetch first
    return at < min(max(sent) + PACKAGE_GRACE, _latest(ticket, part, calendar))


def _latest(ticket: Ticket, part: Part, calendar: Calendar) -> datetime:
    """Return when the wait for the package ends at the latest: at the safe target (D3)."""
    return end_of(in_force(ticket, part, calendar).safe_target) - timedelta(days=1)


def unlock_at(ticket: Ticket, part: Part, calendar: Calendar) -> datetime | None:
    """Return when the wait for the package ends by itself, or None when no letter went out yet."""
    moments = [
        moment + PACKAGE_GRACE for earlier in _copies_before(ticket, part) for moment in _answered_at(ticket, earlier)
    ]
    if not moments:
        return None
    return min(max(moments), _latest(ticket, part, calendar))


def _answered_at(ticket: Ticket, part: Part) -> list[datetime]:
    letters = (letter for letter in answers(ticket, part) if letter.state is LetterState.SENT)
    return [letter.sent_at for letter in letters if letter.sent_at is not None]
