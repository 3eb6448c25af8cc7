"""What HubSpot holds on a record, whole: properties with history, lists, consent, forms, mailings."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, TryLater
from integrations.http import Api, NotHeld, Place, at, both, together
from integrations.hubspot.answers import Properties, Property, Statuses, Thing
from integrations.hubspot.crm import Crm
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import (
    CONSENT,
    EMAIL_CHANNEL,
    MEMBERSHIPS,
    PROPERTIES,
    TYPES,
    WORD,
    Area,
)
from integrations.hubspot.traces import Traces

#: Property definitions are read again after so many seconds; they change when a colleague adds a field.
DEFINITIONS_FRESH: Final = 600.0
#: Said in the copy of a contact in the bin: what lies on it cannot be read from there.
IN_BIN: Final = "in_recycle_bin"
#: What was written may show a moment later.
LAG: Final = timedelta(seconds=2)


class Content:
    """What is written on records, and what people have agreed to."""

    def __init__(self, api: Api, crm: Crm, without: Collection[Area] = ()) -> None:
        self._api = api
        self._crm = crm
        self._traces = Traces(api)
        self._without = frozenset(without)
        self._definitions: dict[str, tuple[float, tuple[Property, ...]]] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of_many(self, kind: str, ids: Sequence[str]) -> Sequence[Mapping[str, JsonValue]]:
        """Return all properties of each object that hold something; nothing of one that is gone.

        A portion too large for one answer is asked for in halves.
        """
        names = [one.name for one in await self.properties(TYPES[kind])]
        try:
            found = {thing.id: thing for thing in await self._crm.batch(TYPES[kind], ids, names)}
        except NeedsHuman as trouble:
            if trouble.key != "trouble.too_large" or len(ids) == 1:
                raise
        else:
            return [_fields(found[one]) if one in found else {} for one in ids]
        half = len(ids) // 2
        return [*await self.of_many(kind, ids[:half]), *await self.of_many(kind, ids[half:])]

    async def of_contact(self, contact: str, addresses: Sequence[str]) -> Mapping[str, JsonValue]:
        """Return a contact's properties with their history, its lists, and what each address agreed to and did."""
        found, (lists, forms, mailings, consents) = await both(
            self._whole(contact),
            together(
                self._entries(at(MEMBERSHIPS, contact)),
                self._forms(addresses),
                self._of_each(addresses, Area.MAILINGS),
                self._of_each(addresses, None),
            ),
        )
        if found is None:
            return {}
        return {
            **_fields(found),
            **({IN_BIN: True} if found.archived else {}),
            "properties_with_history": {name: values for name, values in found.history.items() if values},
            "list_memberships": lists,
            "subscriptions": consents,
            **({} if Area.FORMS in self._without else {"form_submissions": forms}),
            **({} if Area.MAILINGS in self._without else {"marketing_emails": mailings}),
        }

    async def _whole(self, contact: str) -> Thing | None:
        names = [one.name for one in await self.properties("contacts")]
        return await self._crm.anywhere(contact, names, history=True)

    async def _forms(self, addresses: Sequence[str]) -> list[JsonValue]:
        if Area.FORMS in self._without:
            return []
        return await self._traces.forms_from(frozenset(one.lower() for one in addresses))

    async def _of_each(self, addresses: Sequence[str], area: Area | None) -> list[JsonValue]:
        if area is not None and area in self._without:
            return []
        ask = self._consent if area is None else self._traces.mailings_to
        return [entry for entries in await together(*(ask(one.lower()) for one in addresses)) for entry in entries]

    async def _consent(self, address: str) -> list[JsonValue]:
        by_type, from_all = await together(
            self._entries(at(CONSENT, address), EMAIL_CHANNEL),
            self._entries(at(CONSENT + "/unsubscribe-all", address), EMAIL_CHANNEL),
        )
        return [*by_type, *from_all]

    async def opted_out(self, address: str) -> bool:
        """Whether *address* is out of every mailing: HubSpot has an entry then, and none otherwise."""
        return bool(await self._entries(at(CONSENT + "/unsubscribe-all", address), EMAIL_CHANNEL))

    async def _entries(self, place: Place, query: Mapping[str, str] | None = None) -> list[JsonValue]:
        try:
            return [dict(entry) for entry in (await self._api.get(place, Statuses, query or {})).results]
        except NotHeld:
            return []

    async def properties(self, type_: str) -> tuple[Property, ...]:
        """Return every property an object type has: a read gives only a handful unless they are named."""
        async with self._asking[type_]:
            now = asyncio.get_running_loop().time()
            read_at, known = self._definitions.get(type_, (now - DEFINITIONS_FRESH, ()))
            if now - read_at >= DEFINITIONS_FRESH:
                known = (await self._api.get(at(PROPERTIES, type_), Properties)).results
                self._definitions[type_] = (now, known)
            return known

    async def unsubscribe(self, address: str) -> str:
        """Opt *address* out of everything; return HubSpot's word for what changed."""
        place = at(CONSENT + "/unsubscribe-all", address)
        answer = await self._api.post(place, Statuses, query={**EMAIL_CHANNEL, "verbose": "true"})
        reasons = {str(entry.get("setStatusSuccessReason", "")) for entry in answer.results}
        return ", ".join(sorted(reason for reason in reasons if WORD.fullmatch(reason)))

    async def leave_all(self, addresses: Sequence[str]) -> set[str]:
        """Opt every address out and look again; return HubSpot's words. Raises `TryLater` when one is not out yet."""
        leaving = (partial(self.unsubscribe, one) for one in addresses)
        notes = {one async for one in ahead(leaving, writes=True)}
        if not all(await together(*(self.opted_out(one) for one in addresses))):
            raise TryLater("trouble.not_yet_there", LAG, {"system": "hubspot"})
        return notes

    async def knock(self, nobody: str) -> None:
        """Try whether all that is exported may be read, by an address and an id nobody has."""
        await together(
            self._whole("0"),
            self._entries(at(MEMBERSHIPS, "0")),
            self._consent(nobody),
            self._traces.knock(
                nobody, forms=Area.FORMS not in self._without, mailings=Area.MAILINGS not in self._without
            ),
        )


def _fields(thing: Thing) -> dict[str, JsonValue]:
    held: dict[str, JsonValue] = {name: value for name, value in thing.properties.items() if value}
    return {**held, "created_at": thing.created, "updated_at": thing.updated}
