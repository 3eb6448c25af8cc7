"""The forms that decide what will be gone, and what stays.

They open the presser's own rows only, export and erasure apart. Before anything that
cannot be undone stands one sentence saying what will be gone where, and the reference to
type (cards.md rule 6). Grounds for declining are those of the right (D11); a right
without grounds gets no choice to decline at all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from bot.card import Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, reference
from bot.cards.buttons import aimed
from bot.cards.rows import trouble
from bot.cards.scene import Scene, dotted
from bot.cards.seconds import first_yes, second_of, two_asked, undecided
from bot.domain.approving import too_early
from bot.domain.correcting import yes_names_values
from bot.domain.errors import NotYours
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.policy import grounds_of
from bot.domain.request import RequestType
from bot.domain.system import Mode, Operation
from bot.domain.task import NO_COUNTS, Task, TaskState
from bot.domain.ticket import Part, Ticket


def own_rows(ticket: Ticket, actor: Colleague, open_again: Collection[str] = ()) -> tuple[Task, ...]:
    """Return the tasks *actor* may say yes to now: theirs to approve, not yet approved by them, no decline proposed.

    *open_again*: tasks whose second yes may be theirs too.
    """
    return tuple(
        task
        for task in ticket.tasks
        if undecided(task)
        and actor.approves_in(task.system)
        and (first_yes(task, actor) is None or task.id in open_again)
    )


def open_rows(scene: Scene, ticket: Ticket, actor: Colleague) -> tuple[Task, ...]:
    """Return the presser's own rows, those among them that a day has opened to their second yes (D10).

    Raises `NotAllowedNow`, with when the first of them opens, where there is no other.
    """
    waiting = {task.id: first for task in ticket.tasks if undecided(task) and (first := first_yes(task, actor))}
    closed = {task_id: first for task_id, first in waiting.items() if scene.opens(first)}
    rows = own_rows(ticket, actor, waiting.keys() - closed.keys() if scene.single else ())
    if closed and not rows:
        raise too_early(min(closed.values()))
    return rows


def decide(scene: Scene, ticket: Ticket, actor: Colleague, emptied: Mapping[str, int] = NO_COUNTS) -> Form:
    """Return the form with the presser's own rows. Raises `NotYours`, naming who can, when there is none.

    *emptied* counts the fields a correction empties, by its task.
    """
    rows = open_rows(scene, ticket, actor)
    if not rows:
        raise NotYours("refusal.no_row_of_yours", {"who": _deciders(scene, ticket, actor)})
    elements: list[FormElement] = []
    if {Operation.EXPORT, Operation.ERASE} <= {task.operation for task in rows}:
        elements.append(Text(scene.say("form.decide.export_only"), muted=True))
    for task in rows:
        elements += _row(scene, ticket, task, actor, emptied.get(task.id, 0))
    if any(task.irreversible for task in rows):
        if any(_counted(task) for task in rows):
            elements.append(Text(scene.say("form.decide.what_comes"), muted=True))
        elements.append(reference(scene, ticket.ref, "form.decide.reference_hint", required=False))
    return form(scene, "decide", aimed(Verb.DECIDE, ticket), elements)


def _counted(task: Task) -> bool:
    """Whether the desk erases what it counted, and so sees when more has come (see `bot.domain.again`)."""
    return task.operation is Operation.ERASE and task.mode is Mode.AUTOMATIC and bool(task.found)


def _row(scene: Scene, ticket: Ticket, task: Task, actor: Colleague, emptied: int) -> Iterator[FormElement]:
    facts = {"system": scene.system(task.system), "operation": scene.say(f"operation.{task.operation}")}
    label = dotted(scene.say("form.decide.row", facts), scene.counted(task.system, task.found, joint=", "))
    if task.trouble:  # why it is asked again
        yield Text(f"{trouble(scene, task)}.")
    if task.irreversible:
        yield Text(
            _emptying(scene, task, emptied) if task.operation is Operation.RECTIFY else irreversible(scene, task)
        )
    options = (
        ("", scene.say("form.decide.later")),
        (_yes(task), scene.say("form.decide.approve")),
        *declines(scene, ticket.part(task.part_id)),
    )
    yield Choice(f"{fields.TASK}{task.id}", label, options, ("",), required=False, hint=_number(scene, task, actor))


def _yes(task: Task) -> str:
    """Return the value of a yes; to a correction it names the version, so that it holds for those values alone."""
    return f"{fields.APPROVE}:{task.version}" if yes_names_values(task) else fields.APPROVE


def declines(scene: Scene, part: Part) -> tuple[tuple[str, str], ...]:
    """Return one choice per ground on which what *part* asks may be declined (D11)."""
    return tuple(
        (
            f"{fields.DECLINE_BY}{ground}",
            scene.say("form.decide.decline_by", {"ground": scene.say(f"ground.{part.type}.{ground}")}),
        )
        for ground in grounds_of(part)
    )


def irreversible(scene: Scene, task: Task) -> str:
    """Return "1 kontakt och 14 aktiviteter raderas för alltid i HubSpot. Det går inte att ångra."."""
    counted = [scene.counted(task.system, {kind: n}) for kind, n in task.found.items() if n]
    what = scene.texts.together(scene.language, counted) or scene.say("form.decide.everything_found")
    return scene.say("form.decide.irreversible", {"what": what, "system": scene.system(task.system)})


def _emptying(scene: Scene, task: Task, emptied: int) -> str:
    """Return "2 uppgifter töms i HubSpot …"; where nobody has written which, those the request names."""
    system = {"system": scene.system(task.system)}
    if not emptied:
        return scene.say("form.decide.empties_asked", system)
    return scene.count(emptied, "count.emptied", system)


def _number(scene: Scene, task: Task, actor: Colleague) -> str:
    if task.approvals_needed == 1:
        return ""
    if first := first_yes(task, actor):
        return scene.say("form.decide.one_person", {"moment": scene.texts.moment(scene.language, first)})
    return two_asked(scene, "form.decide.two_people", len(task.approvals) + 1)


def _deciders(scene: Scene, ticket: Ticket, actor: Colleague) -> str:
    """Return who can decide what *actor* cannot: never themselves, nor who has said the first of two yeses."""
    waiting = [one for task in ticket.tasks if task.state is TaskState.PROPOSED for one in _asked(scene, ticket, task)]
    return scene.names([one for one in waiting or scene.people.officers() if one.id != actor.id], either=True)


def _asked(scene: Scene, ticket: Ticket, task: Task) -> Iterable[Colleague]:
    if task.ground:
        return (one for one in scene.people.officers() if one.id != task.proposed_by)
    return second_of(scene, ticket, task) if task.approvals else scene.people.approvers(task.system)


def _weighing(scene: Scene, ticket: Ticket, task: Task) -> tuple[Input, ...]:
    """Return the room for the weighing of an objection: refused, it owes the person our reasons in words (R45)."""
    part = ticket.part(task.part_id)
    if part.type is not RequestType.OBJECTION or is_opt_out(part):
        return ()
    words = scene.say("form.confirm_decline.weighing"), scene.say("form.confirm_decline.weighing_hint")
    return (Input(fields.WEIGHING, words[0], InputKind.PROSE, required=False, hint=words[1], longest=LONGEST_TEXT),)


def confirm_decline(scene: Scene, ticket: Ticket, task: Task) -> Form:
    """Return the officer's form on a proposed decline: uphold it, or keep the row open for its owner."""
    right = ticket.part(task.part_id).type
    facts = {"who": scene.name(task.proposed_by), "ground": scene.say(f"ground.{right}.{task.ground}")}
    row = {"system": scene.system(task.system), "operation": scene.say(f"operation.{task.operation}")}
    options = (
        (fields.DECLINE, scene.say("form.confirm_decline.uphold")),
        (fields.KEEP_OPEN, scene.say("form.confirm_decline.keep_open")),
    )
    elements: tuple[FormElement, ...] = (
        Text(dotted(ticket.ref, scene.say("form.decide.row", row)), strong=True),
        Text(scene.say("form.confirm_decline.line", facts)),
        Choice(fields.WAY, scene.say("form.confirm_decline.choice"), options),
        *_weighing(scene, ticket, task),
        Text(scene.say("form.confirm_decline.hint"), muted=True),
    )
    return form(scene, "confirm_decline", aimed(Verb.CONFIRM_DECLINE, task), elements)
