"""Whom an answer must not reach, and what is done at once: impostors (R65) and protected identity (R62, D12).

Both are read off the ticket's flags; nothing here decides for a person.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.optout import is_opt_out
from bot.domain.request import Route
from bot.domain.roads import Road, taken
from bot.domain.system import AT_RECIPIENTS, Manifest, Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Event, Stage, Ticket, advance

PROTECTED: Final = "protected_identity"
IMPOSTOR: Final = "phishing_suspected"
#: Marks of who may be somebody else: the person on file hears nothing of it unless a colleague decides so.
SUSPECT: Final = frozenset({IMPOSTOR, "third_party_no_authority"})
#: Marks of a ticket whose asker gets no receipt: a machine, and who may be somebody else (R65).
UNANSWERED = frozenset({"auto_generated", IMPOSTOR})
#: Operations that do not belong to a part's own answer: looking, hiding an address, which waits for
#: nothing, ending a restriction long after, and what is told or handed to others, which the letter says apart.
BESIDE: Final = frozenset({Operation.FIND, Operation.HIDE, Operation.LIFT, *AT_RECIPIENTS})


def impostor(ticket: Ticket) -> bool:
    """Whether enough speaks for an impostor that the neutral answer comes first."""
    return IMPOSTOR in ticket.flags


def suspect(ticket: Ticket) -> bool:
    """Whether the asker may be somebody else than the person."""
    return bool(SUSPECT & ticket.flags)


def protected(ticket: Ticket) -> bool:
    """Whether the person says that their identity is protected."""
    return PROTECTED in ticket.flags


def answered_neutrally(ticket: Ticket) -> Ticket:
    """Return the ticket with every unconfirmed part on its way to the neutral letter."""
    for part in ticket.parts:
        if part.stage is Stage.RECEIVED:
            ticket = ticket.with_part(advance(part, Event.NEUTRAL))
    return ticket


def hiding(ticket: Ticket, manifests: Iterable[Manifest], new_id: Iterable[str], at: datetime) -> Ticket:
    """Return the ticket with a step by hand in every system that can hold an address, before anything else (D12)."""
    able = [one for one in manifests if one.how(Operation.RECTIFY).mode is not Mode.ABSENT]
    steps = tuple(
        Task(
            task_id,
            ticket.parts[0].id,
            manifest.key,
            Operation.HIDE,
            Mode.MANUAL,
            TaskState.BY_HAND,
            waiting_since=at,
        )
        for manifest, task_id in zip(able, new_id, strict=False)
    )
    return replace(ticket, tasks=(*ticket.tasks, *steps))


def hidings(ticket: Ticket) -> tuple[Task, ...]:
    """Return the steps that hide an address and are not done."""
    return tuple(task for task in ticket.tasks if task.operation is Operation.HIDE and not task.settled)


def rehung(ticket: Ticket, new_id: Iterable[str]) -> Ticket:
    """Return the ticket with steps whose part is gone hung on its first part: a step outlives its right."""
    ids, parts = iter(new_id), {part.id for part in ticket.parts}
    tasks = (
        task if task.part_id in parts else replace(task, id=next(ids), part_id=ticket.parts[0].id, version=1)
        for task in ticket.tasks
    )
    return replace(ticket, tasks=tuple(tasks))


def acknowledges(ticket: Ticket) -> bool:
    """Whether the requester gets a receipt (T1) on Confirm: never in a security review, nor before an opt-out's T11.

    Nor does a machine, whatever a colleague made of its mail (D5): the receipt would be the first turn of a loop.
    Who was asked what they mean (T3) was told the same there.
    """
    if taken(ticket) is Road.CLARIFICATION:
        return False
    if ticket.route is Route.SECURITY_REVIEW or (UNANSWERED & ticket.flags):
        return False
    return any(not is_opt_out(part) for part in ticket.parts)
