"""Whose a file is that hangs on the person's activities.

A file is deleted for good, and one file may hang on many activities and stand in the
file manager besides. So it is the person's alone only when no other activity bears it
and no page can use it; in doubt it is shared, and a person rules (D20). The search that
tells lags behind by moments: what a colleague attaches just now it does not know.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from typing import Final

from bot.domain.errors import NeedsHuman
from integrations.http import both, together
from integrations.hubspot.answers import FileOnFile
from integrations.hubspot.contact import split
from integrations.hubspot.content import Content
from integrations.hubspot.crm import Crm
from integrations.hubspot.files import Files, for_the_record_only
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import ACTIVITIES, ATTACHMENTS, SEARCH_GROUPS, TYPES, batches, condition

#: A search HubSpot does not take proves nothing: the files it was for are in doubt.
NOT_TAKEN: Final = frozenset({"trouble.refused", "trouble.refused_field"})

#: A kind of activity and an id.
Activity = tuple[str, str]


class Attached:
    """Files on activities."""

    def __init__(self, crm: Crm, content: Content, files: Files) -> None:
        self._crm = crm
        self._content = content
        self._files = files

    async def shared(self, files: Sequence[str], theirs: Collection[Activity]) -> Mapping[str, bool]:
        """Return of each of *files* that is there whether it is more than *theirs*, the person's own activities'."""
        if not files:
            return {}
        described, elsewhere = await both(self._described(files), self._elsewhere(files, theirs))
        return {one: one in elsewhere or not for_the_record_only(about) for one, about in described.items()}

    async def _described(self, files: Sequence[str]) -> Mapping[str, FileOnFile]:
        found = [one async for one in ahead(partial(self._files.about, file) for file in files)]
        return {file: about for file, about in zip(files, found, strict=True) if about is not None}

    async def _elsewhere(self, files: Sequence[str], theirs: Collection[Activity]) -> frozenset[str]:
        known = await together(*(self._content.properties(TYPES[kind]) for kind in ACTIVITIES))
        kinds = [
            kind for kind, names in zip(ACTIVITIES, known, strict=True) if ATTACHMENTS in {one.name for one in names}
        ]
        searches = (
            partial(self._on_others, kind, some, theirs) for some in batches(files, SEARCH_GROUPS) for kind in kinds
        )
        return frozenset([one async for found in ahead(searches) for one in found])

    async def _on_others(self, kind: str, files: Sequence[str], theirs: Collection[Activity]) -> frozenset[str]:
        """Return those of a few *files* that hang on activities of one kind that are not *theirs*."""
        try:
            hits = [one async for one in self._bearing(kind, files) if (kind, one) not in theirs]
        except NeedsHuman as trouble:
            if trouble.key not in NOT_TAKEN:
                raise
            return frozenset(files)
        portions = (partial(self._crm.batch, TYPES[kind], some, (ATTACHMENTS,)) for some in batches(hits))
        confirmed = [thing async for things in ahead(portions) for thing in things]
        return frozenset(files) & {file for one in confirmed for file in split(one.properties.get(ATTACHMENTS))}

    async def _bearing(self, kind: str, files: Sequence[str]) -> AsyncIterator[str]:
        groups = [[condition(ATTACHMENTS, "CONTAINS_TOKEN", one)] for one in files]
        async for thing in self._crm.search(groups, (), TYPES[kind]):
            yield thing.id
