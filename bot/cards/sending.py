"""The form before a package leaves: to whom by role, in which language, with what; then the reference (rule 6).

Never an address and never a name: it opens in a chat (D14). Who wants to see both reads the letter on the review page.
"""

from collections.abc import Sequence
from enum import StrEnum

from bot.card import Choice, Form, FormElement, Text, Verb
from bot.cards import fields
from bot.cards.asking import form, reference
from bot.cards.buttons import aimed
from bot.cards.lettering import written_in
from bot.cards.scene import Scene, dotted
from bot.domain.disclosure import copied_from, packed_parts
from bot.domain.letter import Letter
from bot.domain.redaction import judgings
from bot.domain.ticket import Ticket, overtaken


class Addressee(StrEnum):
    """Whom a letter goes to, by role."""

    PERSON = "person"
    WHO_ASKED = "who_asked"  # somebody else than the person, whose authority a colleague attested


def send_package(scene: Scene, ticket: Ticket, letter: Letter, to: Addressee, size: int) -> Form:
    """Return the form that lets a letter with a package go. *size* is the package's, in bytes (0: not known)."""
    elements: tuple[FormElement, ...] = (
        *_leaves(scene, ticket, letter, to, size),
        reference(scene, ticket.ref, "form.send_package.reference_hint"),
    )
    return form(scene, "send_package", aimed(Verb.SEND_PACKAGE, letter), elements)


def package_again(scene: Scene, ticket: Ticket, letter: Letter, to: Addressee, size: int) -> tuple[FormElement, ...]:
    """Return the same for a form in which sending a letter with a package once more is one way of several."""
    hint = "form.send_package.again_hint"
    return (*_leaves(scene, ticket, letter, to, size), reference(scene, ticket.ref, hint, required=False))


def settle_letter(scene: Scene, ticket: Ticket, letter: Letter, package: Sequence[FormElement] = ()) -> Form:
    """Return the form that settles whether a doubtful letter left (D34), or has an unwritten one written again."""
    if letter.unwritten:
        again = ((fields.SEND_AGAIN, scene.say("form.settle_letter.write_again")),)
        asked = (
            Text(scene.say("form.settle_letter.unwritten")),
            Choice(fields.WAY, scene.say("form.settle_letter.what_now"), again),
        )
        return form(scene, "settle_letter", aimed(Verb.SETTLE_LETTER, letter), asked)
    otherwise = "form.settle_letter.dropped" if overtaken(ticket, letter) else "form.settle_letter.not_sent"
    ways = (
        (fields.WAS_SENT, scene.say("form.settle_letter.sent")),
        (fields.SEND_AGAIN, scene.say(otherwise)),
    )
    elements = (
        Text(scene.say("form.settle_letter.hint")),
        Choice(fields.WAY, scene.say("form.settle_letter.was_it_sent"), ways),
        *package,
    )
    return form(scene, "settle_letter", aimed(Verb.SETTLE_LETTER, letter), elements)


def _leaves(scene: Scene, ticket: Ticket, letter: Letter, to: Addressee, size: int) -> tuple[Text, ...]:
    return (
        Text(dotted(ticket.ref, written_in(scene, letter.kind, ticket.language)), strong=True),
        Text(scene.say(f"form.send_package.to_{to}")),
        Text(scene.say("form.send_package.with", {"what": _package(scene, ticket, letter, size)})),
        Text(scene.say("form.send_package.lasting")),
    )


def _package(scene: Scene, ticket: Ticket, letter: Letter, size: int) -> str:
    """Return "kopia ur HubSpot och Eventbrite · 4,2 MB · 2 uppgifter maskade (rör andra)"."""
    parts = packed_parts(ticket, letter)
    systems = dict.fromkeys(scene.system(one) for part in parts for one in copied_from(ticket, part))
    blanked = sum(one.blanked for part in parts for one in judgings(ticket, part))
    return dotted(
        scene.texts.together(scene.language, tuple(systems)),
        scene.texts.size(scene.language, size) if size else "",
        scene.count(blanked, "count.masked") if blanked else "",
    )
