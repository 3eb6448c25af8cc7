"""The January cards: one for whoever has copies only they can look through, one for who is on call (D18).

No desk opens a colleague's own mailbox, so the card says whose time is over by its year
and takes its reader's word. It names nobody: who the copies are about, only their holder sees.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.card import Card, Text, Verb
from bot.cards.buttons import Choices, aimed, button, pressing
from bot.cards.progress import aloud
from bot.cards.scene import Scene, dotted
from bot.domain.deadline import local_date
from bot.domain.errors import NotFound
from bot.domain.people import People
from bot.ports import RetentionReview, ReviewState

#: The name of the rule under which these reviews lie.
OWN_COPIES: Final = "own_copies"
#: Every chat's menu takes so many; the next stand there once these are settled.
SETTLED_AT_ONCE: Final = 5


def owner_of(review: RetentionReview) -> str:
    """Return the id of whose copies they are: the card lies open with them from the start."""
    return review.opened_by[0]


def year_of(review: RetentionReview) -> int:
    """Return the year it was asked in (Sweden)."""
    return local_date(review.started_at).year


def still_here(people: People, colleague_id: str) -> bool:
    """Whether they are still a colleague."""
    try:
        people.by_id(colleague_id)
    except NotFound:
        return False
    return True


def clearing_card(scene: Scene, review: RetentionReview, years_after: int, about: str) -> Card:
    """Return the card before whoever owns the system; *years_after*: calendar years kept after the latest (P75)."""
    facts = {"system": scene.system(review.system), "year": str(year_of(review))}
    title = scene.say("clearing.title", facts)
    if review.state is ReviewState.DONE:
        ended = scene.say("clearing.done", {"who": scene.names(review.approved_by)})
        said = ended if review.approved_by else scene.say("clearing.lapsed")
        return Card(title, (Text(said),), aloud(title, said), about)
    places = scene.word(review.system, "clearing.places") or scene.say("clearing.places", facts)
    last = str(year_of(review) - years_after - 1)
    what = scene.say("clearing.what", {"places": places, "last": last})
    lines = (
        Text(what, strong=True),
        Text(scene.say("clearing.managers")),
        Text(scene.say("clearing.kept")),
        Text(scene.say("clearing.rule", {"years": scene.count(years_after, "count.years")}), muted=True),
    )
    choices = Choices((button(scene, Verb.CLEARED, review),))
    return Card(title, (*lines, *choices.actions()), aloud(title, what), about)


def uncleared_card(scene: Scene, reviews: Sequence[RetentionReview], about: str) -> Card:
    """Return what is not done after its January, for who is on call. Who has left cannot say it: an officer does."""
    late = [review for review in reviews if is_late(review, scene.today)]
    title = scene.say("clearing.late_title")
    said = scene.say("clearing.late" if late else "clearing.none_late")
    left = [review for review in late if not still_here(scene.people, owner_of(review))]
    labels = [scene.say("clearing.instead", {"which": _which(scene, review)}) for review in left]
    instead = [pressing(scene, aimed(Verb.CLEARED, one), label) for one, label in zip(left, labels, strict=True)]
    hint = (Text(scene.say("clearing.left"), muted=True),) if left else ()
    lines = tuple(Text(dotted(scene.name(owner_of(review)), _which(scene, review))) for review in late)
    choices = Choices(aside=instead[:SETTLED_AT_ONCE])
    return Card(title, (Text(said), *lines, *hint, *choices.actions()), aloud(title, said), about)


def is_late(review: RetentionReview, today: date) -> bool:
    """Whether the January in which it was to be done is over."""
    return today > date(year_of(review), 1, 31)


def _which(scene: Scene, review: RetentionReview) -> str:
    return f"{scene.system(review.system)} {year_of(review)}"
