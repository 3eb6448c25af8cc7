"""The 72-hour clock on an officer's card: when it began, when it ends, how long is left, and how it was ended (R63).

Only officers ever see it: the channel sees the reference and nothing else (D12). What is left is said with the
moment it was counted at, because a message lies in a chat long after it was written.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.card import Button, Card, CardElement, Choice, Form, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_LINE, LONGEST_TEXT, form, options
from bot.cards.buttons import Choices, aimed, button
from bot.cards.lists import opener
from bot.cards.progress import aloud
from bot.cards.scene import Scene, capital
from bot.domain.deadline import SWEDEN
from bot.domain.incident import LATE, NOT_NEEDED, Ending, Incident, runs, suspected
from bot.domain.ticket import Stage, Ticket

HOUR: Final = 3600
KIND: Final = "incident"


def lines(scene: Scene, incident: Incident | None) -> tuple[CardElement, ...]:
    """Return what stands on the card about the clock; nothing for a ticket without one."""
    if incident is None:
        return ()
    if incident.ending is None:
        return (Text(left(scene, incident), strong=True), Text(span(scene, incident)))
    return (Text(ended(scene, incident), strong=True), Text(span(scene, incident), muted=True))


def span(scene: Scene, incident: Incident) -> str:
    """Return "72 timmar från tors 5 mars 09:12 till sön 8 mars 09:12, svensk tid"."""
    facts = {"start": _moment(scene, incident.aware_at), "end": _moment(scene, incident.ends_at)}
    return scene.say("card.incident.span", facts)


def left(scene: Scene, incident: Incident) -> str:
    """Return how many whole hours are left, or how long ago they ran out, and when that was counted."""
    seconds = (incident.ends_at - scene.now).total_seconds()
    facts = {"now": _moment(scene, scene.now)}
    if seconds < 0:
        over = scene.count(int(-seconds // HOUR), "count.hours")
        return scene.say("card.incident.over", {**facts, "over": over})
    return scene.say("card.incident.left", {**facts, "left": scene.count(int(seconds // HOUR), "count.hours")})


def ended(scene: Scene, incident: Incident) -> str:
    """Return how the clock was ended, by whom."""
    facts = {"who": scene.name(incident.ended_by), "reference": incident.reference}
    if incident.ending is Ending.NOTIFIED and incident.notified_at is not None:
        said = scene.say("card.incident.notified", {**facts, "at": _moment(scene, incident.notified_at)})
        late = scene.say(f"incident_late.{incident.reason}") if incident.reason else ""
        return f"{said} {scene.say('card.incident.late', {'reason': late})}" if late else said
    reason = scene.say(f"incident_not_needed.{incident.reason}")
    return scene.say("card.incident.not_needed", {**facts, "reason": reason})


def choices(scene: Scene, ticket: Ticket, others: Choices) -> Choices:
    """Return the ticket's own choices with the clock's endings beside the first of them, or the way to start one."""
    if not suspected(ticket):
        verb = Verb.WRONG_PERSON if ticket.stage is Stage.CLOSED else Verb.SUSPECT_BREACH
        return replace(others, aside=(*others.aside, button(scene, verb, ticket)))
    if not runs(ticket):
        return others
    notify, settle, aware = (
        button(scene, verb, ticket) for verb in (Verb.NOTIFIED, Verb.NO_NOTIFICATION, Verb.AWARE_SINCE)
    )
    first: Sequence[Button] = others.ahead[:1]
    return Choices((*first, notify, settle), (*others.ahead[1:], *others.aside, aware), leads=bool(first))


def incident_card(scene: Scene, ticket: Ticket, incident: Incident, about: str) -> Card:
    """Return the message that pages an officer: what runs, until when, and the two ways to end it."""
    title = scene.say("card.incident.title", {"ref": ticket.ref})
    said = lines(scene, incident)
    why = Text(scene.say("card.incident.why_you"), muted=True)
    ahead: tuple[Button, ...] = (opener(scene, ticket),)
    if incident.ending is None:
        ahead += tuple(button(scene, verb, ticket) for verb in (Verb.NOTIFIED, Verb.NO_NOTIFICATION))
    what = ended(scene, incident) if incident.ending else f"{left(scene, incident)} {capital(span(scene, incident))}"
    return Card(title, (*said, why, *Choices(ahead).actions()), aloud(title, what), about)


def notified_form(scene: Scene, ticket: Ticket, incident: Incident) -> Form:
    """Return the form that says when IMY was notified and under which reference; late, and why."""
    late = scene.now > incident.ends_at
    elements = (
        Text(span(scene, incident)),
        _when(scene, fields.NOTIFIED_AT, "notified", scene.now),
        Input(
            fields.IMY_REFERENCE,
            scene.say("form.notified.reference"),
            hint=scene.say("form.notified.reference_hint"),
            longest=40,
        ),
        Choice(
            fields.LATE_REASON,
            scene.say("form.notified.late"),
            options(scene, "incident_late", LATE),
            required=late,
            hint=scene.say("form.notified.late_hint"),
        ),
    )
    return form(scene, "notified", aimed(Verb.NOTIFIED, ticket), elements)


def no_notification_form(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that says why no notification is needed, and what that rests on."""
    elements = (
        Choice(
            fields.REASON,
            scene.say("form.no_notification.reason"),
            options(scene, "incident_not_needed", NOT_NEEDED),
        ),
        Input(
            fields.NOTE,
            scene.say("form.no_notification.note"),
            InputKind.PROSE,
            hint=scene.say("form.no_notification.note_hint"),
            longest=LONGEST_TEXT,
        ),
    )
    return form(scene, "no_notification", aimed(Verb.NO_NOTIFICATION, ticket), elements)


def aware_form(scene: Scene, ticket: Ticket, incident: Incident) -> Form:
    """Return the form that sets when we became aware, and why that is not when the mail came."""
    elements = (
        Text(scene.say("form.aware_since.hint")),
        _when(scene, fields.AWARE_AT, "aware_since", incident.aware_at),
        Input(fields.WHY, scene.say("form.aware_since.why"), longest=LONGEST_LINE),
    )
    return form(scene, "aware_since", aimed(Verb.AWARE_SINCE, ticket), elements)


def suspect_form(scene: Scene, ticket: Ticket) -> Form:
    """Return the form by which a colleague says that something may have leaked: since when we know, and what."""
    elements = (
        Text(scene.say("form.suspect_breach.hint")),
        _when(scene, fields.AWARE_AT, "aware_since", scene.now),
        Input(fields.WHY, scene.say("form.suspect_breach.why"), InputKind.PROSE, longest=LONGEST_TEXT),
    )
    return form(scene, "suspect_breach", aimed(Verb.SUSPECT_BREACH, ticket), elements)


def _when(scene: Scene, name: str, of: str, at: datetime) -> Input:
    shown = at.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M")
    return Input(
        name, scene.say(f"form.{of}.when"), InputKind.MOMENT, shown, hint=scene.say("form.aware_since.when_hint")
    )


def _moment(scene: Scene, at: datetime) -> str:
    return scene.texts.moment(scene.language, at)
