"""A port for a program under test, from a range the system hands to nobody else.

Asking the system for "any port" and letting it go again is a trap beside other tests:
until the program binds it, the system may give it to somebody's outgoing connection.
"""

import os
import socket
from itertools import count
from typing import Final

HOST: Final = "127.0.0.1"
#: Below Linux' own ephemeral ports (32768 and up, net.ipv4.ip_local_port_range).
FIRST: Final = 18_000
EACH: Final = 1_000  # ports for one pytest-xdist worker
WORKERS: Final = 14

_tried = count(os.getpid())


def free_port() -> int:
    """Return a port of this machine that nobody listens on and no other worker of this run is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    for turn in _tried:
        port = FIRST + worker * EACH + turn % EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: past connections do not count
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise AssertionError("count() has no end")
