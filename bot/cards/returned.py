"""A letter that came back: the card says so first, whatever the stage, and asks what is to be done about it."""

from collections.abc import Sequence
from typing import Final

from bot.card import Button, Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form
from bot.cards.buttons import Choices, aimed, button
from bot.cards.lettering import named, short
from bot.cards.scene import Scene
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.ticket import Ticket

MANY_MAILS: Final = "many_mails"


def came_back(ticket: Ticket) -> tuple[Letter, ...]:
    """Return the letters that came back and that nobody has seen to."""
    return tuple(letter for letter in ticket.letters if letter.state is LetterState.RETURNED)


def lines(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return what the card says first: which letter reached nobody, and that many mails came."""
    back = (Text(scene.say("card.returned", _facts(scene, letter)), strong=True) for letter in came_back(ticket))
    many = (Text(scene.say("card.many_mails")),) if MANY_MAILS in ticket.flags else ()
    return (*back, *many)


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with the letters that came back before everything else."""
    back = tuple(settle_button(scene, letter) for letter in came_back(ticket))
    return Choices((*back, *others.ahead), others.aside, leads=bool(back) or others.leads) if back else others


def settle_button(scene: Scene, letter: Letter) -> Button:
    """Return the button that sees to a letter that came back."""
    label = scene.say("button.settle_returned_named", {"letter": short(scene, letter.kind)})
    return button(scene, Verb.SETTLE_RETURNED, letter, label)


def settle_form(scene: Scene, letter: Letter, package: Sequence[FormElement] = ()) -> Form:
    """Return the form: send again, reached in another way, or not to be reached. No address is shown (D14).

    *package*: what is said and asked before one goes out once more.
    """
    again = () if letter.kind is LetterKind.CODE else (fields.SEND_AGAIN,)  # a code has run out by now
    ways = (*again, fields.REACHED, fields.UNREACHED)
    elements = (
        Text(scene.say("card.returned", _facts(scene, letter))),
        Text(scene.say("form.settle_returned.hint"), muted=True),
        Choice(
            fields.WAY,
            scene.say("form.settle_returned.way"),
            tuple((way, scene.say(f"form.settle_returned.{way}")) for way in ways),
        ),
        *package,
        Input(
            fields.NOTE,
            scene.say("form.settle_returned.note"),
            InputKind.PROSE,
            required=False,
            hint=scene.say("form.settle_returned.note_hint"),
            longest=LONGEST_TEXT,
        ),
    )
    return form(scene, "settle_returned", aimed(Verb.SETTLE_RETURNED, letter), elements)


def _facts(scene: Scene, letter: Letter) -> dict[str, str]:
    sent = scene.on(letter.sent_at) if letter.sent_at else scene.say("word.unknown_day")
    return {"letter": named(scene, letter.kind), "day": sent}
