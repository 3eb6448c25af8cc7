"""Socket Mode as Slack's side of it: addresses good once, envelopes, acknowledgements, and all that goes wrong."""

import asyncio
import json
from collections.abc import Callable
from itertools import count
from typing import Any

from aiohttp import web

Json = dict[str, Any]
#: Seconds an answer is waited for: far less than Slack's three, so that a missing one fails soon.
PATIENCE = 0.5


class Sockets:
    """The connections one app holds. `opened` counts them, `acks` are the answers by envelope."""

    def __init__(self) -> None:
        self.opened = 0
        self.acks: dict[str, Json] = {}
        self.by: dict[str, int] = {}
        self.greets = True
        self.heard: Callable[[object], None] = lambda _: None
        self._tickets: set[str] = set()
        self._numbers = count(1)
        self._live: dict[int, web.WebSocketResponse] = {}
        self._changed = asyncio.Condition()

    def new_address(self, base: str) -> str:
        """Return an address that is good once."""
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        return f"{base.replace('http://', 'ws://')}/link?ticket={ticket}"

    @property
    def live(self) -> list[int]:
        """The connections that are open, by number, oldest first."""
        return sorted(self._live)

    async def connection(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408, text="Request Timeout")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        number = self.opened
        self._live[number] = socket
        if self.greets:
            await socket.send_json({"type": "hello", "num_connections": len(self._live)})
        await self._tell()
        try:
            async for frame in socket:
                ack = json.loads(frame.data)
                self.heard(ack.get("payload"))
                self.acks[ack["envelope_id"]] = ack
                self.by[ack["envelope_id"]] = number
                await self._tell()
        finally:
            self._live.pop(number, None)
            await self._tell()
        return socket

    async def connected(self, opened: int = 1) -> None:
        """Wait until so many connections have been opened, and one is."""
        async with asyncio.timeout(3), self._changed:
            await self._changed.wait_for(lambda: self.opened >= opened and bool(self._live))

    async def only(self, number: int) -> None:
        """Wait until one connection alone is open."""
        async with asyncio.timeout(3), self._changed:
            await self._changed.wait_for(lambda: self.live == [number])

    async def send(self, frame: object, number: int = 0) -> None:
        """Send a frame (JSON, text or bytes) over a connection, the newest unless *number* says which."""
        socket = self._live[number or max(self._live)]
        if isinstance(frame, bytes):
            await socket.send_bytes(frame)
        else:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def deliver(self, kind: str, payload: object, **more: object) -> Json | None:
        """Send a request and return what the desk answers; None when it does not say that it is done."""
        envelope = f"envelope-{next(self._numbers)}"
        await self.send({"envelope_id": envelope, "type": kind, "payload": payload, **more})
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: envelope in self.acks)
        except TimeoutError:
            return None
        return self.acks[envelope]

    async def disconnect(self, reason: str, number: int = 0) -> None:
        """Say that a connection will end; it is left open, as Slack does for a while."""
        await self.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}}, number)

    async def hang_up(self, number: int = 0) -> None:
        """Close a connection politely."""
        await self._live[number or max(self._live)].close()

    def break_off(self, number: int = 0) -> None:
        """Break a connection off without a word."""
        transport = self._live[number or max(self._live)]._req.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
