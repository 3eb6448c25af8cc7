"""Whom a ticket waits for, worked out once from its state.

Cards say it ("Väntar på: Karin (HubSpot)"), reminders are addressed by it, the home page
lists by it. Whoever asks "is this mine?" asks here, so that no two places disagree.
"""

from collections.abc import Iterator
from datetime import datetime, time
from typing import Final

from bot.cards.scene import Scene
from bot.cards.seconds import second_of
from bot.cards.wait import For, Wait, Waiter
from bot.domain.deadline import SWEDEN
from bot.domain.hold import review_of
from bot.domain.identity import LINK_LIVES, live
from bot.domain.incident import runs
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.locking import lock_on, unlock_at
from bot.domain.original import original_with
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.protection import hidings
from bot.domain.recipients import steps
from bot.domain.redaction import awaited
from bot.domain.restriction import liftings
from bot.domain.roads import awaits_id, overdue, reply_by
from bot.domain.system import AT_RECIPIENTS, Operation
from bot.domain.task import Lock, Task, TaskState
from bot.domain.ticket import MAIL_TO_READ, MAY_TAKE_BACK, Part, Stage, Ticket, answers

#: Operations waited for whatever the stage of their part.
APART: Final = frozenset({Operation.HIDE, Operation.LIFT, *AT_RECIPIENTS})


def waits(scene: Scene, ticket: Ticket) -> tuple[Wait, ...]:
    """Return everything the ticket waits for: mail and letters first, then its parts and tasks in their order.

    Worked out once for a scene: nearly every line of a card asks.
    """
    known = scene.waited.get(id(ticket))
    if known is None:
        known = scene.waited[id(ticket)] = (ticket, _waits(scene, ticket))
    return known[1]


def _waits(scene: Scene, ticket: Ticket) -> tuple[Wait, ...]:
    lost = (letter for letter in ticket.letters if letter.state is LetterState.DOUBTFUL)
    clock = (Wait(Waiter.COLLEAGUES, For.INCIDENT, ticket.id, scene.people.officers()),) if runs(ticket) else ()
    return (
        *clock,
        *(_task(scene, ticket, task) for task in (*hidings(ticket), *liftings(ticket))),
        *_new_mail(scene, ticket),
        *_came_back(scene, ticket),
        *_regret(scene, ticket),
        *(Wait(Waiter.COLLEAGUES, _lost(letter), letter.id, _handler(scene, ticket)) for letter in lost),
        *(_draft(scene, ticket, letter) for letter in ticket.letters if _held_back(ticket, letter)),
        *(wait for part in ticket.parts for wait in _of_part(scene, ticket, part)),
        *(_at_recipient(scene, ticket, task) for task in steps(ticket)),
        *_original(scene, ticket),
        *_hold(scene, ticket),
    )


def _at_recipient(scene: Scene, ticket: Ticket, task: Task) -> Wait:
    """A recipient is told by who walks the ticket, or by who answers for a system that they keep for us."""
    owners = () if officer_only(ticket) else scene.people.owners(task.system)
    what = For.NOTICE if task.operation is Operation.NOTIFY else For.TRANSFER
    who_walks = _handler(scene, ticket)
    return Wait(Waiter.COLLEAGUES, what, task.id, owners or who_walks, task.system, task.waiting_since)


def _hold(scene: Scene, ticket: Ticket) -> Iterator[Wait]:
    """A hold outlasts the ticket's closing; on its day an officer looks whether it still stands."""
    until = review_of(ticket)
    if until is not None and until <= scene.today:
        yield Wait(Waiter.COLLEAGUES, For.HOLD, ticket.id, scene.people.officers())


def _original(scene: Scene, ticket: Ticket) -> Iterator[Wait]:
    """The duty to remove the original message holds up nothing, and outlasts the ticket's closing."""
    if who := original_with(ticket):
        made_by = tuple(one for one in scene.people.colleagues if one.id == who)
        yield Wait(Waiter.COLLEAGUES, For.ORIGINAL, ticket.id, made_by or scene.people.officers())


def _new_mail(scene: Scene, ticket: Ticket) -> Iterator[Wait]:
    """A mail that joined waits to be read, by who walks the ticket; of a closed one by whoever is there now."""
    if MAIL_TO_READ in ticket.flags:
        closed = ticket.stage is Stage.CLOSED and not officer_only(ticket)
        yield Wait(Waiter.COLLEAGUES, For.NEW_MAIL, ticket.id, () if closed else _handler(scene, ticket))


def _came_back(scene: Scene, ticket: Ticket) -> Iterator[Wait]:
    """A letter that came back waits for who walks the ticket; of a closed one for whoever is there now."""
    closed = ticket.stage is Stage.CLOSED and not officer_only(ticket)
    for letter in ticket.letters:
        if letter.state is LetterState.RETURNED:
            yield Wait(Waiter.COLLEAGUES, For.RETURNED, letter.id, () if closed else _handler(scene, ticket))


def _regret(scene: Scene, ticket: Ticket) -> Iterator[Wait]:
    """A mail that may take the request back waits for a word of who walks the ticket, read or not."""
    if MAY_TAKE_BACK in ticket.flags and ticket.stage is not Stage.CLOSED:
        yield Wait(Waiter.COLLEAGUES, For.REGRET, ticket.id, _handler(scene, ticket))


def _lost(letter: Letter) -> For:
    return For.UNWRITTEN if letter.unwritten else For.DOUBTFUL


def _held_back(ticket: Ticket, letter: Letter) -> bool:
    """Whether a receipt or question that should have left by itself is a draft; an answer waits with its part."""
    return letter.state is LetterState.DRAFT and not letter.answers and ticket.stage is not Stage.CLOSED


def waits_for(scene: Scene, ticket: Ticket, me: Colleague) -> tuple[Wait, ...]:
    """Return what the ticket waits for from *me*: by name, or as one of the handlers where nobody is named."""
    return tuple(
        wait
        for wait in waits(scene, ticket)
        if wait.on is Waiter.COLLEAGUES and (me in wait.colleagues or (not wait.colleagues and me.handles_tickets))
    )


def who(scene: Scene, ticket: Ticket) -> str:
    """Return "Karin (HubSpot), personen" in words, or "" when only the desk itself is at work."""
    names: dict[str, list[str]] = {}
    for wait in waits(scene, ticket):
        if wait.on is not Waiter.DESK and wait.what is not For.ORIGINAL:  # which has a line of its own
            systems = names.setdefault(_name(scene, wait), [])
            if wait.system and (system := scene.system(wait.system)) not in systems:
                systems.append(system)
    return ", ".join(f"{name} ({', '.join(systems)})" if systems else name for name, systems in names.items())


def _name(scene: Scene, wait: Wait) -> str:
    if wait.what is For.REPLY:
        return scene.say("card.waiting_for_requester")
    if wait.on is Waiter.PERSON:
        return scene.say("card.waiting_for_person")
    return scene.names(wait.colleagues, either=True) or scene.say("card.waiting_for_handler")


def question(ticket: Ticket) -> Letter | None:
    """Return the newest letter that asks the person who they are, or None when none was ever written."""
    asked = [letter for letter in ticket.letters if letter.kind is LetterKind.IDENTITY_NEEDED]
    return asked[-1] if asked else None


def lapses(letter: Letter) -> datetime | None:
    """Return when the link in a letter stops working; None while it has not left."""
    return letter.sent_at + LINK_LIVES if letter.sent_at else None


def locked_by(scene: Scene, ticket: Ticket, task: Task) -> Lock | None:
    """Return what a LOCKED task waits for; None when it is about to be released."""
    return lock_on(ticket, ticket.part(task.part_id), task, scene.now, scene.calendar)


def _of_part(scene: Scene, ticket: Ticket, part: Part) -> Iterator[Wait]:
    match part.stage:
        case Stage.RECEIVED:
            yield _received(scene, ticket, part)
        case Stage.VERIFYING:
            yield _proof(scene, ticket, part)
        case Stage.REPLYING:
            yield _letter(scene, ticket, part)
        case Stage.LOCATING | Stage.DECIDING | Stage.EXECUTING:
            if awaits_id(ticket) and part.stage is not Stage.EXECUTING:
                yield _received(scene, ticket, part)
            for task in ticket.tasks_of(part):
                if not task.settled and task.operation not in APART:
                    yield _task(scene, ticket, task)
            yield from _copies(scene, ticket, part)
        case Stage.CLOSED:
            return


def _copies(scene: Scene, ticket: Ticket, part: Part) -> Iterator[Wait]:
    """A copy waits for its system's owner; once all is decided but what is to be left out, for whoever may second."""
    for one, task in ((one, ticket.task(one.task_id)) for one in awaited(ticket, part)):
        who = (one.undecided and scene.people.owners(task.system)) or scene.people.approvers(task.system)
        yield Wait(Waiter.COLLEAGUES, For.COPY, task.id, who, task.system, task.settled_at)


def _received(scene: Scene, ticket: Ticket, part: Part) -> Wait:
    until = reply_by(ticket)
    if until is None:
        what, since = (For.ID, None) if awaits_id(ticket) else (For.CONFIRMATION, part.received)
        return Wait(Waiter.COLLEAGUES, what, part.id, _handler(scene, ticket), since=since)
    if not overdue(ticket, scene.today):
        return Wait(Waiter.PERSON, For.REPLY, part.id)
    since = datetime.combine(until, time(), SWEDEN)
    return Wait(Waiter.COLLEAGUES, For.NO_REPLY, part.id, _handler(scene, ticket), since=since)


def _proof(scene: Scene, ticket: Ticket, part: Part) -> Wait:
    attested = ticket.identity.attestations
    if attested:
        earlier = {attestation.by for attestation in attested}
        handlers = [one for one in scene.people.colleagues if one.handles_tickets]
        others = scene.seconds(handlers, earlier, attested[0].at)
        return Wait(Waiter.COLLEAGUES, For.ATTESTATION, part.id, others, since=attested[-1].at)
    asked = question(ticket)
    if asked is None:
        return Wait(Waiter.COLLEAGUES, For.ATTESTATION, part.id, _handler(scene, ticket))
    if ticket.identity.link_opened and not live(ticket.identity.challenge, scene.now):
        return Wait(Waiter.COLLEAGUES, For.ATTESTATION, part.id, _handler(scene, ticket), since=asked.sent_at)
    over = lapses(asked)
    if over is None:
        return Wait(Waiter.DESK, For.MAIL, asked.id)
    if over <= scene.now:
        return Wait(Waiter.COLLEAGUES, For.NEW_PROOF, part.id, _handler(scene, ticket), since=over)
    return Wait(Waiter.PERSON, For.PROOF, part.id, since=asked.sent_at)


def _task(scene: Scene, ticket: Ticket, task: Task) -> Wait:
    owners = scene.people.owners(task.system) or scene.people.officers()
    if officer_only(ticket) and task.operation is Operation.HIDE:
        owners = scene.people.officers()
    match task.state:
        case TaskState.PROPOSED if task.ground:
            officers = scene.seconds(scene.people.officers(), {task.proposed_by})
            return Wait(Waiter.COLLEAGUES, For.DECLINE, task.id, officers, task.system, task.waiting_since)
        case TaskState.PROPOSED if task.approvals:
            others, since = second_of(scene, ticket, task), task.approvals[-1].at
            return Wait(Waiter.COLLEAGUES, For.SECOND_APPROVAL, task.id, others, task.system, since)
        case TaskState.PROPOSED:
            return Wait(Waiter.COLLEAGUES, For.APPROVAL, task.id, owners, task.system, task.waiting_since)
        case TaskState.BY_HAND | TaskState.STUCK if not task.settled_by and locked_by(scene, ticket, task) is not None:
            return _locked(scene, ticket, task)  # nobody may end it, or have it tried again, before that
        case TaskState.BY_HAND:
            return Wait(Waiter.COLLEAGUES, For.BY_HAND, task.id, owners, task.system, task.waiting_since)
        case TaskState.STUCK:
            return Wait(Waiter.COLLEAGUES, For.STUCK, task.id, owners, task.system, task.waiting_since)
        case TaskState.LOCKED:
            return _locked(scene, ticket, task)
        case _:
            searching = ticket.part(task.part_id).stage is Stage.LOCATING
            return Wait(Waiter.DESK, For.SEARCH if searching else For.WORK, task.id, system=task.system)


def _locked(scene: Scene, ticket: Ticket, task: Task) -> Wait:
    match locked_by(scene, ticket, task):
        case Lock.PACKAGE if unlock_at(ticket, ticket.part(task.part_id), scene.calendar) is None:
            return Wait(Waiter.DESK, For.WORK, task.id, system=task.system)  # nobody fetches what was not sent yet
        case Lock.PACKAGE:
            return Wait(Waiter.PERSON, For.PACKAGE, task.id, since=task.waiting_since)
        case Lock.REGRET:
            return Wait(Waiter.COLLEAGUES, For.REGRET, task.id, _handler(scene, ticket))
        case Lock.SHARED:
            owners = scene.people.owners(task.system) or scene.people.officers()
            return Wait(Waiter.COLLEAGUES, For.SHARED, task.id, owners, task.system, task.waiting_since)
        case Lock.CONFIRMATION:
            return Wait(Waiter.PERSON, For.PRESS, task.id, since=task.waiting_since)
        case None:
            return Wait(Waiter.DESK, For.WORK, task.id, system=task.system)


def _letter(scene: Scene, ticket: Ticket, part: Part) -> Wait:
    letter = letter_under_way(ticket, part)
    if letter is None or letter.state is LetterState.REQUESTED:
        return Wait(Waiter.DESK, For.DRAFT, part.id)
    draft = letter.state is LetterState.DRAFT
    return _draft(scene, ticket, letter) if draft else Wait(Waiter.DESK, For.MAIL, letter.id)


def _draft(scene: Scene, ticket: Ticket, letter: Letter) -> Wait:
    """A draft waits for a colleague whatever its kind: one that sends itself stays a draft only if something lacks."""
    return Wait(Waiter.COLLEAGUES, For.LETTER, letter.id, _handler(scene, ticket), since=letter.drafted_at)


def letter_under_way(ticket: Ticket, part: Part) -> Letter | None:
    """Return the newest answer to *part* that has not left yet, or None."""
    gone = (LetterState.SENT, LetterState.RETURNED, LetterState.UNDELIVERED)
    unsent = [letter for letter in answers(ticket, part) if letter.state not in gone]
    return unsent[-1] if unsent else None


def _handler(scene: Scene, ticket: Ticket) -> tuple[Colleague, ...]:
    if officer_only(ticket):
        return scene.people.officers()
    return tuple(one for one in scene.people.colleagues if one.id == ticket.handler)
