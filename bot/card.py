"""The closed vocabulary of what a colleague can be shown: `Card` and `Form`.

No markup in any string: each renderer (Slack, Teams, console) escapes in one place and
ends its `match` in `assert_never`, so a new element fails type checking in all of them.
Never personal data in a card (D14); forms take input, `/review` pages show content.

A button carries a `Press`: a verb, the id of its target and the version that target
had when the card was drawn (D32). An old card therefore answers "this has changed".
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.domain.errors import NotFound

SEPARATOR: Final = "|"
#: Ids, the days and counts beside them: nothing in which a person could be named by address or in a sentence.
_NAME: Final = re.compile(r"[A-Za-z0-9:_.,/-]{0,300}")


class Verb(StrEnum):
    """Everything a button can mean."""

    CONFIRM = "confirm"
    CHANGE = "change"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    REVIEW = "review"
    HAND_OVER = "hand_over"
    OPEN = "open"
    DECIDE = "decide"
    CONFIRM_DECLINE = "confirm_decline"
    ATTEST = "attest"
    ASK_AGAIN = "ask_again"
    GIVE_UP_IDENTITY = "give_up_identity"
    FINISH_BY_HAND = "finish_by_hand"
    RETRY = "retry"
    SEND_LETTER = "send_letter"
    SEND_PACKAGE = "send_package"
    SETTLE_LETTER = "settle_letter"
    SETTLE_UNPRESSED = "settle_unpressed"
    REMIND_TOMORROW = "remind_tomorrow"
    REVIEW_LIST = "review_list"
    POSTPONE_REVIEW = "postpone_review"
    APPROVE_REVIEW = "approve_review"
    NEW = "new"
    FIND = "find"
    DISMISS_ITEMS = "dismiss_items"
    OPEN_ITEM = "open_item"
    ORIGINAL_REMOVED = "original_removed"
    NOTIFIED = "notified"
    NO_NOTIFICATION = "no_notification"
    AWARE_SINCE = "aware_since"
    SUSPECT_BREACH = "suspect_breach"
    SETTLE_RETURNED = "settle_returned"
    ANSWER_NEUTRALLY = "answer_neutrally"
    JOIN = "join"
    SETTLE_REGRET = "settle_regret"
    OTHER_ROADS = "other_roads"
    MORE = "more"
    REFER_CONTRACT = "refer_contract"
    REFER_SITE = "refer_site"
    ASK_AUTHORITY = "ask_authority"
    SHOW_AUTHORITY = "show_authority"
    CLARIFY = "clarify"
    ANSWER_QUESTION = "answer_question"
    ANSWER_KIN = "answer_kin"
    CLOSE_UNANSWERED = "close_unanswered"
    ASK_ID = "ask_id"
    NOTE_ID = "note_id"
    CORRECT = "correct"
    TYPE_VALUE = "type_value"
    CHOOSE_GROUND = "choose_ground"
    REST_MEANWHILE = "rest_meanwhile"
    GIVE_NOTICE = "give_notice"
    LIFT = "lift"
    HOLD = "hold"
    EXTEND = "extend"
    WITHDRAW = "withdraw"
    WRONG_PERSON = "wrong_person"
    EVIDENCE = "evidence"
    NAME_RECIPIENT = "name_recipient"
    APPROVE_TRANSFER = "approve_transfer"
    CLEARED = "cleared"
    HAND_OVER_ALL = "hand_over_all"
    RESUME = "resume"


def is_name(target: str) -> bool:
    """Whether something may be what a card is about or a press aims at: ids, days and counts, never words."""
    return _NAME.fullmatch(target) is not None


@dataclass(frozen=True, slots=True)
class Press:
    """What a press of a button says: do *verb* to *target*, which was at *version*."""

    verb: Verb
    target: str
    version: int = 0

    def pack(self) -> str:
        """Return the press as the value a button carries: opaque ids only."""
        return SEPARATOR.join((self.verb, self.target, str(self.version)))

    @classmethod
    def unpack(cls, packed: str) -> Self:
        """Return the press a button's value stands for, or raise `NotFound`."""
        try:
            verb, target, version = packed.split(SEPARATOR)
            if not is_name(target):
                raise ValueError
            return cls(Verb(verb), target, int(version))
        except ValueError:
            raise NotFound("refusal.unknown_button") from None


class Style(StrEnum):
    """How a button looks; at most one PRIMARY per card."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `muted` is smaller and quieter; `strong` is a lead line."""

    text: str
    muted: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Short label and value pairs."""

    pairs: tuple[tuple[str, str], ...]


class StepState(StrEnum):
    """Where a step of the progress line is; always said in words too, never by sign alone."""

    DONE = "done"
    SKIPPED = "skipped"  # passed and never taken: it was not needed
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Steps:
    """The progress line. `spoken` says the same for who cannot see it."""

    steps: tuple[tuple[str, StepState], ...]
    spoken: str


@dataclass(frozen=True, slots=True)
class Button:
    """One press. `opens_form` means the press opens a form first and writes nothing yet."""

    label: str
    press: Press
    style: Style = Style.PLAIN
    opens_form: bool = False


@dataclass(frozen=True, slots=True)
class Actions:
    """Buttons: at most three in `buttons` (one primary), the rest in the `more` menu."""

    buttons: tuple[Button, ...]
    more: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link that opens outside the chat; the URL holds no personal data."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of short texts below column heads. Renderers without tables write one line per row.

    `named` are the columns (from 0) whose cells say nothing without their head: a line says it beside each.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    named: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of (or several of) `options` (value, label)."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...] = ()
    several: bool = False
    required: bool = True
    hint: str = ""


class InputKind(StrEnum):
    """What an input takes."""

    LINE = "line"
    PROSE = "prose"
    MOMENT = "moment"
    REFERENCE = "reference"  # the ticket's reference, typed to confirm what cannot be undone


@dataclass(frozen=True, slots=True)
class Input:
    """A field to type in."""

    name: str
    label: str
    kind: InputKind = InputKind.LINE
    value: str = ""
    required: bool = True
    hint: str = ""
    longest: int = 2000


CardElement = Text | Facts | Steps | Actions | Link | Table
FormElement = Text | Facts | Table | Link | Choice | Input


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown. `spoken` is the fallback that reads well aloud and in a notification."""

    title: str
    elements: tuple[CardElement, ...]
    spoken: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked. `press` is what submitting it means; values arrive beside it by name."""

    title: str
    press: Press
    elements: tuple[FormElement, ...]
    submit: str
    cancel: str


Shown = Card | Form
Values = dict[str, tuple[str, ...]]
