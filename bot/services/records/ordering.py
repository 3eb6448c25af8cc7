"""Orders to systems that show nobody who is in them: given once, remembered, followed to their end.

Where looking proves nothing, the vendor's receipt is all the proof there is. Receipts are sealed as they come, so
that another try neither spends the vendor's quota twice nor forgets what is under way; only an order the vendor
gave up is given anew. A lost answer is asked again: in such systems that is harmless (D34, see `Manifest`).

    findings/ordered/<task>              the receipts of what was ordered
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from functools import partial

from bot.domain.errors import NeedsHuman, NotFound, Shredded
from bot.domain.system import Identifier, Operation, Receipt
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import CarriesOut, Shelf, System, Unseen
from bot.services.house import House

#: What is ordered, by the record's own word and id, and how to order it.
Order = tuple[tuple[str, str], Callable[[], Awaitable[Receipt]]]


async def erase_unseen(
    house: House, ticket: Ticket, task: Task, system: System, person: Sequence[Identifier]
) -> Sequence[str]:
    """Order the erasure of whatever bears the person's identifiers; return the kinds, one for each order."""
    if not isinstance(system, Unseen):
        raise NeedsHuman("trouble.not_found_again")
    records = system.named(person)
    if not records:
        raise NeedsHuman("trouble.not_known_by")
    orders = [((record.kind, record.id), partial(system.erase, record)) for record in records]
    await _give(house, ticket, task, system, orders)
    return [record.kind for record in records]


async def suppress_at(
    house: House, ticket: Ticket, task: Task, system: System, addresses: Sequence[Identifier]
) -> None:
    """Stop every mailing to *addresses*, and see it through where the vendor takes its time."""
    orders = [((Operation.SUPPRESS, one.value), partial(system.suppress, one)) for one in addresses]
    await _give(house, ticket, task, system, orders)


async def _give(house: House, ticket: Ticket, task: Task, system: System, orders: Sequence[Order]) -> None:
    receipts = await _given(house, ticket, task)
    for key, order in orders:
        if _name(key) not in receipts:
            receipts[_name(key)] = await order()
            await _keep(house, ticket, task, receipts)
    if not isinstance(system, CarriesOut):
        return
    for key, _ in orders:
        try:
            await system.carried_out(receipts[_name(key)])
        except NeedsHuman:
            del receipts[_name(key)]
            await _keep(house, ticket, task, receipts)
            raise


def _name(key: tuple[str, str]) -> str:
    return "/".join(key)


async def _given(house: House, ticket: Ticket, task: Task) -> dict[str, Receipt]:
    async with house.work() as unit:
        try:
            kept = json.loads(await unit.vault.get(ticket.id, Shelf.FINDINGS, f"ordered/{task.id}"))
        except (NotFound, Shredded):
            return {}
    return {name: Receipt(**one | {"operation": Operation(one["operation"])}) for name, one in kept.items()}


async def _keep(house: House, ticket: Ticket, task: Task, receipts: dict[str, Receipt]) -> None:
    sealed = json.dumps({name: asdict(receipt) for name, receipt in receipts.items()}, ensure_ascii=False).encode()
    async with house.work() as unit:
        await unit.vault.put(ticket.id, Shelf.FINDINGS, f"ordered/{task.id}", sealed)
