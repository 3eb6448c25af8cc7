"""A library card register: the smallest system there can be, copied in by a test as a sixth folder."""

from collections.abc import Sequence
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.domain.system import Identifier, IdentifierKind, Manifest, Operation, Record, absent, automatic, manual
from bot.ports.world import Clock
from integrations.by_hand import ByHand
from integrations.http import Api, NotHeld, ServiceUrl, Vendor, VendorShape, at
from integrations.tokens import FixedToken

KEY: Final = "library"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Library",
    known_by=frozenset({IdentifierKind.EMAIL}),
    capabilities={operation: absent("reason.absent") for operation in Operation}
    | {Operation.FIND: automatic(), Operation.ERASE: manual("reason.erase", irreversible=True)},
)


class Settings(BaseModel):
    """How to reach the register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(description="a key from the librarian")
    base_url: ServiceUrl = Field(description="where the register answers")
    seconds: float = 30


class Card(VendorShape):
    """A library card."""

    id: str


def manifest(settings: Settings) -> Manifest:
    """Return what the register can do."""
    del settings
    return MANIFEST


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> "Library":
    """Return the register, ready to work."""
    vendor = Vendor(KEY, settings.base_url, seconds=settings.seconds)
    return Library(Api(session, vendor, FixedToken(KEY, settings.token), clock))


class Library(ByHand):
    """Looks cards up; the librarian does the rest."""

    def __init__(self, api: Api) -> None:
        super().__init__(MANIFEST)
        self._api = api

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return the person's cards."""
        found = []
        for one in person:
            try:
                card = await self._api.get(at("/cards/{}", one.value), Card)
            except NotHeld:
                continue
            found.append(Record(KEY, "card", card.id, contacts=(one,)))
        return found
