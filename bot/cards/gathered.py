"""Many reminders of one kind on one morning, as one message to who is on call (D36).

Each ticket is still reminded of in the ledger, and its handler and the owners it waits
for still get theirs; only the officer on call is spared a thousand alike.
"""

from collections.abc import Sequence

from bot.card import Card, Text
from bot.cards.buttons import Choices
from bot.cards.lists import OPENABLE, by_target, openers, ticket_table
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket


def gathered_card(scene: Scene, kind: str, tickets: Sequence[Ticket], reader: Colleague, about: str) -> Card:
    """Return the reminder of *kind* ("deadline", "unconfirmed" or "unpressed") for all tickets that call for it."""
    ordered = by_target(scene, tickets)
    if not ordered:
        title, said = scene.say("gathered.title_done"), scene.say("gathered.done")
        return Card(title, (Text(said),), aloud(title, said), about)
    title = scene.say(f"gathered.{kind}", {"count": scene.count(len(ordered), "count.tickets")})
    said = scene.say("gathered.line")
    table = ticket_table(scene, ordered[:OPENABLE], for_officer=reader.is_officer)
    choices = Choices(openers(scene, ordered, for_officer=reader.is_officer), leads=False)
    return Card(title, (Text(said), table, *choices.actions()), aloud(title, said), about)
