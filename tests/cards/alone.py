"""Cards and forms in single-person mode: Maria is everybody, and says yes twice, a day apart (D10)."""

from collections.abc import Iterator
from dataclasses import replace

from bot.card import Card, Form
from bot.cards import decide
from bot.cards.reminders import reminder_card
from bot.cards.retention import review_card
from bot.cards.scene import Scene
from bot.cards.ticket import ticket_card
from bot.domain.people import People
from bot.domain.retention import NoInterestRule
from bot.domain.task import Approval, TaskState
from bot.ports import RetentionReview, ReviewState
from tests.cards import tickets as t
from tests.cards.scenes import MARIA

FIRST = Approval(MARIA.id, t.MONDAY)
BOTH = (FIRST, Approval(MARIA.id, t.MONDAY + t.DAY))
EVERY = frozenset({"hubspot", "office365", "eventbrite", "google_analytics"})
ONE = People((replace(MARIA, owns=EVERY),))
ONCE = replace(
    t.DECIDING,
    handler=MARIA.id,
    tasks=(*t.SEARCHES, *(replace(one, approvals=(FIRST,)) for one in t.erases(TaskState.PROPOSED))),
)
_LOCKED, _WORKING, _DECLINED = t.erases(TaskState.LOCKED)
TWICE = replace(
    t.LOCKED,
    handler=MARIA.id,
    tasks=(
        *t.SEARCHES,
        *t.DONE_EXPORTS,
        replace(_LOCKED, approvals=BOTH),
        replace(_WORKING, approvals=BOTH, state=TaskState.RUNNING),
        replace(_DECLINED, state=TaskState.DECLINED, ground="legal_claims", proposed_by=MARIA.id, declined_by=MARIA.id),
    ),
)
LIST = RetentionReview("review-1", "no_interest", "hubspot", ReviewState.OPENED, t.MONDAY, 212, opened_by=(MARIA.id,))
SAID = (MARIA.id, MARIA.id)
REVIEWS = {
    "once": replace(LIST, approved_by=SAID[:1]),
    "twice": replace(LIST, approved_by=SAID, state=ReviewState.APPROVED, done=40),
    "done": replace(LIST, approved_by=SAID, state=ReviewState.DONE, done=212),
}


def alone_in(here: Scene, days: int = 0) -> Scene:
    """Return the surroundings of a card in a company of one, *days* later."""
    return replace(here, people=ONE, single=True, now=here.now + days * t.DAY)


def cards_of(here: Scene) -> Iterator[tuple[str, Card]]:
    """Yield the cards by name."""
    first, later = alone_in(here), alone_in(here, 1)
    yield "alone_once", ticket_card(first, ONCE)
    yield "alone_open", ticket_card(later, ONCE)
    yield "alone_twice", ticket_card(later, TWICE)
    yield "alone_reminder", reminder_card(later, ONCE, "alone", ONE.colleagues[0], "reminder:alone:ticket-1:2026-03-10")
    for name, review in REVIEWS.items():
        yield f"alone_review_{name}", review_card(later, review, NoInterestRule(months=24))


def forms_of(here: Scene) -> Iterator[tuple[str, Form]]:
    """Yield the form of the second yes."""
    yield "decide_alone", decide.decide(alone_in(here, 1), ONCE, ONE.colleagues[0])
