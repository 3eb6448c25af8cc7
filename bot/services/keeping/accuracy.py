"""How often proposals were right and how deadlines are kept, from the ledger and the tickets: counts only."""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.accuracy import EVENTS, Report, report
from bot.domain.kept import Kept, kept
from bot.ports import EVERY, TicketQuery, Unit
from bot.services.house import House

#: How far back the desk's own counts look: older proposals were made by an older reader, and a year is enough to read.
COUNTED: Final = timedelta(days=366)


async def how_right(unit: Unit, since: datetime | None = None) -> Report:
    """Return the report of the proposals made since a moment, of all when None."""
    return report(await unit.ledger.told(EVENTS, since))


async def how_kept(unit: Unit, house: House) -> Kept:
    """Return how the parts of open tickets, and of those closed within `COUNTED`, stand to their days."""
    tickets = [
        *await unit.tickets.matching(TicketQuery(limit=EVERY)),
        *await unit.tickets.matching(TicketQuery(closed_since=house.now() - COUNTED, limit=EVERY)),
    ]
    each = {ticket.id: ticket for ticket in tickets}.values()
    return kept(each, house.today(), house.calendar)
