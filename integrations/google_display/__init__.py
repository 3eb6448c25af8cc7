"""Google Display: advertising by Google's own cookies, and by customer lists where we sync any.

Taking an address off a list tells Google the address. Where no list is synced there is nothing to
take off, and telling would be a disclosure for nothing: so everything is absent unless `list_sync`
is switched on, and then it concerns only people of the roles the lists are made of (D19). Google
shows nobody who is on a list; it takes the order and tells later that it carried it out, which says
nothing about whether the person was there. Campaign Manager 360 knows nobody by anything we hold.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from bot.domain.errors import NeedsHuman
from bot.domain.finding import international
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
from integrations.google.naming import hashed, spelled, spellings
from integrations.google_display.audiences import Account, Audiences
from integrations.http import ServiceUrl

KEY: Final = "google_display"
NAME: Final = "Google Display"
SCOPE: Final = "https://www.googleapis.com/auth/datamanager"
KINDS: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})
MEMBERSHIP: Final = "membership"

_NOWHERE: Final[Mapping[Operation, Capability]] = {
    Operation.FIND: absent("reason.find"),
    Operation.EXPORT: absent("reason.export"),
    Operation.ERASE: absent("reason.erase"),
    Operation.RECTIFY: absent("reason.rectify"),
    Operation.RESTRICT: absent("reason.restrict"),
    Operation.SUPPRESS: absent("reason.suppress"),
}
#: Where addresses are synced these are other truths.
_LISTED: Final[Mapping[Operation, Capability]] = {
    **_NOWHERE,
    Operation.FIND: absent("reason.list_find"),
    Operation.EXPORT: absent("reason.list_export"),
    Operation.RECTIFY: absent("reason.list_rectify"),
    Operation.RESTRICT: absent("reason.list_restrict"),
}
_BY_HAND: Final[Mapping[Operation, Capability]] = {
    **_LISTED,
    Operation.ERASE: manual("reason.list_erase", irreversible=True),
    Operation.SUPPRESS: manual("reason.list_suppress"),
}
_ALONE: Final[Mapping[Operation, Capability]] = {
    **_LISTED,
    Operation.ERASE: automatic(irreversible=True, repeat_safe=True),
    Operation.SUPPRESS: automatic(repeat_safe=True),
}

#: What it can do where lists are synced, reached by program and fed from a source that follows by itself.
MANIFEST: Final = Manifest(KEY, NAME, KINDS, _ALONE)

AccountType = Literal["GOOGLE_ADS", "DISPLAY_VIDEO_ADVERTISER", "DISPLAY_VIDEO_PARTNER"]
Digits = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\d-]*$")]


class Settings(BaseModel):
    """Whether any customer list is synced to Google, of whom, and how to reach it. 0 switches the limit off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list_sync: bool = Field(default=False, description="true when addresses are synced to a Google audience list")
    roles: Roles = Field(
        frozenset(),
        description="whose addresses are synced: contact, attendee, contract customer, separated by commas",
        validate_default=True,
    )
    source_follows: bool = Field(
        default=False,
        description="true when the source of every list leaves out by itself whoever is erased or opts out",
    )
    credentials_path: KeyFile = Field(None, description="the path of a service account's key file (JSON)")
    account_type: AccountType = Field("GOOGLE_ADS", description="what kind of account the lists lie in")
    account_id: Digits = Field("", description="the advertising account's number", validate_default=True)
    login_account_id: Digits = Field("", description="the manager account's number, when we come through one")
    list_ids: Numbers = Field((), description="the audience lists' numbers, separated by commas", validate_default=True)
    base_url: ServiceUrl = Field("https://datamanager.googleapis.com", description="where the Data Manager API answers")
    login_url: ServiceUrl = Field("https://oauth2.googleapis.com", description="where tokens are made")
    calls_per_minute: int = Field(300, ge=0, description="the project's limit, 0 for none")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")

    @field_validator("roles")
    @classmethod
    def _of_somebody(cls, roles: frozenset[Role], so_far: ValidationInfo) -> frozenset[Role]:
        if so_far.data.get("list_sync") and not roles:
            raise ValueError("is missing, though a list is synced")
        return roles

    @field_validator("account_id", "list_ids")
    @classmethod
    def _with_a_key(cls, given: object, so_far: ValidationInfo) -> object:
        if so_far.data.get("credentials_path") is not None and not given:
            raise ValueError("is missing, though there is a key file")
        return given

    @property
    def alone(self) -> bool:
        """Whether the desk can do it by itself and it stays done: else the next sync would bring the person back."""
        return self.list_sync and self.source_follows and self.credentials_path is not None


def manifest(settings: Settings) -> Manifest:
    """Return what Google Display can do: nothing for one person, or by list where one is synced."""
    if not settings.list_sync:
        return Manifest(KEY, NAME, KINDS, _NOWHERE)
    discloses = dict.fromkeys(KINDS, settings.roles)
    return Manifest(KEY, NAME, KINDS, _ALONE if settings.alone else _BY_HAND, discloses)


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> System:
    """Return Google Display, ready to work over the shared session; by hand where it cannot do so alone."""
    if not settings.alone or settings.credentials_path is None:
        return ByHand(manifest(settings))
    api = api_of(KEY, SCOPE, settings, settings.credentials_path, session, clock, otherwise="minute")
    account = Account(settings.account_type, settings.account_id, settings.login_account_id)
    return GoogleDisplay(manifest(settings), Audiences(api, account, settings.list_ids))


class GoogleDisplay(ByHand):
    """The audience lists we sync addresses to."""

    def __init__(self, manifest: Manifest, audiences: Audiences) -> None:
        super().__init__(manifest)
        self._audiences = audiences

    def named(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return one record per address and number: whatever lists it may be on. Raises `NeedsHuman` for neither."""
        known = [one for one in person if one.kind in KINDS]
        names = {_own(one): one for one in known}
        return tuple(Record(KEY, MEMBERSHIP, name, contacts=(one,)) for name, one in sorted(names.items()))

    async def erase(self, record: Record) -> Receipt:
        """Order that an address or number be taken off every list, however it was spelled when it was put there."""
        orders = [order for one in record.contacts for order in await self._remove(one)]
        return Receipt(Operation.ERASE, record.kind, record.id, " ".join(orders))

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Take the address or number off every list: who refuses marketing refuses these ads, too (R43)."""
        return Receipt(Operation.SUPPRESS, MEMBERSHIP, "", " ".join(await self._remove(identifier)))

    async def carried_out(self, receipt: Receipt) -> None:
        """Return when Google has gone through every list. Raises `TryLater` before, `NeedsHuman` when it gave up."""
        for order in receipt.note.split():
            await self._audiences.see_through(order)

    async def _remove(self, one: Identifier) -> Sequence[str]:
        _own(one)
        if one.kind is IdentifierKind.PHONE:
            return await self._audiences.remove([{"phoneNumber": hashed(international(one.value))}])
        return await self._audiences.remove([{"emailAddress": hashed(way)} for way in spellings(one.value)])

    async def probe(self) -> None:
        """Try whether the account may see every list. Reads nobody's data: Google shows none."""
        await self._audiences.look()


def _own(one: Identifier) -> str:
    """Return an address or number in one spelling. Raises `NeedsHuman` when it is neither."""
    name = international(one.value) if one.kind is IdentifierKind.PHONE else spelled(one.value)
    if one.kind not in KINDS or not name or ("@" in name) is (one.kind is IdentifierKind.PHONE):
        raise NeedsHuman("trouble.not_known_by", {"system": KEY})
    return name
