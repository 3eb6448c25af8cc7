"""The job loop, over the queue in memory and in both databases."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import CredentialsRefused, NeedsHuman, TryLater
from bot.jobs import embedded
from bot.jobs.embedded import PATIENCE, PAUSES, Runner
from bot.jobs.queue import Claimed, Queue
from bot.ports import Call, Handler, Job, JobKind, Work
from bot.store import open_store
from tests.databases import INDEX_KEY, RING
from tests.fakes import FixedClock, MemoryWork, RunningClock

KIND = JobKind.RUN_TASK
SHORT = timedelta(seconds=0.3)


async def put(work: Work, *keys: str, run_after: datetime | None = None) -> None:
    """Enqueue in a unit of its own."""
    async with work() as unit:
        for key in keys:
            await unit.jobs.put(Job(KIND, key, (key,), run_after))


async def until(happened: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until something has happened."""
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(runner: Runner) -> AsyncIterator[Runner]:
    """Start and stop a runner."""
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop()


class Seen:
    """A handler that remembers its calls, and may do more."""

    def __init__(self, then: Callable[[Call], Awaitable[None]] | None = None) -> None:
        self.calls: list[Call] = []
        self._then = then

    async def __call__(self, call: Call) -> None:
        self.calls.append(call)
        if self._then:
            await self._then(call)

    @property
    def keys(self) -> list[str]:
        return [call.ids[0] for call in self.calls]


def raising(*errors: Exception) -> Callable[[Call], Awaitable[None]]:
    """Return what raises these, one per call, then nothing more."""
    left = list(errors)

    async def fail(_call: Call) -> None:
        if left:
            raise left.pop(0)

    return fail


async def test_everything_due_is_carried_out_and_what_that_makes_due(
    work: Work, queue: Queue, clock: FixedClock
) -> None:
    async def chain(call: Call) -> None:
        if call.ids[0] == "first":
            await put(work, "second")

    seen = Seen(chain)
    await put(work, "first")
    await put(work, "tomorrow", run_after=clock.now() + timedelta(days=1))
    runner = Runner(queue, {KIND: seen}, clock)
    assert await runner.drain() == 2
    assert seen.keys == ["first", "second"]
    assert await runner.drain() == 0
    clock.advance(timedelta(days=1))
    assert await runner.drain() == 1
    assert await queue.next_due() is None


async def test_a_committed_job_starts_at_once(sqlite_url: str, clock: FixedClock) -> None:
    wake = asyncio.Event()
    store = await open_store(sqlite_url, keys=RING, index_key=INDEX_KEY, clock=clock, on_commit=wake.set)
    started = asyncio.Event()

    async def note(_call: Call) -> None:
        started.set()

    seen = Seen(note)
    try:
        async with running(Runner(store.queue, {KIND: seen}, clock, wake=wake)) as runner:
            assert runner.alive
            await asyncio.sleep(0.2)  # it is asleep now
            await put(store.work, "a")
            async with asyncio.timeout(0.5):
                await started.wait()
        assert not runner.alive
    finally:
        await store.close()


async def test_a_job_put_by_another_process_is_found_by_looking(work: Work, queue: Queue, clock: FixedClock) -> None:
    seen = Seen()
    async with running(Runner(queue, {KIND: seen}, clock)):
        await asyncio.sleep(0.1)
        await put(work, "a")
        await until(lambda: seen.keys == ["a"], 3)


async def test_a_job_waits_for_its_time_and_no_longer(memory_work: MemoryWork) -> None:
    clock = memory_work.clock = RunningClock()
    seen = Seen()
    await put(memory_work, "a", run_after=clock.now() + SHORT)
    async with running(Runner(memory_work.queue, {KIND: seen}, clock)):
        await asyncio.sleep(0.15)
        assert not seen.calls
        await until(lambda: bool(seen.calls), 0.6)


async def test_so_many_run_at_once_and_no_more(work: Work, queue: Queue, clock: FixedClock) -> None:
    now = most = 0

    async def count(_call: Call) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1

    seen = Seen(count)
    await put(work, *(f"k{n}" for n in range(20)))
    async with running(Runner(queue, {KIND: seen}, clock, concurrency=4)):
        await until(lambda: len(seen.calls) == 20 and now == 0)
    assert most == 4
    assert len(set(seen.keys)) == 20


async def test_two_runners_share_the_work(work: Work, queue: Queue, clock: FixedClock) -> None:
    one, two = (Seen(lambda _call: asyncio.sleep(0.01)) for _ in range(2))
    await put(work, *(f"k{n}" for n in range(40)))
    async with running(Runner(queue, {KIND: one}, clock)), running(Runner(queue, {KIND: two}, clock)):
        await until(lambda: len(one.calls) + len(two.calls) == 40, 10)
    assert set(Counter(one.keys + two.keys).values()) == {1}


async def test_trouble_that_passes_puts_the_job_off_and_never_sets_it_aside(
    work: Work, queue: Queue, clock: FixedClock
) -> None:
    later = TryLater("trouble.later", after=timedelta(minutes=7))
    seen = Seen(raising(later, *(TryLater("trouble.later") for _ in range(12))))
    runner = Runner(queue, {KIND: seen}, clock)
    await put(work, "a")
    await runner.drain()
    assert await queue.next_due() == clock.now() + timedelta(minutes=7)
    for attempt in range(2, 15):
        due = await queue.next_due()
        assert due is not None
        clock.advance(due - clock.now())
        assert await runner.drain() == 1
        assert seen.calls[-1].attempts == attempt
    assert await queue.next_due() is None
    assert await queue.failed_jobs() == 0


async def test_asking_at_once_again_is_slowed_down(work: Work, queue: Queue, clock: FixedClock) -> None:
    seen = Seen(raising(TryLater("trouble.later", after=timedelta(0))))
    await put(work, "a")
    assert await Runner(queue, {KIND: seen}, clock).drain() == 1
    assert await queue.next_due() == clock.now() + timedelta(seconds=1)


async def test_unforeseen_errors_pause_longer_and_longer_and_end_set_aside(
    work: Work, queue: Queue, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen(raising(*(CredentialsRefused("x") if n % 2 else ValueError("anna@example.com") for n in range(20))))
    runner = Runner(queue, {KIND: seen}, clock)
    await put(work, "secret-id")
    for pause in PAUSES:
        assert await runner.drain() == 1
        assert await queue.next_due() == clock.now() + pause
        clock.advance(pause)
    assert await runner.drain() == 1
    assert await queue.next_due() is None
    assert await queue.failed_jobs() == 1
    assert len(seen.calls) == PATIENCE == 8
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.jobs.embedded"]
    assert [line.split()[4:] for line in lines[:2]] == [["ValueError"], ["CredentialsRefused", "x"]]
    assert all(line.startswith("job failed run_task ") for line in lines[:-1])
    assert lines[-1].startswith("job set aside run_task ")
    assert "anna" not in caplog.text
    assert "secret-id" not in caplog.text


async def test_whoever_must_know_is_told_before_a_job_is_set_aside(
    work: Work, queue: Queue, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen(raising(*(ValueError("anna@example.com") for _ in range(20))))
    told = Seen(raising(OSError("the store is away")))

    async def tell(call: Call, why: Exception) -> None:
        assert isinstance(why, ValueError)
        await told(call)

    runner = Runner(queue, {KIND: seen}, clock, on_set_aside=tell)
    await put(work, "a")
    for pause in PAUSES:
        await runner.drain()
        clock.advance(pause)
    assert not told.calls
    await runner.drain()
    assert await queue.failed_jobs() == 0, "nobody heard of it"
    clock.advance(PAUSES[-1])
    await runner.drain()
    assert told.keys == ["a", "a"]
    assert await queue.failed_jobs() == 1
    assert "anna" not in caplog.text


async def test_what_somebody_outside_makes_possible_again_is_tried_as_often_as_is_said(
    work: Work, queue: Queue, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A channel that is archived: the work waits for it, however long, and the log says what is wrong."""
    archived = {"code": "is_archived", "system": "Slack"}
    odd = {"code": "anna@example.com"}
    seen = Seen(raising(*(NeedsHuman("trouble.chat_archived", archived if n else odd) for n in range(PATIENCE + 3))))

    async def hourly(_call: Call, _why: Exception) -> timedelta:
        return timedelta(hours=1)

    runner = Runner(queue, {KIND: seen}, clock, on_set_aside=hourly)
    await put(work, "a")
    for pause in (*PAUSES, *[timedelta(hours=1)] * 4):
        assert await runner.drain() == 1
        assert await queue.next_due() == clock.now() + pause
        clock.advance(pause)
    assert await queue.failed_jobs() == 0
    await runner.drain()
    assert await queue.next_due() is None
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.jobs.embedded"]
    assert lines[0].endswith("NeedsHuman trouble.chat_archived")
    assert lines[-1].endswith("NeedsHuman trouble.chat_archived is_archived")
    assert "anna" not in caplog.text


async def test_a_job_without_a_handler_is_not_lost(work: Work, queue: Queue, clock: FixedClock) -> None:
    await put(work, "a")
    assert await Runner(queue, {}, clock).drain() == 1
    assert await queue.next_due() == clock.now() + PAUSES[0]


async def test_a_lease_is_extended_while_a_handler_works(memory_work: MemoryWork) -> None:
    clock = memory_work.clock = RunningClock()
    seen = Seen(lambda _call: asyncio.sleep(1.0))
    taken: list[Claimed] = []
    await put(memory_work, "a")
    async with running(Runner(memory_work.queue, {KIND: seen}, clock, lease=SHORT)):
        await until(lambda: bool(seen.calls))
        while memory_work.shelves.jobs:
            taken += await memory_work.queue.claim(1, SHORT)
            await asyncio.sleep(0.02)
    assert not taken
    assert len(seen.calls) == 1


async def test_a_handler_whose_lease_was_lost_is_stopped_and_not_heard(
    memory_work: MemoryWork, caplog: pytest.LogCaptureFixture
) -> None:
    clock = memory_work.clock = RunningClock()
    ended: list[str] = []

    async def long(_call: Call) -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    seen = Seen(long)
    await put(memory_work, "a")
    async with running(Runner(memory_work.queue, {KIND: seen}, clock, lease=SHORT)):
        await until(lambda: bool(seen.calls))
        await memory_work.queue.clear_leases()
        (taken,) = await memory_work.queue.claim(1, timedelta(minutes=5))
        await until(lambda: bool(ended), 2)
        await asyncio.sleep(0.05)
    assert "job lease lost run_task" in caplog.text
    assert len(seen.calls) == 1
    assert await memory_work.queue.finish(taken)


async def test_stopping_lets_work_end_and_gives_back_what_does_not(
    work: Work, queue: Queue, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "GRACE", 0.3)
    done: list[str] = []

    async def step(call: Call) -> None:
        await asyncio.sleep(0.1 if call.ids[0] == "short" else 60)
        done.append(call.ids[0])

    seen = Seen(step)
    runner = Runner(queue, {KIND: seen}, clock)
    await put(work, "short", "long")
    await runner.start()
    await until(lambda: len(seen.calls) == 2)
    await put(work, "never begun")
    async with asyncio.timeout(2):
        await runner.stop()
    assert done == ["short"]
    assert len(seen.calls) == 2
    left = await queue.claim(8, SHORT)
    assert {claimed.call.ids[0] for claimed in left} == {"long", "never begun"}
    assert all(claimed.failures == 0 for claimed in left)


async def test_what_is_being_claimed_as_the_desk_stops_is_not_begun_after_it(
    memory_work: MemoryWork, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun on a store that closes it would ask a vendor and could not say so; held by nobody it would wait a lease."""
    claim, claiming, go_on = memory_work.queue.claim, asyncio.Event(), asyncio.Event()

    async def slow(limit: int, lease: timedelta) -> Sequence[Claimed]:
        claimed = await claim(limit, lease)
        claiming.set()
        await go_on.wait()
        return claimed

    monkeypatch.setattr(memory_work.queue, "claim", slow)
    seen = Seen()
    runner = Runner(memory_work.queue, {KIND: seen}, clock)
    await put(memory_work, "a")
    await runner.start()
    await claiming.wait()
    stopping = asyncio.create_task(runner.stop())
    await asyncio.wait([stopping], timeout=0.1)
    go_on.set()
    await stopping
    assert len(seen.calls) == 1
    assert not memory_work.shelves.jobs


async def test_a_handler_that_does_not_listen_does_not_keep_the_desk_from_stopping(
    memory_work: MemoryWork, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "GRACE", 0.1)
    monkeypatch.setattr(embedded, "LAST_WORDS", 0.1)
    leave = asyncio.Event()

    async def deaf(_call: Call) -> None:
        while not leave.is_set():
            try:
                await leave.wait()
            except asyncio.CancelledError:
                continue

    seen = Seen(deaf)
    runner = Runner(memory_work.queue, {KIND: seen}, clock)
    await put(memory_work, "a")
    await runner.start()
    await until(lambda: bool(seen.calls))
    async with asyncio.timeout(2):
        await runner.stop()
    leave.set()
    await until(lambda: not memory_work.shelves.jobs)


async def test_what_a_dead_process_held_is_claimed_at_the_next_start(
    memory_work: MemoryWork, clock: FixedClock
) -> None:
    await put(memory_work, "a")
    assert await memory_work.queue.claim(8, timedelta(hours=1))
    seen = Seen()
    async with running(Runner(memory_work.queue, {KIND: seen}, clock)):
        await until(lambda: bool(seen.calls))
    assert seen.calls[0].attempts == 2


class Flaky:
    """A queue whose store is in trouble now and then."""

    def __init__(self, queue: Queue, troubled: Collection[str]) -> None:
        self._queue = queue
        self._troubled = set(troubled)

    def _trouble(self, what: str) -> None:
        if what in self._troubled:
            self._troubled.remove(what)
            raise OSError("the store is away")

    async def claim(self, limit: int, lease: timedelta) -> Sequence[Claimed]:
        self._trouble("claim")
        return await self._queue.claim(limit, lease)

    async def extend(self, held: Collection[Claimed], lease: timedelta) -> Collection[int]:
        self._trouble("extend")
        return await self._queue.extend(held, lease)

    async def finish(self, claimed: Claimed) -> bool:
        self._trouble("finish")
        return await self._queue.finish(claimed)

    async def reschedule(self, claimed: Claimed, run_after: datetime, *, failed: bool) -> bool:
        self._trouble("reschedule")
        return await self._queue.reschedule(claimed, run_after, failed=failed)

    async def fail(self, claimed: Claimed) -> bool:
        return await self._queue.fail(claimed)

    async def clear_leases(self) -> int:
        return await self._queue.clear_leases()

    async def next_due(self) -> datetime | None:
        self._trouble("next_due")
        return await self._queue.next_due()

    async def failed_jobs(self) -> int:
        return await self._queue.failed_jobs()


@pytest.mark.parametrize("what", ["claim", "next_due", "finish", "extend", "reschedule"])
async def test_a_store_that_is_away_for_a_moment_loses_no_job_and_ends_no_loop(
    memory_work: MemoryWork, caplog: pytest.LogCaptureFixture, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "POLL", 0.05)
    clock = memory_work.clock = RunningClock()
    fails = what == "reschedule"
    handler: Handler = Seen(raising(TryLater("trouble.later")) if fails else lambda _call: asyncio.sleep(0.3))
    await put(memory_work, "a")
    async with running(Runner(Flaky(memory_work.queue, [what]), {KIND: handler}, clock, lease=SHORT)) as runner:
        await until(lambda: not memory_work.shelves.jobs, 6)
        assert runner.alive
    assert "OSError" in caplog.text
    assert "the store is away" not in caplog.text
    assert all(record.levelno < logging.ERROR for record in caplog.records)
