"""A "Ja, radera" that nobody presses: after five working days a person decides, and it never lapses by itself (D7)."""

from datetime import date, datetime
from typing import Final

from bot.domain.deadline import Calendar, local_date
from bot.domain.letter import LetterKind, LetterState
from bot.domain.locking import lock_on
from bot.domain.task import Lock, TaskState
from bot.domain.ticket import Ticket

#: States in which an approved erasure may wait for the person: one that came to a colleague may have been locked anew.
WAITING: Final = frozenset({TaskState.LOCKED, TaskState.BY_HAND, TaskState.STUCK})
#: Working days the link lies with the person before a colleague may decide in their place.
UNPRESSED_DAYS: Final = 5


def pressable_since(ticket: Ticket) -> datetime | None:
    """Return when the link "Ja, radera" first reached the person; None when it never left."""
    sent = [
        letter.sent_at
        for letter in ticket.letters
        if letter.kind is LetterKind.CONFIRM_ERASURE and letter.state is LetterState.SENT and letter.sent_at
    ]
    return min(sent, default=None)


def unpressed_days(ticket: Ticket, today: date, calendar: Calendar) -> int:
    """Return for how many working days the link has lain with the person, -1 when it never left."""
    since = pressable_since(ticket)
    return calendar.working_days_between(local_date(since), today) if since is not None else -1


def waits_for_press(ticket: Ticket, at: datetime, calendar: Calendar) -> bool:
    """Whether an approved erasure waits for the person's own word and for nothing before it."""
    return any(
        task.state in WAITING and lock_on(ticket, part, task, at, calendar) is Lock.CONFIRMATION
        for part in ticket.parts
        for task in ticket.tasks_of(part)
    )


def a_person_decides(ticket: Ticket, at: datetime, calendar: Calendar) -> bool:
    """Whether the link has lain long enough for a colleague to decide: to act on the mail alone, or to close kindly."""
    overripe = unpressed_days(ticket, local_date(at), calendar) >= UNPRESSED_DAYS
    return overripe and waits_for_press(ticket, at, calendar)
