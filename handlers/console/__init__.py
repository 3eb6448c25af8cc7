"""The browser desk of the demo: third renderer of the cards, and a made-up world around the desk.

Loopback only, no sign-in: whoever sits at the machine may act as any made-up colleague
(D41). It is never part of `run` or `web`.
"""

from handlers.console.front import FrontDesk, InFeed
from handlers.console.messenger import CHAT, ConsoleMessenger
from handlers.console.outside import Outside, Sample, SentLetter
from handlers.console.routes import console_routes

__all__ = [
    "CHAT",
    "ConsoleMessenger",
    "FrontDesk",
    "InFeed",
    "Outside",
    "Sample",
    "SentLetter",
    "console_routes",
]
