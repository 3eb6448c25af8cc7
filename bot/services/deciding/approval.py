"""Owners' decisions, by hand and by button: approve, propose a decline, decide on one, finish, try again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.correcting import yes_names_values
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.locking import lock_on
from bot.domain.people import Colleague
from bot.domain.policy import approve, decline, propose_decline, refused_by_hand
from bot.domain.redaction import taken_out
from bot.domain.restriction import needs_ground
from bot.domain.shared import ground_of
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState, settle
from bot.domain.ticket import Ticket
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casework import holding, protecting
from bot.services.casework.progress import carry_on
from bot.services.deciding import correcting
from bot.services.house import House
from bot.services.records import shared
from bot.services.records.looking import is_to_look
from bot.services.staff import alone

APPROVE, DECLINE = "approve", "decline"


async def is_own(unit: Unit, ticket: Ticket, actor: Colleague) -> bool:
    """Whether the ticket is about the colleague or asked by them, by any of their addresses: nobody decides on it (D9).

    What is merely on file beside the person is left out: a colleague who booked for a guest would be taken for them.
    Of a closed ticket the index is forgotten long before its case (D24): there the case says who it was.
    """
    digests = {unit.index.digest(protecting.WRITTEN, address) for address in actor.every_address}
    if await unit.index.leads_to(ticket.id, digests):
        return True
    return ticket.closed_at is not None and not digests.isdisjoint(await protecting.written(unit, ticket))


def not_their_own(house: House, actor: Colleague) -> NotYours:
    """Return the refusal of what concerns the colleague, naming whom to ask instead: never themselves."""
    others = [one for one in house.people.colleagues if one.id != actor.id]
    able = [one for one in others if one.is_officer] or [one for one in others if one.handles_tickets]
    return NotYours("refusal.own_request", {"who": house.texts.together(actor.language, [one.name for one in able])})


async def decide(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, decisions: Mapping[str, str], reference: str
) -> Ticket:
    """Carry out a colleague's decisions, `{task id: "approve" | "approve:<version>" | "decline:<ground>"}`.

    Approving what cannot be undone needs the ticket's reference typed (cards.md rule 6). Raises `StaleCard` where a
    decline was proposed since the form was opened.
    """
    own = await is_own(unit, ticket, actor)
    after = ticket
    for task_id, decision in decisions.items():
        task = ticket.task(task_id)
        if task.state is not TaskState.PROPOSED:
            continue  # somebody was faster on this row; the others still count
        if task.ground:
            raise StaleCard("refusal.stale")  # a proposed decline is the officer's to settle, not a late form's (R51)
        verb, _, ground = decision.partition(":")
        if verb == APPROVE:
            if task.irreversible and reference.strip().upper() != ticket.ref:
                raise Incomplete("refusal.reference_mismatch", {"field": "reference", "ref": ticket.ref})
            decided = approve(task, actor, house.now(), own_request=own, single=house.single_person)
            await correcting.refuse_unwritten(unit, ticket, task)
            _refuse_rewritten(task, ground)
            if needs_ground(ticket, task):
                raise Incomplete("refusal.ground_first", {"field": f"task:{task.id}"})
            yes = [one.by for one in decided.approvals]
            event, facts = LedgerEvent.APPROVED, {"of": task.approvals_needed, "yes": len(yes), **alone.by_one(yes)}
        elif verb == DECLINE:
            decided = propose_decline(task, ticket.part(task.part_id), ground, actor, own_request=own)
            event, facts = LedgerEvent.DECLINE_PROPOSED, {}
        else:
            raise Incomplete("refusal.field_bad", {"field": f"task:{task_id}"})
        named: dict[str, str | int] = {"system": task.system, "operation": task.operation, "ground": decided.ground}
        await unit.ledger.write(ticket.id, event, actor.id, named | facts)
        after = after.with_task(decided)
        if decided.state is TaskState.PROPOSED:
            await alone.remind_after(unit, house, ticket.id, actor)
    return await carry_on(unit, house, ticket, after, actor.id)


def _refuse_rewritten(task: Task, seen: str) -> None:
    """Refuse a yes to other values than those the form stood for, and to a correction one that names none at all."""
    if (seen or yes_names_values(task)) and seen != str(task.version):
        raise StaleCard("refusal.stale")


async def settle_decline(unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, way: str) -> Ticket:
    """Decide on a proposed decline: `decline` it, or `keep_open` for the owner to look again (officer only)."""
    if way == DECLINE:
        own = await is_own(unit, ticket, actor)
        since = await alone.proposed_at(unit, ticket, task) if house.single_person else None
        decided = decline(task, actor, house.now(), own_request=own, said=since)
    else:
        if not actor.is_officer:
            raise NotYours("refusal.not_yours_officer")
        decided = replace(task, ground="", proposed_by="")
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "ground": decided.ground}
    event = LedgerEvent.DECLINED if way == DECLINE else LedgerEvent.CHANGED
    facts |= alone.by_one((task.proposed_by, actor.id)) if way == DECLINE else {}
    await unit.ledger.write(ticket.id, event, actor.id, facts)
    return await carry_on(unit, house, ticket, ticket.with_task(decided), actor.id)


@dataclass(frozen=True, slots=True)
class ByHand:
    """How a step by hand ended: exactly one of done, not_found, exception (F33). `note` is evidence, sealed.

    `reason` of an exception is a fact, or "decline:<ground>", which only proposes. `masked` counts what was blanked
    out in a copy (None: not said).
    """

    result: str
    count: int = 0
    reason: str = ""
    note: str = ""
    masked: int | None = None


RESULTS = {"done": TaskState.DONE, "not_found": TaskState.NOT_HELD, "exception": TaskState.EXCEPTION}


async def finish_by_hand(
    unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, ended: ByHand
) -> Ticket:
    """Close a checklist step with its result and evidence note; a ground of the law goes to the officer (D9, R51)."""
    if task.state not in (TaskState.BY_HAND, TaskState.STUCK):
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    if not actor.works_in(task.system):
        raise NotYours("refusal.not_yours_owner", {"system": task.system})
    if task.takes_away and ended.result == "done":
        refuse_locked(house, ticket, task, actor)
        await refuse_what_is_kept(unit, ticket)
    _refuse_contradiction(ended)
    if ended.result == "exception" and not ended.reason:
        raise Incomplete("refusal.field_missing", {"field": "exception_reason"})
    if ended.note:
        await unit.vault.put(ticket.id, Shelf.CASE, f"note/{task.id}", ended.note.encode())
    verb, _, ground = ended.reason.partition(":")
    if ended.result == "exception" and verb == DECLINE:
        return await _refuse_by_hand(unit, house, ticket, task, actor, ground)
    state = RESULTS[ended.result]
    if state is TaskState.DONE:
        await _prove_done(unit, ticket, task, ended)
    counts = {"record": ended.count} if ended.count and state is TaskState.DONE else {}
    if state is not TaskState.EXCEPTION and is_to_look(house, ticket, task):
        claimed = counts or task.found if state is TaskState.DONE else {}
        return await _look_first(unit, house, ticket, task, actor, claimed)
    done = replace(
        settle(task, state, house.now(), done=counts, by=actor.id),
        found=counts or task.found,
        reason=f"exception.{ended.reason}" if state is TaskState.EXCEPTION else task.reason,
        ground=await _kept_by_ruling(unit, ticket, task) if state is TaskState.DONE else task.ground,
    )
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "state": state}
    await unit.ledger.write(ticket.id, LedgerEvent.BY_HAND, actor.id, facts)
    blanked = (ended.masked or 0) if state is TaskState.DONE else 0
    counted = taken_out(ticket, task.id, 0, blanked) if blanked else ticket
    return await carry_on(unit, house, ticket, counted.with_task(done), actor.id)


def _refuse_contradiction(ended: ByHand) -> None:
    """Refuse an ending that says two things: one of them would be dropped, and nobody would know which was meant."""
    if ended.result == "not_found" and ended.count:
        raise Incomplete("refusal.counted_not_found", {"field": "count"})
    if ended.result != "exception" and ended.reason:
        raise Incomplete("refusal.reason_though_done", {"field": "exception_reason"})


async def _kept_by_ruling(unit: Unit, ticket: Ticket, task: Task) -> str:
    """Return the ground on which something shared stays though the rest was erased by hand (D20), "" for none."""
    if task.operation is not Operation.ERASE:
        return task.ground
    return ground_of(await shared.rulings_of(unit, ticket.id, task.system))


def refuse_locked(house: House, ticket: Ticket, task: Task, actor: Colleague) -> None:
    """Refuse to take away, or to call taken away, what waits for somebody first: for what a later mail means (D3, D7).

    Locked anew after it came to a colleague, by hand or stuck, the step stays theirs. What one called done before, and
    the desk could not look at, was done before.
    """
    if task.settled_by:
        return
    lock = lock_on(ticket, ticket.part(task.part_id), task, house.now(), house.calendar)
    if lock is not None:
        raise NotAllowedNow("refusal.still_locked", {"why": house.texts.say(actor.language, f"lock.{lock}")})


async def refuse_what_is_kept(unit: Unit, ticket: Ticket) -> None:
    """Refuse to erase by hand what another open ticket about the person must still show or keep (D13), or a hold."""
    person = await casefile.person_of(unit, ticket.id)
    if await protecting.kept_elsewhere(unit, ticket, person):
        raise NotAllowedNow("refusal.kept_elsewhere")
    if await holding.standing(unit, ticket, person) is not None:
        raise NotAllowedNow("refusal.held")


async def _look_first(
    unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, claimed: Mapping[str, int]
) -> Ticket:
    """Leave an erasure by hand to the desk to look at; `execution` settles it or gives it back (F31)."""
    said = TaskState.DONE if claimed else TaskState.NOT_HELD
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "state": said}
    await unit.ledger.write(ticket.id, LedgerEvent.BY_HAND, actor.id, facts)
    over = replace(
        task,
        state=TaskState.READY,
        done=dict(claimed),
        settled_by=actor.id,
        trouble="",
        attempts=0,
        waiting_since=None,
    )
    return await carry_on(unit, house, ticket, ticket.with_task(over), actor.id)


async def _prove_done(unit: Unit, ticket: Ticket, task: Task, ended: ByHand) -> None:
    """Refuse a "done" the letter could not stand for: a search without a number, a copy without its file, a
    correction without its values.
    """
    await correcting.refuse_untold(unit, ticket, task)
    if task.operation is Operation.FIND and not ended.count:
        raise Incomplete("refusal.field_missing", {"field": "count"})
    if task.operation is Operation.EXPORT:
        if not await unit.vault.names(ticket.id, Shelf.FINDINGS, f"upload/{task.id}/"):
            raise Incomplete("refusal.file_first", {"field": "result"})
        if ended.masked is None:
            raise Incomplete("refusal.field_missing", {"field": "masked"})


async def _refuse_by_hand(
    unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, ground: str
) -> Ticket:
    own = await is_own(unit, ticket, actor)
    proposed = refused_by_hand(task, ticket.part(task.part_id), ground, actor, own_request=own)
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "ground": ground}
    await unit.ledger.write(ticket.id, LedgerEvent.DECLINE_PROPOSED, actor.id, facts)
    await alone.remind_after(unit, house, ticket.id, actor)
    return await carry_on(unit, house, ticket, ticket.with_task(proposed), actor.id)


async def retry(unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague) -> Ticket:
    """Let a stuck task be tried again; approvals and record stay exactly as they are (F44)."""
    if task.state is not TaskState.STUCK:
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    if not actor.works_in(task.system):
        raise NotYours("refusal.not_yours_owner", {"system": task.system})
    refuse_locked(house, ticket, task, actor)
    facts: dict[str, str | int] = {"system": task.system, "operation": task.operation}
    await unit.ledger.write(ticket.id, LedgerEvent.RETRIED, actor.id, facts)
    ready = replace(task, state=TaskState.READY, trouble="", attempts=0, waiting_since=None)
    return await carry_on(unit, house, ticket, ticket.with_task(ready), actor.id)
