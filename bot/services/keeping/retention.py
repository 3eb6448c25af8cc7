"""Reviewing what is kept: contacts without interest, listed by rule, decided by people (P60).

The rule makes a list, never a deletion. The list lies in the vault and opens on a review
page; approving all of it is possible only once it has been opened (D29), and takes two
people, because it cannot be undone (D10). Contacts with an open ticket are skipped (D13),
and those that are restricted (R39).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any, Final

from bot.domain.approving import second_yes
from bot.domain.deadline import end_of, months_after
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours, TryLater
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.system import Identifier, IdentifierKind, Record
from bot.ports import Call, Idle, Job, JobKind, RetentionReview, ReviewState, Shelf, System, Unit
from bot.services.casework import holding
from bot.services.casework.protecting import open_about
from bot.services.house import House, new_id
from bot.services.records import restrictions
from bot.services.showing.board import NO_INTEREST
from bot.services.showing.posting import tell
from bot.services.staff import alone, stopping

RULE: Final = NO_INTEREST
LIST: Final = "list"


async def review_contacts(house: House, _call: Call) -> None:
    """Job: run the no-interest rule where contacts are kept; put the result before who is on call and the owners."""
    cutoff = months_after(house.today(), -house.terms.no_interest.months)
    stopped = ""
    for key, system in house.contacts.items():
        async with house.work() as unit:
            if await _still_open(unit, house, key):
                continue
            if await stopping.is_stopped(unit, key):
                stopped = key
                continue
        idle, exempt = await system.idle_since(cutoff)
        async with house.work() as unit:
            if await _still_open(unit, house, key):  # another look was as far, and was faster
                continue
            unheld = [one for one in idle if not await _is_held(unit, one)]
            listed = [one for one in unheld if not await _has_ticket(unit, one)]
            left = {"hold": len(idle) - len(unheld), "open_ticket": len(unheld) - len(listed)}
            counts = dict(exempt) | {why: number for why, number in left.items() if number}
            await _start(unit, house, key, listed, counts)
    if stopped:
        raise TryLater("trouble.stopped", stopping.AGAIN, {"system": stopped})


async def _still_open(unit: Unit, house: House, system: str) -> bool:
    for review in await unit.reviews.open_for(RULE):
        if review.system != system:
            continue
        if review.state is ReviewState.POSTPONED and (review.postponed_until or house.today()) <= house.today():
            await unit.reviews.save(review, replace(review, state=ReviewState.DONE))
            await unit.vault.shred(review.id, Shelf.FINDINGS)
            continue
        return True
    return False


async def _start(unit: Unit, house: House, system: str, listed: Sequence[Idle], exempt: dict[str, int]) -> None:
    if not listed:
        return
    review = RetentionReview(
        new_id(), RULE, system, ReviewState.PROPOSED, house.now(), count=len(listed), exempt=exempt
    )
    await unit.reviews.add(review)
    sealed = json.dumps([asdict(one) for one in listed], default=str, ensure_ascii=False).encode()
    await unit.vault.put(review.id, Shelf.FINDINGS, LIST, sealed)
    facts: dict[str, str | int] = {"review": review.id, "system": system, "records": len(listed)}
    await unit.ledger.write(DESK, LedgerEvent.REVIEW_STARTED, DESK, facts)
    for colleague in _concerned(house, system):
        await tell(unit, f"review:{review.id}", colleague)


def _concerned(house: House, system: str) -> tuple[Colleague, ...]:
    """Return who hears of a new list: who is on call, and those whose yes it needs, deputies where nobody owns it.

    Who is on call may not approve there at all; the first yes would tell the others, and it must come from them.
    """
    deputies = tuple(one for one in house.people.colleagues if system in one.deputises)
    able = house.people.owners(system) or deputies or house.people.officers()
    on_call = house.on_call()
    return (on_call, *(one for one in able if one.id != on_call.id))


async def _has_ticket(unit: Unit, idle: Idle) -> bool:
    for contact in idle.record.contacts:
        if contact.kind is not IdentifierKind.EMAIL:
            continue
        if await open_about(unit, contact.value) or await restrictions.holds(unit, (contact.value,)):
            return True
    return False


async def _is_held(unit: Unit, idle: Idle) -> bool:
    addresses = (one.value for one in idle.record.contacts if one.kind is IdentifierKind.EMAIL)
    return any([await holding.on_address(unit, address) is not None for address in addresses])


async def listed_in(unit: Unit, review: RetentionReview) -> tuple[Idle, ...]:
    """Open a review's list (personal data)."""
    return tuple(_idle(one) for one in json.loads(await unit.vault.get(review.id, Shelf.FINDINGS, LIST)))


def _idle(kept: dict[str, Any]) -> Idle:
    record = kept["record"]
    contacts = tuple(Identifier(IdentifierKind(c["kind"]), c["value"]) for c in record["contacts"])
    seen = date.fromisoformat(kept["last_sign"]) if kept["last_sign"] else None
    return Idle(Record(**record | {"contacts": contacts}), seen, kept["self_initiated"], kept["label"])


async def opened(unit: Unit, house: House, review: RetentionReview, actor: Colleague) -> RetentionReview:
    """Note that the list was looked at, by whom; the card now offers to approve it, wherever it lies (D29)."""
    if actor.id in review.opened_by:
        return review
    state = ReviewState.OPENED if review.state is ReviewState.PROPOSED else review.state
    saved = await unit.reviews.save(review, replace(review, state=state, opened_by=(*review.opened_by, actor.id)))
    await unit.ledger.write(DESK, LedgerEvent.REVIEW_OPENED, actor.id, {"review": review.id})
    await alone.redraw_list(unit, house, review)
    return saved


async def postpone(
    unit: Unit, house: House, review: RetentionReview, actor: Colleague, until: date, why: str
) -> RetentionReview:
    """Put the review off; it is made anew on that day. The reason is sealed, its being given is written down."""
    if not actor.is_officer and actor.id != house.on_call().id:
        raise NotYours("refusal.not_yours_officer")
    if not why.strip():
        raise Incomplete("refusal.field_missing", {"field": "why"})
    if review.state not in (ReviewState.PROPOSED, ReviewState.OPENED):
        raise NotAllowedNow("refusal.already_decided")
    saved = await unit.reviews.save(review, replace(review, state=ReviewState.POSTPONED, postponed_until=until))
    await unit.vault.put(review.id, Shelf.FINDINGS, "why", why.encode())
    back = end_of(until - timedelta(days=1))
    await unit.jobs.put(Job(JobKind.REVIEW, f"review-again:{review.id}", (review.id,), back))
    facts: dict[str, str | int] = {"review": review.id, "until": until.isoformat()}
    await unit.ledger.write(DESK, LedgerEvent.REVIEW_POSTPONED, actor.id, facts)
    await alone.redraw_list(unit, house, review)
    return saved


async def approve(unit: Unit, house: House, review: RetentionReview, actor: Colleague, typed: str) -> RetentionReview:
    """Say yes to erasing the whole list: list opened by the presser, number typed, two different people.

    In single-person mode the same person may be both, a day apart (see `bot.domain.approving`).
    """
    if not actor.approves_in(review.system):
        raise NotYours("refusal.not_yours_owner", {"system": review.system})
    if actor.id not in review.opened_by:
        raise NotAllowedNow("refusal.list_not_opened")
    if review.state is not ReviewState.OPENED:
        raise NotAllowedNow("refusal.already_decided")
    first = await alone.listed_at(unit, review, actor.id) if house.single_person else None
    second_yes(actor.id, review.approved_by, first, house.now(), single=house.single_person)
    if typed.strip() != str(review.count):
        raise Incomplete("refusal.reference_mismatch", {"field": "reference", "ref": str(review.count)})
    approved_by = (*review.approved_by, actor.id)
    enough = len(approved_by) > 1
    state = ReviewState.APPROVED if enough else review.state
    saved = await unit.reviews.save(review, replace(review, approved_by=approved_by, state=state))
    facts: dict[str, str | int] = {"review": review.id, "yes": len(approved_by), "of": 2}
    facts |= alone.by_one(approved_by)
    await unit.ledger.write(DESK, LedgerEvent.REVIEW_APPROVED, actor.id, facts)
    await alone.redraw_list(unit, house, review)
    if enough:
        await unit.jobs.put(Job(JobKind.CARRY_OUT_REVIEW, f"review:{review.id}", (review.id,)))
    else:
        await alone.remind_after(unit, house, f"review:{review.id}", actor)
        for other in house.people.approvers(review.system):
            if other.id != actor.id:
                await tell(unit, f"review:{review.id}", other)
    return saved


async def carry_out(house: House, call: Call) -> None:
    """Job: erase what the approved list names, one by one, looking first; whoever has a ticket by now is skipped."""
    (review_id,) = call.ids
    async with house.work() as unit:
        review = await unit.reviews.load(review_id)
        listed = await listed_in(unit, review) if review.state is ReviewState.APPROVED else ()
    system = house.systems[review.system]
    for idle in listed:
        await stopping.refuse_stopped(house, review.system)
        async with house.work() as unit:
            if await _has_ticket(unit, idle) or await _is_held(unit, idle):
                continue
        erased = await _erase(system, idle)
        async with house.work() as unit:
            review = await unit.reviews.load(review_id)
            await unit.reviews.save(review, replace(review, done=review.done + erased))
    await _end(house, review_id)


async def _erase(system: System, idle: Idle) -> bool:
    """Erase a listed contact and what lies on its timeline; return whether anything was still there.

    An address may by now lead to somebody else too, who is on no list: then the contact goes alone.
    """
    there = await system.find(idle.record.contacts)
    others = any(record.kind == idle.record.kind and record.id != idle.record.id for record in there)
    listed = [idle.record] if others or not there else [record for record in there if not record.shared]
    receipts = [await system.erase(record) for record in listed]
    return any(not receipt.note for receipt in receipts)


async def _end(house: House, review_id: str) -> None:
    async with house.work() as unit:
        review = await unit.reviews.load(review_id)
        if review.state is not ReviewState.APPROVED:
            return
        await unit.reviews.save(review, replace(review, state=ReviewState.DONE))
        await unit.vault.shred(review.id, Shelf.FINDINGS)
        facts: dict[str, str | int] = {"review": review.id, "records": review.done}
        await unit.ledger.write(DESK, LedgerEvent.FORGOTTEN, DESK, facts)
        await alone.redraw_list(unit, house, review)
        await tell(unit, f"review:{review.id}", house.on_call())
