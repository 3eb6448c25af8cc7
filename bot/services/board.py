"""What a card is about, and the card that shows it: the one place that loads state for the cards.

`about` is a ticket's id or reference, "home", "items:<day>", "summary:<day>",
"review:<id>" or "reminder:<kind>:<ticket>:<day>".
"""

from datetime import date

from bot.card import Card
from bot.domain.people import Colleague
from bot.ports import Unit
from bot.services.house import House


async def card_about(unit: Unit, house: House, reader: Colleague | None, about: str) -> Card:
    """Return the card; *reader* None means the channel. Raises `NotFound`."""
    raise NotImplementedError
