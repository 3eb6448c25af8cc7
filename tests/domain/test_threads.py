"""A later mail: what is new in it, what waits for it, what it may rest on; no right is ever narrowed by it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.identity import (
    TIER_OF_LINK,
    Doubt,
    Identity,
    IdentityState,
    Method,
    asked_for_more,
    link_pressed,
    proven,
    with_shown,
)
from bot.domain.locking import lock_on, unlock_at
from bot.domain.request import EVERYTHING, ProposedPart, RequestType, Scope, ScopeKind
from bot.domain.system import Operation
from bot.domain.task import Lock, Task, TaskState
from bot.domain.threads import (
    begun,
    covers,
    held,
    later_parts,
    narrows,
    new_rights,
    next_position,
    open_for,
    searches_of,
    settled_regret,
    still_good,
    with_later,
)
from bot.domain.ticket import MAY_TAKE_BACK, Part, Stage
from config.calendar import swedish_calendar
from tests.domain.examples import NOW, part, task, ticket

HOME = Scope(ScopeKind.FIELDS, ("home_address",))
HOME_AND_PHONE = Scope(ScopeKind.FIELDS, ("home_address", "phone"))
NEWS = Scope(ScopeKind.PURPOSES, ("newsletter",))
scopes = st.builds(
    Scope, st.sampled_from(ScopeKind), st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)
)


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        (EVERYTHING, HOME, True),
        (HOME, EVERYTHING, False),
        (HOME_AND_PHONE, HOME, True),
        (HOME, HOME_AND_PHONE, False),
        (HOME, NEWS, False),
        (HOME, HOME, True),
        (HOME, Scope(ScopeKind.FIELDS), False),
    ],
)
def test_a_wish_covers_what_it_holds(wide: Scope, narrow: Scope, does: bool) -> None:
    assert covers(wide, narrow) is does


@given(scopes, scopes, scopes)
def test_what_covers_what_covers_a_third_covers_that_too(one: Scope, two: Scope, three: Scope) -> None:
    assert covers(one, one)
    assert covers(EVERYTHING, one)
    if covers(one, two) and covers(two, three):
        assert covers(one, three)


@given(
    st.lists(st.tuples(st.sampled_from(RequestType), scopes, st.sampled_from(Stage)), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(RequestType), scopes), max_size=4),
)
def test_nothing_asked_is_lost_between_old_parts_and_new(
    there: Sequence[tuple[RequestType, Scope, Stage]], asked: Sequence[tuple[RequestType, Scope]]
) -> None:
    """Whatever is asked is either answered by an open part at least as wide, or new (R6, R9)."""
    parts = [replace(part(kind, n, stage), scope=scope) for n, (kind, scope, stage) in enumerate(there, start=1)]
    old = ticket(*parts)
    wishes = [ProposedPart(kind, scope) for kind, scope in asked]
    new = new_rights(old, wishes)
    for wish in wishes:
        answers = [one for one in old.parts if one.open and one.type is wish.type and covers(one.scope, wish.scope)]
        assert (wish in new) is not bool(answers)
        assert (open_for(old, wish) in answers) is bool(answers)
        if narrows(old, wish):
            assert wish in new


def later(kind: RequestType, ticket_position: int = 2) -> Part:
    return Part("later", ticket_position, kind, NOW)


def test_a_later_part_is_last_and_waits_by_itself() -> None:
    old = ticket(part(RequestType.ERASURE, 1, Stage.DECIDING))
    assert next_position(old) == 2
    new = with_later(old, (later(RequestType.ACCESS),))
    assert [one.id for one in new.parts] == ["part1", "later"]
    assert new.stage is Stage.DECIDING, "the ticket is where its earliest open part is"
    assert later_parts(new) == new.parts[1:]
    assert begun(new)
    fresh = with_later(ticket(part()), (later(RequestType.ACCESS),))
    assert not begun(fresh)
    assert later_parts(fresh) == (), "before work begins all are confirmed together"


@pytest.mark.parametrize("kind", RequestType)
def test_a_copy_asked_for_later_goes_before_an_erasure_not_begun(kind: RequestType) -> None:
    """R6, D3: and no other later right holds the erasure back."""
    old = ticket(part(RequestType.ERASURE, 1, Stage.EXECUTING)).with_task(task(TaskState.READY))
    new = with_later(old, (later(kind),))
    reads = kind in (RequestType.ACCESS, RequestType.PORTABILITY)
    assert new.task("task1").state is (TaskState.LOCKED if reads else TaskState.READY)
    locked = lock_on(new, new.parts[0], new.task("task1"), NOW, swedish_calendar())
    assert locked is (Lock.PACKAGE if reads else None)
    assert unlock_at(new, new.parts[0], swedish_calendar()) is None


def test_a_step_by_hand_waits_too() -> None:
    old = ticket(part(RequestType.ERASURE, 1, Stage.EXECUTING)).with_task(task(TaskState.BY_HAND))
    assert held(old).task("task1").state is TaskState.LOCKED


def test_a_field_to_be_emptied_waits_too() -> None:
    """D2: it is an erasure in everything but name, but no copy goes before it."""
    emptying = replace(task(TaskState.READY, Operation.RECTIFY), irreversible=True)
    old = ticket(part(RequestType.RECTIFICATION, 1, Stage.EXECUTING)).with_task(emptying)
    doubtful = held(replace(old, flags=frozenset({MAY_TAKE_BACK})))
    assert doubtful.task("task1").state is TaskState.LOCKED
    assert lock_on(doubtful, old.parts[0], emptying, NOW, swedish_calendar()) is Lock.REGRET
    assert lock_on(old, old.parts[0], emptying, NOW, swedish_calendar()) is None


@pytest.mark.parametrize("begun_already", [task(TaskState.RUNNING), replace(task(TaskState.READY), writing_since=NOW)])
def test_an_erasure_that_has_begun_is_not_torn_away(begun_already: Task) -> None:
    old = ticket(part(RequestType.ERASURE, 1, Stage.EXECUTING)).with_task(begun_already)
    assert held(old) == old


def test_nothing_is_erased_while_a_mail_may_take_it_back() -> None:
    old = ticket(part(RequestType.ERASURE, 1, Stage.EXECUTING)).with_task(task(TaskState.LOCKED))
    doubtful = replace(old, flags=frozenset({MAY_TAKE_BACK, "other"}))
    assert lock_on(doubtful, old.parts[0], old.task("task1"), NOW, swedish_calendar()) is Lock.REGRET
    settled = settled_regret(doubtful)
    assert settled.flags == {"other"}
    assert lock_on(settled, old.parts[0], old.task("task1"), NOW, swedish_calendar()) is None


def search(part_id: str, settled_days_ago: float | None = None) -> Task:
    settled = None if settled_days_ago is None else NOW - timedelta(days=settled_days_ago)
    state = TaskState.READY if settled is None else TaskState.DONE
    return replace(task(state, Operation.FIND), id=f"find-{part_id}", part_id=part_id, settled_at=settled)


def test_a_part_rests_on_its_own_search_or_on_the_first() -> None:
    old = ticket(part(RequestType.ACCESS, 1), part(RequestType.ERASURE, 2), part(RequestType.PORTABILITY, 3))
    assert searches_of(old, old.parts[0]) == ()
    searched = replace(old, tasks=(search("part1", 3), search("part3", 0)))
    assert searches_of(searched, old.parts[1]) == (search("part1", 3),)
    assert searches_of(searched, old.parts[2]) == (search("part3", 0),)


@pytest.mark.parametrize(("days", "good"), [(None, True), (0, True), (1, True), (1.01, False)])
def test_what_was_found_is_good_for_a_day(days: float | None, good: bool) -> None:
    assert still_good((search("part1", 0.5), search("part2", days)), NOW) is good
    assert not still_good((), NOW)


# --- proof -----------------------------------------------------------------------------------------

AUTHENTICATED = Identity(IdentityState.AUTHENTICATED, 1)
PROVEN = proven(AUTHENTICATED, Method.LINK, NOW)
ASKED = Identity(IdentityState.ASKED, 1)


@pytest.mark.parametrize("earlier", [AUTHENTICATED, PROVEN])
def test_asking_for_more_takes_nothing_away(earlier: Identity) -> None:
    """R12: a part past the question rests on what was shown; the new one needs what is asked."""
    asking = asked_for_more(earlier, 2, (Doubt.SENSITIVE,))
    assert (asking.state, asking.tier, asking.before) == (IdentityState.ASKED, 2, earlier)
    old = replace(ticket(part(RequestType.ACCESS, 1, Stage.REPLYING), later(RequestType.ERASURE)), identity=asking)
    assert old.identity_for(old.parts[0]) is earlier
    assert old.identity_for(old.parts[1]) is asking
    again = asked_for_more(asking, 3, (Doubt.SENSITIVE,))
    assert again.before is earlier, "however often more is asked"
    done = proven(asking, Method.CODE, NOW)
    assert replace(old, identity=done).identity_for(old.parts[0]) is done


def test_nothing_shown_yet_is_nothing_to_rest_on() -> None:
    asking = asked_for_more(ASKED, 2, (Doubt.SENSITIVE,))
    assert asking.before is None
    assert asking.shown is asking
    assert asked_for_more(replace(ASKED, tier=3), 1, ()).tier == 3, "a question is never made easier"


def test_the_link_proves_what_it_proved_before_and_no_more() -> None:
    asking = asked_for_more(AUTHENTICATED, 2, (Doubt.SENSITIVE,))
    pressed = link_pressed(asking, NOW)
    assert pressed.state is IdentityState.ASKED
    assert pressed.link_opened
    assert pressed.shown.state is IdentityState.PROVEN
    assert link_pressed(AUTHENTICATED, NOW).state is IdentityState.PROVEN
    assert link_pressed(replace(ASKED, tier=TIER_OF_LINK), NOW).state is IdentityState.PROVEN
    assert link_pressed(asked_for_more(PROVEN, 2, ()), NOW).before is PROVEN


def test_a_proof_of_what_was_asked_before_leaves_the_question_open() -> None:
    asking = asked_for_more(AUTHENTICATED, 2, (Doubt.SENSITIVE,))
    shown = with_shown(asking, PROVEN)
    assert (shown.state, shown.before) == (IdentityState.ASKED, PROVEN)
    assert with_shown(AUTHENTICATED, PROVEN) is PROVEN
