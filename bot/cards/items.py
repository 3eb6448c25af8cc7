"""The quiet daily list: what came in and is no request (D1).

Counts only; the list opens on a review page. The bulk press appears once the list has
been opened (D29), and carries how many it was drawn for, so that what arrives in between
is never dismissed unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.card import Card, CardElement, Press, Text, Verb
from bot.cards.buttons import Choices, pressing
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.ports import IncomingItem


@dataclass(frozen=True, slots=True)
class Beside:
    """What else stands on the list's page: older mail that looks like requests, dismissals that can be taken back."""

    older: int = 0
    dismissed: int = 0


NOTHING: Final = Beside()


def items_card(
    scene: Scene, about: str, items: Sequence[IncomingItem], *, opened: bool, beside: Beside = NOTHING
) -> Card:
    """Return the list *about* ("items:<day>"); *opened* says that somebody has gone through it."""
    title = scene.say("item.title")
    line = (
        scene.say("item.line", {"count": scene.count(len(items), "count.items")}) if items else scene.say("item.none")
    )
    older = scene.count(beside.older, "count.older") if beside.older else ""
    if not items:
        return _nothing_waits(scene, about, line, older, beside)
    look = pressing(scene, Press(Verb.OPEN_ITEM, about, len(items)), scene.say("button.review_list"))
    dismiss = pressing(scene, Press(Verb.DISMISS_ITEMS, about, len(items)))
    choices = Choices((dismiss, look), leads=False) if opened else Choices((look,))
    elements: tuple[CardElement, ...] = (
        Text(line, strong=True),
        *_broken(scene, items),
        *_said(older),
        *choices.actions(),
    )
    return Card(title, elements, aloud(title, line, older), about)


def _nothing_waits(scene: Scene, about: str, line: str, older: str, beside: Beside) -> Card:
    """Return the list with nothing to dismiss; what else stands on its page can still be opened."""
    label = scene.say("button.review_list" if beside.older else "button.review_dismissed")
    look = (pressing(scene, Press(Verb.OPEN_ITEM, about), label),) if beside.older or beside.dismissed else ()
    title = scene.say("item.title")
    choices = Choices(look, leads=bool(beside.older))
    return Card(title, (Text(line), *_said(older), *choices.actions()), aloud(title, line, older), about)


def _said(line: str) -> tuple[Text, ...]:
    return (Text(line),) if line else ()


def _broken(scene: Scene, items: Sequence[IncomingItem]) -> tuple[Text, ...]:
    broken = sum(item.broken for item in items)
    return (Text(scene.count(broken, "count.broken")),) if broken else ()
