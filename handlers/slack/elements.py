"""Each element of a card or form as Slack's blocks.

Texts go out as plain text or rich text, which Slack shows letter by letter: no sign in a
text can become a mention, a link or bold type, so nothing here needs escaping. That is
why strong lines are rich text and not `*mrkdwn*`. A table is always lines: Slack's own
table may stand only once in a message, at its end, and is cut off on a phone.

Blocks are plain JSON: slack_sdk's own classes look through themselves for rules each time
they are turned into JSON, which took a third of the time a command takes. The limits
stand in `limits`, and the tests hold every block against them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from bot.card import (
    Actions,
    Button,
    CardElement,
    Choice,
    Facts,
    FormElement,
    Input,
    InputKind,
    Link,
    Steps,
    StepState,
    Style,
    Table,
    Text,
)
from bot.domain.deadline import SWEDEN
from bot.domain.request import Language
from bot.i18n import Texts
from handlers.rows import rows_of
from handlers.slack import limits
from handlers.slack.limits import cut, pieces
from handlers.slack.values import ANSWER, LINK, PRESS, button_value, option_value

MARKS: Final = {StepState.DONE: "✓", StepState.SKIPPED: "◌", StepState.NOW: "●", StepState.AHEAD: "○"}
#: A space at which no line ends: a sign alone at the end of a line, or at its beginning, belongs to nothing.
UNBROKEN: Final = "\u00a0"
STEP_DASH: Final = f"{UNBROKEN}— "
#: Types of the blocks people act with: kept when a card must be cut.
ACTED_WITH: Final = frozenset({"actions", "input"})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """The few words Slack needs that are on no card."""

    close: str
    choose: str
    nothing_to_choose: str
    rest_left_out: str
    open_form: str

    @classmethod
    def of(cls, texts: Texts, language: Language) -> "Words":
        """Return the words in a language."""
        return cls(
            close=texts.say(language, "slack.close"),
            choose=texts.say(language, "slack.choose"),
            nothing_to_choose=texts.say(language, "slack.nothing_to_choose"),
            rest_left_out=texts.say(language, "slack.rest_left_out"),
            open_form=texts.say(language, "slack.open_form"),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """What an element must know of the card it stands on; `number` gives each button an id of its own."""

    title: str
    words: Words
    number: Iterator[int]


def drawn(element: CardElement | FormElement, frame: Frame) -> Sequence[Json]:
    """Return an element's blocks; none for an empty text, which Slack refuses."""
    match element:
        case Text():
            return _text(element)
        case Facts(pairs):
            return _listed([(label, f": {value or '–'}") for label, value in pairs])
        case Steps(steps):
            return [context(STEP_DASH.join(f"{MARKS[state]}{UNBROKEN}{step}" for step, state in steps))]
        case Actions():
            return _actions(element, frame)
        case Link(label, url):
            text, action = plain(label, limits.BUTTON_TEXT), f"{LINK}{next(frame.number)}"
            button = {"type": "button", "text": text, "url": url, "action_id": action}
            return [{"type": "actions", "elements": [button]}]
        case Table():
            return _table(element)
        case Choice():
            return _choice(element, frame.words)
        case Input():
            return [_input(element)]
        case _:
            assert_never(element)


def plain(text: str, most: int) -> Json:
    """Return a text as Slack shows it letter by letter, no longer than *most*."""
    return {"type": "plain_text", "text": cut(text, most), "emoji": False}


def header(title: str) -> Json:
    """Return the title block."""
    return {"type": "header", "text": plain(title, limits.HEADER)}


def paragraph(text: str) -> Json:
    """Return one paragraph; what is longer than Slack takes is cut."""
    return {"type": "section", "text": plain(text, limits.TEXT)}


def context(text: str) -> Json:
    """Return one small, quiet line."""
    return {"type": "context", "elements": [plain(text, limits.TEXT)]}


def _text(element: Text) -> Sequence[Json]:
    if element.strong:
        return [_rich([_section(piece, "")]) for piece in pieces(element.text, limits.TEXT)]
    block = context if element.muted else paragraph
    return [block(piece) for piece in pieces(element.text, limits.TEXT)]


def _listed(lines: Sequence[tuple[str, str]]) -> Sequence[Json]:
    """Return lines whose first part is bold as a list, a handful to a block: on a phone lines wrap and would run on."""
    return [
        _rich([{"type": "rich_text_list", "style": "bullet", "elements": [_section(*line) for line in some]}])
        for some in (lines[start : start + limits.TABLE_LINES] for start in range(0, len(lines), limits.TABLE_LINES))
    ]


def _rich(elements: Sequence[Json]) -> Json:
    return {"type": "rich_text", "elements": elements}


def _section(strong: str, rest: str) -> Json:
    parts: list[Json] = [{"type": "text", "text": cut(strong, limits.TEXT), "style": {"bold": True}}]
    if rest:
        parts.append({"type": "text", "text": rest[: limits.TEXT]})
    return {"type": "rich_text_section", "elements": parts}


def _table(table: Table) -> Sequence[Json]:
    told = rows_of(table)
    return [*([context(told.head)] if told.head else []), *_listed(told.rows)]


def _actions(actions: Actions, frame: Frame) -> Sequence[Json]:
    elements = [_button(button, frame) for button in actions.buttons]
    for start in range(0, len(actions.more), limits.OVERFLOW_OPTIONS):
        some = actions.more[start : start + limits.OVERFLOW_OPTIONS]
        options = [_option(button_value(b), b.label) for b in some]
        elements.append({"type": "overflow", "action_id": f"{PRESS}{next(frame.number)}", "options": options})
    return [
        {"type": "actions", "elements": elements[start : start + limits.ACTIONS]}
        for start in range(0, len(elements), limits.ACTIONS)
    ]


def _button(button: Button, frame: Frame) -> Json:
    return {
        "type": "button",
        "text": plain(button.label, limits.BUTTON_TEXT),
        "action_id": f"{PRESS}{next(frame.number)}",
        "value": button_value(button),
        "accessibility_label": cut(f"{button.label}, {frame.title}", limits.ACCESSIBILITY_LABEL),
        **({} if button.style is Style.PLAIN else {"style": button.style.value}),
    }


def _option(value: str, label: str) -> Json:
    return {"value": value, "text": plain(label, limits.OPTION_TEXT)}


def _choice(choice: Choice, words: Words) -> Sequence[Json]:
    """Several are chosen in a menu, not in boxes: only a menu tells in which order they were chosen."""
    if not choice.options:
        return [paragraph(choice.label), context(words.nothing_to_choose)]
    offered = choice.options[: limits.SELECT_OPTIONS]
    options = {value: _option(option_value(value), label) for value, label in offered}
    chosen = [options[value] for value in choice.chosen if value in options]
    hint = choice.hint if len(offered) == len(choice.options) else f"{choice.hint} {words.rest_left_out}".strip()
    return [
        _asked(choice.name, choice.label, hint, _picker(choice, list(options.values()), chosen, words), choice.required)
    ]


def _picker(choice: Choice, options: list[Json], chosen: list[Json], words: Words) -> Json:
    menu = {"action_id": ANSWER, "options": options}
    if choice.several:
        more = {"initial_options": chosen} if chosen else {}
        return {"type": "multi_static_select", "placeholder": _prompt(words), **menu, **more}
    first = {"initial_option": chosen[0]} if chosen else {}
    if len(options) <= limits.RADIO_BUTTONS:
        return {"type": "radio_buttons", **menu, **first}
    return {"type": "static_select", "placeholder": _prompt(words), **menu, **first}


def _prompt(words: Words) -> Json:
    return {"type": "plain_text", "text": words.choose, "emoji": True}


def _input(field: Input) -> Json:
    most = min(field.longest, limits.TYPED)
    element: Json
    match field.kind:
        case InputKind.MOMENT:
            seconds = _seconds(field.value)
            element = {"type": "datetimepicker", "action_id": ANSWER}
            element |= {} if seconds is None else {"initial_date_time": seconds}
        case InputKind.LINE | InputKind.PROSE | InputKind.REFERENCE:
            multiline = field.kind is InputKind.PROSE
            element = {"type": "plain_text_input", "action_id": ANSWER, "multiline": multiline, "max_length": most}
            element |= {"initial_value": field.value[:most]} if field.value[:most] else {}
        case _:
            assert_never(field.kind)
    return _asked(field.name, field.label, field.hint, element, field.required)


def _asked(name: str, label: str, hint: str, element: Json, required: bool) -> Json:  # noqa: FBT001
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, limits.LABEL),
        "element": element,
        "optional": not required,
        **({"hint": plain(hint, limits.HINT)} if hint else {}),
    }


def _seconds(moment: str) -> int | None:
    """Return an ISO moment, Swedish local time unless it says otherwise, as Unix seconds; None when empty."""
    if not moment:
        return None
    at = datetime.fromisoformat(moment)
    return int((at if at.tzinfo else at.replace(tzinfo=SWEDEN)).timestamp())
