"""Card -> one Slack message or modal page; Form -> one modal.

A card is never too long for Slack: what people act with (buttons, links, fields) stays,
and a plain sentence stands where other parts were left out. The notification line is
the only text Slack reads as markup, so `escaped` is the one place that escapes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from bot.card import Card, CardElement, Form, FormElement, Steps
from handlers.slack import limits
from handlers.slack.elements import ACTED_WITH, Frame, Words, context, drawn, header, paragraph, plain
from handlers.slack.values import CARD_VIEW, FORM_VIEW, HOME_VIEW, OVER_HOME, metadata

Json = dict[str, Any]
PRODUCT: Final = "Privacy Desk"


@dataclass(frozen=True, slots=True)
class Message:
    """What a message shows (`blocks`) and what is read aloud and stands in notifications (`text`, escaped)."""

    text: str
    blocks: Sequence[Json]


def escaped(text: str) -> str:
    """Return *text* so that Slack reads no mention, link or entity in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message(card: Card, words: Words) -> Message:
    """Return a card as one message within every limit."""
    spoken = [card.spoken, *(e.spoken for e in card.elements if isinstance(e, Steps) and e.spoken not in card.spoken)]
    text = escaped(limits.cut(" ".join(part for part in spoken if part) or card.title, limits.FALLBACK_TEXT))
    blocks = _page(card.title, card.elements, words)
    return Message(text, _fitted(blocks, limits.MESSAGE_BLOCKS, limits.MESSAGE_CHARACTERS, words))


def note(sentence: str) -> Message:
    """Return one sentence as a message."""
    return Message(escaped(limits.cut(sentence, limits.FALLBACK_TEXT)), [paragraph(sentence)])


def form_view(form: Form, channel: str, words: Words) -> Json:
    """Return a form as a modal; *channel* is where it was opened ("" for a private place)."""
    frame = Frame(form.title, words, count())
    blocks = [block for element in form.elements for block in drawn(element, frame)]
    if len(form.title) > limits.VIEW_TITLE or not blocks:
        blocks.insert(0, header(form.title))
    return {
        **_modal(FORM_VIEW, form.title, form.cancel, blocks, words),
        "submit": plain(form.submit, limits.VIEW_BUTTON),
        "private_metadata": metadata(form.press, channel),
    }


def card_view(card: Card, words: Words, *, over_home: bool = False) -> Json:
    """Return a card as a modal page, for who stands in a modal; it remembers when App Home lies below."""
    view = _modal(CARD_VIEW, PRODUCT, words.close, _page(card.title, card.elements, words), words)
    return {**view, "private_metadata": OVER_HOME} if over_home else view


def note_view(sentence: str, words: Words) -> Json:
    """Return one sentence as a modal page."""
    return _modal(CARD_VIEW, PRODUCT, words.close, [paragraph(sentence)], words)


def home_view(card: Card, words: Words) -> Json:
    """Return a card as a person's page in Slack."""
    blocks = _fitted(_page(card.title, card.elements, words), limits.VIEW_BLOCKS, None, words)
    return {"type": "home", "callback_id": HOME_VIEW, "blocks": blocks}


def home_note(sentence: str) -> Json:
    """Return one sentence as a person's page in Slack."""
    return {"type": "home", "callback_id": HOME_VIEW, "blocks": [paragraph(sentence)]}


def _modal(name: str, title: str, close: str, blocks: list[Json], words: Words) -> Json:
    return {
        "type": "modal",
        "callback_id": name,
        "title": plain(title, limits.VIEW_TITLE),
        "close": plain(close, limits.VIEW_BUTTON),
        "blocks": _fitted(blocks, limits.VIEW_BLOCKS, None, words),
    }


def _page(title: str, elements: Sequence[CardElement | FormElement], words: Words) -> list[Json]:
    frame = Frame(title, words, count())
    return [header(title), *(block for element in elements for block in drawn(element, frame))]


def _fitted(blocks: list[Json], most: int, characters: int | None, words: Words) -> list[Json]:
    """Return the blocks within *most* and *characters*; where some had to go stands a sentence."""
    shown = [(block, block["type"] in ACTED_WITH) for block in blocks]
    if len(shown) <= most and _fits(sum(map(_length, (json for json, _ in shown))), characters):
        return [json for json, _ in shown]
    sentence = context(words.rest_left_out)
    acted_with = [json for json, acts in shown if acts][: most - 2]
    room = most - 1 - len(acted_with)
    length = sum(map(_length, [sentence, *acted_with]))
    fitted: list[Json] = []
    kept, left_out = 0, False
    for json_block, acts in shown:
        if acts:
            kept += 1
            if kept <= len(acted_with):
                fitted.append(json_block)
        elif not left_out and room and _fits(length + _length(json_block), characters):
            fitted.append(json_block)
            room, length = room - 1, length + _length(json_block)
        elif not left_out:
            fitted.append(sentence)
            left_out = True
    return fitted if left_out else [*fitted, sentence]


def _fits(length: int, characters: int | None) -> bool:
    return characters is None or length <= characters


def _length(block: Json) -> int:
    return len(json.dumps(block, ensure_ascii=False))
