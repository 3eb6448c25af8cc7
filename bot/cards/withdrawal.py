"""The form by which a colleague notes that the person took the request back: how we know, and what it stops."""

from collections.abc import Sequence
from dataclasses import replace

from bot.card import Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, options
from bot.cards.buttons import Choices, aimed, button, room_in_menu
from bot.cards.scene import Scene
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Stage, Ticket


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with the way to take the request back last in the menu, while a menu holds one more.

    What a full menu has no room for stands behind its last entry (`ticket.more_card`), and is a command (`withdraw`).
    """
    begun = any(part.open and part.stage is not Stage.RECEIVED for part in ticket.parts)
    if not begun or room_in_menu(others) < 1:
        return others
    return replace(others, aside=(*others.aside, button(scene, Verb.WITHDRAW, ticket)))


def withdraw_form(scene: Scene, ticket: Ticket, takeable: Sequence[Part]) -> Form:
    """Return the form; *takeable* are the parts of which something can still be stopped."""
    rights = tuple((part.id, scene.say(f"right.{part.type}")) for part in takeable)
    elements: tuple[FormElement, ...] = (
        *(Text(line) for part in ticket.parts if part.open for line in _what_follows(scene, ticket, part, takeable)),
        Choice(
            fields.PARTS,
            scene.say("form.withdraw.parts"),
            rights,
            tuple(part.id for part in takeable),
            several=True,
        ),
        Choice(
            fields.METHOD,
            scene.say("form.withdraw.how"),
            options(scene, "withdrawn_by", fields.WITHDRAWN_BY),
            hint=scene.say("form.withdraw.how_hint"),
        ),
        Input(
            fields.NOTE,
            scene.say("form.withdraw.note"),
            InputKind.PROSE,
            required=False,
            hint=scene.say("form.withdraw.note_hint"),
            longest=LONGEST_TEXT,
        ),
        Text(scene.say("form.withdraw.letter"), muted=True),
    )
    return form(scene, "withdraw", aimed(Verb.WITHDRAW, ticket), elements)


def _what_follows(scene: Scene, ticket: Ticket, part: Part, takeable: Sequence[Part]) -> tuple[str, ...]:
    right = scene.say(f"right.{part.type}")
    if part not in takeable:
        return (scene.say("form.withdraw.too_late", {"right": right}),)
    gone = [task.system for task in ticket.tasks_of(part) if _gone(task.operation, task.state)]
    stops = scene.say("form.withdraw.rest" if gone else "form.withdraw.stops", {"right": right})
    if not gone:
        return (stops,)
    systems = scene.texts.together(scene.language, [scene.system(one) for one in dict.fromkeys(gone)])
    return (stops, scene.say("form.withdraw.gone", {"systems": systems}))


def _gone(operation: Operation, state: TaskState) -> bool:
    """Whether something is erased, or is being erased, and does not come back."""
    return operation is Operation.ERASE and state in (TaskState.DONE, TaskState.RUNNING)
