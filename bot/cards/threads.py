"""What a ticket's card says of other mails and tickets, and what can be done about it.

A part that came later is confirmed, changed or dismissed by itself, whatever the others
do (R9). What only says it belongs, and what is asked twice, is shown beside its reference
and never put together by the desk (D7b, F06).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.card import Button, CardElement, Choice, Form, Text, Verb
from bot.cards import fields, forms
from bot.cards.asking import form
from bot.cards.buttons import Choices, aimed, button
from bot.cards.particulars import Asked, Particulars, Thread
from bot.cards.progress import dates_of, scope_words
from bot.cards.scene import Scene, capital, dotted
from bot.domain.request import SenderEvidence
from bot.domain.threads import ASKED_AGAIN, FOLLOWS, KEPT_APART, SAYS_IT_BELONGS, later_parts
from bot.domain.ticket import MAY_TAKE_BACK, Outcome, Part, Stage, Ticket

#: Fields of the form that corrects a proposal which one part does not have of its own.
NOT_OF_A_PART = frozenset({fields.LANGUAGE, fields.SUBJECT})


def above(scene: Scene, ticket: Ticket, beside: Particulars) -> tuple[CardElement, ...]:
    """Return what stands above everything else: what a person must look at because of another mail or ticket."""
    lines = (
        *(_of_the_mail(scene, ticket)),
        *(_of_others(scene, ticket, beside)),
        *(line for part in later_parts(ticket) for line in _of_a_part(scene, part, beside.thread.asked.get(part.id))),
    )
    return tuple(Text(line) for line in lines if line)


def below(scene: Scene, ticket: Ticket) -> tuple[CardElement, ...]:
    """Return the dates of every open part that came later than the one whose dates the card bears."""
    waiting = [part for part in ticket.parts if part.open]
    first = min((part.received for part in waiting), default=None)
    later = (part for part in waiting if part.received != first)
    return tuple(Text(dotted(scene.say(f"right.{part.type}"), dates_of(scene, ticket, part))) for part in later)


def _of_the_mail(scene: Scene, ticket: Ticket) -> Iterator[str]:
    if ASKED_AGAIN in ticket.flags:
        yield scene.say("card.thread.asked_again")
    if MAY_TAKE_BACK in ticket.flags:
        yield scene.say("card.thread.may_take_back")


def _of_others(scene: Scene, ticket: Ticket, beside: Particulars) -> Iterator[str]:
    thread = beside.thread
    if thread.joined_to:
        yield scene.say("card.thread.joined_to", {"ref": thread.joined_to})
    if ticket.stage is not Stage.RECEIVED:
        return
    yield _named(scene, ticket, thread)
    for twin in beside.twins:
        yield dotted(scene.say("card.thread.twin", {"ref": twin.ref}), *_dates_there(scene, ticket, twin))
    if beside.kin:
        refs = scene.texts.together(scene.language, [one.ref for one in beside.kin])
        yield scene.say("card.thread.kin", {"refs": refs})
    if KEPT_APART in ticket.flags:
        yield scene.say("card.thread.kept_apart")


def _named(scene: Scene, ticket: Ticket, thread: Thread) -> str:
    """Return what the mail says it belongs to: a reference, and whether there is such a one, never more."""
    if FOLLOWS in ticket.flags:
        return scene.say("card.thread.follows", {"ref": thread.said})
    if SAYS_IT_BELONGS not in ticket.flags:
        return ""
    return scene.say("card.thread.says" if thread.said else "card.thread.says_unknown", {"ref": thread.said})


def _dates_there(scene: Scene, ticket: Ticket, twin: Ticket) -> Iterator[str]:
    asked = {part.type for part in ticket.parts if part.open}
    there = [part for part in twin.parts if part.open and part.type in asked]
    if there:
        yield dates_of(scene, twin, min(there, key=lambda part: part.received))


def _of_a_part(scene: Scene, part: Part, asked: Asked | None) -> Iterator[str]:
    came = scene.say("card.thread.part_came", {"moment": scene.texts.moment(scene.language, part.received)})
    wide = scene.say("card.thread.part_scope", {"scope": scope_words(scene, part.scope)})
    yield dotted(scene.say("card.thread.part", {"right": scene.say(f"right_inside.{part.type}")}), wide, came)
    if asked is None:
        return
    if asked.guessed:
        yield scene.say("card.clock_unsure")
    if asked.limited:
        yield scene.say("card.scope_limited")
    yield _sender(scene, asked)


def _sender(scene: Scene, asked: Asked) -> str:
    """Return what our own server says of that mail (D7b): a known address in a From line proves nothing."""
    if asked.sender is SenderEvidence.FORWARDED:
        return scene.say("sender.forwarded")
    reply = "differs" if asked.reply_to_differs else "matches"
    known = "" if asked.known else scene.say("card.thread.not_known")
    return dotted(scene.say(f"sender.{asked.sender}"), scene.say(f"sender.reply_{reply}"), known)


# --- what can be done ------------------------------------------------------------------------------


def with_threads(scene: Scene, ticket: Ticket, beside: Particulars, choices: Choices) -> Choices:
    """Return the card's choices with those about other mails and tickets where they belong: what waits comes first."""
    waiting, undone = tuple(_of_later(scene, ticket, beside)), tuple(_of_dismissed(scene, ticket))
    if waiting or undone:
        leads = choices.leads or bool(waiting)
        return Choices((*waiting, *choices.ahead), (*choices.aside, *undone), leads=leads)
    joins = _join(scene, ticket, beside)
    if joins is None:
        return choices
    older = any((twin.received, twin.ref) < (ticket.received, ticket.ref) for twin in beside.twins)
    asked_elsewhere = SAYS_IT_BELONGS in ticket.flags or older  # what came first stays where it is
    if KEPT_APART in ticket.flags or not asked_elsewhere:
        return replace(choices, aside=(*choices.aside, joins))
    if SAYS_IT_BELONGS in ticket.flags or _reads_first(choices):
        every = (*choices.ahead, *choices.aside)
        read = [one for one in every if one.press.verb is Verb.REVIEW]
        rest = [one for one in choices.ahead if one.press.verb is not Verb.REVIEW]
        aside = [one for one in choices.aside if one.press.verb is not Verb.REVIEW]
        return replace(choices, ahead=(*read, joins, *rest), aside=aside)
    return replace(choices, ahead=(joins, *choices.ahead))


def _reads_first(choices: Choices) -> bool:
    return bool(choices.ahead) and choices.ahead[0].press.verb is Verb.REVIEW


def _of_later(scene: Scene, ticket: Ticket, beside: Particulars) -> Iterator[Button]:
    if MAY_TAKE_BACK in ticket.flags and ticket.stage is not Stage.CLOSED:
        yield button(scene, Verb.SETTLE_REGRET, ticket)
    for part in later_parts(ticket):
        asked = beside.thread.asked.get(part.id)
        open_still = asked is not None and (asked.guessed or asked.limited)
        verbs = (Verb.CHANGE, Verb.DISMISS) if open_still else (Verb.CONFIRM, Verb.CHANGE, Verb.DISMISS)
        for verb in verbs:
            facts = {"right": scene.say(f"right_inside.{part.type}")}
            yield button(scene, verb, part, scene.say(f"button.{verb}_part", facts))


def _of_dismissed(scene: Scene, ticket: Ticket) -> Iterator[Button]:
    """A part that was dismissed by itself can be taken back while the others run; a closed ticket is opened whole."""
    for part in ticket.parts:
        if part.outcome is Outcome.NOT_A_REQUEST and ticket.stage is not Stage.CLOSED:
            facts = {"right": scene.say(f"right_inside.{part.type}")}
            yield button(scene, Verb.REOPEN, part, scene.say("button.reopen_part", facts))


def _join(scene: Scene, ticket: Ticket, beside: Particulars) -> Button | None:
    if ticket.stage is not Stage.RECEIVED or later_parts(ticket):
        return None
    says = SAYS_IT_BELONGS in ticket.flags and bool(beside.thread.said)
    if not (says or beside.twins or beside.kin):
        return None
    return button(scene, Verb.JOIN, ticket, scene.say("button.merge") if beside.twins else "")


# --- the forms ---------------------------------------------------------------------------------------


def change_part(scene: Scene, ticket: Ticket, part: Part, asked: Asked | None) -> Form:
    """Return the form that corrects one part: its right, how wide, and when it came."""
    guessed = asked is not None and asked.guessed
    alone = replace(ticket, parts=(part,), received=part.received, unsure_clock=guessed)
    whole = forms.change(scene, alone)
    kept = (one for one in whole.elements if getattr(one, "name", "") not in NOT_OF_A_PART)
    elements = (
        replace(one, several=False) if isinstance(one, Choice) and one.name == fields.RIGHTS else one for one in kept
    )
    return replace(whole, press=aimed(Verb.CHANGE, part), elements=tuple(elements))


def dismiss_part(scene: Scene, ticket: Ticket, part: Part) -> Form:
    """Return the form that says why one part is no request."""
    return replace(forms.dismiss(scene, ticket), press=aimed(Verb.DISMISS, part))


def join(scene: Scene, ticket: Ticket, candidates: Sequence[Ticket]) -> Form:
    """Return the form that puts the ticket into another, or leaves it by itself."""
    ways = tuple((one.ref, scene.say("form.join.into", {"ref": one.ref})) for one in candidates)
    apart = (fields.KEEP_APART, scene.say("form.join.apart"))
    elements = (
        Text(scene.say("form.join.hint")),
        Choice(fields.WAY, scene.say("form.join.way"), (*ways, apart)),
        Text(scene.say("form.join.undo"), muted=True),
    )
    return form(scene, "join", aimed(Verb.JOIN, ticket), elements)


def settle_regret(scene: Scene, ticket: Ticket, takeable: Sequence[Part]) -> Form:
    """Return the form that says what a mail means which may take the request back: take back which parts, or go on."""
    goes_on = (fields.GO_ON, scene.say("form.settle_regret.go_on"))
    takes = (fields.TAKE_BACK, scene.say("form.settle_regret.take_back"))
    parts = tuple((part.id, capital(scene.say(f"right.{part.type}"))) for part in takeable)
    which = Choice(
        fields.PARTS,
        scene.say("form.settle_regret.which"),
        parts,
        tuple(part.id for part in takeable if part not in later_parts(ticket)),
        several=True,
        required=False,
    )
    elements = (
        Text(scene.say("form.settle_regret.hint")),
        Choice(fields.WAY, scene.say("form.settle_regret.way"), (takes, goes_on) if parts else (goes_on,)),
        *((which,) if parts else ()),
    )
    return form(scene, "settle_regret", aimed(Verb.SETTLE_REGRET, ticket), elements)
