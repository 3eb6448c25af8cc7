"""Mail that machines send about our own letters: what came back, what only answers, what is ours.

Our letters are known by their Message-ID, `<letter id@our domain>`; whoever has not had the letter cannot know it.
Only the head's own marks make a mail a machine's here: words like "out of office" do not, because a mail that a
person might have written stays where a person sees it.
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.reading.headers import Head, content_of, mailbox_of, split_head

#: Bytes of a report that are looked through; the returned letter's head stands near the beginning.
SEEN_BYTES: Final = 512 * 1024
ANSWERING: Final = ("x-autoreply", "x-autorespond", "x-auto-reply")
MACHINES: Final = ("mailer-daemon@", "postmaster@")
_ACTION: Final = re.compile(rb"^action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_WAITING: Final = re.compile(r"delay|warning|försen|fördröj|still trying|will retry", re.IGNORECASE)
_SOFT: Final = re.compile(rb"=\r?\n")


@dataclass(frozen=True, slots=True)
class Return:
    """A machine's mail about our letters: their ids, and whether it says that they reached nobody."""

    letters: tuple[str, ...]
    failed: bool


def own_letter(raw: bytes, sender: str) -> str:
    """Return the letter's id when the mail looks like a letter of ours come round to us, else "".

    Others make such ids too: whether there is a letter of that id is for the store to say.
    """
    head, _ = split_head(raw)
    found = _ours(sender.rpartition("@")[2]).search(head.get("message-id").encode("utf-8", "replace"))
    ours = mailbox_of(head.get("from")).address == sender.casefold()
    return found[1].decode().lower() if found and ours else ""


def returned(raw: bytes, domain: str) -> Return | None:
    """Return what a machine says about letters sent from *domain*; None for mail of people, and of other things."""
    head, start = split_head(raw)
    report = _is_report(head)
    if not (report or _from_a_machine(head) or _answers_by_itself(head)):
        return None
    named = " ".join(value for name in ("in-reply-to", "references", "original-message-id") for value in head.all(name))
    where = named.encode("utf-8", "replace")
    if report or _from_a_machine(head):
        where += b"\n" + _SOFT.sub(b"", raw[start : start + SEEN_BYTES])
    letters = tuple(dict.fromkeys(found.decode().lower() for found in _ours(domain).findall(where)))
    return Return(letters, _failed(head, raw, report=report)) if letters else None


def _ours(domain: str) -> re.Pattern[bytes]:
    return re.compile(rb"<([0-9a-f]{32})@" + re.escape(domain.encode()) + rb">", re.IGNORECASE)


def _is_report(head: Head) -> bool:
    content = content_of(head)
    return content.get_content_type() == "multipart/report" or head.has("x-failed-recipients")


def _from_a_machine(head: Head) -> bool:
    return mailbox_of(head.get("from")).address.startswith(MACHINES)


def _answers_by_itself(head: Head) -> bool:
    submitted = head.get("auto-submitted").strip().lower()
    return (
        submitted.startswith(("auto-replied", "auto-generated"))
        or head.get("precedence").strip().lower() in {"auto_reply", "auto-reply"}
        or any(head.has(name) for name in ANSWERING)
    )


def _failed(head: Head, raw: bytes, *, report: bool) -> bool:
    """Whether it says "reached nobody". A delay is none; a report that says nothing of the kind is taken as one."""
    if report and content_of(head).get_param("report-type") == "disposition-notification":
        return False  # a receipt of reading
    actions = {found.lower() for found in _ACTION.findall(raw[:SEEN_BYTES])}
    if actions:
        return b"failed" in actions
    return (report or _from_a_machine(head)) and not _WAITING.search(head.get("subject"))
