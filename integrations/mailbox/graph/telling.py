"""Leave to be told of new mail: a subscription, renewed every day, of which there is one.

Its lifetime stays below the seven days Graph allows, so several renewals may fail before
it ends. One that Graph has dropped is made anew; those left over from a crash go first.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field, JsonValue

from bot.domain.errors import OutcomeUnknown, TryLater
from bot.ports import Clock, Subscription
from integrations.http import Api, NotHeld, VendorShape, at
from integrations.mailbox.graph.places import Rooms, next_page

LIFETIME: Final = timedelta(days=6)
SUBSCRIPTIONS: Final = at("/subscriptions")


class _Held(VendorShape):
    id: str
    until: datetime = Field(alias="expirationDateTime")
    url: str | None = Field(None, alias="notificationUrl")


class _HeldPage(VendorShape):
    value: tuple[_Held, ...] = ()
    following: str = Field("", alias="@odata.nextLink")


class Telling:
    """Keeps the one subscription of a mailbox."""

    def __init__(self, api: Api, rooms: Rooms, clock: Clock) -> None:
        self._api = api
        self._rooms = rooms
        self._clock = clock

    async def kept(self, url: str, known: Subscription | None) -> Subscription:
        """Return the subscription, renewed or made anew."""
        until = (self._clock.now() + LIFETIME).isoformat().replace("+00:00", "Z")
        try:
            if known is not None:
                try:
                    body: dict[str, JsonValue] = {"expirationDateTime": until}
                    held = await self._api.patch(at("/subscriptions/{}", known.id), _Held, body)
                    return Subscription(known.id, known.secret, held.until)
                except NotHeld:
                    pass
            await self._clear(url)
            return await self._begun(url, until)
        except OutcomeUnknown as lost:
            raise TryLater("trouble.later", facts=lost.facts) from None  # what it left behind is cleared next time

    async def _begun(self, url: str, until: str) -> Subscription:
        secret = secrets.token_urlsafe(32)
        asked: dict[str, JsonValue] = {
            "changeType": "created",
            "notificationUrl": url,
            "lifecycleNotificationUrl": url,
            "resource": self._rooms.subscribed,
            "expirationDateTime": until,
            "clientState": secret,
            "latestSupportedTlsVersion": "v1_2",
        }
        held = await self._api.post(SUBSCRIPTIONS, _Held, asked)
        return Subscription(held.id, secret, held.until)

    async def _clear(self, url: str) -> None:
        page = await self._api.get(SUBSCRIPTIONS, _HeldPage)
        found = [*page.value]
        while page.following:
            page = await self._api.get(next_page(page.following), _HeldPage)
            found += page.value
        for one in found:
            if one.url == url:
                try:
                    await self._api.delete(at("/subscriptions/{}", one.id))
                except NotHeld:
                    continue
