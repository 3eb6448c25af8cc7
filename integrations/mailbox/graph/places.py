"""Where things lie in Graph, what it answers there, and how it may be called (vendors.md §2)."""

from datetime import UTC, date, datetime, time
from typing import Final

from pydantic import Field

from bot.domain.deadline import SWEDEN
from integrations.http import Place, Vendor, VendorShape, at, link

BASE_URL: Final = "https://graph.microsoft.com/v1.0"
SCOPE: Final = "https://graph.microsoft.com/.default"
#: Where Graph lets big attachments be sent (outlook-large-attachments.md).
UPLOAD_HOSTS: Final = frozenset({"outlook.office.com", "outlook.office365.com"})
#: Ids that survive a move between folders, pages of 50, and bodies as text.
PREFER: Final = 'IdType="ImmutableId", odata.maxpagesize=50, outlook.body-content-type="text"'
#: Outlook's limits per application and mailbox: calls at once, and calls in any ten minutes.
AT_ONCE: Final = 4
CALLS: Final = 10_000
CALLS_SECONDS: Final = 600.0
#: Error codes we act on (errors.md); they name nobody.
FOLDER_EXISTS: Final = "ErrorFolderExists"
NO_RECIPIENTS: Final = "ErrorInvalidRecipients"
LOST_PLACE: Final = frozenset({"syncStateNotFound", "SyncStateNotFound", "resyncRequired", "SyncStateInvalid"})
WORDS: Final = LOST_PLACE | {
    FOLDER_EXISTS,
    NO_RECIPIENTS,
    "ErrorAccessDenied",
    "ErrorItemNotFound",
    "ErrorQuotaExceeded",
}


def vendor(base_url: str, seconds: float) -> Vendor:
    """Return how Graph is called."""
    return Vendor(
        "Microsoft 365",
        base_url,
        hosts=UPLOAD_HOSTS,
        seconds=seconds,
        headers={"Prefer": PREFER},
        words=WORDS,
    )


class Address(VendorShape):
    """An address."""

    address: str | None = None


class Recipient(VendorShape):
    """One of whom a mail goes to."""

    email: Address = Field(Address(), alias="emailAddress")


class Header(VendorShape):
    """A line of a mail's head."""

    name: str = ""
    value: str | None = None


class Property(VendorShape):
    """A property of a mail that only we know."""

    id: str = ""
    value: str | None = None


class Body(VendorShape):
    """A mail's text."""

    content: str | None = None


class Message(VendorShape):
    """A mail, as much of it as was asked for."""

    id: str = ""
    received: datetime | None = Field(None, alias="receivedDateTime")
    removed: dict[str, str] | None = Field(None, alias="@removed")
    folder: str | None = Field(None, alias="parentFolderId")
    draft: bool = Field(default=False, alias="isDraft")
    to: tuple[Recipient, ...] | None = Field((), alias="toRecipients")
    cc: tuple[Recipient, ...] | None = Field((), alias="ccRecipients")
    bcc: tuple[Recipient, ...] | None = Field((), alias="bccRecipients")
    reply_to: tuple[Recipient, ...] | None = Field((), alias="replyTo")
    headers: tuple[Header, ...] | None = Field((), alias="internetMessageHeaders")
    properties: tuple[Property, ...] | None = Field((), alias="singleValueExtendedProperties")
    body: Body | None = None
    preview: str | None = Field(None, alias="bodyPreview")


class Messages(VendorShape):
    """A page of mails; `following` is the next page, `delta` where a round that is over goes on another day."""

    value: tuple[Message, ...] = ()
    following: str = Field("", alias="@odata.nextLink")
    delta: str = Field("", alias="@odata.deltaLink")


class Folder(VendorShape):
    """A folder."""

    id: str


class Folders(VendorShape):
    """A page of folders."""

    value: tuple[Folder, ...] = ()


class Rooms:
    """The places of one mailbox."""

    def __init__(self, mailbox: str) -> None:
        self._mailbox = mailbox

    @property
    def messages(self) -> Place:
        """Every mail, whatever folder it lies in."""
        return at("/users/{}/messages", self._mailbox)

    @property
    def inbox(self) -> Place:
        """The mails of the inbox."""
        return self.in_folder("inbox")

    @property
    def inbox_changes(self) -> Place:
        """What has changed in the inbox."""
        return at("/users/{}/mailFolders/inbox/messages/delta", self._mailbox)

    @property
    def folders(self) -> Place:
        """The folders beside the inbox."""
        return at("/users/{}/mailFolders", self._mailbox)

    @property
    def subscribed(self) -> str:
        """The inbox as a subscription names it."""
        return f"users/{self._mailbox}/mailFolders('inbox')/messages"

    def in_folder(self, folder: str) -> Place:
        """Return the mails of a folder."""
        return at("/users/{}/mailFolders/{}/messages", self._mailbox, folder)

    def message(self, key: str, below: str = "") -> Place:
        """Return one mail, or what lies *below* it, such as "/move"."""
        return at("/users/{}/messages/{}" + below, self._mailbox, key)

    def attachment(self, key: str, attachment: str) -> Place:
        """Return one file of a mail."""
        return at("/users/{}/messages/{}/attachments/{}", self._mailbox, key, attachment)


def next_page(url: str) -> Place:
    """Return the place of a link that Graph gave."""
    return link(url)


def moment_of(day: date) -> datetime:
    """Return the moment (UTC) at which a day begins in Sweden."""
    return datetime.combine(day, time(), SWEDEN).astimezone(UTC)


def since(moment: datetime) -> str:
    """Return the filter for mail that arrived at *moment* or later."""
    return f"receivedDateTime ge {moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def quoted(text: str) -> str:
    """Return *text* as a string of an OData filter."""
    return "'" + text.replace("'", "''") + "'"
