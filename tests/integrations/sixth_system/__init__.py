"""A library card register: the smallest system there can be, copied in by a test as a sixth folder.

Looking a card up, correcting it and restricting it are automatic, taking it away is the librarian's: so the
desk looks again afterwards by itself, and this file says nothing about that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from bot.domain.errors import NeedsHuman
from bot.domain.system import (
    SPOKEN_OF,
    Correction,
    Identifier,
    IdentifierKind,
    Manifest,
    Operation,
    Receipt,
    Record,
    absent,
    automatic,
    manual,
)
from bot.ports import Clock
from integrations.by_hand import ByHand
from integrations.http import Api, NotHeld, ServiceUrl, Vendor, VendorShape, at
from integrations.tokens import FixedToken

KEY: Final = "library"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Library",
    known_by=frozenset({IdentifierKind.EMAIL}),
    capabilities={operation: absent("reason.absent") for operation in SPOKEN_OF}
    | {
        Operation.FIND: automatic(),
        Operation.ERASE: manual("reason.erase", irreversible=True),
        Operation.RECTIFY: automatic(repeat_safe=True),
        Operation.RESTRICT: automatic(repeat_safe=True),
    },
)


class Settings(BaseModel):
    """How to reach the register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(description="a key from the librarian")
    base_url: ServiceUrl = Field(description="where the register answers")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")


class Card(VendorShape):
    """A library card."""

    id: str
    phone: str = ""
    city: str = ""
    restricted: bool = False


def manifest(settings: Settings) -> Manifest:
    """Return what the register can do."""
    del settings
    return MANIFEST


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> "Library":
    """Return the register, ready to work."""
    vendor = Vendor(KEY, settings.base_url, seconds=settings.seconds, pause=a_minute)
    return Library(Api(session, vendor, FixedToken(KEY, settings.token), clock))


def a_minute(answer: Mapping[str, JsonValue], now: datetime) -> timedelta:
    """Return how long the register asks to be left alone when it does not say."""
    del answer, now
    return timedelta(minutes=1)


class Library(ByHand):
    """Looks cards up, corrects and restricts them; the librarian does the rest."""

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

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return the cards that the register still has by their number, whatever address they bear now."""
        return [record for record in records if await self.correctable(record)]

    async def probe(self) -> None:
        """Try whether the register answers, by asking for nobody's card."""
        await self.find([Identifier(IdentifierKind.EMAIL, "nobody@probe.invalid")])

    async def correctable(self, record: Record) -> Mapping[str, str]:
        """Return what stands on the card; {} when it is gone."""
        try:
            card = await self._api.get(at("/records/{}", record.id), Card)
        except NotHeld:
            return {}
        return {"phone": card.phone, "city": card.city}

    async def correct(self, record: Record, corrections: Sequence[Correction]) -> Receipt:
        """Write what is not there already, and look again."""
        now = await self.correctable(record)
        wanted = [one for one in corrections if now.get(one.name) != one.after]
        if any(now.get(one.name) != one.before for one in wanted):
            raise NeedsHuman("trouble.refused")
        if wanted:
            await self._api.patch(at("/records/{}", record.id), Card, {one.name: one.after for one in wanted})
        return Receipt(Operation.RECTIFY, record.kind, record.id)

    async def restrict(self, record: Record) -> Receipt:
        """Mark the card as restricted."""
        await self._api.patch(at("/records/{}", record.id), Card, {"restricted": True})
        return Receipt(Operation.RESTRICT, record.kind, record.id)

    async def lift(self, record: Record) -> Receipt:
        """Take the mark off."""
        await self._api.patch(at("/records/{}", record.id), Card, {"restricted": False})
        return Receipt(Operation.RESTRICT, record.kind, record.id)
