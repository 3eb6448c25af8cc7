"""The one card of a burst: how many new requests wait, what they ask, which day comes first (D36).

Counts and dates only, however many there are; the list opens on a review page. A ticket
leaves the numbers when it is confirmed or set aside, so the card empties itself.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bot.card import Card, Facts, Press, Text, Verb
from bot.cards.buttons import Choices, pressing
from bot.cards.lists import by_target, openers
from bot.cards.progress import aloud, clock, left_to
from bot.cards.proposal import BROKEN, SCOPE_LIMITED, UNSURE_READING, risky
from bot.cards.scene import Scene
from bot.domain.request import RequestType, Route
from bot.domain.ticket import Ticket

#: A proposal with one of these may not be confirmed by its numbers: somebody reads the mail first.
UNSURE: Final = frozenset({UNSURE_READING, BROKEN, SCOPE_LIMITED})


def burst_card(scene: Scene, tickets: Sequence[Ticket], about: str) -> Card:
    """Return the card *about* ("burst:<id>") of the tickets that still wait to be gone through."""
    if not tickets:
        title, said = scene.say("burst.title_done"), scene.say("burst.done")
        return Card(title, (Text(said),), aloud(title, said), about)
    ordered = by_target(scene, tickets)
    title = scene.count(len(ordered), "count.new_requests")
    days = clock(scene, ordered[0])
    target = min(clock(scene, one).safe_target for one in ordered)
    first = scene.say(
        "burst.first_days",
        {"target": scene.day(target), "left": left_to(scene, target), "last": scene.day(days.last_day)},
    )
    reading = sum(reads_first(one) for one in ordered)
    pairs = (
        *_asked(scene, ordered),
        (scene.say("burst.read_first"), scene.texts.number(scene.language, reading)),
        (scene.say("burst.first"), first),
    )
    look = pressing(scene, Press(Verb.OPEN_ITEM, about, len(ordered)), scene.say("button.review_list"))
    said = scene.say("burst.line")
    choices = Choices((look,), openers(scene, ordered))
    return Card(
        title,
        (Text(said), Facts(pairs), *choices.actions()),
        aloud(title, said, f"{scene.say('burst.first')} {first}"),
        about,
    )


def reads_first(ticket: Ticket) -> bool:
    """Whether somebody should read the mail before confirming anything."""
    return risky(ticket) or ticket.unsure_clock or bool(UNSURE & ticket.flags) or ticket.route is Route.HUMAN_REVIEW


def _asked(scene: Scene, tickets: Sequence[Ticket]) -> tuple[tuple[str, str], ...]:
    """Return how many ask for each right, in the order of the law; a ticket that asks for two counts in both."""
    asked = Counter(part.type for ticket in tickets for part in ticket.parts)
    return tuple(
        (scene.say(f"right.{right}"), scene.texts.number(scene.language, asked[right]))
        for right in RequestType
        if asked[right]
    )
