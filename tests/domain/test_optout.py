"""Opt-outs: only marketing, only as wide as asked, and nothing promised that nobody did."""

from dataclasses import replace

import pytest

from bot.domain.optout import (
    MARKETING,
    NOT_COVERED,
    asked_as,
    is_opt_out,
    manner,
    plan_opt_out,
    plan_stop,
    stops_all_mailings,
)
from bot.domain.policy import GROUNDS, grounds_of, operation_for, plan
from bot.domain.request import EVERYTHING, RequestType, Role, Scope, ScopeKind
from bot.domain.system import IdentifierKind, Manifest, Mode, Operation, absent, automatic, manual
from bot.domain.task import TaskState
from bot.domain.ticket import Part
from tests.domain.examples import ANALYTICS, EVENTBRITE, HUBSPOT, NOW, ids, part

MAILS_NOT = replace(ANALYTICS, capabilities={**ANALYTICS.capabilities, Operation.SUPPRESS: absent("reason.suppress")})
PAPER = replace(EVENTBRITE, capabilities={**EVENTBRITE.capabilities, Operation.SUPPRESS: manual("reason.suppress")})
STREET = (HUBSPOT, PAPER, MAILS_NOT)


def to(*purposes: str, right: RequestType = RequestType.OBJECTION) -> Part:
    """Return a right asked for some purposes only, for everything when none is named."""
    return replace(part(right), scope=Scope(ScopeKind.PURPOSES, purposes) if purposes else EVERYTHING)


@pytest.mark.parametrize(
    ("asked", "opt_out"),
    [
        (to(), True),
        (to("direct_marketing"), True),
        (to("phone_calls", "profiling"), True),
        (to("statistics"), False),
        (to("tracking"), False),
        (to("direct_marketing", "statistics"), False),
        (replace(to(), scope=Scope(ScopeKind.FIELDS, ("recruitment",))), False),
        (replace(to(), scope=Scope(ScopeKind.PURPOSES)), False),
        (to(right=RequestType.UNSUBSCRIBE), True),
        (to("newsletter", right=RequestType.UNSUBSCRIBE), True),
        (to("newsletter", right=RequestType.ERASURE), False),
    ],
)
def test_an_objection_is_an_opt_out_only_against_marketing(asked: Part, opt_out: bool) -> None:
    """R42, R45, P69: another purpose is weighed by people, and restricted, not answered with a stop of mailings."""
    assert is_opt_out(asked) == opt_out
    if asked.type is RequestType.OBJECTION:
        assert operation_for(asked) is (Operation.SUPPRESS if opt_out else Operation.RESTRICT)
        assert (asked_as(asked.type, asked.scope) == RequestType.OBJECTION) == opt_out


def test_marketing_has_no_ground_even_beside_another_purpose() -> None:
    """R42, D11."""
    assert grounds_of(to("statistics")) == GROUNDS[RequestType.OBJECTION]
    for purpose in sorted(MARKETING):
        assert grounds_of(to(purpose, "statistics")) == grounds_of(to(purpose)) == ()
    assert grounds_of(to("newsletter", right=RequestType.ERASURE)) == GROUNDS[RequestType.ERASURE]


def test_an_objection_stops_mail_at_once_and_leaves_the_rest_to_a_colleague() -> None:
    """R43: calls, advertisements and profiling have no switch; T11 may promise them only when somebody did it."""
    planned = plan(to(), STREET, (), ids(), NOW)
    assert [(one.system, one.operation, one.state) for one in planned] == [
        ("hubspot", Operation.SUPPRESS, TaskState.READY),
        ("hubspot", Operation.RESTRICT, TaskState.BY_HAND),
        ("eventbrite", Operation.SUPPRESS, TaskState.BY_HAND),
        ("eventbrite", Operation.RESTRICT, TaskState.BY_HAND),
        ("google_analytics", Operation.SUPPRESS, TaskState.NOT_APPLICABLE),
    ]
    assert {one.mode for one in planned if one.operation is Operation.RESTRICT} == {Mode.MANUAL}
    assert {one.waiting_since for one in planned if one.state is TaskState.BY_HAND} == {NOW}


@pytest.mark.parametrize(
    ("asked", "operation", "how"),
    [
        (to("phone_calls"), Operation.RESTRICT, "marketing"),
        (to("newsletter", right=RequestType.UNSUBSCRIBE), Operation.SUPPRESS, "some"),
    ],
)
def test_a_narrow_opt_out_stops_nothing_by_itself(asked: Part, operation: Operation, how: str) -> None:
    """D2, D8: the desk can only stop all mailings, and that is not what was asked."""
    planned = plan_opt_out(asked, (HUBSPOT, MAILS_NOT), ids(), NOW)
    assert [(one.operation, one.state) for one in planned] == [
        (operation, TaskState.BY_HAND),
        (Operation.SUPPRESS, TaskState.NOT_APPLICABLE),
    ]
    assert manner(asked.type, asked.scope, operation) == how


def test_an_operation_is_meant_as_it_says_otherwise() -> None:
    assert manner(RequestType.RESTRICTION, EVERYTHING, Operation.RESTRICT) == Operation.RESTRICT
    assert manner(RequestType.UNSUBSCRIBE, EVERYTHING, Operation.SUPPRESS) == Operation.SUPPRESS
    assert manner(RequestType.PORTABILITY, EVERYTHING, Operation.EXPORT) == "provided"
    assert manner(RequestType.ACCESS, EVERYTHING, Operation.EXPORT) == Operation.EXPORT
    assert manner(RequestType.OBJECTION, EVERYTHING, Operation.SUPPRESS) == Operation.SUPPRESS
    assert manner(RequestType.OBJECTION, to("statistics").scope, Operation.RESTRICT) == "objection"


def test_a_withdrawn_consent_stops_mailings_before_anything_is_searched() -> None:
    """R46: at once; the erasure is decided beside it. Once is enough."""
    withdrawn = to(right=RequestType.CONSENT_WITHDRAWAL)
    stops = plan_stop(withdrawn, STREET, (), ids(), NOW)
    assert [(one.system, one.operation, one.state) for one in stops] == [
        ("hubspot", Operation.SUPPRESS, TaskState.READY),
        ("eventbrite", Operation.SUPPRESS, TaskState.BY_HAND),
    ]
    assert plan_stop(withdrawn, STREET, stops, ids(), NOW) == ()
    assert operation_for(withdrawn) is Operation.ERASE


@pytest.mark.parametrize(
    ("asked", "stops"),
    [
        (to("direct_marketing", "statistics"), True),
        (to("statistics"), False),
        (to(right=RequestType.ERASURE), False),
        (replace(to(right=RequestType.CONSENT_WITHDRAWAL), scope=Scope(ScopeKind.FIELDS, ("photo",))), False),
    ],
)
def test_mailings_stop_at_once_only_when_they_are_meant(asked: Part, stops: bool) -> None:
    assert stops_all_mailings(asked) == stops
    assert bool(plan_stop(asked, STREET, (), ids(), NOW)) == stops


ADS = Manifest(
    "ads",
    "Ads",
    frozenset({IdentifierKind.EMAIL}),
    dict.fromkeys(Operation, automatic(irreversible=True, repeat_safe=True))
    | {Operation.FIND: absent("reason.find"), Operation.RESTRICT: absent("reason.restrict")},
    {IdentifierKind.EMAIL: frozenset({Role.CONTACT})},
)


@pytest.mark.parametrize(
    ("roles", "state", "reason"),
    [
        ((Role.CONTACT,), TaskState.READY, ""),
        ((Role.CANDIDATE, Role.CONTACT), TaskState.READY, ""),
        ((Role.CANDIDATE,), TaskState.NOT_APPLICABLE, NOT_COVERED),
        ((Role.UNKNOWN,), TaskState.NOT_APPLICABLE, NOT_COVERED),
        ((), TaskState.NOT_APPLICABLE, NOT_COVERED),
    ],
)
def test_an_address_is_taken_off_lists_only_where_it_is_no_disclosure(
    roles: tuple[Role, ...], state: TaskState, reason: str
) -> None:
    """D19: the vendor would learn the address by being asked."""
    (one,) = plan(to(), (ADS,), (), ids(), NOW, roles)
    assert (one.operation, one.state, one.reason) == (Operation.SUPPRESS, state, reason)
    stops = plan_stop(to(right=RequestType.CONSENT_WITHDRAWAL), (ADS,), (), ids(), NOW, roles)
    assert len(stops) == (state is TaskState.READY)
