"""Somebody of whom a system holds ten thousand records: how much memory a copy and an erasure of them take.

Measured in a program of its own, once with few records and once with many: what the many
take beyond the few must not grow with their number.
"""

import asyncio
import json
import resource
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from bot.domain.system import Exported, Identifier, Operation, Receipt, Record
from tests.bench.figures import Figure, Size
from tests.bench.rights import SYSTEMS, Slow, street

FEW: Final = 100
MOST_MORE: Final = 48  # MB
WORDS: Final = "En anteckning om ett möte, med några meningar i. " * 20


class Many(Slow):
    """A system that holds many records, and takes them many at a time."""

    def __init__(self, key: str, number: int) -> None:
        super().__init__(key, 0)
        self._left = number

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        return [Record(self.manifest.key, "note", str(number)) for number in range(self._left)]

    async def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        for record in records:
            await asyncio.sleep(0)
            yield Exported(record, {"words": WORDS, "number": record.id})

    async def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        for record in records:
            await asyncio.sleep(0)
            self._left -= 1
            yield Receipt(Operation.ERASE, record.kind, record.id)

    def _holds(self, record: Record) -> bool:
        return bool(self._left)


async def many(size: Size, folder: Path) -> list[Figure]:
    """How much more memory many records take than few, and how long they take."""
    few, whole = [await _child(number) for number in (min(FEW, size.records), size.records)]
    more = (whole["rss"] - few["rss"]) / 1024
    took = f"copy {whole['access']:.1f} s, erasure {whole['erasure']:.1f} s"
    return [
        Figure(
            f"memory for {size.records} records",
            f"<= {MOST_MORE} MB more",
            f"{more:.0f} MB more than for {FEW} ({took})",
            met=more <= MOST_MORE,
        )
    ]


async def _child(number: int) -> dict[str, float]:
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, str(number), stdout=PIPE)
    said, _ = await child.communicate()
    assert child.returncode == 0
    measured: dict[str, float] = json.loads(said.splitlines()[-1])
    return measured


async def _measure(number: int, folder: Path) -> dict[str, float]:
    took = {}
    systems = {key: Many(key, number) for key in SYSTEMS[:1]}
    async with street(folder / "desk", systems) as walking:
        for right in ("access", "erasure"):
            began = perf_counter()
            await walking.walk(right, 1)
            took[right] = perf_counter() - began
    return {"rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, **took}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="many") as place:
        print(json.dumps(asyncio.run(_measure(int(sys.argv[1]), Path(place)))))
