"""Slows down whoever tries links: a small count of wrong ones per address, in memory and bounded.

A link holds 192 random bits, so nobody guesses one; this only keeps somebody who tries
from costing us work. It forgets on restart, and that is fine.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from aiohttp import web

ALLOWED: Final = 20
WINDOW: Final = 600.0  # seconds
REMEMBERED: Final = 2048  # addresses


class Guesses:
    """Counts wrong links per address within a window; the address longest not seen is forgotten first."""

    def __init__(self, allowed: int = ALLOWED, tick: Callable[[], float] = time.monotonic) -> None:
        self._allowed = allowed
        self._tick = tick
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def refuse_too_many(self, address: str) -> None:
        """Raise HTTP 429 when the address must wait."""
        if self._count(address)[1] >= self._allowed:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(int(WINDOW))})

    def wrong(self, address: str) -> None:
        """Count one more."""
        since, count = self._count(address)
        self._wrong[address] = (since, count + 1)
        self._wrong.move_to_end(address)
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)

    def _count(self, address: str) -> tuple[float, int]:
        now = self._tick()
        since, count = self._wrong.get(address, (now, 0))
        return (since, count) if now - since < WINDOW else (now, 0)
