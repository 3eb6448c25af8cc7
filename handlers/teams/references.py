"""Where Teams takes what the desk says unasked: kept from what Teams said when it last spoke to us.

A bot may write only where it was met, at the address it was told last (chat.md §4). Kept
are ids and addresses of services, no name; `remember` is given every authenticated
activity, reads six fields of it, and writes only when one of them is new.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.ports import Clock, Place, PlaceKind, Places, Work
from handlers.teams.connector import EVERYWHERE, Spot, is_allowed

log = logging.getLogger(__name__)

CHAT: Final = "teams"
#: How the ids of people look; no conversation's id does.
PERSON: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
#: Whose a playground's conversations are: it names a made-up directory.
NO_TENANT: Final = "playground"
#: How the ids of conversations with threads end.
CHANNELS: Final = ("@thread.tacv2", "@thread.skype")
KINDS: Final[Mapping[str, PlaceKind]] = {
    "personal": PlaceKind.PERSONAL,
    "groupChat": PlaceKind.GROUP,
    "channel": PlaceKind.CHANNEL,
}
#: Seconds after which what was last written is read again: another process may have written since.
TRUSTED: Final = 600.0
GOODBYE: Final = frozenset({"remove", "remove-upgrade"})
#: How what is chosen on a message or beside the text box is named. It comes from where it was chosen, perhaps a chat
#: between two people: "personal" too, and without the bot (learn.microsoft.com, "Define message extension commands").
EXTENSION: Final = "composeExtension/"


@dataclass(frozen=True, slots=True)
class _Known:
    """What of a place is compared, and when it was read."""

    place: Place
    at: float


class References:
    """The places of one tenant; *tenant* is "" for a playground on this machine (*loopback*), which speaks for none."""

    def __init__(
        self,
        work: Work,
        clock: Clock,
        tenant: str,
        *,
        loopback: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._clock = clock
        self._loopback = loopback
        self._now = now
        self.tenant = tenant or NO_TENANT
        self._known: dict[str, _Known] = {}
        self._heard = ""  # the service address Teams spoke from last, as far as this process heard

    async def remember(self, activity: Mapping[str, Any]) -> None:
        """Keep where an activity came from, if that is new; forget the place of a bot that was taken away."""
        spoken = self._spoken_from(activity)
        if spoken is None:
            return
        if _is_goodbye(activity):
            await self.forget(spoken.address)
            return
        known = self._known.get(spoken.address)
        lately = known and self._now() - known.at < TRUSTED and self._heard == spoken.service_url
        if known and lately and _same(known.place, spoken):
            return
        async with self._work() as unit:
            stored = await unit.places.at(CHAT, self.tenant, spoken.address)
            if stored is None or not _same(stored, spoken) or await self._latest(unit.places) != spoken.service_url:
                await unit.places.put(spoken)
        self._known[spoken.address], self._heard = _Known(spoken, self._now()), spoken.service_url

    async def spot(self, address: str) -> Spot | None:
        """Return where an address is met; None where the bot never was."""
        async with self._work() as unit:
            place = await unit.places.at(CHAT, self.tenant, _named(address))
            latest = await self._latest(unit.places) if place else ""
        return Spot(latest, place.conversation) if place else None

    async def has_threads(self, address: str) -> bool:
        """Whether a line below a message can be set apart from the conversation there."""
        async with self._work() as unit:
            place = await unit.places.at(CHAT, self.tenant, _named(address))
        return place.kind is PlaceKind.CHANNEL if place else address.endswith(CHANNELS)

    async def service_url(self) -> str:
        """Return the address the tenant's Teams spoke from last; "" when it never did and none is known for all."""
        async with self._work() as unit:
            latest = await self._latest(unit.places)
        return latest or ("" if self._loopback else EVERYWHERE)

    async def met(self, person: str, conversation: str, service_url: str) -> None:
        """Keep the conversation that was opened with a person."""
        address, now = _named(person), self._clock.now()
        place = Place(CHAT, self.tenant, address, conversation, service_url, PlaceKind.PERSONAL, now)
        async with self._work() as unit:
            await unit.places.put(place)
        self._known.pop(_named(person), None)

    async def forget(self, address: str) -> None:
        """Forget a place; harmless twice."""
        async with self._work() as unit:
            await unit.places.drop(CHAT, self.tenant, _named(address))
        self._known.pop(_named(address), None)

    def _spoken_from(self, activity: Mapping[str, Any]) -> Place | None:
        """Return the place an activity speaks from; None where the bot may not be, or none of ours is."""
        conversation, speaker = _part(activity, "conversation"), _part(activity, "from")
        kind = KINDS.get(_word(conversation, "conversationType"))
        if kind is None or _word(activity, "name").startswith(EXTENSION):
            return None
        room = _word(conversation, "id").partition(";")[0]
        address = _word(speaker, "aadObjectId").casefold() if kind is PlaceKind.PERSONAL else room
        service_url = _word(activity, "serviceUrl")
        if not room or not address or not self._ours(activity, conversation):
            return None
        if not is_allowed(service_url, loopback=self._loopback):
            log.warning("an address that is not Teams' own was not kept")
            return None
        return Place(CHAT, self.tenant, address, room, service_url, kind, self._clock.now())

    def _ours(self, activity: Mapping[str, Any], conversation: Mapping[str, Any]) -> bool:
        tenant = _word(_part(_part(activity, "channelData"), "tenant"), "id") or _word(conversation, "tenantId")
        return self.tenant == NO_TENANT or tenant.casefold() == self.tenant.casefold()

    async def _latest(self, places: Places) -> str:
        """Return the newest address of the tenant's Teams: a conversation silent for long may know an old one."""
        known = await places.of(CHAT, self.tenant)
        return max(known, key=lambda place: place.seen_at).service_url if known else ""


def _named(address: str) -> str:
    """Return an address as it is kept: the ids of people mean the same in capitals."""
    return address.casefold() if PERSON.fullmatch(address) else address


def _same(one: Place, other: Place) -> bool:
    """Whether two places differ in nothing but when they were seen."""
    return replace(one, seen_at=other.seen_at) == other


def _is_goodbye(activity: Mapping[str, Any]) -> bool:
    """Whether the bot was taken away, which Teams says twice: as an installation and as a member."""
    if activity.get("type") == "installationUpdate":
        return activity.get("action") in GOODBYE
    removed, ours = activity.get("membersRemoved"), _word(_part(activity, "recipient"), "id").casefold()
    gone = (
        [_word(one, "id").casefold() for one in removed if isinstance(one, dict)] if isinstance(removed, list) else []
    )
    return bool(ours) and ours in gone


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _word(part: Mapping[str, Any], name: str) -> str:
    word = part.get(name)
    return word if isinstance(word, str) else ""
