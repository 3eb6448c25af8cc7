"""One ticket for every situation a card must show, by name."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.cards.particulars import Asked, Particulars, Thread
from bot.domain.identity import Attestation, Challenge, Doubt, Identity, IdentityState, Method
from bot.domain.incident import Ending, Incident
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.original import mark_of
from bot.domain.request import Channel, Language, RequestType, Role, Route, Scope, ScopeKind, SenderEvidence
from bot.domain.roads import Road, covered, heard, took
from bot.domain.system import Mode, Operation
from bot.domain.task import Approval, Task, TaskState
from bot.domain.threads import ASKED_AGAIN, FOLLOWS, KEPT_APART, SAYS_IT_BELONGS
from bot.domain.ticket import MAIL_TO_READ, MAY_TAKE_BACK, Outcome, Part, Stage, Ticket

THURSDAY = datetime(2026, 3, 5, 8, 12, tzinfo=UTC)  # 09:12 in Sweden
MONDAY = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ACCESS = Part("part-1", 1, RequestType.ACCESS, THURSDAY)
ERASURE = Part("part-2", 2, RequestType.ERASURE, THURSDAY)


def at(part: Part, stage: Stage) -> Part:
    return replace(part, stage=stage)


NEW = Ticket(
    "ticket-1",
    "PR-2026-0042",
    Channel.MAIL,
    Language.SV,
    THURSDAY,
    (ACCESS, ERASURE),
    roles=(Role.CONTACT,),
    flags=frozenset({"sender_passed", "multi_right"}),
)
FORWARDED = replace(NEW, forwarded_at=MONDAY - HOUR, flags=frozenset({"sender_forwarded"}))
UNSURE = replace(NEW, unsure_clock=True, flags=frozenset({"sender_missing", "unsure_reading", "broken"}))
BY_PHONE = replace(
    NEW,
    channel=Channel.PHONE,
    flags=frozenset(),
    language=Language.EN,
    parts=(
        Part("part-1", 1, RequestType.RESTRICTION, THURSDAY),
        Part("part-2", 2, RequestType.RECTIFICATION, THURSDAY, Scope(ScopeKind.FIELDS, ("hemadress",))),
    ),
)
RISKY = replace(
    NEW,
    route=Route.HUMAN_REVIEW,
    roles=(Role.CANDIDATE,),
    flags=frozenset({"sender_failed", "reply_to_mismatch", "third_party_no_authority"}),
)
BREACH = replace(
    NEW, route=Route.SECURITY_REVIEW, flags=frozenset({"sender_passed", "breach_suspected", "incident_open"})
)
CLOCK = Incident(MONDAY - 5 * HOUR)
REPORTED = replace(
    CLOCK,
    ending=Ending.NOTIFIED,
    ended_at=MONDAY,
    ended_by="maria",
    notified_at=MONDAY - HOUR,
    reference="IMY-2026-1234",
)
PROTECTED = replace(NEW, flags=frozenset({"sender_passed", "protected_identity"}))
IMPOSTOR = replace(
    NEW, route=Route.SECURITY_REVIEW, flags=frozenset({"sender_failed", "reply_to_mismatch", "phishing_suspected"})
)
HIDING = replace(
    PROTECTED,
    tasks=tuple(
        Task(
            f"hide-{system}", ACCESS.id, system, Operation.HIDE, Mode.MANUAL, TaskState.BY_HAND, waiting_since=THURSDAY
        )
        for system in ("eventbrite", "hubspot", "office365")
    ),
)
CONTRACT = replace(NEW, parts=(ACCESS,), roles=(Role.CONTRACT_CUSTOMER,), route=Route.CONTRACT_ROUTE)
JOB_SITE = replace(NEW, parts=(ERASURE,), flags=frozenset({"sender_passed", "out_of_scope_third_party"}))
AGENT = replace(NEW, parts=(ACCESS,), flags=frozenset({"sender_passed", "on_behalf", "authority_missing"}))
AGENT_ATTACHED = replace(AGENT, flags=frozenset({"sender_passed", "on_behalf", "authority_attached"}))
AGENT_ASKED = replace(took(AGENT, Road.AUTHORITY, date(2026, 3, 19)), handler="sara")
AGENT_SHOWN = replace(AGENT_ASKED, flags=covered(AGENT_ASKED.flags, (RequestType.ACCESS,)))
UNCLEAR = replace(NEW, parts=(ERASURE,), flags=frozenset({"sender_passed", "needs_clarification"}))
UNCLEAR_ASKED = replace(took(UNCLEAR, Road.CLARIFICATION, date(2026, 3, 19)), handler="sara")
UNCLEAR_REPLIED = replace(UNCLEAR_ASKED, flags=heard(UNCLEAR_ASKED.flags) | {MAIL_TO_READ})
COOKIE = replace(NEW, parts=(ERASURE,), flags=frozenset({"sender_passed", "cookie_data"}))
ASKING = replace(NEW, parts=(ACCESS,), flags=frozenset({"sender_passed", "privacy_question", "unsure_reading"}))
DECEASED = replace(NEW, parts=(ERASURE,), flags=frozenset({"sender_passed", "deceased", "on_behalf"}))


def find(system: str, state: TaskState, number: int, mode: Mode = Mode.AUTOMATIC) -> Task:
    return Task(f"find-{number}", ACCESS.id, system, Operation.FIND, mode, state, settled_at=MONDAY)


SEARCHES = (
    replace(find("hubspot", TaskState.DONE, 1), found={"contact": 1, "activity": 14, "form": 3}),
    replace(find("office365", TaskState.DONE, 2), found={"message": 6, "card": 1}),
    replace(find("eventbrite", TaskState.DONE, 3), found={"order": 2}),
    replace(find("google_analytics", TaskState.NOT_APPLICABLE, 4, Mode.ABSENT), reason="reason.not_known_by"),
    replace(find("google_display", TaskState.NOT_APPLICABLE, 5, Mode.ABSENT), reason="reason.find"),
)
LOCATING = replace(
    NEW,
    parts=(at(ACCESS, Stage.LOCATING), at(ERASURE, Stage.LOCATING)),
    handler="sara",
    confirmed_by="sara",
    tasks=(
        SEARCHES[0],
        replace(SEARCHES[1], state=TaskState.BY_HAND, mode=Mode.MANUAL, found={}, waiting_since=MONDAY - HOUR),
        replace(SEARCHES[2], state=TaskState.READY, found={}, trouble="trouble.later", attempts=2),
        SEARCHES[3],
        replace(SEARCHES[4], state=TaskState.RUNNING, attempts=1),
    ),
)
SEARCHING_ALONE = replace(LOCATING, tasks=(SEARCHES[0], *LOCATING.tasks[2:]))

QUESTION = Letter(
    "letter-2",
    LetterKind.IDENTITY_NEEDED,
    (ACCESS.id, ERASURE.id),
    LetterState.SENT,
    drafted_at=MONDAY - HOUR,
    sent_at=MONDAY - HOUR / 2,
)
VERIFYING = replace(
    NEW,
    parts=(at(ACCESS, Stage.VERIFYING), at(ERASURE, Stage.VERIFYING)),
    handler="sara",
    tasks=SEARCHES,
    letters=(QUESTION,),
    identity=Identity(
        IdentityState.ASKED,
        2,
        (Doubt.SENSITIVE,),
        Challenge(Method.CODE, MONDAY - HOUR / 4, MONDAY + HOUR / 4, "digest", attempts=1),
        link_opened=True,
    ),
)
LAPSED = replace(
    VERIFYING,
    letters=(replace(QUESTION, sent_at=MONDAY - 20 * DAY),),
    identity=replace(VERIFYING.identity, challenge=None),
)
UNASKED = replace(VERIFYING, letters=(), identity=Identity(IdentityState.ASKED, 1, (Doubt.NOT_ON_FILE,)))
UNATTESTED = replace(VERIFYING, identity=Identity(IdentityState.ASKED, 3, (Doubt.NOT_ON_FILE,)))
ATTESTED_ONCE = replace(
    VERIFYING,
    identity=Identity(
        IdentityState.ASKED,
        3,
        (Doubt.SENSITIVE,),
        attestations=(Attestation("sara", Method.CALL_BACK, MONDAY - HOUR),),
    ),
)


def exports(state: TaskState) -> tuple[Task, ...]:
    return tuple(
        Task(
            f"export-{number}",
            ACCESS.id,
            search.system,
            Operation.EXPORT,
            Mode.AUTOMATIC if number < 3 else Mode.MANUAL,
            state,
            found=search.found,
            waiting_since=MONDAY - HOUR,
        )
        for number, search in enumerate(SEARCHES[:3], start=1)
    )


def erases(state: TaskState) -> tuple[Task, ...]:
    return tuple(
        Task(
            f"erase-{number}",
            ERASURE.id,
            search.system,
            Operation.ERASE,
            Mode.AUTOMATIC if number < 3 else Mode.MANUAL,
            state,
            irreversible=True,
            found=search.found,
            waiting_since=MONDAY - HOUR,
        )
        for number, search in enumerate(SEARCHES[:3], start=1)
    )


YES = Approval("karin", MONDAY - HOUR)
PROVEN = Identity(IdentityState.PROVEN, 1, method=Method.LINK, proven_at=MONDAY)
DECIDING = replace(
    NEW,
    parts=(at(ACCESS, Stage.DECIDING), at(ERASURE, Stage.DECIDING)),
    handler="sara",
    identity=PROVEN,
    tasks=(*SEARCHES, *exports(TaskState.PROPOSED), *erases(TaskState.PROPOSED)),
)
_EXPORTS, _ERASES = exports(TaskState.READY), erases(TaskState.PROPOSED)
HALF_DECIDED = replace(
    DECIDING,
    tasks=(
        *SEARCHES,
        replace(_EXPORTS[0], approvals=(YES,)),
        replace(
            _EXPORTS[1], state=TaskState.DONE, settled_at=MONDAY - HOUR / 2, approvals=(Approval("jonas", MONDAY),)
        ),
        replace(_EXPORTS[2], state=TaskState.PROPOSED),
        replace(_ERASES[0], approvals=(YES,)),
        replace(_ERASES[1], ground="legal_claims", proposed_by="jonas"),
        _ERASES[2],
    ),
)
RECEIPT = Letter("letter-1", LetterKind.ACKNOWLEDGEMENT, (ACCESS.id, ERASURE.id), LetterState.SENT, sent_at=MONDAY)
ANSWER = Letter(
    "letter-3", LetterKind.ACCESS_ANSWER, (ACCESS.id,), LetterState.SENT, drafted_at=MONDAY, sent_at=MONDAY + 3 * DAY
)
DONE_EXPORTS = tuple(replace(task, state=TaskState.DONE, settled_at=MONDAY) for task in _EXPORTS)
ACCESS_CLOSED = replace(ACCESS, stage=Stage.CLOSED, outcome=Outcome.FULFILLED, closed_at=MONDAY + 3 * DAY)
EXECUTING = replace(
    DECIDING,
    parts=(replace(ACCESS_CLOSED, package_fetched_at=MONDAY + 4 * DAY), at(ERASURE, Stage.EXECUTING)),
    letters=(RECEIPT, ANSWER),
    tasks=(
        *SEARCHES,
        *DONE_EXPORTS,
        replace(_ERASES[0], state=TaskState.DONE, settled_at=MONDAY + 7 * DAY - HOUR, done=_ERASES[0].found),
        replace(_ERASES[1], state=TaskState.STUCK, trouble="trouble.credentials", attempts=3),
        replace(_ERASES[2], state=TaskState.BY_HAND, waiting_since=MONDAY + 4 * DAY),
    ),
)
LOCKED = replace(
    EXECUTING,
    parts=(ACCESS_CLOSED, at(ERASURE, Stage.EXECUTING)),
    tasks=(*SEARCHES, *DONE_EXPORTS, *erases(TaskState.LOCKED)),
)
PRESS_LETTER = Letter(
    "letter-4", LetterKind.CONFIRM_ERASURE, (ERASURE.id,), LetterState.SENT, drafted_at=MONDAY, sent_at=MONDAY
)
UNPRESSED = replace(
    LOCKED,
    parts=(at(replace(ERASURE, position=1), Stage.EXECUTING),),
    identity=Identity(IdentityState.AUTHENTICATED),
    tasks=(*SEARCHES, *erases(TaskState.LOCKED)),
    letters=(PRESS_LETTER,),
)
#: Cookie data: the id is asked for while the rest is searched and decided, a reply came, its day passed unread.
COOKIE_ASKED = replace(
    took(COOKIE, Road.COOKIE, date(2026, 3, 19)),
    parts=(at(ERASURE, Stage.DECIDING),),
    handler="sara",
    confirmed_by="sara",
    identity=PROVEN,
    tasks=(*SEARCHES, *erases(TaskState.PROPOSED)),
)
COOKIE_REPLIED = replace(COOKIE_ASKED, flags=heard(COOKIE_ASKED.flags))
#: One system is tried again, one has a step by hand: when and by whom stands beside.
AGAIN = replace(
    EXECUTING,
    tasks=(
        *EXECUTING.tasks[:-2],
        replace(
            _ERASES[1],
            state=TaskState.READY,
            trouble="trouble.slow",
            attempts=3,
            done={"message": 4, "card": 1},
            approvals=(YES,),
        ),
        EXECUTING.tasks[-1],
    ),
)
DRAFT = replace(ANSWER, state=LetterState.DRAFT, sent_at=None)
REPLYING = replace(
    EXECUTING,
    parts=(at(ACCESS, Stage.REPLYING), at(ERASURE, Stage.EXECUTING)),
    letters=(RECEIPT, DRAFT),
    tasks=(*SEARCHES, *DONE_EXPORTS, *erases(TaskState.LOCKED)),
)
#: A copy that may concern others, before and after it was gone through (Art. 15(4)).
JUDGING = replace(
    EXECUTING,
    parts=(at(ACCESS, Stage.EXECUTING), at(ERASURE, Stage.DECIDING)),
    letters=(RECEIPT,),
    tasks=(*SEARCHES, *DONE_EXPORTS, *erases(TaskState.PROPOSED)),
    flags=NEW.flags | {"copy:export-1:3:1:0:0", "copy:export-2:0:1:0:2"},
)
JUDGED = replace(REPLYING, flags=NEW.flags | {"copy:export-1:0:0:1:2"})
SENDING = replace(REPLYING, letters=(RECEIPT, replace(DRAFT, state=LetterState.SENDING)))
DOUBTFUL = replace(REPLYING, letters=(RECEIPT, replace(DRAFT, state=LetterState.DOUBTFUL, approved_by="sara")))
UNWRITTEN = replace(REPLYING, letters=(RECEIPT, replace(DRAFT, state=LetterState.DOUBTFUL)))
CLOSED = replace(
    EXECUTING,
    parts=(
        ACCESS_CLOSED,
        replace(ERASURE, stage=Stage.CLOSED, outcome=Outcome.FULFILLED, closed_at=MONDAY + 15 * DAY),
    ),
    closed_at=MONDAY + 15 * DAY,
    tasks=(
        *SEARCHES,
        *DONE_EXPORTS,
        *(replace(task, state=TaskState.DONE, settled_at=MONDAY + 8 * DAY) for task in _ERASES[:2]),
        replace(_ERASES[2], state=TaskState.EXCEPTION, reason="exception.not_possible", settled_by="sara"),
    ),
)
HELD = replace(CLOSED, flags=frozenset({"hold:2026-09-01"}))
HOLD_DUE = replace(CLOSED, flags=frozenset({"hold:2026-03-01"}))
SHARED_WAITS = replace(
    EXECUTING,
    parts=(at(ERASURE, Stage.EXECUTING),),
    identity=Identity(IdentityState.PROVEN),
    tasks=(*SEARCHES, *erases(TaskState.LOCKED)),
    flags=frozenset({"shared:hubspot"}),
)
CLOSED_APART = replace(CLOSED, parts=(ACCESS_CLOSED, replace(CLOSED.parts[1], outcome=Outcome.PARTLY)))
NEW_MAIL = replace(LOCATING, flags=LOCATING.flags | {MAIL_TO_READ})
NEW_MAIL_CLOSED = replace(CLOSED, flags=CLOSED.flags | {MAIL_TO_READ})
FROM_CHAT = replace(BY_PHONE, channel=Channel.CHAT, flags=mark_of("sara"))
FROM_CHAT_CLOSED = replace(CLOSED, channel=Channel.CHAT, flags=mark_of("sara"))
FROM_CHAT_PROTECTED = replace(PROTECTED, channel=Channel.CHAT, flags=PROTECTED.flags | mark_of("sara"))
DISMISSED = replace(
    NEW,
    parts=(
        replace(
            ACCESS, stage=Stage.CLOSED, outcome=Outcome.NOT_A_REQUEST, reason="reason.newsletter", closed_at=MONDAY
        ),
    ),
    closed_at=MONDAY,
)
LATER = Part("part-3", 3, RequestType.PORTABILITY, MONDAY)
LATER_PART = replace(DECIDING, parts=(*DECIDING.parts, LATER))
LAST_LEFT = replace(CLOSED, parts=(*CLOSED.parts, LATER), closed_at=None)
MAY_BE_TAKEN_BACK = replace(LOCKED, flags=LOCKED.flags | {MAY_TAKE_BACK})
ASKED = replace(LOCATING, flags=LOCATING.flags | {MAIL_TO_READ, ASKED_AGAIN})
BELONGS = replace(NEW, flags=NEW.flags | {SAYS_IT_BELONGS})
FOLLOWED = replace(NEW, flags=NEW.flags | {FOLLOWS})
APART = replace(NEW, flags=NEW.flags | {KEPT_APART})
JOINED = replace(
    NEW,
    parts=tuple(
        replace(part, stage=Stage.CLOSED, outcome=Outcome.JOINED, reason="reason.duplicate", closed_at=MONDAY)
        for part in NEW.parts
    ),
    closed_at=MONDAY,
)
DISMISSED_PART = replace(
    DECIDING,
    parts=(
        *DECIDING.parts,
        replace(LATER, stage=Stage.CLOSED, outcome=Outcome.NOT_A_REQUEST, reason="reason.automatic", closed_at=MONDAY),
    ),
)
TWIN = replace(DECIDING, id="ticket-2", ref="PR-2026-0040")
HERE = Thread(said="PR-2026-0040")
CAME = {LATER.id: Asked("mail-1", SenderEvidence.PASSED)}
#: What stands beside a ticket where it has to do with other mails or tickets.
BESIDE = {
    "later_part": Particulars(thread=Thread(asked=CAME)),
    "later_part_unsettled": Particulars(
        thread=Thread(asked={LATER.id: Asked("mail-1", guessed=True, limited=True, known=False)})
    ),
    "later_part_forwarded": Particulars(thread=Thread(asked={LATER.id: Asked("mail-1", SenderEvidence.FORWARDED)})),
    "later_part_alone": Particulars(thread=Thread(asked=CAME)),
    "says_it_belongs": Particulars(thread=HERE),
    "says_it_belongs_nowhere": Particulars(thread=Thread()),
    "follows": Particulars(thread=HERE),
    "twin": Particulars(twins=(TWIN,)),
    "kin": Particulars(kin=(TWIN,)),
    "kept_apart": Particulars(twins=(TWIN,)),
    "executing_again": Particulars(tries={"erase-2": MONDAY + 7 * DAY + HOUR / 10}, reminded=date(2026, 3, 19)),
    "executing_again_tomorrow": Particulars(tries={"erase-2": MONDAY + 8 * DAY + HOUR}, reminded=date(2026, 3, 19)),
    "joined": Particulars(thread=Thread(joined_to="PR-2026-0040")),
}

RETURNED = replace(CLOSED, letters=(*CLOSED.letters[:-1], replace(CLOSED.letters[-1], state=LetterState.RETURNED)))
COPIES = {"judging_copy": JUDGING, "replying_judged": JUDGED}
TICKETS = {
    "new": NEW,
    "returned": RETURNED,
    "many_mails": replace(LOCATING, flags=LOCATING.flags | {"many_mails"}),
    "new_forwarded": FORWARDED,
    "new_unsure": UNSURE,
    "new_by_phone": BY_PHONE,
    "new_risky": RISKY,
    "new_protected": PROTECTED,
    "locating": LOCATING,
    "locating_alone": SEARCHING_ALONE,
    "verifying": VERIFYING,
    "verifying_lapsed": LAPSED,
    "verifying_unasked": UNASKED,
    "verifying_unattested": UNATTESTED,
    "verifying_attested_once": ATTESTED_ONCE,
    "deciding": DECIDING,
    "deciding_half": HALF_DECIDED,
    "executing": EXECUTING,
    "executing_locked": LOCKED,
    "executing_unpressed": UNPRESSED,
    "replying": REPLYING,
    "replying_sending": SENDING,
    "replying_doubtful": DOUBTFUL,
    "replying_unwritten": UNWRITTEN,
    "closed": CLOSED,
    "closed_apart": CLOSED_APART,
    "closed_dismissed": DISMISSED,
    "locating_new_mail": NEW_MAIL,
    "closed_new_mail": NEW_MAIL_CLOSED,
    "new_from_chat": FROM_CHAT,
    "closed_from_chat": FROM_CHAT_CLOSED,
}
#: Tickets that have to do with later mails, or with other tickets.
THREADS = {
    "later_part": LATER_PART,
    "later_part_unsettled": LATER_PART,
    "later_part_forwarded": LATER_PART,
    "later_part_alone": LAST_LEFT,
    "may_be_taken_back": MAY_BE_TAKEN_BACK,
    "asked_again": ASKED,
    "says_it_belongs": BELONGS,
    "says_it_belongs_nowhere": BELONGS,
    "follows": FOLLOWED,
    "twin": NEW,
    "kin": NEW,
    "kept_apart": APART,
    "joined": JOINED,
    "later_part_dismissed": DISMISSED_PART,
}
#: Tickets on card 1 that a special road leads, or whose question is unanswered.
ON_ROADS = {
    "held": HELD,
    "hold_due": HOLD_DUE,
    "shared": SHARED_WAITS,
    "new_contract": CONTRACT,
    "new_job_site": JOB_SITE,
    "new_agent": AGENT,
    "new_agent_attached": AGENT_ATTACHED,
    "new_agent_asked": AGENT_ASKED,
    "new_agent_overdue": AGENT_ASKED,
    "new_agent_shown": AGENT_SHOWN,
    "new_unclear": UNCLEAR,
    "new_unclear_asked": UNCLEAR_ASKED,
    "new_unclear_overdue": UNCLEAR_ASKED,
    "new_unclear_replied": UNCLEAR_REPLIED,
    "new_question": ASKING,
    "new_deceased": DECEASED,
    "new_cookie": COOKIE,
    "cookie_asked": COOKIE_ASKED,
    "cookie_replied": COOKIE_REPLIED,
    "cookie_overdue": COOKIE_ASKED,
    "executing_again": AGAIN,
    "executing_again_tomorrow": AGAIN,
}
#: The day each is looked at; a Monday in March unless it needs time to have passed.
LOOKED_AT = {
    "new_agent_overdue": MONDAY + 11 * DAY,
    "new_unclear_overdue": MONDAY + 11 * DAY,
    "cookie_overdue": MONDAY + 11 * DAY,
    "executing_again": MONDAY + 7 * DAY,
    "executing_again_tomorrow": MONDAY + 7 * DAY,
    "executing": MONDAY + 7 * DAY,
    "executing_locked": MONDAY + 4 * DAY,
    "executing_unpressed": MONDAY + 9 * DAY,
    "replying": MONDAY + 2 * DAY,
    "replying_judged": MONDAY + 2 * DAY,
    "closed": MONDAY + 16 * DAY,
    "closed_apart": MONDAY + 16 * DAY,
    "closed_from_chat": MONDAY + 16 * DAY,
}
