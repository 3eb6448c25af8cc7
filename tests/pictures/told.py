"""What a card or form must say wherever it is drawn: every text of it, in the words of no chat.

A table's heads are not asked for: a chat that writes a line for each row leaves out those
that name themselves (`handlers.rows`). Nor is what a chat itself cuts short by its limits.
"""

from collections.abc import Iterator
from typing import assert_never

from bot.card import Actions, Card, CardElement, Choice, Facts, Form, FormElement, Input, InputKind, Link, Steps, Table
from bot.card import Text as Paragraph


def told(one: Card | Form) -> list[str]:
    """Return the texts, white space folded; a paragraph's lines are texts of their own."""
    whole = [one.title, *(text for element in one.elements for text in _texts(element))]
    if isinstance(one, Form):
        whole.append(one.submit)
    return [folded(line) for text in whole for line in text.splitlines() if line.strip()]


def folded(text: str) -> str:
    """Return *text* with every stretch of white space as one space."""
    return " ".join(text.split())


def _texts(element: CardElement | FormElement) -> Iterator[str]:
    match element:
        case Paragraph(text):
            yield text
        case Facts(pairs):
            yield from (word for pair in pairs for word in pair)
        case Steps(steps):
            yield from (word for word, _ in steps)
        case Actions(buttons, more):
            yield from (button.label for button in (*buttons, *more))
        case Link(label):
            yield label
        case Table(_, rows):
            yield from (cell for row in rows for cell in row)
        case Choice():
            yield from (element.label, element.hint, *(label for _, label in element.options))
        case Input():
            typed = "" if element.kind is InputKind.MOMENT else element.value
            yield from (element.label, element.hint, typed)
        case _:
            assert_never(element)
