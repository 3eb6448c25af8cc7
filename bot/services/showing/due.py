"""Which reminders a ticket calls for on a day: said once, for who sends them and for the card that gathers them."""

from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.deadline import SWEDEN, local_date
from bot.domain.identity import IdentityState
from bot.domain.roads import reply_by
from bot.domain.ticket import Part, Stage, Ticket
from bot.domain.unpressed import UNPRESSED_DAYS, unpressed_days
from bot.services.house import MORNING, House

#: Working days before the safe target on which a reminder goes out; at and past it, every working day.
WARNINGS: Final = frozenset({10, 5, 3, 2, 1})
#: Working days without Confirm (D5).
UNCONFIRMED_AFTER: Final = 1


def next_reminder(house: House, ticket: Ticket, now: datetime) -> date | None:
    """Return the day on which whoever the ticket waits for is reminded next, as `reminders.morning` will have it.

    None only for a ticket that is owed nothing: past the safe target every working morning is one.
    """
    if ticket.stage is Stage.CLOSED:
        return None
    day = local_date(now)
    if now >= datetime.combine(day, MORNING, SWEDEN):
        day += timedelta(days=1)
    while not (reminds_on(house, day) and due_reminders(house, ticket, day)):
        day += timedelta(days=1)
    return day


def latest_morning(house: House) -> date:
    """Return the day of the last morning on which anybody was reminded of anything."""
    now = house.now()
    day = local_date(now)
    if now < datetime.combine(day, MORNING, SWEDEN):
        day -= timedelta(days=1)
    while not reminds_on(house, day):
        day -= timedelta(days=1)
    return day


def reminds_on(house: House, day: date) -> bool:
    """Whether anybody is reminded of anything on a day: colleagues work then."""
    return house.calendar.is_safe(day)


def due_reminders(house: House, ticket: Ticket, today: date) -> tuple[str, ...]:
    """Return which reminders a ticket calls for today: "deadline", "unconfirmed", "unpressed"."""
    found = []
    left = house.calendar.working_days_between(today, house.nearest(ticket).safe_target)
    if left in WARNINGS or left <= 0:
        found.append("deadline")
    waited = (_unconfirmed_days(house, ticket, part, today) for part in ticket.parts)
    if reply_by(ticket) is None and any(days >= UNCONFIRMED_AFTER for days in waited):
        found.append("unconfirmed")
    if _unpressed_days(house, ticket, today) >= UNPRESSED_DAYS:
        found.append("unpressed")
    return tuple(found)


def _unconfirmed_days(house: House, ticket: Ticket, part: Part, today: date) -> int:
    """Return for how many working days a part has waited to be confirmed, -1 when it does not.

    One that came with the first mail counts from when a colleague passed that on; a later one from its own receipt.
    """
    if part.stage is not Stage.RECEIVED:
        return -1
    first = part.received == ticket.received
    since = ticket.forwarded_at if first and ticket.forwarded_at else part.received
    return house.calendar.working_days_between(local_date(since), today)


def _unpressed_days(house: House, ticket: Ticket, today: date) -> int:
    if ticket.identity.shown.state is not IdentityState.AUTHENTICATED:
        return -1
    return unpressed_days(ticket, today, house.calendar)
