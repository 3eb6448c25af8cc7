"""Where things lie in Graph and how it may be called (vendors.md §2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from integrations.http import Place, Vendor, at

KEY: Final = "office365"
BASE_URL: Final = "https://graph.microsoft.com/v1.0"
SCOPE: Final = "https://graph.microsoft.com/.default"

MESSAGE: Final = "message"
CONTACT: Final = "contact"
EVENT: Final = "event"
FILE: Final = "file"
#: The kinds that lie in a mailbox, and Graph's collection of each.
IN_MAILBOX: Final = {MESSAGE: "messages", CONTACT: "contacts", EVENT: "events"}

#: The folder of what was deleted from Deleted Items, by its well-known name (mailfolder.md): a user can recover it.
RECOVERABLE: Final = "recoverableitemsdeletions"
#: Ids that survive a move between folders, and bodies as text.
PREFER: Final = 'IdType="ImmutableId", outlook.body-content-type="text"'
#: Outlook's limits per application and mailbox.
AT_ONCE: Final = 4
WINDOW_SECONDS: Final = 600.0
#: A search in a mailbox shows no more than this, however far it is paged.
SEARCH_CAP: Final = 1_000
#: A search that shows nearly that many is taken for full: something may have moved while it was paged.
FULL: Final = 750
PAGE: Final = "500"
FILES_PAGE: Final = "200"
#: The largest mail or file that is fetched; of a larger one a colleague takes the copy.
LARGEST: Final = 64 * 2**20
#: What Graph calls an item that a lock, a record label or a hold keeps in place.
KEPT: Final = frozenset({"resourceLocked", "notAllowed", "itemIsLocked", "ErrorMessageLocked"})
#: A 404 that says nothing of the item: its mailbox is gone, renamed or without a licence.
NO_MAILBOX: Final = frozenset({"ErrorInvalidUser", "MailboxNotEnabledForRESTAPI", "Request_ResourceNotFound"})
WORDS: Final = (
    KEPT
    | NO_MAILBOX
    | {
        "ErrorAccessDenied",
        "ErrorItemNotFound",
        "accessDenied",
        "itemNotFound",
        "ResourceNotFound",
        "ApplicationThrottled",
        "InvalidAuthenticationToken",
    }
)
#: A 429 without Retry-After: Graph wants growing pauses and names none.
UNNAMED_PAUSE: Final = timedelta(seconds=10)


def _pause(answer: Mapping[str, JsonValue], now: datetime) -> timedelta | None:
    del answer, now
    return UNNAMED_PAUSE


def vendor(base_url: str, seconds: float, hosts: frozenset[str] = frozenset()) -> Vendor:
    """Return how Graph is called; *hosts* are those of the tenant's SharePoint, which hand out files."""
    return Vendor(
        KEY,
        base_url,
        hosts=hosts,
        seconds=seconds,
        pause=_pause,
        headers={"Prefer": PREFER},
        words=WORDS,
    )


def in_mailbox(mailbox: str, kind: str, item: str = "", below: str = "") -> Place:
    """Return the place of a mailbox's items of one kind, of one *item* of them, or of what lies *below* it."""
    shape = f"/users/{{}}/{IN_MAILBOX[kind]}"
    return at(f"{shape}/{{}}{below}", mailbox, item) if item else at(shape, mailbox)


def in_drive(drive: str, item: str, below: str = "") -> Place:
    """Return the place of a file, or of what lies *below* it."""
    return at("/drives/{}/items/{}" + below, drive, item)


def search_in(drive: str, words: str) -> Place:
    """Return the place of a search through one library."""
    return at("/drives/{}/root/search(q='{}')", drive, words.replace("'", "''"))
