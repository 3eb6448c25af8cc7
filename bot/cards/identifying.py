"""Cookie data (Art. 11): that the person's id is waited for, and the form it is noted in.

The id itself is typed here and shown nowhere in a chat (D14): the field is never prefilled, and what was
noted stands on the review page with whatever else the person is known by.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.card import Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, options
from bot.cards.buttons import Choices, aimed, button
from bot.cards.scene import Scene
from bot.cards.special import waited
from bot.domain.roads import awaits_id, overdue, reply_by
from bot.domain.ticket import Ticket


def lines(scene: Scene, ticket: Ticket) -> Iterator[Text]:
    """Say until when the id is waited for, or that the reply is to be read for it; no word of what it is for."""
    if awaits_id(ticket):
        yield Text(waited(scene, ticket) or scene.say("card.id_to_note"))


def choices(scene: Scene, ticket: Ticket, found: Choices) -> Choices:
    """Return the choices with the form for the id: first once there is a reply to take it from, else after the rest."""
    if not awaits_id(ticket):
        return found
    note = button(scene, Verb.NOTE_ID, ticket)
    if reply_by(ticket) is None or overdue(ticket, scene.today):
        return replace(found, ahead=(note, *found.ahead), leads=True)
    return replace(found, ahead=(*found.ahead, note), leads=found.leads and bool(found.ahead))


def note_form(scene: Scene, ticket: Ticket) -> Form:
    """Return the form: what the person sent, as they sent it, or that they have none."""
    elements: tuple[FormElement, ...] = (
        Text(scene.say("form.note_id.preview")),
        Choice(
            fields.WAY,
            scene.say("form.note_id.way"),
            options(scene, "form.note_id", (fields.WITH_ID, fields.WITHOUT_ID)),
            (fields.WITH_ID,),
        ),
        Input(
            fields.COOKIE,
            scene.say("form.note_id.cookie"),
            InputKind.PROSE,
            required=False,
            hint=scene.say("form.note_id.cookie_hint"),
            longest=LONGEST_TEXT,
        ),
    )
    return form(scene, "note_id", aimed(Verb.NOTE_ID, ticket), elements)
