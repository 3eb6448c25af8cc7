"""Looking again after an erasure by hand (F31): a colleague's word counts, and then what the system shows.

Only where the desk can search by itself. What is found by a new search is still there;
so is a record that the system still holds by its id, or says bears something of the
person, though no search for their address leads to it any more. Reads only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.request import EVERYTHING
from bot.domain.roads import contract_governs
from bot.domain.shared import ground_of, stays
from bot.domain.system import Identifier, Mode, Operation, Record, Remains
from bot.domain.task import LOOKED_GONE, LOOKED_MASKED, Task, TaskState
from bot.domain.ticket import Ticket
from bot.ports import LooksAgain, ProvesGone, System
from bot.services import casefile
from bot.services.house import House
from bot.services.records import shared

#: How often the desk looks before it takes "still there" for an answer: lists lag behind a change (two minutes or so).
LOOKS = 4


@dataclass(frozen=True, slots=True)
class Left:
    """How many records still bear the person, bear nothing of them any more, or are gone.

    `ground`: on which something that concerns others too was kept, "" when nothing was.
    """

    there: int
    masked: int
    gone: int
    ground: str = ""

    @property
    def as_reason(self) -> str:
        """The text key that says what was seen, when nothing is there."""
        return LOOKED_MASKED if self.masked else LOOKED_GONE


def is_to_look(house: House, ticket: Ticket, task: Task) -> bool:
    """Whether a step by hand that a colleague calls over is looked at before it counts.

    One that got stuck while erasing is, for what the desk could not do it may well see. Not one whose look got stuck:
    there the desk cannot see either, and the colleague's word is all.
    """
    ended = task.state is TaskState.BY_HAND or (task.state is TaskState.STUCK and not task.settled_by)
    return ended and nothing_may_be_left(house, ticket, task)


def nothing_may_be_left(house: House, ticket: Ticket, task: Task) -> bool:
    """Whether a search by the desk must come back empty once the task is done: an erasure of everything.

    Who asks for less is rightly still found, and so is a contract customer: what the contract governs stays (P5).
    """
    whole = task.operation is Operation.ERASE and ticket.part(task.part_id).scope == EVERYTHING
    return (
        whole
        and not contract_governs(ticket)
        and house.manifest(task.system).how(Operation.FIND).mode is Mode.AUTOMATIC
    )


async def look(house: House, ticket: Ticket, task: Task, system: System) -> Left:
    """Return what is left of the person in a system, without what a colleague ruled is to stay for others (D20)."""
    async with house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        known = await casefile.records_of(unit, ticket.id, task.system)
        rulings = await shared.rulings_of(unit, ticket.id, task.system)
    identifiers = person.identifiers()
    kinds = system.manifest.known_by
    found = await system.find(tuple(one for one in identifiers if one.kind in kinds))
    there = {(one.kind, one.id) for one in found if not stays(one, rulings.get(shared.key_of(one)))}
    hidden = [
        one for one in known if (one.kind, one.id) not in there and not stays(one, rulings.get(shared.key_of(one)))
    ]
    seen = await _unfound(system, hidden, identifiers)
    left = len(there) + seen[Remains.THERE]
    return Left(left, seen[Remains.MASKED], seen[Remains.GONE], ground_of(rulings))


async def _unfound(system: System, hidden: Sequence[Record], person: Sequence[Identifier]) -> Counter[Remains]:
    """Return what became of records that no search leads to any more, by whatever the system can say of one."""
    if isinstance(system, LooksAgain):
        return Counter([await system.remains(record, person) for record in hidden])
    still = await system.still_there(hidden) if isinstance(system, ProvesGone) and hidden else ()
    return Counter({Remains.THERE: len(still), Remains.GONE: len(hidden) - len(still)})
