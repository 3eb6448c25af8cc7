"""The quiet list: what came in and is no request, and who has looked at it (D1, D29).

A look is written down with what it showed. What arrives after it has not been seen, so it
cannot be dismissed with the rest, however often the card is drawn afresh.
"""

from collections.abc import Sequence

from bot.ports import IncomingItem, Unit


def short(items: Sequence[IncomingItem]) -> set[str]:
    """Return the items' ids, as short as they are written down when somebody looks at the list."""
    return {item.id[:8] for item in items}


async def all_seen(unit: Unit, about: str) -> bool:
    """Whether somebody has looked, on the list *about*, at everything that waits now (D29)."""
    seen: set[str] = set()
    for entry in await unit.ledger.entries(about):
        seen |= set(str(entry.facts.get("seen", "")).split(","))
    return short(await unit.items.waiting()) <= seen
