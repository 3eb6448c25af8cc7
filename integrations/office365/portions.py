"""Doing the same to many records, a few at a time and in order: a person may have ten thousand of them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from bot.domain.system import Record
from integrations.office365.places import AT_ONCE

Done = TypeVar("Done")


async def in_portions(do: Callable[[Record], Awaitable[Done]], records: Sequence[Record]) -> AsyncIterator[Done]:
    """Yield what *do* returns for each record, with a few more under way. The first trouble ends it.

    What is under way then comes to its end, and is found done at the next attempt.
    """
    under_way: deque[asyncio.Future[Done]] = deque()
    try:
        for record in records:
            if len(under_way) == AT_ONCE:
                yield await under_way.popleft()
            under_way.append(asyncio.ensure_future(do(record)))
        while under_way:
            yield await under_way.popleft()
    finally:
        await asyncio.gather(*under_way, return_exceptions=True)
