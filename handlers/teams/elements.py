"""Each element of a card as Adaptive Card elements: texts, steps, tables, buttons.

Texts go out as `TextRun`, which every client shows letter by letter (`literal` says what
that leaves to do). That is why strong lines are runs and not `**Markdown**`, and why facts
and tables are lines of runs: the values of a `FactSet` are read as Markdown. Lines wrap,
so they fit a phone; a table of columns does not.

A button that acts is an `Action.Execute`, so that Teams can put the new card in the old
one's place; a client that does not know it falls back to an `Action.Submit` with the same
data. A button that opens a form asks for a dialog and writes nothing yet. At most three
buttons stand on a card, the rest below ⋯ (`mode: secondary`). Teams' clients for phones keep
the buttons of one set in one line, however narrow: a set is therefore no wider than a phone.

Elements are plain JSON, as on Slack's side: the typed classes of `microsoft_teams.cards`
take twice as long, on each press of a button, and refuse no field they do not know.
The tests read every golden picture through those classes and back, and let none be left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from bot.card import Actions, Button, CardElement, Facts, Link, Steps, StepState, Style, Table, Text
from bot.domain.request import Language
from bot.i18n import Texts
from handlers.rows import rows_of
from handlers.teams.limits import BUTTON_EDGES, BUTTON_TEXT, DOTS_WIDE, ROW, TITLE, TOOLTIP, cut
from handlers.teams.literal import literal, unmarked

#: What a pressed button's data holds under, and the verb of every button that acts.
PRESS: Final = "press"
#: The verb by which a client asks for its reader's own view, and what that view is about.
REFRESH: Final = "refresh"
ABOUT: Final = "about"

MARKS: Final = {StepState.DONE: "✓", StepState.SKIPPED: "◌", StepState.NOW: "●", StepState.AHEAD: "○"}
#: A space at which no line ends: a sign alone at the end of a line, or at its beginning, belongs to nothing.
UNBROKEN: Final = "\u00a0"
STEP_DASH: Final = f"{UNBROKEN}— "
#: Stands where there is no text: an empty run is nothing to press, to read or to point at.
NOTHING: Final = "–"
STYLES: Final = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """The few words Teams needs that are on no card."""

    language: Language
    choose: str
    nothing_to_choose: str
    not_chosen: str
    fill_in: str
    clock: str
    rest_left_out: str
    refresh: str

    @classmethod
    def of(cls, texts: Texts, language: Language) -> "Words":
        """Return the words in a language."""
        return cls(
            language=language,
            choose=texts.say(language, "teams.choose"),
            nothing_to_choose=texts.say(language, "teams.nothing_to_choose"),
            not_chosen=texts.say(language, "teams.not_chosen"),
            fill_in=texts.say(language, "teams.fill_in"),
            clock=texts.say(language, "teams.clock"),
            rest_left_out=texts.say(language, "teams.rest_left_out"),
            refresh=texts.say(language, "teams.refresh"),
        )


def drawn(element: CardElement, title: str) -> Sequence[Json]:
    """Return an element of the card with that title; nothing for an empty text."""
    match element:
        case Text():
            return text(element)
        case Facts():
            return facts(element)
        case Steps():
            return _steps(element)
        case Actions():
            return _actions(element, title)
        case Link():
            return link(element)
        case Table():
            return table(element)
        case _:
            assert_never(element)


def run(words: str, *, strong: bool = False, muted: bool = False) -> Json:
    """Return words that stand in a line, shown letter by letter."""
    shown: Json = {"type": "TextRun", "text": literal(words) if words.strip() else NOTHING}
    if strong:
        shown["weight"] = "Bolder"
    if muted:
        shown["isSubtle"] = True
        shown["size"] = "Small"
    return shown


def line(runs: Sequence[Json], *, close: bool = False) -> Json:
    """Return one line that wraps; *close* keeps it together with the one above."""
    shown: Json = {"type": "RichTextBlock", "inlines": runs}
    if close:
        shown["spacing"] = "Small"
    return shown


def lines(several: Iterable[Sequence[Json]]) -> list[Json]:
    """Return lines that belong together."""
    return [line(runs, close=at > 0) for at, runs in enumerate(several)]


def heading(title: str) -> Json:
    """Return the title: a heading to screen readers, unless a sign in it could be read as markup."""
    title = cut(title, TITLE) or NOTHING
    if unmarked(title):
        return {
            "type": "TextBlock",
            "text": title,
            "style": "heading",
            "size": "Large",
            "weight": "Bolder",
            "wrap": True,
        }
    return line([{**run(title, strong=True), "size": "Large"}])


def text(element: Text) -> Sequence[Json]:
    """Return a paragraph, each of its lines a line."""
    said = [part.strip() for part in element.text.splitlines()]
    return lines([run(part, strong=element.strong, muted=element.muted)] for part in said if part)


def facts(element: Facts) -> Sequence[Json]:
    """Return label and value pairs, a line each."""
    return lines([run(f"{label}: ", strong=True), run(value)] for label, value in element.pairs)


def table(element: Table) -> Sequence[Json]:
    """Return a line per row below a line that names the columns; rows that wrap stand well apart."""
    told = rows_of(element)
    rows = [line([run(lead, strong=True), *([run(rest)] if rest else [])]) for lead, rest in told.rows]
    return [line([run(told.head, muted=True)]), *rows] if told.head else rows


def link(element: Link) -> Sequence[Json]:
    """Return what opens a page outside the chat."""
    title = cut(element.label, BUTTON_TEXT) or NOTHING
    return [{"type": "ActionSet", "actions": [{"type": "Action.OpenUrl", "title": title, "url": element.url}]}]


def _steps(element: Steps) -> Sequence[Json]:
    shown = STEP_DASH.join(f"{MARKS[state]}{UNBROKEN}{step}" for step, state in element.steps)
    return lines([[run(shown, muted=True)], *([[run(element.spoken, muted=True)]] if element.spoken else [])])


def _actions(actions: Actions, title: str) -> Sequence[Json]:
    """Return the buttons in rows a phone has room for: what is too wide for one is cut there, or out of reach."""
    below = [_button(one, {"mode": "secondary"}) for one in actions.more]
    rows = [
        [_button(one, {"tooltip": cut(f"{one.label}, {title}", TOOLTIP)}) for one in row]
        for row in _rows(actions.buttons, dots=bool(below))
    ]
    if below:
        rows[-1] += below
    apart = {"spacing": "Small"}
    return [{"type": "ActionSet", "actions": row, **(apart if at else {})} for at, row in enumerate(rows) if row]


def _rows(buttons: Sequence[Button], *, dots: bool) -> list[list[Button]]:
    """Return the buttons row by row; *dots* stand at the end of the last one, which may be theirs alone."""
    rows: list[list[Button]] = [[]]
    for at, button in enumerate(buttons):
        beside = DOTS_WIDE if dots and at == len(buttons) - 1 else 0
        if rows[-1] and sum(map(_width, (*rows[-1], button))) + beside > ROW:
            rows.append([])
        rows[-1].append(button)
    if dots and rows[-1] and sum(map(_width, rows[-1])) + DOTS_WIDE > ROW:
        rows.append([])
    return rows


def _width(button: Button) -> int:
    return len(button.label) + BUTTON_EDGES


def _button(button: Button, extra: Json) -> Json:
    shown: Json = {"title": cut(button.label, BUTTON_TEXT) or NOTHING, **extra}
    if button.style in STYLES:
        shown["style"] = STYLES[button.style]
    packed = {PRESS: button.press.pack()}
    if button.opens_form:
        return {"type": "Action.Submit", **shown, "data": {"msteams": {"type": "task/fetch"}, **packed}}
    fallback = {"type": "Action.Submit", **shown, "data": packed}
    return {"type": "Action.Execute", **shown, "verb": PRESS, "data": packed, "fallback": fallback}


def refresh(about: str, people: Sequence[str], words: Words) -> Json:
    """Return what lets each of *people* see the view of the ticket that is theirs; everybody when none is named."""
    action = {"type": "Action.Execute", "title": words.refresh, "verb": REFRESH, "data": {ABOUT: about}}
    return {"action": action, **({"userIds": list(people)} if people else {})}
