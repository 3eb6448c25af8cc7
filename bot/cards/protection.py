"""What stands on an officer's card of a protected person: hide the address first, whatever the stage (D12)."""

from typing import Final

from bot.card import Text, Verb
from bot.cards.buttons import Choices, button
from bot.cards.scene import Scene
from bot.domain.protection import hidings
from bot.domain.ticket import Ticket

#: Buttons shown at a time; as one is done the next one comes.
AT_ONCE: Final = 2


def lines(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return what must be done at once, and where."""
    systems = [scene.system(task.system) for task in hidings(ticket)]
    if not systems:
        return ()
    facts = {"systems": scene.texts.together(scene.language, systems)}
    return (Text(scene.say("card.hide_now", facts), strong=True),)


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with the addresses to hide before everything but reading."""
    steps = tuple(
        button(scene, Verb.FINISH_BY_HAND, task, scene.say("button.hide_in", {"system": scene.system(task.system)}))
        for task in hidings(ticket)[:AT_ONCE]
    )
    if not steps:
        return others
    first = others.ahead[:1]
    return Choices((*first, *steps), (*others.ahead[1:], *others.aside), leads=others.leads)
