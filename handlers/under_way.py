"""Answers that are sent after the ack (D33): tasks of our own, because nobody else would wait for them.

A library that starts a task and forgets it may lose it in the middle; these are held until
they are done, and the desk waits a moment for them when it stops.
"""

import asyncio
from collections.abc import Coroutine
from typing import Final

#: Seconds the answers under way get when the desk stops.
LAST_CALL: Final = 3.0


class UnderWay:
    """Holds what was started until it is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, answer: Coroutine[None, None, object]) -> None:
        """Let an answer go its way."""
        task = asyncio.create_task(answer)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait a moment for what is under way, then give the rest up."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=LAST_CALL)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
