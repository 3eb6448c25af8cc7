"""Reminders that a tick fires: deadlines, unconfirmed proposals, unpressed links, steps by hand.

A reminder goes to whoever can act and to the on-call officer, in a direct message with one
button. A tick is fired once whatever happens (D35); a reminder is posted once a day.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.redaction import awaited
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from bot.ports import EVERY, Call, TicketQuery, Unit
from bot.services.house import House
from bot.services.intake import special
from bot.services.keeping import clearing
from bot.services.showing.due import due_reminders, reminds_on
from bot.services.showing.posting import refresh, tell

#: So many reminders of a kind in one morning are still read one by one; more become one message to who is on call.
MANY: Final = 10
#: How many colons what a reminder is about has.
REMINDED: Final = 3
#: States in which a system's owner is waited for.
WAITED: Final = frozenset({TaskState.PROPOSED, TaskState.BY_HAND, TaskState.STUCK})


async def morning(house: House, _call: Call) -> None:
    """Job: every working morning, remind whoever must act."""
    today = house.today()
    if not reminds_on(house, today):
        return
    async with house.work() as unit:
        tickets = await unit.tickets.matching(TicketQuery(limit=EVERY))
        for ticket in tickets:
            await refresh(unit, ticket.id)  # what is left of its days, and the next reminder, are other ones today
            if await special.attend(unit, house, ticket):
                await _remind(unit, house, ticket, "unanswered", today)
        due = [(ticket, kind) for ticket in tickets for kind in due_reminders(house, ticket, today)]
        many = {kind for kind, n in Counter(kind for _, kind in due).items() if n > MANY}
        for ticket, kind in due:
            await _remind(unit, house, ticket, kind, today, gathered=kind in many)
        for kind in sorted(many):
            await tell(unit, f"gathered:{kind}:{today}", house.on_call())
        await tell(unit, f"summary:{today}", house.on_call())
        if await unit.items.waiting() or await unit.items.older():
            await tell(unit, f"items:{today}", house.on_call())
        await clearing.attend(unit, house, today)


async def _remind(unit: Unit, house: House, ticket: Ticket, kind: str, today: date, *, gathered: bool = False) -> None:
    """Remind whoever must act. *gathered*: who is on call gets one message about all such tickets instead (D36)."""
    for colleague in must_act(house, ticket):
        if gathered and colleague.id == house.on_call().id != ticket.handler:
            continue
        await tell(unit, f"reminder:{kind}:{ticket.id}:{today}", colleague)
    await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": kind})


def must_act(house: House, ticket: Ticket) -> Sequence[Colleague]:
    """Return whom a reminder about the ticket goes to: who walks it, owners waited for, and the on-call officer."""
    waited = {task.system for task in ticket.tasks if task.state in WAITED}
    waited |= {ticket.task(one.task_id).system for part in ticket.parts for one in awaited(ticket, part)}
    people = {house.on_call().id: house.on_call()}
    people |= {one.id: one for one in house.people.colleagues if one.id == ticket.handler}  # they may have left
    for system in sorted(waited):
        people |= {owner.id: owner for owner in house.people.owners(system)}
    return tuple(people.values())


async def tomorrow(unit: Unit, house: House, about: str, actor: Colleague) -> tuple[str, date]:
    """Bring a reminder back to the presser on the next working day; return of which ticket, and that day."""
    if about.count(":") != REMINDED:
        raise NotFound("refusal.unknown_button")
    _, kind, ticket_id, _ = about.split(":")
    back = house.next_morning()
    day = back.date()
    await tell(unit, f"reminder:{kind}:{ticket_id}:{day}", actor, back)
    await unit.ledger.write(ticket_id, LedgerEvent.REMINDED, actor.id, {"kind": kind, "days": 1})
    return ticket_id, day
