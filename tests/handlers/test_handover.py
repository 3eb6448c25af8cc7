"""The last byte was handed over, or it was not: over real connections, because only those know (D3)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientSession, web

from bot.services.person_views import Parcel
from handlers import handover
from handlers.handover import Handover
from handlers.page import Pages, send_parcel
from handlers.web import make_application, make_runner
from tests.handlers.conftest import WELL
from tests.handlers.stand_ins import TEXTS
from tests.stalling import Stalled

#: More than a narrow line holds, and less than the sending side takes in at once: written, and not handed over.
SMALL, BIG = 200_000, 9_000_000


class Counter:
    """A door that hands out a parcel and counts how often it was taken whole."""

    def __init__(self, size: int) -> None:
        self.size, self.asked, self.whole = size, 0, 0

    def door(self) -> list[web.RouteDef]:
        return [web.post("/give", self._give)]

    async def _give(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return await send_parcel(request, Parcel("part", "kopia.zip", self.size, self._pieces()), self._noted)

    async def _pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, self.size, 1_000_000):
            yield bytes(min(1_000_000, self.size - start))

    async def _noted(self) -> None:
        self.whole += 1


Give = Callable[[list[web.RouteDef]], Awaitable[str]]


@pytest.fixture
async def give() -> AsyncIterator[Give]:
    """Serve a door by the desk's own runner, which lets a door finish when whoever asked has gone; return its URL."""
    async with AsyncExitStack() as stack:

        async def served(door: list[web.RouteDef]) -> str:
            runner = make_runner(make_application(Pages(TEXTS), WELL, [door]))
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0]
            return f"http://{host}:{port}/give"

        yield served


async def until_noted(counter: Counter) -> None:
    """Give a slow machine time."""
    for _ in range(200):
        if counter.whole:
            return
        await asyncio.sleep(0.02)


async def fetched(url: str) -> int:
    """Fetch it as a browser does; return its size."""
    async with ClientSession() as session, session.post(url) as answer:
        return len(await answer.read())


@pytest.mark.parametrize("size", [SMALL, BIG])
async def test_whoever_hangs_up_half_way_has_not_fetched_it(give: Give, size: int) -> None:
    counter = Counter(size)
    url = await give(counter.door())
    line = Stalled(url, "")
    assert await line.begin()
    await asyncio.sleep(0.2)
    assert (counter.asked, counter.whole) == (1, 0), "all of it may be written, and is not taken"
    line.hang_up()
    await asyncio.sleep(0.5)
    assert counter.whole == 0
    assert await fetched(url) == size
    await until_noted(counter)
    assert counter.whole == 1


@pytest.mark.parametrize("size", [0, 1, SMALL, BIG])
async def test_whoever_took_it_all_and_left_at_once_has_it(give: Give, size: int) -> None:
    """A browser that closes right behind the last byte did not hang up on us."""
    counter = Counter(size)
    line = Stalled(await give(counter.door()), "")
    assert len(await line.whole()) > size
    await until_noted(counter)
    assert counter.whole == 1


async def test_who_takes_nothing_for_too_long_has_not_fetched_it(give: Give) -> None:
    ended: list[bool] = []

    async def begin(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with Handover(request.transport) as way:
            await answer.write(bytes(SMALL))
            ended.append(await way.reached(patience=0.1))
        return answer

    line = Stalled(await give([web.post("/give", begin)]), "")
    await line.begin()
    await asyncio.sleep(0.4)
    assert ended == [False]
    line.hang_up()


async def test_without_such_a_count_what_left_our_own_buffer_was_taken(
    give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a system that counts nothing."""
    monkeypatch.setattr(handover, "ioctl", None)
    monkeypatch.delattr(socket, "TCP_INFO")
    counter = Counter(SMALL)
    assert await fetched(await give(counter.door())) == SMALL
    await until_noted(counter)
    assert counter.whole == 1


async def test_a_request_without_a_connection_hands_nothing_over() -> None:
    with Handover(None) as way:
        assert not await way.reached()
