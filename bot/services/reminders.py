"""Reminders that a tick fires: deadlines, unconfirmed proposals, unpressed links, steps by hand.

A reminder goes to whoever can act and to the on-call officer, in a direct message with one
button. A tick is fired once whatever happens (D35); a reminder is posted once a day.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from bot.domain.deadline import SWEDEN, local_date
from bot.domain.identity import IdentityState
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind, LetterState
from bot.domain.people import Colleague
from bot.domain.task import TaskState
from bot.domain.ticket import Stage, Ticket
from bot.ports import Call, TicketQuery, Unit
from bot.services.house import House
from bot.services.posting import tell

DESK: Final = "desk"
#: When what was put off until tomorrow comes back, in Sweden.
MORNING: Final = time(8)
#: Working days before the safe target on which a reminder goes out; at and past it, every working day.
WARNINGS: Final = frozenset({10, 5, 3, 2, 1})
#: States in which a system's owner is waited for.
WAITED: Final = frozenset({TaskState.PROPOSED, TaskState.BY_HAND, TaskState.STUCK})
#: Working days without Confirm (D5), and without "Ja, radera" (D7).
UNCONFIRMED_AFTER: Final = 1
UNPRESSED_AFTER: Final = 5


async def morning(house: House, _call: Call) -> None:
    """Job: every working morning, remind whoever must act."""
    today = house.today()
    if not house.calendar.is_safe(today):
        return
    async with house.work() as unit:
        tickets = await unit.tickets.matching(TicketQuery())
        for ticket in tickets:
            for kind in due_reminders(house, ticket, today):
                await _remind(unit, house, ticket, kind, today)
        await tell(unit, f"summary:{today}", house.on_call())
        if await unit.items.waiting() or await unit.items.older():
            await tell(unit, f"items:{today}", house.on_call())


def due_reminders(house: House, ticket: Ticket, today: date) -> tuple[str, ...]:
    """Return which reminders a ticket calls for today: "deadline", "unconfirmed", "unpressed"."""
    found = []
    left = house.calendar.working_days_between(today, house.nearest(ticket).safe_target)
    if left in WARNINGS or left <= 0:
        found.append("deadline")
    since = local_date(ticket.forwarded_at or ticket.received)
    if ticket.stage is Stage.RECEIVED and house.calendar.working_days_between(since, today) >= UNCONFIRMED_AFTER:
        found.append("unconfirmed")
    if _unpressed_days(house, ticket, today) >= UNPRESSED_AFTER:
        found.append("unpressed")
    return tuple(found)


def _unpressed_days(house: House, ticket: Ticket, today: date) -> int:
    if ticket.identity.state is not IdentityState.AUTHENTICATED:
        return -1
    sent = [
        letter.sent_at
        for letter in ticket.letters
        if letter.kind is LetterKind.CONFIRM_ERASURE and letter.state is LetterState.SENT and letter.sent_at
    ]
    return house.calendar.working_days_between(local_date(min(sent)), today) if sent else -1


async def _remind(unit: Unit, house: House, ticket: Ticket, kind: str, today: date) -> None:
    for colleague in must_act(house, ticket):
        await tell(unit, f"reminder:{kind}:{ticket.id}:{today}", colleague)
    await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": kind})


def must_act(house: House, ticket: Ticket) -> Sequence[Colleague]:
    """Return whom a reminder about the ticket goes to: who walks it, owners waited for, and the on-call officer."""
    waited = {task.system for task in ticket.tasks if task.state in WAITED}
    people = {house.on_call().id: house.on_call()}
    people |= {one.id: one for one in house.people.colleagues if one.id == ticket.handler}  # they may have left
    for system in sorted(waited):
        people |= {owner.id: owner for owner in house.people.owners(system)}
    return tuple(people.values())


async def tomorrow(unit: Unit, house: House, about: str, actor: Colleague) -> None:
    """Bring a reminder back to the presser on the next working day."""
    _, kind, ticket_id, _ = about.split(":")
    day = house.calendar.add_working_days(house.today(), 1)
    morning_of = datetime.combine(day, MORNING, SWEDEN)
    await tell(unit, f"reminder:{kind}:{ticket_id}:{day}", actor, morning_of)
    await unit.ledger.write(ticket_id, LedgerEvent.REMINDED, actor.id, {"kind": kind, "days": 1})
