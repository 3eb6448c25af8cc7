"""Erasing in one system: look, act on each record as its nature and the rulings say, look again.

What is nobody else's goes for good. What is shared goes the way a colleague ruled (D20);
while one of them has not been ruled on nothing is touched, and the task is locked until
it has. A system that takes many records at once gets them so, in the order found.

A search leads to records by the person's address, so it proves nothing of one it no longer
shows: where the system can be asked by id it is, before the act and after it, and only what
is gone by that counts. A record that names its own person, and names another than before we
wrote anything, is a colleague's: erasing somebody else's data is the mistake nothing mends.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Final

from bot.domain.again import more_than_approved
from bot.domain.errors import NeedsHuman, TryLater
from bot.domain.shared import Ruling, Way, ground_of, to_erase
from bot.domain.system import Identifier, Record
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Dissociates, ProvesGone, System, TakesMany
from bot.services import casefile
from bot.services.casework.protecting import refuse_erasing
from bot.services.house import House
from bot.services.records import shared
from bot.services.records.ordering import erase_unseen

#: A marked write may still be under way at the vendor: looking sooner proves nothing.
SETTLING: Final = timedelta(seconds=5)
#: Records erased between two looks at whether the task is still ours, and nothing has come to keep them.
LOOK_EVERY: Final = 100

Mark = Callable[[House, Task], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records of each kind are gone, and on which ground something shared was kept ("" when nothing was).

    `held`: whether there was anything of the person when we came.
    """

    counts: Counter[str]
    ground: str = ""
    held: bool = True


@dataclass(frozen=True, slots=True)
class More:
    """More is there than was approved: what is there now."""

    listed: tuple[Record, ...]


async def erase(
    house: House, ticket: Ticket, task: Task, system: System, mark: Mark, gone: Counter[str]
) -> Erased | More | None:
    """Erase what is there now; None when something shared has first to be ruled on, `More` when a yes is lacking.

    *mark* writes down that an unsafe write is about to leave, and raises when the task is no longer ours (D34)
    or something has come to keep what would be erased. *gone* counts, by kind, what is seen to be gone or was accepted.
    """
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        known = await casefile.records_of(unit, ticket.id, task.system)
        rulings = await shared.rulings_of(unit, ticket.id, task.system)
        await refuse_erasing(unit, ticket)
    kinds = system.manifest.knows(ticket.roles)
    identifiers = tuple(one for one in person.identifiers() if one.kind in kinds)
    if system.manifest.unseen:
        return Erased(Counter(await erase_unseen(house, ticket, task, system, identifiers)))
    if task.writing_since is not None and house.now() < task.writing_since + SETTLING:
        raise TryLater("trouble.later", SETTLING)
    acting = _Acting(house, task, system, mark, rulings, identifiers, gone)
    there = await system.find(identifiers)
    if not known and not there:
        raise NeedsHuman("trouble.not_found_again")
    strayed = await acting.strayed(known, there)
    listed = acting.listed(known, there, strayed)
    if more_than_approved(task, listed, system.manifest, house.now()):
        return More(listed)
    waits = shared.still_waits(house, task.system, there, rulings)
    if waits or listed != known:
        async with house.work() as unit:
            await casefile.keep_records(unit, ticket.id, task.system, listed)
    if waits:
        return None
    going = [one for one in listed if acting.goes(one)]
    still = {_named(one) for one in (*strayed, *there)}
    gone.update(one.kind for one in going if _named(one) not in still)
    if await acting.carry_out([*strayed, *there]) and await acting.left(going):
        gone.clear()  # accepted, and yet some of it is seen: how much is gone is not known
        raise TryLater("trouble.still_there")
    return Erased(Counter(one.kind for one in going), ground_of(rulings), bool(listed))


@dataclass(frozen=True, slots=True)
class _Acting:
    house: House
    task: Task
    system: System
    mark: Mark
    rulings: Mapping[str, Ruling]
    person: Sequence[Identifier]
    gone: Counter[str]

    async def strayed(self, known: Sequence[Record], there: Sequence[Record]) -> Sequence[Record]:
        """Return what is to go and no search leads to any more, though the system still holds it.

        What has no contact point of its own – a note, a mail, a file – is what it was when two colleagues approved
        it, wherever it lies now. A contact may have become somebody else's since; only after our own first write,
        which it did not precede, is it one that the vendor has not yet let go of.
        """
        seen = {_named(one) for one in there}
        missing = [one for one in known if self.goes(one) and _named(one) not in seen]
        if not missing:
            return ()
        if not isinstance(self.system, ProvesGone):
            if not there and self.task.writing_since is None:
                raise NeedsHuman("trouble.not_found_again")  # the only door may have moved: that is no proof
            return ()
        still = await self.system.still_there(missing)
        if self.task.writing_since is None and any(one.contacts for one in still):
            raise NeedsHuman("trouble.strayed")
        return still

    def listed(self, known: Sequence[Record], there: Sequence[Record], strayed: Sequence[Record]) -> tuple[Record, ...]:
        """Return what stands to be dealt with: what has gone by itself before our first write is none of our doing."""
        old, now = {_named(one) for one in known}, {_named(one): one for one in (*strayed, *there)}
        ours = self.task.writing_since is not None
        kept = (now.get(_named(one), one) for one in known if ours or _named(one) in now or not self.goes(one))
        return (*kept, *(one for one in there if _named(one) not in old))

    async def carry_out(self, records: Sequence[Record]) -> bool:
        """Act on every record; return whether there was anything to do."""
        parted = [record for record in records if self._parts_from(record)]
        going = [replace(record, shared=False) for record in records if self.goes(record)]
        for record in parted:
            await self.mark(self.house, self.task)
            if isinstance(self.system, Dissociates):  # else a colleague has done it by hand
                await self.system.dissociate(record, self.person)
        if isinstance(self.system, TakesMany):
            await self._in_portions(self.system, going)
        else:
            for record in going:
                await self.mark(self.house, self.task)
                await self.system.erase(record)
                self.gone[record.kind] += 1
        return bool(parted or going)

    async def _in_portions(self, system: TakesMany, going: Sequence[Record]) -> None:
        if not going:
            return
        turns = {n for n, (one, following) in enumerate(pairwise(going), 1) if one.kind != following.kind}
        await self.mark(self.house, self.task)
        done, portions = 0, system.erase_all(going)
        try:
            async for receipt in portions:
                done += 1
                self.gone[receipt.kind] += 1
                if done % LOOK_EVERY == 0 or done in turns:  # what everything else hangs on is the last kind to go
                    await self.mark(self.house, self.task)
        finally:
            if isinstance(portions, AsyncGenerator):  # stopped in the middle: what has left is waited for
                await portions.aclose()

    async def left(self, going: Sequence[Record]) -> bool:
        """Whether something that was to go, or to be let go of, is still found, or still there by its id."""
        if not isinstance(self.system, ProvesGone) or not going:
            return self._any_left(await self.system.find(self.person))
        looks = self.system.find(self.person), self.system.still_there(going)
        found, still = await asyncio.gather(*looks, return_exceptions=True)
        if isinstance(found, BaseException):
            raise found
        if isinstance(still, BaseException):
            raise still
        return self._any_left(found) or bool(still)

    def _any_left(self, there: Sequence[Record]) -> bool:
        return any(self.goes(record) or self._parts_from(record) for record in there)

    def goes(self, record: Record) -> bool:
        """Whether the record is to go altogether."""
        return to_erase(record, self._ruling(record))

    def _parts_from(self, record: Record) -> bool:
        ruling, able = self._ruling(record), isinstance(self.system, Dissociates)
        return record.shared and able and ruling is not None and ruling.settled and ruling.way is Way.DISSOCIATE

    def _ruling(self, record: Record) -> Ruling | None:
        return self.rulings.get(shared.key_of(record)) if record.shared else None


def _named(record: Record) -> tuple[str, str]:
    return record.kind, record.id
