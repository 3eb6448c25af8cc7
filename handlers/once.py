"""What has been delivered already: Slack may bring the same request again.

Only politeness: whether something *counts* again is decided by the desk, which compares
versions (D32). Without this, who pressed once would be told that the card has changed.
"""

from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 2_000


class Once:
    """Remembers the latest `REMEMBERED` keys."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def first(self, key: str) -> bool:
        """Whether *key* comes for the first time; an empty key always does."""
        if key in self._seen:
            return False
        if key:
            self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def forget(self, key: str) -> None:
        """Let *key* come again: what it asked for failed."""
        self._seen.pop(key, None)
