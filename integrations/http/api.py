"""Calls to one vendor over the shared session: token, window, one try for writes and a few for reads."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Final, TypeVar

import aiohttp
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from yarl import URL

from bot.domain.errors import NeedsHuman, SystemTrouble, TryLater
from bot.ports import Clock, Tokens
from integrations.http.lane import Lane
from integrations.http.place import Place
from integrations.http.verdict import Call, NotHeld, Reply, Vendor, is_refused, judge, lost, not_understood
from integrations.http.window import Window

log = logging.getLogger(__name__)

Shape = TypeVar("Shape", bound=BaseModel)
One = TypeVar("One")
Other = TypeVar("Other")
Answer = TypeVar("Answer")

#: Largest answer read, after decompression. A page of 200 contacts is about half a megabyte.
MOST_OCTETS: Final = 16 * 2**20
#: Pauses between a read's attempts, in seconds; each is stretched by up to half at random.
READ_PAUSES: Final = (0.2, 0.8)
#: A longer Retry-After is left to the job, which can wait without holding anything.
PATIENT: Final = timedelta(seconds=3)
#: Seconds a call waits for its turn under the vendor's limit; longer is the job's to wait.
LONGEST_TURN: Final = 15.0

NO_QUERY: Final[Mapping[str, str]] = {}


class Nothing(BaseModel):
    """The answer of a call that has none worth reading."""

    model_config = ConfigDict(extra="ignore")


class VendorShape(BaseModel):
    """Base of what vendors answer: unknown fields are ignored, values stay as they came."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Lost(aiohttp.ClientError):
    """The connection broke after the request may have left."""


class _TooLarge(Exception):
    """The answer is larger than we read."""


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open the one session everything outbound shares: no cookies, no proxy from the environment."""
    connector = aiohttp.TCPConnector(limit=100, limit_per_host=20)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), raise_for_status=False
    ) as session:
        yield session


class Api:
    """Calls one vendor. Every method raises `SystemTrouble` only; `NotHeld` is its 404."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        vendor: Vendor,
        tokens: Tokens,
        clock: Clock,
        *,
        window: Window | None = None,
        lane: Lane | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._vendor = vendor
        self._tokens = tokens
        self._clock = clock
        self._lane = lane or Lane(window=window)
        self._sleep = sleep
        self._hosts = vendor.hosts | {URL(vendor.base_url).host}

    async def get(
        self, place: Place, into: type[Shape], query: Mapping[str, str] = NO_QUERY, *, signed: bool = True
    ) -> Shape:
        """Read; unsigned where the place itself is the secret (an upload session)."""
        return await self._read(Call(self._vendor.key, "GET", place, writes=False, query=query, signed=signed), into)

    async def octets(
        self, place: Place, query: Mapping[str, str] = NO_QUERY, *, signed: bool = True, most: int = 0
    ) -> bytes:
        """Read what is no JSON, such as a whole mail; a web page in its stead is refused.

        Unsigned as in `get`; *most* octets of it, 0 as of any other answer.
        """
        call = Call(self._vendor.key, "GET", place, writes=False, query=query, signed=signed, most=most)
        return await self._patiently(call, partial(self._whole, call))

    async def ask(self, place: Place, into: type[Shape], body: JsonValue) -> Shape:
        """Read by a POST that changes nothing (searches, batch reads)."""
        return await self._read(Call(self._vendor.key, "POST", place, writes=False, query=NO_QUERY, body=body), into)

    async def post(
        self, place: Place, into: type[Shape], body: JsonValue | None = None, query: Mapping[str, str] = NO_QUERY
    ) -> Shape:
        """Write; sent once. Raises `OutcomeUnknown` when it may have happened."""
        return await self._write(Call(self._vendor.key, "POST", place, writes=True, query=query, body=body), into)

    async def put(self, place: Place, into: type[Shape], body: JsonValue | None = None) -> Shape:
        """Write, as `post`."""
        return await self._write(Call(self._vendor.key, "PUT", place, writes=True, query=NO_QUERY, body=body), into)

    async def patch(self, place: Place, into: type[Shape], body: JsonValue | None = None) -> Shape:
        """Write, as `post`."""
        return await self._write(Call(self._vendor.key, "PATCH", place, writes=True, query=NO_QUERY, body=body), into)

    async def delete(self, place: Place) -> None:
        """Write, as `post`."""
        await self._write(Call(self._vendor.key, "DELETE", place, writes=True, query=NO_QUERY), Nothing)

    async def put_part(self, place: Place, into: type[Shape], octets: bytes, headers: Mapping[str, str]) -> Shape:
        """Write a stretch of a file to a place the vendor made for it; without our token, which is not for that host.

        The vendor numbers the stretches, so the same one may be sent twice: a lost answer is `TryLater` here.
        """
        call = Call(self._vendor.key, "PUT", place, writes=False, query=NO_QUERY, octets=octets, signed=False)
        return self._understood(call, await self._answer(replace(call, headers=headers)), into)

    async def _write(self, call: Call, into: type[Shape]) -> Shape:
        return self._understood(call, await self._answer(call), into)

    async def _read(self, call: Call, into: type[Shape]) -> Shape:
        return await self._patiently(call, lambda reply: self._understood(call, reply, into))

    async def _patiently(self, call: Call, understood: Callable[[Reply], Answer]) -> Answer:
        for pause in READ_PAUSES:
            try:
                return understood(await self._answer(call))
            except TryLater as trouble:
                if trouble.key == "trouble.slow" or (trouble.after is not None and trouble.after > PATIENT):
                    raise
                wait = pause if trouble.after is None else trouble.after.total_seconds()
            await self._sleep(wait * random.uniform(1, 1.5))  # noqa: S311 - spreads callers, hides nothing
        return understood(await self._answer(call))

    async def _answer(self, call: Call) -> Reply:
        """Return a reply with a good status, having asked once more with a fresh token when the first is refused.

        Not when a quota is: asking at once anew would spend of the next one, and no token helps.
        """
        token = await self._tokens.token() if call.signed else ""
        reply = await self._exchange(call, token)
        refused = call.signed and is_refused(reply, self._vendor)
        if refused and (fresh := await self._tokens.token(fresh=True)) != token:
            reply = await self._exchange(call, fresh)
        trouble = judge(call, reply, self._vendor, self._clock.now())
        if trouble is not None:
            level = logging.DEBUG if isinstance(trouble, NotHeld) else logging.WARNING
            log.log(level, "refused %s %s %s: %d", call.vendor, call.method, call.place.shape, reply.status)
            raise trouble
        return reply

    async def _exchange(self, call: Call, token: str) -> Reply:
        url = self._url(call)
        await self._turn(call)
        trouble: SystemTrouble
        try:
            async with self._lane.gate:
                reply = await self._send(call, url, token)
                self._lane.heed(reply.headers, asyncio.get_running_loop().time())
                return reply
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            trouble = TryLater("trouble.unreachable", facts=call.facts)
        except TimeoutError:
            trouble = lost(call, "trouble.slow")
        except _TooLarge:
            trouble = not_understood(call, "trouble.too_large")
        except (aiohttp.ClientError, OSError):
            trouble = lost(call, "trouble.lost")
        log.warning("no answer %s %s %s: %s", call.vendor, call.method, call.place.shape, trouble.key)
        raise trouble  # outside the except blocks, so that it carries none of theirs along

    async def _turn(self, call: Call) -> None:
        """Wait for the vendor's limit, or leave it to the job when that takes long."""
        now = asyncio.get_running_loop().time()
        wait = self._lane.wait(now)
        if wait > LONGEST_TURN:
            raise TryLater("trouble.too_many", timedelta(seconds=wait), call.facts)
        if self._lane.take(now):
            await self._sleep(wait)

    async def _send(self, call: Call, url: URL, token: str) -> Reply:
        clock = asyncio.get_running_loop().time
        started = clock()
        async with self._session.request(
            call.method,
            url,
            data=_stream(call),
            headers=self._headers(call, token),
            timeout=aiohttp.ClientTimeout(total=self._vendor.seconds),
            allow_redirects=False,
            middlewares=(_only_once,),
        ) as response:
            reply = Reply(response.status, response.headers, await _content(response, call.most or MOST_OCTETS))
        spent = round(1000 * (clock() - started))
        log.debug("asked %s %s %s: %d in %d ms", call.vendor, call.method, call.place.shape, reply.status, spent)
        return reply

    def _headers(self, call: Call, token: str) -> Mapping[str, str]:
        said = {} if call.body is None else {"Content-Type": "application/json"}
        signed = {"Authorization": f"Bearer {token}"} if call.signed else {}
        return {"Accept": "application/json", **said, **self._vendor.headers, **call.headers, **signed}

    def _url(self, call: Call) -> URL:
        path = call.place.path
        try:
            url = URL(path if "://" in path else self._vendor.base_url + path, encoded=True)
        except ValueError:
            url = URL()
        if url.host not in self._hosts:
            raise NeedsHuman("trouble.strange_host", call.facts)
        return url.update_query(call.query)

    def _understood(self, call: Call, reply: Reply, into: type[Shape]) -> Shape:
        trouble = not_understood(call, "trouble.unreadable")
        if reply.is_json:
            try:
                return into.model_validate_json(reply.content or b"{}")
            except ValidationError as error:
                cut_short = any(part["type"] == "json_invalid" for part in error.errors(include_input=False))
            trouble = not_understood(call, "trouble.unreadable", cut_short=cut_short)
        log.warning("not understood %s %s %s", call.vendor, call.method, call.place.shape)
        raise trouble

    def _whole(self, call: Call, reply: Reply) -> bytes:
        if reply.headers.get("Content-Type", "").lower().startswith("text/html"):
            log.warning("not understood %s %s %s", call.vendor, call.method, call.place.shape)
            raise not_understood(call, "trouble.unreadable")
        return reply.content


def _stream(call: Call) -> BytesIO | None:
    """Return what is sent, as a stream: large octets would hold the event loop up."""
    if call.octets is not None:
        return BytesIO(call.octets)
    return None if call.body is None else BytesIO(json.dumps(call.body).encode())


async def _only_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the HTTP library from sending a PUT or DELETE again by itself when a connection breaks."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        pass
    raise _Lost


async def _content(response: aiohttp.ClientResponse, most: int) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(2**16):
        size += len(part)
        if size > most:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


async def together(*calls: Awaitable[One]) -> Sequence[One]:
    """Return what all *calls* return, made at the same time; the first trouble ends the others. For reads only."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def both(one: Awaitable[One], other: Awaitable[Other]) -> tuple[One, Other]:
    """Return what two different calls return, as `together`."""
    first, second = asyncio.ensure_future(one), asyncio.ensure_future(other)
    await together(_done(first), _done(second))
    return first.result(), second.result()


async def _done(task: asyncio.Future[One]) -> None:
    await task
