"""The second of two yeses: another person's, or in single-person mode the same one's a day later (D10)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import policy, redaction, shared
from bot.domain.approving import ALONE_AFTER, opening, said_by_one, second_yes, seconds, stuck_alone
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.identity import Attestation, Identity, IdentityState, Method, attest
from bot.domain.people import Colleague, Duty, People
from bot.domain.request import RequestType
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part

AT = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)  # 10:05 in Sweden
EARLY = AT + ALONE_AFTER - timedelta(microseconds=1)
OVER = AT + ALONE_AFTER
MARIA = Colleague("maria", "Maria Ek", "maria@goto.work", duties=frozenset({Duty.OFFICER}))
KARIN = Colleague("karin", "Karin Holm", "karin@goto.work", owns=frozenset({"hubspot"}))
PART = Part("p1", 1, RequestType.ERASURE, AT)
ERASE = Task("t1", "p1", "hubspot", Operation.ERASE, Mode.AUTOMATIC, TaskState.PROPOSED, irreversible=True)


def test_somebody_else_says_it_at_once_in_either_mode() -> None:
    for single in (False, True):
        second_yes("karin", {"maria"}, AT, AT, single=single)


@pytest.mark.parametrize(("first", "now", "single"), [(AT, OVER, False), (None, OVER, True), (AT, None, True)])
def test_the_same_person_never_does_without_the_mode_or_when_the_moment_is_not_known(
    first: datetime | None, now: datetime | None, single: bool
) -> None:
    with pytest.raises(NotYours, match=r"refusal\.same_person"):
        second_yes("maria", {"maria"}, first, now, single=single)


def test_the_same_person_waits_a_day_in_single_person_mode() -> None:
    with pytest.raises(NotAllowedNow, match=r"refusal\.alone_too_early") as refused:
        second_yes("maria", {"maria"}, AT, EARLY, single=True)
    assert refused.value.facts == {"opens": "2026-03-10 10:05"}
    assert opening(refused.value.facts["opens"]) == OVER
    second_yes("maria", {"maria"}, AT, OVER, single=True)


def test_a_task_is_released_by_one_person_a_day_apart_and_never_on_their_own_request() -> None:
    once = policy.approve(ERASE, MARIA, AT, own_request=False, single=True)
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        policy.approve(once, MARIA, EARLY, own_request=False, single=True)
    with pytest.raises(NotYours, match="own_request"):
        policy.approve(once, MARIA, OVER, own_request=True, single=True)
    twice = policy.approve(once, MARIA, OVER, own_request=False, single=True)
    assert twice.state is TaskState.LOCKED
    assert said_by_one([one.by for one in twice.approvals])


def test_a_decline_is_decided_by_its_proposer_a_day_later() -> None:
    proposed = policy.propose_decline(ERASE, PART, "legal_claims", MARIA, own_request=False)
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        policy.decline(proposed, MARIA, EARLY, own_request=False, said=AT)
    with pytest.raises(NotYours, match="own_request"):
        policy.decline(proposed, MARIA, OVER, own_request=True, said=AT)
    assert policy.decline(proposed, MARIA, OVER, own_request=False, said=AT).state is TaskState.DECLINED
    with pytest.raises(NotYours, match="not_yours_officer"):
        policy.decline(replace(proposed, proposed_by="karin"), KARIN, OVER, own_request=False, said=AT)


@pytest.mark.parametrize("wanted", [shared.Ruling(shared.Way.ERASE), shared.Ruling(shared.Way.KEEP, "legal_duty")])
def test_a_ruling_on_something_shared_is_settled_by_one_person_a_day_later(wanted: shared.Ruling) -> None:
    def said(earlier: shared.Ruling | None, at: datetime, *, single: bool = True) -> shared.Ruling:
        return shared.rule(earlier, wanted, MARIA, "hubspot", own_request=False, at=at, single=single)

    once = said(None, AT)
    assert (once.settled, once.since) == (False, AT)
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        said(once, EARLY)
    with pytest.raises(NotYours, match="same_person"):
        said(once, OVER, single=False)
    twice = said(once, OVER)
    assert twice.settled
    assert said_by_one(twice.yes)


def test_a_record_is_left_out_by_one_officer_a_day_later_and_never_by_an_owner_alone() -> None:
    leave = redaction.Decision(redaction.Way.LEAVE_OUT, "secrecy")

    def said(earlier: redaction.Decision | None, who: Colleague, at: datetime) -> redaction.Decision:
        return redaction.decide(earlier, leave, who, "hubspot", own_request=False, at=at, single=True)

    once = said(None, MARIA, AT)
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        said(once, MARIA, EARLY)
    assert said(once, MARIA, OVER).settled
    with pytest.raises(NotYours, match="not_yours_officer"):
        said(said(None, KARIN, AT), KARIN, OVER)


def test_an_identity_is_attested_twice_by_one_person_a_day_apart() -> None:
    asked = Identity(state=IdentityState.ASKED, tier=3)
    once = attest(asked, Attestation("maria", Method.CALL_BACK, AT), single=True)
    with pytest.raises(NotYours, match="second_colleague_needed"):
        attest(once, Attestation("maria", Method.CALL_BACK, OVER))
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        attest(once, Attestation("maria", Method.CALL_BACK, EARLY), single=True)
    assert attest(once, Attestation("maria", Method.CALL_BACK, OVER), single=True).state is IdentityState.PROVEN


@pytest.mark.parametrize(
    ("able", "now", "single", "waited"),
    [
        ((MARIA, KARIN), OVER, False, (KARIN,)),
        ((MARIA,), OVER, False, ()),
        ((MARIA, KARIN), EARLY, True, (KARIN,)),
        ((MARIA, KARIN), OVER, True, (MARIA, KARIN)),
        ((MARIA,), EARLY, True, (MARIA,)),
    ],
)
def test_who_is_waited_for(
    able: tuple[Colleague, ...], now: datetime, single: bool, waited: tuple[Colleague, ...]
) -> None:
    assert seconds(able, {"maria"}, AT, now, single=single) == waited


def test_without_a_moment_another_is_waited_for_and_nobody_is_left_out_where_there_is_none() -> None:
    assert seconds((MARIA, KARIN), {"maria"}, None, OVER, single=True) == (KARIN,)
    assert seconds((MARIA,), {"maria"}, None, OVER, single=True) == (MARIA,)


def test_one_yes_or_two_peoples_are_not_by_one_person() -> None:
    assert not said_by_one(["maria"])
    assert not said_by_one(["maria", "karin"])
    assert not said_by_one(())
    assert not said_by_one(["", ""]), "a hold refuses for nobody"


def test_systems_in_which_two_could_never_approve() -> None:
    assert stuck_alone(People((MARIA, KARIN)), ["eventbrite", "hubspot"]) == ("eventbrite",)
