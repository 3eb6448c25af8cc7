"""What Graph answers, as far as we read it. It may send null for nearly every field."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, Field, JsonValue, RootModel

from integrations.http import VendorShape

#: A text or list Graph may leave out or send as null.
Words = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda value: () if value is None else value)]


class Address(VendorShape):
    """A mail address."""

    address: str | None = Field(None, repr=False)


class Party(VendorShape):
    """Somebody who takes part in a mail or a meeting."""

    email: Address = Field(Address(), alias="emailAddress")


Parties = Annotated[tuple[Party, ...], BeforeValidator(lambda value: () if value is None else value)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(lambda value: () if value is None else value)]


class Message(VendorShape):
    """A mail without its content. Plain types: ten thousand of them are read in one search."""

    id: str
    received: datetime | None = Field(None, alias="receivedDateTime")
    folder: str | None = Field(None, alias="parentFolderId")
    subject: str | None = Field(None, repr=False)
    preview: str | None = Field(None, alias="bodyPreview", repr=False)
    author: Party | None = Field(None, alias="from")
    sender: Party | None = None
    to: tuple[Party, ...] | None = Field((), alias="toRecipients")
    cc: tuple[Party, ...] | None = Field((), alias="ccRecipients")
    bcc: tuple[Party, ...] | None = Field((), alias="bccRecipients")
    reply_to: tuple[Party, ...] | None = Field((), alias="replyTo")

    @property
    def addresses(self) -> frozenset[str]:
        """Every address in its head, in lower case."""
        groups = (self.to, self.cc, self.bcc, self.reply_to)
        return addresses((self.author, self.sender, *(one for group in groups for one in group or ())))


#: What is asked for of a mail when searching.
MESSAGE_FIELDS = (
    "id,receivedDateTime,parentFolderId,subject,bodyPreview,from,sender,toRecipients,ccRecipients,bccRecipients,replyTo"
)


class Card(VendorShape):
    """A contact card."""

    id: str
    name: Words = Field("", alias="displayName", repr=False)
    emails: Addresses = Field((), alias="emailAddresses", repr=False)
    mobile: Words = Field("", alias="mobilePhone", repr=False)
    business: Texts = Field((), alias="businessPhones", repr=False)
    home: Texts = Field((), alias="homePhones", repr=False)
    notes: Words = Field("", alias="personalNotes", repr=False)

    @property
    def addresses(self) -> frozenset[str]:
        """The card's addresses in lower case."""
        return frozenset(one.address.lower() for one in self.emails if one.address)

    @property
    def phones(self) -> tuple[str, ...]:
        """The card's telephone numbers, each once."""
        return tuple(dict.fromkeys(one for one in (self.mobile, *self.business, *self.home) if one))


CARD_FIELDS = "id,displayName,emailAddresses,mobilePhone,businessPhones,homePhones,personalNotes"


class Moment(VendorShape):
    """A moment of the calendar; Graph gives UTC unless asked otherwise."""

    at: str = Field("", alias="dateTime")


class Range(VendorShape):
    """How long a series goes on."""

    kind: Words = Field("", alias="type")
    end: date | None = Field(None, alias="endDate")


class Recurrence(VendorShape):
    """How a series is repeated."""

    range: Range = Range()


#: What Graph calls a series, and one of it that differs from the rest.
SERIES: Final = "seriesMaster"
EXCEPTION: Final = "exception"


class Event(VendorShape):
    """A meeting or a note in the calendar, a series of them, or one of it that differs."""

    id: str
    subject: Words = Field("", repr=False)
    preview: Words = Field("", alias="bodyPreview", repr=False)
    organizer: Party | None = None
    attendees: Parties = ()
    ours: bool = Field(default=False, alias="isOrganizer")
    start: Moment | None = None
    end: Moment | None = None
    type: Words = ""
    recurrence: Recurrence | None = None

    @property
    def addresses(self) -> frozenset[str]:
        """Every address in it, in lower case."""
        return addresses((self.organizer, *self.attendees))


EVENT_FIELDS = "id,subject,bodyPreview,organizer,attendees,isOrganizer,start,end,type,recurrence"


class Facet(VendorShape):
    """Says that an item is something: a file, a folder, deleted."""


class Parent(VendorShape):
    """Where an item lies."""

    id: Words = ""
    drive: Words = Field("", alias="driveId")


class Item(VendorShape):
    """A file or folder of a library."""

    id: str
    name: Words = Field("", repr=False)
    file: Facet | None = None
    folder: Facet | None = None
    deleted: Facet | None = None
    parent: Parent = Field(Parent(), alias="parentReference")


ITEM_FIELDS = "id,name,file,folder,deleted,parentReference"


class Document(VendorShape):
    """One file: what is said of it in a copy, and where its content may be fetched for a while."""

    id: str
    name: Words = Field("", repr=False)
    size: int | None = None
    created: Words = Field("", alias="createdDateTime")
    changed: Words = Field("", alias="lastModifiedDateTime")
    url: Words = Field("", alias="@microsoft.graph.downloadUrl", repr=False)


DOCUMENT_FIELDS = "id,name,size,createdDateTime,lastModifiedDateTime,@microsoft.graph.downloadUrl"


class Page(VendorShape):
    """One page of a list."""

    following: str = Field("", alias="@odata.nextLink", repr=False)


class Messages(Page):
    """Mails."""

    value: tuple[Message, ...]


class Cards(Page):
    """Contact cards."""

    value: tuple[Card, ...]


class Events(Page):
    """Meetings."""

    value: tuple[Event, ...]


class Items(Page):
    """Files and folders."""

    value: tuple[Item, ...]


class Named(VendorShape):
    """Something by its id."""

    id: str


class NamedOnes(Page):
    """Libraries of a site, or folders of a mailbox."""

    value: tuple[Named, ...]


class Calendar(VendorShape):
    """A calendar of a mailbox, or one that somebody shares with it."""

    id: str
    ordinary: bool = Field(default=False, alias="isDefaultCalendar")
    owner: Address = Address()


class Calendars(Page):
    """Calendars."""

    value: tuple[Calendar, ...]


class Hit(VendorShape):
    """One hit of the search through all of SharePoint."""

    resource: Item


class Container(VendorShape):
    """One part of that search's answer."""

    hits: Annotated[tuple[Hit, ...], BeforeValidator(lambda value: () if value is None else value)] = ()
    more: bool = Field(default=False, alias="moreResultsAvailable")


class Response(VendorShape):
    """What one request of that search found."""

    containers: tuple[Container, ...] = Field((), alias="hitsContainers")


class Found(VendorShape):
    """The answer of the search through all of SharePoint."""

    value: tuple[Response, ...]


class Whole(RootModel[Mapping[str, JsonValue]]):
    """An item just as Graph gives it."""


AnyPage = TypeVar("AnyPage", bound=Page)


def addresses(parties: Iterable[Party | None]) -> frozenset[str]:
    """Return the parties' addresses in lower case."""
    return frozenset(_each(parties))


def _each(parties: Iterable[Party | None]) -> Iterator[str]:
    for party in parties:
        if party is not None and party.email.address:
            yield party.email.address.lower()
