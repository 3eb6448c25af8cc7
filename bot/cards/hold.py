"""The form of a legal hold: set it, keep it longer, or release it. What it is about stands on no card (D14)."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.card import Choice, Form, Input, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, options
from bot.cards.buttons import Choices, aimed, button, room_in_menu
from bot.cards.scene import Scene
from bot.domain.hold import HOLD_GROUNDS, review_of
from bot.domain.ticket import Stage, Ticket

#: Days ahead that the form proposes for looking at the hold again.
PROPOSED: Final = 182


def lines(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return the line that says a hold stands, and until when it is not looked at."""
    until = review_of(ticket)
    return (Text(scene.say("card.hold", {"day": scene.day(until)})),) if until else ()


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with those of a hold that stands: ahead of all once its day has come."""
    until = review_of(ticket)
    if until is None:
        return others
    its = button(scene, Verb.HOLD, ticket)
    if until <= scene.today:
        return replace(others, ahead=(its, *others.ahead))
    return replace(others, aside=(*others.aside, its))


def offered(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with the way to set a hold on an open ticket, where the menu has room for it."""
    if ticket.stage is Stage.CLOSED or review_of(ticket) is not None or room_in_menu(others) < 1:
        return others
    return replace(others, aside=(*others.aside, button(scene, Verb.HOLD, ticket)))


def hold_form(scene: Scene, ticket: Ticket) -> Form:
    """Return the form; for a ticket on hold it asks first whether the hold is kept or released."""
    until = review_of(ticket)
    line = scene.say("form.hold.stands", {"day": scene.day(until)}) if until else scene.say("form.hold.line")
    ways = (fields.KEEP_HOLD, fields.RELEASE_HOLD)
    way = () if until is None else (Choice(fields.WAY, scene.say("form.hold.way"), options(scene, "hold_way", ways)),)
    proposed = scene.today + timedelta(days=PROPOSED)
    elements = (
        Text(line),
        *way,
        Choice(
            fields.GROUND,
            scene.say("form.hold.ground"),
            options(scene, "ground.erasure", HOLD_GROUNDS),
            required=until is None,
        ),
        Input(
            fields.WHY,
            scene.say("form.hold.why"),
            hint=scene.say("form.hold.why_hint"),
            required=until is None,
            longest=LONGEST_TEXT,
        ),
        Input(
            fields.REVIEW_ON,
            scene.say("form.hold.review_on"),
            value=proposed.isoformat(),
            hint=scene.say("form.hold.review_hint"),
            required=until is None,
        ),
    )
    return form(scene, "hold", aimed(Verb.HOLD, ticket), elements)
