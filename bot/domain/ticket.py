"""A ticket, its parts, and the one table their lives follow.

A ticket is one person's case. It holds ordered *parts*, one per right asked (D2),
because access and erasure asked in the same mail have different lives, letters and
waits. `TRANSITIONS` is the life of a part; the ticket's stage is derived: that of its
earliest open part. The README's diagram is drawn from the table and compared by a test.

Four things are kept apart on purpose: the stage (where the work is), the event (what
moved it), a task's state (one operation in one system, see `task`), and the outcome
(what the person got). Mixing them is how requests get lost.

No path leads to CLOSED without a letter that was sent or a reason that was written
down (P1): `close` refuses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from bot.domain.errors import NotAllowedNow, NotFound
from bot.domain.identity import Identity
from bot.domain.letter import Letter, LetterState
from bot.domain.request import EVERYTHING, Channel, Language, RequestType, Role, Route, Scope
from bot.domain.task import Task


class Stage(StrEnum):
    """Where a part is: Mottagen - Sök - Identitet - Beslut - Utför - Svar (D6)."""

    RECEIVED = "received"
    LOCATING = "locating"
    VERIFYING = "verifying"
    DECIDING = "deciding"
    EXECUTING = "executing"
    REPLYING = "replying"
    CLOSED = "closed"


class Event(StrEnum):
    """What moves a part from one stage to the next."""

    CONFIRMED = "confirmed"  # a colleague confirmed the proposal
    DISMISSED = "dismissed"  # not a request; the reason is recorded
    PROOF_NEEDED = "proof_needed"  # reasonable doubt, written down (R10)
    LOCATED = "located"  # found, and no identity stage is needed (D7)
    OPT_OUT_LOCATED = "opt_out_located"  # tier 0: nothing to prove, nothing to decide (R18, R42)
    NOTHING_HELD = "nothing_held"  # every system searched, nothing there
    PROVEN = "proven"
    NOT_PROVEN = "not_proven"  # closed kindly, with a letter (R20)
    DECIDED = "decided"  # every task approved or declined
    SETTLED = "settled"  # every task has its result
    ANSWERED = "answered"  # the letter was sent
    WITHDRAWN = "withdrawn"  # the person withdrew; the reason is recorded
    QUESTION = "question"  # no right is asked: a colleague answers in words (P86)
    NO_REPLY = "no_reply"  # what we had to ask was never answered: closed kindly, with a letter
    REOPENED = "reopened"
    REAPPEARED = "reappeared"  # something erased is there again: it is approved anew (F31)
    RELEASED = "released"  # what a hold refused is owed before the refusal has left: it is approved anew (P68)
    UNDONE = "undone"  # the person took an opt-out back by its link (D8)
    NEUTRAL = "neutral"  # who may be an impostor gets the neutral letter (R65)


TRANSITIONS: Final[dict[tuple[Stage, Event], Stage]] = {
    (Stage.RECEIVED, Event.CONFIRMED): Stage.LOCATING,
    (Stage.RECEIVED, Event.DISMISSED): Stage.CLOSED,
    (Stage.RECEIVED, Event.WITHDRAWN): Stage.CLOSED,
    (Stage.RECEIVED, Event.NEUTRAL): Stage.REPLYING,
    (Stage.RECEIVED, Event.QUESTION): Stage.REPLYING,
    (Stage.RECEIVED, Event.NO_REPLY): Stage.REPLYING,
    (Stage.LOCATING, Event.PROOF_NEEDED): Stage.VERIFYING,
    (Stage.LOCATING, Event.LOCATED): Stage.DECIDING,
    (Stage.LOCATING, Event.OPT_OUT_LOCATED): Stage.EXECUTING,
    (Stage.LOCATING, Event.NOTHING_HELD): Stage.REPLYING,
    (Stage.LOCATING, Event.WITHDRAWN): Stage.CLOSED,
    (Stage.VERIFYING, Event.PROVEN): Stage.DECIDING,
    (Stage.VERIFYING, Event.NOT_PROVEN): Stage.REPLYING,
    (Stage.VERIFYING, Event.WITHDRAWN): Stage.CLOSED,
    (Stage.DECIDING, Event.DECIDED): Stage.EXECUTING,
    (Stage.DECIDING, Event.NOT_PROVEN): Stage.REPLYING,
    (Stage.DECIDING, Event.WITHDRAWN): Stage.CLOSED,
    (Stage.EXECUTING, Event.SETTLED): Stage.REPLYING,
    (Stage.EXECUTING, Event.NOT_PROVEN): Stage.REPLYING,
    (Stage.EXECUTING, Event.WITHDRAWN): Stage.REPLYING,
    (Stage.REPLYING, Event.ANSWERED): Stage.CLOSED,
    (Stage.REPLYING, Event.RELEASED): Stage.DECIDING,
    (Stage.CLOSED, Event.REOPENED): Stage.RECEIVED,
    (Stage.CLOSED, Event.UNDONE): Stage.EXECUTING,
    (Stage.CLOSED, Event.REAPPEARED): Stage.DECIDING,
}


class Outcome(StrEnum):
    """What the person got for one part."""

    FULFILLED = "fulfilled"
    PARTLY = "partly"
    REFUSED = "refused"
    NOTHING_HELD = "nothing_held"
    NOT_IDENTIFIED = "not_identified"
    NOT_CONFIRMED = "not_confirmed"  # asked to confirm the erasure, the person never did
    WITHDRAWN = "withdrawn"
    NOT_A_REQUEST = "not_a_request"
    UNDONE = "undone"  # an opt-out, taken back
    JOINED = "joined"  # goes on in another ticket, which answers it
    QUESTION_ANSWERED = "question_answered"
    NO_REPLY = "no_reply"  # asked for an authority or what was meant, whoever wrote never answered


#: Mark of a ticket that a later mail has joined and nobody who walks tickets has read yet.
MAIL_TO_READ: Final = "mail_to_read"
#: Mark of a ticket in which a later mail may take the request back, or narrow it: nothing is erased until a colleague
#: has said what it means.
MAY_TAKE_BACK: Final = "may_take_back"

#: Outcomes that need a written reason instead of a letter (P1).
BY_REASON: Final = frozenset({Outcome.NOT_A_REQUEST, Outcome.WITHDRAWN, Outcome.JOINED})


@dataclass(frozen=True, slots=True)
class Part:
    """One right asked. `received` (aware UTC) starts its own clock; `reason` is a key, never prose about a person."""

    id: str
    position: int
    type: RequestType
    received: datetime
    scope: Scope = EVERYTHING
    stage: Stage = Stage.RECEIVED
    outcome: Outcome | None = None
    reason: str = ""
    closed_at: datetime | None = None
    package_fetched_at: datetime | None = None
    reopened_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether an answer is still owed."""
        return self.stage is not Stage.CLOSED


@dataclass(frozen=True, slots=True)
class Ticket:
    """One person's case. It holds no personal data: names, addresses and mail stay in the vault.

    `confirmed_by` is the colleague who confirmed the proposal; `handler` walks the ticket now.
    `unsure_clock` says the receipt was proposed, not read (C11). `changes` counts corrections of the
    proposal, so that a Confirm drawn before one is stale. `route` is the proposal's road.
    """

    id: str
    ref: str
    channel: Channel
    language: Language
    received: datetime
    parts: tuple[Part, ...]
    roles: tuple[Role, ...] = (Role.UNKNOWN,)
    route: Route = Route.OPEN_CASE
    flags: frozenset[str] = frozenset()
    identity: Identity = Identity()
    tasks: tuple[Task, ...] = ()
    letters: tuple[Letter, ...] = ()
    forwarded_at: datetime | None = None
    unsure_clock: bool = False
    changes: int = 0
    handler: str = ""
    confirmed_by: str = ""
    closed_at: datetime | None = None
    version: int = 1

    @property
    def stage(self) -> Stage:
        """The stage of the earliest open part; CLOSED when every part is answered."""
        return next((part.stage for part in self.parts if part.open), Stage.CLOSED)

    def part(self, part_id: str) -> Part:
        """Return the part, or raise `NotFound`."""
        return _only(part for part in self.parts if part.id == part_id)

    def task(self, task_id: str) -> Task:
        """Return the task, or raise `NotFound`."""
        return _only(task for task in self.tasks if task.id == task_id)

    def letter(self, letter_id: str) -> Letter:
        """Return the letter, or raise `NotFound`."""
        return _only(letter for letter in self.letters if letter.id == letter_id)

    def identity_for(self, part: Part) -> Identity:
        """Return the proof *part* rests on: past the question, what was shown, though more may be asked (R12)."""
        asking = part.stage in (Stage.RECEIVED, Stage.LOCATING, Stage.VERIFYING)
        return self.identity if asking else self.identity.shown

    def tasks_of(self, part: Part) -> tuple[Task, ...]:
        """Return the tasks of *part* in the order they were planned."""
        return tuple(task for task in self.tasks if task.part_id == part.id)

    def with_part(self, part: Part) -> "Ticket":
        """Return the ticket with *part* in the place of the one with its id."""
        return replace(self, parts=_swapped(self.parts, part))

    def with_task(self, task: Task) -> "Ticket":
        """Return the ticket with *task* in the place of the one with its id, or added."""
        return replace(self, tasks=_swapped(self.tasks, task))

    def with_letter(self, letter: Letter) -> "Ticket":
        """Return the ticket with *letter* in the place of the one with its id, or added."""
        return replace(self, letters=_swapped(self.letters, letter))


def advance(part: Part, event: Event) -> Part:
    """Return the part as *event* leaves it, or refuse what the table does not list."""
    try:
        stage = TRANSITIONS[part.stage, event]
    except KeyError:
        raise NotAllowedNow("refusal.not_from_here", {"event": event, "stage": part.stage}) from None
    return replace(part, stage=stage)


def close(ticket: Ticket, part: Part, event: Event, outcome: Outcome, at: datetime, reason: str = "") -> Ticket:
    """Return the ticket with *part* closed by *event*, or refuse while the person is owed an answer (P1).

    Closing by ANSWERED needs a sent letter for the part; closing otherwise needs a reason key.
    """
    closed = replace(advance(part, event), outcome=outcome, reason=reason, closed_at=at)
    if closed.stage is not Stage.CLOSED:
        raise NotAllowedNow("refusal.not_from_here", {"event": event, "stage": part.stage})
    if outcome in BY_REASON and not reason:
        raise NotAllowedNow("refusal.reason_missing")
    if outcome not in BY_REASON and not any(letter.state is LetterState.SENT for letter in answers(ticket, part)):
        raise NotAllowedNow("refusal.letter_missing")
    after = ticket.with_part(closed)
    return replace(after, closed_at=at if after.stage is Stage.CLOSED else None)


def letters_of(ticket: Ticket, part: Part) -> tuple[Letter, ...]:
    """Return the letters about *part* since it was last opened: an answer to an earlier round answers nothing now."""
    return tuple(
        letter
        for letter in ticket.letters
        if part.id in letter.part_ids
        and (part.reopened_at is None or (letter.drafted_at is not None and letter.drafted_at >= part.reopened_at))
    )


def answers(ticket: Ticket, part: Part) -> tuple[Letter, ...]:
    """Return the letters that answer *part* (not acknowledgements, questions or codes)."""
    return tuple(letter for letter in letters_of(ticket, part) if letter.answers)


def overtaken(ticket: Ticket, letter: Letter) -> bool:
    """Whether the letter answers an earlier round of all it is about: what it says may hold no longer."""
    of_now = (one.id for part_id in letter.part_ids for one in answers(ticket, ticket.part(part_id)))
    return letter.answers and letter.id not in of_now


def without_letter(ticket: Ticket, letter: Letter) -> Ticket:
    """Return the ticket without a letter that has certainly not left."""
    return replace(ticket, letters=tuple(one for one in ticket.letters if one.id != letter.id))


def mermaid() -> str:
    """Return the life of a part as a Mermaid state diagram, one line per transition of the table."""
    lines = [f"    {before} --> {after}: {event}" for (before, event), after in TRANSITIONS.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {Stage.RECEIVED}", *lines, f"    {Stage.CLOSED} --> [*]"])


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Element = TypeVar("Element", bound=_Named)


def _only(found: Iterator[Element]) -> Element:
    for one in found:
        return one
    raise NotFound("refusal.not_found")


def _swapped(elements: tuple[Element, ...], changed: Element) -> tuple[Element, ...]:
    if all(one.id != changed.id for one in elements):
        return (*elements, changed)
    return tuple(changed if one.id == changed.id else one for one in elements)
