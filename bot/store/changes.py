"""What a save has to write: the rows that differ, each with its next version.

Only those: a save that wrote every column would undo what another transaction changed
meanwhile, without anybody noticing. A part, task or letter that did not change keeps
its version, so one owner's yes does not make another's card stale (D32).
"""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bot.domain.letter import Letter
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket

Row = TypeVar("Row", Part, Task, Letter)


@dataclass(frozen=True, slots=True)
class Changes(Generic[Row]):
    """What became of one kind of rows. `added` and `changed` carry their new versions, `removed` the loaded ones."""

    added: tuple[Row, ...]
    changed: tuple[Row, ...]
    removed: tuple[Row, ...]


def changes(before: tuple[Row, ...], after: tuple[Row, ...]) -> Changes[Row]:
    """Return what is new, what differs and what is gone in *after*."""
    loaded = {row.id: row for row in before}
    kept = {row.id for row in after}
    return Changes(
        added=tuple(row for row in after if row.id not in loaded),
        changed=tuple(
            replace(row, version=loaded[row.id].version + 1)
            for row in after
            if row.id in loaded and _differs(loaded[row.id], row)
        ),
        removed=tuple(row for row in before if row.id not in kept),
    )


def versioned(before: Ticket, after: Ticket) -> Ticket:
    """Return *after* as it is once written: what differs from *before* one version up, the rest as loaded."""
    own = replace(after, parts=before.parts, tasks=before.tasks, letters=before.letters, version=before.version)
    return replace(
        after,
        parts=_next(before.parts, after.parts),
        tasks=_next(before.tasks, after.tasks),
        letters=_next(before.letters, after.letters),
        version=before.version + (own != before),
    )


def _next(before: tuple[Row, ...], after: tuple[Row, ...]) -> tuple[Row, ...]:
    loaded = {row.id: row for row in before}
    moved = {row.id: row for row in changes(before, after).changed}
    return tuple(moved.get(row.id, loaded.get(row.id, row)) for row in after)


def _differs(before: Row, after: Row) -> bool:
    return after is not before and replace(after, version=before.version) != before
