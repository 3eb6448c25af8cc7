"""The extension of Article 12(3): two months more, once, for complexity or number, told within the first month.

What extends a deadline is not our decision but that the person was told of it in time, with reasons. So nothing is
kept beside the letters: a part is extended from the moment its letter T4 has left on or before the last day, and a
letter that came back, or left too late, extends nothing (R28, R29).
"""

from dataclasses import replace
from datetime import date
from typing import Final

from bot.domain.deadline import Calendar, Deadlines, deadlines, local_date
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.optout import is_opt_out
from bot.domain.ticket import Part, Stage, Ticket

#: The two reasons the law knows. Effort as such, staffing and holidays are none (R28).
REASONS: Final = ("complexity", "number")
#: States in which a letter T4 is still on its way to the person.
ON_ITS_WAY: Final = frozenset(
    {LetterState.REQUESTED, LetterState.DRAFT, LetterState.APPROVED, LetterState.SENDING, LetterState.DOUBTFUL}
)


def in_force(ticket: Ticket, part: Part, calendar: Calendar) -> Deadlines:
    """Return the days that hold for *part*: those of its receipt, or the extended ones once the person was told."""
    days = deadlines(part.received, calendar)
    if told(ticket, part, calendar) is None:
        return days
    return replace(days, last_day=days.extended_last_day, safe_target=days.safe_extended_target)


def nearest(ticket: Ticket, calendar: Calendar) -> Deadlines:
    """Return the days of the open part that is to be answered first; of all parts when none is open."""
    parts = [part for part in ticket.parts if part.open] or ticket.parts
    return min((in_force(ticket, part, calendar) for part in parts), key=lambda days: (days.last_day, days.safe_target))


def told(ticket: Ticket, part: Part, calendar: Calendar) -> Letter | None:
    """Return the letter that told the person of the extension in time; None when none did."""
    last = deadlines(part.received, calendar).extension_notice_last_day
    for letter in _notices(ticket, part):
        if letter.state is LetterState.SENT and letter.sent_at is not None and local_date(letter.sent_at) <= last:
            return letter
    return None


def on_its_way(ticket: Ticket, part: Part) -> Letter | None:
    """Return the letter that is to tell the person and has not left yet."""
    return next((one for one in _notices(ticket, part) if one.state in ON_ITS_WAY), None)


def extendable(ticket: Ticket, today: date, calendar: Calendar) -> tuple[Part, ...]:
    """Return the parts whose deadline can still be extended today.

    Confirmed, open, still within the first month, and not extended before. What only stops mailings is never complex.
    """
    return tuple(part for part in ticket.parts if _extendable(ticket, part, today, calendar))


def _extendable(ticket: Ticket, part: Part, today: date, calendar: Calendar) -> bool:
    confirmed = part.open and part.stage is not Stage.RECEIVED and not is_opt_out(part)
    in_time = today <= deadlines(part.received, calendar).extension_notice_last_day
    return confirmed and in_time and not any(one.state is not LetterState.UNDELIVERED for one in _notices(ticket, part))


def _notices(ticket: Ticket, part: Part) -> tuple[Letter, ...]:
    return tuple(one for one in ticket.letters if one.kind is LetterKind.EXTENDED and part.id in one.part_ids)
