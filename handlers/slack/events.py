"""What Slack tells of: a page opened, words said to us, a link to us posted, mail that came, a token taken back.

Everything else that happens in its conversations is not read. Of a mail only ids are
taken here, because what an event says of a file may be cut or hidden. Words said to us go
to the desk and are never printed; of a link only the reference in it is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot import commands
from bot.ports import LyingMail
from handlers.parts import Unreadable, part_in, word_in
from handlers.slack.messages import CHAT, SLACKBOT, id_in, mails_in
from handlers.slack.values import DIRECT, typed

#: Kinds of direct messages that somebody wrote to us just now; an edit or a removal is none.
SAID: Final = frozenset({"", "file_share", "thread_broadcast"})
#: What ends our right to be here, and what of the event must then be filled.
REVOKED: Final = "tokens_revoked"
UNINSTALLED: Final = "app_uninstalled"
#: At most so many references of one message are looked up.
MOST: Final = 3
#: Of a reference that names its year no other is asked.
ANY_YEAR: Final = 2000
_REFERENCE: Final = re.compile(r"\bPR-20\d\d-\d{4,6}\b", re.IGNORECASE)
MENTION: Final = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """A colleague opened our page."""

    user: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words said to us, in a direct message (`private`) or by a mention in a channel. `text` is never logged."""

    user: str
    text: str = field(repr=False)
    channel: str
    thread: str
    private: bool

    @property
    def asks(self) -> tuple[str, ...]:
        """What is asked: the words as a command, or the tickets that a longer sentence speaks of."""
        named = references(self.text)
        sentence = isinstance(commands.parse(self.text, ANY_YEAR), commands.Unknown)
        return tuple(f"visa {ref}" for ref in named) if named and sentence else (self.text,)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link to the desk was posted that names tickets. Nobody but who posted it is shown anything (D14)."""

    user: str
    channel: str
    thread: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailsCame:
    """Mails that Slack put into a channel, by ids."""

    channel: str
    mails: tuple[LyingMail, ...]


@dataclass(frozen=True, slots=True)
class ShutOut:
    """Our token was taken back or the app removed."""

    why: str


Happened = HomeOpened | Spoken | Linked | MailsCame | ShutOut


def read_event(body: Mapping[str, Any]) -> Happened | None:
    """Return what happened; None for what is not ours. Raises `Unreadable`."""
    event = part_in(body, "event")
    match event.get("type"):
        case "app_home_opened" if event.get("tab", "home") == "home":
            return HomeOpened(id_in(event, "user"))
        case "message" if event.get("channel_type") == "im":
            return _spoken(event, private=True) if word_in(event, "subtype", "") in SAID else None
        case "message":
            return _mails(body, event) if event.get("subtype") == "file_share" else None
        case "app_mention":
            return _spoken(event, private=False)
        case "link_shared":
            return _linked(event)
        case "tokens_revoked":
            return ShutOut(REVOKED) if part_in(event, "tokens").get("bot") else None
        case "app_uninstalled":
            return ShutOut(UNINSTALLED)
        case _:
            return None


def event_id(body: Mapping[str, Any]) -> str:
    """Return by what a repeated event is known; "" when it has none. Raises `Unreadable`."""
    return word_in(body, "event_id", "")


def delivery(name: str, part: int = 0) -> str:
    """Return by what the desk knows a part of what Slack may deliver again, an event or a trigger; "" for no name."""
    return f"{CHAT} {name} {part}" if name else ""


def references(text: str) -> tuple[str, ...]:
    """Return the tickets a text names, each once, the first few."""
    return tuple(dict.fromkeys(ref.upper() for ref in _REFERENCE.findall(text)))[:MOST]


def _spoken(event: Mapping[str, Any], *, private: bool) -> Spoken | None:
    """Return what a person said; None for what an app said, we ourselves among them."""
    user = word_in(event, "user", "")
    if event.get("bot_id") or event.get("app_id") or user in {"", SLACKBOT}:
        return None
    said = word_in(event, "text", "")
    text = typed(MENTION.sub(" ", said))
    if isinstance(commands.parse(text, ANY_YEAR), commands.SetOnCall):
        text = typed(said)  # who is meant may be mentioned: `Colleagues.by_name`
    return Spoken(user, text, id_in(event, "channel"), word_in(event, "thread_ts", ""), private)


def _linked(event: Mapping[str, Any]) -> Linked | None:
    """Return the tickets posted links name; None while the message is still being written, or where we are not.

    What is written to us in our direct message comes as words too, and is answered as such.
    """
    links = event.get("links")
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise Unreadable("links")
    refs = references(" ".join(word_in(link, "url", "") for link in links))
    if not refs or event.get("source") == "composer" or event.get("is_bot_user_member") is not True:
        return None
    channel = id_in(event, "channel")
    if channel.startswith(DIRECT):
        return None
    return Linked(id_in(event, "user"), channel, word_in(event, "thread_ts", ""), refs)


def _mails(body: Mapping[str, Any], event: Mapping[str, Any]) -> MailsCame | None:
    mails = mails_in(event, shared=body.get("is_ext_shared_channel") is True)
    return MailsCame(id_in(event, "channel"), mails) if mails else None
