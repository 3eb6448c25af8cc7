"""A browser whose line stops: it takes the beginning of an answer and no more, until it hangs up."""

import asyncio
import socket
from urllib.parse import urlsplit

#: As little as the system lets a line hold, some two thousand bytes: what is beyond has not reached anybody.
NARROW = 1


class Stalled:
    """A POST whose answer is only begun."""

    def __init__(self, url: str, cookie: str) -> None:
        self._url, self._cookie = urlsplit(url), cookie
        self._socket = socket.socket()
        self._socket.settimeout(20)

    async def begin(self) -> bytes:
        """Ask on a narrow line, and take the first bytes of the answer."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
        return await asyncio.to_thread(self._begin)

    def _begin(self) -> bytes:
        self._socket.connect((self._url.hostname or "", self._url.port or 80))
        head = f"POST {self._url.path} HTTP/1.1\r\nHost: {self._url.netloc}\r\nCookie: {self._cookie}\r\n"
        self._socket.sendall(f"{head}Content-Length: 0\r\n\r\n".encode())
        return self._socket.recv(1000)

    async def whole(self) -> bytes:
        """Ask, take everything, and hang up at once."""
        return await asyncio.to_thread(self._take)

    def _take(self) -> bytes:
        taken = self._begin()
        while b"\r\n\r\n" not in taken or len(taken) < _whole(taken):
            piece = self._socket.recv(65536)
            if not piece:
                break
            taken += piece
        self.hang_up()
        return taken

    def hang_up(self) -> None:
        """Close the line."""
        self._socket.close()


def _whole(taken: bytes) -> int:
    """Return how long the answer is, head and all."""
    head, _, _ = taken.partition(b"\r\n\r\n")
    lengths = [row for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")]
    return len(head) + 4 + int(lengths[0].partition(b":")[2])
