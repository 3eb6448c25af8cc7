"""Who is asking: the tier table, reasonable doubt, codes and colleagues' word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.identity import (
    ATTEMPTS,
    ATTESTABLE,
    CODE_LIVES,
    Attestation,
    Challenge,
    Doubt,
    Identity,
    IdentityState,
    Method,
    attest,
    doubts_about,
    proven,
    tier_of,
    try_code,
)
from bot.domain.request import RequestType, Role, SenderEvidence
from bot.domain.system import Record
from tests.domain.examples import NOW

CONTACT = Record("hubspot", "contact", "1")
NOTE = Record("hubspot", "note", "2", narrative=True)
ALLERGY = Record("eventbrite", "attendee", "3", special=True)
A, E, P, U, OBJ, R = (
    RequestType.ACCESS,
    RequestType.ERASURE,
    RequestType.PORTABILITY,
    RequestType.UNSUBSCRIBE,
    RequestType.OBJECTION,
    RequestType.RECTIFICATION,
)


@pytest.mark.parametrize(
    ("rights", "roles", "records", "flags", "tier"),
    [
        # tier 0: opt-outs, any role, whatever is held (R18, R42)
        ([U], [Role.CONTACT], [], (), 0),
        ([U, OBJ], [Role.CANDIDATE], [ALLERGY], ("protected_identity",), 0),
        # tier 1: newsletter contact, cold contact, simple attendee
        ([A], [Role.CONTACT], [CONTACT], (), 1),
        ([E], [Role.ATTENDEE], [CONTACT], (), 1),
        ([R], [Role.UNKNOWN], [], (), 1),
        ([E], [Role.CONTACT], [NOTE], (), 1),  # erasing notes discloses none
        ([U, E], [Role.CONTACT], [CONTACT], (), 1),  # an opt-out beside another right lowers nothing
        ([], [Role.CONTACT], [], (), 1),
        # tier 2: allergies, protected identity, access to what colleagues wrote
        ([E], [Role.ATTENDEE], [ALLERGY], (), 2),
        ([A], [Role.CONTACT], [CONTACT, NOTE], (), 2),
        ([P], [Role.CONTACT], [NOTE], (), 2),
        ([E], [Role.CONTACT], [CONTACT], ("protected_identity",), 2),
        ([A], [Role.CONTACT], [CONTACT], ("special_category",), 2),
        # tier 3: candidates
        ([A], [Role.CANDIDATE], [], (), 3),
        ([E], [Role.CONTACT, Role.CANDIDATE], [ALLERGY], (), 3),
    ],
)
def test_the_tier_follows_from_what_was_found(
    rights: list[RequestType], roles: list[Role], records: list[Record], flags: tuple[str, ...], tier: int
) -> None:
    assert tier_of(rights, roles, records, flags) == tier


def test_no_doubt_means_no_identity_stage() -> None:
    """D7: address on file, our own server vouches for the domain, the answer goes back to the sender, tier 1."""
    assert none_but() == ()


def none_but(
    *,
    tier: int = 1,
    sender: SenderEvidence = SenderEvidence.PASSED,
    on_file: bool = True,
    reply_to_differs: bool = False,
    on_behalf: bool = False,
    flagged: bool = False,
) -> tuple[Doubt, ...]:
    return doubts_about(
        tier=tier,
        sender=sender,
        on_file=on_file,
        reply_to_differs=reply_to_differs,
        on_behalf=on_behalf,
        flagged=flagged,
    )


def test_each_doubt_has_its_own_cause() -> None:
    assert none_but(on_file=False) == (Doubt.NOT_ON_FILE,)
    assert none_but(sender=SenderEvidence.FORWARDED) == (Doubt.FORWARDED,)
    assert none_but(sender=SenderEvidence.FAILED) == (Doubt.NOT_AUTHENTICATED,)
    assert none_but(sender=SenderEvidence.MISSING) == (Doubt.NOT_AUTHENTICATED,)
    assert none_but(reply_to_differs=True) == (Doubt.REPLY_TO_DIFFERS,)
    assert none_but(on_behalf=True) == (Doubt.ON_BEHALF,)
    assert none_but(tier=2) == (Doubt.SENSITIVE,)
    assert none_but(flagged=True) == (Doubt.FLAGGED,)
    assert set(none_but(tier=3, sender=SenderEvidence.FAILED, on_file=False, on_behalf=True, flagged=True)) == set(
        Doubt
    ) - {Doubt.FORWARDED, Doubt.REPLY_TO_DIFFERS}


@pytest.mark.parametrize("state", IdentityState)
def test_content_is_fetched_only_after_proof(state: IdentityState) -> None:
    allowed = state in (IdentityState.PROVEN, IdentityState.AUTHENTICATED)
    assert Identity(state).permits_content is allowed


def word(by: str, method: Method = Method.CALL_BACK) -> Attestation:
    return Attestation(by, method, NOW)


def asked(tier: int) -> Identity:
    return Identity(IdentityState.ASKED, tier, challenge=challenge())


def challenge(attempts: int = 0) -> Challenge:
    return Challenge(Method.CODE, NOW, NOW + CODE_LIVES, digest="right", attempts=attempts)


def test_one_colleagues_word_is_enough_up_to_tier_two() -> None:
    after = attest(asked(2), word("karin"))
    assert after.state is IdentityState.PROVEN
    assert after.method is Method.CALL_BACK
    assert after.proven_at == NOW
    assert after.challenge is None  # what served the check is dropped (R21)


def test_tier_three_needs_two_different_colleagues() -> None:
    once = attest(asked(3), word("karin"))
    assert once.state is IdentityState.ASKED
    with pytest.raises(NotYours, match=r"refusal\.second_colleague_needed"):
        attest(once, word("karin", Method.VISIT))
    assert attest(once, word("sara", Method.BANKID)).state is IdentityState.PROVEN


@pytest.mark.parametrize("method", sorted(set(Method) - ATTESTABLE))
def test_a_colleague_cannot_vouch_for_a_link_or_a_code(method: Method) -> None:
    with pytest.raises(NotAllowedNow, match=r"refusal\.method_unknown"):
        attest(asked(1), word("karin", method))


@pytest.mark.parametrize("state", sorted(set(IdentityState) - {IdentityState.ASKED, IdentityState.UNSETTLED}))
def test_a_settled_identity_is_not_settled_again(state: IdentityState) -> None:
    with pytest.raises(NotAllowedNow, match=r"refusal\.identity_settled"):
        attest(Identity(state), word("karin"))


def test_the_right_code_proves() -> None:
    after = try_code(asked(1), "right", NOW)
    assert after.state is IdentityState.PROVEN
    assert after.method is Method.CODE


def test_a_wrong_code_costs_an_attempt_and_five_are_all() -> None:
    identity = asked(1)
    for n in range(1, ATTEMPTS + 1):
        identity = try_code(identity, "wrong", NOW)
        assert identity.challenge is not None
        assert identity.challenge.attempts == n
        assert identity.state is IdentityState.ASKED
    with pytest.raises(NotAllowedNow, match=r"refusal\.code_expired"):
        try_code(identity, "right", NOW)


def test_a_code_lives_half_an_hour_to_the_instant() -> None:
    assert try_code(asked(1), "right", NOW + CODE_LIVES - timedelta(microseconds=1)).permits_content
    with pytest.raises(NotAllowedNow, match=r"refusal\.code_expired"):
        try_code(asked(1), "right", NOW + CODE_LIVES)


def test_a_code_works_once() -> None:
    with pytest.raises(NotAllowedNow, match=r"refusal\.code_expired"):
        try_code(proven(asked(1), Method.CODE, NOW), "right", NOW)
    with pytest.raises(NotAllowedNow, match=r"refusal\.code_expired"):
        try_code(replace(asked(1), challenge=None), "right", NOW)
