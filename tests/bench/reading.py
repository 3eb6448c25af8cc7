"""The reading by itself: mails a minute on two cores, memory that stays flat, and one mail of eight megabytes.

Each figure is measured in a program of its own, so that nothing this one holds is counted.
"""

import asyncio
import json
import resource
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from time import perf_counter, process_time

from bot.reading import read
from tests.bench.children import resident_megabytes
from tests.bench.figures import Figure, Size
from tests.reading.mails import CONTEXT, MAILS_FOR_CHANCE, huge_mail

A_MINUTE = 10_000
CORES = 2
GROWTH_MEGABYTES = 10
HUGE_SECONDS = 1.0
HUGE_MEGABYTES = 60
WARM = 200  # mails read before memory is first looked at
HERE = Path(__file__).parents[2]


async def reading(size: Size, folder: Path) -> list[Figure]:
    """Read the open mix in as many programs as there are cores, then the huge mail alone."""
    each = size.mails // CORES
    began = perf_counter()
    halves = await asyncio.gather(*(_child("mix", str(each)) for _ in range(CORES)))
    wall = perf_counter() - began
    alone = sum(half["each_cpu_second"] for half in halves) / CORES
    rate = alone * CORES * 60  # by processor time: reading waits for nothing
    grown = max(half["grown"] for half in halves)
    mix = f"{rate:.0f} a minute of two cores; {alone:.0f} a second of one; {each * CORES} in {wall:.0f} s by the wall"
    (folder / "huge.eml").write_bytes(huge_mail())
    huge = await _child("huge", str(folder / "huge.eml"))
    weighed = f"{huge['seconds']:.2f} s, {huge['grown']:.0f} MB more"
    return [
        Figure("reading", f"{A_MINUTE} a minute", mix, rate >= A_MINUTE),
        Figure("reading-memory", f"< {GROWTH_MEGABYTES} MB more", f"{grown:.1f} MB more", grown < GROWTH_MEGABYTES),
        Figure(
            "reading-huge",
            f"< {HUGE_SECONDS:.0f} s, < {HUGE_MEGABYTES} MB",
            weighed,
            huge["seconds"] < HUGE_SECONDS and huge["grown"] < HUGE_MEGABYTES,
        ),
    ]


async def _child(*what: str) -> dict[str, float]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.reading", *what, stdout=PIPE, cwd=HERE
    )
    said, _ = await child.communicate()
    told: dict[str, float] = json.loads(said)
    return told


def _mix(count: int) -> dict[str, float]:
    """Read *count* mails, the open mix over and over."""
    for number in range(min(WARM, count)):
        read(MAILS_FOR_CHANCE[number % len(MAILS_FOR_CHANCE)], CONTEXT)
    before = resident_megabytes("self")
    busy = process_time()
    for number in range(count):
        read(MAILS_FOR_CHANCE[number % len(MAILS_FOR_CHANCE)], CONTEXT)
    busy = process_time() - busy
    return {"each_cpu_second": count / busy, "grown": resident_megabytes("self") - before}


def _huge(path: str) -> dict[str, float]:
    """Read the mail of eight megabytes once; the peak of memory is as the system tells it."""
    read(MAILS_FOR_CHANCE[0], CONTEXT)
    raw = Path(path).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = perf_counter()
    read(raw, CONTEXT)
    seconds = perf_counter() - began
    return {"seconds": seconds, "grown": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_mix(int(sys.argv[2])) if sys.argv[1] == "mix" else _huge(sys.argv[2])))
