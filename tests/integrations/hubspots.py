"""HubSpot accounts to try things on, with people of one's own choice in them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp

from bot.domain.system import Identifier, IdentifierKind, Receipt, Record
from integrations.hubspot import HubSpot, connect
from integrations.hubspot.quota import Quota
from integrations.hubspot.sandbox import HubSpotSandbox, stanza
from integrations.hubspot.seed import Person
from integrations.hubspot.settings import Settings
from integrations.registry import Found
from integrations.sandbox import serve
from tests.fakes import FixedClock
from tests.integrations.conftest import running

MOA = "moa@example.com"
ELSE = "ek.moa@example.org"
MARK = "gdpr_restricted"
#: Seconds for a call: holding a hundred records against the description takes a while on a busy machine.
PATIENT = 20


class Account:
    """HubSpot and the sandbox behind it."""

    def __init__(self, system: HubSpot, sandbox: HubSpotSandbox) -> None:
        self.system = system
        self.sandbox = sandbox
        self.state = sandbox.account

    async def find(self, address: str = MOA) -> Sequence[Record]:
        return await self.system.find([Identifier(IdentifierKind.EMAIL, address)])

    async def contact(self, address: str = MOA) -> Record:
        return next(one for one in await self.find(address) if one.kind == "contact")

    async def erase_all(self, records: Sequence[Record]) -> list[Receipt]:
        return [one async for one in self.system.erase_all(records)]

    def wrote(self, path: str = "") -> list[str]:
        return [f"{one.method} {one.path}" for one in self.sandbox.writes(path)]


Open = Callable[..., Awaitable[Account]]


@asynccontextmanager
async def opened(
    found: Found,
    session: aiohttp.ClientSession,
    clock: FixedClock,
    people: Sequence[Person],
    settings: Mapping[str, object],
    quota: Quota | None = None,
) -> AsyncIterator[Account]:
    """Serve an account with *people* in it, held against HubSpot's description."""
    sandbox = HubSpotSandbox(people, today=clock.now().date(), search_lag=60, quota=quota)
    sandbox.account.custom[MARK] = "bool"
    async with running(
        found, sandbox, session, clock, {"restricted_property": MARK, "seconds": PATIENT, **settings}
    ) as up:
        assert isinstance(up.system, HubSpot)
        yield Account(up.system, sandbox)


@asynccontextmanager
async def unwatched(
    sandbox: HubSpotSandbox, session: aiohttp.ClientSession, clock: FixedClock, **settings: object
) -> AsyncIterator[Account]:
    """Serve *sandbox* without holding every answer against the description, which costs more than the work."""
    async with serve(sandbox.application()) as url:
        read = Settings.model_validate({**stanza(url, sandbox), **settings})
        yield Account(connect(read, session, clock), sandbox)
