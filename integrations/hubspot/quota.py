"""HubSpot's limits, as its sandbox keeps them: so many calls in any ten seconds, so many a day, told in headers.

Searches have a limit of their own and bear no such headers (vendors.md §1.4).
"""

import asyncio
from collections import deque
from collections.abc import Mapping


class Quota:
    """Counts arrivals; 0 is no limit. `refused` counts the calls answered 429."""

    def __init__(self, *, burst: int = 0, seconds: float = 10.0, daily: int = 0, searches: int = 0) -> None:
        self.refused = 0
        self._burst = burst
        self._seconds = seconds
        self._daily = daily
        self._searches = searches
        self._today = 0
        self._lately: deque[float] = deque()
        self._searched: deque[float] = deque()

    def admit(self, *, searching: bool) -> str:
        """Count a call; return the policy that refuses it, "" when it may go on."""
        now = asyncio.get_running_loop().time()
        policy = ""
        if self._daily and self._today >= self._daily:
            policy = "DAILY"
        elif searching and self._searches and _within(self._searched, now, 1.0) >= self._searches:
            policy = "SECONDLY"
        elif not searching and self._burst and _within(self._lately, now, self._seconds) >= self._burst:
            policy = "TEN_SECONDLY_ROLLING"
        if policy:
            self.refused += 1
            return policy
        self._today += 1
        (self._searched if searching else self._lately).append(now)
        return ""

    def headers(self) -> Mapping[str, str]:
        """Return what HubSpot says of the limits in every answer but a search's."""
        said: dict[str, str] = {}
        if self._burst:
            said |= {
                "X-HubSpot-RateLimit-Max": str(self._burst),
                "X-HubSpot-RateLimit-Remaining": str(max(self._burst - len(self._lately), 0)),
                "X-HubSpot-RateLimit-Interval-Milliseconds": str(round(1000 * self._seconds)),
            }
        if self._daily:
            said |= {
                "X-HubSpot-RateLimit-Daily": str(self._daily),
                "X-HubSpot-RateLimit-Daily-Remaining": str(max(self._daily - self._today, 0)),
            }
        return said


def _within(moments: deque[float], now: float, seconds: float) -> int:
    while moments and moments[0] <= now - seconds:
        moments.popleft()
    return len(moments)
