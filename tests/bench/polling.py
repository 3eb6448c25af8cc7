"""Waiting for what happens by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")


async def until(look: Callable[[], Awaitable[Seen]], patience: float, pause: float = 0.05) -> Seen:
    """Look every *pause* seconds until something is seen (is true); return it. Raises `TimeoutError`."""
    async with asyncio.timeout(patience):
        while not (seen := await look()):  # noqa: ASYNC110 - a store rings no bell for those who read
            await asyncio.sleep(pause)
    return seen
