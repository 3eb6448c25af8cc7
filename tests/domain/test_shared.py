"""What becomes of records that concern others too, of what came back, and what a legal hold refuses."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.again import (
    as_found_now,
    may_be_named,
    may_search_again,
    named_by,
    opened_anew,
    outlives,
    reopened,
    searched_again,
)
from bot.domain.deadline import Calendar
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.hold import BY_HOLD, Hold, keeps, placed, refused, refused_by_hold, review_of
from bot.domain.hold import marked as hold_marked
from bot.domain.hold import released as hold_released
from bot.domain.identity import Identity, IdentityState
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.locking import lock_on
from bot.domain.people import Colleague, Duty
from bot.domain.policy import NOT_KNOWN_BY
from bot.domain.request import Channel, Language, RequestType
from bot.domain.shared import Ruling, Way, carried_out, ground_of, marked, may_rule, rule, stays, to_erase, waits
from bot.domain.system import IdentifierKind, Manifest, Mode, Operation, Record, absent, automatic, manual
from bot.domain.task import TAKEN_BACK, Approval, Lock, Task, TaskState
from bot.domain.ticket import Outcome, Part, Stage, Ticket, answers, overtaken

AT = datetime(2026, 3, 9, 9, tzinfo=UTC)
OWNER = Colleague("karin", "Karin", "karin@goto.work", owns=frozenset({"hubspot"}))
DEPUTY = Colleague("jonas", "Jonas", "jonas@goto.work", deputises=frozenset({"hubspot"}))
OFFICER = Colleague("maria", "Maria", "maria@goto.work", duties=frozenset({Duty.OFFICER}))
STRANGER = Colleague("sara", "Sara", "sara@goto.work", duties=frozenset({Duty.HANDLER}))
KEEP = Ruling(Way.KEEP, "legal_duty")
SHARED = Record("hubspot", "meeting", "1", shared=True)
OWN = Record("hubspot", "note", "2")


def said(earlier: Ruling | None, wanted: Ruling, by: Colleague) -> Ruling:
    return rule(earlier, wanted, by, "hubspot", own_request=False)


@pytest.mark.parametrize("way", [Way.DISSOCIATE, Way.REDACT])
def test_one_word_is_enough_to_take_somebody_off(way: Way) -> None:
    assert said(None, Ruling(way), OWNER).settled


def test_keeping_is_decided_by_an_officer_who_did_not_propose_it() -> None:
    proposed = said(None, KEEP, OWNER)
    assert not proposed.settled
    with pytest.raises(NotYours, match="same_person"):
        said(proposed, KEEP, OWNER)
    with pytest.raises(NotYours, match="officer"):
        said(proposed, KEEP, DEPUTY)
    kept = said(proposed, KEEP, OFFICER)
    assert kept.settled
    assert ground_of({"a": kept}) == "legal_duty"
    assert ground_of({"a": proposed}) == ""
    with pytest.raises(NotAllowedNow, match="already_decided"):
        said(kept, Ruling(Way.ERASE), OFFICER)


def test_erasing_it_all_the_same_takes_two_and_another_word_begins_anew() -> None:
    first = said(None, Ruling(Way.ERASE), OWNER)
    assert not to_erase(SHARED, first)
    assert said(first, Ruling(Way.REDACT), DEPUTY).yes == ("jonas",)
    both = said(first, Ruling(Way.ERASE), DEPUTY)
    assert to_erase(SHARED, both)
    assert to_erase(OWN, None)
    assert not to_erase(SHARED, None)


def test_what_a_ruling_lets_stand_for_others_is_nothing_left_over() -> None:
    redacted, both = said(None, Ruling(Way.REDACT), OWNER), Ruling(Way.ERASE, yes=("karin", "jonas"))
    assert stays(SHARED, redacted)
    assert not stays(SHARED, said(None, KEEP, OWNER)), "not decided yet"
    assert not stays(SHARED, both)
    assert not stays(SHARED, None)
    assert not stays(OWN, redacted)


def test_who_may_not_rule_and_what_is_no_ground() -> None:
    with pytest.raises(NotYours, match="own_request"):
        may_rule(OWNER, "hubspot", own_request=True)
    with pytest.raises(NotYours, match="owner"):
        said(None, KEEP, STRANGER)
    for wrong in (Ruling(Way.KEEP, "because"), Ruling(Way.KEEP), Ruling(Way.ERASE, "legal_duty")):
        with pytest.raises(NotAllowedNow, match="ground_unknown"):
            said(None, wrong, OWNER)


def test_what_is_done_by_hand_is_waited_for() -> None:
    redact = said(None, Ruling(Way.REDACT), OWNER)
    assert waits(SHARED, None, dissociates=True)
    assert waits(SHARED, said(None, KEEP, OWNER), dissociates=True)
    assert waits(SHARED, redact, dissociates=True)
    assert not waits(SHARED, carried_out(redact), dissociates=True)
    assert not waits(OWN, None, dissociates=False)
    taken_off = said(None, Ruling(Way.DISSOCIATE), OWNER)
    assert not waits(SHARED, taken_off, dissociates=True)
    assert waits(SHARED, taken_off, dissociates=False)
    for not_now in (carried_out(redact), said(None, KEEP, OWNER)):
        with pytest.raises(NotAllowedNow):
            carried_out(not_now)


# --- ticket ---------------------------------------------------------------------------------------


def erase(state: TaskState = TaskState.LOCKED, **more: object) -> Task:
    task = Task("t2", "p", "hubspot", Operation.ERASE, Mode.AUTOMATIC, state, found={"note": 1})
    return replace(task, **more)  # type: ignore[arg-type]


def ticket(task: Task, stage: Stage = Stage.EXECUTING, right: RequestType = RequestType.ERASURE) -> Ticket:
    search = Task("t1", "p", "hubspot", Operation.FIND, Mode.AUTOMATIC, TaskState.DONE, found={"note": 1})
    blind = Task("t0", "p", "paper", Operation.FIND, Mode.MANUAL, TaskState.NOT_APPLICABLE)
    outcome = Outcome.FULFILLED if stage is Stage.CLOSED else None
    part = Part("p", 1, right, AT, stage=stage, outcome=outcome)
    proven = Identity(IdentityState.PROVEN)
    return Ticket(
        "t", "PR-2026-0001", Channel.MAIL, Language.SV, AT, (part,), identity=proven, tasks=(search, blind, task)
    )


def test_what_is_shared_locks_the_erasure_until_it_is_ruled_on() -> None:
    of = ticket(erase())
    part, task = of.parts[0], of.tasks[-1]
    held = marked(of, "hubspot", waiting=True)
    assert lock_on(held, part, task, AT, Calendar()) is Lock.SHARED
    assert lock_on(held, part, replace(task, mode=Mode.MANUAL), AT, Calendar()) is None
    assert lock_on(marked(held, "hubspot", waiting=False), part, task, AT, Calendar()) is None


def manifest(key: str, *kinds: IdentifierKind, find: str = "") -> Manifest:
    how = {"": automatic(), "manual": manual("reason.x"), "absent": absent("reason.x")}[find]
    capabilities = {operation: automatic(repeat_safe=True) for operation in Operation} | {Operation.FIND: how}
    return Manifest(key, key, frozenset(kinds), capabilities)


def test_a_search_is_made_anew_where_the_new_kind_is_known() -> None:
    of = ticket(erase(TaskState.PROPOSED), Stage.DECIDING)
    everywhere = [manifest("hubspot", IdentifierKind.PHONE), manifest("paper", IdentifierKind.PHONE, find="manual")]
    again = searched_again(of, everywhere, IdentifierKind.PHONE, AT)
    assert [task.state for task in again.tasks] == [TaskState.READY, TaskState.BY_HAND, TaskState.PROPOSED]
    nowhere = [manifest("hubspot", IdentifierKind.EMAIL), manifest("paper", IdentifierKind.PHONE, find="absent")]
    assert searched_again(of, nowhere, IdentifierKind.PHONE, AT) == of
    assert not may_search_again(ticket(erase()))
    with pytest.raises(NotAllowedNow, match="too_late"):
        searched_again(ticket(erase()), everywhere, IdentifierKind.PHONE, AT)


def test_where_nobody_can_be_looked_up_what_could_not_be_named_is_named_from_now_on() -> None:
    """R20: the id the person sent is what an unseen system acts on, whatever else was decided meanwhile."""
    of = ticket(erase())
    blind = replace(of.tasks[1], reason=NOT_KNOWN_BY)
    unseen = [manifest("paper", IdentifierKind.GA_CLIENT_ID, find="absent")]
    named = named_by(of.with_task(blind), unseen, IdentifierKind.GA_CLIENT_ID, AT)
    assert named == of.with_task(replace(blind, reason="reason.x"))
    assert named_by(named, unseen, IdentifierKind.GA_CLIENT_ID, AT) == named


def test_what_names_the_person_may_be_noted_until_something_is_decided() -> None:
    for stage, may in ((Stage.RECEIVED, True), (Stage.DECIDING, True), (Stage.EXECUTING, False), (Stage.CLOSED, False)):
        assert may_be_named(ticket(erase(TaskState.PROPOSED), stage)) is may


def test_a_yes_to_less_is_no_yes_to_more() -> None:
    approved = erase(TaskState.PROPOSED, approvals=(Approval("karin", AT),))
    more = Task("t1", "p", "hubspot", Operation.FIND, Mode.AUTOMATIC, TaskState.DONE, found={"note": 2})
    assert as_found_now(approved, [more]).approvals == ()
    assert as_found_now(approved, [replace(more, found={"note": 1})]) is approved
    assert as_found_now(approved, []) is approved
    assert as_found_now(erase(), [more]) == erase()


def test_what_came_back_is_approved_anew() -> None:
    closed = ticket(erase(TaskState.DONE, approvals=(Approval("karin", AT),), done={"note": 1}), Stage.CLOSED)
    again = reopened(closed, closed.tasks[-1], {"contact": 1}, AT)
    assert again.stage is Stage.DECIDING
    assert (again.tasks[-1].state, again.tasks[-1].approvals) == (TaskState.PROPOSED, ())
    assert again.tasks[0].found == again.tasks[-1].found == {"contact": 1}
    twice = reopened(again, again.tasks[-1], {"contact": 2}, AT)
    assert twice.stage is Stage.DECIDING


def test_only_a_closed_ticket_is_opened_again_and_then_all_of_it() -> None:
    closed = ticket(erase(TaskState.DONE), Stage.CLOSED)
    assert opened_anew(closed) == closed.parts
    with pytest.raises(NotAllowedNow, match="not_closed"):
        opened_anew(ticket(erase(), Stage.DECIDING))


def test_a_restriction_in_force_is_never_opened_again() -> None:
    part = Part("p", 1, RequestType.RESTRICTION, AT, stage=Stage.CLOSED, outcome=Outcome.FULFILLED)
    done = Task("r", "p", "hubspot", Operation.RESTRICT, Mode.AUTOMATIC, TaskState.DONE)
    held = replace(ticket(done, Stage.CLOSED), parts=(part,), tasks=(done,))
    with pytest.raises(NotAllowedNow, match="restriction_in_force"):
        opened_anew(held)
    more = replace(part, id="p2", type=RequestType.ACCESS)
    assert opened_anew(replace(held, parts=(part, more))) == (more,)
    assert outlives(held, done)


def test_what_is_still_to_be_told_outlives_a_new_beginning() -> None:
    tell = Task("n", "p", "caterer", Operation.NOTIFY, Mode.MANUAL, TaskState.BY_HAND)
    closed = ticket(tell, Stage.CLOSED)
    assert outlives(closed, tell)
    assert not outlives(closed, replace(tell, state=TaskState.DONE))
    assert outlives(closed, replace(tell, operation=Operation.HIDE, state=TaskState.DONE))
    assert not outlives(closed, erase(TaskState.DONE))


# --- holds ----------------------------------------------------------------------------------------

HOLD = Hold("archive", "maria", date(2026, 3, 9), date(2026, 9, 1), "Tvist")


def test_an_officer_sets_a_hold_with_ground_reason_and_day() -> None:
    assert placed(HOLD, OFFICER, own_request=False).owner == "maria"
    with pytest.raises(NotYours, match="officer"):
        placed(HOLD, OWNER, own_request=False)
    with pytest.raises(NotYours, match="own_request"):
        placed(HOLD, OFFICER, own_request=True)
    with pytest.raises(NotAllowedNow, match="ground_unknown"):
        placed(replace(HOLD, ground="because"), OFFICER, own_request=False)
    for wrong in (replace(HOLD, reason=" "), replace(HOLD, review_on=HOLD.since)):
        with pytest.raises(Incomplete):
            placed(wrong, OFFICER, own_request=False)


def test_a_hold_is_marked_with_its_day() -> None:
    held = hold_marked(ticket(erase()), date(2026, 9, 1))
    assert review_of(held) == date(2026, 9, 1)
    assert review_of(hold_marked(held, date(2027, 1, 1))) == date(2027, 1, 1)
    assert review_of(hold_marked(held, None)) is None


@pytest.mark.parametrize("state", [TaskState.PROPOSED, TaskState.LOCKED, TaskState.READY, TaskState.BY_HAND])
def test_a_hold_refuses_what_is_not_begun(state: TaskState) -> None:
    (*_, task) = refused(ticket(erase(state)), ticket(erase()).parts[0], HOLD, AT).tasks
    assert (task.state, task.ground, task.reason) == (TaskState.DECLINED, "archive", BY_HOLD)


def test_a_hold_leaves_what_is_begun_done_or_answered() -> None:
    begun = erase(TaskState.STUCK, writing_since=AT - timedelta(hours=1))
    for task in (erase(TaskState.RUNNING), begun, erase(TaskState.DONE)):
        of = ticket(task)
        assert refused(of, of.parts[0], HOLD, AT) == of
    answered = ticket(erase(), Stage.REPLYING)
    assert refused(answered, answered.parts[0], HOLD, AT) is answered


def test_a_withdrawn_consent_is_refused_on_a_ground_it_knows() -> None:
    of = ticket(erase(), right=RequestType.CONSENT_WITHDRAWAL)
    after = refused(of, of.parts[0], HOLD, AT)
    assert after.tasks[-1].ground == "legal_claims"
    assert [task.id for task in refused_by_hold(after)] == ["t2"], "before the letter has left as after"
    closed = replace(after, parts=(replace(after.parts[0], stage=Stage.CLOSED),))
    assert [task.id for task in refused_by_hold(closed)] == ["t2"]
    assert keeps(closed)
    assert keeps(hold_marked(of, date(2026, 6, 1)))
    assert not keeps(of)


def test_of_what_is_no_longer_asked_a_hold_owes_nothing() -> None:
    """Taken back, not identified or joined elsewhere: nothing is put before anybody when it is released."""
    of = ticket(erase())
    after = refused(of, of.parts[0], HOLD, AT)
    for outcome in (Outcome.WITHDRAWN, Outcome.NOT_IDENTIFIED, Outcome.JOINED):
        closed = replace(after, parts=(replace(after.parts[0], stage=Stage.CLOSED, outcome=outcome),))
        assert refused_by_hold(closed) == []
        assert hold_released(closed, AT) == closed
    beside = replace(erase(), id="t3", state=TaskState.NOT_APPLICABLE, reason=TAKEN_BACK)
    assert refused_by_hold(replace(after, tasks=(*after.tasks, beside))) == []


@pytest.mark.parametrize("state", LetterState)
def test_released_a_refusal_that_has_not_left_is_dropped(state: LetterState) -> None:
    """What may have left answers an earlier round, and no longer this one."""
    of = ticket(erase())
    refusing = refused(of, of.parts[0], HOLD, AT)
    letter = Letter("l1", LetterKind.REFUSED, (of.parts[0].id,), state, drafted_at=AT, approved_by="sara")
    waiting = replace(refusing, parts=(replace(refusing.parts[0], stage=Stage.REPLYING),), letters=(letter,))
    after = hold_released(waiting, AT + timedelta(days=1))
    assert (after.stage, after.tasks[-1].state, after.tasks[-1].reason) == (Stage.DECIDING, TaskState.PROPOSED, "")
    unsent = state in (LetterState.REQUESTED, LetterState.DRAFT, LetterState.APPROVED)
    assert after.letters == (() if unsent else (letter,))
    assert answers(after, after.parts[0]) == ()
    assert all(overtaken(after, one) for one in after.letters)
    assert not overtaken(waiting, letter)


def test_released_while_the_rest_is_carried_out_its_stage_stays() -> None:
    of = ticket(erase())
    under_way = refused(of, of.parts[0], HOLD, AT)
    under_way = replace(under_way, parts=(replace(under_way.parts[0], stage=Stage.EXECUTING),))
    after = hold_released(under_way, AT)
    assert (after.stage, after.tasks[-1].state) == (Stage.EXECUTING, TaskState.PROPOSED)
