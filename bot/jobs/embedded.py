"""The job loop inside the desk's own process: it claims what is due, carries it out, writes how it went.

A job only wakes work up; whether the work may be done is the task's own state. So a
job may run twice (a process died, a lease ran out) and must do no harm: its token tells
the handler, and only the holder of the token is heard when it reports.

The loop waits on timers that do not follow the wall clock, and looks at the rows at
least once a second: another process, or a short command, may have put some there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from bot.domain.errors import PrivacyDeskError, TryLater
from bot.jobs.queue import Claimed, Queue
from bot.ports import Call, Clock, Handler, JobKind

log = logging.getLogger(__name__)

#: Growing pauses after unforeseen errors; the job is set aside when they are used up.
PAUSES: Final = tuple(timedelta(seconds=s) for s in (2, 10, 30, 120, 600, 1800, 3600))
PATIENCE: Final = len(PAUSES) + 1
LEASE: Final = timedelta(seconds=60)
CONCURRENCY: Final = 48
POLL: Final = 1.0  # seconds
SHORTEST: Final = 0.05  # seconds: a job somebody else is just taking must not make the loop spin
GRACE: Final = 4.0  # seconds a running handler gets when the desk stops; then it is cancelled
LAST_WORDS: Final = 0.9  # seconds it gets to end after that
LONGEST_CODE: Final = 60  # characters: a vendor's code is a word; anything longer may be somebody's own words

#: Told of a job that is about to be given up, and why; says after how long it is to be tried again, if it is.
OnSetAside = Callable[[Call, Exception], Awaitable[timedelta | None]]


async def nobody_asks(_call: Call, _error: Exception) -> None:
    """Let a job be set aside without a word: for queues whose jobs no person waits for."""


class Runner:
    """Carries jobs out. `wake` is set by whoever commits a job, so that it starts at once.

    `on_set_aside` is told of a job that is about to be given up, so that a person hears of it. Until it has
    succeeded the job stays on the queue: giving up in silence would lose the work. What it says is heeded: a
    job that a person outside makes possible again waits for that, and is not given up at all.
    """

    def __init__(
        self,
        queue: Queue,
        handlers: Mapping[JobKind, Handler],
        clock: Clock,
        *,
        on_set_aside: OnSetAside = nobody_asks,
        wake: asyncio.Event | None = None,
        concurrency: int = CONCURRENCY,
        lease: timedelta = LEASE,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._clock = clock
        self._on_set_aside = on_set_aside
        self._wake = wake or asyncio.Event()
        self._concurrency = concurrency
        self._lease = lease
        self._running: dict[asyncio.Task[None], Claimed] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._beginning: asyncio.Task[Sequence[Claimed]] | None = None
        self._stopping = False

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    @property
    def alive(self) -> bool:
        """Whether jobs are being carried out."""
        return bool(self._loops) and not any(loop.done() for loop in self._loops)

    async def start(self) -> None:
        """Begin; what a process that died held is claimed again at once where no other can hold it."""
        await self._queue.clear_leases()
        self._stopping = False
        self._loops = [asyncio.create_task(self._run()), asyncio.create_task(self._beat())]

    async def stop(self) -> None:
        """End within five seconds: claim nothing more, let what runs end, then cancel it and give its leases back."""
        self._stopping = True
        self.wake()
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self._loops = []
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                if self._beginning is not None:  # what it claims is among what runs, and is waited for with it
                    await asyncio.wait([self._beginning])
                if self._running:
                    await asyncio.wait(self._running)
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=LAST_WORDS)

    async def drain(self) -> int:
        """Carry out everything that is due, and what that makes due; return how many jobs ran. For tests and tools."""
        done = 0
        while claimed := await self._queue.claim(self._concurrency, self._lease):
            await asyncio.gather(*(self._carry_out(one) for one in claimed))
            done += len(claimed)
        return done

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()  # before the look: what is committed from here on wakes us again
            try:
                await self._claim()
                pause = await self._pause()
            except Exception as error:  # noqa: BLE001 - a busy or unreachable store must not end the loop
                log.warning("job loop paused %s", type(error).__name__)
                pause = POLL
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _claim(self) -> None:
        while (free := self._concurrency - len(self._running)) > 0:
            self._beginning = asyncio.create_task(self._begin(free))
            claimed = await asyncio.shield(self._beginning)
            if len(claimed) < free:
                return

    async def _begin(self, free: int) -> Sequence[Claimed]:
        """Claim and start in one step: a stop in between would leave jobs held by nobody."""
        claimed = await self._queue.claim(free, self._lease)
        for one in claimed:
            task = asyncio.create_task(self._carry_out(one))
            self._running[task] = one
            task.add_done_callback(self._ended)
        return claimed

    def _ended(self, task: "asyncio.Task[None]") -> None:
        claimed = self._running.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The store did not take the report: the lease runs out, and the job is claimed again.
            log.warning("job not reported %s %s %s", claimed.call.kind, claimed.id, type(error).__name__)
        self.wake()

    async def _pause(self) -> float:
        if len(self._running) >= self._concurrency:
            return POLL
        due = await self._queue.next_due()
        left = (due - self._clock.now()).total_seconds() if due else POLL
        return min(max(left, SHORTEST), POLL)

    async def _beat(self) -> None:
        """Extend the leases of what runs; whoever lost his stops, for somebody else may have begun."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            held = dict(self._running)
            try:
                ours = await self._queue.extend(list(held.values()), self._lease)
            except Exception as error:  # noqa: BLE001 - the next beat may succeed before the lease ends
                log.warning("job leases not extended %s", type(error).__name__)
                continue
            for task, claimed in held.items():
                if claimed.id not in ours and not task.done():
                    log.warning("job lease lost %s %s", claimed.call.kind, claimed.id)
                    task.cancel()

    async def _carry_out(self, claimed: Claimed) -> None:
        call = claimed.call
        try:
            await self._handlers[call.kind](call)
        except TryLater as later:
            pause = later.after if later.after is not None else PAUSES[min(call.attempts, len(PAUSES)) - 1]
            await self._again(claimed, max(pause, timedelta(seconds=1)), failed=False)
        except asyncio.CancelledError:
            await asyncio.shield(self._again(claimed, timedelta(0), failed=False))
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the job must not be lost
            log.warning("job failed %s %s %s", call.kind, claimed.id, _named(error))
            if claimed.failures + 1 >= PATIENCE:
                await self._set_aside(claimed, error)
            else:
                await self._again(claimed, PAUSES[claimed.failures], failed=True)
        else:
            await self._queue.finish(claimed)

    async def _set_aside(self, claimed: Claimed, why: Exception) -> None:
        call = claimed.call
        try:
            pause = await self._on_set_aside(call, why)
        except Exception as error:  # noqa: BLE001 - nobody heard of it: the job is tried, and told of, again
            log.warning("job not given up %s %s %s", call.kind, claimed.id, type(error).__name__)
            await self._again(claimed, PAUSES[-1], failed=True)
            return
        if pause is not None:
            await self._again(claimed, pause, failed=False)
            return
        log.error("job set aside %s %s", call.kind, claimed.id)
        await self._queue.fail(claimed)

    async def _again(self, claimed: Claimed, pause: timedelta, *, failed: bool) -> None:
        await self._queue.reschedule(claimed, self._clock.now() + pause, failed=failed)


def _named(error: Exception) -> str:
    """Return what may stand in a log of an error: its class, our key for it, the vendor's code.

    Never its message or another argument, which may hold what must not be there (D14).
    """
    if not isinstance(error, PrivacyDeskError):
        return type(error).__name__
    code = error.facts.get("code", "")
    named = code if code.replace("_", "").isalnum() and len(code) <= LONGEST_CODE else ""
    return " ".join(word for word in (type(error).__name__, error.key, named) if word)
