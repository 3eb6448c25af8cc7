"""The duty to remove the chat message a ticket was made from, as every card of the ticket shows it (D17).

It says that there is a message and who is to remove it, never what it said or where.
"""

from dataclasses import replace

from bot.card import Text, Verb
from bot.cards.buttons import Choices, button
from bot.cards.scene import Scene
from bot.domain.original import original_with
from bot.domain.ticket import Ticket


def original_line(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return "Originalmeddelandet i chatten ska tas bort av Sara.", as long as it is so."""
    who = original_with(ticket)
    return (Text(scene.say("card.original", {"who": scene.name(who)})),) if who else ()


def with_original(scene: Scene, ticket: Ticket, choices: Choices) -> Choices:
    """Return the choices and, aside, the button that says the original is gone."""
    if not original_with(ticket):
        return choices
    return replace(choices, aside=(*choices.aside, button(scene, Verb.ORIGINAL_REMOVED, ticket)))
