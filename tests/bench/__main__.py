"""`make bench`: one table of the figures the desk is held to, all measured in one run. `--only NAME` runs one row."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.bench.activities import activities
from tests.bench.burst import burst
from tests.bench.copies import copies
from tests.bench.crowd import crowd
from tests.bench.figures import Figure, Size, table
from tests.bench.hubspot import hubspot
from tests.bench.jobs import jobs
from tests.bench.many import many
from tests.bench.reading import reading
from tests.bench.rights import rights
from tests.bench.searching import search
from tests.bench.slack import slack
from tests.bench.teams import teams
from tests.bench.vitals import cold_start, idle, install

Measures = Callable[[Size, Path], Awaitable[list[Figure]]]
ROWS: Final[Mapping[str, Measures]] = {
    "cold-start": cold_start,
    "install": install,
    "idle": idle,
    "slack": slack,
    "teams": teams,
    "copies": copies,
    "crowd": crowd,
    "activities": activities,
    "search": search,
    "jobs": jobs,
    "reading": reading,
    "burst": burst,
    "hubspot": hubspot,
    "rights": rights,
    "many": many,
}
FAILED: Final = "not measured"


async def measured(names: Sequence[str], size: Size, folder: Path) -> list[Figure]:
    """Return the figures of the named rows, measured one row after the other."""
    figures: list[Figure] = []
    for name in names:
        sys.stderr.write(f"measuring {name} ...\n")
        try:
            figures += await ROWS[name](size, folder)
        except Exception as trouble:  # noqa: BLE001 - the other rows are still worth their minutes
            why = str(trouble).strip().splitlines()[-1:] or [""]
            figures.append(Figure(name, "to be measured", f"{FAILED}: {type(trouble).__name__} {why[0]}", met=False))
    return figures


def main() -> int:
    """Measure and print; exit 1 when a figure that was asked for is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=ROWS, help="one row; may be given several times")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        figures = asyncio.run(measured(chosen.only or list(ROWS), Size(), Path(folder)))
    print(table(figures))
    return int(any(figure.met is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
