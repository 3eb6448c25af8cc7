"""The stores of who colleagues are in the chats, where they are reached, who is on call, and what is stopped.

Ids, addresses of services and moments only: never a name or a mail address. Who somebody
is stands in the people file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.roster import Account

#: What stands in a `Pause` for every system at once.
ALL_SYSTEMS: Final = ""


class PlaceKind(StrEnum):
    """What kind of conversation a place is."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chat takes what we say unasked. `address`: a colleague's handle, or a channel's conversation id.

    `service_url` is the one the chat told us last; `seen_at` when it did.
    """

    chat: str
    tenant: str
    address: str
    conversation: str
    service_url: str
    kind: PlaceKind
    seen_at: datetime


class Places(Protocol):
    """Places, one for each address of a chat's tenant."""

    async def put(self, place: Place) -> None:
        """Add or replace by chat, tenant and address."""

    async def at(self, chat: str, tenant: str, address: str) -> Place | None:
        """Return the place; None when the chat never spoke from there."""

    async def of(self, chat: str, tenant: str) -> Sequence[Place]:
        """Return every place of a chat's tenant, by address."""

    async def personal(self, chat: str) -> Sequence[Place]:
        """Return the places where a chat reaches one person each, of all tenants, by address."""

    async def drop(self, chat: str, tenant: str, address: str) -> None:
        """Forget a place; harmless twice."""


@dataclass(frozen=True, slots=True)
class ChatIdentity:
    """Whose a chat's handle is, as the chat's own directory said at `verified_at`.

    `colleague` is "" where the directory was asked and nobody of ours has that handle, and `NOT_THEIRS`
    where the people file gives the handle to somebody whose account the directory says it is not.
    """

    chat: str
    handle: str
    colleague: str
    verified_at: datetime


class Directory(Protocol):
    """A chat's own list of who has which handle. Raises `SystemTrouble`.

    Only people of our own whose address the chat has verified are in it: no guest, no bot, nobody who was let go.
    """

    @property
    def chat(self) -> str:
        """The chat's name: "slack" or "teams"."""

    async def handle_of(self, email: str) -> str:
        """Return the handle of who has that work address; "" when nobody has."""

    async def account(self, handle: str) -> Account:
        """Return what is known of a handle, to hold against who has it by the people file."""

    async def address_of(self, handle: str) -> str:
        """Return the verified work address of a handle; "" for anybody who is not one of our own."""


class Identities(Protocol):
    """Chat identities, one for each handle of a chat."""

    async def put(self, identity: ChatIdentity) -> None:
        """Add or replace by chat and handle."""

    async def of(self, chat: str, handle: str) -> ChatIdentity | None:
        """Return whose the handle is; None when the directory was never asked."""

    async def every(self) -> Sequence[ChatIdentity]:
        """Return them all, by chat and handle."""

    async def drop(self, chat: str, handle: str) -> None:
        """Forget a handle; harmless twice."""


@dataclass(frozen=True, slots=True)
class SetShift:
    """A stretch of the rota that was set at the desk, first and last day included: it goes before the people file."""

    first_day: date
    last_day: date
    colleague: str
    set_by: str
    set_at: datetime


class Shifts(Protocol):
    """Shifts set at the desk. Of two that overlap the later one set counts."""

    async def add(self, shift: SetShift) -> None:
        """Keep a shift."""

    async def since(self, day: date) -> Sequence[SetShift]:
        """Return the shifts that end on *day* or later, in the order they were set."""

    async def forget(self, before: date) -> None:
        """Drop the shifts that ended before a day."""


@dataclass(frozen=True, slots=True)
class Pause:
    """That a system is stopped (`ALL_SYSTEMS`: every one): by which colleague, since when."""

    system: str
    stopped_by: str
    since: datetime


class Pauses(Protocol):
    """What is stopped."""

    async def put(self, pause: Pause) -> bool:
        """Stop a system; False (and nothing changed) when it is stopped already."""

    async def lift(self, system: str) -> bool:
        """Let a system go on; False when it was not stopped."""

    async def every(self) -> Sequence[Pause]:
        """Return what is stopped, by system."""
