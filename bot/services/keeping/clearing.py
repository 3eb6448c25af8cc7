"""Every January: whoever owns a system the desk may not open clears their own copies of candidates (D18, P75).

A colleague's own mailbox is theirs to look through, so the desk asks and takes their
word. One review for each owner, system and year, under an id made of the three: asking
again finds it, so neither a tick that rings twice nor a desk that was down in January
asks twice or never. It has no list: what lies there, only its holder may see.
"""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from bot.cards.clearing import OWN_COPIES, is_late, owner_of, still_here, year_of
from bot.domain.deadline import Calendar, local_date
from bot.domain.errors import NotAllowedNow, NotFound, NotYours, StaleCard
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.system import Mode, Operation
from bot.ports import RetentionReview, ReviewState, Unit
from bot.services.house import House
from bot.services.showing.posting import tell

MONDAY: Final = 0


async def attend(unit: Unit, house: House, today: date) -> None:
    """Ask whoever was not asked this year; on Mondays ask again; tell who is on call what January left undone.

    Every working morning. A desk that began after this year's day leaves it to the next.
    """
    if _first_safe(house.calendar, date(today.year, 1, 1)) >= house.start:
        for manifest in house.manifests:
            if manifest.how(Operation.FIND).mode is Mode.ASSISTED:
                for owner in house.people.owners(manifest.key):
                    await _ask(unit, house, manifest.key, owner, today)
    waiting = await unit.reviews.open_for(OWN_COPIES)
    monday = today.weekday() == MONDAY
    for review in waiting:
        if monday and local_date(review.started_at) < today and still_here(house.people, owner_of(review)):
            await _tell(unit, f"clearing:{review.id}:{today}", house.people.by_id(owner_of(review)))
    february = today == _first_safe(house.calendar, date(today.year, 2, 1))
    if (monday or february) and any(is_late(review, today) for review in waiting):
        await _tell(unit, f"uncleared:{today}", house.on_call())


async def _tell(unit: Unit, about: str, colleague: Colleague) -> None:
    await tell(unit, about, colleague)
    await unit.ledger.write(DESK, LedgerEvent.REMINDED, DESK, {"kind": OWN_COPIES, "to": colleague.id})


async def _ask(unit: Unit, house: House, system: str, owner: Colleague, today: date) -> None:
    review_id = _id_of(today.year, system, owner.id)
    try:
        await unit.reviews.load(review_id)
    except NotFound:
        await _let_lapse(unit, system, owner)
    else:
        return
    # State and list do not apply: it lies open with its owner, and how many copies there are nobody else knows.
    review = RetentionReview(
        review_id, OWN_COPIES, system, ReviewState.OPENED, house.now(), count=0, opened_by=(owner.id,)
    )
    await unit.reviews.add(review)
    await unit.ledger.write(DESK, LedgerEvent.CLEARING_ASKED, DESK, _facts(review))
    await tell(unit, f"clearing:{review.id}:{today}", owner)


async def _let_lapse(unit: Unit, system: str, owner: Colleague) -> None:
    """End what the owner never answered in an earlier year: this year's reaches further, and nobody needs both."""
    for old in await unit.reviews.open_for(OWN_COPIES):
        if (old.system, owner_of(old)) == (system, owner.id):
            await unit.reviews.save(old, replace(old, state=ReviewState.DONE))
            await unit.ledger.write(DESK, LedgerEvent.CLEARING_LAPSED, DESK, _facts(old))


async def settle(unit: Unit, house: House, review: RetentionReview, actor: Colleague, version: int) -> None:
    """Take the owner's word that it is done, once. For who has left, an officer gives it."""
    here = still_here(house.people, owner_of(review))
    if here and actor.id != owner_of(review):
        raise NotYours("refusal.not_yours_copies", {"who": house.people.by_id(owner_of(review)).name})
    if not here and not actor.is_officer:
        raise NotYours("refusal.not_yours_officer")
    if review.state is ReviewState.DONE:
        raise NotAllowedNow("refusal.already_decided")
    if review.version != version:
        raise StaleCard("refusal.stale")
    await unit.reviews.save(review, replace(review, state=ReviewState.DONE, approved_by=(actor.id,)))
    await unit.ledger.write(DESK, LedgerEvent.CLEARED, actor.id, _facts(review))


def _facts(review: RetentionReview) -> dict[str, str | int]:
    return {"review": review.id, "system": review.system, "year": year_of(review), "to": owner_of(review)}


def _id_of(year: int, system: str, owner: str) -> str:
    return hashlib.sha256(f"{OWN_COPIES} {year} {system} {owner}".encode()).hexdigest()[:32]


def _first_safe(calendar: Calendar, day: date) -> date:
    """Return *day*, or the next that is a working day under every reading."""
    return calendar.add_working_days(day - timedelta(days=1), 1)
