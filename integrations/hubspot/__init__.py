"""HubSpot: the contacts we market and sell to.

Erasure is HubSpot's own permanent deletion, not the archive behind the ordinary DELETE.
It cannot be undone, and an unknown address lands on HubSpot's blocklist, so a contact is
always addressed by the id that `find` returned, never by e-mail (vendors.md §1.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.domain.errors import NeedsHuman
from bot.domain.system import (
    Exported,
    Identifier,
    IdentifierKind,
    Manifest,
    Operation,
    Receipt,
    Record,
    assisted,
    automatic,
)
from bot.ports.world import Clock, Idle
from integrations.http import Api, NotHeld, ServiceUrl, Vendor, pace, together
from integrations.hubspot.content import Content
from integrations.hubspot.crm import Crm
from integrations.hubspot.idle import IdleContacts
from integrations.hubspot.places import ACTIVITIES, CONTACT, NARRATIVE, account_pause
from integrations.tokens import FixedToken

KEY: Final = "hubspot"

MANIFEST: Final = Manifest(
    key=KEY,
    name="HubSpot",
    known_by=frozenset({IdentifierKind.EMAIL}),
    capabilities={
        Operation.FIND: automatic(),
        Operation.EXPORT: automatic(),
        Operation.ERASE: automatic(irreversible=True),
        Operation.RECTIFY: assisted("reason.rectify"),
        Operation.RESTRICT: assisted("reason.restrict"),
        Operation.SUPPRESS: automatic(repeat_safe=True),
    },
)

GONE_ALREADY: Final = "already gone"
#: Nobody: a reserved name that can have no mailbox (RFC 2606).
NOBODY: Final = "nobody@probe.invalid"


class Settings(BaseModel):
    """How to reach HubSpot. The limits are those of the smallest plan; 0 switches a limit off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(description="a service key from HubSpot: Settings, Integrations, Service keys")
    base_url: ServiceUrl = Field("https://api.hubapi.com", description="where HubSpot's API answers")
    account_zone: ZoneInfo = Field(
        ZoneInfo("Europe/Stockholm"), description="the HubSpot account's time zone, such as Europe/Stockholm"
    )
    calls_per_10_seconds: int = Field(100, ge=0, description="the plan's burst limit, 0 for none")
    searches_per_second: int = Field(5, ge=0, description="the account's search limit, 0 for none")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")


def manifest(settings: Settings) -> Manifest:
    """Return what HubSpot can do, the same whatever the settings."""
    del settings
    return MANIFEST


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> "HubSpot":
    """Return HubSpot, ready to work over the shared session."""
    vendor = Vendor(KEY, settings.base_url, seconds=settings.seconds, pause=account_pause(settings.account_zone))
    tokens = FixedToken(KEY, settings.token)
    api = Api(session, vendor, tokens, clock, window=pace(settings.calls_per_10_seconds, 10))
    searching = Api(session, vendor, tokens, clock, window=pace(settings.searches_per_second, 1))
    crm = Crm(api, searching)
    return HubSpot(crm, Content(api, crm))


class HubSpot:
    """The contacts we market and sell to, and what we noted about them."""

    def __init__(self, crm: Crm, content: Content) -> None:
        self._crm = crm
        self._content = content
        self._idle = IdleContacts(crm)

    @property
    def manifest(self) -> Manifest:
        """What HubSpot can do."""
        return MANIFEST

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return the person's contacts and the activities on them.

        Activities come before their contact: erased in this order nothing loses the way to it.
        An activity that other contacts are on too is marked shared (D20).
        """
        addresses = {one.value.strip().lower() for one in person if one.kind is IdentifierKind.EMAIL}
        found = await together(*(self._crm.contacts_at(address) for address in sorted(addresses)))
        contacts = {contact.id: contact for group in found for contact in group}
        activities = await together(*(self._activities(contact) for contact in contacts))
        records = {(record.kind, record.id): record for group in activities for record in group}
        ours = (Record(KEY, CONTACT, contact.id, contacts=contact.contacts) for contact in contacts.values())
        return (*records.values(), *ours)

    async def _activities(self, contact: str) -> Iterable[Record]:
        groups = await together(*(self._activities_of(contact, kind) for kind in ACTIVITIES))
        return [record for group in groups for record in group]

    async def _activities_of(self, contact: str, kind: str) -> list[Record]:
        ids = await self._crm.linked(contact, kind)
        shared = await self._crm.shared(kind, ids, contact)
        return [Record(KEY, kind, one, shared=one in shared, narrative=kind in NARRATIVE) for one in ids]

    async def export(self, record: Record) -> Exported:
        """Return every property of the record; of a contact also their history, consent and lists.

        A record that is gone since it was found comes back without fields.
        """
        if record.kind != CONTACT:
            return Exported(record, await self._content.of(record.kind, record.id))
        addresses = [one.value for one in record.contacts if one.kind is IdentifierKind.EMAIL]
        return Exported(record, await self._content.of_contact(record.id, addresses))

    async def erase(self, record: Record) -> Receipt:
        """Delete a contact for good, or an activity into HubSpot's bin, which it empties after 90 days.

        Looks first, so that a write whose answer was lost is not sent again when it did happen.
        """
        if record.shared:
            raise NeedsHuman("trouble.shared", {"system": KEY})
        try:
            if await self._crm.held(record.kind, record.id):
                await self._crm.erase(record.kind, record.id)
                return Receipt(Operation.ERASE, record.kind, record.id)
        except NotHeld:
            pass  # somebody else was faster
        return Receipt(Operation.ERASE, record.kind, record.id, GONE_ALREADY)

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Opt the address out of every marketing e-mail, by hand or automatic (P48); harmless twice."""
        if identifier.kind is not IdentifierKind.EMAIL:
            raise NeedsHuman("trouble.not_known_by", {"system": KEY})
        note = await self._content.unsubscribe(identifier.value.strip().lower())
        return Receipt(Operation.SUPPRESS, "unsubscribe-all", "", note)

    async def idle_since(self, cutoff: date) -> tuple[Sequence[Idle], Mapping[str, int]]:
        """Return contacts without a sign of interest since *cutoff* (P60), and how many more have open deals.

        Without leave to read deals the count is absent rather than nought.
        """
        return await self._idle.since(cutoff)

    async def probe(self) -> None:
        """Try whether HubSpot answers and the key may read all we read, by looking for nobody. Changes nothing."""
        await self._crm.contacts_at(NOBODY)
        await self._content.of_contact("0", [NOBODY])
