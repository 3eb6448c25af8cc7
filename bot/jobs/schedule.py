"""The calendar: what happens by itself at an hour of the Swedish day.

APScheduler only wakes: whether a tick was fired stands in the store, unique by name and
moment (D35), and what it means is a job. So nothing is lost to what APScheduler loses: a
run missed while the process was down or the loop was busy is asked for again at the
next start, and the moment of a tick is computed from the calendar, not from when it woke.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.ports import Clock

log = logging.getLogger(__name__)

SWEDEN: Final = ZoneInfo("Europe/Stockholm")
#: How far back the latest moment of a tick is looked for, nearest first.
LOOKS_BACK: Final = tuple(timedelta(hours=h) for h in (1, 26, 8 * 24, 32 * 24, 367 * 24))
AGAIN: Final = 10.0  # seconds until a tick that could not be written is tried again

OnTick = Callable[[str, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that happens by itself. `hours` are cron's fields (`{"hour": "8", "minute": "0"}`) in Swedish time."""

    name: str
    hours: Mapping[str, str]

    def next(self, after: datetime) -> datetime | None:
        """Return the first moment (UTC) later than *after*. A named hour that comes twice in autumn counts once."""
        cron = CronTrigger(timezone=SWEDEN, **self.hours)
        found = _next(cron, after)
        while found is not None and "hour" in self.hours and found.astimezone(SWEDEN).fold:
            found = _next(cron, found)
        return found

    def latest(self, now: datetime) -> datetime | None:
        """Return the last moment (UTC) not later than *now*, looking back a year."""
        for span in LOOKS_BACK:
            found, moment = None, self.next(now - span)
            while moment is not None and moment <= now:
                found, moment = moment, self.next(moment)
            if found is not None:
                return found
        return None


def _next(cron: CronTrigger, after: datetime) -> datetime | None:
    found: datetime | None = cron.get_next_fire_time(None, after.astimezone(UTC) + timedelta(microseconds=1))
    return found.astimezone(UTC) if found else None


class _Moments(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """A tick's moments, as APScheduler asks for them."""

    def __init__(self, tick: Tick) -> None:
        self._tick = tick

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        return self._tick.next(max(previous, now) if previous else now)


class Ticker:
    """Calls `on_tick(name, moment)` when a tick's moment has come; harmless to call twice for the same moment."""

    def __init__(self, ticks: Sequence[Tick], on_tick: OnTick, clock: Clock) -> None:
        self._ticks = ticks
        self._on_tick = on_tick
        self._clock = clock
        self._scheduler: AsyncIOScheduler | None = None

    async def start(self) -> None:
        """Ring what was missed while nobody listened - late, not lost - and wait for what comes."""
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for tick in self._ticks:
            self._scheduler.add_job(self.ring, _Moments(tick), [tick], id=tick.name, name=tick.name)
        self._scheduler.start()
        await self.catch_up()

    async def catch_up(self) -> None:
        """Ring every tick's latest moment: at the start, and when the demo's clock was wound."""
        for tick in self._ticks:
            await self.ring(tick)

    async def stop(self) -> None:
        """Listen no more. What was being written is rolled back, and rung at the next start."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
            await asyncio.sleep(0)

    async def ring(self, tick: Tick) -> None:
        """Ring the tick's latest moment, trying again until it is written."""
        moment = tick.latest(self._clock.now())
        written = moment is None
        while moment is not None and not written:
            try:
                await self._on_tick(tick.name, moment)
                written = True
            except Exception as error:  # noqa: BLE001 - whatever the store's trouble, the tick must not be lost
                log.warning("tick not written %s %s", tick.name, type(error).__name__)
                await asyncio.sleep(AGAIN)
