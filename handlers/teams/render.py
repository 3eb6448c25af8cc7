"""Card -> one Adaptive Card; Form -> the card of a dialog; a sentence -> a card.

What comes back from a form is read by `fields.answers`. A card is never too big for
Teams: what people act with (buttons, links, fields) stays, and a plain sentence stands
where other parts were left out. A dialog's title is given beside its card (a form's
`title`), and its own × is the way out, so a form's `cancel` is not drawn.
"""

from collections.abc import Sequence
from typing import Final

from bot.card import Card, Form, Steps
from handlers.teams import fields
from handlers.teams.elements import Json, Words, drawn, heading, line, refresh, run
from handlers.teams.limits import BUTTON_TEXT, CARD_BYTES, FALLBACK_TEXT, REFRESHED_FOR, cut, fits, size
from handlers.teams.literal import lookalike

__all__ = ["Json", "Words", "card_content", "form_content", "note_content", "summary"]

VERSION: Final = "1.5"


def card_content(card: Card, words: Words, refresh_for: Sequence[str] | None = None) -> Json:
    """Return a card; those in *refresh_for* (Teams' own ids, at most 60 count) ask for a view of their own.

    Nobody does without it; with none named everybody does, where at most 60 read.
    """
    frame = _frame(summary(card))
    frame["lang"] = words.language.value
    if refresh_for is not None and card.about:
        frame["refresh"] = refresh(card.about, refresh_for[:REFRESHED_FOR], words)
    body = [heading(card.title), *(json for element in card.elements for json in drawn(element, card.title))]
    return _fitted(frame, body, words)


def form_content(form: Form, words: Words, complaint: str = "") -> Json:
    """Return a form; *complaint* says why it was refused as it was sent."""
    frame = _frame(form.title)
    frame["lang"] = words.language.value
    sent = {fields.SUBMIT: form.press.pack(), fields.ASKED: fields.asked(form)}
    send = {"type": "Action.Submit", "title": cut(form.submit, BUTTON_TEXT), "style": "positive", "data": sent}
    frame["actions"] = [send]
    body = [json for element in form.elements for json in fields.drawn(element, words)]
    if complaint:
        body.insert(0, {**line([run(complaint, strong=True)]), "id": "complaint"})
    return _fitted(frame, body or [line([run(form.title)])], words)


def note_content(sentence: str) -> Json:
    """Return one sentence as a card."""
    return {**_frame(sentence), "body": [line([run(sentence)])]}


def summary(card: Card) -> str:
    """Return what is read aloud and stands in notifications: plain text."""
    spoken = [card.spoken, *(e.spoken for e in card.elements if isinstance(e, Steps) and e.spoken not in card.spoken)]
    return cut(" ".join(part for part in spoken if part) or card.title, FALLBACK_TEXT)


def _frame(spoken: str) -> Json:
    """Return a card without a body; what stands for it elsewhere may be read as markup, in sight or aloud."""
    spoken = lookalike(cut(spoken, FALLBACK_TEXT))
    return {"type": "AdaptiveCard", "version": VERSION, "speak": spoken, "fallbackText": spoken, "body": []}


def _fitted(frame: Json, body: list[Json], words: Words) -> Json:
    """Return the card with as much of its body as fits; where some had to go stands a sentence."""
    whole = {**frame, "body": body}
    if fits(whole):
        return whole
    sentence = line([run(words.rest_left_out, muted=True)])
    room = CARD_BYTES - size({**frame, "body": [sentence]})
    kept = set()
    for acting in (True, False):
        for at, part in enumerate(body):
            if _acted_with(part) is acting:
                room -= size(part) + len(", ") * 2
                if room < 0:
                    break
                kept.add(at)
    gone = next(at for at in range(len(body)) if at not in kept)
    fitted = [part for at, part in enumerate(body) if at in kept]
    fitted.insert(sum(at < gone for at in kept), sentence)
    return {**frame, "body": fitted}


def _acted_with(part: Json) -> bool:
    return str(part["type"]).startswith(("ActionSet", "Input."))
