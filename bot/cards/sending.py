"""The form before a package leaves: to whom by role, in which language, with what; then the reference (rule 6).

Never an address and never a name: it opens in a chat (D14). Who wants to see both reads the letter on the review page.
"""

from enum import StrEnum

from bot.card import Form, Text, Verb
from bot.cards.asking import form, reference
from bot.cards.buttons import aimed
from bot.cards.lettering import written_in
from bot.cards.scene import Scene, dotted
from bot.domain.disclosure import copied_from, packed_parts
from bot.domain.letter import Letter
from bot.domain.redaction import judgings
from bot.domain.ticket import Ticket


class Addressee(StrEnum):
    """Whom a letter goes to, by role."""

    PERSON = "person"
    WHO_ASKED = "who_asked"  # somebody else than the person, whose authority a colleague attested


def send_package(scene: Scene, ticket: Ticket, letter: Letter, to: Addressee, size: int) -> Form:
    """Return the form that lets a letter with a package go. *size* is the package's, in bytes (0: not known)."""
    elements = (
        Text(dotted(ticket.ref, written_in(scene, letter.kind, ticket.language)), strong=True),
        Text(scene.say(f"form.send_package.to_{to}")),
        Text(scene.say("form.send_package.with", {"what": _package(scene, ticket, letter, size)})),
        Text(scene.say("form.send_package.lasting")),
        reference(scene, ticket.ref, "form.send_package.reference_hint"),
    )
    return form(scene, "send_package", aimed(Verb.SEND_PACKAGE, letter), elements)


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
