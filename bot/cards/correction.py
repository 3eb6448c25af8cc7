"""Putting a value right from a chat: which field, and the new value. What stands there now, the page shows (D14)."""

from collections.abc import Sequence

from bot.card import Card, Choice, Form, Input, Link, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_LINE, form
from bot.cards.buttons import Choices, aimed, button
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.ticket import Ticket


def type_value(scene: Scene, ticket: Ticket, offered: Sequence[tuple[str, str]]) -> Form:
    """Return the form. *offered*: value and words of each field that may be written; nothing is filled in."""
    elements = (
        Text(scene.say("form.type_value.read_first")),
        Choice(fields.CORRECTED, scene.say("form.type_value.corrected"), tuple(offered)),
        Input(
            fields.NEW_VALUE,
            scene.say("form.type_value.new_value"),
            hint=scene.say("form.type_value.new_value_hint"),
            longest=LONGEST_LINE,
        ),
    )
    return form(scene, "type_value", aimed(Verb.TYPE_VALUE, ticket), elements)


def values_card(scene: Scene, ticket: Ticket, hint: str, link: Link, *, typed: bool) -> Card:
    """Return the way to the page that shows what stands in the systems, and beside it the form where one is *typed*."""
    title = scene.say("review.link_title", {"ref": ticket.ref})
    typing = Choices((button(scene, Verb.TYPE_VALUE, ticket),) if typed else (), leads=False)
    return Card(title, (Text(hint, muted=True), link, *typing.actions()), aloud(title, hint), ticket.id)


def label(scene: Scene, system: str, name: str, number: int | None) -> str:
    """Return what a field is called; *number*: which of several records on the page, by none of its values."""
    facts = {"system": scene.system(system), "field": name, "n": str(number or "")}
    return scene.say("form.type_value.field" if number is None else "form.type_value.field_of", facts)
