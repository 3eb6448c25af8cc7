"""The state behind Office 365's sandbox: mailboxes, libraries, an index that lags, what is past deleting."""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Final

from pydantic import JsonValue

from integrations.office365.places import RECOVERABLE

Thing = dict[str, JsonValue]

#: Where things lie: the ordinary folders, and what a user deleted; what was deleted from there is RECOVERABLE.
CONTACTS: Final = "contacts"
CALENDAR: Final = "calendar"
DELETED: Final = "deleteditems"


def numbered(kind: str, number: int) -> str:
    """Return an id such as Graph's: with marks that must be quoted in a path."""
    return f"AAMk{kind}/{number:06}=="


def stamp(moment: datetime) -> str:
    """Return a moment as Graph writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def party(address: str, name: str = "") -> Thing:
    """Return a participant."""
    return {"emailAddress": {"address": address, "name": name or address}}


@dataclass(slots=True)
class Mail:
    """A mail. `attached` is the text of what hangs on it."""

    author: str
    to: tuple[str, ...]
    subject: str
    text: str
    received: datetime
    cc: tuple[str, ...] = ()
    folder: str = "inbox"
    attached: str = ""
    id: str = ""

    @property
    def participants(self) -> tuple[str, ...]:
        """Everybody in its head."""
        return (self.author, *self.to, *self.cc)

    @property
    def searched(self) -> str:
        """All that the search sees."""
        return "\n".join((*self.participants, self.subject, self.text, self.attached))

    @property
    def shown(self) -> Thing:
        """The mail as Graph shows it."""
        return {
            "id": self.id,
            "receivedDateTime": stamp(self.received),
            "sentDateTime": stamp(self.received),
            "parentFolderId": self.folder,
            "subject": self.subject,
            "bodyPreview": self.text[:255],
            "body": {"contentType": "text", "content": self.text},
            "from": party(self.author),
            "sender": party(self.author),
            "toRecipients": [party(one) for one in self.to],
            "ccRecipients": [party(one) for one in self.cc],
            "bccRecipients": [],
            "replyTo": [],
            "hasAttachments": bool(self.attached),
            "isDraft": False,
        }

    @property
    def mime(self) -> bytes:
        """The mail as it was sent."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.author, ", ".join(self.to), self.subject
        mail["Date"] = self.received
        mail["Message-ID"] = f"<{self.id[4:].strip('=').replace('/', '')}@mail.example.com>"
        if self.cc:
            mail["Cc"] = ", ".join(self.cc)
        mail.set_content(self.text)
        if self.attached:
            mail.add_attachment(self.attached.encode(), maintype="text", subtype="plain", filename="cv.txt")
        return mail.as_bytes(policy=SMTP)


@dataclass(slots=True)
class Paper:
    """A file, or a folder when it has no content. `kept` is under a record label: nobody deletes it."""

    name: str
    content: bytes | None
    text: str = ""
    parent: str = "root"
    kept: bool = False
    id: str = ""

    @property
    def searched(self) -> str:
        """All that the search sees."""
        return f"{self.name}\n{self.text}"


class Index:
    """What a search shows: it learns of a change only after *lag* seconds."""

    def __init__(self, lag: float) -> None:
        self.lag = lag
        self.texts: dict[str, Mail | Paper] = {}
        self._changes: list[tuple[float, str, Mail | Paper | None]] = []

    def note(self, item: str, now: Mail | Paper | None) -> None:
        """Note that the item has come, changed or gone."""
        self._changes.append((asyncio.get_running_loop().time() + self.lag, item, now))

    def catch_up(self) -> None:
        """Learn what is old enough."""
        now = asyncio.get_running_loop().time()
        for due, item, state in [one for one in self._changes if one[0] <= now]:
            self.texts.pop(item, None)
            if state is not None:
                self.texts[item] = state
            self._changes.remove((due, item, state))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of contact cards, or a calendar with whose it is."""

    name: str
    parent: str = ""
    owner: str = ""


class Box:
    """One mailbox. `purges` is where a permanent deletion puts things: no user and no call reaches it.

    An ordinary deletion moves things to Deleted Items, another one from there to what a user can still recover.
    """

    def __init__(self, lag: float) -> None:
        self.mails: dict[str, Mail] = {}
        self.contacts: dict[str, Thing] = {}
        self.events: dict[str, Thing] = {}
        self.folders = {"inbox": "Inbox", "sent": "Sent Items", DELETED: "Deleted Items"}
        self.contact_folders: dict[str, Folder] = {}
        self.calendars: dict[str, Folder] = {CALENDAR: Folder("Calendar")}
        self.homes: dict[str, str] = {}
        self.purges: dict[str, Mail | Thing] = {}
        self.index = Index(lag)
        self.found: dict[str, list[Mail]] = {}
        self.calls = 0
        self._numbers = count(1)

    def add(self, *mails: Mail) -> None:
        """Put mails in that the search knows already."""
        for one in mails:
            one.id = numbered("m", next(self._numbers))
        self.mails |= {one.id: one for one in mails}
        self.index.texts |= {one.id: one for one in mails}

    def add_contact(self, fields: Thing, folder: str = CONTACTS) -> str:
        """Put a contact card in; return its id."""
        card = numbered("c", next(self._numbers))
        self.contacts[card] = {"id": card, **fields}
        self.homes[card] = folder
        return card

    def add_event(self, fields: Thing, calendar: str = CALENDAR) -> str:
        """Put a meeting in, or one that differs from the rest of its series; return its id."""
        event = numbered("e", next(self._numbers))
        self.events[event] = {"id": event, **fields}
        self.homes[event] = calendar
        return event

    def add_folder(self, name: str, parent: str = CONTACTS) -> str:
        """Make a folder of contact cards; return its id."""
        made = numbered("f", next(self._numbers))
        self.contact_folders[made] = Folder(name, parent)
        return made

    def add_calendar(self, name: str, owner: str = "") -> str:
        """Make a calendar, somebody else's where *owner* says so; return its id."""
        made = numbered("k", next(self._numbers))
        self.calendars[made] = Folder(name, owner=owner)
        return made

    def lying_in(self, home: str) -> list[Thing]:
        """Return the contact cards or meetings of a folder; what belongs to a series is not listed."""
        things = (*self.contacts.items(), *self.events.items())
        return [one for item, one in things if self.homes[item] == home and "seriesMasterId" not in one]

    def reach(self, kind: str, item: str) -> Mail | Thing | None:
        """Return what can be read by its id."""
        if kind == "messages":
            mail = self.mails.get(item)
            return None if mail is None or mail.folder == RECOVERABLE else mail
        return None if self.homes.get(item) == RECOVERABLE else getattr(self, kind).get(item)

    def delete(self, kind: str, item: str) -> bool:
        """Delete as a user would; return whether there was such a thing."""
        thing = self.reach(kind, item)
        if isinstance(thing, Mail):
            thing.folder = RECOVERABLE if thing.folder == DELETED else DELETED
            self.index.note(item, None if thing.folder == RECOVERABLE else thing)
        elif thing is not None:
            self.homes[item] = RECOVERABLE if self.homes[item] == DELETED else DELETED
        return thing is not None

    def purge(self, kind: str, item: str) -> bool:
        """Delete permanently; return whether there was such a thing."""
        gone = self.reach(kind, item)
        if gone is None:
            return False
        del getattr(self, kind if kind != "messages" else "mails")[item]
        self.purges[item] = gone
        if kind == "messages":
            self.index.note(item, None)
        return True


class Drive:
    """One library. The ordinary DELETE puts things into `bin`, emptying that into `second_bin`, a site's last."""

    def __init__(self, lag: float) -> None:
        self.papers: dict[str, Paper] = {"root": Paper("root", None, parent="", id="root")}
        self.bin: dict[str, Paper] = {}
        self.second_bin: dict[str, Paper] = {}
        self.index = Index(lag)
        self._numbers = count(1)

    def add(self, *papers: Paper, known: bool = True) -> None:
        """Put files in; the search may not know them yet."""
        for one in papers:
            one.id = f"01FILE{next(self._numbers):06}"
            self.papers[one.id] = one
            if known:
                self.index.texts[one.id] = one
            else:
                self.index.note(one.id, one)

    def folder(self, name: str, parent: str = "root") -> str:
        """Make a folder; return its id."""
        made = Paper(name, None, parent=parent)
        self.add(made)
        return made.id

    def remove(self, item: str, *, for_good: bool) -> None:
        """Take a file away, a folder with all that lies in it: into the recycle bin, or past both."""
        for inner in [one.id for one in self.papers.values() if one.parent == item]:
            self.remove(inner, for_good=for_good)
        gone = self.papers.pop(item)
        self.index.note(item, None)
        if not for_good:
            self.bin[item] = gone

    def empty_bin(self) -> None:
        """Empty the recycle bin as a user can: into the second one."""
        self.second_bin |= self.bin
        self.bin.clear()

    def restore(self, item: str) -> None:
        """Bring a file back from either bin, as a user or an administrator can."""
        paper = self.bin.pop(item, None) or self.second_bin.pop(item)
        self.papers[item] = paper
        self.index.note(item, paper)


class Tenant:
    """One company: mailboxes by address, libraries by id, the sites they belong to, links to files by secret."""

    def __init__(self, lag: float) -> None:
        self.lag = lag
        self.boxes: dict[str, Box] = {}
        self.drives: dict[str, Drive] = {}
        self.sites: dict[str, list[str]] = {}
        self.links: dict[str, bytes] = {}

    def box(self, address: str) -> Box:
        """Return the mailbox of that address, made when there is none."""
        return self.boxes.setdefault(address, Box(self.lag))

    def drive(self, name: str, site: str = "") -> Drive:
        """Return the library of that id, made when there is none."""
        if name not in self.drives:
            self.sites.setdefault(site, []).append(name)
        return self.drives.setdefault(name, Drive(self.lag))

    def link_to(self, content: bytes) -> str:
        """Return a secret under which *content* may be fetched."""
        secret = secrets.token_hex(8)
        self.links[secret] = content
        return secret

    def everywhere(self) -> Iterator[tuple[str, Paper]]:
        """Yield every file the wide search knows, with its library."""
        for name, drive in self.drives.items():
            drive.index.catch_up()
            yield from ((name, one) for one in drive.index.texts.values() if isinstance(one, Paper))
