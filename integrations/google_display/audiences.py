"""Audience lists in the Data Manager API: taking somebody off, and hearing how it went.

Google takes the order at once and works it off later, up to hours; how far it has come is asked
by the number of the order. A list its status is silent about is not done: so an order is kept
with how many lists it was for (`10:its number`). Each spelling goes as a member of its own, so
that one unknown spelling does not keep another from being found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import Field, JsonValue

from bot.domain.errors import NeedsHuman, TryLater
from integrations.http import Api, NotHeld, VendorShape, at

VERSION: Final = "v1"
#: Lists Google takes in one order.
DESTINATIONS: Final = 10
SUCCESS: Final = "SUCCESS"
ENDED_BADLY: Final = frozenset({"FAILED", "PARTIAL_SUCCESS"})


class Ordered(VendorShape):
    """The answer to an order."""

    number: str = Field(alias="requestId", min_length=1)


class ErrorCount(VendorShape):
    """Why some of an order was not carried out."""

    reason: str = ""


class Errors(VendorShape):
    """All the reasons."""

    counts: tuple[ErrorCount, ...] = Field((), alias="errorCounts")


class Destination(VendorShape):
    """A list, as orders and their status name it."""

    number: str = Field("", alias="productDestinationId")


class ListStatus(VendorShape):
    """How an order fares in one list."""

    destination: Destination = Destination()
    status: str = Field("", alias="requestStatus")
    errors: Errors = Field(Errors(), alias="errorInfo")


class Status(VendorShape):
    """How an order fares in every list."""

    lists: tuple[ListStatus, ...] = Field((), alias="requestStatusPerDestination")

    @property
    def done(self) -> frozenset[str]:
        """The lists in which it is carried out; one told of twice is one."""
        return frozenset(one.destination.number for one in self.lists if one.status == SUCCESS)


class UserList(VendorShape):
    """A list, as far as we look at it: whether it is there."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The advertising account the lists lie in, and the manager's we come through, if any."""

    type: str
    number: str
    login: str = ""

    @property
    def shape(self) -> dict[str, JsonValue]:
        """How Google is told of it."""
        ours: dict[str, JsonValue] = {"operatingAccount": _account(self.type, self.number)}
        return ours | ({"loginAccount": _account(self.type, self.login)} if self.login else {})


def _account(kind: str, number: str) -> JsonValue:
    return {"accountType": kind, "accountId": number.replace("-", "")}


class Audiences:
    """The lists of one account."""

    def __init__(self, api: Api, account: Account, lists: Sequence[str]) -> None:
        self._api = api
        self._account = account
        self._lists = tuple(lists)

    async def remove(self, spellings: Sequence[Mapping[str, str]]) -> list[str]:
        """Order that somebody be taken off all lists, by hashed *spellings*; return the orders, to be seen through."""
        members: list[JsonValue] = [{"userData": {"userIdentifiers": [dict(one)]}} for one in spellings]
        orders = []
        for lists in self._portions():
            destinations: list[JsonValue] = [{**self._account.shape, "productDestinationId": one} for one in lists]
            body: JsonValue = {"destinations": destinations, "audienceMembers": members, "encoding": "HEX"}
            ordered = await self._api.post(at(f"/{VERSION}/audienceMembers:remove"), Ordered, body)
            orders.append(f"{len(lists)}:{ordered.number}")
        return orders

    async def see_through(self, order: str) -> None:
        """Return when an order is carried out in every list. Raises `TryLater` before, `NeedsHuman` if it was not."""
        lists, _, number = order.partition(":")
        status = await self._api.get(at(f"/{VERSION}/requestStatus:retrieve"), Status, {"requestId": number})
        bad = [one for one in status.lists if one.status in ENDED_BADLY]
        if bad:
            reasons = dict.fromkeys(count.reason for one in bad for count in one.errors.counts)
            raise NeedsHuman("trouble.not_carried_out", {"system": "google_display", "code": ", ".join(reasons)})
        if any(one.status != SUCCESS for one in status.lists) or len(status.done) < int(lists):
            raise TryLater("trouble.under_way", facts={"system": "google_display"})

    async def look(self) -> None:
        """Look every list up by its number."""
        for one in self._lists:
            number = self._account.number.replace("-", "")
            place = at(f"/{VERSION}/accountTypes/{{}}/accounts/{{}}/userLists/{{}}", self._account.type, number, one)
            try:
                await self._api.get(place, UserList)
            except NotHeld:
                raise NeedsHuman("trouble.not_allowed_there", {"system": "google_display"}) from None

    def _portions(self) -> Iterator[tuple[str, ...]]:
        for start in range(0, len(self._lists), DESTINATIONS):
            yield self._lists[start : start + DESTINATIONS]
