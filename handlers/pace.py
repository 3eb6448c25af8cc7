"""One message a second to each channel, as Slack asks (D36).

A caller waits only a little. Whoever would wait longer is sent back with `TryLater`, so
that a burst lies in the job table, where it survives a restart, and not in memory. Each is
told a time of its own: told the same, a thousand jobs would come back together every few
seconds, to hear the same again. It is a time to come, not a place kept: whoever asks when
a turn is free has it.
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
        self._told: dict[str, float] = {}

    async def turn(self, key: str) -> None:
        """Wait for the key's turn. Raises `TryLater` when that is more than `PATIENCE` seconds away."""
        now = self._now()
        self._free = {other: at for other, at in self._free.items() if at > now}
        self._told = {other: at for other, at in self._told.items() if at > now}
        at = self._free.get(key, now)
        if at - now > PATIENCE:
            self._told[key] = come = max(at, self._told.get(key, 0.0) + APART)
            raise TryLater("trouble.too_many", timedelta(seconds=come - now), {"system": "Slack"})
        self._free[key] = at + APART
        if at > now:
            await self._sleep(at - now)
