"""A card that was pressed too late, as it is now: refused and refreshed (F39), alike in every chat."""

from dataclasses import replace

from bot.card import Card, Press, Text
from bot.domain.errors import NotFound, StaleCard
from bot.domain.people import Colleague
from handlers.front_desk import FrontDesk


async def afresh(desk: FrontDesk, actor: Colleague, press: Press, stale: StaleCard) -> Card | None:
    """Return the card afresh below the refusal; None where the target has no card of its own."""
    try:
        card = await desk.view(actor, press.target)
    except NotFound:
        return None
    said = Text(desk.explain(actor.language, stale), strong=True)
    return replace(card, elements=(said, *card.elements))
