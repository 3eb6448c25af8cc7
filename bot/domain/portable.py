"""Portability (Art. 20, R35): only what the person gave us, on consent or by contract; the rest is not covered.

What that is stands in the policy, by system, kind of record and role; nothing here guesses it. A system of which the
policy names nothing for the person's roles has no part in it, and the letter says why. Where the policy names whole
files a colleague chooses them: nothing about a file tells who gave it, and among them lie notes about the person and
lists with others in them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.policy_text import Basis, Portable, for_roles
from bot.domain.request import RequestType, Role
from bot.domain.system import Exported, Mode
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part

#: Why a system has no part in the answer.
NOT_PORTABLE: Final = "reason.not_portable"
#: The bases on which the right rests (Art. 20(1)(a)).
BASES: Final = frozenset({Basis.CONSENT, Basis.CONTRACT})


def covered(entries: Iterable[Portable], roles: Collection[Role]) -> tuple[Portable, ...]:
    """Return what the policy says Art. 20 covers for a person of those roles."""
    return tuple(one for one in for_roles(entries, roles) if one.basis in BASES)


def limited(part: Part, tasks: Sequence[Task], entries: Sequence[Portable], at: datetime) -> tuple[Task, ...]:
    """Return a part's tasks without those in systems where nothing is portable, which say why instead.

    Where whole files are portable the task becomes a colleague's, who picks out what the person gave.
    """
    if part.type is not RequestType.PORTABILITY:
        return tuple(tasks)
    systems, files = {one.system for one in entries}, {one.system for one in entries if not one.fields}
    kept = (task if task.system in systems else _left_out(task, at) for task in tasks)
    return tuple(_for_a_colleague(task) if task.system in files else task for task in kept)


def _left_out(task: Task, at: datetime) -> Task:
    if task.settled:
        return task
    reason = NOT_PORTABLE
    return replace(task, state=TaskState.NOT_APPLICABLE, reason=reason, settled_at=at, waiting_since=None)


def _for_a_colleague(task: Task) -> Task:
    return replace(task, mode=Mode.MANUAL) if task.mode is Mode.AUTOMATIC else task


def provided(exported: Exported, entries: Iterable[Portable], *, chosen: bool = False) -> Exported | None:
    """Return a record with nothing but what the person gave; None when it holds none of it.

    *chosen*: a colleague picked it out as what the person gave. No other file is ever handed out.
    """
    record = exported.record
    if chosen:
        return exported if any(one.system == record.system for one in entries) else None
    mine = [one for one in entries if (one.system, one.kind) == (record.system, record.kind)]
    fields = {path: value for one in mine for path in one.fields if (value := _at(exported.fields, path)) is not None}
    return replace(exported, fields=fields, files=()) if fields else None


def _at(fields: Mapping[str, object], path: str) -> object | None:
    """Return what stands at a path ("profile.name"), None when nothing or something empty does."""
    value: object = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return None if value in ("", [], {}) else value
