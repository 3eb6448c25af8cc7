"""The quiet list: what came in and is no request, and who has looked at it (D1, D29).

A look is written down with what it showed. What arrives after it has not been seen, so it
cannot be dismissed with the rest, however often the card is drawn afresh. A dismissal is
written down with what the item was, so that it can be taken back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.ports import IncomingItem, ItemState, Shelf, Unit
from bot.services.casefile import PROPOSAL
from bot.services.house import House

#: States in which nobody has said yet what an item is.
UNDECIDED: Final = frozenset({ItemState.WAITING, ItemState.OLDER})


def short(items: Sequence[IncomingItem]) -> set[str]:
    """Return the items' ids, as short as they are written down when somebody looks at the list."""
    return {item.id[:8] for item in items}


async def all_seen(unit: Unit, about: str) -> bool:
    """Whether somebody has looked, on the list *about*, at everything that waits now (D29)."""
    seen: set[str] = set()
    for entry in await unit.ledger.entries(about):
        seen |= set(str(entry.facts.get("seen", "")).split(","))
    return short(await unit.items.waiting()) <= seen


async def dismiss(unit: Unit, item: IncomingItem, actor: Colleague) -> None:
    """Say of an item that it is no request."""
    await unit.items.save(item, replace(item, state=ItemState.DISMISSED))
    facts: dict[str, str | int] = {"item": item.id, "was": item.state}
    await unit.ledger.write(DESK, LedgerEvent.ITEM_DISMISSED, actor.id, facts)


async def take_back(unit: Unit, item: IncomingItem, actor: Colleague) -> None:
    """Take a dismissal back: the item waits where it waited before."""
    await unit.vault.get(item.id, Shelf.ITEM, PROPOSAL)  # raises `Shredded`: what is forgotten cannot wait
    dismissed = await unit.ledger.told({LedgerEvent.ITEM_DISMISSED})
    was = [entry.facts.get("was") for entry in dismissed if entry.facts.get("item") == item.id]
    state = ItemState.OLDER if was and was[-1] == ItemState.OLDER else ItemState.WAITING
    await unit.items.save(item, replace(item, state=state))
    await unit.ledger.write(DESK, LedgerEvent.ITEM_RETURNED, actor.id, {"item": item.id})


async def dismissed_lately(unit: Unit, house: House, most: int) -> Sequence[IncomingItem]:
    """Return the items whose dismissal can be taken back, the latest first, at most *most*."""
    since = house.now() - timedelta(days=house.terms.items_days)
    told = await unit.ledger.told({LedgerEvent.ITEM_DISMISSED}, since)
    found: list[IncomingItem] = []
    for item_id in dict.fromkeys(str(entry.facts["item"]) for entry in reversed(told)):
        try:
            item = await unit.items.load(item_id)
        except NotFound:
            continue
        if item.state is ItemState.DISMISSED and await unit.vault.names(item.id, Shelf.ITEM):
            found.append(item)
        if len(found) == most:
            break
    return found
