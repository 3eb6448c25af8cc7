"""The calendar: Swedish hours in UTC, late rather than lost, and APScheduler's traps."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.jobs import schedule
from bot.jobs.schedule import Tick, Ticker
from bot.ports import Job, JobKind, Work
from tests.fakes import FixedClock
from tests.jobs.test_embedded import until

MORNING = Tick("morning", {"hour": "8", "minute": "0"})
MONTHLY = Tick("monthly", {"day": "1", "hour": "7", "minute": "0"})
SECONDLY = Tick("secondly", {"second": "*"})


class NowClock:
    """The machine's own clock: APScheduler reads that one."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the scheduler looks at it too


def moments(hours: Mapping[str, str], after: str, count: int) -> list[str]:
    """Return the next moments of a tick, short."""
    found: list[str] = []
    moment: datetime | None = datetime.fromisoformat(after)
    for _ in range(count):
        assert moment is not None
        moment = Tick("x", hours).next(moment)
        assert moment is not None
        assert moment.tzinfo is UTC
        found.append(moment.strftime("%m-%d %H:%M"))
    return found


def test_eight_in_the_morning_is_eight_in_sweden_all_year() -> None:
    assert moments({"hour": "8", "minute": "0"}, "2026-03-27T12:00Z", 3) == [
        "03-28 07:00",
        "03-29 06:00",
        "03-30 06:00",
    ]
    assert moments({"hour": "8", "minute": "0"}, "2026-10-24T00:00Z", 3) == [
        "10-24 06:00",
        "10-25 07:00",
        "10-26 07:00",
    ]


def test_an_hour_that_comes_twice_in_autumn_rings_once_and_one_left_out_in_spring_rings_late() -> None:
    at = {"hour": "2", "minute": "30"}
    assert moments(at, "2026-10-24T12:00Z", 2) == ["10-25 00:30", "10-26 01:30"]
    assert moments(at, "2026-03-28T12:00Z", 2) == ["03-29 01:30", "03-30 00:30"]


def test_what_rings_every_half_hour_does_so_through_the_night_that_is_longer() -> None:
    every = moments({"minute": "0,30"}, "2026-10-24T23:59Z", 6)
    assert every == [f"10-25 0{h}:{m}" for h in range(3) for m in ("00", "30")]


@pytest.mark.parametrize(
    ("tick", "now", "latest"),
    [
        (MORNING, "2026-03-09T07:00:00+00:00", "2026-03-09T07:00:00+00:00"),
        (MORNING, "2026-03-09T06:59:59+00:00", "2026-03-08T07:00:00+00:00"),
        (MONTHLY, "2026-03-09T07:00:00+00:00", "2026-03-01T06:00:00+00:00"),
        (
            Tick("yearly", {"month": "1", "day": "1", "hour": "0"}),
            "2026-12-31T22:00:00+00:00",
            "2025-12-31T23:00:00+00:00",
        ),
        (Tick("often", {"minute": "*/10"}), "2026-03-09T07:09:00+00:00", "2026-03-09T07:00:00+00:00"),
    ],
)
def test_the_latest_moment_of_a_tick(tick: Tick, now: str, latest: str) -> None:
    assert tick.latest(datetime.fromisoformat(now)) == datetime.fromisoformat(latest)


def test_a_tick_that_never_was_has_no_latest_moment() -> None:
    assert Tick("never", {"year": "1999"}).latest(FixedClock().now()) is None
    assert Tick("never", {"year": "1999"}).next(FixedClock().now()) is None


async def test_what_was_missed_while_nobody_listened_is_rung_at_the_start_once(work: Work, clock: FixedClock) -> None:
    """Five days down: the reminder is late, not lost, and comes once, not five times."""
    fired: list[tuple[str, datetime]] = []

    async def ring(name: str, at: datetime) -> None:
        async with work() as unit:
            if await unit.jobs.fire(name, at, [Job(JobKind.TICK, f"tick:{name}")]):
                fired.append((name, at))

    for days in (0, 0, 5):
        clock.advance(timedelta(days=days))
        ticker = Ticker([MORNING, MONTHLY], ring, clock)
        await ticker.start()
        await ticker.stop()
    assert fired == [
        ("morning", datetime(2026, 3, 9, 7, 0, tzinfo=UTC)),
        ("monthly", datetime(2026, 3, 1, 6, 0, tzinfo=UTC)),
        ("morning", datetime(2026, 3, 14, 7, 0, tzinfo=UTC)),
    ]


class Bell:
    """Remembers when it was rung, and may fail first."""

    def __init__(self, failures: int = 0) -> None:
        self.rung: list[datetime] = []
        self._failures = failures

    async def __call__(self, name: str, at: datetime) -> None:
        if self._failures:
            self._failures -= 1
            raise OSError("the store is away: anna@example.com")
        self.rung.append(at)


async def test_a_tick_rings_when_its_time_comes_with_the_moment_of_the_calendar() -> None:
    bell = Bell()
    ticker = Ticker([SECONDLY], bell, NowClock())
    await ticker.start()
    await until(lambda: len(bell.rung) >= 3)
    await ticker.stop()
    assert all(at.microsecond == 0 for at in bell.rung)
    assert len(set(bell.rung)) >= 3


async def test_a_tick_the_busy_loop_kept_waiting_still_rings() -> None:
    """APScheduler drops a run that is a second late, unless told otherwise; missed ones become one."""
    bell = Bell()
    ticker = Ticker([SECONDLY], bell, NowClock())
    await ticker.start()
    before = len(bell.rung)
    time.sleep(2.5)  # noqa: ASYNC251 - the loop is to be blocked
    blocked_until = datetime.now(UTC)  # noqa: TID251
    await until(lambda: len(bell.rung) > before, 1.5)
    await ticker.stop()
    assert bell.rung[before] >= blocked_until - timedelta(seconds=1)


async def test_a_tick_that_could_not_be_written_is_tried_until_it_is(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setattr(schedule, "AGAIN", 0.01)
    bell = Bell(failures=3)
    ticker = Ticker([MORNING], bell, clock)
    await ticker.start()
    await ticker.stop()
    assert bell.rung == [datetime(2026, 3, 9, 7, 0, tzinfo=UTC)]
    assert [r.getMessage() for r in caplog.records if r.name == "bot.jobs.schedule"] == [
        "tick not written morning OSError"
    ] * 3
    assert "anna" not in caplog.text


async def test_a_stopped_ticker_rings_no_more_and_leaves_nothing_running() -> None:
    bell = Bell()
    before = asyncio.all_tasks()
    ticker = Ticker([SECONDLY], bell, NowClock())
    await ticker.start()
    await ticker.stop()
    await ticker.stop()
    rung = len(bell.rung)
    await asyncio.sleep(1.2)
    assert len(bell.rung) == rung
    assert asyncio.all_tasks() <= before
