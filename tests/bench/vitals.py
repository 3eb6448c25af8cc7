"""What the desk costs before anybody asks it anything: its start, its libraries, its memory."""

import asyncio
import subprocess
import sys
import venv
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

from bot.app.clock import SystemClock
from bot.domain.deadline import local_date
from integrations.registry import discover, stand_ins
from tests.bench.children import in_teams, installation, resident_megabytes, running
from tests.bench.figures import Figure, Size
from tests.standins.slack import serve_slack

START_SECONDS = 2.5
INSTALLED_MEGABYTES = 190
IDLE_MEGABYTES = 130
EVERYTHING = "every system, Slack and Teams"
HERE = Path(__file__).parents[2]


async def cold_start(size: Size, folder: Path) -> list[Figure]:
    """From the command to /readyz with everything set up, on an empty folder (the store is made and migrated)."""
    starts, imports = [], []
    async with serve_slack() as slack, stand_ins(discover(), today()) as vendors:
        stanzas = {key: one.stanza for key, one in vendors.items()}
        for number in range(size.starts):
            desk = in_teams(installation(folder / f"start-{number}", slack, stanzas))
            async with running(["bot", "run"], desk.variables, f"{desk.url}/readyz") as child:
                starts.append(child.seconds)
            imports.append(await asyncio.to_thread(_import_seconds))
    seconds, share = median(starts), median(imports) / median(starts)
    measured = f"{seconds:.2f} s, of it {share:.0%} imports (median of {size.starts}; {EVERYTHING})"
    return [Figure("cold-start", f"< {START_SECONDS} s", measured, seconds < START_SECONDS)]


def _import_seconds() -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-c", "import bot.__main__"], check=True, cwd=HERE)
    return perf_counter() - began


async def install(size: Size, folder: Path) -> list[Figure]:
    """On disk: a fresh virtual environment with what `requirements.txt` locks, and nothing else."""
    return [await asyncio.to_thread(_installed, size.libraries, folder / "venv")]


def _installed(libraries: str, folder: Path) -> Figure:
    asked = f"< {INSTALLED_MEGABYTES} MB"
    venv.create(folder, with_pip=bool(libraries))
    empty = _megabytes(folder)
    if libraries:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        locked = ["--no-deps", "--require-hashes", "-r", str(HERE / libraries)]
        done = subprocess.run([*pip, *locked], check=False, capture_output=True, text=True)
        if done.returncode:
            why = done.stderr.strip().splitlines()[-1:] or ["pip failed"]
            return Figure("install", asked, f"not measured: {why[0]}", met=False)
    whole = _megabytes(folder)
    measured = f"{whole:.0f} MB, of it {empty:.0f} MB the empty environment"
    return Figure("install", asked, measured, whole < INSTALLED_MEGABYTES)


def _megabytes(folder: Path) -> float:
    files = [path.lstat() for path in folder.rglob("*")]
    return sum(file.st_blocks * 512 for file in files) / 1_000_000


async def idle(size: Size, folder: Path) -> list[Figure]:
    """Memory of `python -m bot run` with everything set up, on an empty folder, after a while of nobody asking."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(serve_slack())
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        stanzas = {key: one.stanza for key, one in vendors.items()}
        desk = in_teams(installation(folder / "idle", slack, stanzas))
        child = await stack.enter_async_context(running(["bot", "run"], desk.variables, f"{desk.url}/readyz"))
        await asyncio.sleep(size.idle_seconds)
        megabytes = resident_megabytes(child.process.pid)
    measured = f"{megabytes:.0f} MB (after {size.idle_seconds:.0f} s; {EVERYTHING})"
    return [Figure("idle", f"< {IDLE_MEGABYTES} MB", measured, megabytes < IDLE_MEGABYTES)]


def today() -> date:
    """Return today's date in Sweden."""
    return local_date(SystemClock().now())
