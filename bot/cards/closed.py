"""Card 6: a closed ticket says what the person got, whether in time, and when we look again."""

from datetime import timedelta

from bot.card import CardElement, Text, Verb
from bot.cards.buttons import Choices, button
from bot.cards.particulars import Particulars
from bot.cards.progress import clock, rights, waiting_line
from bot.cards.scene import Scene, capital, dotted
from bot.domain.deadline import local_date
from bot.domain.request import EVERYTHING
from bot.domain.system import AT_RECIPIENTS, Mode, Operation
from bot.domain.task import NOT_CONFIRMED, NOT_PROVEN, TAKEN_BACK, Task, TaskState
from bot.domain.ticket import BY_REASON, Part, Ticket


def title(scene: Scene, ticket: Ticket) -> str:
    """Return "PR-2026-0042 · Avslutad – uppfylld"; just closed when the parts ended differently."""
    outcomes = {part.outcome for part in ticket.parts if part.outcome}
    if len(outcomes) != 1:
        return scene.say("card.title", {"ref": ticket.ref, "stage": scene.say("stage.closed")})
    return scene.say("card.closed.title", {"ref": ticket.ref, "outcome": scene.say(f"outcome.{outcomes.pop()}")})


def body(scene: Scene, ticket: Ticket, beside: Particulars) -> tuple[CardElement, ...]:
    """Return what stands on the card."""
    lines = (
        Text(rights(scene, ticket.parts), strong=True),
        Text(capital(dotted(answered(scene, ticket), carried_out(scene, ticket)))),
        *(Text(line) for line in _apart(scene, ticket)),
        Text(waiting_line(scene, ticket)),
        Text(capital(_recheck(scene, ticket, beside)), muted=True),
    )
    return tuple(line for line in lines if line.text)


def answered(scene: Scene, ticket: Ticket) -> str:
    """Return "besvarad 10 arbetsdagar före sista dag"; "" when no answer was owed."""
    owed = [part for part in ticket.parts if part.outcome not in BY_REASON]
    if ticket.closed_at is None or not owed:
        return ""
    day, last = local_date(ticket.closed_at), clock(scene, ticket).last_day
    apart = scene.count(abs(scene.calendar.working_days_between(day, last)), "count.working_days")
    if day > last:
        return scene.say("card.closed.answered_late", {"late": apart})
    if day == last:
        return scene.say("card.closed.answered_on_last")
    return scene.say("card.closed.answered_before", {"left": apart})


def carried_out(scene: Scene, ticket: Ticket) -> str:
    """Return in how many systems something was done and in how many it could not be."""
    beside = {Operation.FIND, *AT_RECIPIENTS}
    tasks = [task for task in ticket.tasks if task.operation not in beside]
    done = {task.system for task in tasks if task.state is TaskState.DONE}
    untouched = [task for task in ticket.tasks if task.operation not in AT_RECIPIENTS]
    cannot = {task.system for task in untouched if _cannot(task)} - done
    if not done and not cannot:
        return ""
    carried = scene.count(len(done), "count.done_in") if done else ""
    return dotted(carried, scene.count(len(cannot), "count.not_in") if cannot else "")


def _cannot(task: Task) -> bool:
    """Whether it could not be done there; what was dropped, as by who took it back, could have been."""
    return task.state is TaskState.NOT_APPLICABLE and task.reason not in (NOT_PROVEN, NOT_CONFIRMED, TAKEN_BACK)


def _apart(scene: Scene, ticket: Ticket) -> tuple[str, ...]:
    """Return one line per part where they ended differently, and the reason where it was no letter."""
    differ = len({part.outcome for part in ticket.parts}) > 1
    lines = (_ended(scene, part, named=differ) for part in ticket.parts)
    return tuple(dict.fromkeys(line for line in lines if line))


def _ended(scene: Scene, part: Part, *, named: bool) -> str:
    reason = scene.say("card.closed.reason", {"reason": scene.say(part.reason)}) if part.reason else ""
    if not named or part.outcome is None:
        return reason
    return dotted(f"{scene.say(f'right.{part.type}')}: {scene.say(f'outcome.{part.outcome}')}", reason)


def _recheck(scene: Scene, ticket: Ticket, beside: Particulars) -> str:
    """Return when we look again; what only a colleague can search is named, for there nobody looks."""
    seen = looked_at_again(ticket)
    if not seen or beside.recheck_days is None or ticket.closed_at is None:
        return ""
    due = ticket.closed_at + timedelta(days=beside.recheck_days)
    if due <= scene.now:
        return ""  # it has been done, or waits for a system: the thread says which
    day = scene.on(due)
    if not (unseen := {task.system: None for task in _erased(ticket) if task not in seen}):
        return scene.say("card.closed.recheck", {"day": day})
    systems = scene.texts.together(scene.language, [scene.system(one) for one in unseen])
    return scene.say("card.closed.recheck_but", {"day": day, "systems": systems})


def looked_at_again(ticket: Ticket) -> list[Task]:
    """Return the erasures after which we look again: all of a person, where the desk itself can search (F31)."""
    searched = {
        task.system for task in ticket.tasks if task.operation is Operation.FIND and task.mode is Mode.AUTOMATIC
    }
    whole = (task for task in _erased(ticket) if ticket.part(task.part_id).scope == EVERYTHING)
    return [task for task in whole if task.system in searched]


def _erased(ticket: Ticket) -> list[Task]:
    return [task for task in ticket.tasks if task.operation is Operation.ERASE and task.state is TaskState.DONE]


def choices(scene: Scene, ticket: Ticket) -> Choices:
    """Return what is left to do with a closed ticket; none of it stands out."""
    return Choices(aside=tuple(button(scene, verb, ticket) for verb in (Verb.REVIEW, Verb.EVIDENCE, Verb.REOPEN)))
