"""How fast a vendor may be called: at most so many calls in any stretch of so many seconds.

An exact window rather than the usual leaky bucket: a bucket of the same size lets nearly
twice the limit through at first, and one small enough not to makes a first search wait.
"""

from collections import deque
from typing import Final

#: The vendor counts arrivals, we count departures: the difference in travel time is kept free.
MARGIN: Final = 1.02


class Window:
    """Gives out turns, first come first served. Moments are seconds on any steady clock."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._turns: deque[float] = deque(maxlen=calls)
        self.calls = calls
        self._seconds = seconds * MARGIN

    def wait(self, now: float) -> float:
        """Return how many seconds the next call would wait for its turn."""
        if len(self._turns) < self.calls:
            return 0.0
        return max(self._turns[0] + self._seconds - now, 0.0)

    def take(self, now: float) -> float:
        """Take the next turn and return how many seconds it is away."""
        wait = self.wait(now)
        self._turns.append(now + wait)
        return wait


def pace(calls: int, seconds: float) -> Window | None:
    """Return a window of *calls* in any *seconds*; None, no limit, when *calls* is 0."""
    return Window(calls, seconds) if calls else None
