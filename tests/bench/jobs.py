"""The job loop's pace, and whether memory stays flat while tickets come in. For information: nothing is asked."""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from bot.app.clock import SystemClock
from bot.app.wiring import opened
from config.settings import load
from handlers.console import CHAT, ConsoleMessenger
from integrations.registry import discover, stand_ins
from tests.bench.children import installation, resident_megabytes
from tests.bench.figures import Figure, Size
from tests.bench.tickets import take_in_many
from tests.bench.vitals import today

PORTIONS = 4  # how often memory is looked at


async def jobs(size: Size, folder: Path) -> list[Figure]:
    """Tickets are taken in and their cards drawn, in a process of its own, so that nobody else's memory counts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.jobs", str(folder / "jobs"), str(size.tickets)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the job loop's bench did not end well")
    pace, *megabytes = map(float, said.split())
    sizes = " – ".join(f"{one:.0f}" for one in megabytes)
    return [
        Figure("jobs", "–", f"{pace:.0f} a second (cards drawn, one store, one process)"),
        Figure("memory", "flat", f"{sizes} MB over {size.tickets} tickets"),
    ]


async def _work(folder: Path, tickets: int) -> str:
    portion, megabytes, jobs_done, seconds = max(tickets // PORTIONS, 1), [], 0, 0.0
    async with stand_ins(discover(), today()) as vendors:
        desk = installation(folder, systems={key: one.stanza for key, one in vendors.items()})
        chat = {CHAT: ConsoleMessenger()}
        async with opened(load(desk.overrides()), SystemClock(), lambda *_: chat) as full:
            for first in range(0, tickets, portion):
                await take_in_many(full, first, min(portion, tickets - first))
                began = perf_counter()
                jobs_done += await full.runner.drain()
                seconds += perf_counter() - began
                megabytes.append(resident_megabytes("self"))
    return " ".join(f"{one:.1f}" for one in (jobs_done / seconds, *megabytes))


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_work(Path(sys.argv[1]), int(sys.argv[2]))))
