"""Opt-outs: what is stopped at once, without proof and without a decision (R18, R42).

Only marketing can be refused like that. An objection to anything else, to statistics say, looks the same in a mail
but is weighed by people (R45); and whoever says no to one kind of mailing must not lose the others, so what the desk
can only stop as a whole is then left to a colleague.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.request import RequestType, Role, Scope, ScopeKind
from bot.domain.system import Capability, IdentifierKind, Manifest, Mode, Operation, absent
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part

#: Purposes that mean marketing as a whole, all mailings with it.
WHOLLY: Final = frozenset({"marketing", "direct_marketing"})
#: Purposes that are marketing (R43): more than mail.
MARKETING: Final = WHOLLY | {
    "newsletter",
    "invitations",
    "sms",
    "profiling",
    "calls",
    "phone_calls",
    "ads",
    "advertising",
}


#: Why an address is not taken off a list at a vendor that would only learn it by that (D19).
NOT_COVERED: Final = "reason.not_covered"


def opts_out(right: RequestType, scope: Scope) -> bool:
    """Whether a right is asked for as an opt-out: any unsubscription, and an objection to marketing alone (R42)."""
    if right is RequestType.UNSUBSCRIBE:
        return True
    return right is RequestType.OBJECTION and (
        scope.kind is ScopeKind.EVERYTHING
        or (scope.kind is ScopeKind.PURPOSES and bool(scope.names) and MARKETING.issuperset(scope.names))
    )


def is_opt_out(part: Part) -> bool:
    """Whether *part* is an opt-out."""
    return opts_out(part.type, part.scope)


def touches_marketing(part: Part) -> bool:
    """Whether marketing is among what *part* is about: to that no ground holds (D11)."""
    objects = part.type is RequestType.OBJECTION and bool(MARKETING & set(part.scope.names))
    return objects or is_opt_out(part)


def stops_all_mailings(part: Part) -> bool:
    """Whether every mailing stops at once: the opt-outs without limits, and consent withdrawn as a whole (R46)."""
    if part.scope.kind is ScopeKind.EVERYTHING:
        return part.type in (RequestType.UNSUBSCRIBE, RequestType.OBJECTION, RequestType.CONSENT_WITHDRAWAL)
    objects = part.type in (RequestType.OBJECTION, RequestType.CONSENT_WITHDRAWAL)
    return objects and part.scope.kind is ScopeKind.PURPOSES and bool(WHOLLY & set(part.scope.names))


def manner(right: RequestType, scope: Scope, operation: Operation) -> str:
    """Return how *operation* is meant for that right: a word below `manner` in the texts, or the operation's own.

    `some`: single kinds of mailing. `marketing`: marketing beyond mail. `objection`: use for a purpose objected to.
    `provided`: a copy of nothing but what the person gave (R35).
    """
    if right is RequestType.PORTABILITY and operation is Operation.EXPORT:
        return "provided"
    if right is RequestType.UNSUBSCRIBE and scope.kind is not ScopeKind.EVERYTHING:
        return "some"
    if right is RequestType.OBJECTION and operation is Operation.RESTRICT:
        return "marketing" if opts_out(right, scope) else "objection"
    return operation


MANNERS: Final = ("some", "marketing", "objection", "provided")


def asked_as(right: RequestType, scope: Scope) -> str:
    """Return the word below `right_asked` that says what was asked: an objection is not always to marketing."""
    other = right is RequestType.OBJECTION and not opts_out(right, scope)
    return "objection_other" if other else right


def plan_opt_out(
    part: Part,
    manifests: Iterable[Manifest],
    new_id: Iterable[str],
    at: datetime,
    roles: Collection[Role] = (),
) -> tuple[Task, ...]:
    """Return an opt-out's tasks, in every system, the person found there or not.

    Mailings stop at once. Calls, advertisements and profiling have no switch: a step by hand per system that markets,
    so that no letter promises what nobody did (R43).
    """
    ids = iter(new_id)
    tasks: list[Task] = []
    for manifest in manifests:
        mail, rest = _mail(manifest, roles), manifest.how(Operation.RESTRICT)
        markets = mail.mode is not Mode.ABSENT
        by_hand = part.type is RequestType.OBJECTION and markets and rest.mode is not Mode.ABSENT
        if stops_all_mailings(part) or not markets:
            tasks.append(_stop(part, manifest, mail, next(ids), at))
        elif not by_hand:
            tasks.append(_by_hand(part, manifest, Operation.SUPPRESS, next(ids), at))
        if by_hand:
            tasks.append(_by_hand(part, manifest, Operation.RESTRICT, next(ids), at))
    return tuple(tasks)


def plan_stop(
    part: Part,
    manifests: Iterable[Manifest],
    earlier: Sequence[Task],
    new_id: Iterable[str],
    at: datetime,
    roles: Collection[Role] = (),
    *,
    whole: bool = False,
) -> tuple[Task, ...]:
    """Return the stop of mailings that the rest of *part* need not wait for (R46); nothing when *earlier* has it.

    *whole*: they stop whatever the part asks, as for somebody who has died.
    """
    if not (whole or stops_all_mailings(part)) or any(task.operation is Operation.SUPPRESS for task in earlier):
        return ()
    able = [(one, how) for one in manifests if (how := _mail(one, roles)).mode is not Mode.ABSENT]
    return tuple(
        _stop(part, manifest, how, task_id, at) for (manifest, how), task_id in zip(able, new_id, strict=False)
    )


def _mail(manifest: Manifest, roles: Collection[Role]) -> Capability:
    """Return how mailings to an address are stopped there: not at all where that would disclose the address (D19)."""
    how = manifest.how(Operation.SUPPRESS)
    told = how.mode is not Mode.ABSENT and not manifest.may_name(IdentifierKind.EMAIL, roles)
    return absent(NOT_COVERED) if told else how


def _stop(part: Part, manifest: Manifest, how: Capability, task_id: str, at: datetime) -> Task:
    task = Task(task_id, part.id, manifest.key, Operation.SUPPRESS, how.mode, TaskState.READY, reason=how.reason)
    match how.mode:
        case Mode.AUTOMATIC:
            return task
        case Mode.ABSENT:
            return replace(task, state=TaskState.NOT_APPLICABLE, settled_at=at)
        case Mode.ASSISTED | Mode.MANUAL:
            return replace(task, state=TaskState.BY_HAND, waiting_since=at)


def _by_hand(part: Part, manifest: Manifest, operation: Operation, task_id: str, at: datetime) -> Task:
    return Task(task_id, part.id, manifest.key, operation, Mode.MANUAL, TaskState.BY_HAND, waiting_since=at)
