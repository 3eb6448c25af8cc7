"""Google Analytics: how our site is used, by cookie and not by person.

It shows nobody to a program, so there is no looking, before or after: the id that the person
read from their own browser *is* the record (Art. 11(2)); without one the letter says so and asks.
Erasing is Google's own user deletion, ordered once for each id and property and harmless twice.
An address or a number is sent there only where the property collects them and for people of the
roles it collects them of, because the sending itself tells Google (D19).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from bot.domain.errors import NeedsHuman
from bot.domain.request import Role
from bot.domain.system import (
    Capability,
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
from bot.ports import Clock, System
from integrations.by_hand import ByHand
from integrations.google.account import KeyFile
from integrations.google.connection import api_of
from integrations.google.listed import Numbers, Roles
from integrations.google_analytics.deletion import deletion_of
from integrations.google_analytics.properties import Properties
from integrations.http import ServiceUrl

KEY: Final = "google_analytics"
SCOPE: Final = "https://www.googleapis.com/auth/analytics.edit"

IDS: Final = frozenset({IdentifierKind.GA_CLIENT_ID, IdentifierKind.GA_USER_ID, IdentifierKind.GA_APP_INSTANCE})
#: What Google Analytics calls user-provided data.
PROVIDED: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})

_NEVER: Final[Mapping[Operation, Capability]] = {
    Operation.RECTIFY: absent("reason.rectify"),
    Operation.RESTRICT: absent("reason.restrict"),
    Operation.SUPPRESS: absent("reason.suppress"),
}

MANIFEST: Final = Manifest(
    key=KEY,
    name="Google Analytics",
    known_by=IDS,
    capabilities={
        **_NEVER,
        Operation.FIND: absent("reason.unseen"),
        Operation.EXPORT: manual("reason.export"),
        Operation.ERASE: automatic(irreversible=True, repeat_safe=True),
    },
)
#: Without a key everything is done in Google's own pages, by whoever has an account there.
BY_HAND: Final = Manifest(
    key=KEY,
    name=MANIFEST.name,
    known_by=IDS,
    capabilities={
        **_NEVER,
        Operation.FIND: manual("reason.find"),
        Operation.EXPORT: manual("reason.export"),
        Operation.ERASE: manual("reason.erase", irreversible=True),
    },
)

#: The rows of our own export, which Google does not delete for us.
EXPORTED: Final = "exported"


class Settings(BaseModel):
    """How to reach Google Analytics; without a key file the work is done by hand. 0 switches the limit off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    credentials_path: KeyFile = Field(None, description="the path of a service account's key file (JSON)")
    property_ids: Numbers = Field(
        (), description="the GA4 properties' numbers, separated by commas", validate_default=True
    )
    collects_addresses: bool = Field(
        default=False, description="true when the properties collect e-mail addresses or telephone numbers"
    )
    collects_from: Roles = Field(
        frozenset(),
        description="of whom they collect them: contact, attendee, contract customer, separated by commas",
        validate_default=True,
    )
    bigquery: bool = Field(default=False, description="true when a property is exported to BigQuery")
    base_url: ServiceUrl = Field("https://analyticsadmin.googleapis.com", description="where the Admin API answers")
    login_url: ServiceUrl = Field("https://oauth2.googleapis.com", description="where tokens are made")
    calls_per_minute: int = Field(180, ge=0, description="the account's limit of writes, 0 for none")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")

    @field_validator("property_ids")
    @classmethod
    def _with_a_key(cls, numbers: tuple[str, ...], so_far: ValidationInfo) -> tuple[str, ...]:
        if so_far.data.get("credentials_path") is not None and not numbers:
            raise ValueError("is missing, though there is a key file")
        return numbers

    @field_validator("collects_from")
    @classmethod
    def _of_somebody(cls, roles: frozenset[Role], so_far: ValidationInfo) -> frozenset[Role]:
        if so_far.data.get("collects_addresses") and not roles:
            raise ValueError("is missing, though the properties collect addresses")
        return roles


def manifest(settings: Settings) -> Manifest:
    """Return what Google Analytics can do: by itself where it has a key, else by hand."""
    if settings.credentials_path is None:
        return BY_HAND
    if not settings.collects_addresses:
        return MANIFEST
    discloses = dict.fromkeys(PROVIDED, settings.collects_from)
    return Manifest(KEY, MANIFEST.name, IDS | PROVIDED, MANIFEST.capabilities, discloses)


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> System:
    """Return Google Analytics, ready to work over the shared session; by hand when there is no key."""
    if settings.credentials_path is None:
        return ByHand(BY_HAND)
    api = api_of(KEY, SCOPE, settings, settings.credentials_path, session, clock, otherwise="day")
    return GoogleAnalytics(manifest(settings), Properties(api, settings.property_ids), exported=settings.bigquery)


class GoogleAnalytics(ByHand):
    """The visits behind an id, in every property of ours."""

    def __init__(self, manifest: Manifest, properties: Properties, *, exported: bool) -> None:
        super().__init__(manifest)
        self._properties = properties
        self._exported = exported

    def named(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return what to erase: one record per id. Raises `NeedsHuman` when what was sent cannot be an id.

        The rows of our own export come last: when a colleague is asked for them, the rest is done.
        """
        known = [one for one in person if one.kind in self.manifest.known_by]
        deletions = [deletion for one in known for deletion in deletion_of(one)]
        records = {
            one.id: Record(KEY, one.kind, one.id, contacts=(one.identifier,))
            for one in sorted(set(deletions), key=lambda one: one.id)
        }
        rows = [Record(KEY, EXPORTED, key, contacts=one.contacts) for key, one in records.items()]
        return (*records.values(), *(rows if self._exported else ()))

    async def erase(self, record: Record) -> Receipt:
        """Order the deletion of the visits in every property; Google tells the moment up to which they go.

        Twice is harmless: the later order only moves that moment on.
        """
        if record.kind == EXPORTED:
            raise NeedsHuman("trouble.rest_by_hand", {"system": KEY})
        (deletion,) = (one for contact in record.contacts for one in deletion_of(contact))
        moments = [await self._properties.submit(number, deletion) for number in self._properties.numbers]
        return Receipt(Operation.ERASE, record.kind, record.id, min(moments))

    async def probe(self) -> None:
        """Try whether the account may see every property, and whether one is exported without our settings saying so.

        Reads no visits. Whether it may also delete (the role Editor) shows only when it does.
        """
        for number in self._properties.numbers:
            if await self._properties.is_exported(number) and not self._exported:
                raise NeedsHuman("trouble.exported_elsewhere", {"system": self.manifest.name})
