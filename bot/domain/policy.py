"""What follows from a right: which operations, who may say yes. What an approved erasure still waits for: `locking`.

`plan` is rights x roles x manifests x findings -> tasks, and nothing here decides for a
person: automatic tasks are PROPOSED to their system's owner like the others. Only
opt-outs run without a decision (R18, R42, D8).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.approving import second_yes
from bot.domain.correcting import empties_fields
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.optout import NOT_COVERED, is_opt_out, plan_opt_out, touches_marketing
from bot.domain.people import Colleague
from bot.domain.request import EVERYTHING, RequestType, Role, ScopeKind
from bot.domain.system import Capability, IdentifierKind, Manifest, Mode, Operation
from bot.domain.task import Approval, Task, TaskState
from bot.domain.ticket import Part, Ticket

OPERATION_FOR: Final[dict[RequestType, Operation]] = {
    RequestType.ACCESS: Operation.EXPORT,
    RequestType.PORTABILITY: Operation.EXPORT,
    RequestType.RECTIFICATION: Operation.RECTIFY,
    RequestType.ERASURE: Operation.ERASE,
    RequestType.CONSENT_WITHDRAWAL: Operation.ERASE,
    RequestType.RESTRICTION: Operation.RESTRICT,
    RequestType.OBJECTION: Operation.SUPPRESS,
    RequestType.UNSUBSCRIBE: Operation.SUPPRESS,
}

READS: Final = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})

#: Grounds on which a right may be declined (D11). `grounds_of` takes them from marketing: no button exists (R42).
GROUNDS: Final[dict[RequestType, tuple[str, ...]]] = {
    RequestType.ACCESS: ("rights_of_others", "manifestly_unfounded", "excessive"),
    RequestType.PORTABILITY: ("not_provided", "not_consent_or_contract", "rights_of_others"),
    RequestType.RECTIFICATION: ("already_right", "disputed"),
    RequestType.ERASURE: ("legal_duty", "legal_claims", "expression", "public_health", "archive"),
    RequestType.CONSENT_WITHDRAWAL: ("legal_duty", "legal_claims"),
    RequestType.RESTRICTION: ("no_ground",),
    RequestType.OBJECTION: ("compelling", "legal_claims"),
    RequestType.UNSUBSCRIBE: (),
}

#: Flags that make a ticket the officer's alone (D12).
OFFICER_ONLY: Final = frozenset({"protected_identity", "breach_suspected", "phishing_suspected"})

NOT_KNOWN_BY: Final = "reason.not_known_by"


def officer_only(ticket: Ticket) -> bool:
    """Whether only a privacy officer may see and decide (D12)."""
    return bool(OFFICER_ONLY & ticket.flags)


def grounds_of(part: Part) -> tuple[str, ...]:
    """Return the grounds on which what *part* asks may be declined (D11); none, and no button exists."""
    return () if touches_marketing(part) else GROUNDS[part.type]


def operation_for(part: Part) -> Operation:
    """Return what a part asks of a system; erasing single fields is rectifying them to empty (D2).

    An objection to anything but marketing asks that the data be kept from that use: a restriction (R45).
    """
    operation = OPERATION_FOR[part.type]
    if part.type is RequestType.OBJECTION and not is_opt_out(part):
        return Operation.RESTRICT
    if operation is Operation.ERASE and part.scope.kind is ScopeKind.FIELDS:
        return Operation.RECTIFY
    return operation


def plan_search(
    part: Part,
    manifests: Iterable[Manifest],
    known: Collection[IdentifierKind],
    new_id: Iterable[str],
    at: datetime,
    roles: Collection[Role] = (),
) -> tuple[Task, ...]:
    """Return one FIND per system: every system is always spoken of (D40), and FIND needs no approval (D6)."""
    ids = iter(new_id)
    return tuple(_search_in(part, manifest, known, next(ids), at, roles) for manifest in manifests)


def _search_in(
    part: Part,
    manifest: Manifest,
    known: Collection[IdentifierKind],
    task_id: str,
    at: datetime,
    roles: Collection[Role],
) -> Task:
    how = manifest.how(Operation.FIND)
    task = Task(task_id, part.id, manifest.key, Operation.FIND, how.mode, TaskState.READY)
    if not manifest.known_by & frozenset(known):
        return replace(task, state=TaskState.NOT_APPLICABLE, reason=NOT_KNOWN_BY, settled_at=at)
    if not manifest.knows(roles) & frozenset(known):
        return replace(task, state=TaskState.NOT_APPLICABLE, reason=NOT_COVERED, settled_at=at)
    match how.mode:
        case Mode.AUTOMATIC:
            return task
        case Mode.ABSENT:
            return replace(task, state=TaskState.NOT_APPLICABLE, reason=how.reason, settled_at=at)
        case Mode.ASSISTED | Mode.MANUAL:
            return replace(task, state=TaskState.BY_HAND, reason=how.reason, waiting_since=at)


def plan(
    part: Part,
    manifests: Iterable[Manifest],
    searches: Sequence[Task],
    new_id: Iterable[str],
    at: datetime,
    roles: Collection[Role] = (),
    *,
    partly: bool = False,
) -> tuple[Task, ...]:
    """Return what *part* asks of every system that holds something, or that cannot be searched but can act.

    *partly*: some of what is held is not ours to hand out or erase (a contract governs it, P5), so a colleague does it.
    Opt-outs (tier 0) are READY at once in every system that can stop mailings, found there or not.
    """
    if is_opt_out(part):
        return plan_opt_out(part, manifests, new_id, at, roles)
    ids = iter(new_id)
    operation = operation_for(part)
    tasks = []
    for manifest in manifests:
        search = next((task for task in searches if task.system == manifest.key), None)
        how = manifest.how(operation)
        if search is not None and _concerns(search, manifest, how):
            task = _propose(part, manifest, operation, how, search, next(ids), at)
            tasks.append(_left_to_a_colleague(task) if partly else task)
    return tuple(tasks)


def _concerns(search: Task, manifest: Manifest, how: Capability) -> bool:
    if search.state is TaskState.DONE:
        return True
    named = manifest.unseen and search.reason not in (NOT_KNOWN_BY, NOT_COVERED)
    return named and how.mode is not Mode.ABSENT


def _propose(
    part: Part,
    manifest: Manifest,
    operation: Operation,
    how: Capability,
    search: Task,
    task_id: str,
    at: datetime,
) -> Task:
    narrowed = (
        operation in (Operation.ERASE, Operation.RESTRICT) and part.scope != EVERYTHING and how.mode is Mode.AUTOMATIC
    )
    task = Task(
        task_id,
        part.id,
        manifest.key,
        operation,
        Mode.MANUAL if narrowed else how.mode,  # the bot acts on all or nothing: a narrower wish is a colleague's
        TaskState.PROPOSED,
        irreversible=how.irreversible or empties_fields(part),
        found=search.found,
        reason=how.reason,
        waiting_since=at,
    )
    if how.mode is Mode.ABSENT:
        return replace(task, state=TaskState.NOT_APPLICABLE, settled_at=at, waiting_since=None)
    return task


def _left_to_a_colleague(task: Task) -> Task:
    if task.mode is Mode.AUTOMATIC and task.operation in (Operation.EXPORT, Operation.ERASE):
        return replace(task, mode=Mode.MANUAL)
    return task


def approve(task: Task, colleague: Colleague, at: datetime, *, own_request: bool, single: bool = False) -> Task:
    """Return the task with one more yes; released from PROPOSED when enough different people have said it (D10).

    Raises `NotYours` for who may not approve there, for the person concerned, and for a second yes of the same person.
    """
    if task.state is not TaskState.PROPOSED:
        raise NotAllowedNow("refusal.already_decided")
    if own_request:
        raise NotYours("refusal.own_request")
    if not colleague.approves_in(task.system):
        raise NotYours("refusal.not_yours_owner", {"system": task.system})
    earlier = {approval.by: approval.at for approval in task.approvals}
    second_yes(colleague.id, earlier, earlier.get(colleague.id), at, single=single)
    approved = replace(task, approvals=(*task.approvals, Approval(colleague.id, at)), ground="", proposed_by="")
    if len(approved.approvals) < task.approvals_needed:
        return approved
    return released(replace(approved, trouble=""), at)


def released(task: Task, at: datetime) -> Task:
    """Return an approved task in the state its mode asks for; ERASE waits LOCKED as `locking` says."""
    if task.operation is Operation.ERASE:
        return replace(task, state=TaskState.LOCKED, waiting_since=at)
    return unlocked(task, at)


def unlocked(task: Task, at: datetime) -> Task:
    """Return the task as a job or a colleague may now carry it out."""
    if task.mode is Mode.AUTOMATIC:
        return replace(task, state=TaskState.READY, waiting_since=None)
    return replace(task, state=TaskState.BY_HAND, waiting_since=at)


def propose_decline(task: Task, part: Part, ground: str, colleague: Colleague, *, own_request: bool) -> Task:
    """Return the task with a proposed decline; an owner proposes, an officer decides (D9). D11: it is a listed one."""
    if task.state is not TaskState.PROPOSED:
        raise NotAllowedNow("refusal.already_decided")
    if own_request:
        raise NotYours("refusal.own_request")
    if not colleague.approves_in(task.system):
        raise NotYours("refusal.not_yours_owner", {"system": task.system})
    if ground not in grounds_of(part):
        raise NotAllowedNow("refusal.ground_unknown")
    return replace(task, ground=ground, proposed_by=colleague.id, approvals=())


def refused_by_hand(task: Task, part: Part, ground: str, colleague: Colleague, *, own_request: bool) -> Task:
    """Return a step by hand as a proposed decline: what may not be done is an officer's to refuse (D9, R51).

    Approved before, it was seen only at the system that the law forbids it. Kept open by the officer it waits for
    its owner again, as any task does.
    """
    if task.state not in (TaskState.BY_HAND, TaskState.STUCK):
        raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
    proposed = replace(task, state=TaskState.PROPOSED, trouble="", token="")
    return propose_decline(proposed, part, ground, colleague, own_request=own_request)


def decline(task: Task, colleague: Colleague, at: datetime, *, own_request: bool, said: datetime | None = None) -> Task:
    """Return the task declined, by an officer: not the proposer, or alone a day after it was *said* (D9, R51, D10)."""
    if task.state is not TaskState.PROPOSED or not task.ground:
        raise NotAllowedNow("refusal.already_decided")
    if own_request:
        raise NotYours("refusal.own_request")
    if not colleague.is_officer:
        raise NotYours("refusal.not_yours_officer")
    second_yes(colleague.id, {task.proposed_by}, said, at, single=said is not None)
    declined = replace(task, state=TaskState.DECLINED, declined_by=colleague.id, waiting_since=None, trouble="")
    return replace(declined, settled_at=at, settled_by=colleague.id)
