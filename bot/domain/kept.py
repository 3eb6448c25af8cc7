"""How well the days of Art. 12(3) are kept, as counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.domain.deadline import Calendar, local_date
from bot.domain.extension import in_force
from bot.domain.ticket import BY_REASON, Ticket


@dataclass(frozen=True, slots=True)
class Kept:
    """Rights asked, by how they stand to their days. `past_target` are open between safe target and last day."""

    in_time: int = 0
    late: int = 0
    open: int = 0
    past_target: int = 0
    overdue: int = 0


def kept(tickets: Iterable[Ticket], today: date, calendar: Calendar) -> Kept:
    """Count the parts of *tickets*; one that was no request, or was taken back, was never owed and counts nowhere."""
    in_time = late = waiting = past_target = overdue = 0
    for of, part in ((ticket, part) for ticket in tickets for part in ticket.parts):
        days = in_force(of, part, calendar)
        if part.open:
            waiting += 1
            overdue += days.last_day < today
            past_target += days.safe_target < today <= days.last_day
        elif part.closed_at is not None and part.outcome not in BY_REASON:
            answered_late = local_date(part.closed_at) > days.last_day
            late += answered_late
            in_time += not answered_late
    return Kept(in_time, late, waiting, past_target, overdue)
