"""Jobs in memory: the transaction's side, and the loop's."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol

from bot.jobs.queue import Claimed
from bot.ports import Call, Clock, Job, JobKind
from tests.memory.shelves import JobRow, Shelves


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed job."""

    id: int
    call: Call
    failures: int = 0


class MemoryJobs:
    def __init__(self, shelves: Shelves, clock: Clock, serial: "count[int]") -> None:
        self._shelves = shelves
        self._clock = clock
        self._serial = serial

    async def put(self, job: Job) -> None:
        run_after = job.run_after or self._clock.now()
        for row in self._waiting(job.key):
            earlier = min(row.run_after, run_after)
            self._shelves.jobs[row.id] = replace(row, run_after=earlier)
            return
        row_id = next(self._serial)
        self._shelves.jobs[row_id] = JobRow(row_id, job, run_after)

    async def fire(self, name: str, at: datetime, jobs: Sequence[Job]) -> bool:
        if (name, at) in self._shelves.ticks:
            return False
        self._shelves.ticks[name, at] = True
        for job in jobs:
            await self.put(job)
        return True

    async def cancel(self, key: str) -> None:
        for row in self._waiting(key):
            del self._shelves.jobs[row.id]

    async def due(self, keys: Collection[str]) -> Mapping[str, datetime]:
        return {row.job.key: row.run_after for key in keys for row in self._waiting(key)}

    async def set_aside(self) -> int:
        return sum(row.state == "failed" for row in self._shelves.jobs.values())

    async def forget_set_aside(self, kind: JobKind) -> None:
        for row in list(self._shelves.jobs.values()):
            if row.state == "failed" and row.job.kind is kind:
                del self._shelves.jobs[row.id]

    def _waiting(self, key: str) -> list[JobRow]:
        return [row for row in self._shelves.jobs.values() if row.state == "waiting" and row.job.key == key]


class Keeper(Protocol):
    """Whoever keeps the rows, behind one lock with the units."""

    shelves: Shelves
    clock: Clock
    serial: "count[int]"
    lock: asyncio.Lock


class MemoryQueue:
    """The job loop's side of the rows (`bot.jobs.queue.Queue`).

    Every step waits until no unit is open: the unit works on copies, and would undo it.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def claim(self, limit: int, lease: timedelta) -> Sequence[Claimed]:
        async with self._keeper.lock:
            now = self._keeper.clock.now()
            due = sorted((row for row in self._claimable() if _due(row) <= now), key=lambda r: (r.run_after, r.id))
            return [self._take(row, now + lease) for row in due[:limit]]

    async def extend(self, held: Collection[Claimed], lease: timedelta) -> Collection[int]:
        async with self._keeper.lock:
            mine = [row for claimed in held if (row := self._mine(claimed))]
            for row in mine:
                self._rows[row.id] = replace(row, lease_until=self._keeper.clock.now() + lease)
            return {row.id for row in mine}

    async def finish(self, claimed: Claimed) -> bool:
        async with self._keeper.lock:
            if row := self._mine(claimed):
                del self._rows[row.id]
                for given_up in [r for r in self._rows.values() if r.state == "failed" and r.job.key == row.job.key]:
                    del self._rows[given_up.id]
            return row is not None

    async def reschedule(self, claimed: Claimed, run_after: datetime, *, failed: bool) -> bool:
        async with self._keeper.lock:
            row = self._mine(claimed)
            if row is None:
                return False
            for twin in [r for r in self._rows.values() if r.state == "waiting" and r.job.key == row.job.key]:
                run_after = min(run_after, twin.run_after)
                del self._rows[twin.id]
            self._rows[row.id] = replace(_free(row, "waiting", failed=failed), run_after=run_after)
            return True

    async def fail(self, claimed: Claimed) -> bool:
        async with self._keeper.lock:
            row = self._mine(claimed)
            if row is not None:
                self._rows[row.id] = _free(row, "failed", failed=True)
            return row is not None

    async def clear_leases(self) -> int:
        async with self._keeper.lock:
            held = [row for row in self._rows.values() if row.state == "running"]
            for row in held:
                self._rows[row.id] = replace(row, lease_until=self._keeper.clock.now())
            return len(held)

    async def next_due(self) -> datetime | None:
        return min((_due(row) for row in self._claimable()), default=None)

    async def failed_jobs(self) -> int:
        return sum(row.state == "failed" for row in self._rows.values())

    def _take(self, row: JobRow, until: datetime) -> Taken:
        token = f"token-{next(self._keeper.serial)}"
        self._rows[row.id] = replace(row, state="running", token=token, lease_until=until, attempts=row.attempts + 1)
        return Taken(row.id, Call(row.job.kind, row.job.ids, token, row.attempts + 1), row.failures)

    @property
    def _rows(self) -> dict[int, JobRow]:
        return self._keeper.shelves.jobs

    def _claimable(self) -> list[JobRow]:
        held = {row.job.key for row in self._rows.values() if row.state == "running"}
        return [
            row
            for row in self._rows.values()
            if row.state == "running" or (row.state == "waiting" and row.job.key not in held)
        ]

    def _mine(self, claimed: Claimed) -> JobRow | None:
        row = self._rows.get(claimed.id)
        return row if row and row.state == "running" and row.token == claimed.call.token else None


def _free(row: JobRow, state: str, *, failed: bool) -> JobRow:
    return replace(row, state=state, token="", lease_until=None, failures=row.failures + failed)


def _due(row: JobRow) -> datetime:
    return row.lease_until or row.run_after
