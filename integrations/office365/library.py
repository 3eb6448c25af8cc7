"""SharePoint and OneDrive: the recruitment library and whatever other libraries the settings name.

Two ways in, because each misses something. The search sees into the files but lags behind;
the walk sees every file there is this moment but only what it is called. What a search
shows and the walk does not is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, SystemTrouble
from bot.domain.system import Record
from integrations.http import Api, NoLonger, NotHeld, Nothing, at, both, link, together
from integrations.office365.answers import (
    DOCUMENT_FIELDS,
    ITEM_FIELDS,
    Document,
    Found,
    Item,
    Items,
    Named,
    NamedOnes,
)
from integrations.office365.mailbox import kept_or
from integrations.office365.paging import pages
from integrations.office365.person import Sought, is_special
from integrations.office365.places import FILE, FILES_PAGE, KEY, LARGEST, in_drive, search_in

#: Hits of the search through all of SharePoint per request.
HITS: Final = 500


@dataclass(frozen=True, slots=True)
class Whose:
    """Why a file was found: an address of the person's in it, the name on it, or the name of its folder."""

    addressed: bool
    named: bool


class Library:
    """Reads and erases files."""

    def __init__(self, api: Api, drives: Sequence[str], sites: Sequence[str], region: str) -> None:
        self._api = api
        self._drives = tuple(drives)
        self._sites = tuple(sites)
        self._region = region

    async def find(self, person: Sought) -> Sequence[Record]:
        """Return the files about the person, in the libraries that are set and where the wide search reaches."""
        drives = await self.drives()
        groups = await together(*(self._in_drive(drive, person) for drive in drives), self._elsewhere(drives, person))
        return [record for group in groups for record in group]

    async def drives(self) -> Sequence[str]:
        """Return the libraries to search: those that are set, and all of the sites that are set."""
        groups = await together(*(self._drives_of(site) for site in self._sites))
        return tuple(dict.fromkeys([*self._drives, *(drive for group in groups for drive in group)]))

    async def _drives_of(self, site: str) -> Sequence[str]:
        reading = pages(self._api, at("/sites/{}/drives", site), NamedOnes, {"$select": "id"})
        return [one.id async for page in reading for one in page.value]

    async def _in_drive(self, drive: str, person: Sought) -> Sequence[Record]:
        """Search and walk at once: what the search shows has lain there long enough for the walk to show it too."""
        asked = (*sorted(person.addresses), *person.names)
        hits, there = await both(together(*(self._search(drive, one) for one in asked)), self._walk(drive))
        addressed = frozenset().union(*hits[: len(person.addresses)])
        mentioned = frozenset().union(*hits[len(person.addresses) :])
        folders = {one.id: one for one in there if one.folder is not None}
        found = []
        for item in there:
            if item.file is None:
                continue
            named = person.named_in(item.name) or _folder_named(item, folders, person)
            if named or item.id in addressed or item.id in mentioned:
                found.append(_record(drive, item, Whose(item.id in addressed, named)))
        return found

    async def _search(self, drive: str, words: str) -> frozenset[str]:
        query = {"$select": ITEM_FIELDS, "$top": FILES_PAGE}
        reading = pages(self._api, search_in(drive, words), Items, query)
        return frozenset([one.id async for page in reading for one in page.value])

    async def _walk(self, drive: str) -> Sequence[Item]:
        """Return everything the library holds now. A walk that lost its place begins anew, once."""
        try:
            return await self._walked(drive)
        except NoLonger:
            return await self._walked(drive)

    async def _walked(self, drive: str) -> Sequence[Item]:
        place = at("/drives/{}/root/delta", drive)
        reading = pages(self._api, place, Items, {"$select": ITEM_FIELDS, "$top": FILES_PAGE})
        last = {one.id: one async for page in reading for one in page.value}
        return [one for one in last.values() if one.deleted is None]

    async def _elsewhere(self, drives: Sequence[str], person: Sought) -> Sequence[Record]:
        """Return files in other libraries, where a region is set. Nobody said what those are for: a person judges.

        Only what is shared is asked for: what lies privately in somebody's OneDrive is its holder's to search (D18).
        """
        if not self._region:
            return []
        groups = await together(*(self._wide(one) for one in (*sorted(person.addresses), *person.names)))
        found = {(one.parent.drive, one.id): one for group in groups for one in group}
        strange = [place for place in found if place[0] and place[0] not in drives]
        there = await together(*(self.held(*place) for place in strange))
        return [
            _record(drive, found[drive, item], Whose(addressed=False, named=False))
            for (drive, item), held in zip(strange, there, strict=True)
            if held
        ]

    async def _wide(self, words: str) -> Sequence[Item]:
        found: list[Item] = []
        while True:
            request: dict[str, JsonValue] = {
                "entityTypes": ["driveItem"],
                "query": {"queryString": f'"{words}"'},
                "region": self._region,
                "from": len(found),
                "size": HITS,
            }
            answer = await self._api.ask(at("/search/query"), Found, {"requests": [request]})
            parts = [part for response in answer.value for part in response.containers]
            hits = [hit.resource for part in parts for hit in part.hits]
            found += hits
            if not any(part.more for part in parts):
                return found
            if not hits:
                raise NeedsHuman("trouble.endless", {"system": KEY})

    async def document(self, drive: str, item: str) -> tuple[Mapping[str, JsonValue], str, bytes]:
        """Return what is said of a file, its name and its content. Raises `NotHeld`."""
        await self._known(drive)
        try:
            one = await self._api.get(in_drive(drive, item), Document, {"$select": DOCUMENT_FIELDS})
        except NotHeld:
            await self._answers(drive)
            raise
        if not one.url:
            raise NeedsHuman("trouble.unreadable", {"system": KEY})
        content = await self._api.octets(link(one.url), signed=False, most=LARGEST)
        said: dict[str, JsonValue] = {
            "name": one.name,
            "size": one.size,
            "created": one.created,
            "changed": one.changed,
        }
        return said, one.name, content

    async def held(self, drive: str, item: str) -> bool:
        """Whether the file can still be read."""
        await self._known(drive)
        try:
            await self._api.get(in_drive(drive, item), Named, {"$select": "id"})
        except NotHeld:
            await self._answers(drive)
            return False
        return True

    async def _known(self, drive: str) -> None:
        """Raise `NeedsHuman` for a library that is no longer in the settings: nothing is known of what lies there."""
        if not self._region and drive not in self._drives and drive not in await self.drives():
            raise NeedsHuman("trouble.not_allowed_there", {"system": KEY})

    async def _answers(self, drive: str) -> None:
        """Raise `NeedsHuman` when the library itself is not there: that proves nothing of what lay in it."""
        reading = pages(self._api, at("/drives/{}/root/delta", drive), Items, {"$select": "id", "$top": "1"})
        await anext(reading)
        await reading.aclose()

    async def touch(self, drive: str, item: str) -> None:
        """Change nothing about a file, to see whether changing is allowed."""
        await self._api.patch(in_drive(drive, item), Nothing, {})

    async def erase(self, drive: str, item: str) -> None:
        """Delete a file with all its versions, past both recycle bins. Raises `NotHeld`."""
        try:
            await self._api.post(in_drive(drive, item, "/permanentDelete"), Nothing)
        except SystemTrouble as trouble:
            raise kept_or(trouble) from None


def _folder_named(item: Item, folders: Mapping[str, Item], person: Sought) -> bool:
    """Whether any folder the file lies in bears the person's name."""
    above = folders.get(item.parent.id)
    for _ in folders:
        if above is None:
            return False
        if person.named_in(above.name):
            return True
        above = folders.get(above.parent.id)
    return False


def _record(drive: str, item: Item, whose: Whose) -> Record:
    """Return the record of a file: a CV, a certificate, notes of an interview.

    It is the person's alone only when the name is on it and the address in it; else it may be a
    namesake's, or a list with others in it.
    """
    return Record(
        KEY,
        FILE,
        f"{drive}:{item.id}",
        special=is_special(item.name),
        shared=not (whose.addressed and whose.named),
        narrative=True,
    )
