"""HubSpot's CRM in our words: contacts, what lies on their timelines, deals.

Reads by id or address see every earlier write; the search index lags behind by moments.
So what only the search knows is looked up by id before it is believed.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman
from bot.domain.system import Identifier, IdentifierKind
from integrations.http import Api, NotHeld, Nothing, Place, at, both, together
from integrations.hubspot.answers import Links, LinksOfMany, Thing, Things
from integrations.hubspot.places import (
    ASSOCIATIONS,
    CONTACT,
    DEALS,
    LINK_PAGE,
    OBJECTS,
    ON_FILE,
    PHONES,
    SEARCH_PAGE,
    TYPES,
    batches,
    condition,
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact and the contact points on file."""

    id: str
    contacts: tuple[Identifier, ...] = field(repr=False)


class Crm:
    """HubSpot's objects. *searching* is the same API under the search limit."""

    def __init__(self, api: Api, searching: Api) -> None:
        self._api = api
        self._searching = searching

    async def contacts_at(self, address: str) -> Sequence[Contact]:
        """Return the contacts that have *address* as their first or as a further one."""
        direct, searched = await both(self._contact_by(address), self._search_for(address))
        known = {} if direct is None else {direct.id: direct}
        doubtful = [one for one in searched if one not in known]
        confirmed = await together(*(self._contact_by_id(one) for one in doubtful))
        known |= {thing.id: thing for thing in confirmed if thing is not None and address in _addresses(thing)}
        return [Contact(thing.id, on_file(thing)) for thing in known.values()]

    async def _contact_by(self, address: str) -> Thing | None:
        query = {"idProperty": "email", "properties": ",".join(ON_FILE)}
        try:
            thing = await self._api.get(at(OBJECTS + "/contacts/{}", address), Thing, query)
        except NotHeld:
            return None
        if address not in _addresses(thing):
            raise NeedsHuman("trouble.someone_else", {"system": "hubspot"})
        return thing

    async def _contact_by_id(self, contact: str) -> Thing | None:
        try:
            return await self._api.get(at(OBJECTS + "/contacts/{}", contact), Thing, {"properties": ",".join(ON_FILE)})
        except NotHeld:
            return None

    async def _search_for(self, address: str) -> Sequence[str]:
        groups = [
            [condition("email", "EQ", address)],
            [condition("hs_additional_emails", "CONTAINS_TOKEN", address)],
        ]
        return [thing.id async for thing in self.search(groups, ("email",))]

    async def search(
        self, groups: Sequence[Sequence[Mapping[str, JsonValue]]], properties: Sequence[str]
    ) -> AsyncIterator[Thing]:
        """Yield every contact any of *groups* describes, by rising id.

        Walks by id instead of by cursor: a cursor ends at 10,000 hits (vendors.md §1.3).
        """
        last = "0"
        while True:
            beyond = condition("hs_object_id", "GT", last)
            body: JsonValue = {
                "filterGroups": [{"filters": [dict(one) for one in (*group, beyond)]} for group in groups],
                "sorts": ["hs_object_id"],
                "properties": list(properties),
                "limit": SEARCH_PAGE,
                "after": "0",
            }
            page = await self._searching.ask(at(OBJECTS + "/contacts/search"), Things, body)
            for thing in page.results:
                yield thing
            if len(page.results) < SEARCH_PAGE:
                return
            if int(page.results[-1].id) <= int(last):
                raise NeedsHuman("trouble.endless", {"system": "hubspot"})
            last = page.results[-1].id

    async def linked(self, contact: str, kind: str) -> Sequence[str]:
        """Return the ids of the activities of one kind on a contact; none when the contact is gone."""
        place = at(OBJECTS + "/contacts/{}/associations/{}", contact, TYPES[kind])
        try:
            return [one async for one in self._links(place)]
        except NotHeld:
            return []

    async def _links(self, place: Place) -> AsyncIterator[str]:
        query, seen = {"limit": LINK_PAGE}, set[str]()
        while True:
            page = await self._api.get(place, Links, query)
            for link in page.results:
                if link.to not in seen:
                    yield link.to
                    seen.add(link.to)
            if page.paging.next is None:
                return
            if page.paging.next.after == query.get("after"):
                raise NeedsHuman("trouble.endless", {"system": "hubspot"})
            query["after"] = page.paging.next.after

    async def shared(self, kind: str, ids: Sequence[str], contact: str) -> frozenset[str]:
        """Return those of *ids* that lie on the timeline of others than *contact* too."""
        far = await self._far_ends(TYPES[kind], "contacts", ids)
        return frozenset(one for one, others in far.items() if others - {contact})

    async def open_deals(self, contacts: Sequence[str]) -> frozenset[str]:
        """Return those of *contacts* that have an open deal. Raises `CredentialsRefused` without leave to read."""
        deals = await self._far_ends("contacts", DEALS, contacts)
        states = await together(
            *(self.batch(DEALS, batch, ("hs_is_closed",)) for batch in batches(set().union(*deals.values())))
        )
        still = {one.id for group in states for one in group if one.properties.get("hs_is_closed") != "true"}
        return frozenset(contact for contact, ends in deals.items() if ends & still)

    async def _far_ends(self, near: str, far: str, ids: Sequence[str]) -> dict[str, set[str]]:
        place = at(ASSOCIATIONS + "/{}/{}/batch/read", near, far)
        pages = await together(
            *(self._api.ask(place, LinksOfMany, {"inputs": [{"id": one} for one in batch]}) for batch in batches(ids))
        )
        return {one.source.id: {link.to for link in one.to} for page in pages for one in page.results}

    async def batch(
        self, type_: str, ids: Iterable[str], names: Sequence[str], *, history: bool = False
    ) -> Sequence[Thing]:
        """Return those of *ids* that exist. Properties go in the body: hundreds of names make too long a URL."""
        body: JsonValue = {
            "inputs": [{"id": one} for one in ids],
            "properties": list(names),
            "propertiesWithHistory": list(names) if history else [],
        }
        page = await self._api.ask(at(OBJECTS + "/{}/batch/read", type_), Things, body)
        if any(fault.category != "OBJECT_NOT_FOUND" for fault in page.errors):
            raise NeedsHuman("trouble.partial", {"system": "hubspot"})
        return page.results

    async def held(self, kind: str, record_id: str) -> bool:
        """Whether the object is there. A contact in the bin still is: it can be brought back for 90 days."""
        place = at(OBJECTS + "/{}/{}", TYPES[kind], record_id)
        looks = [self._there(place, {"archived": "false"})]
        if kind == CONTACT:
            looks.append(self._there(place, {"archived": "true"}))
        return any(await together(*looks))

    async def _there(self, place: Place, query: Mapping[str, str]) -> bool:
        try:
            await self._api.get(place, Thing, query)
        except NotHeld:
            return False
        return True

    async def erase(self, kind: str, record_id: str) -> None:
        """Delete a contact permanently, by id only; move an activity to the bin, which has no permanent way."""
        if kind == CONTACT:
            await self._api.post(at(OBJECTS + "/contacts/gdpr-delete"), Nothing, {"objectId": record_id})
        else:
            await self._api.delete(at(OBJECTS + "/{}/{}", TYPES[kind], record_id))


def _addresses(thing: Thing) -> frozenset[str]:
    further = (thing.properties.get("hs_additional_emails") or "").split(";")
    every = (thing.properties.get("email") or "", *further)
    return frozenset(one.strip().lower() for one in every if one.strip())


def on_file(thing: Thing) -> tuple[Identifier, ...]:
    phones = dict.fromkeys(value for name in PHONES if (value := thing.properties.get(name)))
    first = (thing.properties.get("email") or "").lower()
    addresses = sorted(_addresses(thing), key=lambda one: (one != first, one))
    return (
        *(Identifier(IdentifierKind.EMAIL, one) for one in addresses),
        *(Identifier(IdentifierKind.PHONE, one) for one in phones),
    )
