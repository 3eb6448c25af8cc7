"""HubSpot's CRM in our words: contacts, what lies on their timelines, deals.

Reads by id or address see every earlier write; the search index lags behind by moments.
So what only the search knows is looked up by id before it is believed. The search never
shows what lies in the bin, from which a contact can be brought back for 90 days: the bin
is read through, its addresses only.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman
from integrations.http import Api, NotHeld, Nothing, Place, at, both, together
from integrations.hubspot.answers import Batch, Links, LinksOfMany, Thing, Things
from integrations.hubspot.contact import Contact, addresses_of, on_file
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import (
    ADDRESSES,
    ASSOCIATIONS,
    BIN_PAGE,
    CONTACT,
    DEALS,
    LINK_PAGE,
    NOT_FOUND,
    OBJECTS,
    ON_FILE,
    SEARCH_PAGE,
    TYPES,
    batches,
    condition,
)

BatchOf = TypeVar("BatchOf", bound=Batch)


class Crm:
    """HubSpot's objects. *searching* is the same API under the search limit."""

    def __init__(self, api: Api, searching: Api) -> None:
        self._api = api
        self._searching = searching

    async def contacts_at(self, address: str) -> Sequence[Contact]:
        """Return the contacts that have *address* as their first or as a further one, those in the bin too."""
        (direct, searched), binned = await both(
            both(self._contact_by(address), self._search_for(address)), self._binned_at(address)
        )
        known = {} if direct is None else {direct.id: direct}
        doubtful = [one for one in searched if one not in known]
        confirmed = await together(*(self._contact_by_id(one) for one in doubtful))
        known |= {thing.id: thing for thing in confirmed if thing is not None and address in addresses_of(thing)}
        lying = {thing.id: thing for thing in binned if thing.id not in known and address in addresses_of(thing)}
        return [
            Contact(thing.id, on_file(thing), binned=thing.id in lying) for thing in (*known.values(), *lying.values())
        ]

    async def knock(self, nobody: str) -> None:
        """Try whether contacts may be read and searched, by an address nobody has."""
        await both(self._contact_by(nobody), self._search_for(nobody))

    async def _contact_by(self, address: str) -> Thing | None:
        query = {"idProperty": "email", "properties": ",".join(ON_FILE)}
        try:
            thing = await self._api.get(at(OBJECTS + "/contacts/{}", address), Thing, query)
        except NotHeld:
            return None
        if address not in addresses_of(thing):
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

    async def _binned_at(self, address: str) -> Sequence[Thing]:
        query = {"archived": "true", "limit": BIN_PAGE, "properties": ",".join(ADDRESSES)}
        theirs: list[str] = []
        while True:
            page = await self._api.get(at(OBJECTS + "/contacts"), Things, query)
            theirs += [thing.id for thing in page.results if address in addresses_of(thing)]
            if page.paging.next is None:
                return await self.batch("contacts", theirs, ON_FILE, archived=True) if theirs else ()
            query = _further(query, page.paging.next.after)

    async def search(
        self,
        groups: Sequence[Sequence[Mapping[str, JsonValue]]],
        properties: Sequence[str],
        type_: str = "contacts",
    ) -> AsyncIterator[Thing]:
        """Yield every object any of *groups* describes, by rising id.

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
            page = await self._searching.ask(at(OBJECTS + "/{}/search", type_), Things, body)
            for thing in page.results:
                yield thing
            if len(page.results) < SEARCH_PAGE:
                return
            if int(page.results[-1].id) <= int(last):
                raise NeedsHuman("trouble.endless", {"system": "hubspot"})
            last = page.results[-1].id

    async def linked(self, contact: str, kind: str) -> AsyncIterator[str]:
        """Yield the ids of what lies on a contact, of one kind; none when the contact is gone or in the bin."""
        place = at(OBJECTS + "/contacts/{}/associations/{}", contact, TYPES[kind])
        try:
            async for one in self._links(place):
                yield one
        except NotHeld:
            return

    async def _links(self, place: Place) -> AsyncIterator[str]:
        query, seen = {"limit": LINK_PAGE}, set[str]()
        while True:
            page = await self._api.get(place, Links, query)
            for one in page.results:
                if one.to not in seen:
                    yield one.to
                    seen.add(one.to)
            if page.paging.next is None:
                return
            query = _further(query, page.paging.next.after)

    async def open_deals(self, contacts: Sequence[str]) -> frozenset[str]:
        """Return those of *contacts* that have an open deal. Raises `CredentialsRefused` without leave to read."""
        deals = await self.far_ends("contacts", DEALS, contacts)
        reading = (
            partial(self.batch, DEALS, batch, ("hs_is_closed",)) for batch in batches(set().union(*deals.values()))
        )
        states = [one async for group in ahead(reading) for one in group]
        still = {one.id for one in states if one.properties.get("hs_is_closed") != "true"}
        return frozenset(contact for contact, ends in deals.items() if ends & still)

    async def far_ends(self, near: str, far: str, ids: Iterable[str]) -> dict[str, set[str]]:
        """Return what each is associated with; none only where HubSpot says so, what it passes over is absent."""
        place = at(ASSOCIATIONS + "/{}/{}/batch/read", near, far)
        asking = (
            partial(self._api.ask, place, LinksOfMany, {"inputs": [{"id": one} for one in batch]})
            for batch in batches(ids)
        )
        ends: dict[str, set[str]] = {}
        async for page in ahead(asking):
            ends |= {one: set() for one in _whole(page).not_found}
            ends |= {one.source.id: {link.to for link in one.to} for one in page.results}
        return ends

    async def batch(
        self,
        type_: str,
        ids: Sequence[str],
        names: Sequence[str],
        *,
        history: bool = False,
        archived: bool = False,
    ) -> Sequence[Thing]:
        """Return those of *ids* that exist; one that is there and was passed over makes the answer a partial one."""
        page = await self._batch(type_, ids, names, history=history, archived=archived)
        if await self._passed_over(type_, ids, page, archived=archived):
            raise NeedsHuman("trouble.partial", {"system": "hubspot"})
        return page.results

    async def _batch(
        self, type_: str, ids: Sequence[str], names: Sequence[str], *, history: bool = False, archived: bool = False
    ) -> Things:
        """Properties go in the body: hundreds of names make too long a URL."""
        body: JsonValue = {
            "inputs": [{"id": one} for one in ids],
            "properties": list(names),
            "propertiesWithHistory": list(names) if history else [],
        }
        shape = OBJECTS + "/{}/batch/read" + ("?archived=true" if archived else "")
        return _whole(await self._api.ask(at(shape, type_), Things, body))

    async def existing(self, type_: str, ids: Sequence[str], *, archived: bool = False) -> frozenset[str]:
        """Return those of up to a hundred *ids* that exist, in the bin when *archived*, elsewhere otherwise."""
        page = await self._batch(type_, ids, ("hs_object_id",), archived=archived)
        passed_over = await self._passed_over(type_, ids, page, archived=archived)
        return passed_over.union(thing.id for thing in page.results if thing.id in ids)

    async def _passed_over(self, type_: str, ids: Sequence[str], page: Things, *, archived: bool) -> frozenset[str]:
        """Return what *page* neither gives nor names as not found and yet is there when it is asked for by itself.

        A contact merged into another answers to both ids, in a batch to one.
        """
        spoken_of = page.not_found.union(thing.id for thing in page.results)
        doubtful = [one for one in ids if one not in spoken_of]
        query = {"archived": str(archived).lower()}
        looks = (partial(self._there, at(OBJECTS + "/{}/{}", type_, one), query) for one in doubtful)
        found = [one async for one in ahead(looks)]
        return frozenset(one for one, held in zip(doubtful, found, strict=True) if held)

    async def anywhere(self, contact: str, names: Sequence[str], *, history: bool = False) -> Thing | None:
        """Return a contact, from the bin when it lies there; None when it is gone for good."""
        living, binned = await together(
            self._batch("contacts", [contact], names, history=history),
            self._batch("contacts", [contact], names, history=history, archived=True),
        )
        return next(iter((*living.results, *binned.results)), None)

    async def held(self, kind: str, record_id: str) -> bool:
        """Whether the object is there.

        Raises `NeedsHuman` for a contact in the bin: it can be brought back for 90 days, and what lies on it shows
        only then. To delete it for good would leave all that behind with no way to it.
        """
        place = at(OBJECTS + "/{}/{}", TYPES[kind], record_id)
        looks = [self._there(place, {"archived": "false"})]
        if kind == CONTACT:
            looks.append(self._there(place, {"archived": "true"}))
        living, *binned = await together(*looks)
        if not living and any(binned):
            raise NeedsHuman("trouble.in_bin", {"system": "hubspot"})
        return living

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

    async def erase_many(self, kind: str, ids: Sequence[str]) -> None:
        """Move up to a hundred activities to the bin at once; HubSpot does not mind those that are gone."""
        body: JsonValue = {"inputs": [{"id": one} for one in ids]}
        await self._api.post(at(OBJECTS + "/{}/batch/archive", TYPES[kind]), Nothing, body)

    async def write(self, kind: str, record_id: str, values: Mapping[str, str]) -> None:
        """Write properties of an object, by id; "" empties one."""
        await self._api.patch(at(OBJECTS + "/{}/{}", TYPES[kind], record_id), Thing, {"properties": dict(values)})

    async def take_off(self, kind: str, record_id: str, contact: str) -> None:
        """End the association between an object and a contact; both stay."""
        await self._api.delete(at(OBJECTS + "/{}/{}/associations/contacts/{}", TYPES[kind], record_id, contact))

    async def people_on(self, kind: str, record_id: str) -> frozenset[str]:
        """Return the contacts an object is associated with; none when the object is gone."""
        place = at(OBJECTS + "/{}/{}/associations/contacts", TYPES[kind], record_id)
        try:
            return frozenset([one async for one in self._links(place)])
        except NotHeld:
            return frozenset()


def _whole(page: BatchOf) -> BatchOf:
    """Return the answer to a batch; one that leaves out more than what is not there is a person's."""
    if page.status != "COMPLETE" or any(fault.category != NOT_FOUND for fault in page.errors):
        raise NeedsHuman("trouble.partial", {"system": "hubspot"})
    return page


def _further(query: Mapping[str, str], after: str) -> dict[str, str]:
    if after == query.get("after"):
        raise NeedsHuman("trouble.endless", {"system": "hubspot"})
    return {**query, "after": after}
