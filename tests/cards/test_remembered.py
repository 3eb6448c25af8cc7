"""What is worked out once is nobody else's, and no older than a look: language, people, rights and day are each look's.

A scene remembers whom a ticket waits for (`waits`); the texts remember how a day is written, the clock how days count.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cards.scene import Scene
from bot.cards.ticket import ticket_card
from bot.cards.wait import For
from bot.cards.waiting import waits, who
from bot.domain.people import Duty, People
from bot.domain.request import Language
from bot.domain.ticket import Ticket
from tests.cards import tickets as t
from tests.cards.scenes import MARIA, PEOPLE, SARA, TEXTS, scene
from tests.cards.test_rules import strings

BEFORE = {
    "in winter": datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC),
    "in summer": datetime(2026, 8, 31, 21, 59, 59, tzinfo=UTC),
}
SECOND = timedelta(seconds=1)


def test_a_look_is_answered_from_what_it_worked_out_itself() -> None:
    """Also where the same ticket is shown to one colleague after another."""
    swedish, english = scene(Language.SV), scene(Language.EN)
    for _ in range(2):
        assert who(swedish, t.VERIFYING) == TEXTS.say(Language.SV, "card.waiting_for_person")
        assert who(english, t.VERIFYING) == TEXTS.say(Language.EN, "card.waiting_for_person")
    assert waits(swedish, t.VERIFYING) is waits(swedish, t.VERIFYING)
    assert waits(swedish, t.VERIFYING) is not waits(english, t.VERIFYING)


def test_a_look_made_of_another_remembers_nothing_of_it() -> None:
    told = scene()
    waits(told, t.VERIFYING)
    assert told.waited
    assert not replace(told, language=Language.EN).waited


def test_a_ticket_that_moved_on_is_another_and_takes_no_others_place() -> None:
    """Identity is by the value that is held: a number that Python gives out again stands for no other ticket."""
    look = scene()
    seen = {id(one): waits(look, one) for one in (replace(t.DECIDING, version=n) for n in range(200))}
    assert len(seen) == len(look.waited) == 200
    assert [wait.what for wait in waits(look, t.HOLD_DUE)] == [For.HOLD]
    assert waits(look, t.HELD) == ()


def test_who_came_or_went_is_waited_for_from_the_next_look_on() -> None:
    officers = {one.id for wait in waits(scene(), t.HOLD_DUE) for one in wait.colleagues}
    assert officers == {MARIA.id}
    others = tuple(one for one in PEOPLE.colleagues if one.id not in {MARIA.id, SARA.id})
    changed = People((*others, replace(SARA, duties=frozenset({Duty.OFFICER}))), PEOPLE.rota)
    after = waits(replace(scene(), people=changed), t.HOLD_DUE)
    assert [one.id for wait in after for one in wait.colleagues] == [SARA.id]


@pytest.mark.parametrize("season", BEFORE)
def test_at_midnight_in_stockholm_another_day_is_shown(season: str) -> None:
    """Not at midnight of UTC, which is an hour later in winter and two in summer (C1)."""
    before = BEFORE[season]
    day = (before + timedelta(hours=12)).date()
    held = replace(t.HELD, flags=frozenset({f"hold:{day}"}))
    assert waits(scene(now=before), held) == ()
    assert [wait.what for wait in waits(scene(now=before + SECOND), held)] == [For.HOLD]


def test_days_left_are_counted_from_each_looks_own_day() -> None:
    """The clock remembers how many working days lie between two days, never between a day and now."""
    eve = datetime(2026, 3, 9, 22, 59, 59, tzinfo=UTC)
    cards = [ticket_card(scene(now=now), t.DECIDING) for now in (eve, eve + SECOND, eve)]
    first, second, again = ("\n".join(strings(card)) for card in cards)
    assert first == again
    assert "(18 arbetsdagar kvar)" in first
    assert "(17 arbetsdagar kvar)" in second


def test_a_day_far_off_is_written_with_its_year_whatever_was_written_before() -> None:
    near, far = scene(now=datetime(2026, 3, 9, 9, tzinfo=UTC)), scene(now=datetime(2027, 3, 9, 9, tzinfo=UTC))
    day = date(2026, 4, 2)
    assert [look.day(day) for look in (near, far, near)] == ["tors 2 april", "tors 2 april 2026", "tors 2 april"]
    assert scene(Language.EN).day(day) != near.day(day)


@pytest.mark.parametrize("ticket", [t.BREACH, t.DECIDING], ids=["an incident", "a decision"])
def test_what_is_the_officers_alone_is_never_shown_to_who_looks_next(ticket: Ticket) -> None:
    def drawn(look: Scene, *, officer: bool) -> str:
        return "\n".join(strings(ticket_card(look, ticket, for_officer=officer)))

    alone = {officer: drawn(scene(), officer=officer) for officer in (True, False)}
    look = scene()
    for officer in (True, False, True, False):
        assert drawn(look, officer=officer) == alone[officer]
