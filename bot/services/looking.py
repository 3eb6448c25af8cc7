"""Looking again after an erasure by hand (F31): a colleague's word counts, and then what the system shows.

Only where the desk can search by itself. What is found by a new search is still there;
so is a record that the system says bears something of the person, though no search for
their address leads to it any more. Reads only.
"""

from collections import Counter
from dataclasses import dataclass

from bot.domain.request import EVERYTHING
from bot.domain.system import Mode, Operation, Remains
from bot.domain.task import LOOKED_GONE, LOOKED_MASKED, Task, TaskState
from bot.domain.ticket import Ticket
from bot.ports import LooksAgain, System
from bot.services import casefile
from bot.services.house import House

#: How often the desk looks before it takes "still there" for an answer: lists lag behind a change (two minutes or so).
LOOKS = 4


@dataclass(frozen=True, slots=True)
class Left:
    """How many records still bear the person, bear nothing of them any more, or are gone."""

    there: int
    masked: int
    gone: int

    @property
    def as_reason(self) -> str:
        """The text key that says what was seen, when nothing is there."""
        return LOOKED_MASKED if self.masked else LOOKED_GONE


def is_to_look(house: House, ticket: Ticket, task: Task) -> bool:
    """Whether a step by hand that a colleague calls over is looked at before it counts.

    Not one that got stuck on the way: there the desk could not do or see it by itself, and the colleague's word is all.
    """
    return task.state is TaskState.BY_HAND and nothing_may_be_left(house, ticket, task)


def nothing_may_be_left(house: House, ticket: Ticket, task: Task) -> bool:
    """Whether a search by the desk must come back empty once the task is done: an erasure of everything.

    Who asks for less is rightly still found.
    """
    whole = task.operation is Operation.ERASE and ticket.part(task.part_id).scope == EVERYTHING
    return whole and house.manifest(task.system).how(Operation.FIND).mode is Mode.AUTOMATIC


async def look(house: House, ticket: Ticket, task: Task, system: System) -> Left:
    """Return what is left of the person in a system."""
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        known = await casefile.records_of(unit, ticket.id, task.system)
    identifiers = person.identifiers()
    kinds = system.manifest.known_by
    found = await system.find(tuple(one for one in identifiers if one.kind in kinds))
    there = {(record.kind, record.id) for record in found}
    seen: Counter[Remains] = Counter()
    for record in known:
        if (record.kind, record.id) in there:
            continue
        remains = await system.remains(record, identifiers) if isinstance(system, LooksAgain) else Remains.GONE
        seen[remains] += 1
    return Left(len(there) + seen[Remains.THERE], seen[Remains.MASKED], seen[Remains.GONE])
