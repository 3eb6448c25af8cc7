"""The card of a ticket, whatever stage it is in.

One card per ticket, edited in place (cards.md rule 1), and the same for everybody who
sees it; only an officer's own view differs, because tickets that are the officer's alone
show the channel nothing but their reference (D12).
"""

from bot.card import Card, CardElement, Text
from bot.cards import (
    closed,
    extension,
    hold,
    incident,
    proposal,
    protection,
    recipients,
    restriction,
    returned,
    threads,
    underway,
    withdrawal,
)
from bot.cards.buttons import Choices
from bot.cards.orders import paused_lines
from bot.cards.original import original_line, with_original
from bot.cards.particulars import NOTHING_BESIDE, Particulars
from bot.cards.progress import aloud, dates_aloud, rights, waiting_line
from bot.cards.scene import Scene
from bot.domain.policy import officer_only
from bot.domain.threads import begun
from bot.domain.ticket import MAIL_TO_READ, Stage, Ticket


def ticket_card(
    scene: Scene, ticket: Ticket, beside: Particulars = NOTHING_BESIDE, *, for_officer: bool = False
) -> Card:
    """Return the ticket's card; *for_officer* only where nobody but a privacy officer sees it."""
    if officer_only(ticket) and not for_officer:
        return reference_only(scene, ticket, ticket.id)
    title, body, choices = _by_stage(scene, ticket, beside)
    body = (*threads.above(scene, ticket, beside), *body, *threads.below(scene, ticket))
    choices = threads.with_threads(scene, ticket, beside, choices)
    if ticket.stage is Stage.CLOSED:
        spoken = aloud(title, rights(scene, ticket.parts), closed.answered(scene, ticket))
    else:
        waiting = waiting_line(scene, ticket)
        spoken = aloud(title, rights(scene, ticket.parts), dates_aloud(scene, ticket), waiting)
    alone = (Text(scene.say("card.officer_sees"), muted=True),) if officer_only(ticket) else ()
    new = (Text(scene.say("card.new_mail"), strong=True),) if MAIL_TO_READ in ticket.flags else ()
    left = original_line(scene, ticket)
    choices = restriction.choices(scene, ticket, choices)
    choices = protection.choices(scene, ticket, incident.choices(scene, ticket, choices))
    choices = hold.choices(scene, ticket, extension.choices(scene, ticket, choices))
    choices = with_original(scene, ticket, returned.choices(scene, ticket, choices))
    choices = withdrawal.choices(scene, ticket, recipients.choices(scene, ticket, choices))
    clock = incident.lines(scene, beside.incident)
    return Card(
        title,
        (
            *new,
            *clock,
            *protection.lines(scene, ticket),
            *restriction.lines(scene, ticket, beside.restriction),
            *returned.lines(scene, ticket),
            *body,
            *left,
            *recipients.lines(scene, ticket),
            *extension.lines(scene, ticket),
            *paused_lines(scene, ticket),
            *hold.lines(scene, ticket),
            *alone,
            *choices.actions(),
        ),
        spoken,
        ticket.id,
    )


def _by_stage(scene: Scene, ticket: Ticket, beside: Particulars) -> tuple[str, tuple[CardElement, ...], Choices]:
    match ticket.stage:
        case Stage.RECEIVED if not begun(ticket):
            title = scene.say("card.received_card.title", {"ref": ticket.ref})
            return title, proposal.body(scene, ticket), proposal.choices(scene, ticket)
        case Stage.CLOSED:
            return (
                closed.title(scene, ticket),
                closed.body(scene, ticket, beside),
                closed.choices(scene, ticket),
            )
        case _:
            return (
                underway.title(scene, ticket),
                underway.body(scene, ticket, beside),
                underway.choices(scene, ticket),
            )


def reference_only(scene: Scene, ticket: Ticket, about: str) -> Card:
    """Return all that anybody but a privacy officer may see of an officer's ticket (D12)."""
    said = scene.say("card.officer_only")
    return Card(ticket.ref, (Text(said),), aloud(ticket.ref, said), about)
