"""A task: one operation in one system for one part of a ticket.

A job only wakes a task up; the task's own state and fencing token decide whether the
work may be done and whether its result may be written. Waiting for a person is a state
of its own (PROPOSED, LOCKED, BY_HAND, STUCK) that no retry and no time-out ever leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.errors import (
    CredentialsRefused,
    NeedsHuman,
    NotAllowedNow,
    OutcomeUnknown,
    SystemTrouble,
    TryLater,
)
from bot.domain.system import Mode, Operation

NO_COUNTS: Final[Mapping[str, int]] = MappingProxyType({})


class TaskState(StrEnum):
    """Where a task is."""

    PROPOSED = "proposed"  # waits for its system's owner
    LOCKED = "locked"  # approved; waits for the person or for an earlier part (D3, D7)
    READY = "ready"  # a job may carry it out
    RUNNING = "running"  # a job holds it, by token
    BY_HAND = "by_hand"  # a colleague carries it out by checklist
    STUCK = "stuck"  # trouble no retry cures; a colleague must look
    DONE = "done"
    NOT_HELD = "not_held"  # looked, and nothing is there: success
    DECLINED = "declined"  # by a ground the letter names
    EXCEPTION = "exception"  # could not be done by hand; the reason stands in the letter
    NOT_APPLICABLE = "not_applicable"  # cannot be done in that system; the letter says why


#: Why a task was dropped rather than impossible: the letter says which.
NOT_PROVEN: Final = "reason.not_proven"
NOT_CONFIRMED: Final = "reason.not_confirmed"
TAKEN_BACK: Final = "reason.withdrawn"
#: Why an approved erasure is put before its owner again: more is there now than the yes was to.
MORE_THERE: Final = "trouble.more_than_approved"
#: What the desk saw when it looked again after an erasure by hand.
LOOKED_GONE: Final = "looked.gone"
LOOKED_MASKED: Final = "looked.masked"

SETTLED: Final = frozenset(
    {TaskState.DONE, TaskState.NOT_HELD, TaskState.DECLINED, TaskState.EXCEPTION, TaskState.NOT_APPLICABLE}
)
WAITS_FOR_A_PERSON: Final = frozenset({TaskState.PROPOSED, TaskState.LOCKED, TaskState.BY_HAND, TaskState.STUCK})


class Lock(StrEnum):
    """What a LOCKED task waits for."""

    PACKAGE = "package"  # the access package is fetched, or 7 days have passed (D3)
    CONFIRMATION = "confirmation"  # the person presses "Ja, radera" (D7)
    REGRET = "regret"  # a later mail may take the request back: a colleague says what it means
    SHARED = "shared"  # records there concern others too: a colleague rules on each (D20)


@dataclass(frozen=True, slots=True)
class Approval:
    """One colleague's yes."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """One operation in one system. Counts only; what was found lies in the vault under `found/<system>`.

    `found` counts records by the system's word; `done` counts those carried out and looked at again, of an unsettled
    one what earlier attempts came to.
    `token` is the fencing token of the job that holds it. `writing_since` is set before a write that is
    not safe to repeat leaves the house (D34). `trouble` and `reason` are text keys. `ground` names the
    ground of a decline (proposed until `declined_by`). An unsettled ERASE with `settled_by` is one a colleague calls
    over by hand, `done` when they say it is done: the desk looks again before it counts (F31).
    """

    id: str
    part_id: str
    system: str
    operation: Operation
    mode: Mode
    state: TaskState
    irreversible: bool = False
    found: Mapping[str, int] = field(default_factory=dict)
    done: Mapping[str, int] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    ground: str = ""
    proposed_by: str = ""
    declined_by: str = ""
    reason: str = ""
    trouble: str = ""
    attempts: int = 0
    token: str = ""
    writing_since: datetime | None = None
    waiting_since: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str = ""
    version: int = 1

    @property
    def settled(self) -> bool:
        """Whether the task has its result."""
        return self.state in SETTLED

    @property
    def places(self) -> tuple[str, ...]:
        """Where the policy looks for what was found: "system:kind" of each record, or the system alone."""
        return tuple(f"{self.system}:{kind}" for kind, n in self.found.items() if n) or (self.system,)

    @property
    def approvals_needed(self) -> int:
        """Two different people for what cannot be undone (D10), else one."""
        return 2 if self.irreversible else 1

    @property
    def takes_away(self) -> bool:
        """Whether what stands there is gone once it is done: an erasure, or a correction that empties a field (D2)."""
        return self.operation is Operation.ERASE or (self.operation is Operation.RECTIFY and self.irreversible)


def begin(task: Task, token: str) -> Task:
    """Return the task held by *token*. A RUNNING one is taken over: its holder's lease has run out."""
    if task.state not in (TaskState.READY, TaskState.RUNNING):
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    return replace(task, state=TaskState.RUNNING, token=token, attempts=task.attempts + 1)


def settle(task: Task, state: TaskState, at: datetime, *, done: Mapping[str, int] = NO_COUNTS, by: str = "") -> Task:
    """Return the task with its result; a settled task is never settled again.

    What could not be done whole keeps when it was begun: some of it may be done, and the letter says so.
    """
    if task.settled or state not in SETTLED:
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    return replace(
        task,
        state=state,
        done=dict(done),
        settled_at=at,
        settled_by=by,
        token="",
        trouble="",
        writing_since=task.writing_since if state is TaskState.EXCEPTION else None,
        waiting_since=None,
    )


@dataclass(frozen=True, slots=True)
class Again:
    """Try the task again after a pause."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a person: no retry cures this."""

    trouble: str


#: Growing pauses between attempts; the last one repeats. Days matter, minutes do not.
PAUSES: Final = (
    timedelta(seconds=2),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
)
#: After this many attempts without result a colleague is asked (about a day of hourly tries).
PATIENCE: Final = 28
#: With so little left to the safe target a colleague is asked at once rather than after a day.
HASTE: Final = timedelta(days=1)


def after_trouble(trouble: SystemTrouble, attempts: int, left: timedelta) -> Again | Ask:
    """Decide what follows from *trouble*, with the deadline in view (*left* to the safe target)."""
    match trouble:
        case CredentialsRefused() | NeedsHuman():
            return Ask(trouble.key)
        case TryLater(after=after):
            pause = after or PAUSES[min(attempts, len(PAUSES)) - 1]
        case OutcomeUnknown():
            pause = PAUSES[min(attempts, len(PAUSES)) - 1]
        case _:
            return Ask(trouble.key)
    if attempts >= PATIENCE or (left < HASTE and attempts > len(PAUSES)):
        return Ask(trouble.key)
    return Again(pause)
