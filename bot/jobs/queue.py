"""What the job loop needs from wherever the job rows lie.

The rows belong to `bot.store`, the loop to this package, and neither imports the
other (D30): the store fits this protocol by shape, and so does the fake in memory.

A claimed job is held by a lease and a fencing token. Whoever lost the lease finds that
his token no longer fits, and what he reports changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports import Call


class Claimed(Protocol):
    """A job in somebody's hands. `failures` counts the attempts that ended in an unforeseen error."""

    @property
    def id(self) -> int: ...
    @property
    def call(self) -> Call: ...
    @property
    def failures(self) -> int: ...


class Queue(Protocol):
    """The job rows. Jobs with the same key never run side by side."""

    async def claim(self, limit: int, lease: timedelta) -> Sequence[Claimed]:
        """Take at most *limit* due jobs, oldest first; held until the lease runs out."""

    async def extend(self, held: Collection[Claimed], lease: timedelta) -> Collection[int]:
        """Hold the jobs for another *lease* from now; return the ids of those that are still ours."""

    async def finish(self, claimed: Claimed) -> bool:
        """Take the job off the queue, and what was set aside of its key: it is done now. False when no longer ours."""

    async def reschedule(self, claimed: Claimed, run_after: datetime, *, failed: bool) -> bool:
        """Let the job wait until *run_after*, counting a failure if it *failed*; False when it is no longer ours.

        If a job with its key waits already, both become one, at the earlier of the two times.
        """

    async def fail(self, claimed: Claimed) -> bool:
        """Set the job aside as FAILED: kept and counted, never run by itself; False when it is no longer ours."""

    async def clear_leases(self) -> int:
        """Let every held job be claimed again at once, if no other process can hold one; return how many."""

    async def next_due(self) -> datetime | None:
        """Return when the next job may be claimed (a past moment: now); None when there is none."""

    async def failed_jobs(self) -> int:
        """Return how many jobs were set aside."""
