"""What Teams sends, turned into our values; `Any` goes no further than this module.

A person's typed words are in `Heard.body` and `Given.carried` only, and neither shows them when
it is printed. Shapes: learn.microsoft.com, "Activity schema", "Universal Actions for
Adaptive Cards", "Use dialogs", "Define message extension action commands".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import unescape
from typing import Any, Final

from bot.card import Press, Values, is_name
from bot.domain.errors import NotFound
from handlers.parts import Unreadable, list_in, part_in, word_in
from handlers.teams.elements import ABOUT, PRESS
from handlers.teams.fields import SUBMIT, answers
from handlers.teams.front import Json

PERSONAL: Final = "personal"
AUTOMATIC: Final = "automatic"
_MENTION: Final = re.compile(r"<at[^<>]*>([^<>]*)</at>")
_NAME: Final = r" \1 "
_IN_THREAD: Final = ";messageid="


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened. `conversation` may name a thread; `room` is the same without it.

    Where something was chosen on a message or beside the text box need not be said: "" then, which is nowhere of ours.
    """

    conversation: str
    private: bool
    service_url: str = ""

    @property
    def room(self) -> str:
        """The channel or chat, whatever thread of it."""
        return self.conversation.partition(_IN_THREAD)[0]


class Kind(StrEnum):
    """What we listen to. Whatever else Teams sends is thanked for and dropped, or said not to be known."""

    MESSAGE = "message"
    ACTION = "adaptiveCard/action"
    FETCH = "task/fetch"
    SUBMIT = "task/submit"
    EXTENSION_FETCH = "composeExtension/fetchTask"
    EXTENSION_SUBMIT = "composeExtension/submitAction"
    INSTALLED = "installationUpdate"
    CONVERSATION = "conversationUpdate"
    OTHER_INVOKE = "invoke"
    OTHER = ""


#: What is chosen on a message or beside the text box: out of a conversation the bot may not be in at all.
EXTENSION: Final = frozenset({Kind.EXTENSION_FETCH, Kind.EXTENSION_SUBMIT})


@dataclass(frozen=True, slots=True)
class Heard:
    """An activity. `user` is the sender's object id in our directory, `sender` their id there; "" for nobody."""

    kind: Kind
    id: str
    user: str
    sender: str
    place: Place
    body: Json = field(repr=False)

    @property
    def key(self) -> str:
        """What tells one delivery from another; "" when Teams gave no id."""
        return f"{self.place.conversation} {self.user} {self.kind} {self.id}" if self.id else ""


@dataclass(frozen=True, slots=True)
class Given:
    """What a button or a sent form carries."""

    press: str = ""
    submit: str = ""
    about: str = ""
    automatic: bool = False
    carried: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def pressed(self) -> Press:
        """What was pressed, or the form that was sent. Raises `NotFound` for a button of an older desk."""
        if not (packed := self.submit or self.press):
            raise NotFound("refusal.unknown_button")
        return Press.unpack(packed)

    @property
    def values(self) -> Values:
        """What was typed and chosen. Raises `Unreadable`."""
        try:
            return answers(self.carried)
        except ValueError:
            raise Unreadable("input") from None


def read_activity(body: Json) -> Heard:
    """Return what an activity is. Raises `Unreadable`."""
    kind = _kind(word_in(body, "type"), word_in(body, "name", ""))
    conversation = part_in(body, "conversation")
    place = Place(
        conversation=word_in(conversation, "id", "" if kind in EXTENSION else None),
        private=word_in(conversation, "conversationType", "") == PERSONAL,
        service_url=word_in(body, "serviceUrl", ""),
    )
    sender = part_in(body, "from")
    return Heard(
        kind=kind,
        id=word_in(body, "id", ""),
        user=word_in(sender, "aadObjectId", "").casefold(),
        sender=word_in(sender, "id", ""),
        place=place,
        body=body,
    )


def _kind(type_: str, name: str) -> Kind:
    if type_ == Kind.OTHER_INVOKE:
        invokes = (Kind.ACTION, Kind.FETCH, Kind.SUBMIT, Kind.EXTENSION_FETCH, Kind.EXTENSION_SUBMIT)
        return next((kind for kind in invokes if kind == name), Kind.OTHER_INVOKE)
    return next((kind for kind in (Kind.MESSAGE, Kind.INSTALLED, Kind.CONVERSATION) if kind == type_), Kind.OTHER)


def tenants_in(body: Json) -> frozenset[str]:
    """Return every directory an activity says it comes from. Raises `Unreadable`."""
    said = (
        word_in(part_in(part_in(body, "channelData"), "tenant"), "id", ""),
        word_in(part_in(body, "conversation"), "tenantId", ""),
    )
    return frozenset(one.casefold() for one in said if one)


def read_text(heard: Heard) -> str:
    """Return typed words: a mention of the bot is none, wherever it stands, and any other is the name it shows.

    One that begins the words and that Teams says nothing of is the bot's. Raises `Unreadable`.
    """
    text = word_in(heard.body, "text", "")
    ours = word_in(part_in(heard.body, "recipient"), "id", "")
    for entity in list_in(heard.body, "entities"):
        if entity.get("type") == "mention" and (mention := word_in(entity, "text", "")):
            theirs = part_in(entity, "mentioned").get("id") != ours
            text = text.replace(mention, _MENTION.sub(_NAME, mention) if theirs else " ")
    bare = _MENTION.sub(" ", text, count=1) if text.lstrip().startswith("<at") else text
    return " ".join(unescape(_MENTION.sub(_NAME, bare)).split()).removeprefix("/")


def read_action(heard: Heard) -> Given:
    """Return what an Action.Execute carries. Raises `Unreadable`."""
    value = part_in(heard.body, "value")
    return _given(part_in(part_in(value, "action"), "data"), automatic=value.get("trigger") == AUTOMATIC)


def read_dialog(heard: Heard) -> Given:
    """Return what asks for a dialog, or what was sent from one. Raises `Unreadable`."""
    return _given(part_in(part_in(heard.body, "value"), "data"))


def read_fallback(heard: Heard) -> Given | None:
    """Return what an Action.Submit in a message carries; None when the message was typed. Raises `Unreadable`."""
    value = heard.body.get("value")
    if not isinstance(value, dict) or not (PRESS in value or SUBMIT in value):  # what another app's card sent
        return None
    return _given(value)


def _given(carried: Mapping[str, Any], *, automatic: bool = False) -> Given:
    about = word_in(carried, ABOUT, "")
    if about and not is_name(about):
        raise Unreadable(ABOUT)
    return Given(
        press=word_in(carried, PRESS, ""),
        submit=word_in(carried, SUBMIT, ""),
        about=about,
        automatic=automatic,
        carried=carried,
    )
