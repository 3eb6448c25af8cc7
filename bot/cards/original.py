"""The duty to remove the chat message a ticket was made from, as every card of the ticket shows it (D17).

It says that there is a message and who is to remove it, never what it said. Where it is, is shown to them alone.
"""

from dataclasses import replace

from bot.card import Card, CardElement, Link, Text, Verb
from bot.cards.buttons import Choices, button
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.original import original_with
from bot.domain.ticket import Ticket
from bot.domain.unfetched import unfetched


def original_line(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return "Originalmeddelandet i chatten ska tas bort av Sara.", as long as it is so."""
    who = original_with(ticket)
    return (Text(scene.say("card.original", {"who": scene.name(who)})),) if who else ()


def lacking_line(scene: Scene, ticket: Ticket) -> str:
    """Return what to do before the message is removed, where not all of it is here; "" when all is."""
    lacks = unfetched(ticket.flags)
    return scene.say(f"card.unfetched.{lacks}") if lacks is not None else ""


def lead(scene: Scene, link: str) -> tuple[Link, ...]:
    """Return the way to the message, if there is one: an opaque id that only members of its channel can follow."""
    return (Link(scene.say("card.taken_link"), link),) if link else ()


def with_original(scene: Scene, ticket: Ticket, choices: Choices) -> Choices:
    """Return the choices and, aside, the button that says the original is gone."""
    if not original_with(ticket):
        return choices
    return replace(choices, aside=(*choices.aside, button(scene, Verb.ORIGINAL_REMOVED, ticket)))


def taken_card(scene: Scene, ticket: Ticket, link: str, *, changeable: bool = True) -> Card:
    """Return the private answer to who made the ticket of a message: what to say next, and what to remove."""
    title = scene.say("card.received_card.title", {"ref": ticket.ref})
    said = scene.say("card.taken")
    about = scene.say("card.taken_about_whom" if changeable else "card.officer_only")
    remove = scene.say("card.taken_remove")
    acts = (button(scene, Verb.CHANGE, ticket), button(scene, Verb.REVIEW, ticket)) if changeable else ()
    choices = with_original(scene, ticket, Choices(acts))
    lacking = lacking_line(scene, ticket)
    lines = tuple(Text(line) for line in (about, lacking, remove) if line)
    elements: tuple[CardElement, ...] = (Text(said, strong=True), *lines, *lead(scene, link), *choices.actions())
    return Card(title, elements, aloud(title, said, about, lacking, remove), ticket.id)
