"""The quiet daily list: what came in and is no request (D1).

Counts only; the list opens on a review page. The bulk press appears once the list has
been opened (D29), and carries how many it was drawn for, so that what arrives in between
is never dismissed unseen.
"""

from collections.abc import Sequence

from bot.card import Card, CardElement, Press, Text, Verb
from bot.cards.buttons import Choices, pressing
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.ports import IncomingItem


def items_card(scene: Scene, about: str, items: Sequence[IncomingItem], *, opened: bool) -> Card:
    """Return the list *about* ("items:<day>"); *opened* says that somebody has gone through it."""
    title = scene.say("item.title")
    if not items:
        said = scene.say("item.none")
        return Card(title, (Text(said),), aloud(title, said), about)
    line = scene.say("item.line", {"count": scene.count(len(items), "count.items")})
    look = pressing(scene, Press(Verb.OPEN_ITEM, about, len(items)), scene.say("button.review_list"))
    dismiss = pressing(scene, Press(Verb.DISMISS_ITEMS, about, len(items)))
    choices = Choices((dismiss, look), leads=False) if opened else Choices((look,))
    elements: tuple[CardElement, ...] = (Text(line, strong=True), *_broken(scene, items), *choices.actions())
    return Card(title, elements, aloud(title, line), about)


def _broken(scene: Scene, items: Sequence[IncomingItem]) -> tuple[Text, ...]:
    broken = sum(item.broken for item in items)
    return (Text(scene.count(broken, "count.broken")),) if broken else ()
