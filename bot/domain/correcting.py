"""Rectification (Art. 16, R41): what is written over, what may be said of it, and who has said yes to which values.

The desk writes only values a colleague saw and typed, and only where the value seen still stands. A wish to empty a
field is one more correction (D2), but one that cannot be undone: the old value is gone in that system, so two people
say yes (D10). What is logged of it says whether a value stood there, never which.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.request import RequestType, ScopeKind
from bot.domain.system import Correction, Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part

#: What looks like a Swedish personal identity number is never repeated in a letter.
PERSONNUMMER: Final = re.compile(r"\b(?:\d{2})?\d{6}[-+–]\d{4}\b|\b(?:19|20)\d{10}\b")
#: Rights that ask for erasure, of single fields too.
ERASES: Final = frozenset({RequestType.ERASURE, RequestType.CONSENT_WITHDRAWAL})
#: Mark of a ticket for which a colleague has written what is to be corrected: the decision comes next.
WRITTEN: Final = "corrections_written"
#: Why nothing was written in a system where the person is held.
NOTHING_TO_CORRECT: Final = "reason.nothing_to_correct"


@dataclass(frozen=True, slots=True)
class Values:
    """What can be corrected in one record, as it was when it was fetched. Personal data: vault and review page only."""

    kind: str
    id: str
    special: bool
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """One correction of one record as a colleague wrote it. `special`: what stands there is never told in a letter."""

    kind: str
    id: str
    correction: Correction = field(repr=False)
    special: bool = False

    @property
    def tellable(self) -> bool:
        """Whether a letter may say from what to what (T9): no special category, nothing like an identity number."""
        both = f"{self.correction.before} {self.correction.after}"
        return not self.special and PERSONNUMMER.search(both) is None

    @property
    def empties(self) -> bool:
        """Whether a value is gone and none has come in its place: a dash is none either."""
        return bool(self.correction.before.strip()) and not any(one.isalnum() for one in self.correction.after)


def changes(held: Values, wanted: Mapping[str, str]) -> tuple[Written, ...]:
    """Return what *wanted* changes in a record: fields it has, values that differ."""
    return tuple(
        Written(held.kind, held.id, Correction(name, before, after), held.special)
        for name, before in held.values.items()
        if (after := wanted.get(name, before).strip()) != before.strip()
    )


def masked(written: Sequence[Written]) -> str:
    """Return "phone:set>set,city:set>empty": what was changed, for a log that may hold no value."""
    return ",".join(
        f"{one.correction.name}:{_stands(one.correction.before)}>{_stands(one.correction.after)}" for one in written
    )


def empties_fields(part: Part) -> bool:
    """Whether a part asks that single fields be erased: each value is gone then, as with any erasure (D2, D10)."""
    return part.type in ERASES and part.scope.kind is ScopeKind.FIELDS


def emptied(written: Sequence[Written]) -> frozenset[tuple[str, str]]:
    """Return which fields are emptied, by record and name."""
    return frozenset((one.id, one.correction.name) for one in written if one.empties)


def _stands(value: str) -> str:
    return "set" if value else "empty"


def awaits_values(task: Task) -> bool:
    """Whether values may still be written for the task: before its owner's yes, by hand, or when it stands still."""
    open_for_it = (TaskState.PROPOSED, TaskState.STUCK, TaskState.BY_HAND)
    return task.operation is Operation.RECTIFY and task.state in open_for_it


def by_program(task: Task) -> bool:
    """Whether the desk writes the values itself."""
    return task.operation is Operation.RECTIFY and task.mode is Mode.AUTOMATIC


def yes_names_values(task: Task) -> bool:
    """Whether a yes to the task holds for the values its form stood for, and so must say which those were (D32).

    By hand too where a value will be gone; of other steps by hand the values may be written afterwards.
    """
    return by_program(task) or (task.operation is Operation.RECTIFY and task.irreversible)


def rewritten(task: Task, at: datetime, *, irreversible: bool = False, anew: bool = False) -> Task:
    """Return the task after its values were written: whoever said yes before said it to others, so it is asked anew.

    *irreversible*: a value will be gone, which takes two people (D10). A step by hand was agreed to before anybody
    wrote a value; it is asked *anew* only where one is emptied that nobody has said yes to.
    """
    if not awaits_values(task):
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    if task.state is TaskState.BY_HAND and not anew:
        return replace(task, irreversible=irreversible, waiting_since=at)
    return replace(
        task,
        state=TaskState.PROPOSED,
        irreversible=irreversible,
        approvals=(),
        ground="",
        proposed_by="",
        trouble="",
        token="",
        attempts=0,
        writing_since=None,
        waiting_since=at,
    )


def nothing_there(task: Task, colleague: str, at: datetime) -> Task:
    """Return the task settled because what is to be corrected does not stand in that system."""
    return replace(
        rewritten(task, at),
        state=TaskState.NOT_APPLICABLE,
        reason=NOTHING_TO_CORRECT,
        settled_at=at,
        settled_by=colleague,
        waiting_since=None,
    )


def landed(wanted: Sequence[Written], now: Mapping[str, str]) -> bool:
    """Whether everything *wanted* of a record stands there now."""
    return all(now.get(one.correction.name, "").strip() == one.correction.after for one in wanted)
