"""Recipients on the cards: how many are still to be told, the press that says how it went, and who else got the data.

A recipient of the policy is named, one that a colleague named only counted: it may be a person (D14). What to say to
them stands on the review page.
"""

from dataclasses import replace
from typing import Final

from bot.card import Button, Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_LINE, LONGEST_TEXT, form, options, reference
from bot.cards.buttons import SHOWN, Choices, aimed, button, room_in_menu
from bot.cards.scene import Scene, dotted
from bot.domain.recipients import may_name, steps
from bot.domain.system import Operation
from bot.domain.task import Task
from bot.domain.ticket import Stage, Ticket
from bot.domain.transfer import Given, transferable

#: Stages in which a row of the table says it already.
IN_TABLE: Final = frozenset({Stage.DECIDING, Stage.EXECUTING})


def lines(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return how many are still to be told or handed something, where no row of the table says so."""
    left = [one for one in steps(ticket) if ticket.part(one.part_id).stage not in IN_TABLE]
    return (Text(scene.count(len(left), "count.recipients_left"), strong=True),) if left else ()


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with those still to be told after what else waits, and who else got the data aside.

    As many as the menu has room for, one at least: as one is told the next one comes. That others got the data can be
    said before anything is done, so where the menu is full its first entry stands beside the primary button.
    """
    untold = [step_button(scene, task) for task in steps(ticket)]
    room = max(0, SHOWN - len(others.ahead)) + room_in_menu(others)
    after = replace(others, ahead=(*others.ahead, *untold[: max(1, room)]))
    more = [Verb.APPROVE_TRANSFER] if transferable(ticket) is not None else []
    more += [Verb.NAME_RECIPIENT] if may_name(ticket) else []
    beside = max(0, SHOWN - max(1, len(after.ahead)))
    found = [button(scene, verb, ticket) for verb in more[: max(0, room_in_menu(after) + beside)]]
    return replace(after, aside=(*others.aside, *found))


def step_button(scene: Scene, task: Task) -> Button:
    """Return the button of one step."""
    label = scene.say(f"button.at_recipient.{task.operation}", {"recipient": scene.system(task.system)})
    return button(scene, Verb.FINISH_BY_HAND, task, label)


def tell(scene: Scene, ticket: Ticket, task: Task) -> Form:
    """Return the form that says how telling one recipient ended: exactly one of told, never had it, not possible."""
    facts = {"system": scene.system(task.system), "operation": scene.say(f"operation.{task.operation}")}
    name = f"form.tell_recipient.{task.operation}"
    reasons = fields.CANNOT_TELL if task.operation is Operation.NOTIFY else fields.CANNOT_HAND_OVER
    elements: tuple[FormElement, ...] = (
        Text(dotted(ticket.ref, scene.say("form.finish_by_hand.row", facts)), strong=True),
        Text(scene.say(f"{name}.read")),
        Choice(fields.RESULT, scene.say("form.finish_by_hand.result"), options(scene, name, fields.ENDINGS)),
        Choice(
            fields.EXCEPTION_REASON,
            scene.say("form.finish_by_hand.reason"),
            options(scene, "exception", reasons),
            required=False,
            hint=scene.say("form.tell_recipient.reason_hint"),
        ),
        Input(
            fields.NOTE,
            scene.say("form.tell_recipient.note"),
            InputKind.PROSE,
            required=False,
            hint=scene.say("form.tell_recipient.note_hint"),
            longest=LONGEST_TEXT,
        ),
    )
    return form(scene, "tell_recipient", aimed(Verb.FINISH_BY_HAND, task), elements)


def name_recipient(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that takes who else got the data, and how to reach them."""
    elements = (
        Text(scene.say("form.name_recipient.line")),
        Input(fields.NAME, scene.say("form.name_recipient.name"), longest=LONGEST_LINE),
        Input(
            fields.CONTACT,
            scene.say("form.name_recipient.contact"),
            required=False,
            hint=scene.say("form.name_recipient.contact_hint"),
            longest=LONGEST_LINE,
        ),
    )
    return form(scene, "name_recipient", aimed(Verb.NAME_RECIPIENT, ticket), elements)


def approve_transfer(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that attests the person's approval and takes to whom their file goes (P16, Art. 20(2))."""
    elements = (
        Text(scene.say("form.approve_transfer.line")),
        Input(fields.NAME, scene.say("form.approve_transfer.to"), longest=LONGEST_LINE),
        Input(fields.CONTACT, scene.say("form.approve_transfer.contact"), longest=LONGEST_LINE),
        Choice(fields.METHOD, scene.say("form.approve_transfer.given"), options(scene, "transfer_given", Given)),
        Input(fields.APPROVED_AT, scene.say("form.approve_transfer.at"), InputKind.MOMENT),
        Choice(
            fields.CHECKED,
            scene.say("form.approve_transfer.checked"),
            options(scene, "form.approve_transfer.check", fields.APPROVAL_CHECKS),
            several=True,
        ),
        Text(scene.say("form.name_recipient.contact_hint"), muted=True),
        Text(scene.say("form.approve_transfer.irreversible")),
        reference(scene, ticket.ref, "form.approve_transfer.reference_hint"),
    )
    return form(scene, "approve_transfer", aimed(Verb.APPROVE_TRANSFER, ticket), elements)
