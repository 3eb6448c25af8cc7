"""Office 365: mail, calendars and contacts of the function mailboxes, and the recruitment library.

Function mailboxes are searched by the desk; a colleague's own mailbox never is, its holder
does that (D18, `office365_personal`). Candidates are looked for by name too, since a CV
carries no address of its sender. Erasing is Graph's permanentDelete: gone for every user
at once, while Exchange keeps a copy nobody can reach for its last days. Taking somebody off a meeting
is a colleague's: changing who is invited makes Exchange write to whoever is taken off, and where they
came by a list to everybody. Without a tenant in the settings all of this is done by hand.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from typing import Final

import aiohttp
from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, NeedsHuman
from bot.domain.system import Correction, Exported, Identifier, IdentifierKind, Manifest, Operation, Receipt, Record
from bot.ports import Clock, System
from integrations.by_hand import ByHand
from integrations.entra import Application, EntraTokens
from integrations.http import Api, NotHeld, pace, shared_lane, together
from integrations.office365 import cards
from integrations.office365.capabilities import BY_HAND, MANIFEST
from integrations.office365.library import Library
from integrations.office365.mailbox import Mailbox
from integrations.office365.person import sought
from integrations.office365.places import AT_ONCE, CONTACT, EVENT, FILE, KEY, MESSAGE, SCOPE, WINDOW_SECONDS, vendor
from integrations.office365.portions import in_portions
from integrations.office365.settings import Settings, listed

__all__ = ["BY_HAND", "MANIFEST", "Office365", "Settings", "connect", "facts", "manifest"]

GONE_ALREADY: Final = "already gone"
#: Nobody: a reserved name that can have no mailbox (RFC 2606).
NOBODY: Final = sought((Identifier(IdentifierKind.EMAIL, "nobody@probe.invalid"),))
#: An id nothing can have: changing it is refused as unknown when changing is allowed.
NOTHING: Final = "probe"
#: What an app registration needs for each kind (vendors.md §2.1).
SCOPES: Final = {
    MESSAGE: "Mail.ReadWrite",
    CONTACT: "Contacts.ReadWrite",
    EVENT: "Calendars.ReadWrite",
    FILE: "Files.ReadWrite.All",
}


def manifest(settings: Settings) -> Manifest:
    """Return what Office 365 can do: by itself where a tenant is set, else by hand."""
    return MANIFEST if settings.tenant_id else BY_HAND


def facts(settings: Settings) -> Mapping[str, str]:
    """Return what the texts say of this tenant: an upper bound in days, never one that would need the singular."""
    return {"days": str(max(settings.deleted_items_days, 2))}


def connect(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> System:
    """Return Office 365, ready to work over the shared session."""
    if not settings.tenant_id:
        return ByHand(BY_HAND)
    application = Application(
        system=KEY,
        prefix=f"PRIVACY_SYSTEMS__{KEY.upper()}__",
        tenant=settings.tenant_id,
        client=settings.client_id,
        secret=settings.client_secret,
        certificate=Path(settings.certificate_path) if settings.certificate_path else None,
        scope=SCOPE,
        login_url=settings.login_url,
    )
    tokens = EntraTokens(application, session)
    hosts = frozenset(listed(settings.sharepoint_hosts))

    def api(mailbox: str = "") -> Api:
        """Return Graph with the limits of one mailbox, which the desk's own mail may go to, or of all the files."""
        whose = (settings.tenant_id, settings.client_id, mailbox)
        lane = shared_lane(session, whose, AT_ONCE, pace(settings.calls_per_10_minutes, WINDOW_SECONDS))
        return Api(session, vendor(settings.base_url, settings.seconds, hosts), tokens, clock, lane=lane)

    ways = {address: api(address) for address in listed(settings.mailboxes)}
    mailboxes = {address: Mailbox(way, address, settings.desk_folder, clock) for address, way in ways.items()}
    library = Library(api(), listed(settings.drives), tuple(settings.sites.split()), settings.search_region)
    return Office365(mailboxes, library, settings)


class Office365:
    """What the company's own mailboxes and libraries hold about somebody."""

    def __init__(self, mailboxes: Mapping[str, Mailbox], library: Library, settings: Settings) -> None:
        self._mailboxes = mailboxes
        self._library = library
        self._domains = settings.domains
        self._days = settings.deleted_items_days

    @property
    def manifest(self) -> Manifest:
        """What Office 365 can do."""
        return MANIFEST

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return mails, contact cards, meetings and files about the person.

        What concerns others too, or was found by the name alone, is marked shared (D20).
        """
        whom = sought(person, self._domains)
        if not whom:
            return ()
        searches = [mailbox.find(whom) for mailbox in self._mailboxes.values()]
        groups = await together(*searches, self._library.find(whom))
        return tuple({(one.kind, one.id): one for group in groups for one in group}.values())

    async def export(self, record: Record) -> Exported:
        """Return a mail as EML, a contact card as JSON and vCard, a meeting as JSON and ICS, a file as it is.

        A record that is gone since it was found comes back without fields.
        """
        place, item = _place_of(record)
        try:
            return await self._exported(record, place, item) if item else Exported(record)
        except NotHeld:
            return Exported(record)

    async def _exported(self, record: Record, place: str, item: str) -> Exported:
        if record.kind == FILE:
            said, name, content = await self._library.document(place, item)
            return Exported(record, said, ((_file_name(name), content),))
        mailbox = self._mailbox(place)
        if record.kind == MESSAGE:
            raw = await mailbox.whole_mail(item)
            return Exported(record, _head(raw), (("mail.eml", raw),))
        whole = await mailbox.whole(record.kind, item)
        if record.kind == CONTACT:
            return Exported(record, whole, (("contact.vcf", cards.vcard(whole)),))
        from integrations.office365.meetings import calendar_file  # noqa: PLC0415 - 4 MB for the rare calendar

        meeting = calendar_file(whole)
        return Exported(record, whole, (("meeting.ics", meeting),) if meeting else ())

    async def erase(self, record: Record) -> Receipt:
        """Delete a record for good; already gone is success.

        Looks first, so that a write whose answer was lost is not sent again when it did happen.
        """
        if record.shared:
            raise NeedsHuman("trouble.shared", {"system": KEY})
        place, item = _place_of(record)
        try:
            if item and await self._held(record.kind, place, item):
                await self._erase(record.kind, place, item)
                return Receipt(Operation.ERASE, record.kind, record.id, self._what_remains(record.kind))
        except NotHeld:
            pass  # somebody else was faster
        return Receipt(Operation.ERASE, record.kind, record.id, GONE_ALREADY)

    async def _held(self, kind: str, place: str, item: str) -> bool:
        if kind == FILE:
            return await self._library.held(place, item)
        return await self._mailbox(place).held(kind, item)

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return what can still be read by its id, and mails a user can still bring back. What lies in Purges is gone.

        One by one, as many at a time as Graph answers: a `$batch` is carried out four at a time too and counts
        each of its parts. SharePoint's recycle bins no call of v1.0 shows: the checklist has them emptied.
        """
        there = [one async for one in in_portions(self._readable, records)]
        missing = [one for one, held in zip(records, there, strict=True) if not held and one.kind == MESSAGE]
        boxes = sorted({place for place, item in map(_place_of, missing) if item})
        deleted = dict(zip(boxes, await together(*(self._mailbox(one).recoverable() for one in boxes)), strict=True))
        back = {one.id for one in missing if (of := _place_of(one))[1] in deleted.get(of[0], frozenset())}
        return tuple(one for one, held in zip(records, there, strict=True) if held or one.id in back)

    async def _readable(self, record: Record) -> bool:
        place, item = _place_of(record)
        return bool(item) and await self._held(record.kind, place, item)

    async def _erase(self, kind: str, place: str, item: str) -> None:
        if kind == FILE:
            await self._library.erase(place, item)
        else:
            await self._mailbox(place).erase(kind, item)

    def _what_remains(self, kind: str) -> str:
        """Return the truth about a deletion: Exchange keeps it out of reach for a while, SharePoint does not."""
        if kind == FILE:
            return "gone for users at once, past both recycle bins; a retention hold would keep a copy"
        return f"gone for users at once; unrecoverable after {self._days} days unless a hold applies"

    def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        """Yield each record's content in the order given, as many at a time as Graph answers."""
        return in_portions(self.export, records)

    def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        """Erase in the order given, as many at a time as Graph answers; what failed is raised after what is done."""
        return in_portions(self.erase, records)

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Refuse: no mailings leave from here."""
        del identifier
        raise NeedsHuman("trouble.by_hand", {"system": KEY})

    async def correctable(self, record: Record) -> Mapping[str, str]:
        """Return the fields of a contact card; a mail, meeting or file is what was written then and stays so."""
        place, item = _place_of(record)
        if record.kind != CONTACT or not item:
            return {}
        try:
            return cards.correctable(await self._mailbox(place).whole(CONTACT, item))
        except NotHeld:
            return {}

    async def correct(self, record: Record, corrections: Sequence[Correction]) -> Receipt:
        """Write to a contact card what does not stand there already, and read it again."""
        place, item = _place_of(record)
        if record.kind != CONTACT or not item:
            raise NeedsHuman("trouble.refused", {"system": KEY})
        mailbox = self._mailbox(place)
        card = await mailbox.whole(CONTACT, item)
        wanted = cards.still_to_write(cards.correctable(card), corrections)
        if wanted:
            await mailbox.change(CONTACT, item, cards.written(card, wanted))
            if cards.still_to_write(cards.correctable(await mailbox.whole(CONTACT, item)), corrections):
                raise NeedsHuman("trouble.refused", {"system": KEY})
        return Receipt(Operation.RECTIFY, CONTACT, record.id, "" if wanted else "already so")

    async def probe(self) -> None:
        """Try whether Graph answers and lets us read and change all we do, by looking for nobody. Changes nothing."""
        for address, mailbox in self._mailboxes.items():
            await mailbox.find(NOBODY)
            for kind in (MESSAGE, CONTACT, EVENT):
                await _may(mailbox.change(kind, NOTHING, {}), SCOPES[kind], address)
        await self._library.find(NOBODY)
        for drive in await self._library.drives():
            await _may(self._library.touch(drive, NOTHING), SCOPES[FILE], "SharePoint")

    def _mailbox(self, address: str) -> Mailbox:
        """Return one of our mailboxes. Raises `NeedsHuman` for one that is no longer in the settings."""
        try:
            return self._mailboxes[address]
        except KeyError:
            pass
        raise NeedsHuman("trouble.not_allowed_there", {"system": KEY})


def _place_of(record: Record) -> tuple[str, str]:
    """Return the mailbox or library and the item of a record's id; no item when the id is none of ours."""
    place, _, item = record.id.partition(":")
    return place, item


def _file_name(name: str) -> str:
    return name.replace("/", "_").replace("\\", "_").lstrip(".") or "file"


def _head(raw: bytes) -> dict[str, JsonValue]:
    """Return the lines of a mail's head a person wants to see in a list; what cannot be read is left to the file."""
    mail = message_from_bytes(raw.partition(b"\r\n\r\n")[0], policy=modern)
    return {name.lower(): str(mail[name]) for name in ("Date", "From", "To", "Cc", "Subject") if mail[name]}


async def _may(change: Awaitable[None], scope: str, where: str) -> None:
    """Try to change what does not exist: "unknown" means that changing is allowed."""
    try:
        await change
    except CredentialsRefused as trouble:
        if trouble.facts.get("answer") != "403":
            raise
        facts = {"system": KEY, "scope": scope, "where": where}
    except NeedsHuman:
        return
    else:
        return
    raise CredentialsRefused("trouble.scope_missing", facts)
