"""The forms that open something again: what begins anew, by which clock, what is lost and what stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.card import Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, options
from bot.cards.buttons import aimed
from bot.cards.closed import looked_at_again
from bot.cards.progress import dates, dates_of, rights
from bot.cards.scene import Scene
from bot.domain.again import opened_anew, outlives, still_to_tell
from bot.domain.hold import review_of
from bot.domain.identity import IdentityState
from bot.domain.letter import LetterState
from bot.domain.restriction import in_force
from bot.domain.roads import COVERS
from bot.domain.system import AT_RECIPIENTS, Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Ticket

#: What leaves a system as it was.
ONLY_READ: Final = frozenset({Operation.FIND, Operation.EXPORT, *AT_RECIPIENTS})


def reopen_form(scene: Scene, ticket: Ticket, recheck_days: int, joined_to: str = "") -> Form:
    """Return the form that opens a closed ticket again. *joined_to*: the ticket it was put into, if any."""
    opened = replace(ticket, parts=opened_anew(ticket))
    lines = (
        scene.say("form.reopen.begins", {"rights": rights(scene, opened.parts)}),
        scene.say("form.reopen.clock"),
        dates(scene, opened),
        *_lost(scene, ticket, recheck_days),
        *_kept(scene, ticket),
        scene.say("form.reopen.parted", {"ref": joined_to}) if joined_to else "",
    )
    elements = (*(Text(line) for line in lines if line), *_why(scene))
    return form(scene, "reopen", aimed(Verb.REOPEN, ticket), elements)


def reopen_part_form(scene: Scene, ticket: Ticket, part: Part) -> Form:
    """Return the form that takes back that one part was dismissed, while the others go on."""
    elements = (
        Text(scene.say("form.reopen.part", {"right": scene.say(f"right.{part.type}")})),
        Text(dates_of(scene, ticket, part)),
        *_why(scene),
    )
    return form(scene, "reopen", aimed(Verb.REOPEN, part), elements)


def _lost(scene: Scene, ticket: Ticket, recheck_days: int) -> Iterator[str]:
    """Yield what counts no longer, and what goes the moment the ticket is opened."""
    going = [task for task in ticket.tasks if not outlives(ticket, task)]
    lapses = {
        "identity": ticket.identity.state not in (IdentityState.UNSETTLED, IdentityState.NOT_NEEDED),
        "authority": any(flag.startswith(COVERS) for flag in ticket.flags),
        "approvals": any(task.approvals for task in going),
        "declines": any(task.state is TaskState.DECLINED for task in going),
    }
    if words := [scene.say(f"form.reopen.lapsing.{name}") for name, lapsed in lapses.items() if lapsed]:
        yield scene.say("form.reopen.lapses", {"what": scene.texts.together(scene.language, words)})
    if going:
        yield scene.say("form.reopen.dropped")
    if looked_at_again(ticket) and ticket.closed_at is not None:
        looks = ticket.closed_at + timedelta(days=recheck_days)
        yield scene.say("form.reopen.recheck", {"day": scene.on(looks)}) if looks > scene.now else ""


def _kept(scene: Scene, ticket: Ticket) -> Iterator[str]:
    """Yield what reopening does not change."""
    touched = [task for task in ticket.tasks if task.state is TaskState.DONE and task.operation not in ONLY_READ]
    if touched:
        systems = [scene.system(one) for one in dict.fromkeys(task.system for task in touched)]
        yield scene.say("form.reopen.done", {"systems": scene.texts.together(scene.language, systems)})
    if any(still_to_tell(task) for task in ticket.tasks):
        yield scene.say("form.reopen.untold")
    if in_force(ticket) is not None:
        yield scene.say("form.reopen.restricted")
    if review_of(ticket) is not None:
        yield scene.say("form.reopen.held")
    sent = sum(letter.state is LetterState.SENT for letter in ticket.letters)
    if sent:
        yield scene.say("form.reopen.sent", {"letters": scene.count(sent, "count.letters_sent")})
    yield scene.say("form.reopen.written")


def _why(scene: Scene) -> tuple[FormElement, ...]:
    return (
        Choice(fields.REASON, scene.say("form.reopen.reason"), options(scene, "reason", fields.REOPENINGS)),
        Input(
            fields.NOTE,
            scene.say("form.reopen.note"),
            InputKind.PROSE,
            required=False,
            hint=scene.say("form.reopen.note_hint"),
            longest=LONGEST_TEXT,
        ),
    )
