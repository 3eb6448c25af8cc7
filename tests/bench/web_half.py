"""The half of the desk that answers, in a process of its own: `python -m tests.bench.web_half`.

The floor carries nothing out, so neither may the desk beside it; `python -m bot web`
does the same, but only on PostgreSQL.
"""

import asyncio

from bot.app import chats, serve
from bot.app.clock import SystemClock
from config.settings import load


async def answer() -> None:
    """Answer until asked to end."""
    settings = load()
    halves = serve.Halves(worker=False)
    async with serve.served(settings, SystemClock(), chats.messengers(settings, SystemClock()), halves=halves):
        await serve.until_stopped()


if __name__ == "__main__":
    asyncio.run(answer())
