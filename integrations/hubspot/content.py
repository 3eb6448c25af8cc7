"""What HubSpot holds on a record, whole: properties with history, lists, consent."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from integrations.http import Api, NotHeld, Place, at, both, together
from integrations.hubspot.answers import Properties, Statuses, Thing
from integrations.hubspot.crm import Crm
from integrations.hubspot.places import CONSENT, EMAIL_CHANNEL, MEMBERSHIPS, PROPERTIES, TYPES, WORD

#: Property definitions are read again after so many seconds; they change when a colleague adds a field.
DEFINITIONS_FRESH: Final = 600.0


class Content:
    """What is written on records, and what people have agreed to."""

    def __init__(self, api: Api, crm: Crm) -> None:
        self._api = api
        self._crm = crm
        self._definitions: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._asking = asyncio.Lock()

    async def of(self, kind: str, record_id: str) -> Mapping[str, JsonValue]:
        """Return all properties of an object that hold something; nothing when the object is gone."""
        names = await self._names(TYPES[kind])
        found = await self._crm.batch(TYPES[kind], [record_id], names)
        return _fields(found[0]) if found else {}

    async def of_contact(self, contact: str, addresses: Sequence[str]) -> Mapping[str, JsonValue]:
        """Return a contact's properties with their history, its lists and each address's consent."""
        names = await self._names("contacts")
        found, (lists, *consents) = await both(
            self._crm.batch("contacts", [contact], names, history=True),
            together(self._entries(at(MEMBERSHIPS, contact)), *(self._consent(one) for one in addresses)),
        )
        if not found:
            return {}
        return {
            **_fields(found[0]),
            "properties_with_history": {name: values for name, values in found[0].history.items() if values},
            "list_memberships": lists,
            "subscriptions": [entry for consent in consents for entry in consent],
        }

    async def _consent(self, address: str) -> list[JsonValue]:
        by_type, from_all = await together(
            self._entries(at(CONSENT, address), EMAIL_CHANNEL),
            self._entries(at(CONSENT + "/unsubscribe-all", address), EMAIL_CHANNEL),
        )
        return [*by_type, *from_all]

    async def _entries(self, place: Place, query: Mapping[str, str] | None = None) -> list[JsonValue]:
        try:
            return [dict(entry) for entry in (await self._api.get(place, Statuses, query or {})).results]
        except NotHeld:
            return []

    async def _names(self, type_: str) -> tuple[str, ...]:
        """Return every property an object type has: a read gives only a handful unless they are named."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            read_at, names = self._definitions.get(type_, (now - DEFINITIONS_FRESH, ()))
            if now - read_at >= DEFINITIONS_FRESH:
                place = at(PROPERTIES, type_)
                names = tuple(one.name for one in (await self._api.get(place, Properties)).results)
                self._definitions[type_] = (now, names)
            return names

    async def unsubscribe(self, address: str) -> str:
        """Opt *address* out of everything; return HubSpot's word for what changed."""
        place = at(CONSENT + "/unsubscribe-all", address)
        answer = await self._api.post(place, Statuses, query={**EMAIL_CHANNEL, "verbose": "true"})
        reasons = {str(entry.get("setStatusSuccessReason", "")) for entry in answer.results}
        return ", ".join(sorted(reason for reason in reasons if WORD.fullmatch(reason)))


def _fields(thing: Thing) -> dict[str, JsonValue]:
    held: dict[str, JsonValue] = {name: value for name, value in thing.properties.items() if value}
    return {**held, "created_at": thing.created, "updated_at": thing.updated}
