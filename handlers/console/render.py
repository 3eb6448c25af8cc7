"""Card and Form as HTML, the console's own way of drawing the closed vocabulary.

One macro per element in `elements.html`; both matches end in `assert_never`, so a new
element cannot be forgotten here. Markup comes from the templates only: every string of
a card is escaped by them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol, assert_never

from markupsafe import Markup

from bot.card import (
    Actions,
    Card,
    CardElement,
    Choice,
    Facts,
    Form,
    FormElement,
    Input,
    Link,
    Steps,
    Table,
    Text,
    Values,
)
from bot.domain.request import Language
from handlers.page import Pages

RADIOS_AT_MOST: Final = 8


class _Macros(Protocol):
    """The macros of `elements.html`."""

    text: Callable[[Text], Markup]
    facts: Callable[[Facts], Markup]
    steps: Callable[[Steps], Markup]
    actions: Callable[[Actions, str, str], Markup]
    link: Callable[[Link], Markup]
    table: Callable[[Table], Markup]
    radios: Callable[[Choice, bool], Markup]
    checkboxes: Callable[[Choice, bool], Markup]
    select: Callable[[Choice, bool], Markup]
    field: Callable[[Input, bool], Markup]


@dataclass(frozen=True, slots=True)
class Renderer:
    """Draws in one language. `csrf` goes into every form; `pages` holds templates and texts."""

    pages: Pages
    language: Language
    csrf: str

    def card(self, card: Card, on: str) -> Markup:
        """Return the inside of a card: its elements. `on` is where it stands, sent along with each press."""
        macros = self._macros()
        return Markup("\n").join(self._element(macros, element, on, card.title) for element in card.elements)

    def form(self, form: Form, wrong: str = "") -> Markup:
        """Return the fields of a form; *wrong* names the field that was refused."""
        macros = self._macros()
        return Markup("\n").join(self._field(macros, element, wrong) for element in form.elements)

    def _macros(self) -> _Macros:
        texts = self.pages.texts
        words = {"say": partial(texts.say, self.language), "csrf": self.csrf}
        macros: _Macros = self.pages.environment.get_template("elements.html").make_module(words)  # type: ignore[assignment]
        return macros

    def _element(self, macros: _Macros, element: CardElement, on: str, title: str) -> Markup:
        match element:
            case Text():
                return macros.text(element)
            case Facts():
                return macros.facts(element)
            case Steps():
                return macros.steps(element)
            case Actions():
                return macros.actions(element, on, title)
            case Link():
                return macros.link(element)
            case Table():
                return macros.table(element)
            case _:
                assert_never(element)

    def _field(self, macros: _Macros, element: FormElement, wrong: str) -> Markup:
        match element:
            case Text():
                return macros.text(element)
            case Facts():
                return macros.facts(element)
            case Table():
                return macros.table(element)
            case Link():
                return macros.link(element)
            case Choice():
                return _choice(macros, element)(element, element.name == wrong)
            case Input():
                return macros.field(element, element.name == wrong)
            case _:
                assert_never(element)


def _choice(macros: _Macros, choice: Choice) -> Callable[[Choice, bool], Markup]:
    """Return how a choice is drawn: a radio button cannot be taken back, so one must be required or say "not now"."""
    if choice.several:
        return macros.checkboxes
    can_be_one = choice.required or "" in dict(choice.options)
    if can_be_one and len(choice.options) <= RADIOS_AT_MOST:
        return macros.radios
    return macros.select


def filled(form: Form, typed: Values) -> Form:
    """Return the form as it was sent, so that a refused one loses nothing of what was typed."""
    return replace(form, elements=tuple(_refilled(element, typed) for element in form.elements))


def _refilled(element: FormElement, typed: Values) -> FormElement:
    match element:
        case Choice():
            return replace(element, chosen=typed.get(element.name, ()))
        case Input():
            return replace(element, value=next(iter(typed.get(element.name, ())), ""))
        case _:
            return element
