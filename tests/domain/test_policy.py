"""What follows from a right: plans, four eyes, grounds, and what an erasure waits for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.correcting import empties_fields
from bot.domain.deadline import end_of
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.identity import IdentityState
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.locking import PACKAGE_GRACE, lock_on, unlock_at
from bot.domain.optout import NOT_COVERED
from bot.domain.people import Colleague
from bot.domain.policy import (
    GROUNDS,
    NOT_KNOWN_BY,
    OFFICER_ONLY,
    OPERATION_FOR,
    approve,
    decline,
    grounds_of,
    officer_only,
    operation_for,
    plan,
    plan_search,
    propose_decline,
    refused_by_hand,
    released,
    unlocked,
)
from bot.domain.request import OPT_OUTS, Language, RequestType, Role, Scope, ScopeKind
from bot.domain.system import IdentifierKind, Mode, Operation, absent, automatic, manual
from bot.domain.task import Lock, Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket
from bot.i18n import Texts
from config.calendar import swedish_calendar
from config.texts import load_catalogue
from tests.domain.examples import (
    ANALYTICS,
    BO,
    EVA,
    EVENTBRITE,
    HUBSPOT,
    HUGO,
    KARIN,
    NOW,
    SARA,
    STREET,
    VERA,
    ids,
    manifest,
    part,
    task,
    ticket,
)

CALENDAR = swedish_calendar()
EMAIL = {IdentifierKind.EMAIL}


def searched(*, hubspot: TaskState = TaskState.DONE, eventbrite: TaskState = TaskState.DONE) -> tuple[Task, ...]:
    states = {"hubspot": hubspot, "eventbrite": eventbrite, "office365": TaskState.NOT_HELD}
    found = plan_search(part(), STREET, EMAIL, ids(), NOW)
    return tuple(replace(one, state=states.get(one.system, one.state), found={"contact": 1}) for one in found)


def test_every_right_has_its_operation_and_its_grounds() -> None:
    assert set(OPERATION_FOR) == set(GROUNDS) == set(RequestType)


@pytest.mark.parametrize("right", [RequestType.ACCESS, RequestType.ERASURE])
def test_beside_what_is_not_ours_a_colleague_takes_out_and_erases(right: RequestType) -> None:
    """P5: what a contract governs is left, and no program can tell it apart."""
    plain = {one.system: one.mode for one in plan(part(right), STREET, searched(), ids(), NOW)}
    partly = plan(part(right), STREET, searched(), ids(), NOW, partly=True)
    assert plain["hubspot"] is Mode.AUTOMATIC
    assert {one.system: one.mode for one in partly}["hubspot"] is Mode.MANUAL
    assert [one.irreversible for one in partly] == [
        one.irreversible for one in plan(part(right), STREET, searched(), ids(), NOW)
    ]


@pytest.mark.parametrize("right", sorted(OPT_OUTS))
def test_a_marketing_objection_cannot_be_declined(right: RequestType) -> None:
    """R42, D11: there is no ground, so no button."""
    assert grounds_of(part(right)) == ()


def test_every_ground_can_be_said_to_a_colleague_and_to_the_person() -> None:
    texts = Texts(load_catalogue())
    named = [f"{right}.{ground}" for right, grounds in GROUNDS.items() for ground in grounds]
    assert [key for key in named if not (texts.has(f"ground.{key}") and texts.has(f"ground_letter.{key}"))] == []
    spare = {key for key in texts.catalogue[Language.SV] if key.startswith("ground.")}
    assert {key.removeprefix("ground.") for key in spare} == set(named)


@pytest.mark.parametrize("flag", sorted(OFFICER_ONLY))
def test_some_tickets_are_the_officers_alone(flag: str) -> None:
    assert officer_only(replace(ticket(), flags=frozenset({flag, "on_behalf"})))
    assert not officer_only(replace(ticket(), flags=frozenset({"on_behalf"})))


def test_erasing_single_fields_is_rectifying_them_to_empty() -> None:
    assert operation_for(part()) is Operation.ERASE
    fields = Scope(ScopeKind.FIELDS, ("phone",))
    assert operation_for(replace(part(), scope=fields)) is Operation.RECTIFY
    assert operation_for(replace(part(RequestType.ACCESS), scope=fields)) is Operation.EXPORT


def test_erasing_single_fields_takes_two_and_correcting_them_one() -> None:
    """D10: a value that is gone is gone, whatever the vendor calls the writing."""
    fields = Scope(ScopeKind.FIELDS, ("phone",))
    erased, corrected = replace(part(), scope=fields), part(RequestType.RECTIFICATION)
    assert (empties_fields(erased), empties_fields(corrected), empties_fields(part())) == (True, False, False)
    for asked, needed in ((erased, 2), (corrected, 1)):
        planned = plan(asked, STREET, searched(), ids(), NOW)
        assert {one.operation for one in planned} == {Operation.RECTIFY}
        assert {one.approvals_needed for one in planned if one.state is TaskState.PROPOSED} == {needed}


def test_every_system_is_searched_or_spoken_of() -> None:
    """D40: silence is no answer; the letter says why a system could not be searched."""
    found = {one.system: one for one in plan_search(part(), STREET, EMAIL, ids(), NOW)}
    assert {system: one.state for system, one in found.items()} == {
        "hubspot": TaskState.READY,
        "eventbrite": TaskState.READY,
        "office365": TaskState.BY_HAND,
        "google_analytics": TaskState.NOT_APPLICABLE,
    }
    assert found["google_analytics"].reason == "reason.find"
    assert found["google_analytics"].settled_at == NOW
    assert found["office365"].waiting_since == NOW
    assert {one.operation for one in found.values()} == {Operation.FIND}


def test_by_hand_is_by_hand_whether_prepared_or_not() -> None:
    (one,) = plan_search(part(), [manifest("paper", manual("reason.find"))], EMAIL, ids(), NOW)
    assert one.state is TaskState.BY_HAND


def test_a_system_that_does_not_know_people_by_what_we_have_says_so() -> None:
    found = plan_search(part(), STREET, {IdentifierKind.PHONE}, ids(), NOW)
    assert {(one.state, one.reason) for one in found} == {(TaskState.NOT_APPLICABLE, NOT_KNOWN_BY)}
    assert plan(part(), STREET, found, ids(), NOW) == ()


def test_a_vendor_is_told_of_nobody_it_does_not_know() -> None:
    """D19: an address goes only to a vendor that has it from us; the person's own id may always be used."""
    told = replace(
        ANALYTICS,
        known_by=frozenset({IdentifierKind.EMAIL, IdentifierKind.GA_CLIENT_ID}),
        discloses={IdentifierKind.EMAIL: frozenset({Role.CONTACT})},
    )
    for roles, known, reason in (
        ((Role.CANDIDATE,), EMAIL, NOT_COVERED),
        ((), EMAIL, NOT_COVERED),
        ((Role.CANDIDATE,), {IdentifierKind.PHONE}, NOT_KNOWN_BY),
        ((Role.CANDIDATE,), {IdentifierKind.GA_CLIENT_ID}, "reason.find"),
        ((Role.CONTACT, Role.CANDIDATE), EMAIL, "reason.find"),
    ):
        found = plan_search(part(), (told,), known, ids(), NOW, roles)
        assert [(one.state, one.reason) for one in found] == [(TaskState.NOT_APPLICABLE, reason)]
        planned = plan(part(), (told,), found, ids(), NOW, roles)
        assert [one.operation for one in planned] == ([Operation.ERASE] if reason == "reason.find" else [])


def test_what_cannot_be_looked_into_is_automatic_only_when_twice_is_harmless() -> None:
    with pytest.raises(ValueError, match="cannot be looked into"):
        manifest("blind", absent("reason.find"))
    assert manifest("blind", absent("reason.find"), erase=manual("reason.erase")).unseen
    assert not HUBSPOT.unseen


def test_nothing_is_done_before_an_owner_said_so() -> None:
    planned = plan(part(), STREET, searched(), ids(), NOW)
    assert {one.system: one.state for one in planned} == {
        "hubspot": TaskState.PROPOSED,
        "eventbrite": TaskState.PROPOSED,
        "google_analytics": TaskState.PROPOSED,
    }
    assert [one.id for one in planned] == ["id1", "id2", "id3"]
    assert planned[0].irreversible
    assert planned[0].found == {"contact": 1}


def test_only_where_something_is_held_anything_is_planned() -> None:
    assert (
        plan(part(), (HUBSPOT, EVENTBRITE), searched(hubspot=TaskState.NOT_HELD), ids(), NOW)[0].system == "eventbrite"
    )
    assert plan(part(), (HUBSPOT,), searched(hubspot=TaskState.NOT_HELD), ids(), NOW) == ()
    assert plan(part(), (HUBSPOT,), (), ids(), NOW) == ()


def test_what_cannot_be_done_there_is_settled_at_once_with_its_reason() -> None:
    access = part(RequestType.ACCESS)
    assert "google_analytics" not in {one.system for one in plan(access, STREET, searched(), ids(), NOW)}
    mute = manifest("hubspot", automatic(), export=absent("reason.export"))
    (one,) = plan(access, (mute,), searched(), ids(), NOW)
    assert (one.state, one.reason, one.settled_at) == (TaskState.NOT_APPLICABLE, "reason.export", NOW)


@pytest.mark.parametrize("right", sorted(OPT_OUTS))
def test_an_opt_out_is_carried_out_at_once_searched_or_not(right: RequestType) -> None:
    """R18, R42, P44: no search, no identity, no decision."""
    street = [
        HUBSPOT,
        replace(EVENTBRITE, capabilities={**EVENTBRITE.capabilities, Operation.SUPPRESS: manual("reason.suppress")}),
        replace(ANALYTICS, capabilities={**ANALYTICS.capabilities, Operation.SUPPRESS: absent("reason.suppress")}),
    ]
    planned = [one for one in plan(part(right), street, (), ids(), NOW) if one.operation is Operation.SUPPRESS]
    assert [one.state for one in planned] == [TaskState.READY, TaskState.BY_HAND, TaskState.NOT_APPLICABLE]


# --- who may say yes ----------------------------------------------------------------------------


def test_what_cannot_be_undone_takes_two_different_people() -> None:
    once = approve(task(), KARIN, NOW, own_request=False)
    assert once.state is TaskState.PROPOSED
    with pytest.raises(NotYours, match=r"refusal\.same_person"):
        approve(once, KARIN, NOW, own_request=False)
    twice = approve(once, SARA, NOW, own_request=False)
    assert twice.state is TaskState.LOCKED  # an erasure still waits for the person
    assert [yes.by for yes in twice.approvals] == ["karin", "sara"]


def test_what_can_be_undone_takes_one() -> None:
    assert approve(task(operation=Operation.EXPORT), KARIN, NOW, own_request=False).state is TaskState.READY


@pytest.mark.parametrize("nobody", [HUGO, VERA])
def test_only_owner_deputy_or_officer_says_yes(nobody: Colleague) -> None:
    with pytest.raises(NotYours, match=r"refusal\.not_yours_owner"):
        approve(task(), nobody, NOW, own_request=False)
    with pytest.raises(NotYours, match=r"refusal\.not_yours_owner"):
        propose_decline(task(), part(), "legal_claims", nobody, own_request=False)


def test_nobody_decides_on_their_own_request() -> None:
    proposed = propose_decline(task(), part(), "legal_claims", KARIN, own_request=False)
    with pytest.raises(NotYours, match=r"refusal\.own_request"):
        approve(task(), KARIN, NOW, own_request=True)
    with pytest.raises(NotYours, match=r"refusal\.own_request"):
        propose_decline(task(), part(), "legal_claims", KARIN, own_request=True)
    with pytest.raises(NotYours, match=r"refusal\.own_request"):
        decline(proposed, BO, NOW, own_request=True)


@pytest.mark.parametrize("state", sorted(set(TaskState) - {TaskState.PROPOSED}))
def test_what_is_decided_is_not_decided_again(state: TaskState) -> None:
    held = replace(task(state), ground="legal_claims")
    with pytest.raises(NotAllowedNow, match=r"refusal\.already_decided"):
        approve(held, KARIN, NOW, own_request=False)
    with pytest.raises(NotAllowedNow, match=r"refusal\.already_decided"):
        propose_decline(held, part(), "legal_claims", KARIN, own_request=False)
    with pytest.raises(NotAllowedNow, match=r"refusal\.already_decided"):
        decline(held, BO, NOW, own_request=False)


def test_a_decline_is_proposed_by_one_and_decided_by_an_officer() -> None:
    proposed = propose_decline(
        approve(task(), SARA, NOW, own_request=False), part(), "legal_claims", KARIN, own_request=False
    )
    assert (proposed.state, proposed.ground, proposed.approvals) == (TaskState.PROPOSED, "legal_claims", ())
    with pytest.raises(NotYours, match=r"refusal\.not_yours_officer"):
        decline(proposed, SARA, NOW, own_request=False)
    declined = decline(proposed, BO, NOW, own_request=False)
    assert (declined.state, declined.declined_by, declined.settled_at) == (TaskState.DECLINED, "bo", NOW)


def test_an_officer_does_not_decide_on_the_officers_own_proposal() -> None:
    proposed = propose_decline(task(), part(), "legal_claims", BO, own_request=False)
    with pytest.raises(NotYours, match=r"refusal\.same_person"):
        decline(proposed, BO, NOW, own_request=False)
    assert decline(proposed, EVA, NOW, own_request=False).state is TaskState.DECLINED


def test_without_a_proposed_ground_nothing_is_declined() -> None:
    with pytest.raises(NotAllowedNow):
        decline(task(), BO, NOW, own_request=False)


@pytest.mark.parametrize("right", RequestType)
def test_only_the_rights_own_grounds_are_taken(right: RequestType) -> None:
    every = {ground for grounds in GROUNDS.values() for ground in grounds} | {"because"}
    for ground in sorted(every):
        if ground in grounds_of(part(right)):
            assert propose_decline(task(), part(right), ground, KARIN, own_request=False).ground == ground
        else:
            with pytest.raises(NotAllowedNow, match=r"refusal\.ground_unknown"):
                propose_decline(task(), part(right), ground, KARIN, own_request=False)


def test_a_yes_takes_back_a_proposed_decline() -> None:
    proposed = propose_decline(task(), part(), "legal_claims", KARIN, own_request=False)
    approved = approve(proposed, SARA, NOW, own_request=False)
    assert (approved.ground, approved.proposed_by) == ("", "")


def test_released_work_goes_to_a_job_or_to_a_person() -> None:
    assert released(task(operation=Operation.EXPORT), NOW).state is TaskState.READY
    by_hand = replace(task(operation=Operation.EXPORT), mode=Mode.MANUAL)
    assert released(by_hand, NOW).state is TaskState.BY_HAND
    assert unlocked(replace(task(TaskState.LOCKED), mode=Mode.ASSISTED), NOW).waiting_since == NOW
    assert unlocked(task(TaskState.LOCKED), NOW).waiting_since is None


# --- access before erasure (D3), the person's own yes (D7) --------------------------------------------


ERASE = task(TaskState.LOCKED)


def street(
    *,
    sent: datetime | None = None,
    fetched: datetime | None = None,
    exported: bool = True,
    stage: Stage = Stage.EXECUTING,
    identity: IdentityState = IdentityState.PROVEN,
) -> tuple[Ticket, Part]:
    """Return a ticket with access first and erasure second, and the erasure."""
    access = replace(part(RequestType.ACCESS, 1, stage), package_fetched_at=fetched)
    erasure = part(RequestType.ERASURE, 2, Stage.EXECUTING)
    asked = ticket(access, erasure, identity=identity)
    copied = replace(task(TaskState.DONE, Operation.EXPORT), id="copy", part_id="part1")
    asked = asked.with_task(copied if exported else replace(copied, state=TaskState.NOT_HELD))
    if sent is not None:
        letter = Letter(
            "letter1", LetterKind.ACCESS_ANSWER, ("part1",), LetterState.SENT, drafted_at=sent, sent_at=sent
        )
        asked = asked.with_letter(letter)
    return asked, erasure


def held_by(asked: tuple[Ticket, Part], at: datetime) -> Lock | None:
    return lock_on(*asked, replace(ERASE, part_id="part2"), at, CALENDAR)


def test_nothing_but_an_erasure_is_locked() -> None:
    assert lock_on(ticket(), part(), task(operation=Operation.EXPORT), NOW, CALENDAR) is None


def test_without_the_access_letter_nothing_is_erased_whatever_the_date() -> None:
    assert held_by(street(), NOW + timedelta(days=400)) is Lock.PACKAGE


def test_an_access_part_closed_without_letter_holds_nothing_back() -> None:
    assert held_by(street(stage=Stage.CLOSED), NOW) is None


def test_fetching_the_package_ends_the_wait() -> None:
    assert held_by(street(sent=NOW, fetched=NOW), NOW) is None


def answered(state: LetterState) -> tuple[Ticket, Part]:
    """Return the street whose copy's letter got no further than *state*."""
    asked, erasure = street(sent=NOW)
    letters = tuple(replace(one, state=state, sent_at=None) for one in asked.letters)
    return replace(asked, letters=letters), erasure


def test_a_copy_that_came_back_waits_for_a_person() -> None:
    assert held_by(answered(LetterState.RETURNED), NOW + timedelta(days=400)) is Lock.PACKAGE


def test_a_copy_that_cannot_be_delivered_waits_no_longer_than_to_the_safe_target() -> None:
    ends = end_of(date(2026, 4, 2)) - timedelta(days=1)
    assert held_by(answered(LetterState.UNDELIVERED), ends - timedelta(microseconds=1)) is Lock.PACKAGE
    assert held_by(answered(LetterState.UNDELIVERED), ends) is None


def test_seven_days_after_the_letter_end_the_wait_to_the_instant() -> None:
    asked = street(sent=NOW)
    assert held_by(asked, NOW + PACKAGE_GRACE - timedelta(microseconds=1)) is Lock.PACKAGE
    assert held_by(asked, NOW + PACKAGE_GRACE) is None
    assert unlock_at(*asked, CALENDAR) == NOW + PACKAGE_GRACE


def test_the_wait_never_goes_beyond_the_safe_target() -> None:
    """A letter on the day before the safe target leaves that day, not seven: the target itself is for erasing."""
    letter, target = datetime(2026, 4, 1, 10, tzinfo=UTC), date(2026, 4, 2)
    asked = street(sent=letter)
    wakes = unlock_at(*asked, CALENDAR)
    assert wakes == end_of(target) - timedelta(days=1)
    assert held_by(asked, wakes - timedelta(microseconds=1)) is Lock.PACKAGE
    assert held_by(asked, wakes) is None


def test_where_nothing_was_packed_there_is_nothing_to_fetch_first() -> None:
    assert held_by(street(sent=NOW, exported=False), NOW) is None


def test_no_letter_yet_no_hour_to_wake_at() -> None:
    assert unlock_at(*street(), CALENDAR) is None
    alone = ticket(part())
    assert unlock_at(alone, alone.parts[0], CALENDAR) is None


def test_a_later_access_part_does_not_hold_an_earlier_erasure() -> None:
    erasure, access = part(RequestType.ERASURE, 1, Stage.EXECUTING), part(RequestType.ACCESS, 2, Stage.EXECUTING)
    assert lock_on(ticket(erasure, access), erasure, ERASE, NOW, CALENDAR) is None


def test_another_erasure_before_it_does_not_hold_it() -> None:
    first, second = part(RequestType.ERASURE, 1, Stage.EXECUTING), part(RequestType.ERASURE, 2, Stage.EXECUTING)
    assert lock_on(ticket(first, second), second, ERASE, NOW, CALENDAR) is None


@pytest.mark.parametrize("state", sorted(set(IdentityState) - {IdentityState.PROVEN}))
def test_an_erasure_waits_for_the_persons_own_yes(state: IdentityState) -> None:
    asked = ticket(part(stage=Stage.EXECUTING), identity=state)
    assert lock_on(asked, asked.parts[0], ERASE, NOW, CALENDAR) is Lock.CONFIRMATION


@pytest.mark.parametrize("state", sorted(set(TaskState) - {TaskState.BY_HAND, TaskState.STUCK}))
def test_only_a_step_by_hand_is_refused_by_hand(state: TaskState) -> None:
    with pytest.raises(NotAllowedNow, match=r"refusal\.task_not_ready"):
        refused_by_hand(task(state), part(), "legal_claims", KARIN, own_request=False)


@pytest.mark.parametrize("state", [TaskState.BY_HAND, TaskState.STUCK])
def test_a_step_refused_by_hand_waits_for_the_officer(state: TaskState) -> None:
    proposed = refused_by_hand(task(state), part(), "legal_claims", KARIN, own_request=False)
    assert (proposed.state, proposed.ground, proposed.proposed_by) == (TaskState.PROPOSED, "legal_claims", KARIN.id)
