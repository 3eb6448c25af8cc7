"""As many messages as a chat takes, and no more (D36); and quiet while it said that it were too many.

A caller waits only a little. Whoever would wait longer is sent back with `TryLater`, so
that a burst lies in the job table, where it survives a restart, and not in memory. Each is
told a time of its own: told the same, a thousand jobs would come back together every few
seconds, to hear the same again. It is a time to come, not a place kept: whoever asks when
a turn is free has it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.domain.errors import TryLater

#: Seconds between two messages to one channel of Slack (docs.slack.dev, rate limits).
APART: Final = 1.0
#: Seconds a caller is kept waiting at most.
PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Window:
    """At most *turns* within *seconds*."""

    turns: int
    seconds: float


#: Slack: one a second to each channel.
ONE_A_SECOND: Final = (Window(1, APART),)


@dataclass(slots=True)
class _Turns:
    """The turns of a key that still count, oldest first; `told` is the last time somebody was told to come."""

    given: deque[float] = field(default_factory=deque)
    told: float = 0.0


class Pace:
    """Gives each key its turns, within every one of *windows*. *system* is the chat's name, for the sentence."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        windows: Sequence[Window] = ONE_A_SECOND,
        system: str = "Slack",
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._windows = tuple(windows)
        self._longest = max(window.seconds for window in windows)
        self._system = system
        self._keys: dict[str, _Turns] = {}

    async def turn(self, key: str) -> None:
        """Wait for the key's turn. Raises `TryLater` when that is more than `PATIENCE` seconds away."""
        now = self._now()
        self._forget(now)
        turns = self._keys.setdefault(key, _Turns())
        at, apart = self._free(turns.given, now)
        if at - now > PATIENCE:
            turns.told = come = max(at, turns.told + apart)
            raise TryLater("trouble.too_many", timedelta(seconds=come - now), {"system": self._system})
        turns.given.append(at)
        if at > now:
            await self._sleep(at - now)

    def _free(self, given: deque[float], now: float) -> tuple[float, float]:
        """Return when the next turn is free, and how far from each other those who must wait for it are told."""
        at, apart = now, 0.0
        for window in self._windows:
            if len(given) >= window.turns and (free := given[-window.turns] + window.seconds) > at:
                at, apart = free, window.seconds / window.turns
        return at, apart

    def _forget(self, now: float) -> None:
        """Drop the turns that count no more, and the keys nobody waits for."""
        for key, turns in list(self._keys.items()):
            while turns.given and turns.given[0] + self._longest <= now:
                turns.given.popleft()
            if not turns.given and turns.told <= now:
                del self._keys[key]


class Rests:
    """What of a chat is left alone for as long as it asked, by everybody who has this value. *system* is its name.

    A pause that only the refused job kept would be run into by every other: each asks, is refused, and may be the
    one for which the chat makes the pause longer.
    """

    def __init__(self, system: str, now: Callable[[], float] = time.monotonic) -> None:
        self._system = system
        self._now = now
        self._until: dict[str, float] = {}

    def heed(self, key: str) -> None:
        """Raise `TryLater`, naming what is left of the pause, while *key* is to be left alone."""
        left = self._until.get(key, 0.0) - self._now()
        if left > 0:
            raise TryLater("trouble.too_many", timedelta(seconds=left), {"system": self._system})
        self._until.pop(key, None)

    def begin(self, key: str, pause: timedelta) -> None:
        """Leave *key* alone from now on; a longer pause under way stays."""
        self._until[key] = max(self._until.get(key, 0.0), self._now() + pause.total_seconds())
