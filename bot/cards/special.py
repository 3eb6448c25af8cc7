"""The special roads on card 1: which button leads, what waits, and the forms behind the buttons.

No card says why a road leads: in a chat even the word would be a hint (D14). The letter's number
does, as the sketches have it, and the review page says the rest.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from bot.card import Button, Card, Choice, Form, FormElement, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_LINE, LONGEST_TEXT, form, line, options
from bot.cards.buttons import Choices, aimed, button
from bot.cards.lettering import named, short
from bot.cards.progress import aloud
from bot.cards.scene import Scene, dotted
from bot.cards.underway import by_hand, for_letters
from bot.cards.waiting import waits
from bot.domain.optout import is_opt_out
from bot.domain.protection import suspect
from bot.domain.request import Channel
from bot.domain.roads import (
    ROADS,
    Road,
    Then,
    authority_shown,
    leading,
    open_roads,
    overdue,
    reply_by,
    taken,
    waiting_parts,
)
from bot.domain.ticket import Ticket

VERBS: Final = MappingProxyType(
    {
        Road.DECEASED: Verb.ANSWER_KIN,
        Road.AUTHORITY: Verb.ASK_AUTHORITY,
        Road.CONTRACT: Verb.REFER_CONTRACT,
        Road.JOB_SITE: Verb.REFER_SITE,
        Road.COOKIE: Verb.ASK_ID,
        Road.QUESTION: Verb.ANSWER_QUESTION,
        Road.CLARIFICATION: Verb.CLARIFY,
    }
)
#: Roads whose letter is better written once the mail was read: reading leads there.
READ_FIRST: Final = frozenset({Road.QUESTION, Road.CLARIFICATION})
ATTACHED: Final = "authority_attached"


def choices(scene: Scene, ticket: Ticket) -> Choices | None:
    """Return the buttons of card 1 where a road leads or was taken; None leaves them to the plain card."""
    road = leading(ticket)
    if ticket.unsure_clock and road is not Road.QUESTION:  # the letter would name a last day that is a guess
        return None
    on = taken(ticket)
    if on is not None and ROADS[on].then is Then.WAIT:
        return _seen_to(scene, ticket, _under_way(scene, ticket, on))
    return _leading(scene, ticket, road) if road else None


def _seen_to(scene: Scene, ticket: Ticket, plain: Choices | None) -> Choices | None:
    """Return the choices led by what a letter of ours or an opt-out under way needs: that cannot wait for card 2."""
    steps = tuple(by_hand(scene, ticket, waits(scene, ticket)))
    letters = tuple(for_letters(scene, ticket))
    if plain is None or not (letters or steps):
        return plain
    first = (*letters, *steps)
    rest = [one for one in (*plain.ahead, *plain.aside) if all(one.press.verb is not own.press.verb for own in first)]
    return Choices((*first, *rest), leads=bool(letters))


def _buttons(scene: Scene, ticket: Ticket, *verbs: Verb) -> tuple[Button, ...]:
    return tuple(button(scene, verb, ticket) for verb in verbs)


def _leading(scene: Scene, ticket: Ticket, road: Road) -> Choices:
    """Return the road's own button first; a plain Confirm only where the road leaves it open (cards.md rule 9)."""
    own = VERBS[road]
    confirm = () if ROADS[road].closed_to_confirm else (Verb.CONFIRM,)
    ahead: tuple[Verb, ...] = (own, Verb.CHANGE, Verb.REVIEW)
    if road in READ_FIRST:
        ahead = (Verb.REVIEW, own, Verb.CHANGE)
    elif road is Road.AUTHORITY:
        pair = (Verb.SHOW_AUTHORITY, own) if ATTACHED in ticket.flags else (own, Verb.SHOW_AUTHORITY)
        ahead = (*pair, Verb.REVIEW)
    every = (*ahead, *confirm, Verb.CHANGE, Verb.DISMISS, Verb.OTHER_ROADS, Verb.HAND_OVER)
    return Choices(_buttons(scene, ticket, *ahead), _buttons(scene, ticket, *_left(every, ahead)))


def _left(every: Sequence[Verb], shown: Sequence[Verb]) -> tuple[Verb, ...]:
    return tuple(verb for verb in dict.fromkeys(every) if verb not in shown)


def _under_way(scene: Scene, ticket: Ticket, road: Road) -> Choices | None:
    """Return what can be done about a question of ours: little while it is open, more once it lapsed or had a reply."""
    authority = road is Road.AUTHORITY
    if authority and authority_shown(ticket):
        return None
    go_on = Verb.SHOW_AUTHORITY if authority else Verb.CONFIRM
    change = (Verb.CHANGE,)
    aside: tuple[Verb, ...] = (Verb.REVIEW, Verb.DISMISS, Verb.HAND_OVER)
    if reply_by(ticket) is None:  # a reply came
        ahead: tuple[Verb, ...] = (Verb.REVIEW, go_on, *change)
        aside = (VERBS[road], Verb.CLOSE_UNANSWERED, *aside)
    elif overdue(ticket, scene.today):
        ahead = (go_on, Verb.CLOSE_UNANSWERED, Verb.REVIEW)
        aside = (*change, *aside)
    else:
        ahead = (go_on, *change, Verb.REVIEW)
    leads = reply_by(ticket) is None
    return Choices(_buttons(scene, ticket, *ahead), _buttons(scene, ticket, *_left(aside, ahead)), leads=leads)


def waited(scene: Scene, ticket: Ticket) -> str:
    """Return which letter of ours is unanswered and until when; "" when none is."""
    road, until = taken(ticket), reply_by(ticket)
    if road is None or until is None:
        return ""
    key = "card.reply_overdue" if overdue(ticket, scene.today) else "card.reply_by"
    return scene.say(key, {"letter": named(scene, ROADS[road].letter), "day": scene.day(until)})


def roads_card(scene: Scene, ticket: Ticket) -> Card:
    """Return, for who pressed alone, every road that is open, the same list for every ticket of the kind."""
    title = scene.say("roads.title", {"ref": ticket.ref})
    found = open_roads(ticket)
    if not found:
        return Card(title, (Text(scene.say("roads.none")),), aloud(title, scene.say("roads.none")), ticket.id)
    lines = [Text(dotted(short(scene, ROADS[road].letter), scene.say(f"roads.{road}"))) for road in found]
    verbs = [VERBS[road] for road in found] + ([Verb.SHOW_AUTHORITY] if Road.AUTHORITY in found else [])
    verbs += [Verb.ANSWER_NEUTRALLY] if suspect(ticket) else []
    hint, own = scene.say("roads.hint"), Choices(_buttons(scene, ticket, *verbs), leads=False)
    return Card(title, (Text(hint, muted=True), *lines, *own.actions()), aloud(title, hint), ticket.id)


# --- the forms ---------------------------------------------------------------------------------------


def refer_contract(scene: Scene, ticket: Ticket, contact: str) -> Form:
    """Return the form for T16: whom to turn to, and when the question was passed on. *contact* is the policy's own."""
    hint = scene.say(f"form.refer_contract.{'contact_hint' if contact else 'contact_missing'}")
    elements = (
        _preview(scene, "refer_contract"),
        Input(
            fields.CONTACT,
            scene.say("form.refer_contract.contact"),
            value=contact,
            hint=hint,
            longest=LONGEST_LINE,
        ),
        Input(
            fields.PASSED_ON,
            scene.say("form.refer_contract.passed_on"),
            InputKind.MOMENT,
            hint=scene.say("form.refer_contract.passed_on_hint"),
        ),
    )
    return form(scene, "refer_contract", aimed(Verb.REFER_CONTRACT, ticket), elements)


def refer_site(scene: Scene, ticket: Ticket) -> Form:
    """Return the form for T17: whose site it is, and how to reach them."""
    elements = (
        _preview(scene, "refer_site"),
        Input(fields.SITE, scene.say("form.refer_site.site"), longest=LONGEST_LINE),
        Input(
            fields.REACH,
            scene.say("form.refer_site.reach"),
            hint=scene.say("form.refer_site.reach_hint"),
            longest=LONGEST_LINE,
        ),
    )
    return form(scene, "refer_site", aimed(Verb.REFER_SITE, ticket), elements)


def ask_authority(scene: Scene, ticket: Ticket) -> Form:
    """Return the form for T18: which document is asked for."""
    kinds = options(scene, "authority", (fields.ANY, *fields.DOCUMENTS))
    asked = Choice(fields.DOCUMENT, scene.say("form.ask_authority.document"), kinds, (fields.ANY,))
    elements: tuple[FormElement, ...] = (
        _preview(scene, "ask_authority"),
        asked,
        *_who_wrote(scene, ticket, "ask_authority"),
    )
    return form(scene, "ask_authority", aimed(Verb.ASK_AUTHORITY, ticket), elements)


def show_authority(scene: Scene, ticket: Ticket) -> Form:
    """Return the form by which a colleague attests an authority: kind, reach and who gets the answer (R59, R14)."""
    asked = dict.fromkeys(part.type for part in waiting_parts(ticket) if not is_opt_out(part))
    covers = options(scene, "right", asked)
    elements: tuple[FormElement, ...] = (
        Choice(
            fields.DOCUMENT, scene.say("form.show_authority.document"), options(scene, "authority", fields.DOCUMENTS)
        ),
        Choice(
            fields.COVERS,
            scene.say("form.show_authority.covers"),
            covers,
            several=True,
            hint=scene.say("form.show_authority.covers_hint"),
        ),
        Choice(
            fields.ANSWER_TO,
            scene.say("form.show_authority.answer_to"),
            options(scene, "form.show_authority", (fields.TO_PERSON, fields.TO_REQUESTER)),
            (fields.TO_PERSON,),
        ),
        Choice(
            fields.CHECKED,
            scene.say("form.show_authority.checked"),
            options(scene, "form.show_authority.check", fields.AUTHORITY_CHECKS),
            several=True,
        ),
        line(scene, "show_authority", fields.SUBJECT, hint=scene.say("form.show_authority.subject_hint")),
        Text(scene.say("form.show_authority.hint"), muted=True),
    )
    return form(scene, "show_authority", aimed(Verb.SHOW_AUTHORITY, ticket), elements)


def clarify(scene: Scene, ticket: Ticket) -> Form:
    """Return the form for T3: which questions, each with answers to choose from, and a line of one's own."""
    questions = options(scene, "clarify", fields.CLARIFICATIONS)
    elements: tuple[FormElement, ...] = (
        _preview(scene, "clarify"),
        Choice(fields.QUESTIONS, scene.say("form.clarify.questions"), questions, several=True),
        _prose(scene, "clarify", fields.WORDS),
    )
    return form(scene, "clarify", aimed(Verb.CLARIFY, ticket), elements)


def answer_question(scene: Scene, ticket: Ticket) -> Form:
    """Return the form for T22: the answer may be written here or on the review page."""
    elements = (_preview(scene, "answer_question"), _prose(scene, "answer_question", fields.ANSWER))
    return form(scene, "answer_question", aimed(Verb.ANSWER_QUESTION, ticket), elements)


def answer_kin(scene: Scene, ticket: Ticket) -> Form:
    """Return the form for T20: what is done before it is written."""
    ways = options(scene, "form.answer_kin", (fields.ERASE, fields.STOP))
    elements: tuple[FormElement, ...] = (
        _preview(scene, "answer_kin"),
        Choice(fields.WISH, scene.say("form.answer_kin.wish"), ways, (fields.ERASE,)),
        *_who_wrote(scene, ticket, "answer_kin"),
    )
    return form(scene, "answer_kin", aimed(Verb.ANSWER_KIN, ticket), elements)


def close_unanswered(scene: Scene, ticket: Ticket) -> Form:
    """Return the form for F20: it says what will be written."""
    ways = ((fields.CLOSE_KINDLY, scene.say("form.close_unanswered.close")),)
    return form(
        scene,
        "close_unanswered",
        aimed(Verb.CLOSE_UNANSWERED, ticket),
        (_preview(scene, "close_unanswered"), Choice(fields.WAY, scene.say("form.close_unanswered.way"), ways)),
    )


def _who_wrote(scene: Scene, ticket: Ticket, name: str) -> tuple[Input, ...]:
    """Return the question whom to write to: a request that a colleague typed in knows only whom it is about."""
    if ticket.channel is Channel.MAIL:
        return ()
    return (line(scene, name, fields.REQUESTER, hint=scene.say("form.requester_hint")),)


def _preview(scene: Scene, name: str) -> Text:
    return Text(scene.say(f"form.{name}.preview"))


def _prose(scene: Scene, name: str, field: str) -> Input:
    return Input(
        field,
        scene.say(f"form.{name}.{field}"),
        InputKind.PROSE,
        required=False,
        hint=scene.say(f"form.{name}.{field}_hint"),
        longest=LONGEST_TEXT,
    )
