"""Sealing a package and handing it out, portion by portion.

The zip is the whole copy, or what Art. 20 covers of it. A copy is written as it is read
from the vault and sealed in portions with a list of contents that is written last: without
it there is no package. So neither making one nor fetching one ever holds the whole of it.

A copy is made in three passes, over the shelf as it lay when the first began. What is small
is opened once for all three: most copies are, and each opening is a transaction.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.locking import lock_on
from bot.domain.policy_text import Portable
from bot.domain.portable import covered, provided
from bot.domain.request import RequestType
from bot.domain.system import Exported, Operation, Record
from bot.domain.task import Lock, TaskState
from bot.domain.ticket import Part, Ticket
from bot.letters.package import Packer, paths_of
from bot.letters.portable import pack_portable
from bot.ports import Shelf, Unit
from bot.services.house import House
from bot.services.records.exporting import is_gone, records_in
from bot.services.records.redacted import OTHERS, Taken, outgoing

#: Bytes of a sealed portion: small beside what a process holds anyway, few enough to be quick.
PORTION: Final = 2 * 1024 * 1024


@dataclass(slots=True)
class _Parcel:
    """The package on its way into the vault."""

    house: House
    ticket_id: str
    name: str
    portions: int = 0
    size: int = 0
    held: bytes = b""

    async def put(self, piece: bytes) -> None:
        """Take *piece* in; seal what has gathered, once it is a portion."""
        self.held += piece
        if len(self.held) >= PORTION:
            async with self.house.work() as unit:
                await self._seal(unit)

    async def finish(self, unit: Unit, piece: bytes) -> None:
        """Seal the last portion and the list of contents: from now on there is a package."""
        self.held += piece
        await self._seal(unit)
        listed = json.dumps({"portions": self.portions, "size": self.size}).encode()
        await unit.vault.put(self.ticket_id, Shelf.FINDINGS, self.name, listed)

    async def _seal(self, unit: Unit) -> None:
        await unit.vault.put(self.ticket_id, Shelf.FINDINGS, f"{self.name}/{self.portions:05}", self.held)
        self.portions += 1
        self.size += len(self.held)
        self.held = b""


@dataclass(slots=True)
class _Kept:
    """The findings of a ticket: their names as they lay there once, and what was small enough to keep at hand."""

    house: House
    ticket_id: str
    names: Sequence[str] = ()
    _at_hand: dict[str, bytes] = field(default_factory=dict)
    _bytes: int = 0

    async def look(self, tasks: Sequence[str]) -> None:
        """List what is there, and open as much of what those tasks took out as may be kept at hand."""
        async with self.house.work() as unit:
            self.names = await unit.vault.names(self.ticket_id, Shelf.FINDINGS)
            for task in tasks:
                for name in self.below(f"export/{task}/"):
                    if self._bytes >= PORTION:
                        return
                    self._at_hand[name] = await unit.vault.get(self.ticket_id, Shelf.FINDINGS, name)
                    self._bytes += len(self._at_hand[name])

    def below(self, prefix: str) -> list[str]:
        """Return the names that begin so, in order."""
        return [name for name in self.names if name.startswith(prefix)]

    async def portion(self, name: str) -> list[Taken | None]:
        """Return the records of a portion as they go out: as they were judged, None for what is left out."""
        records = records_in(await self.opened(name))
        if not any(one.get(OTHERS) for one in records):
            return list(records)
        async with self.house.work() as unit:
            return await outgoing(unit, self.ticket_id, name, records)

    async def opened(self, name: str) -> bytes:
        """Return a content."""
        if name in self._at_hand:
            return self._at_hand[name]
        async with self.house.work() as unit:
            return await unit.vault.get(self.ticket_id, Shelf.FINDINGS, name)


@dataclass(frozen=True, slots=True)
class _Source:
    """What one task took out: records by portion, then the files a colleague added."""

    kept: _Kept
    system: str
    task_id: str
    places: tuple[str, ...]

    async def records(self) -> AsyncIterator[tuple[int, Exported]]:
        """Yield every record that goes out, as it was judged, with its number from one on; of its files the names."""
        number = 0
        for name in self.kept.below(f"export/{self.task_id}/"):
            for one in await self.kept.portion(name):
                number += 1
                if one is None or is_gone(one):
                    continue  # left out by colleagues, or the letter does not say that it lies here
                files, blanked = tuple((file, b"") for file in one["files"]), one.get("blanked", 0)
                record = Record(self.system, one["kind"], f"{number - 1:05}")
                yield number, Exported(record, one["fields"], files, blanked)
        prefix = f"upload/{self.task_id}/"
        for name in self.kept.below(prefix):
            number += 1
            yield number, Exported(Record(self.system, "file", name), {}, ((name.removeprefix(prefix), b""),))

    async def files(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield every file with its path in the package."""
        async for number, one in self.records():
            names = [name for name, _ in one.files]
            for path, name in zip(paths_of(self.system, number, names), names, strict=True):
                yield path, await self.kept.opened(self._place(one, name))

    async def given(self, entries: Sequence[Portable]) -> AsyncIterator[Exported]:
        """Yield what the person gave of every record, with the contents of its files."""
        async for _, one in self.records():
            if (mine := provided(one, entries, chosen=_added(one))) is not None:
                files = [(name, await self.kept.opened(self._place(one, name))) for name, _ in mine.files]
                yield replace(mine, files=tuple(files))

    def _place(self, one: Exported, name: str) -> str:
        if _added(one):
            return one.record.id
        return f"{'copied' if one.masked else 'file'}/{self.task_id}/{one.record.id}/{name}"


def _added(one: Exported) -> bool:
    """Whether a colleague added the file; a system may call its own records files, too."""
    return one.record.id.startswith("upload/")


async def seal_package(house: House, ticket: Ticket, part: Part) -> None:
    """Put what was taken out of every system into one sealed package; nothing when nothing was taken out."""
    done = [t for t in ticket.tasks_of(part) if t.operation is Operation.EXPORT and t.state is TaskState.DONE]
    if not done:
        return
    kept = _Kept(house, ticket.id)
    await kept.look([task.id for task in done])
    sources = sorted((_Source(kept, task.system, task.id, task.places) for task in done), key=_system)
    parcel = _Parcel(house, ticket.id, f"package/{part.id}")
    if part.type is RequestType.PORTABILITY:
        last = await _portable(house, ticket, sources)
    else:
        last = await _copy(house, ticket, sources, parcel)
    async with house.work() as unit:
        await parcel.finish(unit, last)
        facts: dict[str, str | int] = {"part": part.position, "systems": len(sources)}
        await unit.ledger.write(ticket.id, LedgerEvent.PACKAGE_SEALED, DESK, facts)


async def _portable(house: House, ticket: Ticket, sources: Sequence[_Source]) -> bytes:
    """Return what the person gave, on consent or by contract, and nothing else (Art. 20, R35); it fits in memory."""
    roles = house.policy.roles_held(ticket.roles, [place for one in sources for place in one.places])
    entries = covered(house.policy.portable, roles)
    given = {source.system: [one async for one in source.given(entries)] for source in sources}
    return await asyncio.to_thread(pack_portable, house.stationery, ticket.language, given, house.words, entries)


async def _copy(house: House, ticket: Ticket, sources: Sequence[_Source], parcel: _Parcel) -> bytes:
    """Put the copy into the parcel but for its end, which is returned."""
    packer = Packer(house.stationery, ticket.language, ticket.ref, house.words)
    for source in sources:
        packer.begin_records()
        async for number, one in source.records():
            await asyncio.to_thread(packer.record, source.system, number, one)
            await parcel.put(packer.taken())
        packer.end_records(source.system)
    for source in sources:
        async for path, body in source.files():
            await asyncio.to_thread(packer.file, path, body)
            await parcel.put(packer.taken())
    packer.begin_page()
    for source in sources:
        packer.begin_section(source.system)
        async for number, one in source.records():
            packer.table(source.system, number, one)
            await parcel.put(packer.taken())
        packer.end_section()
    packer.close()
    return packer.taken()


def erased_after_copy(house: House, ticket: Ticket) -> Part | None:
    """Return the part whose erasure waits until the person has the copy (D3); None when none does."""
    for task in ticket.tasks:
        if task.operation is Operation.ERASE and not task.settled:
            part = ticket.part(task.part_id)
            if lock_on(ticket, part, task, house.now(), house.calendar) is Lock.PACKAGE:
                return part
    return None


async def size_of(unit: Unit, ticket_id: str, part: Part) -> int:
    """Return how many bytes a part's package has. Raises `NotFound` or `Shredded`."""
    return int(json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, f"package/{part.id}"))["size"])


async def pieces_of(
    house: House, ticket_id: str, part: Part, stands: Callable[[Unit], Awaitable[bool]] | None = None
) -> AsyncIterator[bytes]:
    """Yield a package portion by portion, each opened in a transaction of its own.

    Raises `NotFound` as soon as what the person opened no longer *stands*: the rest need not go too (R64).
    """
    name = f"package/{part.id}"
    async with house.work() as unit:
        count = json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, name))["portions"]
    for number in range(count):
        async with house.work() as unit:
            if stands is not None and not await stands(unit):
                raise NotFound("refusal.session_over")
            piece = await unit.vault.get(ticket_id, Shelf.FINDINGS, f"{name}/{number:05}")
        yield piece


def _system(source: _Source) -> str:
    return source.system
