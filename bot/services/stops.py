"""What is stopped at this moment, for cards; whoever is about to call a vendor asks the store itself (`stopping`)."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.ports import Pause


class Stops:
    """The pauses that stand, exchanged whole by `bot.services.staff.roster`.

    `turn` is held from the first reading until what was read is exchanged, the people with the pauses.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._standing: Mapping[str, Pause] = MappingProxyType({})

    @property
    def standing(self) -> Mapping[str, Pause]:
        """The pauses by system (`ALL_SYSTEMS`: every one); the mapping itself never changes."""
        return self._standing

    def exchange(self, pauses: Sequence[Pause]) -> None:
        """Let *pauses* stand from now on."""
        self._standing = MappingProxyType({one.system: one for one in pauses})
