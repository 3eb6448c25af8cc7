"""An extended deadline on the card, and the form that extends one: reasons, both new days, the letter as it will be."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.card import CardElement, Choice, Facts, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, options
from bot.cards.buttons import Choices, aimed, button
from bot.cards.scene import Scene, dotted
from bot.domain.extension import REASONS, extendable, in_force, on_its_way, told
from bot.domain.letter import LetterState
from bot.domain.protection import impostor
from bot.domain.ticket import Part, Ticket


def lines(scene: Scene, ticket: Ticket) -> tuple[CardElement, ...]:
    """Return what stands on the card: extended until when and told when, or that the notice has yet to leave."""
    return tuple(Text(one) for one in dict.fromkeys(_lines(scene, ticket)))


def _lines(scene: Scene, ticket: Ticket) -> Iterator[str]:
    waiting = [part for part in ticket.parts if part.open]
    named = len({part.received for part in waiting}) > 1
    for part in waiting:
        if said := _line(scene, ticket, part):
            yield dotted(scene.say(f"right.{part.type}") if named else "", said)


def _line(scene: Scene, ticket: Ticket, part: Part) -> str:
    days = in_force(ticket, part, scene.calendar)
    facts = {"last": scene.day(days.extended_last_day), "notice": scene.day(days.extension_notice_last_day)}
    if (notice := told(ticket, part, scene.calendar)) is not None and notice.sent_at is not None:
        return scene.say("card.extension.extended", facts | {"day": scene.on(notice.sent_at)})
    if (waiting := on_its_way(ticket, part)) is None:
        return ""
    key = "read_first" if waiting.state is LetterState.DRAFT else "on_its_way"
    return scene.say(f"card.extension.{key}", facts)


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the choices with the way to extend beside them, as long as the law leaves one."""
    if impostor(ticket) or not extendable(ticket, scene.today, scene.calendar):
        return others
    return replace(others, aside=(*others.aside, button(scene, Verb.EXTEND, ticket)))


def extend_form(scene: Scene, ticket: Ticket, parts: Sequence[Part], preview: str) -> Form:
    """Return the form; *preview* is the letter without anything about the person, in their language."""
    days = min((in_force(ticket, part, scene.calendar) for part in parts), key=lambda one: one.extended_last_day)
    rights = scene.texts.together(scene.language, [scene.say(f"right_inside.{part.type}") for part in parts])
    elements: tuple[FormElement, ...] = (
        Facts(
            (
                (scene.say("form.extend.covers"), rights),
                (scene.say("form.extend.new_target"), scene.day(days.safe_extended_target)),
                (scene.say("form.extend.new_last"), scene.day(days.extended_last_day)),
                (scene.say("form.extend.notice"), scene.day(days.extension_notice_last_day)),
            )
        ),
        Choice(
            fields.REASONS,
            scene.say("form.extend.reasons"),
            options(scene, "extension_reason", REASONS),
            several=True,
            hint=scene.say("form.extend.reasons_hint"),
        ),
        Input(
            fields.WHY,
            scene.say("form.extend.why"),
            InputKind.PROSE,
            hint=scene.say("form.extend.why_hint"),
            longest=LONGEST_TEXT,
        ),
        Choice(
            fields.WAY,
            scene.say("form.extend.way"),
            options(scene, "extension_way", (fields.SEND_NOW, fields.READ_FIRST)),
            (fields.SEND_NOW,),
        ),
        Text(scene.say("form.extend.preview"), strong=True),
        *(Text(paragraph, muted=True) for paragraph in preview.strip().split("\n\n")),
    )
    return form(scene, "extend", aimed(Verb.EXTEND, ticket), elements)
