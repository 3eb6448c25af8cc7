"""A message that a colleague chose from its menu to make a request of: its words go to the desk and nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bot.desk import ChatMessage, Forwarded
from bot.ports import LyingMail
from handlers.parts import Unreadable, list_in, part_in, word_in
from handlers.slack.values import Place

CHAT: Final = "slack"
SHORTCUT: Final = "new_request"
SLACKBOT: Final = "USLACKBOT"
#: Kinds of messages that a person wrote; "" is the ordinary one.
BY_PEOPLE: Final = frozenset({"", "file_share", "me_message", "thread_broadcast"})
EMAIL: Final = "email"
#: Slack hides what a file of another workspace is; whoever fetches it finds out.
HIDDEN: Final = "check_file_info"
_TS: Final = re.compile(r"(\d{9,11})\.(\d{6})")
_ID: Final = re.compile(r"[A-Z0-9]{2,40}")
_DOMAIN: Final = re.compile(r"[a-z0-9-]{1,80}")
_MARKED: Final = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A message that a colleague chose from its menu, and where the answer goes."""

    user: str
    trigger: str
    place: Place
    message: ChatMessage = field(repr=False)
    mails: tuple[LyingMail, ...] = ()


def read_shortcut(body: Mapping[str, Any]) -> Chosen | None:
    """Return the message a colleague chose; None for another app's shortcut. Raises `Unreadable`."""
    if word_in(body, "callback_id", "") != SHORTCUT:
        return None
    message = part_in(body, "message")
    channel = id_in(part_in(body, "channel"), "id")
    ts = word_in(message, "ts")
    files = message.get("files") or []
    if not isinstance(files, list):
        raise Unreadable("files")
    by_app = (
        bool(message.get("bot_id"))
        or word_in(message, "user", "") in {"", SLACKBOT}
        or word_in(message, "subtype", "") not in BY_PEOPLE
    )
    user = word_in(part_in(body, "user"), "id")
    return Chosen(
        user=user,
        trigger=word_in(body, "trigger_id", ""),
        place=Place(response_url=word_in(body, "response_url", ""), channel=channel, user=user),
        message=ChatMessage(
            chat=CHAT,
            place=channel,
            id=ts,
            at=moment_of(ts),
            text=written(word_in(message, "text", "")),
            link=_link(body, channel, message),
            by_app=by_app,
            files=len(files) + sum(len(list_in(one, "files")) for one in list_in(message, "attachments")),
            forwarded=shared_in(message),
        ),
        mails=mails_in(message, shared=False) if files else (),
    )


def mails_in(message: Mapping[str, Any], *, shared: bool) -> tuple[LyingMail, ...]:
    """Return the mails that hang on a message; *shared*: another company reads there too. Raises `Unreadable`."""
    files = message.get("files")
    if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
        raise Unreadable("files")
    ts = word_in(message, "ts", "")
    stands = ts if _TS.fullmatch(ts) else ""
    return tuple(LyingMail(id_in(file, "id"), stands, shared) for file in files if _may_be_mail(file))


def _may_be_mail(file: Mapping[str, Any]) -> bool:
    return EMAIL in (file.get("mode"), file.get("filetype")) or file.get("file_access") == HIDDEN


def shared_in(message: Mapping[str, Any]) -> tuple[Forwarded, ...]:
    """Return the messages that are passed on in another: Slack has them as attachments. Raises `Unreadable`.

    One that is only linked to is shown too (`is_msg_unfurl`), but nobody passed it on to be taken in (`is_share`):
    its moment is not ours.
    """
    shared = [one for one in list_in(message, "attachments") if one.get("is_share") or one.get("is_msg_unfurl")]
    return tuple(_forwarded(one) for one in shared)


def _forwarded(one: Mapping[str, Any]) -> Forwarded:
    return Forwarded(
        text=written(word_in(one, "text", "")),
        by=written(word_in(one, "author_name", "")),
        at=_moment_of_share(one) if one.get("is_share") else None,
        whole=not (one.get("files") or one.get("attachments")),
    )


def _moment_of_share(one: Mapping[str, Any]) -> datetime | None:
    try:
        return moment_of(str(one.get("ts", "")))
    except Unreadable:
        return None


def written(text: str) -> str:
    """Return a message's words as its writer sees them: Slack escapes `&<>` and marks links and mentions."""
    shown = _MARKED.sub(_shown, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def moment_of(ts: str) -> datetime:
    """Return the moment of a message. Raises `Unreadable`."""
    match = _TS.fullmatch(ts)
    if match is None:
        raise Unreadable("ts")
    return datetime.fromtimestamp(int(match[1]), UTC).replace(microsecond=int(match[2]))


def _shown(mark: "re.Match[str]") -> str:
    target, label = mark[1], mark[2]
    if target.startswith(("@", "#", "!")):
        return f"{target[0].replace('!', '@')}{(label or target[1:]).lstrip('@#')}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} {address}" if label and label not in address else address


def _link(body: Mapping[str, Any], channel: str, message: Mapping[str, Any]) -> str:
    """Return where the message stands, as Slack's own "copy link" writes it; "" when its workspace has no name."""
    domain = word_in(part_in(body, "team"), "domain", "")
    if not _DOMAIN.fullmatch(domain):
        return ""
    link = f"https://{domain}.slack.com/archives/{channel}/p{word_in(message, 'ts').replace('.', '')}"
    thread = word_in(message, "thread_ts", "")
    return f"{link}?thread_ts={thread}&cid={channel}" if _TS.fullmatch(thread) else link


def id_in(holder: Mapping[str, Any], name: str) -> str:
    word = word_in(holder, name)
    if not _ID.fullmatch(word):
        raise Unreadable(name)
    return word
