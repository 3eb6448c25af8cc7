"""Who else is told what was done, one row each (Art. 19, R47).

A recipient that is a system of ours is told by the deed there. Whoever else got the data is told by a colleague: a
step NOTIFY beside the part, whose `system` is the recipient's key, which ends as told, never had it, or not possible.
A recipient that a colleague named has a key without a name; the name lies in the vault (D14).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.deadline import Calendar, end_of, local_date
from bot.domain.extension import in_force
from bot.domain.optout import is_opt_out
from bot.domain.policy import operation_for
from bot.domain.policy_text import PolicyText, Recipient, for_roles
from bot.domain.roads import Road, taken
from bot.domain.system import AT_RECIPIENTS, Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.threads import searches_of
from bot.domain.ticket import Part, Stage, Ticket

#: What begins the key of a recipient that a colleague named; a number follows.
NAMED: Final = "recipient_"
#: Mark of a ticket, with a recipient's key behind it: they got some of the data, so they are told what is done to it.
MARK: Final = "told_too:"
#: What others are told of (Art. 19): no stop of mailings, and no end of a restriction.
DEEDS: Final = frozenset({Operation.ERASE, Operation.RECTIFY, Operation.RESTRICT})
#: Kind of what a colleague counted without saying what it was: it may be of any kind.
COUNTED: Final = "record"
#: Working days the letter waits for others to be told. The person's answer is owed without undue delay, so a silence
#: that is not theirs holds it no longer, and never past the day before the safe target: the letter then says who
#: is still to be told.
PATIENCE: Final = 3
#: Stages in which somebody can still be found to have got the data.
UNDER_WAY: Final = frozenset({Stage.DECIDING, Stage.EXECUTING, Stage.REPLYING})


class Telling(StrEnum):
    """What came of telling one recipient."""

    BY_DEED = "by_deed"  # it is a system of ours, and what was done there tells it
    TOLD = "told"
    NEVER_HAD = "never_had"
    UNREACHED = "unreached"  # impossible, or out of proportion (Art. 19): the reason is written down
    WAITING = "waiting"
    AHEAD = "ahead"  # a system in which nothing has been done yet
    KEPT = "kept"  # declined there
    NOT_DONE = "not_done"  # could not be done there, or not be looked into


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient of what one part did: what came of it, when, by whom ("" for the desk). `task` is its step."""

    part_id: str
    key: str
    telling: Telling
    at: datetime | None = None
    by: str = ""
    task: str = ""
    reason: str = ""


#: What came of a step, and of the deed in a system of ours.
OF_STEP: Final = {
    TaskState.DONE: Telling.TOLD,
    TaskState.NOT_HELD: Telling.NEVER_HAD,
    TaskState.EXCEPTION: Telling.UNREACHED,
}
OF_DEED: Final = {
    TaskState.DONE: Telling.BY_DEED,
    TaskState.NOT_HELD: Telling.NEVER_HAD,
    TaskState.DECLINED: Telling.KEPT,
    TaskState.EXCEPTION: Telling.NOT_DONE,
    TaskState.NOT_APPLICABLE: Telling.NOT_DONE,
}


def asks_for_deeds(ticket: Ticket, part: Part) -> bool:
    """Whether what the part asks is told to others; of the dead nobody is owed that (recital 27)."""
    return operation_for(part) in DEEDS and not is_opt_out(part) and taken(ticket) is not Road.DECEASED


def deeds(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return where something was really done for the part; nowhere, and nobody is told anything."""
    if not asks_for_deeds(ticket, part):
        return ()
    return tuple(one for one in ticket.tasks_of(part) if one.operation in DEEDS and one.state is TaskState.DONE)


def named_on(ticket: Ticket) -> tuple[str, ...]:
    """Return the keys of recipients a colleague named who got some of the data, in the order they were named."""
    keys = (flag.removeprefix(MARK) for flag in ticket.flags if flag.startswith(MARK))
    return tuple(sorted(keys, key=lambda key: int(number_of(key))))


def number_of(key: str) -> str:
    """Return the number in the key of a recipient that a colleague named, "" for any other key."""
    number = key.removeprefix(NAMED)
    return number if key.startswith(NAMED) and number.isdecimal() else ""


def next_key(ticket: Ticket) -> str:
    """Return a key for one more recipient that a colleague names."""
    known = {*named_on(ticket), *(task.system for task in ticket.tasks if task.operation in AT_RECIPIENTS)}
    return f"{NAMED}{max((int(number_of(key) or 0) for key in known), default=0) + 1}"


def may_name(ticket: Ticket) -> bool:
    """Whether a colleague may still name somebody who got the data: while it is worked on, or once it is done."""
    asked = (part for part in ticket.parts if asks_for_deeds(ticket, part))
    return any(part.stage in UNDER_WAY or deeds(ticket, part) for part in asked)


def marked(ticket: Ticket, key: str) -> Ticket:
    """Return the ticket with one more recipient of the data."""
    return replace(ticket, flags=ticket.flags | {f"{MARK}{key}"})


def steps(ticket: Ticket) -> tuple[Task, ...]:
    """Return what is still to be told or handed to somebody; it outlasts the letter, and the ticket's closing."""
    return tuple(task for task in ticket.tasks if task.operation in AT_RECIPIENTS and not task.settled)


def told_of(ticket: Ticket, part: Part) -> tuple[Task, ...]:
    """Return the steps by which recipients are told of a part, done or not."""
    return tuple(task for task in ticket.tasks_of(part) if task.operation is Operation.NOTIFY)


def with_steps(
    ticket: Ticket, part: Part, policy: PolicyText, systems: Collection[str], new_id: Iterable[str], at: datetime
) -> Ticket:
    """Return the ticket with a step for everybody who is to be told of *part* and has none; itself when nobody is."""
    known = {task.system for task in told_of(ticket, part)}
    keys = [key for key in to_tell(ticket, part, policy, systems) if key not in known]
    if not keys:
        return ticket
    found = tuple(step(part, key, Operation.NOTIFY, one, at) for key, one in zip(keys, new_id, strict=False))
    return replace(ticket, tasks=(*ticket.tasks, *found))


def step(part: Part, key: str, operation: Operation, task_id: str, at: datetime) -> Task:
    """Return a step at a recipient, which a colleague carries out."""
    return Task(task_id, part.id, key, operation, Mode.MANUAL, TaskState.BY_HAND, waiting_since=at)


def to_tell(ticket: Ticket, part: Part, policy: PolicyText, systems: Collection[str]) -> tuple[str, ...]:
    """Return the keys of all whom a colleague tells of what was done for *part*. *systems* are those of ours."""
    done = deeds(ticket, part)
    if not done:
        return ()
    wanted = [one.key for one in recipients_of(ticket, part, policy) if _by_hand(ticket, part, one, systems, done)]
    return (*wanted, *named_on(ticket))


def recipients_of(ticket: Ticket, part: Part, policy: PolicyText) -> tuple[Recipient, ...]:
    """Return who receives data of somebody of the person's roles, those the findings imply among them."""
    return for_roles(policy.recipients, policy.roles_held(ticket.roles, _places(ticket, part)))


def _places(ticket: Ticket, part: Part) -> Iterator[str]:
    """Yield where something is held, as `Category.held_in` has it: "system:kind", or a system that counts nothing."""
    for task in (*searches_of(ticket, part), *deeds(ticket, part)):
        if task.state is TaskState.DONE:
            kinds = [f"{task.system}:{kind}" for kind, number in task.found.items() if number]
            yield from kinds or [task.system]


def _by_hand(
    ticket: Ticket, part: Part, recipient: Recipient, systems: Collection[str], done: tuple[Task, ...]
) -> bool:
    """Whether a colleague tells them. Of a system that somebody keeps for us, only where nothing can be done there."""
    if recipient.key in systems:
        there = (one for one in ticket.tasks_of(part) if one.system == recipient.key and one.operation in DEEDS)
        keeps_for_us = recipient.key in recipient.receives_from
        return keeps_for_us and any(one.mode is Mode.ABSENT for one in there)
    if not recipient.receives_from:
        return True
    acted = {one.system for one in done}
    return any(_got(ticket, part, place) for place in recipient.receives_from if place.partition(":")[0] in acted)


def _got(ticket: Ticket, part: Part, place: str) -> bool:
    """Whether something of that kind was found there; what was only counted may have been of it, and they are told."""
    system, _, kind = place.partition(":")
    there = [one.found for one in searches_of(ticket, part) if one.system == system]
    found = {name for counts in there for name, number in counts.items() if number}
    return not kind or not found or not found.isdisjoint({kind, COUNTED})


def holds_letter(ticket: Ticket, part: Part, now: datetime, calendar: Calendar) -> bool:
    """Whether the letter waits for somebody to be told: see `PATIENCE`."""
    until = waits_until(ticket, part, calendar)
    return until is not None and now < until


def waits_until(ticket: Ticket, part: Part, calendar: Calendar) -> datetime | None:
    """Return until when the letter waits for others to be told; None when nobody is waited for."""
    since = [one.waiting_since for one in told_of(ticket, part) if not one.settled and one.waiting_since]
    if not since:
        return None
    patient = end_of(calendar.add_working_days(local_date(min(since)), PATIENCE))
    return min(patient, end_of(in_force(ticket, part, calendar).safe_target) - timedelta(days=1))


def confirm_by(ticket: Ticket, part: Part, today: date, calendar: Calendar) -> date:
    """Return the day by which a recipient is asked to act: our own target, never fewer than three working days off."""
    return max(in_force(ticket, part, calendar).safe_target, calendar.add_working_days(today, PATIENCE))


def rows(ticket: Ticket, part: Part, policy: PolicyText, systems: Collection[str]) -> tuple[Row, ...]:
    """Return one row for each recipient of what was done for *part*; none while nothing is.

    What was done before the ticket was opened again is still told by its own step.
    """
    by_step = {task.system: task for task in told_of(ticket, part)}
    concerned = recipients_of(ticket, part, policy) if deeds(ticket, part) else ()
    ours = [one.key for one in concerned if one.key in systems and one.key not in by_step]
    return (*(_of_system(ticket, part, key) for key in ours), *(_of_step(part, task) for task in by_step.values()))


def _of_step(part: Part, task: Task) -> Row:
    telling = OF_STEP.get(task.state, Telling.WAITING)
    return Row(part.id, task.system, telling, task.settled_at, task.settled_by, task.id, task.reason)


def _of_system(ticket: Ticket, part: Part, key: str) -> Row:
    tasks = [one for one in ticket.tasks_of(part) if one.system == key and one.operation in DEEDS]
    if tasks:
        last = tasks[-1]
        telling = OF_DEED.get(last.state, Telling.AHEAD)
        return Row(part.id, key, telling, last.settled_at, last.settled_by)
    searched = [one for one in searches_of(ticket, part) if one.system == key]
    nothing = any(one.state is TaskState.NOT_HELD for one in searched)
    at = searched[-1].settled_at if nothing else None
    return Row(part.id, key, Telling.NEVER_HAD if nothing else Telling.NOT_DONE, at)
