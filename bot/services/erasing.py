"""Erasing in one system: look, act on each record as its nature and the rulings say, look again.

What is nobody else's goes for good. What is shared goes the way a colleague ruled (D20);
while one of them has not been ruled on nothing is touched, and the task is locked until
it has. A system that takes many records at once gets them so, in the order found.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.domain.errors import NeedsHuman, TryLater
from bot.domain.shared import Ruling, Way, ground_of, to_erase
from bot.domain.system import Identifier, Record
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Dissociates, System, TakesMany
from bot.services import casefile, holding, shared
from bot.services.house import House
from bot.services.ordering import erase_unseen
from bot.services.protecting import kept_elsewhere

#: A marked write may still be under way at the vendor: looking sooner proves nothing.
SETTLING: Final = timedelta(seconds=5)
#: Searches at the vendor may lag behind a deletion; look again after this.
LAG: Final = timedelta(seconds=2)
#: Records erased between two looks at whether the task is still ours.
LOOK_EVERY: Final = 100

Mark = Callable[[House, Task], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records of each kind are gone, and on which ground something shared was kept ("" when nothing was)."""

    counts: Counter[str]
    ground: str = ""


async def erase(house: House, ticket: Ticket, task: Task, system: System, mark: Mark) -> Erased | None:
    """Erase what is there now; None when something shared has first to be ruled on.

    *mark* writes down that an unsafe write is about to leave, and raises when the task is no longer ours (D34).
    """
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        known = await casefile.records_of(unit, ticket.id, task.system)
        rulings = await shared.rulings_of(unit, ticket.id, task.system)
        if await kept_elsewhere(unit, ticket, person):
            raise NeedsHuman("trouble.other_ticket")
        if await holding.standing(unit, ticket, person) is not None:
            raise NeedsHuman("trouble.held")
    kinds = system.manifest.knows(ticket.roles)
    identifiers = tuple(one for one in person.identifiers() if one.kind in kinds)
    if system.manifest.unseen:
        return Erased(Counter(await erase_unseen(house, ticket, task, system, identifiers)))
    if task.writing_since is not None and house.now() < task.writing_since + SETTLING:
        raise TryLater("trouble.later", SETTLING)
    there = await system.find(identifiers)
    if not known and not there:
        raise NeedsHuman("trouble.not_found_again")
    seen = {(one.kind, one.id) for one in known}
    known = (*known, *(one for one in there if (one.kind, one.id) not in seen))
    if shared.still_waits(house, task.system, there, rulings):
        async with house.work() as unit:
            await casefile.keep_records(unit, ticket.id, task.system, known)
        return None
    acting = _Acting(house, task, system, mark, rulings)
    if await acting.carry_out(there, identifiers) and acting.left(await system.find(identifiers)):
        raise TryLater("trouble.still_there", LAG)
    gone = Counter(one.kind for one in known if to_erase(one, rulings.get(shared.key_of(one))))
    return Erased(gone, ground_of(rulings))


@dataclass(frozen=True, slots=True)
class _Acting:
    house: House
    task: Task
    system: System
    mark: Mark
    rulings: Mapping[str, Ruling]

    async def carry_out(self, there: Sequence[Record], person: Sequence[Identifier]) -> bool:
        """Act on every record; return whether there was anything to do."""
        parted = [record for record in there if self._parts_from(record)]
        going = [replace(record, shared=False) for record in there if self._goes(record)]
        for record in parted:
            await self.mark(self.house, self.task)
            if isinstance(self.system, Dissociates):  # else a colleague has done it by hand
                await self.system.dissociate(record, person)
        if isinstance(self.system, TakesMany):
            await self._in_portions(self.system, going)
        else:
            for record in going:
                await self.mark(self.house, self.task)
                await self.system.erase(record)
        return bool(parted or going)

    async def _in_portions(self, system: TakesMany, going: Sequence[Record]) -> None:
        if not going:
            return
        await self.mark(self.house, self.task)
        done = 0
        async for _ in system.erase_all(going):
            done += 1
            if done % LOOK_EVERY == 0:
                await self.mark(self.house, self.task)

    def left(self, there: Sequence[Record]) -> bool:
        """Whether something that was to go, or to be let go of, is still found."""
        return any(self._goes(record) or self._parts_from(record) for record in there)

    def _goes(self, record: Record) -> bool:
        return to_erase(record, self.rulings.get(shared.key_of(record)))

    def _parts_from(self, record: Record) -> bool:
        ruling = self.rulings.get(shared.key_of(record))
        able = isinstance(self.system, Dissociates)
        return record.shared and able and ruling is not None and ruling.settled and ruling.way is Way.DISSOCIATE
