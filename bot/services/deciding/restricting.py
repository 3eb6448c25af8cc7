"""Restricting and lifting: the ground first, then the systems; told first, then lifted (Art. 18, R38-R40)."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.errors import Incomplete, NeedsHuman, NotAllowedNow, NotYours
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.policy import plan
from bot.domain.request import RequestType
from bot.domain.restriction import (
    GROUND_SET,
    LONGEST_REVIEW,
    MEANWHILE,
    USUALLY,
    Ends,
    Restriction,
    Terms,
    asks_for_ground,
    in_force,
    liftings,
    may_rest,
    plan_lift,
    refuse_early,
    told_of_end,
)
from bot.domain.system import Operation, Record
from bot.domain.task import Task, TaskState
from bot.domain.threads import next_position, searches_of
from bot.domain.ticket import Part, Stage, Ticket
from bot.letters import RestrictionMatter
from bot.ports import Call, Restricts, Shelf, System, Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House, new_id, new_ids
from bot.services.records import restrictions
from bot.services.showing.posting import tell

#: Working days between the notice and the earliest lift: a notice one cannot answer is none.
NOTICE_DAYS: Final = 3


async def set_terms(unit: Unit, house: House, ticket: Ticket, actor: Colleague, terms: Terms) -> Ticket:
    """Keep on which ground a restriction stands, what ends it and when it is looked at again."""
    part = asks_for_ground(ticket)
    if part is None:
        raise NotAllowedNow("refusal.already_decided")
    if not 1 <= terms.review_days <= LONGEST_REVIEW:
        raise Incomplete("refusal.field_bad", {"field": "days"})
    earlier = await restrictions.terms_of(unit, ticket.id, part.id)
    await restrictions.keep_terms(
        unit, ticket.id, part.id, replace(terms, meanwhile=bool(earlier and earlier.meanwhile))
    )
    return await _chosen(unit, house, ticket, ticket, actor, terms)


async def _chosen(unit: Unit, house: House, before: Ticket, after: Ticket, actor: Colleague, terms: Terms) -> Ticket:
    facts: dict[str, str | int] = {"ground": terms.ground, "until": terms.ends, "days": terms.review_days}
    await unit.ledger.write(before.id, LedgerEvent.GROUND_CHOSEN, actor.id, facts)
    return await carry_on(unit, house, before, replace(after, flags=after.flags | {GROUND_SET}), actor.id)


async def rest_meanwhile(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Propose to restrict while a disputed value is checked or an objection weighed: a part with tasks of its own."""
    because = may_rest(ticket)
    if because is None:
        raise NotAllowedNow("refusal.already_decided")
    ground = MEANWHILE[because.type]
    terms = Terms(ground, USUALLY[ground], meanwhile=True)
    part = Part(new_id(), next_position(ticket), RequestType.RESTRICTION, house.now(), stage=Stage.DECIDING)
    tasks = plan(part, house.manifests, searches_of(ticket, because), new_ids(), house.now())
    if not tasks:
        raise NotAllowedNow("refusal.nothing_to_restrict")
    after = replace(ticket, parts=(*ticket.parts, part), tasks=(*ticket.tasks, *tasks))
    await restrictions.keep_terms(unit, ticket.id, part.id, terms)
    facts: dict[str, str | int] = {"part": part.position, "right": part.type}
    await unit.ledger.write(ticket.id, LedgerEvent.PART_ADDED, actor.id, facts)
    return await _chosen(unit, house, ticket, after, actor, terms)


# --- lifting -----------------------------------------------------------------------------------------


async def _standing(unit: Unit, ticket: Ticket, actor: Colleague) -> tuple[Part, Restriction]:
    if not actor.is_officer:
        raise NotYours("refusal.not_yours_officer")
    part = in_force(ticket)
    found = await restrictions.entry(unit, part.id) if part is not None else None
    if part is None or found is None:
        raise NotAllowedNow("refusal.not_restricted")
    return part, found


async def give_notice(unit: Unit, house: House, ticket: Ticket, actor: Colleague, why: Ends) -> Ticket:
    """Have the person told that the restriction will end, why, and from when (R40); nothing is lifted by it."""
    part, found = await _standing(unit, ticket, actor)
    if liftings(ticket) or told_of_end(ticket):
        raise NotAllowedNow("refusal.already_decided")
    lift_from = house.calendar.add_working_days(house.today(), NOTICE_DAYS)
    after = requested(house, ticket, LetterKind.LIFTING, (part,))
    notice = after.letters[-1].id
    await restrictions.keep(unit, replace(found, lifting=why, notice=notice, lift_from=lift_from))
    facts: dict[str, str | int] = {"until": why, "day": lift_from.isoformat()}
    await unit.ledger.write(ticket.id, LedgerEvent.LIFT_ANNOUNCED, actor.id, facts)
    return await carry_on(unit, house, ticket, after, actor.id)


async def end(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Lift the restriction where it was carried out. Refused without a sent notice, and before the day it names."""
    part, found = await _standing(unit, ticket, actor)
    if liftings(ticket):
        raise NotAllowedNow("refusal.already_decided")
    refuse_early(found, ticket, house.today())
    steps = plan_lift(ticket, part, new_ids(), house.now())
    await unit.ledger.write(ticket.id, LedgerEvent.LIFT_DECIDED, actor.id, {"until": found.lifting or ""})
    return await carry_on(unit, house, ticket, replace(ticket, tasks=(*ticket.tasks, *steps)), actor.id)


# --- jobs --------------------------------------------------------------------------------------------


async def carry_out(
    house: House, ticket: Ticket, task: Task, system: System, mark_write: Callable[[], Awaitable[None]]
) -> Counter[str]:
    """Restrict or lift record by record; already so is success. Return how many of each kind."""
    if not isinstance(system, Restricts):
        raise NeedsHuman("trouble.needs_human")
    async with house.work() as unit:
        records = await _records(unit, ticket, task)
    if not records:
        raise NeedsHuman("trouble.not_found_again")
    done: Counter[str] = Counter()
    for record in records:
        await mark_write()
        await (system.lift(record) if task.operation is Operation.LIFT else system.restrict(record))
        done[record.kind] += 1
    if task.operation is Operation.RESTRICT:
        async with house.work() as unit:
            await restrictions.keep_records(unit, task, records)
    return done


async def _records(unit: Unit, ticket: Ticket, task: Task) -> Sequence[Record]:
    """Return what to restrict: what was found there; what to lift is kept with the restriction, as findings go."""
    if task.operation is Operation.LIFT:
        return await restrictions.records_of(unit, task)
    found = await casefile.records_of(unit, ticket.id, task.system)
    return [record for record in found if not record.shared]


async def review(house: House, call: Call) -> None:
    """Job: on its review day, put a restriction that is still in force before the officers."""
    (part_id,) = call.ids
    async with house.work() as unit:
        found = await restrictions.entry(unit, part_id)
        if found is None:
            return
        for officer in house.people.officers():
            await tell(unit, f"reminder:restriction:{found.ticket_id}:{house.today()}", officer)
        await unit.ledger.write(found.ticket_id, LedgerEvent.REMINDED, DESK, {"kind": "restriction"})
        await restrictions.postponed(unit, found, house.today())


# --- an objection that is weighed (R45) -----------------------------------------------------------------


async def keep_weighing(unit: Unit, ticket: Ticket, task: Task, words: str) -> None:
    """Seal an officer's own words on why the grounds override the person's; a refusal without them is none (R45)."""
    part = ticket.part(task.part_id)
    if part.type is not RequestType.OBJECTION or is_opt_out(part):
        return
    if not words.strip():
        raise Incomplete("refusal.weighing_missing", {"field": "weighing"})
    await unit.vault.put(ticket.id, Shelf.CASE, f"weighing/{task.id}", words.strip().encode())


async def weighing_in(unit: Unit, ticket: Ticket, parts: Sequence[Part]) -> str:
    """Open what was written on why an objection is refused, each thing said once; "" when nothing was."""
    kept = set(await unit.vault.names(ticket.id, Shelf.CASE, "weighing/"))
    tasks = (task for part in parts for task in ticket.tasks_of(part) if task.state is TaskState.DECLINED)
    names = [name for task in tasks if (name := f"weighing/{task.id}") in kept]
    said = [(await unit.vault.get(ticket.id, Shelf.CASE, name)).decode() for name in names]
    return "\n\n".join(dict.fromkeys(said))


# --- what the letters say ----------------------------------------------------------------------------


async def matter_for(unit: Unit, ticket: Ticket, part: Part) -> RestrictionMatter | None:
    """Return what a letter may say of a part's restriction; None when there is none."""
    found = await restrictions.entry(unit, part.id)
    terms = found.terms if found else await restrictions.terms_of(unit, ticket.id, part.id)
    if terms is None:
        return None
    if found is None:
        return RestrictionMatter(terms.ground, terms.ends, meanwhile=terms.meanwhile)
    return RestrictionMatter(
        terms.ground,
        terms.ends,
        meanwhile=terms.meanwhile,
        since=restrictions.since(found),
        review_on=found.review_on,
        lifting=found.lifting,
        lift_from=found.lift_from,
    )
