"""Whether the last byte of an answer was handed over, as far as a server can know it.

Writing only fills buffers here: a person who hung up half-way would look like one who has it all. So the
connection's own count is asked, of what the other end has not acknowledged. A proxy in front acknowledges for
the person; what broke off behind it the person fetches again.
"""

import asyncio
import os
import socket
import struct
from types import TracebackType
from typing import Final, Self

try:
    from fcntl import ioctl
    from termios import TIOCOUTQ  # of a TCP connection: bytes sent or to be sent, and not acknowledged yet
except ImportError:  # pragma: no cover - no such count on this system: what has left our own buffer is taken for sent
    ioctl = None  # type: ignore[assignment]

#: Linux's word for a connection that was reset.
RESET: Final = 7
#: Seconds in which a slow line may take what already lies in the buffers.
PATIENCE: Final = 600.0
FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.25


class Handover:
    """A second hold on a request's connection: it still tells how it ended when the other end has gone."""

    def __init__(self, transport: asyncio.Transport | None) -> None:
        self._transport = transport
        held = transport.get_extra_info("socket") if transport is not None else None
        self._socket = socket.socket(fileno=os.dup(held.fileno())) if held is not None and held.fileno() >= 0 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            self._socket.close()

    async def reached(self, patience: float = PATIENCE) -> bool:
        """Wait until the other end has taken everything written; False when it hung up or takes too long."""
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + patience, FIRST_PAUSE
        while not self._gone():
            if not self._left():
                return True
            if loop.time() >= until:
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return False

    def _gone(self) -> bool:
        """Whether the connection was broken off; an end that took everything and then closed is none."""
        if self._transport is None or self._socket is None:
            return True
        try:
            return self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == RESET
        except (OSError, AttributeError):
            return self._transport.is_closing()

    def _left(self) -> int:
        """Return how many bytes lie here still, or under way."""
        if self._transport is None or self._socket is None:
            return 1
        ours = self._transport.get_write_buffer_size()
        if ours or ioctl is None:
            return int(ours)
        try:
            return int(struct.unpack("i", ioctl(self._socket.fileno(), TIOCOUTQ, bytes(4)))[0])
        except OSError:
            return 0
