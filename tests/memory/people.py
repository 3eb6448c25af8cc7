"""Places, chat identities, shifts and pauses in memory."""

from collections.abc import Sequence
from datetime import date

from bot.ports import ChatIdentity, Pause, Place, PlaceKind, SetShift
from tests.memory.shelves import Shelves


class MemoryPlaces:
    def __init__(self, shelves: Shelves) -> None:
        self._places = shelves.places

    async def put(self, place: Place) -> None:
        self._places[(place.chat, place.tenant, place.address)] = place

    async def at(self, chat: str, tenant: str, address: str) -> Place | None:
        return self._places.get((chat, tenant, address))

    async def of(self, chat: str, tenant: str) -> Sequence[Place]:
        found = [one for one in self._places.values() if (one.chat, one.tenant) == (chat, tenant)]
        return sorted(found, key=lambda place: place.address)

    async def personal(self, chat: str) -> Sequence[Place]:
        found = [one for one in self._places.values() if (one.chat, one.kind) == (chat, PlaceKind.PERSONAL)]
        return sorted(found, key=lambda place: place.address)

    async def drop(self, chat: str, tenant: str, address: str) -> None:
        self._places.pop((chat, tenant, address), None)


class MemoryIdentities:
    def __init__(self, shelves: Shelves) -> None:
        self._identities = shelves.identities

    async def put(self, identity: ChatIdentity) -> None:
        self._identities[(identity.chat, identity.handle)] = identity

    async def of(self, chat: str, handle: str) -> ChatIdentity | None:
        return self._identities.get((chat, handle))

    async def every(self) -> Sequence[ChatIdentity]:
        return [self._identities[key] for key in sorted(self._identities)]

    async def drop(self, chat: str, handle: str) -> None:
        self._identities.pop((chat, handle), None)


class MemoryShifts:
    def __init__(self, shelves: Shelves) -> None:
        self._shifts = shelves.shifts

    async def add(self, shift: SetShift) -> None:
        self._shifts[max(self._shifts, default=0) + 1] = shift

    async def since(self, day: date) -> Sequence[SetShift]:
        return [shift for shift in self._shifts.values() if shift.last_day >= day]

    async def forget(self, before: date) -> None:
        for number, shift in list(self._shifts.items()):
            if shift.last_day < before:
                del self._shifts[number]


class MemoryPauses:
    def __init__(self, shelves: Shelves) -> None:
        self._pauses = shelves.pauses

    async def put(self, pause: Pause) -> bool:
        return self._pauses.setdefault(pause.system, pause) is pause

    async def lift(self, system: str) -> bool:
        return self._pauses.pop(system, None) is not None

    async def every(self) -> Sequence[Pause]:
        return [self._pauses[system] for system in sorted(self._pauses)]
