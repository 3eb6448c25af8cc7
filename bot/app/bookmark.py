"""Where the mailbox's reading left off, in the vault: integrations know no store, so the wiring hands them this."""

from typing import Final

from bot.domain.errors import NotFound
from bot.ports import Shelf, Work
from bot.services.intake.hints import OWNER

PLACE: Final = "place"


class VaultBookmark:
    """A `Bookmark` that survives restarts, each write a transaction of its own."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def read(self) -> str:
        """Return the place; "" when none was kept."""
        async with self._work() as unit:
            try:
                return (await unit.vault.get(OWNER, Shelf.DESK, PLACE)).decode()
            except NotFound:
                return ""

    async def write(self, place: str) -> None:
        """Keep it."""
        async with self._work() as unit:
            await unit.vault.put(OWNER, Shelf.DESK, PLACE, place.encode())
