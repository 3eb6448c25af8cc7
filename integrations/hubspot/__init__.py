"""HubSpot: the contacts we market and sell to.

Erasure is HubSpot's own permanent deletion, not the archive behind the ordinary DELETE.
It cannot be undone, and an unknown address lands on HubSpot's blocklist, so a contact is
always addressed by the id that `find` returned, never by e-mail (vendors.md §1.1). It
leaves behind what lay on the contact's timeline, so that is erased before it.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import aiohttp

from bot.domain.errors import NeedsHuman
from bot.domain.system import (
    Correction,
    Exported,
    Identifier,
    IdentifierKind,
    Manifest,
    Operation,
    Receipt,
    Record,
    assisted,
    automatic,
)
from bot.ports import Clock, Idle
from integrations.http import Api, NotHeld, Vendor, pace, together
from integrations.hubspot import portions
from integrations.hubspot.attached import Attached
from integrations.hubspot.changes import Changes
from integrations.hubspot.chats import ChatRooms
from integrations.hubspot.content import Content
from integrations.hubspot.crm import Crm
from integrations.hubspot.files import Files
from integrations.hubspot.idle import IdleContacts
from integrations.hubspot.places import (
    ACTIVITIES,
    CHAT,
    COMPANY,
    CONTACT,
    FILE,
    FURTHER,
    NARRATIVE,
    TYPES,
    Area,
    account_pause,
    refused_field,
)
from integrations.hubspot.presence import Presence
from integrations.hubspot.settings import FILE_HOSTS, Settings
from integrations.hubspot.timeline import Timelines
from integrations.tokens import FixedToken

KEY: Final = "hubspot"

MANIFEST: Final = Manifest(
    key=KEY,
    name="HubSpot",
    known_by=frozenset({IdentifierKind.EMAIL}),
    capabilities={
        Operation.FIND: automatic(),
        Operation.EXPORT: automatic(),
        Operation.ERASE: automatic(irreversible=True),
        Operation.RECTIFY: automatic(),
        Operation.RESTRICT: assisted("reason.restrict"),
        Operation.SUPPRESS: automatic(repeat_safe=True),
    },
    correspondence=frozenset({"email"}),
)

GONE_ALREADY: Final = "already gone"
#: HubSpot purges it with its contact, within thirty days, and has no other way to delete it.
WITH_THE_CONTACT: Final = "purged with the contact"
#: A shared file stays where else it hangs.
WITH_ITS_ACTIVITIES: Final = "off with the activities it hung on"
#: Nobody: a reserved name that can have no mailbox (RFC 2606).
NOBODY: Final = "nobody@probe.invalid"
#: HubSpot counts ten seconds; the rest is kept for calls that travel longer than those after them.
BURST_SECONDS: Final = 10.3


def manifest(settings: Settings) -> Manifest:
    """Return what HubSpot can do: a restriction by itself only where a property is there to mark it with."""
    if not settings.restricted_property:
        return MANIFEST
    return replace(MANIFEST, capabilities={**MANIFEST.capabilities, Operation.RESTRICT: automatic()})


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> "HubSpot":
    """Return HubSpot, ready to work over the shared session."""
    vendor = Vendor(
        KEY,
        settings.base_url,
        FILE_HOSTS | settings.file_hosts,
        seconds=settings.seconds,
        pause=account_pause(settings.account_zone),
        about=refused_field,
    )
    tokens = FixedToken(KEY, settings.token)
    api = Api(session, vendor, tokens, clock, window=pace(settings.calls_per_10_seconds, BURST_SECONDS))
    searching = Api(session, vendor, tokens, clock, window=pace(settings.searches_per_second, 1))
    return HubSpot(api, searching, settings)


class HubSpot:
    """The contacts we market and sell to, and what we noted about them."""

    def __init__(self, api: Api, searching: Api, settings: Settings) -> None:
        self._manifest = manifest(settings)
        self._without = frozenset(Area(one) for one in settings.without)
        self._crm = Crm(api, searching)
        self._content = Content(api, self._crm, self._without)
        self._files = Files(api)
        self._chats = ChatRooms(api)
        self._timelines = Timelines(self._crm)
        self._attached = Attached(self._crm, self._content, self._files)
        self._presence = Presence(self._crm, self._files, self._chats)
        self._changes = Changes(self._crm, self._content, settings.restricted_property)
        self._idle = IdleContacts(self._crm)

    @property
    def manifest(self) -> Manifest:
        """What HubSpot can do."""
        return self._manifest

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return the person's contacts, those in the bin too, and all that lies on them.

        Files come before the activities they hang on, activities before their contact: erased in this
        order nothing loses the way to it. What other contacts are on too is marked shared (D20), and so
        are deals and tickets: they are the company's as well. Contacts in the bin come last.
        """
        addresses = {one.value.strip().lower() for one in person if one.kind is IdentifierKind.EMAIL}
        groups = await together(*(self._crm.contacts_at(address) for address in sorted(addresses)))
        contacts = {contact.id: contact for group in groups for contact in group}
        lying = await together(*(self._lying_on(one, frozenset(contacts)) for one in contacts))
        records: dict[tuple[str, str], Record] = {}
        for record in (record for group in lying for record in group):
            if record.shared or (record.kind, record.id) not in records:  # shared once is shared
                records[record.kind, record.id] = record
        files = await self._whose([one for one in records.values() if one.kind == FILE], records)
        found = [*files, *(one for one in records.values() if one.kind != FILE)]
        found += [
            Record(KEY, CONTACT, one.id, contacts=one.contacts)
            for one in sorted(contacts.values(), key=lambda one: one.binned)
        ]
        return sorted(found, key=lambda one: portions.RANK[one.kind])

    async def _whose(self, files: Sequence[Record], theirs: Collection[tuple[str, str]]) -> Sequence[Record]:
        """Return the files that are there, shared where they are not *theirs* alone."""
        shared = await self._attached.shared([one.id for one in files], theirs)
        return [replace(one, shared=one.shared or shared[one.id]) for one in files if one.id in shared]

    async def _lying_on(self, contact: str, contacts: Collection[str]) -> Sequence[Record]:
        kinds = [*ACTIVITIES, *(kind for kind, area in FURTHER.items() if area not in self._without)]
        groups = await together(
            *(self._of_kind(contact, kind, contacts) for kind in kinds),
            *(() if Area.CHATS in self._without else (self._chats_with(contact),)),
        )
        return [record for group in groups for record in group]

    async def _of_kind(self, contact: str, kind: str, contacts: Collection[str]) -> Sequence[Record]:
        if kind not in ACTIVITIES:
            return [Record(KEY, kind, one, shared=kind in COMPANY) async for one in self._crm.linked(contact, kind)]
        found: list[Record] = []
        files = Area.FILES not in self._without
        async for one in self._timelines.of(contact, kind, contacts, files=files):
            found += [Record(KEY, FILE, file, shared=one.shared) for file in one.files]
            found.append(Record(KEY, kind, one.id, shared=one.shared, narrative=kind in NARRATIVE))
        return found

    async def _chats_with(self, contact: str) -> Sequence[Record]:
        return [Record(KEY, CHAT, one, narrative=True) for one in await self._chats.with_contact(contact)]

    async def export(self, record: Record) -> Exported:
        """Return the whole record: every property; of a contact also history, consent, lists, forms and mailings.

        A record that is gone since it was found comes back without fields.
        """
        match record.kind:
            case "contact":
                addresses = [one.value for one in record.contacts if one.kind is IdentifierKind.EMAIL]
                return Exported(record, await self._content.of_contact(record.id, addresses))
            case "file":
                return Exported(record, *await self._files.of(record.id))
            case "chat":
                return Exported(record, await self._chats.of(record.id))
            case kind:
                (fields,) = await self._content.of_many(kind, [record.id])
                return Exported(record, fields)

    def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        """Yield each record's content as `export` would, a few hundred in memory at a time."""
        return portions.exported(self._content, self.export, records)

    async def erase(self, record: Record) -> Receipt:
        """Delete a contact or file for good, an activity or chat into HubSpot's bin, which it empties after 90 days.

        Looks first, so that a write whose answer was lost is not sent again when it did happen. A contact in the
        bin is a person's: brought back it is erased with all that lies on it, from the bin it would leave that behind.
        """
        if record.shared:
            raise NeedsHuman("trouble.shared", {"system": KEY})
        if await self._held(record):
            return await self._erase(record)
        return Receipt(Operation.ERASE, record.kind, record.id, GONE_ALREADY)

    async def _held(self, record: Record) -> bool:
        match record.kind:
            case "file":
                return await self._files.about(record.id) is not None
            case "chat":
                return await self._chats.held(record.id) is not None
            case kind:
                return await self._crm.held(kind, record.id)

    async def _erase(self, record: Record) -> Receipt:
        note = ""
        try:
            match record.kind:
                case "feedback":
                    note = WITH_THE_CONTACT
                case "file":
                    await self._files.erase(record.id)
                case "chat":
                    await self._chats.erase(record.id)
                case kind:
                    await self._crm.erase(kind, record.id)
        except NotHeld:
            note = GONE_ALREADY  # somebody else was faster
        return Receipt(Operation.ERASE, record.kind, record.id, note)

    def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        """Erase in the order given, a hundred activities per call; what others are on too is left out."""
        return portions.erased(self._crm, self._held, self._erase, records)

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return those of *records* that HubSpot still holds, by id, whatever address they bear now."""
        return await self._presence.still_there(records)

    async def dissociate(self, record: Record, person: Sequence[Identifier]) -> Receipt:
        """Take the person's contacts off something others are on too; its text stays, and may still name the person.

        A file hangs on activities, never on a contact: it is off the person with those, and nothing is done to it.
        """
        if record.kind == FILE:
            return Receipt(Operation.ERASE, record.kind, record.id, WITH_ITS_ACTIVITIES)
        if record.kind not in TYPES or record.kind == CONTACT:
            raise NeedsHuman("trouble.shared", {"system": KEY})
        addresses = {one.value.strip().lower() for one in person if one.kind is IdentifierKind.EMAIL}
        found = await together(*(self._crm.contacts_at(address) for address in sorted(addresses)))
        theirs = {contact.id for group in found for contact in group}
        there = sorted(theirs & await self._crm.people_on(record.kind, record.id))
        for contact in there:
            await self._crm.take_off(record.kind, record.id, contact)
        if there and theirs & await self._crm.people_on(record.kind, record.id):
            raise NeedsHuman("trouble.refused", {"system": KEY})
        return Receipt(Operation.ERASE, record.kind, record.id, "taken off" if there else "already off")

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Opt the person out of every marketing e-mail, by hand or automatic (P48); harmless twice.

        HubSpot mails a contact at its first address, so every address of the contact that has this one is
        opted out. One that no contact has is opted out too, in case it is imported later; that is no
        deletion, and puts nobody on the blocklist. Looks afterwards, and comes back when it does not show yet.
        """
        if identifier.kind is not IdentifierKind.EMAIL:
            raise NeedsHuman("trouble.not_known_by", {"system": KEY})
        address = identifier.value.strip().lower()
        on_file = (one for contact in await self._crm.contacts_at(address) for one in contact.contacts)
        further = {one.value.lower() for one in on_file if one.kind is IdentifierKind.EMAIL} - {address}
        notes = await self._content.leave_all([*sorted(further), address])
        return Receipt(Operation.SUPPRESS, "unsubscribe-all", "", ", ".join(sorted(notes - {""})))

    async def correctable(self, record: Record) -> Mapping[str, str]:
        """Return what can be put right on a contact, or on what a colleague noted about it."""
        return await self._changes.correctable(record)

    async def correct(self, record: Record, corrections: Sequence[Correction]) -> Receipt:
        """Write what does not stand there already, by id, and read it again."""
        return await self._changes.correct(record, corrections)

    async def restrict(self, record: Record) -> Receipt:
        """Mark the contact as restricted and stop every mailing; its legal basis stays as it is."""
        return await self._changes.restrict(record)

    async def lift(self, record: Record) -> Receipt:
        """Take the mark off; mailings stay stopped until the person asks for them."""
        return await self._changes.lift(record)

    async def idle_since(self, cutoff: date) -> tuple[Sequence[Idle], Mapping[str, int]]:
        """Return contacts without a sign of interest since *cutoff* (P60), and how many more have open deals.

        Without leave to read deals the count is absent rather than nought.
        """
        return await self._idle.since(cutoff)

    async def probe(self) -> None:
        """Try whether HubSpot answers and the key may read all we read, by looking for nobody. Changes nothing."""
        kinds = [*ACTIVITIES, *(kind for kind, area in FURTHER.items() if area not in self._without)]
        await self._crm.knock(NOBODY)
        await self._content.knock(NOBODY)
        await together(*(self._crm.batch(TYPES[kind], ["0"], ("hs_object_id",)) for kind in kinds))
        if Area.CHATS not in self._without:
            await self._chats.with_contact("0")
        if Area.FILES not in self._without:
            await self._files.about("0")
        await self._changes.knock()
