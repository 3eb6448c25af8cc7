"""Several calls in flight, their results in order: a vendor's limit is reached however slow each answer is.

Few at a time, so that memory stays flat and no call waits for its turn longer than the
transport lets it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import Final, TypeVar

One = TypeVar("One")

#: At 400 ms per answer this is 300 calls in ten seconds: above the largest plan's limit.
AHEAD: Final = 12


async def ahead(
    calls: Iterable[Callable[[], Awaitable[One]]] | AsyncIterable[Callable[[], Awaitable[One]]],
    *,
    most: int = AHEAD,
    writes: bool = False,
) -> AsyncIterator[One]:
    """Yield what *calls* return, in their order, at most *most* of them under way, begun as they become known.

    The first trouble ends the rest: reads are dropped, writes that have left are waited for.
    """
    under_way: deque[asyncio.Future[One]] = deque()
    try:
        async for call in _coming(calls):
            under_way.append(asyncio.ensure_future(call()))
            if len(under_way) >= most:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            if not writes:
                task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _coming(calls: Iterable[One] | AsyncIterable[One]) -> AsyncIterator[One]:
    if isinstance(calls, AsyncIterable):
        async for call in calls:
            yield call
    else:
        for call in calls:
            yield call
