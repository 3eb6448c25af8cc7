"""Taking a person's records out of one system into the vault, a portion at a time.

However much there is, no more than a portion lies in memory. What is kept already is not
fetched again, so that a task killed in the middle goes on where it was; each portion is
written only while the task is still ours, and the last one with the task's end, in one
transaction: most copies are one portion. A record that is gone since it was found comes
without fields and files: it keeps its place, and counts for nothing.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bot.domain.errors import NeedsHuman
from bot.domain.portable import provided
from bot.domain.redaction import may_concern_others, taken_out
from bot.domain.request import RequestType
from bot.domain.system import Exported, Identifier, Operation, Record
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import ProvesGone, Shelf, System, TakesMany, Unit
from bot.services import casefile
from bot.services.house import House
from bot.services.records.redacted import OTHERS

#: A portion is written when it has so many records, or so many bytes.
RECORDS: Final = 100
BYTES: Final = 1024 * 1024
#: A search older than this is made again before the first record is fetched.
FRESH: Final = timedelta(days=1)

StillHeld = Callable[[Unit, Task], Awaitable[Ticket]]


@dataclass(frozen=True, slots=True)
class Begun:
    """What an export goes by: who the person is, what the search found, how much of it an earlier attempt kept.

    `came` counts the kept ones, by kind, that had anything in them.
    """

    person: casefile.Person
    records: tuple[Record, ...]
    kept: int
    came: Counter[str]


async def begin(unit: Unit, ticket: Ticket, task: Task) -> Begun:
    """Open what an export goes by."""
    person = await casefile.person_of(unit, ticket.id)
    records = await casefile.records_of(unit, ticket.id, task.system)
    kept, came = await _kept(unit, ticket.id, task)
    return Begun(person, records, kept, came)


async def kept_so_far(unit: Unit, ticket_id: str, task: Task) -> Counter[str]:
    """Return how many records, by kind, the attempts so far have kept."""
    return (await _kept(unit, ticket_id, task))[1]


async def export(
    house: House, ticket: Ticket, task: Task, system: System, begun: Begun, still_held: StillHeld
) -> "Portion":
    """Fetch every record found into the vault, but for the last portion, which is returned. Raises `SystemTrouble`."""
    records = begun.records
    if not records or (not begun.kept and _is_old(house, ticket, task)):
        kinds = system.manifest.knows(ticket.roles)
        known = tuple(one for one in begun.person.identifiers() if one.kind in kinds)
        records = await _found_now(system, known, records)
        async with house.work() as unit:
            await still_held(unit, task)
            await casefile.keep_records(unit, ticket.id, task.system, records)
    portion = Portion(house, ticket, task, still_held, begun.kept, begun.came.copy())
    async for exported in _taken_out(system, records[begun.kept :]):
        await portion.add(exported)
    return portion


def _is_old(house: House, ticket: Ticket, task: Task) -> bool:
    """Whether so long has passed since the search that there may be more by now, and the copy would be short of it."""
    searches = (one for one in ticket.tasks if one.operation is Operation.FIND and one.system == task.system)
    return any(one.settled_at is not None and house.now() - one.settled_at > FRESH for one in searches)


async def _found_now(system: System, person: Sequence[Identifier], known: Sequence[Record]) -> tuple[Record, ...]:
    """Return what was known and what is there now. What a colleague saw must be found again to be handed over.

    A contact that is still there and bears none of the person's addresses any more may be somebody else's by now:
    a colleague looks before it is in anybody's copy.
    """
    now = {(one.kind, one.id): one for one in await system.find(person)}
    if not known and not now:
        raise NeedsHuman("trouble.not_found_again")
    missing = [one for one in known if one.contacts and (one.kind, one.id) not in now]
    if missing and isinstance(system, ProvesGone) and await system.still_there(missing):
        raise NeedsHuman("trouble.strayed_copy")
    old = {(one.kind, one.id) for one in known}
    return (
        *(now.get((one.kind, one.id), one) for one in known),
        *(one for name, one in now.items() if name not in old),
    )


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
    ticket: Ticket
    task: Task
    still_held: StillHeld
    first: int
    came: Counter[str]
    _records: list[dict[str, object]] = field(default_factory=list)
    _files: list[tuple[str, bytes]] = field(default_factory=list)
    _bytes: int = 0
    _masked: int = 0
    _others: int = 0

    async def add(self, exported: Exported) -> None:
        """Take a record in; write the portion when it is full."""
        number = self.first + len(self._records)
        names = [name for name, _ in exported.files]
        fields = json.loads(json.dumps(dict(exported.fields), ensure_ascii=False, default=str))
        record: dict[str, object] = {"kind": exported.record.kind, "fields": fields, "files": names}
        if self._is_to_be_judged(exported):
            record[OTHERS] = True
            self._others += 1
        self._records.append(record)
        self._files += [(f"{number:05}/{name}", body) for name, body in exported.files]
        if fields or names:
            self.came[exported.record.kind] += 1
        self._masked += exported.masked
        self._bytes += len(json.dumps(fields)) + sum(len(body) for _, body in exported.files)
        if len(self._records) >= RECORDS or self._bytes >= BYTES:
            async with self.house.work() as unit:
                await self.write(unit, await self.still_held(unit, self.task))

    async def write(self, unit: Unit, ticket: Ticket) -> Ticket:
        """Seal what was taken in, files and records together; return the ticket with what of it is to be judged.

        The caller has seen that the task is still ours.
        """
        if not self._records:
            return ticket
        sealed = json.dumps({"came": self.came, "records": self._records}, ensure_ascii=False).encode()
        for file_name, body in self._files:
            await unit.vault.put(ticket.id, Shelf.FINDINGS, f"file/{self.task.id}/{file_name}", body)
        await unit.vault.put(ticket.id, Shelf.FINDINGS, f"export/{self.task.id}/{self.first:05}", sealed)
        if self._others or self._masked:
            marked = taken_out(ticket, self.task.id, self._others, self._masked)
            ticket = await unit.tickets.save(ticket, marked)
        self.first += len(self._records)
        self._records, self._files, self._bytes, self._masked, self._others = [], [], 0, 0, 0
        return ticket

    def _is_to_be_judged(self, exported: Exported) -> bool:
        """Whether a person looks at the record before it leaves; of a portable file only at what may be in it."""
        if not may_concern_others(exported.record) or not (exported.fields or exported.files):
            return False
        portable = self.ticket.part(self.task.part_id).type is RequestType.PORTABILITY
        return not portable or provided(exported, self.house.policy.portable) is not None


async def _kept(unit: Unit, ticket_id: str, task: Task) -> tuple[int, Counter[str]]:
    """Return how many records earlier attempts kept, and how many of each kind came whole: a portion says of all."""
    names = await unit.vault.names(ticket_id, Shelf.FINDINGS, f"export/{task.id}/")
    if not names:
        return 0, Counter()
    last = await unit.vault.get(ticket_id, Shelf.FINDINGS, names[-1])
    return int(names[-1].rpartition("/")[2]) + len(records_in(last)), Counter(json.loads(last).get("came", {}))


def is_gone(one: Mapping[str, Any]) -> bool:
    """Whether a kept record had nothing in it: it was found once and is no more."""
    return not one["fields"] and not one["files"]


def records_in(sealed: bytes) -> list[Mapping[str, Any]]:
    """Return the records of a portion; one kept before portions were is a record by itself."""
    kept = json.loads(sealed)
    records: list[Mapping[str, Any]] = kept.get("records", [kept])
    return records
