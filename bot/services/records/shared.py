"""Records that concern others too: what a colleague ruled on each, and what follows (D20).

The rulings lie among the findings as `shared/<system>`; the ticket carries only a mark
per system while somebody still has to rule, or to do there what was ruled. The mark
locks that system's erasure, so that nothing is half done when a person is asked.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.errors import NotFound, Shredded
from bot.domain.locking import lock_on
from bot.domain.shared import Ruling, Way, marked, waits
from bot.domain.system import Operation, Record
from bot.domain.task import Lock, Task, TaskState
from bot.domain.ticket import Ticket
from bot.ports import Dissociates, Shelf, Unit
from bot.services import casefile
from bot.services.house import House

KEPT: Final = "shared/"
SHORT: Final = 16  # signs of a record's key: it only has to tell the records of one ticket apart


def key_of(record: Record) -> str:
    """Return what a record is called where its own id must not stand."""
    return hashlib.sha256(f"{record.kind}\n{record.id}".encode()).hexdigest()[:SHORT]


async def rulings_of(unit: Unit, ticket_id: str, system: str) -> dict[str, Ruling]:
    """Open what was ruled in a system, by record key."""
    try:
        kept = json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, f"{KEPT}{system}"))
    except (NotFound, Shredded):
        return {}
    return {key: _ruling(one) for key, one in kept.items()}


def _ruling(one: Mapping[str, Any]) -> Ruling:
    since = one.get("since")  # not kept with what was ruled before there was a single-person mode
    at = datetime.fromisoformat(since) if since else None
    return Ruling(Way(one["way"]), one["ground"], tuple(one["yes"]), one["done"], at)


def _plain(one: Ruling) -> dict[str, object]:
    since = one.since.isoformat() if one.since else ""
    return {"way": one.way, "ground": one.ground, "yes": one.yes, "done": one.done, "since": since}


async def keep_rulings(unit: Unit, ticket_id: str, system: str, rulings: Mapping[str, Ruling]) -> None:
    """Seal what was ruled in a system."""
    plain = {key: _plain(one) for key, one in rulings.items()}
    await unit.vault.put(ticket_id, Shelf.FINDINGS, f"{KEPT}{system}", json.dumps(plain).encode())


def still_waits(house: House, system: str, records: Sequence[Record], rulings: Mapping[str, Ruling]) -> bool:
    """Whether a colleague has something to say, or to do, about what is shared in a system."""
    able = isinstance(house.systems[system], Dissociates)
    return any(waits(record, rulings.get(key_of(record)), dissociates=able) for record in records)


async def marking(unit: Unit, house: House, ticket: Ticket, system: str) -> Ticket:
    """Return the ticket with its mark for *system* as the findings and the rulings say."""
    records = await casefile.records_of(unit, ticket.id, system)
    rulings = await rulings_of(unit, ticket.id, system)
    return marked(ticket, system, waiting=still_waits(house, system, records, rulings))


def erasure_in(ticket: Ticket, system: str) -> Task | None:
    """Return the erasure in a system that is still to be done by the desk itself, None when there is none."""
    return next((task for task in ticket.tasks if _open_erasure(task) and task.system == system), None)


def _open_erasure(task: Task) -> bool:
    return task.operation is Operation.ERASE and not task.settled and task.state is not TaskState.BY_HAND


def may_be_done(house: House, ticket: Ticket, task: Task) -> bool:
    """Whether what was ruled may be carried out by hand now: approved, confirmed, and waiting for nothing else."""
    part = ticket.part(task.part_id)
    locked = task.state is TaskState.LOCKED
    return locked and lock_on(ticket, part, task, house.now(), house.calendar) is Lock.SHARED


async def came_of(unit: Unit, ticket_id: str, system: str) -> dict[Ruling, Counter[str]]:
    """Return how many records of each kind met which fate, without who ruled so."""
    rulings = await rulings_of(unit, ticket_id, system)
    found: dict[Ruling, Counter[str]] = {}
    for record in await casefile.records_of(unit, ticket_id, system):
        ruling = rulings.get(key_of(record))
        if record.shared and ruling is not None and ruling.settled:
            found.setdefault(Ruling(ruling.way, ruling.ground), Counter())[record.kind] += 1
    return found
