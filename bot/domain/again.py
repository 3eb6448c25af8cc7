"""Work that is asked for once more: a search by something newly known, an erasure of what came back.

The task itself is taken up again rather than another put beside it, so that a system is
spoken of once in every card and letter; what happened before stands in the ledger.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.policy import NOT_KNOWN_BY
from bot.domain.restriction import in_force, kept_on_reopening
from bot.domain.system import IdentifierKind, Manifest, Mode, Operation, Record
from bot.domain.task import MORE_THERE, Task, TaskState
from bot.domain.ticket import Event, Part, Stage, Ticket, advance

#: After so long without a write an erasure that was begun is no longer one and the same act.
STOOD_STILL: Final = timedelta(days=1)
#: Stages in which searching by one thing more still changes what is decided.
BEFORE_DECIDED: Final = frozenset({Stage.LOCATING, Stage.VERIFYING, Stage.DECIDING})


def opened_anew(ticket: Ticket) -> tuple[Part, ...]:
    """Return the parts that begin from the start when a closed ticket is opened again: all but what restricts (R40).

    Refused while anything is open, and where nothing but a restriction in force is left.
    """
    if ticket.stage is not Stage.CLOSED:
        raise NotAllowedNow("refusal.not_closed")
    held = in_force(ticket)
    if parts := tuple(part for part in ticket.parts if part != held):
        return parts
    raise NotAllowedNow("refusal.restriction_in_force")


def outlives(ticket: Ticket, task: Task) -> bool:
    """Whether a task stays when its ticket begins anew: what was done and is still to be told of (Art. 19) is."""
    return task.operation is Operation.HIDE or still_to_tell(task) or kept_on_reopening(ticket, task)


def still_to_tell(task: Task) -> bool:
    """Whether a recipient has yet to hear of what was done (Art. 19)."""
    return task.operation is Operation.NOTIFY and not task.settled


def may_search_again(ticket: Ticket) -> bool:
    """Whether the searches of the ticket may be widened: nothing has been decided or answered yet."""
    open_parts = [part for part in ticket.parts if part.open]
    return bool(open_parts) and all(part.stage in BEFORE_DECIDED for part in open_parts)


def may_be_named(ticket: Ticket) -> bool:
    """Whether what the person names themselves by may still be noted: nothing they asked is past its decision."""
    open_parts = [part for part in ticket.parts if part.open]
    return bool(open_parts) and all(part.stage in (Stage.RECEIVED, *BEFORE_DECIDED) for part in open_parts)


def searched_again(ticket: Ticket, manifests: Collection[Manifest], kind: IdentifierKind, at: datetime) -> Ticket:
    """Return the ticket with its searches to be made anew in every system that knows people by *kind*.

    Refused once anything was decided.
    """
    if not may_search_again(ticket):
        raise NotAllowedNow("refusal.too_late_to_search")
    return named_by(ticket, manifests, kind, at)


def named_by(ticket: Ticket, manifests: Collection[Manifest], kind: IdentifierKind, at: datetime) -> Ticket:
    """Return the ticket as it stands once something of *kind* is known of the person.

    Where nobody can be looked up, what could not be named before can be named from now on.
    """
    knowing = {one.key: one for one in manifests if kind in one.known_by}
    for task in ticket.tasks:
        if task.operation is Operation.FIND and task.system in knowing and task.settled:
            how = knowing[task.system].how(Operation.FIND)
            if how.mode is not Mode.ABSENT:
                ticket = ticket.with_task(_anew(task, how.mode, how.reason, at))
            elif task.reason == NOT_KNOWN_BY:
                ticket = ticket.with_task(replace(task, reason=how.reason))
    return ticket


def _anew(search: Task, mode: Mode, reason: str, at: datetime) -> Task:
    by_hand = mode is not Mode.AUTOMATIC
    return replace(
        search,
        state=TaskState.BY_HAND if by_hand else TaskState.READY,
        found={},
        reason=reason,
        attempts=0,
        settled_at=None,
        settled_by="",
        waiting_since=at if by_hand else None,
    )


def as_found_now(task: Task, searches: Collection[Task]) -> Task:
    """Return a task that waits for its owner with what is found now; a yes to fewer records is no yes to more."""
    found = next((one.found for one in searches if one.system == task.system), task.found)
    if task.state is not TaskState.PROPOSED or dict(found) == dict(task.found):
        return task
    return replace(task, found=dict(found), approvals=(), ground="", proposed_by="")


def more_than_approved(task: Task, there: Collection[Record], manifest: Manifest, at: datetime) -> bool:
    """Whether an approved erasure would take more than the yes was to: of any kind more than were counted then.

    Correspondence does not count, or a system that keeps our own letters would never be done: the form says that it
    goes too. What others have a part in is ruled on record by record. What comes while we erase goes with the rest,
    unless the work has stood still for a day; *there* then counts what is gone already too, as the yes did.
    """
    if task.writing_since is not None and at - task.writing_since < STOOD_STILL:
        return False
    now = Counter(one.kind for one in there if not one.shared and one.kind not in manifest.correspondence)
    return any(count > task.found.get(kind, 0) for kind, count in now.items())


def asked_anew(ticket: Ticket, task: Task, found: Mapping[str, int], at: datetime) -> Ticket:
    """Return the ticket with an approved erasure put before its owner again, with what is there now."""
    again = replace(
        task,
        state=TaskState.PROPOSED,
        found=dict(found),
        approvals=(),
        trouble=MORE_THERE,
        attempts=0,
        token="",
        waiting_since=at,
    )
    return _seen(ticket, task.system, found, at).with_task(again)


def _seen(ticket: Ticket, system: str, found: Mapping[str, int], at: datetime) -> Ticket:
    """Return the ticket whose searches in *system* say what was seen there now."""
    for search in ticket.tasks:
        if search.operation is Operation.FIND and search.system == system and search.settled:
            ticket = ticket.with_task(replace(search, state=TaskState.DONE, found=dict(found), settled_at=at))
    return ticket


def reopened(ticket: Ticket, task: Task, found: Mapping[str, int], at: datetime) -> Ticket:
    """Return the closed ticket with an erasure to be approved anew, because something is there again (F31)."""
    part: Part = ticket.part(task.part_id)
    if part.stage is Stage.CLOSED:
        part = replace(advance(part, Event.REAPPEARED), outcome=None, reason="", closed_at=None, reopened_at=at)
    again = replace(
        task,
        state=TaskState.PROPOSED,
        found=dict(found),
        done={},
        approvals=(),
        ground="",
        proposed_by="",
        declined_by="",
        attempts=0,
        settled_at=None,
        settled_by="",
        waiting_since=at,
    )
    seen = _seen(ticket, task.system, found, at)
    return replace(seen.with_part(part).with_task(again), closed_at=None)
