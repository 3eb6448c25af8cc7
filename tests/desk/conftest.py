"""The desk these tests ask is the furnished one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, furnished


@pytest.fixture
async def desk(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[Furnished]:
    """A furnished desk, nothing in it yet."""
    async with furnished(tmp_path, sqlite_url, clock) as desk:
        yield desk
