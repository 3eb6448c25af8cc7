"""A system in memory in place of HubSpot: a search by address is one way in, a record's id another.

As at a vendor, the two need not agree: an address may be changed behind our back, and once a
contact is gone nothing that hung on it is found, erased or not.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from dataclasses import replace

from bot.domain.errors import SystemTrouble
from bot.domain.system import Exported, Identifier, IdentifierKind, Manifest, Operation, Receipt, Record
from bot.ports import System
from bot.services.house import House

KEY = "hubspot"


class Cabinet:
    """Notes and their contact. `deaf` are ids whose erasure is acknowledged and never happens.

    `before` is awaited with its id before each record goes; `asked` are the sizes of what was asked for by id.
    """

    def __init__(self, manifest: Manifest, address: str, notes: int) -> None:
        self._manifest = manifest
        contact = Record(KEY, "contact", "c1", contacts=(Identifier(IdentifierKind.EMAIL, address),))
        listed = [*(Record(KEY, "note", f"n{number}") for number in range(notes)), contact]
        self.held = {one.id: one for one in listed}
        self.deaf: set[str] = set()
        self.asked: list[int] = []
        self.finds = 0
        self.before: Callable[[str], Awaitable[None]] | None = None
        self.refuses: SystemTrouble | None = None

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    def move_to(self, address: str) -> None:
        """Let the contact have another address."""
        moved = (Identifier(IdentifierKind.EMAIL, address),)
        self.held["c1"] = replace(self.held["c1"], contacts=moved)

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        self.finds += 1
        self._refuse()
        contact = self.held.get("c1")
        if contact is None or not set(contact.contacts) & set(person):
            return []
        return list(self.held.values())

    async def export(self, record: Record) -> Exported:
        self._refuse()
        return Exported(record, {"number": record.id} if record.id in self.held else {})

    async def erase(self, record: Record) -> Receipt:
        if self.before is not None:
            await self.before(record.id)
        if record.id not in self.deaf:
            self.held.pop(record.id, None)
        return Receipt(Operation.ERASE, record.kind, record.id)

    async def suppress(self, identifier: Identifier) -> Receipt:
        return Receipt(Operation.SUPPRESS, "address", identifier.value)

    def _refuse(self) -> None:
        if self.refuses is not None:
            raise self.refuses


class Proving(Cabinet):
    """A cabinet that takes many at once and can be asked by id."""

    async def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        for record in records:
            yield await self.export(record)

    async def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        for record in records:
            yield await self.erase(record)

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        self._refuse()
        self.asked.append(len(records))
        return [one for one in records if one.id in self.held]


def put_in(house: House, system: System) -> None:
    """Let a system stand in HubSpot's place."""
    assert isinstance(house.systems, MutableMapping)
    house.systems[KEY] = system
