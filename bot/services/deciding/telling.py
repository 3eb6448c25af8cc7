"""Telling recipients what was done (Art. 19): who else got the data, and how each step ended."""

from dataclasses import dataclass, field, replace
from typing import Final

from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.recipients import deeds, marked, may_name, next_key, step
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState, settle
from bot.domain.ticket import Stage, Ticket
from bot.domain.transfer import taken_back
from bot.ports import Shelf, Unit
from bot.services.casework import recipients
from bot.services.casework.progress import carry_on
from bot.services.casework.recipients import Named
from bot.services.deciding import transferring
from bot.services.deciding.approval import RESULTS
from bot.services.house import House, new_id

#: Stages a part does not leave by itself any more: whoever is named now gets a step at once.
PAST: Final = frozenset({Stage.REPLYING, Stage.CLOSED})


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step at a recipient ended: one of done, not_found, exception. `note` says whom, how, or why not; sealed."""

    result: str
    reason: str = ""
    note: str = field(default="", repr=False)


def may_end(actor: Colleague, task: Task) -> bool:
    """Whether a colleague may say how a step ended: who walks tickets, or answers for a system kept by somebody."""
    return actor.works_in(task.system)


async def end(unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, ended: Ended) -> Ticket:
    """Keep how telling a recipient ended. What could not be done needs its reason, in words too (Art. 19).

    A file handed over needs how it was. Of a file, "not found" says that the person took their approval back.
    """
    if task.state is not TaskState.BY_HAND:
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    if not may_end(actor, task):
        raise NotYours("refusal.not_yours_handler")
    state = RESULTS[ended.result]
    if state is TaskState.EXCEPTION and not ended.reason:
        raise Incomplete("refusal.field_missing", {"field": "exception_reason"})
    handed = task.operation is Operation.TRANSFER and state is TaskState.DONE
    if (handed or state is TaskState.EXCEPTION) and not ended.note:
        raise Incomplete("refusal.field_missing", {"field": "note"})
    if ended.note:
        await unit.vault.put(ticket.id, Shelf.CASE, f"note/{task.id}", ended.note.encode())
    done = settle(task, state, house.now(), by=actor.id)
    if state is TaskState.EXCEPTION:
        done = replace(done, reason=f"exception.{ended.reason}")
    if task.operation is Operation.TRANSFER and state is TaskState.NOT_HELD:
        done = taken_back(done)
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "state": done.state}
    await unit.ledger.write(ticket.id, LedgerEvent.RECIPIENT, actor.id, facts)
    part = ticket.part(task.part_id)
    if task.operation is Operation.TRANSFER:
        return await carry_on(unit, house, ticket, transferring.ended(house, ticket, part, done), actor.id)
    after = recipients.drafts_again(ticket.with_task(done), part)
    return await carry_on(unit, house, ticket, after, actor.id)


async def name(unit: Unit, house: House, ticket: Ticket, actor: Colleague, named: Named) -> Ticket:
    """Keep who else got the data; they are told what was done, and what will be."""
    if not may_name(ticket):
        raise NotAllowedNow("refusal.nobody_to_tell")
    key = next_key(ticket)
    await recipients.keep(unit, ticket.id, key, named)
    after = marked(ticket, key)
    for part in ticket.parts:
        if part.stage in PAST and deeds(ticket, part):
            after = after.with_task(step(part, key, Operation.NOTIFY, new_id(), house.now()))
            after = recipients.drafts_again(after, part)
    await unit.ledger.write(ticket.id, LedgerEvent.RECIPIENT_NAMED, actor.id, {"system": key})
    return await carry_on(unit, house, ticket, after, actor.id)
