"""Much at once: a person may have ten thousand notes, and HubSpot takes a hundred of a kind per call.

Portions follow each other in the order given. Files go before the activities they hang
on, activities before their contact: what is erased never hides the way to what is not.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Final

from bot.domain.system import Exported, Operation, Receipt, Record
from integrations.hubspot.content import Content
from integrations.hubspot.crm import Crm
from integrations.hubspot.flow import AHEAD, ahead
from integrations.hubspot.places import ACTIVITIES, CHAT, COMPANY, CONTACT, FEEDBACK, FILE, IN_BATCHES, TYPES, batches

GONE_ALREADY: Final = "already gone"
#: What must be gone before the next is touched, by rank; within a rank portions go side by side.
RANK: Final = {FILE: 0, **dict.fromkeys((*ACTIVITIES, CHAT, *COMPANY), 1), CONTACT: 2, FEEDBACK: 3}


async def exported(
    content: Content, one_by_one: Callable[[Record], Awaitable[Exported]], records: Sequence[Record]
) -> AsyncIterator[Exported]:
    """Yield each record's content in the order given."""

    async def portion_of(portion: Sequence[Record]) -> list[Exported]:
        if portion[0].kind not in IN_BATCHES:
            return [await one_by_one(portion[0])]
        fields = await content.of_many(portion[0].kind, [one.id for one in portion])
        return [Exported(record, held) for record, held in zip(portion, fields, strict=True)]

    async for portion in ahead(partial(portion_of, one) for one in _portions(records)):
        for one in portion:
            yield one


async def erased(
    crm: Crm,
    held: Callable[[Record], Awaitable[bool]],
    erase: Callable[[Record], Awaitable[Receipt]],
    records: Iterable[Record],
) -> AsyncIterator[Receipt]:
    """Erase in the order given, what others are on too left out, and yield what is done.

    Contacts are looked for while what lies on them is erased: their turn comes after it all the same.
    """
    ours = [record for record in records if not record.shared]
    looks = {one.id: asyncio.ensure_future(held(one)) for one in ours if one.kind == CONTACT}

    async def portion_of(portion: Sequence[Record]) -> list[Receipt]:
        if portion[0].kind in ACTIVITIES:
            return await _binned(crm, portion[0].kind, portion)
        return [await alone(one) for one in portion]

    async def alone(one: Record) -> Receipt:
        there = await (looks[one.id] if one.kind == CONTACT else held(one))
        return await erase(one) if there else Receipt(Operation.ERASE, one.kind, one.id, GONE_ALREADY)

    try:
        for rank, group in groupby(ours, key=lambda one: RANK[one.kind]):
            at_once = 1 if rank == RANK[CONTACT] else AHEAD
            portions = (partial(portion_of, one) for one in _portions(list(group)))
            async for receipts in ahead(portions, most=at_once, writes=True):
                for receipt in receipts:
                    yield receipt
    finally:
        for look in looks.values():
            look.cancel()
        await asyncio.gather(*looks.values(), return_exceptions=True)


async def _binned(crm: Crm, kind: str, portion: Sequence[Record]) -> list[Receipt]:
    there = await crm.existing(TYPES[kind], [one.id for one in portion])
    if there:
        await crm.erase_many(kind, [one.id for one in portion if one.id in there])
    notes = ("" if one.id in there else GONE_ALREADY for one in portion)
    return [Receipt(Operation.ERASE, kind, one.id, note) for one, note in zip(portion, notes, strict=True)]


def _portions(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    for kind, group in groupby(records, key=lambda one: one.kind):
        if kind not in IN_BATCHES:
            yield from ([one] for one in group)
        else:
            by_id = {one.id: one for one in group}
            for ids in batches(by_id):
                yield [by_id[one] for one in ids]
