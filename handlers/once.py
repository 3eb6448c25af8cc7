"""What has been delivered already: Slack may bring the same request again.

Only politeness: whether something *counts* again is decided by the desk, which compares
versions (D32). Without this, who pressed once would be told that the card has changed.
A request counts as delivered when its work is done and not before: an acknowledgement
says that all is written (D33), also the one of a retry.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

REMEMBERED: Final = 2_000


class Once:
    """Remembers the latest `REMEMBERED` keys."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._under_way: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def one_time(self, key: str) -> AsyncIterator[bool]:
        """Say whether the work of *key* is to be done here; who comes while it is being done waits for how it ends.

        Work that failed is done by the next who comes or waits: their acknowledgement may be the last.
        """
        while (first := self._under_way.get(key)) is not None:
            await asyncio.wait([first])
        if not self.first(key):
            yield False
            return
        ended = asyncio.get_running_loop().create_future()
        if key:
            self._under_way[key] = ended
        try:
            yield True
        except BaseException:
            self.forget(key)
            raise
        finally:
            self._under_way.pop(key, None)
            ended.set_result(None)

    def first(self, key: str) -> bool:
        """Whether *key* comes for the first time; an empty key always does. Only where nothing is waited for."""
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
