"""A form's fields, both ways: drawn as inputs, and read from what a client sends back.

Both stand here so that they cannot disagree. A client sends every answer as one text under
the field's name, so a sent form carries, beside its press, which fields are more than what
was typed (`ASKED`):

* a choice: each chosen value begins with `=` ("" is a value of ours, and means nothing was
  answered to Teams); several are joined by commas, and a comma in a value is written `%2C`
* a moment: a date under the field's name and a time of day under that name with `TIME`
  behind; `answers` puts them together as a browser's form would send them

`answers` is the only reader. Nothing it is given is trusted: the desk reads each value anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never

from bot.card import Choice, Facts, Form, FormElement, Input, InputKind, Link, Table, Text, Values
from handlers.teams.elements import Json, Words, facts, line, link, run, table, text
from handlers.teams.limits import CHECKBOXES, RADIO_BUTTONS, TYPED
from handlers.teams.literal import literal, lookalike, unmarked

#: What a sent form's data holds under: its press, and which of its fields are what.
SUBMIT: Final = "submit"
ASKED: Final = "asked"
ONE: Final = "one"
SEVERAL: Final = "several"
MOMENT: Final = "moment"
#: Behind a moment's name: its time of day.
TIME: Final = "@time"
CHOSEN: Final = "="
#: What stands for "nothing chosen" where a choice need not be made.
NOTHING: Final = "-"


def asked(form: Form) -> dict[str, str]:
    """Return which fields of a form are more than what was typed."""
    kinds: dict[str, str] = {}
    for element in form.elements:
        if isinstance(element, Choice) and element.options:
            kinds[element.name] = SEVERAL if element.several else ONE
        elif isinstance(element, Input) and element.kind is InputKind.MOMENT:
            kinds[element.name] = MOMENT
    return kinds


def answers(sent: Mapping[str, Any]) -> Values:
    """Return a sent form's answers by field name, from an action's data; () for nothing.

    A moment comes as Swedish local time, ISO 8601 to the minute. Raises `ValueError` for
    what no client sends.
    """
    kinds = sent.get(ASKED, {})
    if not isinstance(kinds, Mapping):
        raise ValueError(ASKED)
    own = {SUBMIT, ASKED, "msteams"} | {f"{name}{TIME}" for name, kind in kinds.items() if kind == MOMENT}
    names = dict.fromkeys((*kinds, *sent))
    return {name: _answer(name, kinds.get(name), sent) for name in names if name not in own}


def _answer(name: str, kind: object, sent: Mapping[str, Any]) -> tuple[str, ...]:
    word = _word(sent, name)
    match kind:
        case "several":
            return tuple(_chosen(value) for value in word.split(",") if value)
        case "one":
            return (_chosen(word),) if word and word != NOTHING else ()
        case "moment":
            time = _word(sent, name + TIME)
            return (f"{word}T{time}",) if word or time else ()
        case _:
            return (word,) if word else ()


def _word(sent: Mapping[str, Any], name: str) -> str:
    word = sent.get(name)
    if word is None:
        return ""
    if not isinstance(word, str):
        raise ValueError(name)
    return word


def _packed(value: str) -> str:
    return CHOSEN + value.replace("%", "%25").replace(",", "%2C")


def _chosen(packed: str) -> str:
    return packed.removeprefix(CHOSEN).replace("%2C", ",").replace("%25", "%")


def drawn(element: FormElement, words: Words) -> Sequence[Json]:
    """Return an element of a form."""
    match element:
        case Text():
            return text(element)
        case Facts():
            return facts(element)
        case Table():
            return table(element)
        case Link():
            return link(element)
        case Choice():
            return _choice(element, words)
        case Input():
            return [*_input(element, words), *_hint(element.hint)]
        case _:
            assert_never(element)


def _hint(hint: str) -> Sequence[Json]:
    return [line([run(hint, muted=True)], close=True)] if hint else []


def _frame(element: Choice | Input, words: Words) -> Json:
    """Return what every input has: its name, its label, and what is said when it is left empty."""
    frame: Json = {"id": element.name, "label": literal(element.label)}
    if element.required:
        frame |= {"isRequired": True, "errorMessage": words.fill_in}
    return frame


def _choice(choice: Choice, words: Words) -> Sequence[Json]:
    if not choice.options:
        return [line([run(choice.label, strong=True)]), line([run(words.nothing_to_choose, muted=True)], close=True)]
    options = dict(_offered(choice))
    title = lookalike if choice.several else literal
    shown: Json = {
        "type": "Input.ChoiceSet",
        **_frame(choice, words),
        "style": _style(choice),
        "wrap": True,
        "choices": [{"title": title(label), "value": _packed(value)} for value, label in options.items()],
    }
    chosen = [value for value in choice.chosen if value in options][: None if choice.several else 1]
    if choice.several:
        shown["isMultiSelect"] = True
    elif not choice.required and "" not in options:
        shown["choices"].insert(0, {"title": words.not_chosen, "value": NOTHING})
        shown["value"] = NOTHING
    if chosen:
        shown["value"] = ",".join(map(_packed, chosen))
    if shown["style"] == "compact":
        shown["placeholder"] = words.choose
    return [shown, *_hint(choice.hint)]


def _offered(choice: Choice) -> Sequence[tuple[str, str]]:
    """Return the options; several chosen ones first, in the order they were chosen, which is how they are sent."""
    if not choice.several:
        return choice.options
    rank = {value: at for at, value in enumerate(choice.chosen)}
    return sorted(choice.options, key=lambda option: rank.get(option[0], len(rank)))


def _style(choice: Choice) -> str:
    """Return whether the options all stand there or in a menu.

    A menu of which one is chosen shows every text letter by letter; one of several is drawn
    as boxes by some clients.
    """
    if choice.several:
        return "expanded" if len(choice.options) <= CHECKBOXES else "compact"
    few = len(choice.options) <= RADIO_BUTTONS
    return "expanded" if few and all(unmarked(label) for _, label in choice.options) else "compact"


def _input(field: Input, words: Words) -> Sequence[Json]:
    frame = _frame(field, words)
    match field.kind:
        case InputKind.MOMENT:
            return _moment(field, frame, words)
        case InputKind.LINE | InputKind.PROSE | InputKind.REFERENCE:
            most = min(field.longest, TYPED)
            shown: Json = {"type": "Input.Text", **frame, "maxLength": most}
            if field.kind is InputKind.PROSE:
                shown["isMultiline"] = True
            if field.value:
                shown["value"] = field.value[:most]
            return [shown]
        case _:
            assert_never(field.kind)


def _moment(field: Input, frame: Json, words: Words) -> Sequence[Json]:
    day, _, time = field.value.partition("T")
    of_day = {**frame, "id": field.name + TIME, "label": f"{frame['label']}, {words.clock}", "spacing": "Small"}
    return [
        {"type": "Input.Date", **frame, **({"value": day} if day else {})},
        {"type": "Input.Time", **of_day, **({"value": time[:5]} if time else {})},
    ]
