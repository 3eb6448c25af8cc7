"""Taking a person's records out of one system into the vault, a portion at a time.

However much there is, no more than a portion lies in memory. What is kept already is not
fetched again, so that a task killed in the middle goes on where it was; each portion is
written only while the task is still ours, and the last one with the task's end, in one
transaction: most copies are one portion.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.domain.errors import NeedsHuman
from bot.domain.system import Exported, Record
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Shelf, System, TakesMany, Unit
from bot.services import casefile
from bot.services.house import House

#: A portion is written when it has so many records, or so many bytes.
RECORDS: Final = 100
BYTES: Final = 1024 * 1024

StillHeld = Callable[[Unit, Task], Awaitable[Ticket]]


@dataclass(frozen=True, slots=True)
class Begun:
    """What an export goes by: who the person is, what the search found, how much of it an earlier attempt kept."""

    person: casefile.Person
    records: tuple[Record, ...]
    kept: int


async def begin(unit: Unit, ticket: Ticket, task: Task) -> Begun:
    """Open what an export goes by."""
    person = await casefile.person_of(unit, ticket.id)
    records = await casefile.records_of(unit, ticket.id, task.system)
    return Begun(person, records, await _kept(unit, ticket.id, task))


async def export(
    house: House, ticket: Ticket, task: Task, system: System, begun: Begun, still_held: StillHeld
) -> "Portion":
    """Fetch every record found into the vault, but for the last portion, which is returned. Raises `SystemTrouble`."""
    records = begun.records
    if not records:  # the search was closed by hand: what a colleague saw must be found again to be handed over
        kinds = system.manifest.knows(ticket.roles)
        known = tuple(one for one in begun.person.identifiers() if one.kind in kinds)
        records = tuple(await system.find(known))
        if not records:
            raise NeedsHuman("trouble.not_found_again")
        async with house.work() as unit:
            await casefile.keep_records(unit, ticket.id, task.system, records)
    portion = Portion(house, ticket.id, task, still_held, begun.kept, Counter(record.kind for record in records))
    async for exported in _taken_out(system, records[begun.kept :]):
        await portion.add(exported)
    return portion


async def _taken_out(system: System, records: Sequence[Record]) -> AsyncIterator[Exported]:
    if isinstance(system, TakesMany):
        async for exported in system.export_all(records):
            yield exported
        return
    for record in records:
        yield await system.export(record)


@dataclass(slots=True)
class Portion:
    """What was fetched and is not written yet; `counts` is how many of each kind there are in all."""

    house: House
    ticket_id: str
    task: Task
    still_held: StillHeld
    first: int
    counts: Counter[str]
    _records: list[dict[str, object]] = field(default_factory=list)
    _files: list[tuple[str, bytes]] = field(default_factory=list)
    _bytes: int = 0
    _masked: int = 0

    async def add(self, exported: Exported) -> None:
        """Take a record in; write the portion when it is full."""
        number = self.first + len(self._records)
        names = [name for name, _ in exported.files]
        fields = json.loads(json.dumps(dict(exported.fields), ensure_ascii=False, default=str))
        self._records.append({"kind": exported.record.kind, "fields": fields, "files": names})
        self._files += [(f"{number:05}/{name}", body) for name, body in exported.files]
        self._masked += exported.masked
        self._bytes += len(json.dumps(fields)) + sum(len(body) for _, body in exported.files)
        if len(self._records) >= RECORDS or self._bytes >= BYTES:
            async with self.house.work() as unit:
                await self.still_held(unit, self.task)
                await self.write(unit)

    async def write(self, unit: Unit) -> None:
        """Seal what was taken in, files and records together; the caller has seen that the task is still ours."""
        if not self._records:
            return
        sealed = json.dumps({"records": self._records}, ensure_ascii=False).encode()
        for file_name, body in self._files:
            await unit.vault.put(self.ticket_id, Shelf.FINDINGS, f"file/{self.task.id}/{file_name}", body)
        await unit.vault.put(self.ticket_id, Shelf.FINDINGS, f"export/{self.task.id}/{self.first:05}", sealed)
        await casefile.count_masked(unit, self.ticket_id, self.task.id, self._masked)
        self.first += len(self._records)
        self._records, self._files, self._bytes, self._masked = [], [], 0, 0


async def _kept(unit: Unit, ticket_id: str, task: Task) -> int:
    """Return how many records an earlier attempt has kept."""
    names = await unit.vault.names(ticket_id, Shelf.FINDINGS, f"export/{task.id}/")
    if not names:
        return 0
    last = await unit.vault.get(ticket_id, Shelf.FINDINGS, names[-1])
    return int(names[-1].rpartition("/")[2]) + len(records_in(last))


def records_in(sealed: bytes) -> list[Mapping[str, Any]]:
    """Return the records of a portion; one kept before portions were is a record by itself."""
    kept = json.loads(sealed)
    records: list[Mapping[str, Any]] = kept.get("records", [kept])
    return records
