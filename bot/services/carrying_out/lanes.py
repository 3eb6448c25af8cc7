"""Each system has a lane of its own: one that answers slowly, or not at all, holds up its own tasks alone (F42).

A task whose lane is full goes back on the queue at once, so that it takes no place from
another system's. The queue decides what runs; this only keeps one from taking all of it.
"""

from collections import Counter
from datetime import timedelta
from typing import Final

from bot.domain.errors import TryLater
from bot.ports import Call
from bot.services.carrying_out import execution
from bot.services.house import House

#: Tasks of one system under way at the same time in one process: a third of what the job loop carries out at once.
WIDTH: Final = 16
PAUSE: Final = timedelta(seconds=1)


class Lanes:
    """Who is under way where, in this process."""

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._under_way: Counter[str] = Counter()

    async def run_task(self, house: House, call: Call) -> None:
        """Job: carry out a task if its system's lane has room; `call.ids` are the task and its system."""
        system = call.ids[-1]
        if self._under_way[system] >= self._width:
            raise TryLater("trouble.busy", PAUSE)
        self._under_way[system] += 1
        try:
            await execution.run_task(house, call)
        finally:
            self._under_way[system] -= 1
