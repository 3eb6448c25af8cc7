"""The 72 hours of Art. 33(1): counted in hours, ended by a person only."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.incident import ALARMS, LASTS, Ending, Incident, aware_from, not_needed, notified

#: The Saturday before summer time begins in Sweden.
AWARE = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
CLOCK = Incident(AWARE)
HOUR = timedelta(hours=1)


def test_hours_are_hours_though_the_clocks_are_put_forward() -> None:
    assert CLOCK.ends_at - AWARE == LASTS == 72 * HOUR


@pytest.mark.parametrize(
    ("after", "following"), [(0, 24), (23, 24), (24, 48), (50, 66), (66, 72), (72, 96), (100, 120)]
)
def test_alarms_grow_dense_and_never_end_by_themselves(after: int, following: int) -> None:
    assert CLOCK.alarm_after(AWARE + after * HOUR) == AWARE + following * HOUR


@given(st.integers(0, 400 * 3600))
def test_an_alarm_is_the_latest_that_has_come(seconds: int) -> None:
    now = AWARE + timedelta(seconds=seconds)
    last, following = CLOCK.alarm_at(now), CLOCK.alarm_after(now)
    assert following > now
    assert (last is None) == (now < AWARE + ALARMS[0] * HOUR)
    if last is not None:
        assert last <= now
        assert CLOCK.alarm_after(last) == following


def test_in_time_needs_no_reason_and_keeps_none() -> None:
    at = AWARE + LASTS
    ended = notified(CLOCK, at, at, "maria", reference="IMY-2026-1234", reason="missed")
    assert (ended.ending, ended.reason, ended.notified_at) == (Ending.NOTIFIED, "", at)


@pytest.mark.parametrize("reason", ["", "no_time", "risk_unlikely"])
def test_a_second_late_needs_a_reason_of_the_list(reason: str) -> None:
    at = AWARE + LASTS + timedelta(seconds=1)
    with pytest.raises(Incomplete):
        notified(CLOCK, at, at, "maria", reference="IMY-2026-1234", reason=reason)
    assert notified(CLOCK, at, at, "maria", reference="IMY-2026-1234", reason="missed").reason == "missed"


@pytest.mark.parametrize("at", [AWARE - HOUR, AWARE + 3 * HOUR])
def test_nobody_was_notified_before_we_knew_or_in_the_future(at: datetime) -> None:
    with pytest.raises(Incomplete):
        notified(CLOCK, at, AWARE + 2 * HOUR, "maria", reference="IMY-2026-1234", reason="")


def test_a_clock_is_ended_once() -> None:
    ended = not_needed(CLOCK, AWARE + HOUR, "maria", "no_breach")
    with pytest.raises(NotAllowedNow):
        not_needed(ended, AWARE + HOUR, "maria", "no_breach")
    with pytest.raises(NotAllowedNow):
        notified(ended, AWARE, AWARE + HOUR, "maria", reference="IMY-2026-1234", reason="")
    with pytest.raises(NotAllowedNow):
        aware_from(ended, AWARE, AWARE + HOUR)


def test_no_notification_has_a_reason_of_the_law() -> None:
    with pytest.raises(Incomplete):
        not_needed(CLOCK, AWARE + HOUR, "maria", "too_much_work")


def test_we_cannot_become_aware_tomorrow() -> None:
    with pytest.raises(Incomplete):
        aware_from(CLOCK, AWARE + 2 * HOUR, AWARE + HOUR)
    assert aware_from(CLOCK, AWARE - HOUR, AWARE).ends_at == AWARE - HOUR + LASTS
