"""An opt-out that could not run by itself is pressed the same working day, or who has duty hears of it (D8, P44)."""

from datetime import datetime, time, timedelta
from typing import Final

from bot.domain.deadline import SWEDEN
from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.optout import is_opt_out
from bot.domain.policy import officer_only
from bot.domain.ticket import Stage, Ticket
from bot.ports import Job, JobKind, Unit
from bot.services.house import House
from bot.services.showing.posting import tell

NAME: Final = "opt_out"
#: When who has duty is told, and until when in the working day it is still worth telling, in Sweden.
TOLD_AT: Final = time(15)
NOT_AFTER: Final = time(16)
#: What came in the afternoon waits at least so long for whoever sees it first.
SHORTLY: Final = timedelta(minutes=30)
#: What came outside working hours is told of at this hour of the next working day.
NEXT_DAY_AT: Final = time(10)


async def watch(unit: Unit, house: House, ticket: Ticket) -> None:
    """Have who has duty told in time if nobody has pressed by then."""
    if any(is_opt_out(part) and part.stage is Stage.RECEIVED for part in ticket.parts):
        at = told_at(house, house.now())
        await unit.jobs.put(Job(JobKind.CHASE, f"chase:{NAME}:{ticket.id}", (NAME, ticket.id), at))


def told_at(house: House, now: datetime) -> datetime:
    """Return when to tell: before four on the same working day, else on the next."""
    here = now.astimezone(SWEDEN)
    if house.calendar.is_safe(here.date()) and here.time() < NOT_AFTER:
        return max(datetime.combine(here.date(), TOLD_AT, SWEDEN), now + SHORTLY)
    return datetime.combine(house.calendar.add_working_days(here.date(), 1), NEXT_DAY_AT, SWEDEN)


async def ring(house: House, ticket_id: str) -> None:
    """Job: tell who has duty of an opt-out that nobody has pressed."""
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
        except NotFound:
            return
        if not any(is_opt_out(part) and part.stage is Stage.RECEIVED for part in ticket.parts):
            return
        on_call = house.on_call()
        whom = house.people.officers() if officer_only(ticket) and not on_call.is_officer else (on_call,)
        for colleague in whom:
            await tell(unit, f"reminder:{NAME}:{ticket.id}:{house.today()}", colleague)
        await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": NAME})
