"""Small values: requests, systems, letters, errors, the policy."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.errors import Incomplete, PrivacyDeskError, TryLater
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.policy_text import for_roles
from bot.domain.request import (
    OPT_OUTS,
    Language,
    Proposal,
    ProposedPart,
    RequestType,
    Role,
    Route,
    SenderEvidence,
)
from bot.domain.system import (
    Identifier,
    IdentifierKind,
    Manifest,
    Mode,
    Operation,
    absent,
    assisted,
    automatic,
    manual,
)
from config.policy_file import load_policy

POLICY = load_policy()


def test_every_right_stands_in_an_article() -> None:
    assert {right: right.article for right in RequestType} == {
        RequestType.ACCESS: "15",
        RequestType.RECTIFICATION: "16",
        RequestType.ERASURE: "17",
        RequestType.RESTRICTION: "18",
        RequestType.PORTABILITY: "20",
        RequestType.OBJECTION: "21",
        RequestType.UNSUBSCRIBE: "21(2)",
        RequestType.CONSENT_WITHDRAWAL: "7(3)",
    }
    assert {RequestType.UNSUBSCRIBE, RequestType.OBJECTION} == OPT_OUTS


def test_a_manifest_is_never_silent() -> None:
    """D40, F30: every operation is spoken of, and anything but automatic gives its reason."""
    whole = dict.fromkeys(Operation, automatic())
    assert Manifest("x", "X", frozenset(), whole).how(Operation.ERASE).mode is Mode.AUTOMATIC
    del whole[Operation.SUPPRESS]
    with pytest.raises(ValueError, match="silent on suppress"):
        Manifest("x", "X", frozenset(), whole)
    for capability in (assisted, manual, absent):
        with pytest.raises(ValueError, match="needs a reason"):
            capability("")
    modes = (assisted("r").mode, manual("r", irreversible=True).mode, absent("r").mode)
    assert modes == (Mode.ASSISTED, Mode.MANUAL, Mode.ABSENT)
    assert automatic(repeat_safe=True).repeat_safe


def test_what_identifies_a_person_does_not_show_itself() -> None:
    assert "anna" not in repr(Identifier(IdentifierKind.EMAIL, "anna@example.org"))


def test_which_letters_answer_and_which_leave_by_themselves() -> None:
    on_the_way = {kind for kind in LetterKind if not kind.answers}
    assert on_the_way == {
        LetterKind.ACKNOWLEDGEMENT,
        LetterKind.IDENTITY_NEEDED,
        LetterKind.CLARIFICATION,
        LetterKind.CONTRACT,
        LetterKind.JOB_SITE,
        LetterKind.ID_NEEDED,
        LetterKind.AUTHORITY_NEEDED,
        LetterKind.CONFIRM_ERASURE,
        LetterKind.CODE,
        LetterKind.NEW_LINK,
        LetterKind.LIFTING,
        LetterKind.TRANSFERRED,
        LetterKind.EXTENDED,
        LetterKind.TAKEN_BACK,
    }
    assert {kind for kind in LetterKind if kind.sends_itself} == on_the_way | {
        LetterKind.OPTED_OUT,
        LetterKind.UNDONE,
        LetterKind.NEUTRAL,
    }
    assert Letter("1", LetterKind.ACCESS_ANSWER, ("p",)).answers


def test_a_doubtful_letter_nobody_approved_was_never_written() -> None:
    doubtful = Letter("1", LetterKind.ACCESS_ANSWER, ("p",), LetterState.DOUBTFUL)
    assert doubtful.unwritten
    assert not replace(doubtful, approved_by="bo").unwritten
    assert not replace(doubtful, state=LetterState.REQUESTED).unwritten


def test_a_refusal_carries_a_key_and_small_facts() -> None:
    assert PrivacyDeskError("refusal.stale").facts == {}
    assert Incomplete("refusal.field_missing", {"field": "email"}).facts == {"field": "email"}
    assert TryLater("trouble.later", timedelta(seconds=3)).after == timedelta(seconds=3)


def test_a_proposal_names_its_rights_in_order_and_hides_its_words() -> None:
    at = datetime(2026, 3, 5, tzinfo=UTC)
    proposal = Proposal(
        is_request=True,
        parts=(ProposedPart(RequestType.ACCESS, evidence=("secret",)), ProposedPart(RequestType.ERASURE)),
        subject_email="anna@example.org",
        subject_name="Anna",
        requester_email="anna@example.org",
        language=Language.SV,
        roles=(Role.CONTACT,),
        flags=frozenset(),
        route=Route.OPEN_CASE,
        id_tier=1,
        received=at,
        clock_start=at,
        clock_unsure=False,
        sender=SenderEvidence.PASSED,
        reply_to_differs=False,
        message_id="<1@example.org>",
        case_ref=None,
        title="secret title",
        text="secret text",
    )
    assert proposal.rights == (RequestType.ACCESS, RequestType.ERASURE)
    assert "secret" not in repr(proposal)
    assert "anna" not in repr(proposal).lower()


def test_the_policy_answers_by_role() -> None:
    candidate = {one.key for one in for_roles(POLICY.purposes, [Role.CANDIDATE])}
    contact = {one.key for one in for_roles(POLICY.purposes, [Role.CONTACT])}
    assert candidate == {"P66", "P67", "P68", "P69"}
    assert contact == {"P18", "P19", "P20", "P21", "P22", "P35", "P42"}
    both = {one.key for one in for_roles(POLICY.purposes, [Role.CONTACT, Role.CANDIDATE])}
    assert both == candidate | contact
    assert for_roles(POLICY.purposes, [Role.CONTRACT_CUSTOMER]) == ()
    assert POLICY.dated > date(2026, 1, 1)


def test_a_role_follows_from_where_the_person_was_found_beside_the_one_that_was_read() -> None:
    """P62: a role guessed from a mail must not hide who was given what a search has found."""
    assert POLICY.roles_held([Role.CANDIDATE, Role.UNKNOWN], ["hubspot"]) == {Role.CANDIDATE, Role.CONTACT}
    assert POLICY.roles_held([Role.CANDIDATE], []) == {Role.CANDIDATE}
    assert POLICY.roles_held([Role.UNKNOWN], ["hubspot", "eventbrite"]) == {Role.CONTACT, Role.ATTENDEE}
    assert POLICY.roles_held([Role.UNKNOWN], []) == frozenset()


def test_a_role_may_follow_from_the_kind_of_record() -> None:
    """A file in the recruitment library is a candidate's; a mail there is a contact's (P72)."""
    assert POLICY.roles_held([], ["office365:file"]) == {Role.CANDIDATE}
    assert POLICY.roles_held([], ["office365:message", "office365:file"]) == {Role.CANDIDATE, Role.CONTACT}
    assert POLICY.roles_held([], ["office365"]) == {Role.CONTACT}
    assert POLICY.roles_held([], ["elsewhere:file"]) == frozenset()
