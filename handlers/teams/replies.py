"""What Teams takes as an answer to an invoke: a card in the old one's place, a sentence, a dialog.

learn.microsoft.com, "Universal Actions for Adaptive Cards" and "Use dialogs in Microsoft Teams
bots". A card that answers a press replaces the old one for who pressed and for nobody else.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.card import Actions, Card, Choice, Form, FormElement, Input, Text, Values
from handlers.teams.elements import Words
from handlers.teams.front import Json, Reply
from handlers.teams.limits import cut
from handlers.teams.render import card_content, form_content

#: Letters of a dialog's title that a phone shows.
DIALOG_TITLE: Final = 75
ADAPTIVE: Final = "application/vnd.microsoft.card.adaptive"
ERROR: Final = "application/vnd.microsoft.error"
MESSAGE: Final = "application/vnd.microsoft.activity.message"
THANKS: Final = Reply(200)
CLOSED: Final = Reply(200)
UNKNOWN: Final = Reply(501)


def card_reply(card: Card, words: Words, own_view: Sequence[str] | None = None) -> Reply:
    """Return the card that stands in the old one's place, for who pressed; *own_view* as `card_content` has it."""
    return Reply(200, {"statusCode": 200, "type": ADAPTIVE, "value": card_content(card, words, own_view)})


def sentence_reply(sentence: str) -> Reply:
    """Return a sentence shown to who pressed; the card stays as it is."""
    return Reply(200, {"statusCode": 200, "type": MESSAGE, "value": sentence})


def error_reply(status: int, sentence: str) -> Reply:
    """Return that a view cannot be refreshed: the card that stands there stays."""
    value = {"code": str(status), "message": sentence}
    return Reply(200, {"statusCode": status, "type": ERROR, "value": value})


def form_dialog(form: Form, words: Words, complaint: str = "") -> Reply:
    """Return a dialog that asks; *complaint* says why it was refused as it was sent."""
    return _dialog(form.title, form_content(form, words, complaint))


def card_dialog(card: Card, words: Words, elsewhere: str = "") -> Reply:
    """Return a dialog that shows; its buttons are left out: a press in a dialog has no card to replace.

    *elsewhere* says first where they are.
    """
    told = tuple(element for element in card.elements if not isinstance(element, Actions))
    said = (Text(elsewhere),) if elsewhere else ()
    return _dialog(card.title, card_content(replace(card, elements=(*said, *told)), words))


def sentence_dialog(sentence: str) -> Reply:
    """Return a dialog that says one sentence."""
    return Reply(200, {"task": {"type": "message", "value": sentence}})


def _dialog(title: str, content: Json) -> Reply:
    shown = {"contentType": ADAPTIVE, "content": content}
    value = {"title": cut(title, DIALOG_TITLE), "height": "large", "width": "medium", "card": shown}
    return Reply(200, {"task": {"type": "continue", "value": value}})


def refilled(form: Form, values: Values) -> Form:
    """Return a form that shows what was already typed and chosen."""
    return replace(form, elements=tuple(_refilled(element, values) for element in form.elements))


def _refilled(element: FormElement, values: Values) -> FormElement:
    match element:
        case Choice(name=name) if name in values:
            offered = {value for value, _ in element.options}
            return replace(element, chosen=tuple(value for value in values[name] if value in offered))
        case Input(name=name) if name in values:
            return replace(element, value=values[name][0] if values[name] else "")
        case _:
            return element
