"""Looking again 31 days after closing, in every system that was erased from and that the desk can search (F31, D24).

A hit opens that system's erasure again, to be approved anew, and the on-call officer hears. A system
that refuses keeps nobody else's result back and is never let off: what was seen elsewhere is written
down, it is looked at again every day by a job of its own, and after some days the officers hear.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.domain.again import BEFORE_DECIDED, reopened
from bot.domain.errors import PrivacyDeskError, SystemTrouble, TryLater
from bot.domain.hold import keeps
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.restriction import in_force
from bot.domain.system import Operation, Record
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Stage, Ticket
from bot.ports import Call, Job, JobKind, Unit
from bot.services import casefile
from bot.services.casefile import Person
from bot.services.casework.progress import carry_on
from bot.services.house import House
from bot.services.records.looking import nothing_may_be_left
from bot.services.showing.posting import tell
from bot.services.staff import stopping

DAY: Final = timedelta(days=1)
#: Daily looks that a system may refuse before the officers hear of it.
QUIET_LOOKS: Final = 3


@dataclass(slots=True)
class _Seen:
    """What one look came to, by task: what is there again ((): nothing), and why there was no answer."""

    found: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def hits(self) -> Mapping[str, tuple[Record, ...]]:
        return {task_id: records for task_id, records in self.found.items() if records}


async def recheck(house: House, call: Call) -> None:
    """Job: look again where something was erased. `call.ids`: the ticket, then the tasks that were refused before."""
    ticket_id, *named = call.ids
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
            person = await casefile.person_of(unit, ticket_id)
        except PrivacyDeskError:
            return
    if not named:
        if ticket.closed_at is None:
            return
        left = ticket.closed_at + timedelta(days=house.terms.recheck_days) - house.now()
        if left > timedelta(0):
            raise TryLater("trouble.later", left)  # opened and closed again meanwhile: its days count anew
    seen = await _look(house, ticket, person, [task for task in ticket.tasks if not named or task.id in named])
    async with house.work() as unit:
        put_off = await _written_down(unit, house, ticket_id, seen, again=bool(named))
        if put_off and not named:
            job = Job(JobKind.RECHECK, f"recheck:{ticket_id}:rest", (ticket_id, *put_off), house.now() + DAY)
            await unit.jobs.put(job)
        if put_off and named and call.attempts >= QUIET_LOOKS:
            await _tell(unit, house, ticket_id, {ticket.task(task_id).system for task_id in put_off})
    if put_off and named:
        raise TryLater("trouble.later", DAY)


async def _look(house: House, ticket: Ticket, person: Person, tasks: Iterable[Task]) -> _Seen:
    seen = _Seen()
    for task in tasks:
        if task.state is not TaskState.DONE or not nothing_may_be_left(house, ticket, task):
            continue  # nor is a recipient outside looked into: it was told, and is no system of ours
        manifest = house.manifest(task.system)
        if manifest.unseen:
            continue
        known = tuple(one for one in person.identifiers() if one.kind in manifest.known_by)
        try:
            await stopping.refuse_stopped(house, task.system)
            found = await house.systems[task.system].find(known)
        except SystemTrouble as trouble:
            seen.refused[task.id] = trouble.key
        else:
            seen.found[task.id] = tuple(one for one in found if not one.shared)  # what was kept for others may stand
    return seen


async def _written_down(unit: Unit, house: House, ticket_id: str, seen: _Seen, *, again: bool) -> Sequence[str]:
    """Write down what was seen; return the tasks to be looked at another day."""
    ticket = await unit.tickets.load(ticket_id)
    put_off = [*seen.refused, *(task_id for task_id in seen.hits if not _may_reopen(ticket, task_id))]
    hits = {task_id: records for task_id, records in seen.hits.items() if task_id not in put_off}
    if not again:
        for task_id, trouble in seen.refused.items():
            refused: dict[str, str | int] = {"system": ticket.task(task_id).system, "operation": Operation.FIND}
            await unit.ledger.write(ticket_id, LedgerEvent.TROUBLE, DESK, refused | {"trouble": trouble})
    if hits or not again or not put_off:
        facts: dict[str, str | int] = {"records": sum(map(len, hits.values()))}
        facts |= {"unanswered": len(put_off)} if put_off else {}
        await unit.ledger.write(ticket_id, LedgerEvent.SEARCHED, DESK, facts)
    if hits:
        await _reopen(unit, house, ticket, hits)
    elif not put_off and ticket.closed_at is not None and not keeps(ticket) and in_force(ticket) is None:
        await unit.index.forget(ticket_id)
    return put_off


def _may_reopen(ticket: Ticket, task_id: str) -> bool:
    """Whether an erasure may be put before its owner now: its part is closed, or waits for owners anyway."""
    return ticket.part(ticket.task(task_id).part_id).stage in (Stage.CLOSED, *BEFORE_DECIDED)


async def _reopen(unit: Unit, house: House, ticket: Ticket, hits: Mapping[str, Sequence[Record]]) -> None:
    """Put what is there again before its owner, to be approved anew; on-call hears."""
    after = ticket
    for task_id, found in hits.items():
        task = after.task(task_id)
        await casefile.keep_records(unit, ticket.id, task.system, found)
        after = reopened(after, task, Counter(one.kind for one in found), house.now())
        told: dict[str, str | int] = {"system": task.system, "records": len(found)}
        await unit.ledger.write(ticket.id, LedgerEvent.REAPPEARED, DESK, told)
    await carry_on(unit, house, ticket, after)
    await tell(unit, f"reminder:reappeared:{ticket.id}:{house.today()}", house.on_call())


async def _tell(unit: Unit, house: House, ticket_id: str, systems: Iterable[str]) -> None:
    """Let the officers know, once for each system, that what was promised cannot be looked at."""
    for system in systems:
        for officer in house.people.officers():
            await tell(unit, f"reminder:unchecked:{ticket_id}:{system}", officer)


async def put_off(house: House, call: Call) -> None:
    """Look again in a day where a look failed for a reason of our own; harmless twice."""
    async with house.work() as unit:
        key = ":".join(("recheck", call.ids[0], *(("rest",) if call.ids[1:] else ())))
        await unit.jobs.put(Job(JobKind.RECHECK, key, call.ids, house.now() + DAY))
