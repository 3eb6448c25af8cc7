"""Made-up tickets for the store's tests; `FULL` has every field set to something that is not its default."""

from datetime import UTC, datetime, timedelta

from bot.domain.identity import Attestation, Challenge, Doubt, Identity, IdentityState, Method
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.request import Channel, Language, RequestType, Role, Route, Scope, ScopeKind
from bot.domain.system import Mode, Operation
from bot.domain.task import Approval, Task, TaskState
from bot.domain.ticket import Outcome, Part, Stage, Ticket

AT = datetime(2026, 3, 5, 8, 12, 0, 123456, tzinfo=UTC)
LATER = AT + timedelta(days=4)


def a_ticket(ticket_id: str = "t1", received: datetime = AT) -> Ticket:
    """Return a plain ticket with an access and an erasure part."""
    parts = (
        Part(f"{ticket_id}-access", 0, RequestType.ACCESS, received),
        Part(f"{ticket_id}-erasure", 1, RequestType.ERASURE, received),
    )
    return Ticket(ticket_id, "", Channel.MAIL, Language.SV, received, parts)


def a_task(task_id: str = "task1", part_id: str = "t1-access") -> Task:
    """Return a plain task."""
    return Task(task_id, part_id, "hubspot", Operation.EXPORT, Mode.AUTOMATIC, TaskState.PROPOSED)


FULL = Ticket(
    id="full",
    ref="",
    channel=Channel.PHONE,
    language=Language.EN,
    received=AT,
    parts=(
        Part(
            id="full-p1",
            position=0,
            type=RequestType.RECTIFICATION,
            received=AT,
            scope=Scope(ScopeKind.FIELDS, ("home_address",)),
            stage=Stage.CLOSED,
            outcome=Outcome.PARTLY,
            reason="reason.asked_by_phone",
            closed_at=LATER,
            package_fetched_at=LATER,
            reopened_at=LATER,
            version=3,
        ),
    ),
    roles=(Role.CANDIDATE, Role.CONTACT),
    route=Route.SECURITY_REVIEW,
    flags=frozenset({"personnummer", "hidden_text"}),
    identity=Identity(
        state=IdentityState.ASKED,
        tier=2,
        doubts=(Doubt.FORWARDED, Doubt.SENSITIVE),
        challenge=Challenge(Method.CODE, AT, LATER, "d" * 64, 2),
        attestations=(Attestation("karin", Method.CALL_BACK, AT),),
        method=Method.CODE,
        proven_at=LATER,
        link_opened=True,
        asked=2,
        before=Identity(IdentityState.PROVEN, 1, method=Method.LINK, proven_at=AT),
    ),
    tasks=(
        Task(
            id="full-task",
            part_id="full-p1",
            system="hubspot",
            operation=Operation.RECTIFY,
            mode=Mode.ASSISTED,
            state=TaskState.STUCK,
            irreversible=True,
            found={"contact": 1, "note": 14},
            done={"contact": 1},
            approvals=(Approval("karin", AT), Approval("sara", LATER)),
            ground="ground.bookkeeping",
            proposed_by="sara",
            declined_by="vera",
            reason="reason.not_there",
            trouble="trouble.slow",
            attempts=7,
            token="token-7",
            writing_since=AT,
            waiting_since=LATER,
            settled_at=LATER,
            settled_by="karin",
            version=5,
        ),
    ),
    letters=(
        Letter(
            id="full-letter",
            kind=LetterKind.GENERAL,
            part_ids=("full-p1",),
            state=LetterState.DOUBTFUL,
            drafted_at=AT,
            edited_by="sara",
            approved_by="karin",
            sent_at=LATER,
            version=2,
        ),
    ),
    forwarded_at=LATER,
    unsure_clock=True,
    changes=3,
    handler="sara",
    confirmed_by="karin",
    closed_at=LATER,
    version=4,
)
