"""What Slack sends, turned into our values; `Any` goes no further than this module.

What is private about a modal travels in its `private_metadata`: the press it answers and
the channel (or page) it was opened in, nothing else. A person's typed words are in `Said.text` and
in the values only, and neither shows them when it is printed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bot.card import Button, Press, Values
from bot.domain.deadline import SWEDEN
from bot.domain.errors import NotFound
from handlers.parts import Unreadable, part_in, word_in

PRESS: Final = "press:"
LINK: Final = "link:"
ANSWER: Final = "answer"
FORM_VIEW: Final = "form"
CARD_VIEW: Final = "card"
HOME_VIEW: Final = "home"
OPENS: Final = "form:"
WRITES: Final = "press:"
#: Slack refuses an empty option value, and "" is a value of ours.
CHOSEN: Final = "="
#: Where a modal says it was opened when that was over App Home.
OVER_HOME: Final = "home"
#: How ids of direct messages begin.
DIRECT: Final = "D"
_ESCAPED_LINK: Final = re.compile(r"<(?:mailto:|tel:)?([^<>|@#!][^<>|]*)(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a private answer goes. `own`: only the presser sees what was pressed, so it may be replaced.

    `home`: it was pressed on their App Home; `over_home`: in a page opened over it.
    """

    response_url: str = field(default="", repr=False)
    view_id: str = ""
    channel: str = ""
    own: bool = False
    home: bool = False
    over_home: bool = False
    user: str = ""
    trigger: str = ""
    thread: str = ""
    message: str = ""

    @property
    def of_home(self) -> bool:
        """Whether their App Home lies below, and Slack tells nobody when it is seen again."""
        return self.home or self.over_home

    @property
    def bare(self) -> bool:
        """Whether there is neither channel, page nor response_url: an answer opens by `trigger`, as over App Home."""
        return self.home or bool(self.trigger and not (self.channel or self.view_id or self.response_url))

    @property
    def alone(self) -> bool:
        """Whether only the presser sees what was pressed: no job edits it."""
        return self.own or self.direct

    @property
    def direct(self) -> bool:
        """Whether it was pressed in a direct message with the app, where nobody else reads."""
        return self.channel.startswith(DIRECT)


@dataclass(frozen=True, slots=True)
class Said:
    """A slash command. `text` may hold an address (D16): never logged."""

    user: str
    text: str = field(repr=False)
    trigger: str
    channel: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button or an entry of a menu."""

    user: str
    value: str
    trigger: str
    place: Place

    @property
    def opens_form(self) -> bool:
        """Whether the button asks for its form, and writes nothing yet."""
        return self.value.startswith(OPENS)

    @property
    def press(self) -> Press:
        """What was pressed. Raises `NotFound` for a button of an older desk."""
        for mark in (OPENS, WRITES):
            if self.value.startswith(mark):
                return Press.unpack(self.value.removeprefix(mark))
        raise NotFound("refusal.unknown_button")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A sent form. `fields` are the blocks a complaint may stand at."""

    user: str
    metadata: str
    trigger: str
    values: Values = field(repr=False)
    fields: frozenset[str]

    @property
    def press(self) -> Press:
        """What the form answers. Raises `NotFound` for a form of an older desk."""
        return Press.unpack(self.metadata.partition(" ")[0])

    @property
    def channel(self) -> str:
        """Where the form was opened; "" for a private place."""
        return self.metadata.partition(" ")[2]


def button_value(button: Button) -> str:
    """Return what a button carries: whether it opens a form, and its press."""
    return (OPENS if button.opens_form else WRITES) + button.press.pack()


def option_value(value: str) -> str:
    """Return an option's value as Slack takes it."""
    return CHOSEN + value


def metadata(press: Press, channel: str) -> str:
    """Return what a modal carries."""
    return f"{press.pack()} {channel}"


def read_command(body: Mapping[str, Any]) -> Said:
    """Return a slash command. Raises `Unreadable`."""
    return Said(
        user=word_in(body, "user_id"),
        text=typed(word_in(body, "text", "")),
        trigger=word_in(body, "trigger_id", ""),
        channel=word_in(body, "channel_id", ""),
    )


def read_press(body: Mapping[str, Any]) -> Pressed:
    """Return what was pressed. Raises `Unreadable`."""
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        raise Unreadable("actions")
    action = actions[0]
    holder = action.get("selected_option") or action
    container = part_in(body, "container")
    view = part_in(body, "view")
    home = view.get("type") == "home"
    user, trigger = word_in(part_in(body, "user"), "id"), word_in(body, "trigger_id", "")
    return Pressed(
        user=user,
        value=word_in(holder if isinstance(holder, dict) else {}, "value", ""),
        trigger=trigger,
        place=Place(
            response_url=word_in(body, "response_url", ""),
            view_id="" if home else word_in(view, "id", ""),
            channel=word_in(part_in(body, "channel"), "id", ""),
            own=bool(container.get("is_ephemeral")) or bool(view),
            home=home,
            over_home=word_in(view, "private_metadata", "") == OVER_HOME,
            user=user,
            trigger=trigger,
            thread=word_in(container, "thread_ts", ""),
            message=word_in(container, "message_ts", ""),
        ),
    )


def read_global(body: Mapping[str, Any]) -> Said:
    """Return a global shortcut as if its command had been typed, in no channel. Raises `Unreadable`."""
    name = word_in(body, "callback_id", "")
    return Said(word_in(part_in(body, "user"), "id"), name, word_in(body, "trigger_id", ""), "")


def read_submission(body: Mapping[str, Any]) -> Submitted:
    """Return a sent form. Raises `Unreadable`."""
    view = part_in(body, "view")
    blocks = view.get("blocks")
    return Submitted(
        user=word_in(part_in(body, "user"), "id"),
        metadata=word_in(view, "private_metadata", ""),
        trigger=word_in(body, "trigger_id", ""),
        values=values_of(part_in(part_in(view, "state"), "values")),
        fields=frozenset(
            str(block.get("block_id"))
            for block in (blocks if isinstance(blocks, list) else [])
            if isinstance(block, dict) and block.get("type") == "input"
        ),
    )


def values_of(state: Mapping[str, Any]) -> Values:
    """Return a form's answers by field name: what was typed or chosen, in the order chosen; () for nothing.

    A moment comes as Swedish local time, ISO 8601 to the minute, as a browser's form sends it.
    """
    return {name: _answer(part_in(part_in(state, name), ANSWER)) for name in state}


def typed(text: str) -> str:
    """Return a command's words as they were typed: Slack escapes `&<>` and makes links of addresses."""
    unlinked = _ESCAPED_LINK.sub(r"\1", text)
    return unlinked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _answer(element: Mapping[str, Any]) -> tuple[str, ...]:
    match element:
        case {"selected_options": list(options)}:
            return tuple(_chosen(option) for option in options)
        case {"selected_option": dict(option)}:
            return (_chosen(option),)
        case {"selected_date_time": int(seconds)}:
            return (_moment(seconds),)
        case {"value": str(value)} if value:
            return (value,)
        case _:
            return ()


def _moment(seconds: int) -> str:
    try:
        at = datetime.fromtimestamp(seconds, UTC).astimezone(SWEDEN)
    except (OverflowError, OSError, ValueError):
        raise Unreadable("selected_date_time") from None
    return at.replace(tzinfo=None).isoformat(timespec="minutes")


def _chosen(option: object) -> str:
    if not isinstance(option, dict):
        raise Unreadable("option")
    return word_in(option, "value").removeprefix(CHOSEN)
