"""Whatever happens in whatever order: promises that no path through a ticket may break.

Hypothesis presses every button at random on a ticket with three parts, lets time pass,
lets systems fail, and checks after each step what the law and the house promise. The
checks are written on their own, not by calling the rules they check.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.errors import NeedsHuman, NotAllowedNow, NotYours, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.identity import IdentityState, Method, proven
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.locking import lock_on
from bot.domain.people import Colleague
from bot.domain.policy import approve, decline, plan, plan_search, propose_decline, unlocked
from bot.domain.request import OPT_OUTS, RequestType
from bot.domain.system import IdentifierKind, Operation
from bot.domain.task import SETTLED, WAITS_FOR_A_PERSON, Again, Task, TaskState, after_trouble, begin, settle
from bot.domain.threads import held, next_position, settled_regret, with_later
from bot.domain.ticket import MAY_TAKE_BACK, Event, Outcome, Part, Stage, Ticket, advance, close
from config.calendar import swedish_calendar
from tests.domain.examples import BO, EVA, EVERYBODY, HUGO, KARIN, NOW, SARA, STREET, part, ticket

CALENDAR = swedish_calendar()
TROUBLES: list[SystemTrouble] = [
    TryLater("trouble.later"),
    OutcomeUnknown("trouble.lost"),
    NeedsHuman("trouble.refused"),
]
ANSWERS = [kind for kind in LetterKind if kind.answers]
SEVEN_DAYS = timedelta(days=7)


class Lives(RuleBasedStateMachine):
    """One ticket: access, then erasure, then an opt-out."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ids = 0
        self.ticket = ticket(
            part(RequestType.ACCESS, 1),
            part(RequestType.ERASURE, 2),
            part(RequestType.UNSUBSCRIBE, 3),
            identity=IdentityState.AUTHENTICATED,
        )
        #: what the checks below remember by themselves
        self.yes: dict[str, set[str]] = {}
        self.erased_at: dict[str, datetime] = {}
        self.was_free: dict[str, bool] = {}

    # --- what people and jobs do -------------------------------------------------------------

    @initialize(access=st.integers(0, 7), erasure=st.integers(0, 4), says_yes=st.booleans(), days=st.integers(0, 9))
    def begin_somewhere(self, access: int, erasure: int, says_yes: bool, days: int) -> None:
        """Some way along the ordinary road already, so that the later stages are reached often."""
        for n, steps in ((0, access), (1, erasure)):
            if steps:
                self.go_on(n, steps, (BO, EVA), None)
        if says_yes:
            self.the_person_says_yes()
        if days:
            self.time_passes(days)

    @rule(n=st.integers(0, 2))
    def confirm(self, n: int) -> None:
        self._try(lambda: self._advance(n, Event.CONFIRMED))

    @rule(
        n=st.integers(0, 2),
        steps=st.integers(1, 6),
        pair=st.sampled_from([(BO, EVA), (EVA, BO), (BO, EVA), (EVA, BO), (KARIN, SARA), (KARIN, KARIN), (SARA, HUGO)]),
        trouble=st.sampled_from([None, None, None, *TROUBLES]),
    )
    def go_on(self, n: int, steps: int, pair: tuple[Colleague, Colleague], trouble: SystemTrouble | None) -> None:
        """What would ordinarily happen next to a part, some steps of it."""
        for _ in range(steps):
            match self.ticket.parts[n].stage:
                case Stage.RECEIVED:
                    self.confirm(n)
                case Stage.LOCATING:
                    self.locate(n, [True, True, False, False])
                case Stage.DECIDING:
                    self._all_say_yes(n, pair)
                case Stage.EXECUTING:
                    self._all_carried_out(n, trouble)
                case Stage.REPLYING:
                    self.try_to_close(n, Event.ANSWERED, Outcome.FULFILLED, "reason.question")  # before any letter
                    self.write_letter(n, LetterKind.GENERAL, LetterState.SENT)
                    self.try_to_close(n, Event.ANSWERED, Outcome.FULFILLED, "")
                case _:
                    return

    def _all_say_yes(self, n: int, pair: tuple[Colleague, Colleague]) -> None:
        for place, task in enumerate(self.ticket.tasks):
            if task.part_id == self.ticket.parts[n].id:
                self.say_yes(pair[0], place, own=False)
                self.say_yes(pair[1], place, own=False)
        self.decide(n)

    def _all_carried_out(self, n: int, trouble: SystemTrouble | None) -> None:
        self.unlock()
        for place, task in enumerate(self.ticket.tasks):
            if task.part_id == self.ticket.parts[n].id:
                self.try_again(place)
                self.carry_out(place, trouble, 20)
                self.finish_by_hand(place, TaskState.DONE)
        self.settle_part(n)

    @rule(n=st.integers(0, 2), found=st.lists(st.booleans(), min_size=4, max_size=4))
    def locate(self, n: int, found: list[bool]) -> None:
        """Search, and plan from what was found."""
        one = self.ticket.parts[n]
        if one.stage is not Stage.LOCATING:
            return
        if one.type in OPT_OUTS:
            self._advance(n, Event.OPT_OUT_LOCATED)
            self._plan(n, ())
            return
        searches = plan_search(one, STREET, {IdentifierKind.EMAIL}, self._new_ids(), self.now)
        done = [TaskState.DONE if held else TaskState.NOT_HELD for held in found]
        searches = tuple(
            search if search.settled else replace(search, state=state, found={"contact": 1}, settled_at=self.now)
            for search, state in zip(searches, done, strict=True)
        )
        if plan(one, STREET, searches, self._new_ids(), self.now):
            self._advance(n, Event.LOCATED)
            self._plan(n, searches)
        else:
            self._advance(n, Event.NOTHING_HELD)

    @rule(colleague=st.sampled_from(EVERYBODY), pick=st.integers(0, 20), own=st.integers(0, 9).map(lambda n: n == 0))
    def say_yes(self, colleague: Colleague, pick: int, own: bool) -> None:
        chosen = self._pick(pick)
        if chosen is None:
            return
        allowed = "hubspot" in colleague.owns | colleague.deputises or colleague in (BO, EVA)
        if self._try(lambda: self._swap(approve(chosen, colleague, self.now, own_request=own))):
            assert not own
            assert allowed or chosen.system != "hubspot"
            self.yes.setdefault(chosen.id, set()).add(colleague.id)

    @rule(colleague=st.sampled_from(EVERYBODY), pick=st.integers(0, 20))
    def propose_no(self, colleague: Colleague, pick: int) -> None:
        chosen = self._pick(pick)
        if chosen is None:
            return
        of = self.ticket.part(chosen.part_id)
        if self._try(lambda: self._swap(propose_decline(chosen, of, "legal_claims", colleague, own_request=False))):
            self.yes.pop(chosen.id, None)

    @rule(officer=st.sampled_from([BO, EVA]), pick=st.integers(0, 20))
    def say_no(self, officer: Colleague, pick: int) -> None:
        chosen = self._pick(pick)
        if chosen is not None and self._try(lambda: self._swap(decline(chosen, officer, self.now, own_request=False))):
            assert chosen.proposed_by not in ("", officer.id)

    @rule(proposer=st.sampled_from([KARIN, BO, EVA]), officer=st.sampled_from([BO, EVA]), pick=st.integers(0, 20))
    def propose_and_say_no(self, proposer: Colleague, officer: Colleague, pick: int) -> None:
        self.propose_no(proposer, pick)
        self.say_no(officer, pick)

    @rule(n=st.integers(0, 2))
    def decide(self, n: int) -> None:
        one = self.ticket.parts[n]
        if one.stage is Stage.DECIDING and not any(t.state is TaskState.PROPOSED for t in self.ticket.tasks_of(one)):
            self._advance(n, Event.DECIDED)

    @rule()
    def the_person_says_yes(self) -> None:
        if self.ticket.identity.state is IdentityState.AUTHENTICATED:
            identity = proven(self.ticket.identity, Method.LINK, self.now)
            self.ticket = replace(self.ticket, identity=identity)

    @rule()
    def a_later_mail_asks_for_a_copy(self) -> None:
        """A new right in the thread: a part of its own, last in line, with its own receipt (R9)."""
        if len(self.ticket.parts) < 4 and self.ticket.stage is not Stage.CLOSED:
            self.now += timedelta(minutes=1)
            late = Part("part4", next_position(self.ticket), RequestType.PORTABILITY, self.now)
            others = self.ticket.parts
            self._keep(with_later(self.ticket, (late,)))
            assert self.ticket.parts[:-1] == others, "the others go on undisturbed"

    @rule(steps=st.integers(1, 6))
    def the_later_part_goes_on(self, steps: int) -> None:
        if len(self.ticket.parts) == 4:
            self.go_on(3, steps, (BO, EVA), None)

    @rule()
    def the_later_part_is_dismissed(self) -> None:
        if len(self.ticket.parts) == 4 and self.ticket.parts[3].stage is Stage.RECEIVED:
            self.try_to_close(3, Event.DISMISSED, Outcome.NOT_A_REQUEST, "reason.question")

    @rule()
    def a_mail_may_take_it_back(self) -> None:
        self._keep(held(replace(self.ticket, flags=self.ticket.flags | {MAY_TAKE_BACK})))
        assert not any(t.operation is Operation.ERASE and self._may_begin(t) for t in self.ticket.tasks)

    @rule()
    def somebody_says_it_goes_on(self) -> None:
        self._keep(settled_regret(self.ticket))

    @rule()
    def unlock(self) -> None:
        """What the wake-up job does: whatever waits for nothing any more may go on."""
        for task in self.ticket.tasks:
            of = self.ticket.part(task.part_id)
            free = task.state is TaskState.LOCKED and of.stage is Stage.EXECUTING
            if free and lock_on(self.ticket, of, task, self.now, CALENDAR) is None:
                self._swap(unlocked(task, self.now))

    @rule(pick=st.integers(0, 20), trouble=st.sampled_from([None, *TROUBLES]), left=st.integers(-2, 20))
    def carry_out(self, pick: int, trouble: SystemTrouble | None, left: int) -> None:
        """What a job does: hold the task, act, and settle it or note the trouble."""
        task = self._pick(pick)
        if task is None or self.ticket.part(task.part_id).stage is not Stage.EXECUTING:
            return
        if not self._try(lambda: self._swap(begin(task, f"token{self._new_id()}"))):
            assert task.state not in (TaskState.READY, TaskState.RUNNING)
            return
        held = self.ticket.task(task.id)
        self._note_erasure(held)
        assert held.approvals == task.approvals
        if trouble is None:
            self._swap(settle(held, TaskState.DONE, self.now, done={"contact": 1}))
            return
        answer = after_trouble(trouble, held.attempts, timedelta(days=left))
        state = TaskState.READY if isinstance(answer, Again) else TaskState.STUCK
        self._swap(replace(held, state=state, token="", trouble=trouble.key))
        assert self.ticket.task(task.id).approvals == task.approvals

    @rule(pick=st.integers(0, 20))
    def try_again(self, pick: int) -> None:
        """A colleague presses Försök igen: it goes on where it was, and approves nothing."""
        task = self._pick(pick)
        if task is not None and task.state is TaskState.STUCK:
            self._swap(replace(task, state=TaskState.READY))
            assert self.ticket.task(task.id).approvals == task.approvals

    @rule(
        pick=st.integers(0, 20),
        result=st.sampled_from([TaskState.DONE, TaskState.NOT_HELD, TaskState.EXCEPTION]),
    )
    def finish_by_hand(self, pick: int, result: TaskState) -> None:
        task = self._pick(pick)
        if task is not None and task.state is TaskState.BY_HAND:
            self._note_erasure(task)
            self._swap(settle(task, result, self.now, by="karin"))

    @rule(n=st.integers(0, 2))
    def settle_part(self, n: int) -> None:
        one = self.ticket.parts[n]
        if one.stage is Stage.EXECUTING and all(task.settled for task in self.ticket.tasks_of(one)):
            self._advance(n, Event.SETTLED)

    @rule(n=st.integers(0, 2), kind=st.sampled_from(LetterKind), state=st.sampled_from(LetterState))
    def write_letter(self, n: int, kind: LetterKind, state: LetterState) -> None:
        """A letter anywhere on its way; an access answer leaves only from REPLYING."""
        one = self.ticket.parts[n]
        if kind.answers and state is LetterState.SENT and one.stage is not Stage.REPLYING:
            return
        moment = self.now if state is LetterState.SENT else None
        letter = Letter(self._new_id(), kind, (one.id,), state, drafted_at=self.now, sent_at=moment)
        self.ticket = self.ticket.with_letter(letter)

    @rule()
    def fetch_package(self) -> None:
        access = self.ticket.parts[0]
        if self._answered(access):
            self.ticket = self.ticket.with_part(replace(access, package_fetched_at=self.now))

    @rule(
        n=st.integers(0, 2),
        event=st.sampled_from([Event.ANSWERED, Event.DISMISSED, Event.WITHDRAWN, *Event]),
        outcome=st.sampled_from([Outcome.FULFILLED, Outcome.NOT_A_REQUEST, Outcome.WITHDRAWN, *Outcome]),
        reason=st.sampled_from(["", "reason.question"]),
    )
    def try_to_close(self, n: int, event: Event, outcome: Outcome, reason: str) -> None:
        """Any attempt whatever to close a part: `close` alone must keep the promise."""
        one = self.ticket.parts[n]
        if one.stage in (Stage.REPLYING, Stage.RECEIVED, Stage.LOCATING, Stage.DECIDING):
            self._try(lambda: self._keep(close(self.ticket, one, event, outcome, self.now, reason)))

    @rule(n=st.integers(0, 2))
    def reopen(self, n: int) -> None:
        if self.ticket.parts[n].open:
            return
        self.now += timedelta(hours=1)
        anew = replace(
            advance(self.ticket.parts[n], Event.REOPENED),
            outcome=None,
            reason="",
            closed_at=None,
            reopened_at=self.now,
            package_fetched_at=None,
        )
        kept = tuple(task for task in self.ticket.tasks if task.part_id != anew.id)
        for task in self.ticket.tasks_of(anew):
            self.erased_at.pop(task.id, None)
        self.ticket = replace(self.ticket.with_part(anew), tasks=kept, closed_at=None)

    @rule(days=st.integers(1, 30))
    def time_passes(self, days: int) -> None:
        """Nothing that waits for a person moves by itself, however long it takes (rule 5)."""
        waiting = {task.id: task for task in self.ticket.tasks if task.state in WAITS_FOR_A_PERSON}
        self.now += timedelta(days=days)
        for task in waiting.values():
            with pytest.raises(NotAllowedNow):
                begin(task, "token")
        for task in waiting.values():
            of = self.ticket.part(task.part_id)
            confirmed = self.ticket.identity.state is IdentityState.PROVEN
            if task.state is TaskState.LOCKED and not confirmed:
                assert lock_on(self.ticket, of, task, self.now, CALENDAR) is not None
        assert {task.id: task for task in self.ticket.tasks if task.id in waiting} == waiting

    # --- what is promised -------------------------------------------------------------------

    @invariant()
    def nothing_is_closed_in_silence(self) -> None:
        """P1: an answer that was sent, since the part was last opened, or a reason that was written down."""
        for one in self.ticket.parts:
            if one.stage is not Stage.CLOSED:
                continue
            by_reason = one.outcome in (Outcome.NOT_A_REQUEST, Outcome.WITHDRAWN, Outcome.JOINED) and one.reason
            assert self._answered(one) or by_reason
            assert one.closed_at is not None

    @invariant()
    def the_ticket_closes_with_its_last_part(self) -> None:
        assert (self.ticket.stage is Stage.CLOSED) == all(not one.open for one in self.ticket.parts)

    @invariant()
    def what_cannot_be_undone_had_two_different_people(self) -> None:
        for task in self.ticket.tasks:
            people = {yes.by for yes in task.approvals}
            assert len(people) == len(task.approvals)
            assert people <= self.yes.get(task.id, set())
            under_way = task.state not in (TaskState.PROPOSED, TaskState.DECLINED, TaskState.NOT_APPLICABLE)
            if task.irreversible and task.operation is Operation.ERASE and under_way:
                assert len(people) == 2

    @invariant()
    def only_an_officer_declines_and_never_alone(self) -> None:
        for task in self.ticket.tasks:
            if task.state is TaskState.DECLINED:
                assert task.declined_by in ("bo", "eva")
                assert task.proposed_by not in ("", task.declined_by)
                assert task.ground

    @invariant()
    def access_and_the_persons_yes_came_before_erasure(self) -> None:
        """D3, D7: when an erasure began the copy had been fetched or waited for, and the person was proven."""
        for task_id, began in self.erased_at.items():
            assert self.was_free[task_id], (task_id, began)

    @invariant()
    def what_is_settled_has_no_holder(self) -> None:
        for task in self.ticket.tasks:
            assert not (task.state in SETTLED and task.token)

    # --- how ---------------------------------------------------------------------------------

    def _note_erasure(self, task: Task) -> None:
        """Remember whether the person could have had the copy when this erasure began."""
        if task.operation is not Operation.ERASE or task.id in self.erased_at:
            return
        self.erased_at[task.id] = self.now
        copies = [self.ticket.parts[0], *self.ticket.parts[3:]]
        proof = self.ticket.identity.state is IdentityState.PROVEN
        quiet = MAY_TAKE_BACK not in self.ticket.flags
        self.was_free[task.id] = proof and quiet and all(map(self._was_shown, copies))

    def _was_shown(self, access: Part) -> bool:
        """Whether the person could have had this copy by now, or is owed none any more."""
        packed = [
            t for t in self.ticket.tasks_of(access) if t.operation is Operation.EXPORT and t.state is TaskState.DONE
        ]
        sent = [
            letter.sent_at
            for letter in self.ticket.letters
            if letter.kind.answers and letter.sent_at is not None and access.id in letter.part_ids
        ]
        fetched = access.package_fetched_at is not None
        waited = bool(sent) and (self.now >= max(sent) + SEVEN_DAYS or self.now >= WAIT_ENDS)
        nothing_to_fetch = bool(sent) and not packed
        without_answer = access.stage is Stage.CLOSED and bool(access.reason)
        return fetched or waited or nothing_to_fetch or without_answer

    def _may_begin(self, task: Task) -> bool:
        """Whether somebody may begin the task now."""
        return task.state in (TaskState.READY, TaskState.BY_HAND)

    def _answered(self, one: Part) -> bool:
        return any(
            letter.state is LetterState.SENT
            and letter.kind in ANSWERS
            and one.id in letter.part_ids
            and letter.drafted_at is not None
            and (one.reopened_at is None or letter.drafted_at >= one.reopened_at)
            for letter in self.ticket.letters
        )

    def _try(self, press: Callable[[], None]) -> bool:
        """Press; whether it was taken. A refusal changes nothing."""
        before = self.ticket
        try:
            press()
        except (NotAllowedNow, NotYours):
            assert self.ticket is before
            return False
        return True

    def _pick(self, pick: int) -> Task | None:
        tasks = self.ticket.tasks
        return tasks[pick % len(tasks)] if tasks else None

    def _plan(self, n: int, searches: tuple[Task, ...]) -> None:
        planned = plan(self.ticket.parts[n], STREET, searches, self._new_ids(), self.now)
        self.ticket = replace(self.ticket, tasks=(*self.ticket.tasks, *planned))

    def _advance(self, n: int, event: Event) -> None:
        self._keep(self.ticket.with_part(advance(self.ticket.parts[n], event)))

    def _swap(self, task: Task) -> None:
        self._keep(self.ticket.with_task(task))

    def _keep(self, changed: Ticket) -> None:
        self.ticket = changed

    def _new_id(self) -> str:
        self.ids += 1
        return f"id{self.ids}"

    def _new_ids(self) -> tuple[str, ...]:
        return tuple(self._new_id() for _ in range(8))


#: When the wait for the package ends at the latest: the day before the safe target of 2 April 2026 (D01) is over.
WAIT_ENDS = datetime(2026, 4, 1, 22, tzinfo=UTC)

TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=150,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
