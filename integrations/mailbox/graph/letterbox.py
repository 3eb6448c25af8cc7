"""The sandbox's drafts, replies, files and sent items."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from integrations.mailbox.graph.account import SENT, Account, Mail, fits

#: The largest file one request may bring.
SMALL: Final = 3 * 1024 * 1024
STRETCH: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
EMPTY: Final[Mapping[str, Any]] = {
    "subject": "",
    "isDraft": True,
    "isRead": True,
    "toRecipients": [],
    "ccRecipients": [],
    "bccRecipients": [],
    "replyTo": [],
    "body": {"contentType": "text", "content": ""},
    "internetMessageHeaders": [],
}


@dataclass(slots=True)
class Upload:
    """A file that comes in stretches."""

    box: Account
    mail: Mail
    item: Mapping[str, Any]
    content: bytes = field(default=b"", repr=False)

    def take(self, where: str, stretch: bytes) -> bool:
        """Take a stretch that begins where the last ended; return whether the file is whole and attached."""
        found = STRETCH.fullmatch(where)
        if found is None or int(found[3]) != self.item["size"] or len(stretch) != int(found[2]) - int(found[1]) + 1:
            raise ValueError(where)
        if int(found[1]) == len(self.content):
            self.content += stretch
        if len(self.content) < self.item["size"]:
            return False
        attach(self.box, self.mail, self.item["name"], self.item.get("contentType", ""), self.content)
        return True


def listed(box: Account, folder: str | None, query: Mapping[str, str]) -> list[Mail]:
    """Return the mails of a folder, or of all, that a request asks for."""
    mails = [one for one in box.mails.values() if folder is None or one.folder == folder]
    fitting = [one for one in mails if fits(one, query.get("$filter", ""))]
    return sorted(fitting, key=lambda one: (one.received, one.id), reverse=not query.get("$orderby"))


def reply_to(original: Mail) -> dict[str, Any]:
    """Return what a reply begins with: to whom Reply-To says, and with the mail quoted."""
    said = original.fields
    to = said.get("replyTo") or ([said["from"]] if said.get("from") else [])
    return {
        "subject": f"RE: {said['subject']}",
        "toRecipients": list(to),
        "body": {"contentType": "text", "content": f"\r\n________\r\n{said['body']['content']}"},
        "conversationId": original.id,
    }


def write(draft: Mail, said: Mapping[str, Any], stubborn_cc: str) -> None:
    """Write fields of a draft; a *stubborn_cc* stays, whatever is written (a transport rule, say)."""
    fields = dict(said)
    for one in fields.pop("singleValueExtendedProperties", ()):
        draft.properties[one["id"]] = one["value"]
    draft.fields.update(fields)
    if stubborn_cc:
        draft.fields["ccRecipients"] = [{"emailAddress": {"address": stubborn_cc}}]


def attach(box: Account, mail: Mail, name: str, kind: str, content: bytes) -> str:
    """Attach a file; return its id."""
    key = box.new_id("file")
    mail.files[key] = {"name": name, "contentType": kind, "content": content}
    return key


def leave(box: Account, mail: Mail) -> None:
    """Send a draft: it lies in the sent items from then on."""
    mail.fields["isDraft"] = False
    box.move(mail, SENT)
