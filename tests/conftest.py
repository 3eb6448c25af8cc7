"""What most tests need: a clock that stands still, and the store in memory, on SQLite and on PostgreSQL."""

import pytest

from tests.fakes import FixedClock, MemoryWork


@pytest.fixture
def clock() -> FixedClock:
    """Monday 9 March 2026, 10:05 in Stockholm."""
    return FixedClock()


@pytest.fixture
def memory_work(clock: FixedClock) -> MemoryWork:
    """The store in memory."""
    return MemoryWork(clock)
