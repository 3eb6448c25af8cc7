"""Who else is told of what (Art. 19): only of what was done, only those who got it, and never at the letter's cost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.deadline import Calendar
from bot.domain.policy_text import Controller, KnownSystem, PolicyText, Recipient
from bot.domain.recipients import (
    NAMED,
    Row,
    Telling,
    confirm_by,
    deeds,
    holds_letter,
    marked,
    may_name,
    named_on,
    next_key,
    number_of,
    rows,
    step,
    steps,
    to_tell,
    waits_until,
    with_steps,
)
from bot.domain.request import Language, RequestType, Role, Scope, ScopeKind
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket
from tests.domain.examples import NOW, ids, part, ticket

SYSTEMS = ("hubspot", "eventbrite", "linkedin")
SAID = {Language.SV: "x", Language.EN: "x"}
ANYBODY = frozenset({Role.CONTACT, Role.ATTENDEE})
CALENDAR = Calendar()


def recipient(key: str, *receives_from: str, roles: frozenset[Role] = ANYBODY) -> Recipient:
    return Recipient(key, roles, key.title(), SAID, receives_from=receives_from)


def policy(*recipients: Recipient) -> PolicyText:
    known = tuple(KnownSystem(key, key, frozenset({role})) for key, role in WHO.items())
    return PolicyText("1", date(2026, 1, 1), "", Controller("", "", "", ""), known, (), (), (), recipients, *NOTHING)


WHO = {"hubspot": Role.CONTACT, "eventbrite": Role.ATTENDEE}
NOTHING = ((), (), (), SAID, SAID, SAID, SAID)


def did(
    system: str, state: TaskState, operation: Operation = Operation.ERASE, mode: Mode = Mode.AUTOMATIC, **found: int
) -> Task:
    settled = NOW if state not in (TaskState.READY, TaskState.BY_HAND) else None
    task_id = f"{operation}-{system}"
    return Task(task_id, "part1", system, operation, mode, state, found=found, settled_at=settled, settled_by="karin")


def case(*tasks: Task, right: RequestType = RequestType.ERASURE, stage: Stage = Stage.EXECUTING) -> Ticket:
    return replace(ticket(part(right, stage=stage)), tasks=tasks)


FOUND = did("eventbrite", TaskState.DONE, Operation.FIND, order=1)
ERASED = did("eventbrite", TaskState.DONE, order=1)
CATERER, PRINTER = recipient("caterer", "eventbrite"), recipient("printer")


def the(one: Ticket) -> Part:
    return one.parts[0]


def told(one: Ticket, *recipients: Recipient) -> tuple[str, ...]:
    return to_tell(one, the(one), policy(*recipients), SYSTEMS)


@pytest.mark.parametrize("state", [one for one in TaskState if one is not TaskState.DONE])
def test_nothing_done_and_nobody_is_told(state: TaskState) -> None:
    one = case(FOUND, did("eventbrite", state))
    assert told(one, CATERER, PRINTER) == ()
    assert told(marked(one, f"{NAMED}1"), CATERER) == ()
    assert rows(one, the(one), policy(CATERER), SYSTEMS) == ()


@pytest.mark.parametrize(
    ("right", "operation"),
    [
        (RequestType.ERASURE, Operation.ERASE),
        (RequestType.RECTIFICATION, Operation.RECTIFY),
        (RequestType.RESTRICTION, Operation.RESTRICT),
        (RequestType.CONSENT_WITHDRAWAL, Operation.ERASE),
    ],
)
def test_what_was_done_is_told_to_who_got_it(right: RequestType, operation: Operation) -> None:
    one = case(FOUND, did("eventbrite", TaskState.DONE, operation, order=1), right=right)
    assert told(one, CATERER, PRINTER) == ("caterer", "printer")
    assert told(marked(one, f"{NAMED}1"), CATERER) == ("caterer", f"{NAMED}1")


@pytest.mark.parametrize("right", [RequestType.ACCESS, RequestType.PORTABILITY, RequestType.UNSUBSCRIBE])
def test_no_copy_and_no_stop_of_mailings_is_told(right: RequestType) -> None:
    one = case(FOUND, did("eventbrite", TaskState.DONE, Operation.RESTRICT), right=right)
    assert deeds(one, the(one)) == ()
    assert not may_name(one)


def test_an_objection_that_was_weighed_is_told_and_one_to_marketing_is_not() -> None:
    one = case(FOUND, did("eventbrite", TaskState.DONE, Operation.RESTRICT), right=RequestType.OBJECTION)
    assert told(one, PRINTER) == ()
    narrowed = replace(the(one), scope=Scope(ScopeKind.PURPOSES, ("P69",)))
    assert told(one.with_part(narrowed), PRINTER) == ("printer",)


def test_the_dead_are_owed_no_notice() -> None:
    one = case(FOUND, ERASED)
    assert told(replace(one, flags=frozenset({"road:deceased"})), PRINTER) == ()


def test_only_who_got_something_of_that_kind_is_told() -> None:
    one = case(FOUND, ERASED)
    assert told(one, recipient("caterer", "eventbrite:order")) == ("caterer",)
    assert told(one, recipient("caterer", "eventbrite:attendee")) == ()
    assert told(one, recipient("caterer", "hubspot")) == (), "nothing was erased of what they got"
    counted = case(did("eventbrite", TaskState.DONE, Operation.FIND, record=2), ERASED)
    assert told(counted, recipient("caterer", "eventbrite:attendee")) == ("caterer",), "it may have been of it"
    unseen = case(ERASED)
    assert told(unseen, recipient("caterer", "eventbrite:attendee")) == ("caterer",), "nobody could look"


def test_whose_role_the_person_has_not_is_not_told() -> None:
    one = case(FOUND, ERASED)
    assert told(one, recipient("agency", roles=frozenset({Role.CANDIDATE}))) == ()
    assert told(replace(one, roles=(Role.CANDIDATE,)), recipient("agency", roles=frozenset({Role.CANDIDATE})))
    blind = case(did("eventbrite", TaskState.DONE))
    assert told(blind, recipient("agency", roles=frozenset({Role.ATTENDEE}))), "the deed shows what they were to us"


def test_a_system_of_ours_is_told_by_the_deed_there() -> None:
    one = case(FOUND, ERASED, did("hubspot", TaskState.DONE))
    assert told(one, recipient("eventbrite"), recipient("hubspot")) == ()


@pytest.mark.parametrize(("mode", "who"), [(Mode.ABSENT, ("linkedin",)), (Mode.MANUAL, ())])
def test_who_keeps_a_system_for_us_is_told_where_nothing_can_be_done_there(mode: Mode, who: tuple[str, ...]) -> None:
    linkedin = recipient("linkedin", "linkedin")
    cannot = did("linkedin", TaskState.NOT_APPLICABLE, mode=mode, record=1)
    assert told(case(FOUND, ERASED, cannot), linkedin) == who
    assert told(case(FOUND, ERASED, cannot), recipient("linkedin")) == ()
    assert told(case(FOUND, ERASED), linkedin) == ()


def test_nobody_is_told_twice_of_one_part() -> None:
    one = case(FOUND, ERASED)
    once = with_steps(one, the(one), policy(CATERER), SYSTEMS, ids(), NOW)
    (notice,) = steps(once)
    assert (notice.system, notice.operation, notice.state) == ("caterer", Operation.NOTIFY, TaskState.BY_HAND)
    assert notice.waiting_since == NOW
    assert with_steps(once, the(once), policy(CATERER), SYSTEMS, ids(), NOW) is once
    assert with_steps(one, the(one), policy(), SYSTEMS, ids(), NOW) is one
    done = once.with_task(replace(notice, state=TaskState.DONE))
    assert steps(done) == ()
    assert with_steps(done, the(done), policy(CATERER), SYSTEMS, ids(), NOW) is done


def test_who_is_named_has_a_number_and_no_name() -> None:
    one = case(FOUND, ERASED)
    assert next_key(one) == "recipient_1"
    for number in range(1, 11):
        one = marked(one, f"{NAMED}{number}")
    assert named_on(one)[-1] == "recipient_10"
    assert next_key(one) == "recipient_11"
    handed = case(step(the(one), f"{NAMED}3", Operation.TRANSFER, "id1", NOW), did("hubspot", TaskState.DONE))
    assert next_key(handed) == "recipient_4", "one that was not handed anything keeps its number"
    assert number_of("caterer") == ""
    assert number_of("recipient_list") == ""


@pytest.mark.parametrize(
    ("stage", "done", "may"),
    [
        (Stage.RECEIVED, False, False),
        (Stage.LOCATING, False, False),
        (Stage.DECIDING, False, True),
        (Stage.EXECUTING, False, True),
        (Stage.REPLYING, True, True),
        (Stage.CLOSED, False, False),
        (Stage.CLOSED, True, True),
    ],
)
def test_who_else_got_it_can_be_named_while_there_is_something_to_tell(stage: Stage, *, done: bool, may: bool) -> None:
    assert may_name(case(FOUND, *([ERASED] if done else []), stage=stage)) is may


def waiting(since: datetime) -> Ticket:
    one = case(FOUND, ERASED)
    return with_steps(one, the(one), policy(CATERER), SYSTEMS, ids(), since)


def test_the_letter_waits_three_working_days_and_never_past_the_day_before_the_target() -> None:
    """Received 5 March 2026: without holidays the safe target is 3 April."""
    monday = waiting(NOW)
    until = waits_until(monday, the(monday), CALENDAR)
    assert until == datetime(2026, 3, 12, 23, tzinfo=UTC)
    assert holds_letter(monday, the(monday), until - timedelta(seconds=1), CALENDAR)
    assert not holds_letter(monday, the(monday), until, CALENDAR)
    late = waiting(datetime(2026, 4, 2, 9, tzinfo=UTC))
    assert waits_until(late, the(late), CALENDAR) == datetime(2026, 4, 2, 22, tzinfo=UTC)
    too_late = waiting(datetime(2026, 4, 3, 9, tzinfo=UTC))
    assert not holds_letter(too_late, the(too_late), datetime(2026, 4, 3, 9, tzinfo=UTC), CALENDAR)
    nobody = case(FOUND, ERASED)
    assert waits_until(nobody, the(nobody), CALENDAR) is None
    assert not holds_letter(nobody, the(nobody), NOW, CALENDAR)


def test_a_recipient_has_until_our_target_and_three_days_at_least() -> None:
    assert confirm_by(ticket(), part(), NOW.date(), CALENDAR) == date(2026, 4, 3)
    assert confirm_by(ticket(), part(), date(2026, 4, 2), CALENDAR) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("state", "telling"),
    [
        (TaskState.BY_HAND, Telling.WAITING),
        (TaskState.DONE, Telling.TOLD),
        (TaskState.NOT_HELD, Telling.NEVER_HAD),
        (TaskState.EXCEPTION, Telling.UNREACHED),
    ],
)
def test_a_step_is_a_row(state: TaskState, telling: Telling) -> None:
    one = waiting(NOW)
    (notice,) = steps(one)
    over = replace(notice, state=state, settled_at=NOW, settled_by="sara", reason="exception.impossible")
    (row,) = rows(one.with_task(over), the(one), policy(CATERER), SYSTEMS)
    assert row == Row("part1", "caterer", telling, NOW, "sara", notice.id, "exception.impossible")


@pytest.mark.parametrize(
    ("state", "telling"),
    [
        (TaskState.DONE, Telling.BY_DEED),
        (TaskState.NOT_HELD, Telling.NEVER_HAD),
        (TaskState.DECLINED, Telling.KEPT),
        (TaskState.EXCEPTION, Telling.NOT_DONE),
        (TaskState.NOT_APPLICABLE, Telling.NOT_DONE),
        (TaskState.BY_HAND, Telling.AHEAD),
    ],
)
def test_the_deed_in_a_system_is_a_row(state: TaskState, telling: Telling) -> None:
    one = case(FOUND, ERASED, did("hubspot", state))
    (row,) = rows(one, the(one), policy(recipient("hubspot")), SYSTEMS)
    assert (row.key, row.telling, row.task) == ("hubspot", telling, "")


@pytest.mark.parametrize(
    ("state", "telling", "at"),
    [
        (TaskState.NOT_HELD, Telling.NEVER_HAD, NOW),
        (TaskState.NOT_APPLICABLE, Telling.NOT_DONE, None),
    ],
)
def test_a_system_where_nothing_was_found_is_a_row_too(state: TaskState, telling: Telling, at: datetime | None) -> None:
    one = case(FOUND, ERASED, did("hubspot", state, Operation.FIND))
    (row,) = rows(one, the(one), policy(recipient("hubspot")), SYSTEMS)
    assert (row.telling, row.at) == (telling, at)
    (unsearched,) = rows(case(FOUND, ERASED), the(one), policy(recipient("hubspot")), SYSTEMS)
    assert unsearched.telling is Telling.NOT_DONE
