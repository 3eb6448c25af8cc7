"""The way to one vendor, or to one mailbox there: how many calls at once, how many in a stretch, and when to slow down.

Two clients that the vendor counts as one must go the same way, else each keeps to the limit and both together do
not: so a way can be found by a name. It belongs to the session everything outbound shares, which is one per process.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final
from weakref import WeakKeyDictionary

import aiohttp

from integrations.http.window import Window

#: What a call may cost of what is left: vendors that send these headers count a list or a change twice (SharePoint).
DEAREST: Final = 2


class Lane:
    """Lets calls through. Moments are seconds on any steady clock."""

    def __init__(self, at_once: int = 0, window: Window | None = None) -> None:
        self.gate: AbstractAsyncContextManager[object] = asyncio.Semaphore(at_once) if at_once else nullcontext()
        self._window = window
        self._gap = 0.0
        self._slow_until = 0.0
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Return how many seconds the next call would wait for its turn."""
        by_window = self._window.wait(now) if self._window is not None else 0.0
        return max(by_window, self._free_at - now, 0.0)

    def take(self, now: float) -> float:
        """Take the next turn and return how many seconds it is away."""
        by_window = self._window.take(now) if self._window is not None else 0.0
        wait = max(by_window, self._free_at - now, 0.0)
        if now + wait < self._slow_until:
            self._free_at = now + wait + self._gap
        return wait

    def heed(self, headers: Mapping[str, str], now: float) -> None:
        """Spread the calls that are left over the time they must last, where the vendor says both.

        `RateLimit-Remaining` and `RateLimit-Reset`, in seconds: SharePoint sends them once four fifths are spent.
        """
        remaining, reset = (headers.get(f"RateLimit-{name}", "") for name in ("Remaining", "Reset"))
        if not remaining.isdecimal() or not reset.isdecimal():
            return
        self._gap = int(reset) / max(int(remaining) // DEAREST, 1)
        self._slow_until = now + int(reset)
        self._free_at = max(self._free_at, now + self._gap)

    def narrow(self, window: Window | None) -> None:
        """Keep to *window* from now on, unless it lets more through than the way does already."""
        if window is not None and (self._window is None or window.calls < self._window.calls):
            self._window = window


_SHARED: Final[WeakKeyDictionary[aiohttp.ClientSession, dict[tuple[str, ...], Lane]]] = WeakKeyDictionary()


def shared_lane(
    session: aiohttp.ClientSession, name: tuple[str, ...], at_once: int, window: Window | None = None
) -> Lane:
    """Return the way that everybody goes who names it the same, whatever the case of letters."""
    known = _SHARED.setdefault(session, {})
    lane = known.setdefault(tuple(part.casefold() for part in name), Lane(at_once))
    lane.narrow(window)
    return lane
