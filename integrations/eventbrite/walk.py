"""Going through all attendees, once for everybody who waits.

Eventbrite cannot be asked for an attendee by address. An index of our own would be a
second register of everybody who ever came, allergies' neighbour at rest; so there is none,
and the price is kept down instead: searches that come while a walk is under way share the
next one. Fifty requests at once cost two walks, and a walk holds one page at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence

from bot.domain.errors import SystemTrouble
from integrations.eventbrite.shapes import Attendee, AttendeePage, same_phone


class _Search:
    """Whom somebody looks for, and what was found of them."""

    def __init__(self, addresses: Collection[str], phones: Collection[str]) -> None:
        self.addresses = frozenset(addresses)
        self.phones = frozenset(phones)
        self.found: dict[str, Attendee] = {}
        self.over = False
        self.trouble: SystemTrouble | None = None

    def look_at(self, one: Attendee) -> None:
        """Keep a place that bears an address or phone looked for."""
        if one.address in self.addresses or same_phone(one.profile.cell_phone) in self.phones:
            self.found[one.id] = one


class Walk:
    """Shares walks among searches."""

    def __init__(self, pages: Callable[[], AsyncIterator[AttendeePage]]) -> None:
        self._pages = pages
        self._waiting: list[_Search] = []
        self._under_way = asyncio.Lock()

    async def look_for(self, addresses: Collection[str], phones: Collection[str]) -> Sequence[Attendee]:
        """Return every place with one of *addresses* (lower case) or *phones* (`same_phone`), each once."""
        search = _Search(addresses, phones)
        self._waiting.append(search)
        try:
            async with self._under_way:
                if not search.over:
                    await self._go()
        finally:
            if search in self._waiting:
                self._waiting.remove(search)
        if search.trouble is not None:
            raise search.trouble
        return list(search.found.values())

    async def _go(self) -> None:
        """Walk for all who wait now. One who is called off mid-way leaves the others to walk for themselves."""
        party = self._waiting
        self._waiting = []
        try:
            async for page in self._pages():
                for one in page.attendees:
                    for search in party:
                        search.look_at(one)
        except SystemTrouble as trouble:
            for search in party:
                search.trouble = trouble
        except BaseException:
            self._waiting = [*party, *self._waiting]
            raise
        for search in party:
            search.over = True
