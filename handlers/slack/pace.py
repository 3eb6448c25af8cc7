"""One message a second to each channel, as Slack asks (D36).

A caller waits only a little. Whoever would wait longer is sent back with `TryLater`, so
that a burst lies in the job table, where it survives a restart, and not in memory.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from bot.domain.errors import TryLater

#: Seconds between two messages to one channel (docs.slack.dev, rate limits).
APART: Final = 1.0
#: Seconds a caller is kept waiting at most.
PATIENCE: Final = 5.0


class Pace:
    """Gives each key its turns, `APART` seconds from each other."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._free: dict[str, float] = {}

    async def turn(self, key: str) -> None:
        """Wait for the key's turn. Raises `TryLater` when that is more than `PATIENCE` seconds away."""
        now = self._now()
        self._free = {other: at for other, at in self._free.items() if at > now}
        at = self._free.get(key, now)
        if at - now > PATIENCE:
            raise TryLater("trouble.too_many", timedelta(seconds=at - now), {"system": "Slack"})
        self._free[key] = at + APART
        if at > now:
            await self._sleep(at - now)
