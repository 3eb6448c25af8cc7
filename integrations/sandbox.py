"""What every vendor's stand-in shares: real HTTP, a record of what was asked, and faults on demand.

A sandbox ships with the desk: `make demo` runs on it and the tests break it. It is the
vendor as we know it, with state; what we only guess about the vendor is said where the
sandbox does it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import JsonValue

from bot.domain.system import Identifier

TOKEN: Final = "sandbox"  # noqa: S105 - opens nothing but the sandbox
LARGEST_BODY: Final = 8 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Trouble(StrEnum):
    """How a vendor can fail beside answering with a bad status."""

    STATUS = "status"  # answers `status` with `headers` and `body`, and does nothing
    SLOW = "slow"  # does it, and answers after `seconds`
    LOST_ANSWER = "lost_answer"  # does it, and drops the connection instead of answering
    LOST_REQUEST = "lost_request"  # drops the connection and does nothing
    GARBAGE = "garbage"  # does it, and answers JSON cut short
    WRONG_TYPE = "wrong_type"  # does it, and answers a web page
    PAGE_NOT_FOUND = "page_not_found"  # answers 404 with a web page, as any server at a wrong address would


@dataclass(slots=True)
class Fault:
    """Trouble for the next `times` requests (None: all) whose method and path fit; empty fits any.

    `path` is looked for within the request's path, e.g. "gdpr-delete".
    """

    trouble: Trouble
    method: str = ""
    path: str = ""
    times: int | None = 1
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JsonValue = None
    seconds: float = 0.0

    def fits(self, request: web.Request) -> bool:
        """Whether the request gets it."""
        return self.times != 0 and self.method in ("", request.method) and self.path in request.path


class Allowance:
    """So many calls in every stretch of time, as hourly and daily quotas are; 0 is no limit.

    Stretches follow each other from the moment it is made, by a steady clock that `let_pass` puts forward.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.used = 0
        self._seconds = seconds
        self._ahead = 0.0
        self._began = monotonic()

    def let_pass(self, seconds: float) -> None:
        """Let time go by."""
        self._ahead += seconds

    @property
    def anew_in(self) -> float:
        """Seconds until it begins anew."""
        self._turn()
        return self._began + self._seconds - self._now

    def take(self) -> bool:
        """Count a call; whether it may go on."""
        self._turn()
        if self.most and self.used >= self.most:
            return False
        self.used += 1
        return True

    @property
    def _now(self) -> float:
        return monotonic() + self._ahead

    def _turn(self) -> None:
        over = (self._now - self._began) // self._seconds
        if over:
            self._began += over * self._seconds
            self.used = 0


class Faults:
    """The faults switched on, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch one on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        self._faults.clear()

    def take(self, request: web.Request) -> Fault | None:
        """Return the first that fits and count it down."""
        for fault in self._faults:
            if fault.fits(request):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


@dataclass(slots=True)
class Seen:
    """A request that came. `applied` says that it was carried out, answered or not."""

    method: str
    path: str
    query: Mapping[str, str]
    body: JsonValue
    applied: bool = False


#: What a request came as, and the fault it met if any.
SEEN: Final = web.RequestKey("seen", Seen)
FAULT: Final = web.RequestKey("fault", Fault)


@dataclass(frozen=True, slots=True)
class Full:
    """A stand-in in which one person has as much as a vendor can hold: how they are known, how many records it makes.

    `taken` is how many of them, from the end, a test takes out and erases, all when 0: where every record is a call
    of its own, ten thousand take minutes and show nothing that hundreds do not. `settings` switch the limits off.
    """

    sandbox: "Sandbox"
    person: tuple[Identifier, ...]
    records: int
    taken: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)


class Sandbox:
    """A vendor on this machine. Subclasses give `routes` and `problem`, the shape of the vendor's errors."""

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0) -> None:
        self.faults = Faults()
        self.seen: list[Seen] = []
        self.token = token
        self.latency = latency
        self.middlewares: list[Middleware] = []

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what the vendor answers to."""
        raise NotImplementedError

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return the body of the vendor's errors."""
        raise NotImplementedError

    def application(self) -> web.Application:
        """Return the vendor as an application; it records, then asks `middlewares` (a test's), then fails on demand."""
        inner = [self._record, *self.middlewares, self._fail, self._admit]
        app = web.Application(middlewares=inner, client_max_size=LARGEST_BODY)
        app.add_routes(self.routes())
        return app

    def writes(self, path: str = "") -> list[Seen]:
        """Return the requests below *path* that changed something, in order."""
        return [one for one in self.seen if one.applied and path in one.path]

    def refuse(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
        """Return an error as the vendor would."""
        return web.json_response(self.problem(status, code, message), status=status, headers=headers)

    def changed(self, request: web.Request) -> None:
        """Note that the request changes something."""
        request[SEEN].applied = True

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.json() if request.content_type == "application/json" and request.can_read_body else None
        seen = Seen(request.method, request.path, dict(request.query), body)
        request[SEEN] = seen
        self.seen.append(seen)
        if self.latency:
            await asyncio.sleep(self.latency)
        return await handler(request)

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.refuse(401, "INVALID_AUTHENTICATION", "the token is unknown")
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return self.refuse(404, "OBJECT_NOT_FOUND", "there is no such thing")

    @web.middleware
    async def _fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self.faults.take(request)
        if fault is None:
            return await handler(request)
        request[FAULT] = fault
        if fault.trouble is Trouble.STATUS:
            body = self.problem(fault.status, "SWITCHED_ON", "a fault") if fault.body is None else fault.body
            return web.json_response(body, status=fault.status, headers=fault.headers)
        if fault.trouble is Trouble.LOST_REQUEST:
            return _drop(request)
        if fault.trouble is Trouble.PAGE_NOT_FOUND:
            return web.Response(status=404, text="<h1>Not found</h1>", content_type="text/html")
        answer = await handler(request)
        match fault.trouble:
            case Trouble.LOST_ANSWER:
                return _drop(request)
            case Trouble.SLOW:
                await asyncio.sleep(fault.seconds)
                return answer
            case Trouble.GARBAGE:
                return web.Response(text='{"results": [{"id": "1', content_type="application/json")
            case Trouble.WRONG_TYPE:
                return web.Response(text="<h1>Down for maintenance</h1>", content_type="text/html")


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def serve(app: web.Application, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve *app* over real HTTP while the context lasts; yields its base URL. Port 0 takes a free one."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        address: Any = runner.addresses[0]
        yield f"http://{host}:{address[1]}"
    finally:
        await runner.cleanup()
