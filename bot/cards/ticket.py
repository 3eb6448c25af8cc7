"""The card of a ticket, whatever stage it is in.

One card per ticket, edited in place (cards.md rule 1), and the same for everybody who
sees it; only an officer's own view differs, because tickets that are the officer's alone
show the channel nothing but their reference (D12).
"""

from dataclasses import replace
from typing import Final

from bot.card import Card, CardElement, Text, Verb
from bot.cards import (
    closed,
    extension,
    hold,
    identifying,
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
from bot.cards.buttons import Choices, button
from bot.cards.orders import paused_lines
from bot.cards.original import original_line, with_original
from bot.cards.particulars import NOTHING_BESIDE, Particulars
from bot.cards.progress import aloud, dates_aloud, rights, waiting_line
from bot.cards.scene import Scene
from bot.domain.policy import officer_only
from bot.domain.threads import begun
from bot.domain.ticket import MAIL_TO_READ, Stage, Ticket

#: What never goes behind another entry: hours count, or it is somebody's duty to be done with.
AT_HAND: Final = frozenset({Verb.SUSPECT_BREACH, Verb.AWARE_SINCE, Verb.ORIGINAL_REMOVED})
#: Stages in which something may have been done to the data already.
DOING: Final = frozenset({Stage.EXECUTING, Stage.REPLYING, Stage.CLOSED})


def ticket_card(
    scene: Scene, ticket: Ticket, beside: Particulars = NOTHING_BESIDE, *, for_officer: bool = False
) -> Card:
    """Return the ticket's card; *for_officer* only where nobody but a privacy officer sees it."""
    if officer_only(ticket) and not for_officer:
        return reference_only(scene, ticket, ticket.id)
    title, body, found = _by_stage(scene, ticket, beside)
    body = (*threads.above(scene, ticket, beside), *body, *threads.below(scene, ticket))
    choices = _fitting(scene, ticket, _offered(scene, ticket, beside, found))
    alone = (Text(scene.say("card.officer_sees"), muted=True),) if officer_only(ticket) else ()
    new = (Text(scene.say("card.new_mail"), strong=True),) if MAIL_TO_READ in ticket.flags else ()
    left = original_line(scene, ticket)
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
            *identifying.lines(scene, ticket),
            *extension.lines(scene, ticket),
            *paused_lines(scene, ticket),
            *hold.lines(scene, ticket),
            *alone,
            *choices.actions(),
        ),
        _spoken(scene, ticket, title, choices.step()),
        ticket.id,
    )


def more_card(scene: Scene, ticket: Ticket, beside: Particulars) -> Card:
    """Return, for who pressed alone, what can be done now and has no room on the ticket's card."""
    offered = _offered(scene, ticket, beside, _by_stage(scene, ticket, beside)[2])
    shown = {one.press for one in _fitting(scene, ticket, offered).every()}
    rest = [one for one in _endless(scene, ticket, offered).every() if one.press not in shown]
    title, hint = scene.say("more.title", {"ref": ticket.ref}), scene.say("more.hint" if rest else "more.none")
    acts = Choices(rest, leads=False).actions()
    return Card(title, (Text(hint, muted=True), *acts), aloud(title, hint), ticket.id)


def _offered(scene: Scene, ticket: Ticket, beside: Particulars, found: Choices) -> Choices:
    """Return the choices of the ticket's stage with those that hang on its marks, whatever the stage."""
    found = identifying.choices(scene, ticket, threads.with_threads(scene, ticket, beside, found))
    found = restriction.choices(scene, ticket, found)
    found = protection.choices(scene, ticket, incident.choices(scene, ticket, found))
    found = hold.choices(scene, ticket, extension.choices(scene, ticket, found))
    return _mail_first(scene, ticket, with_original(scene, ticket, returned.choices(scene, ticket, found)))


def _endless(scene: Scene, ticket: Ticket, found: Choices) -> Choices:
    return _last_in_menu(scene, ticket, replace(found, endless=True))


def _fitting(scene: Scene, ticket: Ticket, found: Choices) -> Choices:
    """Return the choices the card has room for; where that is not all, the menu ends with the way to the rest.

    What stood there last goes behind it, so that the menu does not grow by an entry; never what is urgent.
    """
    shown = _last_in_menu(scene, ticket, found)
    presses = {one.press for one in shown.every()}
    if all(one.press in presses for one in _endless(scene, ticket, found).every()):
        return shown
    behind = next((one for one in reversed(shown.aside) if one.press.verb not in AT_HAND), None)
    kept = (one for one in shown.aside if one is not behind)
    return replace(shown, aside=(*kept, button(scene, Verb.MORE, ticket)))


def _last_in_menu(scene: Scene, ticket: Ticket, found: Choices) -> Choices:
    """Return the choices with what takes the room the menu has left: a hold comes first until anything is done."""
    named = (recipients.choices, hold.offered)
    for last in (*(named if ticket.stage in DOING else named[::-1]), withdrawal.choices):
        found = last(scene, ticket, found)
    return found


def _mail_first(scene: Scene, ticket: Ticket, found: Choices) -> Choices:
    """Return the choices with the mail nobody has read first: it may change all that can be chosen."""
    if MAIL_TO_READ not in ticket.flags:
        return found
    read = button(scene, Verb.REVIEW, ticket, scene.say("button.read_new_mail"))
    ahead, aside = ([one for one in some if one.press != read.press] for some in (found.ahead, found.aside))
    return replace(found, ahead=(read, *ahead), aside=aside, leads=True)


def _spoken(scene: Scene, ticket: Ticket, title: str, step: str) -> str:
    """Return what is said aloud: what is asked, the days, who is waited for and what they would press."""
    closed_on = ticket.stage is Stage.CLOSED
    days = closed.answered(scene, ticket) if closed_on else dates_aloud(scene, ticket)
    next_step = scene.say("card.next_step", {"step": step}) if step else ""
    return aloud(title, rights(scene, ticket.parts), days, waiting_line(scene, ticket), next_step)


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
