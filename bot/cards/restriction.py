"""Restriction on the cards: since when, when it is looked at again, and the two presses that end it (R38-R40).

Neither the ground nor what ends it stands on a card: in a chat it would be a hint (D14).
"""

from typing import Final

from bot.card import Button, Card, Choice, Form, Input, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_LINE, form, options
from bot.cards.buttons import Choices, aimed, button
from bot.cards.lettering import named
from bot.cards.lists import opener
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.deadline import local_date
from bot.domain.letter import LetterKind, LetterState
from bot.domain.request import RequestType
from bot.domain.restriction import (
    GROUND_SET,
    REVIEW_DAYS,
    Ends,
    Ground,
    Restriction,
    asks_for_ground,
    in_force,
    liftings,
    may_rest,
    told_of_end,
)
from bot.domain.ticket import Ticket

KIND: Final = "restriction"


def lines(scene: Scene, ticket: Ticket, found: Restriction | None) -> tuple[Text, ...]:
    """Return since when the data is restricted, when that is looked at again, and whether its end was announced."""
    if found is None or in_force(ticket) is None:
        return ()
    facts = {"day": scene.day(local_date(found.since)), "review": scene.day(found.review_on)}
    return (Text(scene.say("card.restricted_since", facts), strong=True), *_announced(scene, ticket, found))


def _announced(scene: Scene, ticket: Ticket, found: Restriction) -> tuple[Text, ...]:
    if not told_of_end(ticket) or found.lift_from is None:
        return ()
    if _sent(ticket):
        return (Text(scene.say("card.lift_announced", {"day": scene.day(found.lift_from)})),)
    return (Text(scene.say("card.lift_written", {"letter": named(scene, LetterKind.LIFTING)})),)


def _sent(ticket: Ticket) -> bool:
    return any(one.kind is LetterKind.LIFTING and one.state is LetterState.SENT for one in ticket.letters)


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with the ground before the decision it is for, and what ends a restriction aside."""
    ahead, aside = tuple(others.ahead), tuple(others.aside)
    if asks_for_ground(ticket) is not None:
        ground = button(scene, Verb.CHOOSE_GROUND, ticket)
        ahead, aside = ((ground, *ahead), aside) if GROUND_SET not in ticket.flags else (ahead, (ground, *aside))
    if may_rest(ticket) is not None:
        aside = (*aside, button(scene, Verb.REST_MEANWHILE, ticket))
    return Choices((*_steps(scene, ticket), *ahead), (*aside, *_ending(scene, ticket)), leads=others.leads)


def _steps(scene: Scene, ticket: Ticket) -> tuple[Button, ...]:
    """Return a button for every lift by hand: its part is answered long since, so nothing else offers it."""
    return tuple(
        button(scene, Verb.FINISH_BY_HAND, task, scene.say("button.lift_in", {"system": scene.system(task.system)}))
        for task in liftings(ticket)
        if task.waiting_since is not None
    )


def _ending(scene: Scene, ticket: Ticket) -> tuple[Button, ...]:
    """Return the next press that ends a restriction: tell the person first, then lift."""
    if in_force(ticket) is None or liftings(ticket):
        return ()
    return (button(scene, Verb.LIFT if told_of_end(ticket) else Verb.GIVE_NOTICE, ticket),)


def choose_ground(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that takes the ground of Art. 18(1), what ends it and when it is looked at again."""
    elements = (
        Choice(
            fields.GROUND,
            scene.say("form.choose_ground.ground"),
            options(scene, "form.choose_ground.ground_of", Ground),
        ),
        Choice(fields.ENDS, scene.say("form.choose_ground.ends"), options(scene, "restriction_until", Ends)),
        Input(
            fields.DAYS,
            scene.say("form.choose_ground.days"),
            value=str(REVIEW_DAYS),
            hint=scene.say("form.choose_ground.days_hint"),
            longest=LONGEST_LINE,
        ),
    )
    return form(scene, "choose_ground", aimed(Verb.CHOOSE_GROUND, ticket), elements)


def give_notice(scene: Scene, ticket: Ticket) -> Form:
    """Return the officer's form that has the person told that the restriction will end."""
    elements = (
        Choice(fields.WHY, scene.say("form.give_notice.why"), options(scene, "restriction_until", Ends)),
        Text(scene.say("form.give_notice.hint"), muted=True),
    )
    return form(scene, "give_notice", aimed(Verb.GIVE_NOTICE, ticket), elements)


def review_card(scene: Scene, ticket: Ticket, about: str) -> Card:
    """Return the officer's reminder that a restriction is to be looked at (R38)."""
    said, why = scene.say("reminder.restriction"), scene.say("reminder.why_you_officer")
    title = scene.say("card.title", {"ref": ticket.ref, "stage": scene.say(f"right.{RequestType.RESTRICTION}")})
    acts = Choices((opener(scene, ticket),)).actions()
    return Card(title, (Text(said, strong=True), Text(why, muted=True), *acts), aloud(title, said), about)
