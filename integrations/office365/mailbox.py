"""One function mailbox: its mail, contact cards and calendar.

A mail proves no contact point to be on file: anybody can write to us, an impostor too.
Only a contact card does, because a colleague made it (D6).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue

from bot.domain.errors import NeedsHuman, SystemTrouble, TryLater
from bot.domain.system import Identifier, IdentifierKind, Record
from bot.ports import Clock
from integrations.http import Api, NotHeld, Nothing, at, both, together
from integrations.office365.answers import (
    EXCEPTION,
    SERIES,
    Card,
    Event,
    Message,
    Named,
    NamedOnes,
    Whole,
)
from integrations.office365.folders import Folders
from integrations.office365.paging import pages
from integrations.office365.person import Sought, is_special
from integrations.office365.places import (
    CONTACT,
    EVENT,
    KEPT,
    KEY,
    LARGEST,
    MESSAGE,
    NO_MAILBOX,
    PAGE,
    RECOVERABLE,
    in_mailbox,
)
from integrations.office365.searching import MailSearch, phrase

#: How a letter of the desk, or an answer to one, is known: its case is our own and is forgotten with it.
OWN_CASE: Final = re.compile(r"\(PR-\d{4}-\d{4,}\)")
#: Lines of which a mail has at least one (RFC 5322 §3.6).
HEAD: Final = re.compile(rb"^(from|date|received|message-id|subject|mime-version):", re.IGNORECASE | re.MULTILINE)
ONE: Final = {"$select": "id"}
NO_QUERY: Final[Mapping[str, str]] = {}
Shape = TypeVar("Shape", bound=BaseModel)


class Mailbox:
    """Reads and erases in one mailbox."""

    def __init__(self, api: Api, address: str, desk_folder: str, clock: Clock) -> None:
        self._api = api
        self._address = address
        self._desk_folder = desk_folder
        self._clock = clock
        self._search = MailSearch(api, address)
        self._folders = Folders(api, address)
        self._erased: set[str] = set()

    async def find(self, person: Sought) -> Sequence[Record]:
        """Return what lies here about the person."""
        groups = await together(self._mails(person), self._cards(person), self._meetings(person))
        return [record for group in groups for record in group]

    async def _mails(self, person: Sought) -> Sequence[Record]:
        """Return the mails the person takes part in, and those that name them or hold their address.

        The search shows for a while what we erased: of that, only what can still be read is believed.
        """
        parts = [f"participants:{address}" for address in sorted(person.addresses)]
        mentions = [phrase(words) for words in (*sorted(person.addresses), *person.names)]
        own, found = await both(self._own_folders(), together(*map(self._search.hits, (*parts, *mentions))))
        taking_part = {mail.id: mail for group in found for mail in group.values() if mail.addresses & person.addresses}
        naming = {mail.id: mail for group in found[len(parts) :] for mail in group.values()}
        mails = naming | taking_part
        doubtful = sorted(mails.keys() & self._erased)
        there = await together(*(self.held(MESSAGE, one) for one in doubtful))
        gone = {one for one, held in zip(doubtful, there, strict=True) if not held}
        return [
            self._mail_record(mail, person)
            for mail in mails.values()
            if mail.id not in gone and mail.folder not in own and not OWN_CASE.search(mail.subject or "")
        ]

    async def _own_folders(self) -> frozenset[str]:
        """Return the id of the folder in which the desk keeps its own cases, if there is one here."""
        name = self._desk_folder.replace("'", "''")
        place = at("/users/{}/mailFolders", self._address)
        reading = pages(self._api, place, NamedOnes, {"$filter": f"displayName eq '{name}'", **ONE})
        return frozenset([one.id async for page in reading for one in page.value])

    def _mail_record(self, mail: Message, person: Sought) -> Record:
        theirs = bool(mail.addresses & person.addresses)
        return self._record(
            MESSAGE,
            mail.id,
            special=is_special(mail.subject or "", mail.preview or ""),
            shared=not theirs or person.others(mail.addresses),
            narrative=not theirs,
        )

    async def _cards(self, person: Sought) -> Sequence[Record]:
        """Return the contact cards, in whatever folder, that bear an address of the person, or only the name."""
        return [
            self._card_record(card, person)
            for card in await self._folders.cards()
            if card.addresses & person.addresses or person.named_in(card.name)
        ]

    def _card_record(self, card: Card, person: Sought) -> Record:
        theirs = bool(card.addresses & person.addresses)
        return self._record(
            CONTACT,
            card.id,
            contacts=on_file(card) if theirs else (),
            special=is_special(card.notes),
            shared=not theirs,
            narrative=bool(card.notes.strip()),
        )

    async def _meetings(self, person: Sought) -> Sequence[Record]:
        """Return the meetings the person is invited to, if only to one of a series, or that name them."""
        return [
            self._meeting_record(event, person)
            for event in await self._folders.meetings(self._clock.now())
            if event.addresses & person.addresses or person.mentioned_in(f"{event.subject} {event.preview}")
        ]

    def _meeting_record(self, event: Event, person: Sought) -> Record:
        """Return the record of a meeting. One to come is others' plan too, as all of a series is: a person judges."""
        theirs = bool(event.addresses & person.addresses)
        return self._record(
            EVENT,
            event.id,
            special=is_special(event.subject, event.preview),
            shared=not theirs or person.others(event.addresses) or not self._over(event),
            narrative=not theirs,
        )

    def _over(self, event: Event) -> bool:
        """Whether the meeting has been; a series may go on, whatever the date of its first or of one among it."""
        if event.type in (SERIES, EXCEPTION) or event.end is None:
            return False
        return datetime.fromisoformat(event.end.at[:19]).replace(tzinfo=UTC) < self._clock.now()

    def _record(
        self,
        kind: str,
        item: str,
        *,
        contacts: tuple[Identifier, ...] = (),
        special: bool,
        shared: bool,
        narrative: bool,
    ) -> Record:
        """Return a record; its id is the mailbox's and the item's, since reading it takes both."""
        return Record(KEY, kind, f"{self._address}:{item}", contacts, special, shared, narrative)

    async def whole(self, kind: str, item: str) -> Mapping[str, JsonValue]:
        """Return all of a contact card or meeting. Raises `NotHeld`."""
        return (await self._get(kind, item, Whole)).root

    async def whole_mail(self, item: str) -> bytes:
        """Return a mail as it was sent, with what was attached. Raises `NotHeld`."""
        place = in_mailbox(self._address, MESSAGE, item, "/$value")
        for _ in range(2):
            try:
                raw = await self._api.octets(place, most=LARGEST)
            except NotHeld as gone:
                raise no_mailbox_or(gone) from None
            if HEAD.search(raw.partition(b"\r\n\r\n")[0]):
                return raw
        raise TryLater("trouble.unreadable", facts={"system": KEY})

    async def held(self, kind: str, item: str) -> bool:
        """Whether the item can still be read."""
        try:
            await self._get(kind, item, Named, ONE)
        except NotHeld:
            return False
        return True

    async def recoverable(self) -> frozenset[str]:
        """Return the ids of mails that were deleted, by hand, and that a user can still bring back."""
        place = at("/users/{}/mailFolders/{}/messages", self._address, RECOVERABLE)
        reading = pages(self._api, place, NamedOnes, {**ONE, "$top": PAGE})
        return frozenset([one.id async for page in reading for one in page.value])

    async def erase(self, kind: str, item: str) -> None:
        """Delete an item past Deleted Items, into what only Exchange itself empties. Raises `NotHeld`."""
        self._erased.add(item)
        try:
            await self._api.post(in_mailbox(self._address, kind, item, "/permanentDelete"), Nothing)
        except SystemTrouble as trouble:
            raise kept_or(trouble) from None

    async def change(self, kind: str, item: str, values: Mapping[str, JsonValue]) -> None:
        """Write *values* to a contact card or meeting."""
        await self._api.patch(in_mailbox(self._address, kind, item), Nothing, dict(values))

    async def _get(self, kind: str, item: str, into: type[Shape], query: Mapping[str, str] = NO_QUERY) -> Shape:
        try:
            return await self._api.get(in_mailbox(self._address, kind, item), into, query)
        except NotHeld as gone:
            raise no_mailbox_or(gone) from None


def no_mailbox_or(gone: NotHeld) -> NeedsHuman:
    """Return the trouble of a mailbox that is not there; an item that is not there is as it was."""
    if gone.facts.get("code") in NO_MAILBOX:
        return NeedsHuman("trouble.not_allowed_there", {"system": KEY})
    return gone


def kept_or(trouble: SystemTrouble) -> SystemTrouble:
    """Return the trouble of an item that a lock or a hold keeps in place; any other as it is."""
    if trouble.facts.get("code") in KEPT:
        return NeedsHuman("trouble.kept_there", {"system": KEY})
    return trouble


def on_file(card: Card) -> tuple[Identifier, ...]:
    """Return the contact points a card shows."""
    return (
        *(Identifier(IdentifierKind.EMAIL, one) for one in sorted(card.addresses)),
        *(Identifier(IdentifierKind.PHONE, one) for one in card.phones),
    )
