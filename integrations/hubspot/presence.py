"""Whether what was found is still there, asked by id.

Contacts are there in the bin, too: they can be deleted for good from there. Activities,
deals, tickets and chats in the bin are not: HubSpot empties it after 90 days, has no
other way, and the letter says so. Files and chats HubSpot gives by one id at a time. A
survey's answer has no deletion of its own: without its contact HubSpot purges it by
itself, so it is there as long as a contact has it. What forms and mailings left behind
is no record of ours: it goes with its contact.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from functools import partial

from bot.domain.system import Record
from integrations.http import both
from integrations.hubspot.chats import ChatRooms
from integrations.hubspot.crm import Crm
from integrations.hubspot.files import Files
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import CHAT, CONTACT, FEEDBACK, FILE, TYPES, batches


class Presence:
    """Looks records up by id, a hundred at a time where HubSpot takes so many."""

    def __init__(self, crm: Crm, files: Files, chats: ChatRooms) -> None:
        self._crm = crm
        self._files = files
        self._chats = chats

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return those of *records* that HubSpot still holds, in the order given."""
        by_kind: dict[str, dict[str, None]] = {}
        for record in records:
            by_kind.setdefault(record.kind, {})[record.id] = None
        there = {one async for found in ahead(self._looks(by_kind)) for one in found}
        return tuple(record for record in records if (record.kind, record.id) in there)

    def _looks(
        self, by_kind: dict[str, dict[str, None]]
    ) -> Iterator[Callable[[], Awaitable[Collection[tuple[str, str]]]]]:
        for kind, ids in by_kind.items():
            portions = ([one] for one in ids) if kind in (FILE, CHAT) else batches(ids)
            yield from (partial(self._look, kind, portion) for portion in portions)

    async def _look(self, kind: str, ids: Sequence[str]) -> Collection[tuple[str, str]]:
        match kind:
            case "file":
                there = {one for one in ids if await self._files.about(one) is not None}
            case "chat":
                there = {one for one in ids if await self._chats.held(one) is not None}
            case "contact":
                alive, binned = await both(
                    self._crm.existing(TYPES[CONTACT], ids), self._crm.existing(TYPES[CONTACT], ids, archived=True)
                )
                there = {*alive, *binned}
            case "feedback":
                there = await self._on_contacts(await self._crm.existing(TYPES[FEEDBACK], ids))
            case _:
                there = {*await self._crm.existing(TYPES[kind], ids)}
        return [(kind, one) for one in there]

    async def _on_contacts(self, answers: Collection[str]) -> set[str]:
        """Return those of a survey's *answers* that a contact has; where HubSpot does not say, one has."""
        ends = await self._crm.far_ends(TYPES[FEEDBACK], TYPES[CONTACT], answers)
        return {one for one in answers if one not in ends or ends[one]}
