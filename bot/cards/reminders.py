"""Card 7: a reminder in a direct message: what waits, why you, one button that stands out.

The kinds a tick knows ("deadline", "unconfirmed", "unpressed") say why it came today, "turn"
that the ticket has just come to the reader. What it says is always worked out afresh from
the ticket, so a reminder that has been overtaken says so instead of nagging.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.card import Button, Card, CardElement, Press, Text, Verb
from bot.cards.buttons import Choices, button, pressing
from bot.cards.lists import opener
from bot.cards.original import lacking_line, lead, original_line
from bot.cards.progress import aloud, clock, dates, dates_aloud, left_to, waiting_line
from bot.cards.returned import settle_button
from bot.cards.scene import Scene
from bot.cards.ticket import reference_only
from bot.cards.wait import For, Wait
from bot.cards.waiting import waits, waits_for
from bot.domain.original import original_with
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.threads import ASKED_AGAIN
from bot.domain.ticket import Stage, Ticket
from bot.domain.unpressed import a_person_decides, pressable_since, waits_for_press

UNPRESSED: Final = "unpressed"
TURN: Final = "turn"
ORIGINAL: Final = "original"
HELP: Final = "help"
OPT_OUT: Final = "opt_out"
#: The look after 31 days that a system refuses: the reminder is one for each system, and names it in place of a day.
UNCHECKED: Final = "unchecked"
#: What may be waited for in several systems at once, and is said of all of them together.
YESES: Final = frozenset({For.APPROVAL, For.SECOND_APPROVAL})
#: What a reader can do at once, without opening the ticket first.
FIRST: Final = {
    For.BY_HAND: (Verb.FINISH_BY_HAND, "button.finish_by_hand_in"),
    For.STUCK: (Verb.RETRY, "button.retry_in"),
    For.NOTICE: (Verb.FINISH_BY_HAND, "button.at_recipient.notify"),
    For.TRANSFER: (Verb.FINISH_BY_HAND, "button.at_recipient.transfer"),
}
#: The same of what aims at the whole ticket.
OF_TICKET: Final = {
    For.REGRET: (Verb.SETTLE_REGRET, ""),
    For.NEW_MAIL: (Verb.REVIEW, ""),
    For.ORIGINAL: (Verb.ORIGINAL_REMOVED, ""),
    For.SHARED: (Verb.REVIEW, "button.rule_shared"),
    For.COPY: (Verb.REVIEW, "button.judge_copy"),
    For.HOLD: (Verb.HOLD, ""),
    For.ID: (Verb.NOTE_ID, ""),
}


def reminder_card(scene: Scene, ticket: Ticket, kind: str, reader: Colleague, about: str, link: str = "") -> Card:
    """Return the reminder *about* ("reminder:<kind>:<ticket>:<day or turn>") as *reader* sees it now.

    *link* leads to the message the ticket was made of.
    """
    if officer_only(ticket) and not reader.is_officer:
        alone = _of_officers(scene, ticket, kind, reader, about, link)
        return alone if kind != HELP else _help_wanted(scene, alone)
    if kind == UNCHECKED or (ticket.stage is Stage.CLOSED and not waits(scene, ticket)):
        said = _unchecked(scene, about) if kind == UNCHECKED else scene.say("reminder.closed")
        return Card(_titled(scene, ticket, "stage.closed"), (Text(said),), aloud(ticket.ref, said), about)
    mine = waits_for(scene, ticket, reader)
    what = list(dict.fromkeys(_sentences(scene, mine))) or [waiting_line(scene, ticket)]
    if (
        kind == UNPRESSED
        and (since := pressable_since(ticket)) is not None
        and waits_for_press(ticket, scene.now, scene.calendar)
    ):
        what = [scene.say("reminder.unpressed", {"day": scene.on(since)})]
    if kind == ORIGINAL and (left := original_line(scene, ticket)):
        what = [_yours(scene, ticket, reader) or line.text for line in left]
        what += filter(None, [lacking_line(scene, ticket)])
    if kind == OPT_OUT and ticket.stage is Stage.RECEIVED:
        what = [scene.say("reminder.opt_out")]
    if ASKED_AGAIN in ticket.flags:
        what = [scene.say("card.thread.asked_again"), *what]
    why = _why(scene, ticket, kind, reader, mine)
    open_still = ticket.stage is not Stage.CLOSED
    title = _title(scene, ticket) if open_still else _titled(scene, ticket, "stage.closed")
    elements: tuple[CardElement, ...] = (
        *(Text(line, strong=True) for line in what),
        *((Text(dates(scene, ticket)),) if open_still else ()),
        Text(why, muted=True),
        *(lead(scene, link) if kind == ORIGINAL and original_with(ticket) else ()),
        *_choices(scene, ticket, kind, reader, about).actions(),
    )
    return Card(title, elements, aloud(title, *what, dates_aloud(scene, ticket) if open_still else ""), about)


def _of_officers(scene: Scene, ticket: Ticket, kind: str, reader: Colleague, about: str, link: str) -> Card:
    """Return the reference alone; who made the ticket of a chat message must still remove that (D17)."""
    shown = reference_only(scene, ticket, about)
    if kind != ORIGINAL or original_with(ticket) != reader.id:
        return shown
    left = [one for one in (_yours(scene, ticket, reader), lacking_line(scene, ticket)) if one]
    acts = Choices((button(scene, Verb.ORIGINAL_REMOVED, ticket),)).actions()
    elements = (*shown.elements, *(Text(line) for line in left), *lead(scene, link), *acts)
    return Card(shown.title, elements, aloud(shown.spoken, *left), about)


def _yours(scene: Scene, ticket: Ticket, reader: Colleague) -> str:
    """Return what whoever made the ticket of a chat message is asked to do; "" for anybody else."""
    return scene.say("reminder.original_yours") if original_with(ticket) == reader.id else ""


def _help_wanted(scene: Scene, alone: Card) -> Card:
    """Tell an owner that an officer needs them now, and of what kind of ticket it is not a word (D12)."""
    said = scene.say("reminder.help", {"who": scene.names(scene.people.officers(), either=True)})
    return replace(alone, elements=(*alone.elements, Text(said)), spoken=aloud(alone.title, said))


def _unchecked(scene: Scene, about: str) -> str:
    return scene.say("reminder.unchecked", {"system": scene.system(about.rpartition(":")[2])})


def _titled(scene: Scene, ticket: Ticket, key: str) -> str:
    return scene.say("card.title", {"ref": ticket.ref, "stage": scene.say(key)})


def _title(scene: Scene, ticket: Ticket) -> str:
    days = clock(scene, ticket)
    facts = {"ref": ticket.ref, "left": left_to(scene, days.safe_target)}
    if scene.today > days.last_day:
        return scene.say("reminder.title_overdue", facts)
    if scene.today == days.last_day:
        return scene.say("reminder.title_last_today", facts)
    if scene.today > days.safe_target:
        return scene.say("reminder.title_passed", facts)
    if scene.today == days.safe_target:
        return scene.say("reminder.title_today", facts)
    return scene.say("reminder.title", facts)


def _sentences(scene: Scene, mine: tuple[Wait, ...]) -> Iterator[str]:
    """Yield what waits, a sentence each; a yes that is waited for in several systems since one day is one sentence."""
    systems: dict[tuple[str, str, str], list[str]] = {}
    for wait in mine:
        alone = scene.single and wait.what is For.SECOND_APPROVAL
        key = "reminder.for.second_yes" if alone else f"reminder.for.{wait.what}"
        since = scene.say("reminder.since", {"day": scene.on(wait.since)}) if wait.since else ""
        apart = "" if wait.what in YESES else wait.system
        systems.setdefault((key, since, apart), []).append(wait.system)
    for (key, since, _), names in systems.items():
        yield scene.say(key, {"system": _together(scene, names), "since": f" {since}" if since else ""})


def _together(scene: Scene, systems: Iterable[str]) -> str:
    return scene.texts.together(scene.language, [scene.system(one) for one in dict.fromkeys(systems)])


def _why(scene: Scene, ticket: Ticket, kind: str, reader: Colleague, mine: tuple[Wait, ...]) -> str:
    if kind == ORIGINAL and original_with(ticket) == reader.id:
        return scene.say("reminder.why_you_made_it")
    waited = [wait.system for wait in mine if wait.system]
    owned = [system for system in waited if system in reader.owns]
    deputised = [system for system in waited if system in reader.deputises]
    if owned:
        return scene.say("reminder.why_you_owner", {"system": _together(scene, owned)})
    if deputised:
        return scene.say("reminder.why_you_deputy", {"system": _together(scene, deputised)})
    if ticket.handler == reader.id:
        return scene.say("reminder.why_you_handler")
    if kind == TURN and mine and not _on_call(scene, reader):
        return scene.say("reminder.why_you_waited")
    if _on_call(scene, reader):
        return scene.say("reminder.why_you_oncall")
    if any(task.system in reader.owns for task in ticket.tasks if not task.settled):
        return scene.say("reminder.why_you_owner_of_one")
    last = "why_you_officer" if reader.is_officer else "why_you_waited" if mine else "why_you_earlier"
    return scene.say(f"reminder.{last}")


def _on_call(scene: Scene, reader: Colleague) -> bool:
    return scene.people.on_call(scene.today) == reader


def _choices(scene: Scene, ticket: Ticket, kind: str, reader: Colleague, about: str) -> Choices:
    ahead: list[Button] = []
    if kind == UNPRESSED and reader.handles_tickets and a_person_decides(ticket, scene.now, scene.calendar):
        ahead.append(button(scene, Verb.SETTLE_UNPRESSED, ticket))
    for wait in waits_for(scene, ticket, reader):
        if wait.what in OF_TICKET:
            verb, label = OF_TICKET[wait.what]
            ahead.append(button(scene, verb, ticket, scene.say(label) if label else ""))
            break
        if wait.what is For.RETURNED:
            ahead.append(settle_button(scene, ticket.letter(wait.about)))
            break
        if wait.what in FIRST:
            verb, label = FIRST[wait.what]
            system = scene.system(wait.system)
            named = scene.say(label, {"system": system, "recipient": system})
            ahead.append(button(scene, verb, ticket.task(wait.about), named))
            break
    ahead.append(opener(scene, ticket))
    later = pressing(scene, Press(Verb.REMIND_TOMORROW, about))
    over = (button(scene, Verb.HAND_OVER, ticket),) if reader.handles_tickets else ()
    if len(ahead) == 1:
        return Choices((*ahead, *over, later))
    return Choices((*ahead, later), over)
