"""The same activity delivered again hears the same answer, and the desk hears it once.

Teams asks an unanswered invoke twice more (chat.md §4), perhaps while the first is still
being answered. Only politeness, as `Once`: whether something counts again is decided by
the desk, which compares versions (D32).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from handlers.teams.front import Reply

REMEMBERED: Final = 500
#: Seconds; Teams gives up long before, and an answer may hold a link for the presser alone.
FOR: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, or one under way, and when it was asked for."""

    answer: "asyncio.Future[Reply]"
    at: float


class Again:
    """Remembers the latest `REMEMBERED` answers for a minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._answers: OrderedDict[str, _Answer] = OrderedDict()

    async def answer(self, key: str, work: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return the answer to *key*, asked for once; an empty key is always asked. What failed may come again."""
        self._forget_old()
        known = self._answers.get(key)
        if known is not None:
            return await asyncio.shield(known.answer)
        task = asyncio.ensure_future(work())
        task.add_done_callback(lambda done: self._forget_failed(key, done))
        if key:
            self._answers[key] = _Answer(task, self._now())
        return await asyncio.shield(task)  # Teams hanging up takes back nothing

    def _forget_old(self) -> None:
        until = self._now() - FOR
        while self._answers:
            key, oldest = next(iter(self._answers.items()))
            if oldest.at > until and len(self._answers) < REMEMBERED:
                return
            del self._answers[key]

    def _forget_failed(self, key: str, done: "asyncio.Future[Reply]") -> None:
        if done.cancelled() or done.exception() is not None:
            self._answers.pop(key, None)
