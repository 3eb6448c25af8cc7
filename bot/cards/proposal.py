"""Card 1: a new request, as it was read, for a colleague to confirm, change or dismiss.

The primary button follows the risk: reading comes first where somebody may pretend, and
the clock is settled first where it is a guess (C11). Why a case is risky is not said
here: in a chat even the word would be a hint (D14); the review page says it.
"""

from dataclasses import replace
from typing import Final

from bot.card import Button, CardElement, Text, Verb
from bot.cards import special
from bot.cards.buttons import Choices, button
from bot.cards.particulars import NOTHING_BESIDE
from bot.cards.progress import asked, dates, steps, waiting_line
from bot.cards.scene import Scene, dotted
from bot.cards.underway import letter_lines
from bot.domain.policy import OFFICER_ONLY
from bot.domain.protection import impostor, suspect
from bot.domain.request import BY_MAIL, Channel, RequestType, Route, SenderEvidence
from bot.domain.roads import open_roads
from bot.domain.ticket import Ticket
from bot.domain.unfetched import PARTLY_HERE, unfetched

#: Beside the officer's own (D12): somebody speaks for another without showing that they may, or for a child (R60).
RISKY: Final = OFFICER_ONLY | {"authority_missing", "third_party_no_authority", "child"}
UNSURE_READING: Final = "unsure_reading"
BROKEN: Final = "broken"
SCOPE_LIMITED: Final = "scope_limited"
REPLY_DIFFERS: Final = "reply_to_mismatch"


def risky(ticket: Ticket) -> bool:
    """Whether confirming must not be the easy thing to do (cards.md rule 9)."""
    return bool(RISKY & ticket.flags) or ticket.route is Route.SECURITY_REVIEW


def body(scene: Scene, ticket: Ticket) -> tuple[CardElement, ...]:
    """Return what stands on the card above its buttons."""
    lines = (
        Text(asked(scene, ticket), strong=True),
        Text(received(scene, ticket)),
        Text(dates(scene, ticket)),
        *(Text(warning) for warning in warnings(scene, ticket)),
        *(Text(line) for line in letter_lines(scene, ticket, NOTHING_BESIDE)),
        Text(special.waited(scene, ticket)),
        Text(waiting_line(scene, ticket)),
        Text(sender(scene, ticket), muted=True),
        Text(scene.say("card.protected"), muted=True),
    )
    return (*(line for line in lines if line.text), steps(scene, ticket))


def received(scene: Scene, ticket: Ticket) -> str:
    """Return "Inkom tors 5 mars 09:12 via info@goto.work (vidarebefordrad 9 mars)"."""
    facts = {
        "moment": scene.texts.moment(scene.language, ticket.received),
        "channel": scene.say(f"channel.{ticket.channel}"),
    }
    if ticket.unsure_clock:
        return scene.say("card.received_unsure", facts)
    if ticket.forwarded_at is None:
        return scene.say("card.received", facts)
    return scene.say("card.received_forwarded", {**facts, "forwarded": scene.on(ticket.forwarded_at)})


def sender(scene: Scene, ticket: Ticket) -> str:
    """Return what our own mail server says of the sender, in words without values (D7b); "" for other roads."""
    if ticket.channel not in BY_MAIL:
        return ""
    evidence = next((one for one in SenderEvidence if f"sender_{one}" in ticket.flags), None)
    if evidence is None:
        return ""
    if evidence is SenderEvidence.MISSING and ticket.channel is Channel.MAIL_IN_CHAT:
        return scene.say("sender.in_chat")
    if evidence is SenderEvidence.FORWARDED:
        return scene.say("sender.forwarded")
    reply = "differs" if REPLY_DIFFERS in ticket.flags else "matches"
    return dotted(scene.say(f"sender.{evidence}"), scene.say(f"sender.reply_{reply}"))


def warnings(scene: Scene, ticket: Ticket) -> tuple[str, ...]:
    """Return what to look at before confirming, most weighty first."""
    lacks = unfetched(ticket.flags)
    here = lacks is None or lacks in PARTLY_HERE
    found = {
        f"card.unfetched.{lacks}": lacks is not None,
        "card.read_first": risky(ticket),
        "card.clock_unsure": ticket.unsure_clock,
        "card.scope_limited": SCOPE_LIMITED in ticket.flags,
        "card.broken_mail": BROKEN in ticket.flags,
        "card.unsure_reading": UNSURE_READING in ticket.flags and here,
        "card.restriction_marked": any(part.type is RequestType.RESTRICTION for part in ticket.parts),
    }
    return tuple(scene.say(key) for key, holds in found.items() if holds)


def choices(scene: Scene, ticket: Ticket) -> Choices:
    """Return the buttons, the primary one following the risk; a road of its own brings its own."""
    on_road = special.choices(scene, ticket)
    return _with_neutral(scene, ticket, _plain(scene, ticket) if on_road is None or impostor(ticket) else on_road)


def _with_neutral(scene: Scene, ticket: Ticket, found: Choices) -> Choices:
    """Return the buttons with the neutral answer where who writes may pretend: first, or among the roads (R65)."""
    neutral = button(scene, Verb.ANSWER_NEUTRALLY, ticket)
    if impostor(ticket):
        first = tuple(button(scene, verb, ticket) for verb in (Verb.REVIEW, Verb.DISMISS))
        others = tuple(one for one in (*found.ahead, *found.aside) if one not in first)
        return Choices((neutral, *first), others)
    told = any(one.press.verb is Verb.OTHER_ROADS for one in found.aside)  # the roads' own card has it
    return replace(found, aside=(*found.aside, neutral)) if suspect(ticket) and not told else found


def _plain(scene: Scene, ticket: Ticket) -> Choices:
    confirm, change, dismiss, review, hand_over = (
        button(scene, verb, ticket) for verb in (Verb.CONFIRM, Verb.CHANGE, Verb.DISMISS, Verb.REVIEW, Verb.HAND_OVER)
    )
    ahead: tuple[Button, ...] = (confirm, change, dismiss)
    other = (button(scene, Verb.OTHER_ROADS, ticket),) if open_roads(ticket) else ()
    aside: tuple[Button, ...] = (review, *other, hand_over)
    if (
        ticket.unsure_clock or SCOPE_LIMITED in ticket.flags
    ):  # the desk refuses to confirm a guess: no button promises it
        ahead, aside = (change, dismiss, review), (*other, hand_over)
    if risky(ticket) or UNSURE_READING in ticket.flags:
        rest = tuple(one for one in ahead if one is not review)
        ahead, aside = (review, *rest[:2]), (*rest[2:], *other, hand_over)
    return Choices(ahead, aside)
