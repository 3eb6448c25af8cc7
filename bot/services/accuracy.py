"""How often proposals were right and how deadlines are kept, from the ledger and the tickets: counts only."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.accuracy import EVENTS, Report, report
from bot.domain.kept import Kept, kept
from bot.domain.ticket import Ticket
from bot.ports import Unit
from bot.services.house import House


async def how_right(unit: Unit, since: datetime | None = None) -> Report:
    """Return the report of the proposals made since a moment, of all when None."""
    return report(await unit.ledger.told(EVENTS, since))


def how_kept(house: House, tickets: Iterable[Ticket]) -> Kept:
    """Return how the parts of these tickets stand to their days."""
    return kept(tickets, house.today(), house.calendar)
