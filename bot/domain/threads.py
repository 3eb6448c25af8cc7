"""What follows when a later mail belongs to a ticket: new parts, what waits, what was searched already.

A reply asks for something new or it does not (R9). What is new becomes a part of its own,
with its own receipt, last in line; the others go on undisturbed. Rights are never narrowed
by putting them together (R6): a wider wish than the one under way counts as new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.optout import is_opt_out
from bot.domain.policy import READS
from bot.domain.request import ProposedPart, Scope, ScopeKind
from bot.domain.roads import taken
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import MAY_TAKE_BACK, Part, Stage, Ticket

#: Marks of a ticket whose mail names another: from an address that one does not know, or after that one was closed.
SAYS_IT_BELONGS: Final = "says_it_belongs"
FOLLOWS: Final = "follows_closed"
#: Mark of a ticket that a colleague looked at beside another and left by itself.
KEPT_APART: Final = "kept_apart"
#: Mark of a ticket whose person asks again because they have heard nothing: a complaint about a late answer (R9).
ASKED_AGAIN: Final = "asked_again"

#: How long what a search found is good enough for a part that comes later; after that every system is asked again.
FOUND_LASTS: Final = timedelta(days=1)


def covers(wide: Scope, narrow: Scope) -> bool:
    """Whether whoever gets *wide* also gets *narrow*; in doubt not."""
    if wide.kind is ScopeKind.EVERYTHING or wide == narrow:
        return True
    return wide.kind is narrow.kind and bool(narrow.names) and set(narrow.names) <= set(wide.names)


def open_for(ticket: Ticket, asked: ProposedPart | Part) -> Part | None:
    """Return the open part that answers what is *asked*, or None."""
    own = (part for part in ticket.parts if part.open and part.type is asked.type)
    return next((part for part in own if covers(part.scope, asked.scope)), None)


def narrows(ticket: Ticket, asked: ProposedPart | Part) -> bool:
    """Whether *ticket* has the right asked open, but less wide: putting the two together would lose something (R6)."""
    same = any(part.open and part.type is asked.type for part in ticket.parts)
    return same and open_for(ticket, asked) is None


def new_rights(ticket: Ticket, asked: Iterable[ProposedPart]) -> tuple[ProposedPart, ...]:
    """Return what of *asked* no open part answers (R9)."""
    return tuple(one for one in asked if open_for(ticket, one) is None)


def begun(ticket: Ticket) -> bool:
    """Whether work on the ticket has begun, so that what comes now is confirmed by itself.

    An opt-out that runs while we wait for a reply about the rest is no beginning: the rest is still one question.
    """
    ahead = taken(ticket) is not None
    return any(part.stage is not Stage.RECEIVED and not (ahead and is_opt_out(part)) for part in ticket.parts)


def later_parts(ticket: Ticket) -> tuple[Part, ...]:
    """Return the parts that wait to be confirmed in a ticket that has begun."""
    return tuple(part for part in ticket.parts if part.stage is Stage.RECEIVED) if begun(ticket) else ()


def with_later(ticket: Ticket, parts: Sequence[Part]) -> Ticket:
    """Return the ticket with *parts* last in line; a copy asked for now still goes before an erasure not begun (D3)."""
    after = replace(ticket, parts=(*ticket.parts, *parts))
    return held(after) if any(part.type in READS for part in parts) else after


def held(ticket: Ticket) -> Ticket:
    """Return the ticket with all that takes away locked again of which nothing was written: locks are asked anew.

    What stands still half-way keeps its trouble; while a lock is on it, nobody calls it done or has it tried again.
    """
    after = ticket
    for task in ticket.tasks:
        waits = task.state in (TaskState.READY, TaskState.BY_HAND) and task.writing_since is None
        if task.takes_away and waits:
            after = after.with_task(replace(task, state=TaskState.LOCKED))
    return after


def next_position(ticket: Ticket) -> int:
    """Return the position after the last."""
    return max(part.position for part in ticket.parts) + 1


def searches_of(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return the searches *part* rests on: its own, else those of the earliest part that has any."""
    searches = [task for task in ticket.tasks if task.operation is Operation.FIND]
    own = tuple(task for task in searches if task.part_id == part.id)
    return own or tuple(task for task in searches if task.part_id == searches[0].part_id)


def still_good(searches: Sequence[Task], at: datetime) -> bool:
    """Whether a later part may rest on these: still running, or settled within a day (D6: looking again is safe)."""
    return bool(searches) and all(task.settled_at is None or at - task.settled_at <= FOUND_LASTS for task in searches)


def settled_regret(ticket: Ticket) -> Ticket:
    """Return the ticket after a person decided what a mail that may take the request back means."""
    return replace(ticket, flags=ticket.flags - {MAY_TAKE_BACK})
