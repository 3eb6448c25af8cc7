"""Single-person mode: one person says both of two yeses, a day apart (D10). Here is what it needs beside the rule.

That it was one person stands in the ledger as the fact `people`, and whoever said the first yes is reminded once
their day is over. When a yes was said that keeps no moment of its own is read from the ledger.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from bot.cards.wait import For, Wait
from bot.cards.waiting import waits
from bot.domain.approving import ALONE_AFTER, said_by_one
from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Job, JobKind, RetentionReview, ReviewState, Unit
from bot.services.house import House
from bot.services.showing.posting import redraw, tell

NAME: Final = "alone"
REVIEW: Final = "review"


def by_one(yes: Collection[str]) -> dict[str, str | int]:
    """Return the facts of an entry that say that one person gave both yeses; none when two did, or one is owed."""
    return {"people": 1} if said_by_one(yes) else {}


async def remind_after(unit: Unit, house: House, about: str, colleague: Colleague) -> None:
    """Have *colleague* reminded when their day is over: `about` is a ticket's id or "review:<id>"."""
    if not house.single_person:
        return
    now = house.now()
    key = f"chase:{NAME}:{about}:{colleague.id}:{now:%Y%m%d%H%M}"
    await unit.jobs.put(Job(JobKind.CHASE, key, (NAME, f"{about}/{colleague.id}"), now + ALONE_AFTER))


async def ring(house: House, about: str) -> None:
    """Job: remind who said the first yes, unless somebody else said the second or the mode was put off."""
    about, _, by = about.partition("/")
    try:
        colleague = house.people.by_id(by)
    except NotFound:
        return
    if not house.single_person:
        return
    kind, _, review_id = about.partition(":")
    async with house.work() as unit:
        if kind == REVIEW:
            review = await unit.reviews.load(review_id)
            if review.state is ReviewState.OPENED and by in review.approved_by:
                await tell(unit, f"{about}:{NAME}", colleague)
            return
        try:
            ticket = await unit.tickets.load(about)
        except NotFound:
            return
        waited = waits(house.scene(colleague.language), ticket)
        if any(_seconds(ticket, wait, colleague) for wait in waited):
            await tell(unit, f"reminder:{NAME}:{ticket.id}:{house.today()}", colleague)
            await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": NAME})


async def redraw_list(unit: Unit, house: House, review: RetentionReview) -> None:
    """Have a list's card drawn afresh wherever it lies, and where it came once more as a reminder."""
    await redraw(unit, house, f"{REVIEW}:{review.id}")
    await redraw(unit, house, f"{REVIEW}:{review.id}:{NAME}")


def _seconds(ticket: Ticket, wait: Wait, colleague: Colleague) -> bool:
    """Whether what is waited for may be the second yes of who said the first; of records only that some wait."""
    match wait.what:
        case For.SECOND_APPROVAL:
            return any(one.by == colleague.id for one in ticket.task(wait.about).approvals)
        case For.DECLINE:
            return colleague.is_officer and ticket.task(wait.about).proposed_by == colleague.id
        case For.ATTESTATION:
            return any(one.by == colleague.id for one in ticket.identity.attestations)
        case what:
            return what in (For.SHARED, For.COPY)


async def proposed_at(unit: Unit, ticket: Ticket, task: Task) -> datetime | None:
    """Return when the decline of a task was proposed, as the ledger has it."""
    moments = [
        entry.at
        for entry in await unit.ledger.entries(ticket.id)
        if entry.event is LedgerEvent.DECLINE_PROPOSED
        and entry.actor == task.proposed_by
        and (entry.facts["system"], entry.facts["operation"]) == (task.system, task.operation)
    ]
    return max(moments, default=None)


async def listed_at(unit: Unit, review: RetentionReview, by: str) -> datetime | None:
    """Return when a colleague said yes to a list, as the ledger has it."""
    told = await unit.ledger.told({LedgerEvent.REVIEW_APPROVED}, review.started_at - timedelta(seconds=1))
    return max((one.at for one in told if (one.actor, one.facts["review"]) == (by, review.id)), default=None)
