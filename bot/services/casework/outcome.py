"""What a settled part is answered with, and what the person got: read off its tasks, decided nowhere else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.policy import operation_for
from bot.domain.protection import BESIDE
from bot.domain.redaction import left_out
from bot.domain.request import RequestType
from bot.domain.restriction import restricted_in
from bot.domain.roads import Road, taken, unidentified
from bot.domain.system import Operation
from bot.domain.task import NOT_CONFIRMED, TAKEN_BACK, Task, TaskState
from bot.domain.ticket import Outcome, Part, Ticket
from bot.domain.undoing import undoing

#: Letters that say by themselves what the person got.
BY_LETTER: Final[Mapping[LetterKind, Outcome]] = MappingProxyType(
    {
        LetterKind.NO_REPLY: Outcome.NO_REPLY,
        LetterKind.UNDONE: Outcome.UNDONE,
        LetterKind.NOTHING_FOUND: Outcome.NOTHING_HELD,
        LetterKind.CANNOT_IDENTIFY: Outcome.NOT_IDENTIFIED,
        LetterKind.NEUTRAL: Outcome.NOT_IDENTIFIED,
    }
)


#: Rights whose letter tells what was left, and why, by itself.
BY_RIGHT: Final[Mapping[RequestType, LetterKind]] = MappingProxyType(
    {RequestType.OBJECTION: LetterKind.OBJECTION_WEIGHED, RequestType.PORTABILITY: LetterKind.PORTABLE}
)


def answer_kind(ticket: Ticket, part: Part) -> LetterKind:
    """Return which letter answers a part whose tasks are settled."""
    states = {task.state for task in own_tasks(ticket, part)}
    if _dropped(ticket, part, NOT_CONFIRMED) or _dropped(ticket, part, TAKEN_BACK):
        return LetterKind.GENERAL
    if own := _own_letter(ticket, part):
        return own
    if is_opt_out(part):
        return LetterKind.OPTED_OUT
    if TaskState.DECLINED in states or TaskState.EXCEPTION in states or unsearched(ticket) or partly_kept(ticket, part):
        return LetterKind.REFUSED
    asked = {task.state for task in own_tasks(ticket, part) if task.operation is operation_for(part)}
    if asked == {TaskState.NOT_HELD}:
        return LetterKind.NOTHING_FOUND  # what the search had seen was gone when a colleague looked
    match operation_for(part):
        case Operation.EXPORT:
            return LetterKind.ACCESS_ANSWER
        case Operation.ERASE:
            return LetterKind.ERASURE_DONE
        case _:
            return LetterKind.GENERAL


def _own_letter(ticket: Ticket, part: Part) -> LetterKind | None:
    """Return the letter that says everything by itself, what was left and why included."""
    if undoing(part):
        return LetterKind.UNDONE
    if taken(ticket) is Road.DECEASED:
        return LetterKind.DECEASED
    if part.type in BY_RIGHT and not is_opt_out(part):
        return BY_RIGHT[part.type]
    if part.type is RequestType.RESTRICTION and restricted_in(ticket, part):
        return LetterKind.RESTRICTED
    if operation_for(part) is Operation.RECTIFY:
        held = any(task.state is not TaskState.NOT_HELD for task in own_tasks(ticket, part))
        return LetterKind.RECTIFIED if held else None
    return LetterKind.CONSENT_WITHDRAWN if part.type is RequestType.CONSENT_WITHDRAWAL else None


def unsearched(ticket: Ticket) -> bool:
    """Whether a system could not be searched: nothing may be called done everywhere then (R37)."""
    return any(t.operation is Operation.FIND and t.state is TaskState.EXCEPTION for t in ticket.tasks)


def partly_kept(ticket: Ticket, part: Part) -> bool:
    """Whether something that concerns others too was kept on a ground while the rest was erased (D20)."""
    return any(task.state is TaskState.DONE and task.ground for task in own_tasks(ticket, part))


def _dropped(ticket: Ticket, part: Part, reason: str) -> bool:
    return any(task.reason == reason for task in own_tasks(ticket, part))


def outcome_of(ticket: Ticket, part: Part, kind: LetterKind) -> Outcome:
    """Return what the person got, once the letter of that kind has left."""
    if _dropped(ticket, part, TAKEN_BACK):
        return Outcome.WITHDRAWN
    if _dropped(ticket, part, NOT_CONFIRMED):
        return Outcome.NOT_CONFIRMED
    if taken(ticket) is Road.QUESTION:
        return Outcome.QUESTION_ANSWERED
    if kind in BY_LETTER:
        return BY_LETTER[kind]
    states = {task.state for task in own_tasks(ticket, part)}
    if kind is LetterKind.PORTABLE and TaskState.DONE not in states:
        return Outcome.REFUSED
    if partly_kept(ticket, part) or left_out(ticket, part):
        return Outcome.PARTLY
    if not states & {TaskState.DECLINED, TaskState.EXCEPTION}:
        left = kind is LetterKind.REFUSED or unsearched(ticket) or (unidentified(ticket) and not is_opt_out(part))
        return Outcome.PARTLY if left else Outcome.FULFILLED
    return Outcome.PARTLY if TaskState.DONE in states else Outcome.REFUSED


def own_tasks(ticket: Ticket, part: Part) -> list[Task]:
    """Return what the part asks of the systems, without the searches and without hiding a protected address."""
    return [task for task in ticket.tasks_of(part) if task.operation not in BESIDE]
