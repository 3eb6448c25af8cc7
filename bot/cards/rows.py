"""One line per system: what was found there, how far it is, who is waited for.

Export and erasure are separate tasks and often stand differently, so a system gets one
row while they stand alike and one row per right as soon as they do not.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bot.card import Table
from bot.cards.particulars import NOTHING_BESIDE, Particulars
from bot.cards.scene import Scene, capital, dotted
from bot.cards.seconds import by_one, opens_again
from bot.cards.waiting import letter_under_way, locked_by, waits
from bot.domain.letter import LetterState
from bot.domain.policy import NOT_KNOWN_BY
from bot.domain.system import Mode, Operation
from bot.domain.task import LOOKED_GONE, LOOKED_MASKED, Task, TaskState
from bot.domain.threads import searches_of
from bot.domain.ticket import Part, Stage, Ticket, answers

#: What we looked again for after doing it (F31); the rest is simply done.
LOOKED_AGAIN: Final = frozenset({Operation.ERASE})
#: What we saw when we looked again after a colleague's erasure.
LOOKED: Final = {LOOKED_GONE: "card.executing.looked_gone", LOOKED_MASKED: "card.executing.looked_masked"}
WORKING: Final = (Stage.LOCATING, Stage.DECIDING, Stage.EXECUTING)


def table(scene: Scene, ticket: Ticket, beside: Particulars = NOTHING_BESIDE) -> tuple[Table, ...]:
    """Return the rows of every part under work or answered, below their heads; nothing when there is nothing yet."""
    rows = (*_answered(scene, ticket), *_by_system(scene, ticket, beside))
    head = (scene.say("card.system"), scene.say("card.found"), scene.say("card.state"))
    return (Table(head, rows),) if rows else ()


def _answered(scene: Scene, ticket: Ticket) -> Iterator[tuple[str, ...]]:
    """One row for a part that is past its systems: its letter is what is left to say."""
    if len(ticket.parts) == 1:
        return
    for part in ticket.parts:
        if part.stage in (Stage.REPLYING, Stage.CLOSED):
            yield scene.say(f"right.{part.type}"), "", answer_state(scene, ticket, part)


def answer_state(scene: Scene, ticket: Ticket, part: Part) -> str:
    """Return where the answer to a part is: being written, to be approved, sent, package fetched."""
    sent = [letter for letter in answers(ticket, part) if letter.state is LetterState.SENT and letter.sent_at]
    if sent and (moment := sent[-1].sent_at):
        facts = {"day": scene.on(moment)}
        if part.package_fetched_at is None:
            return scene.say("card.executing.answered", facts)
        fetched = {"fetched": scene.on(part.package_fetched_at)}
        return scene.say("card.executing.answered_fetched", {**facts, **fetched})
    if part.outcome is not None:
        return scene.say(f"outcome.{part.outcome}")
    letter = letter_under_way(ticket, part)
    if letter is not None and letter.state is LetterState.DRAFT:
        return scene.say("card.reply.row_draft")
    return scene.say(f"letter_state.{letter.standing if letter else LetterState.REQUESTED}")


def _by_system(scene: Scene, ticket: Ticket, beside: Particulars) -> Iterator[tuple[str, ...]]:
    working = [part for part in ticket.parts if part.stage in WORKING]
    tasks = [task for part in working for task in ticket.tasks_of(part) if task.operation is not Operation.FIND]
    searches = list({task.id: task for part in working for task in searches_of(ticket, part)}.values())
    for system in dict.fromkeys(task.system for task in (*searches, *tasks)):
        own = [task for task in tasks if task.system == system] or [task for task in searches if task.system == system]
        yield from _rows_of(scene, ticket, own, beside)


def _rows_of(scene: Scene, ticket: Ticket, tasks: Sequence[Task], beside: Particulars) -> Iterator[tuple[str, ...]]:
    rows = [(found(scene, task), state(scene, ticket, task, beside)) for task in tasks]
    if len(set(rows)) == 1:
        yield capital(scene.system(tasks[0].system)), *rows[0]
        return
    for task, row in zip(tasks, rows, strict=True):
        right = scene.say(f"right_inside.{ticket.part(task.part_id).type}")
        yield f"{capital(scene.system(task.system))}, {right}", *row


def found(scene: Scene, task: Task) -> str:
    """Return what was found, in the system's own words, or briefly why nothing can be."""
    if task.state is TaskState.NOT_APPLICABLE:
        return scene.word(task.system, task.reason.replace("reason.", "brief.", 1)) or scene.say(_cannot(task))
    if task.state is TaskState.NOT_HELD:
        return scene.say("card.decide.row_nothing")
    return scene.counted(task.system, task.found)


def _cannot(task: Task) -> str:
    """Return the key of why nothing can be said or done there; whatever else is known, a mail address always is."""
    if task.operation is not Operation.FIND:
        return "card.cannot.act"
    return "card.cannot.find_by" if task.reason == NOT_KNOWN_BY else "card.cannot.find"


def state(scene: Scene, ticket: Ticket, task: Task, beside: Particulars = NOTHING_BESIDE) -> str:
    """Return how far the task is, who is waited for, and that one person said both yeses."""
    return dotted(_state(scene, ticket, task, beside), by_one(scene, task))


def _state(scene: Scene, ticket: Ticket, task: Task, beside: Particulars) -> str:
    match task.state:
        case TaskState.PROPOSED:
            return _proposed(scene, ticket, task)
        case TaskState.LOCKED:
            lock = locked_by(scene, ticket, task)
            why = scene.say(f"lock.{lock}") if lock else scene.say("task_state.ready")
            return scene.say("card.executing.row_locked", {"why": why})
        case TaskState.READY | TaskState.RUNNING:
            return _under_way(scene, task, beside)
        case TaskState.BY_HAND:
            return _by_hand(scene, ticket, task, beside)
        case TaskState.STUCK:
            stuck = scene.say("card.executing.row_stuck", {"why": held_up(scene, task)})
            return dotted(
                so_far(scene, task), stuck, scene.say("card.decide.row_waiting", {"who": whom(scene, ticket, task)})
            )
        case _:
            return _settled(scene, task)


def _by_hand(scene: Scene, ticket: Ticket, task: Task, beside: Particulars) -> str:
    """Return who has the step, since when, and when they are reminded next."""
    facts = {"who": whom(scene, ticket, task)}
    since = task.waiting_since
    step = scene.say("card.decide.row_by_hand", facts)
    if since is not None:
        step = scene.say("card.executing.row_by_hand", {**facts, "day": scene.on(since)})
    reminded = scene.say("card.executing.row_reminded", {"day": scene.day(beside.reminded)}) if beside.reminded else ""
    return dotted(step, reminded, held_up(scene, task) if task.trouble else "")


def whom(scene: Scene, ticket: Ticket, task: Task) -> str:
    """Return who is waited for about a task, any one of whom will do."""
    mine = [wait for wait in waits(scene, ticket) if wait.about == task.id]
    return scene.names(mine[0].colleagues, either=True) if mine else ""


def trouble(scene: Scene, task: Task, named: str = "") -> str:
    """Return why a task is held up: the first sentence of the trouble, whose others say what the row says anyway.

    *named*: what the system is called there; "" for its name.
    """
    key = task.trouble if scene.texts.has(task.trouble) else "trouble.needs_human"
    return scene.say(key, {"system": named or scene.system(task.system)}).partition(". ")[0].rstrip(".")


def so_far(scene: Scene, task: Task) -> str:
    """Return "5 av 7" of what was found, "" while none of it, or nothing countable, is dealt with yet."""
    done, total = sum(task.done.values()), sum(task.found.values())
    if task.settled_by or not 0 < done <= total:
        return ""
    counts = {name: scene.texts.number(scene.language, n) for name, n in (("done", done), ("total", total))}
    return scene.say("card.executing.so_far", counts)


def held_up(scene: Scene, task: Task) -> str:
    """Return the same for where the system's name stands before it: it names the vendor where that is another name."""
    return trouble(scene, task, scene.word(task.system, "vendor")).removeprefix(f"{scene.system(task.system)} ")


def _proposed(scene: Scene, ticket: Ticket, task: Task) -> str:
    if task.ground:
        return scene.say("card.decide.row_declined")
    waiting = scene.say("card.decide.row_waiting", {"who": whom(scene, ticket, task)})
    if task.mode is not Mode.AUTOMATIC:  # a yes makes it somebody's work
        waiting = dotted(waiting, scene.say("card.decide.row_manual"))
    waiting = dotted(waiting, held_up(scene, task) if task.trouble else "")
    if not task.approvals:
        return waiting
    return dotted(scene.say("card.decide.row_approved_once"), waiting, opens_again(scene, ticket, task))


def _under_way(scene: Scene, task: Task, beside: Particulars) -> str:
    if scene.pause(task.system) is not None:
        return scene.say("card.executing.row_stopped")
    if task.trouble:
        return dotted(so_far(scene, task), _again(scene, task, beside.tries.get(task.id)))
    if task.settled_by:
        return scene.say("card.executing.row_looking", {"who": scene.name(task.settled_by)})
    if task.state is TaskState.RUNNING:
        return scene.say("card.executing.row_running")
    if task.approvals:
        return scene.say("card.decide.row_approved", {"time": scene.when(task.approvals[-1].at)})
    return scene.say("task_state.ready")


def _again(scene: Scene, task: Task, at: datetime | None) -> str:
    """Return when a task in trouble is tried again, and why. Without a moment, or past it, it is being tried now."""
    why = held_up(scene, task)
    if at is None or at <= scene.now:
        return scene.say("card.executing.row_trying", {"why": why})
    return scene.say("card.executing.row_again", {"time": scene.soon(at), "why": why})


def _settled(scene: Scene, task: Task) -> str:
    explains = scene.say("card.decide.row_letter")
    if task.state is TaskState.DONE and task.settled_at is not None:
        return _done(scene, task, task.settled_at)
    match task.state:
        case TaskState.NOT_HELD:
            return scene.say("card.row_nothing_to_do")
        case TaskState.DECLINED:
            return dotted(scene.say("task_state.declined"), explains)
        case TaskState.EXCEPTION:
            reason = scene.say(task.reason) if scene.texts.has(task.reason) else ""
            return dotted(scene.say("task_state.exception"), reason, explains)
        case _:
            return explains


def _done(scene: Scene, task: Task, at: datetime) -> str:
    facts = {"operation": scene.say(f"operation_done.{task.operation}"), "time": scene.when(at)}
    if task.settled_by:
        simply = scene.say("card.executing.row_done_simply", facts)
        by = scene.say("card.executing.by_hand_of", {"who": scene.name(task.settled_by)})
        return dotted(simply, by, scene.say(LOOKED[task.reason]) if task.reason in LOOKED else "")
    if task.operation in LOOKED_AGAIN and task.found:  # where nothing can be seen, nothing was looked at again
        return scene.say("card.executing.row_done", facts)
    return scene.say("card.executing.row_done_simply", facts)
