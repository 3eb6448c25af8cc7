"""What lies on a contact's timeline, and whether others are on it too.

No missing answer says that nobody else is on something: HubSpot answers a batch in part.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from bot.domain.errors import NeedsHuman
from integrations.http import both
from integrations.hubspot.answers import Thing
from integrations.hubspot.contact import split
from integrations.hubspot.crm import Crm
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import ATTACHMENTS, BATCH, TYPES


@dataclass(frozen=True, slots=True)
class Lying:
    """Something on a timeline: whether it concerns others too, and the ids of the files attached."""

    id: str
    shared: bool
    files: tuple[str, ...]


class Timelines:
    """Activities on contacts."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def of(self, contact: str, kind: str, contacts: Collection[str], *, files: bool) -> AsyncIterator[Lying]:
        """Yield a contact's activities of one kind: whether others than *contacts* are on it, what is attached."""

        async def portions() -> AsyncIterator[Callable[[], Awaitable[Sequence[Lying]]]]:
            ids: list[str] = []
            async for one in self._crm.linked(contact, kind):
                ids.append(one)
                if len(ids) == BATCH:
                    yield partial(self._lying, kind, ids, contacts, files=files)
                    ids = []
            if ids:
                yield partial(self._lying, kind, ids, contacts, files=files)

        async for portion in ahead(portions()):
            for one in portion:
                yield one

    async def _lying(self, kind: str, ids: Sequence[str], contacts: Collection[str], *, files: bool) -> Sequence[Lying]:
        reading = self._crm.batch(TYPES[kind], ids, (ATTACHMENTS,)) if files else _none()
        ends, things = await both(self._crm.far_ends(TYPES[kind], "contacts", ids), reading)
        attached = {thing.id: split(thing.properties.get(ATTACHMENTS)) for thing in things}
        gone = await self._gone(TYPES[kind], [one for one in ids if not ends.get(one)])
        return [Lying(one, bool(ends[one] - set(contacts)), attached.get(one, ())) for one in ids if one not in gone]

    async def _gone(self, type_: str, unanswered: Sequence[str]) -> Collection[str]:
        """Return *unanswered*, all of them gone: of what is there no missing answer says that nobody else is on it."""
        if unanswered and await self._crm.existing(type_, unanswered):
            raise NeedsHuman("trouble.partial", {"system": "hubspot"})
        return unanswered


async def _none() -> Sequence[Thing]:
    return ()
