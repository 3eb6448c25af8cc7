"""The job rows: written in the transaction of the state they follow from, taken by lease and token.

Times come from the desk's own clock on both databases. A job whose key is running stays
where it is: two wake-ups for the same thing never run side by side, so the later one
sees what the earlier one wrote. `bot.jobs.queue.Queue` is this module's other face; the
two do not know each other.
"""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from tortoise.exceptions import IntegrityError

from bot.ports import Call, Clock, Job, JobKind
from bot.store.session import Row, Session, Statement, moment
from bot.store.shape import plain

PUT: Final = """
INSERT INTO job (kind, key, ids, state, run_after, attempts, failures, token)
VALUES ($1, $2, $3, 'waiting', $4, 0, 0, '')
ON CONFLICT (key) WHERE state = 'waiting' DO UPDATE SET run_after =
CASE WHEN excluded.run_after < job.run_after THEN excluded.run_after ELSE job.run_after END
"""
FIRE: Final = "INSERT INTO tick (name, at) VALUES ($1, $2) ON CONFLICT (name, at) DO NOTHING RETURNING id"
#: Old ticks go, but never the three newest of a name: a yearly one must still be known a year later.
CLEAR_TICKS: Final = """
DELETE FROM tick WHERE name = $1 AND at < $2
AND at < (SELECT min(at) FROM (SELECT at FROM tick WHERE name = $1 ORDER BY at DESC LIMIT 3) newest)
"""
TICKS_LIVE: Final = timedelta(days=7)

FREE: Final = "j.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM job r WHERE r.key = j.key AND r.state = 'running')"
CLAIM: Final = f"""
WITH due AS (
    SELECT j.id FROM job j WHERE ({FREE} AND j.run_after <= $1) OR (j.state = 'running' AND j.lease_until <= $1)
    ORDER BY j.run_after, j.id LIMIT $2 %s
)
UPDATE job SET state = 'running', token = $3 || '-' || CAST(id AS TEXT), lease_until = $4, attempts = attempts + 1
WHERE id IN (SELECT id FROM due) RETURNING id, kind, ids, run_after, token, attempts, failures
"""  # noqa: S608 - our own words
NEXT: Final = f"""
SELECT due FROM (SELECT j.run_after AS due FROM job j WHERE {FREE} ORDER BY j.run_after LIMIT 1) a
UNION ALL SELECT due FROM (SELECT min(lease_until) AS due FROM job WHERE state = 'running') b WHERE due IS NOT NULL
"""  # noqa: S608 - our own words
MINE: Final = "id = $1 AND token = $2 AND state = 'running'"
FINISH: Final = f"DELETE FROM job WHERE {MINE} RETURNING id"  # noqa: S608 - our own words
DONE_SINCE: Final = f"DELETE FROM job WHERE state = 'failed' AND key = (SELECT key FROM job WHERE {MINE})"  # noqa: S608
TAKE_TWIN: Final = f"""
DELETE FROM job WHERE state = 'waiting' AND key = (SELECT key FROM job WHERE {MINE}) RETURNING run_after
"""  # noqa: S608 - our own words
WAIT: Final = f"""
UPDATE job SET state = 'waiting', run_after = $3, failures = failures + $4, token = '', lease_until = NULL
WHERE {MINE} RETURNING id
"""  # noqa: S608 - our own words
SET_ASIDE: Final = f"""
UPDATE job SET state = 'failed', failures = failures + 1, token = '', lease_until = NULL WHERE {MINE} RETURNING id
"""  # noqa: S608 - our own words


WAITS: Final = "SELECT run_after FROM job WHERE key = $1 AND state = 'waiting'"


class StoredJobs:
    """The queue as a transaction sees it. What is put is kept back and written when the unit is left."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._waiting: list[Statement] = []

    async def put(self, job: Job) -> None:
        """Enqueue; a waiting job with the same key stays, at the earlier of both times."""
        run_after = plain(job.run_after or self._clock.now())
        self._waiting.append((PUT, (job.kind.value, job.key, json.dumps(job.ids), run_after)))

    def kept_back(self) -> list[Statement]:
        """Return the statements that write what was kept back; whoever asks must run them."""
        waiting, self._waiting = self._waiting, []
        return waiting

    async def fire(self, name: str, at: datetime, jobs: Sequence[Job]) -> bool:
        """Enqueue *jobs* for the tick (name, at) if nobody has (D35); return whether this call did."""
        if not await self._session.rows(FIRE, name, plain(at)):
            return False
        await self._session.rows(CLEAR_TICKS, name, plain(at - TICKS_LIVE))
        for job in jobs:
            await self.put(job)
        return True

    async def cancel(self, key: str) -> None:
        """Take back the waiting job with that key, if any."""
        cancel = "DELETE FROM job WHERE key = $1 AND state = 'waiting'"
        await self._session.several([*self.kept_back(), (cancel, (key,))])

    async def due(self, keys: Collection[str]) -> Mapping[str, datetime]:
        """Return when the waiting jobs with these keys are to run, as last written; one that runs or is none, not."""
        found = {}
        for key in keys:
            for row in await self._session.rows(WAITS, key):
                if at := moment(row["run_after"]):
                    found[key] = at
        return found

    async def set_aside(self) -> int:
        """Return how many jobs were given up after too many failures."""
        return await _set_aside(self._session)

    async def forget_set_aside(self, kind: JobKind) -> None:
        """Forget the jobs of a kind that were given up: what they name is kept no longer."""
        await self._session.rows("DELETE FROM job WHERE state = 'failed' AND kind = $1", kind.value)


class Held(Protocol):
    """A claimed job, as `bot.jobs` gives it back."""

    @property
    def id(self) -> int: ...
    @property
    def call(self) -> Call: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed job."""

    id: int
    call: Call
    failures: int = 0


class StoredQueue:
    """The queue as the job loop sees it; each call is a transaction of its own, never to be made inside a unit."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._claim = CLAIM % ("FOR UPDATE OF j SKIP LOCKED" if session.postgres else "")

    async def claim(self, limit: int, lease: timedelta) -> Sequence[Taken]:
        """Take at most *limit* due jobs, oldest first; held until the lease runs out."""
        now = self._clock.now()
        async with self._session.transaction() as db:
            rows = await Session(db).rows(self._claim, plain(now), limit, os.urandom(8).hex(), plain(now + lease))
        return [_taken(row) for row in sorted(rows, key=lambda row: (row["run_after"], row["id"]))]

    async def extend(self, held: Collection[Held], lease: timedelta) -> Collection[int]:
        """Hold the jobs for another *lease* from now; return the ids of those that are still ours."""
        if not held:
            return ()
        tokens = [claimed.call.token for claimed in held]
        listed = ", ".join(f"${n}" for n in range(2, len(tokens) + 2))
        sql = f"UPDATE job SET lease_until = $1 WHERE state = 'running' AND token IN ({listed}) RETURNING id"  # noqa: S608
        async with self._session.transaction() as db:
            rows = await Session(db).rows(sql, plain(self._clock.now() + lease), *tokens)
        return {row["id"] for row in rows}

    async def finish(self, claimed: Held) -> bool:
        """Take the job off the queue, and what was set aside of its key; False when it is no longer ours."""
        async with self._session.transaction() as db:
            mine = (claimed.id, claimed.call.token)
            _, done = await Session(db).several([(DONE_SINCE, mine), (FINISH, mine)])
            return bool(done)

    async def reschedule(self, claimed: Held, run_after: datetime, *, failed: bool) -> bool:
        """Let the job wait until *run_after*; a job with its key that waits already becomes one with it."""
        while True:
            try:
                async with self._session.transaction() as db:
                    return await _wait(Session(db), claimed, run_after, failed=failed)
            except IntegrityError:
                continue  # on PostgreSQL a twin was put between our two statements: it is there now

    async def fail(self, claimed: Held) -> bool:
        """Set the job aside as FAILED: kept and counted, never run by itself; False when it is no longer ours."""
        return bool(await self._session.rows(SET_ASIDE, claimed.id, claimed.call.token))

    async def clear_leases(self) -> int:
        """Let every held job be claimed again at once; return how many.

        On SQLite only, where whoever starts is alone: on PostgreSQL another process may be at work, and the lease
        decides.
        """
        if self._session.postgres:
            return 0
        sql = "UPDATE job SET lease_until = $1 WHERE state = 'running' RETURNING id"
        return len(await self._session.rows(sql, plain(self._clock.now())))

    async def next_due(self) -> datetime | None:
        """Return when the next job may be claimed; None when there is none."""
        due = [at for row in await self._session.rows(NEXT) if (at := moment(row["due"]))]
        return min(due, default=None)

    async def failed_jobs(self) -> int:
        """Return how many jobs were set aside."""
        return await _set_aside(self._session)


async def _set_aside(session: Session) -> int:
    rows = await session.rows("SELECT count(*) AS failed FROM job WHERE state = 'failed'")
    return int(rows[0]["failed"])


async def _wait(session: Session, claimed: Held, run_after: datetime, *, failed: bool) -> bool:
    mine = (claimed.id, claimed.call.token)
    twins = await session.rows(TAKE_TWIN, *mine)
    earliest = min([run_after, *(at for twin in twins if (at := moment(twin["run_after"])))])
    return bool(await session.rows(WAIT, *mine, plain(earliest), int(failed)))


def _taken(row: Row) -> Taken:
    ids = json.loads(row["ids"]) if isinstance(row["ids"], str) else row["ids"]
    call = Call(JobKind(row["kind"]), tuple(ids), row["token"], row["attempts"])
    return Taken(row["id"], call, row["failures"])
