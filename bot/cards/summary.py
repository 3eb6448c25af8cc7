"""What many tickets have in common: the morning summary, and that work was given up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.card import Card, Facts, Text
from bot.cards.buttons import Choices
from bot.cards.home import troubled
from bot.cards.lists import by_target, openers
from bot.cards.progress import aloud, clock
from bot.cards.scene import Scene
from bot.cards.wait import For, Waiter
from bot.cards.waiting import waits
from bot.domain.ticket import Ticket

FRIDAY: Final = 4
#: References named on one line: more of them do not fit a phone, and the list has them all.
NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Morning:
    """What the morning is about: open tickets, reviews nobody approved, items nobody dismissed, jobs given up."""

    tickets: Sequence[Ticket]
    reviews: int = 0
    items: int = 0
    halted: int = 0


def morning_card(scene: Scene, morning: Morning, about: str) -> Card | None:
    """Return the summary for the on-call officer, or None when there is nothing to say."""
    tickets = by_target(scene, morning.tickets)
    overdue = [one for one in tickets if clock(scene, one).last_day < scene.today]
    week = [one for one in tickets if one not in overdue and clock(scene, one).safe_target <= week_ends(scene.today)]
    listed = {
        "overdue": overdue,
        "this_week": week,
        "triage": _waiting(scene, tickets, For.CONFIRMATION),
        "letters": _waiting(scene, tickets, For.LETTER),
    }
    found = {key: _refs(scene, some) for key, some in listed.items()} | {
        "waiting": _whom(scene, tickets),
        "stopped": ", ".join(_stopped(scene)),
        "trouble": ", ".join(scene.system(system) for system in troubled(tickets)),
        "retention": scene.texts.number(scene.language, morning.reviews) if morning.reviews else "",
        "items": scene.texts.number(scene.language, morning.items) if morning.items else "",
        "halted": scene.texts.number(scene.language, morning.halted) if morning.halted else "",
    }
    pairs = tuple((scene.say(f"summary.{key}"), said) for key, said in found.items() if said)
    heard = {scene.say(f"summary.{key}"): scene.texts.number(scene.language, len(some)) for key, some in listed.items()}
    if not pairs:
        return None
    title = scene.say("summary.title", {"day": scene.day(scene.today)})
    choices = Choices(openers(scene, [*overdue, *week], for_officer=True), leads=False)
    spoken = aloud(title, *(f"{label}: {heard.get(label, said)}" for label, said in pairs))
    return Card(title, (Facts(pairs), *choices.actions()), spoken, about)


def _stopped(scene: Scene) -> list[str]:
    """Return the names of what is stopped; "" in a pause stands for everything."""
    return [scene.system(one) if one else scene.say("stops.everything") for one in scene.stopped]


def halted_card(scene: Scene, halted: int, about: str) -> Card:
    """Return the message to who is on call that work in the background was given up: how much, and what to do."""
    title, said, hint = scene.say("halted.title"), scene.count(halted, "count.halted"), scene.say("halted.hint")
    return Card(title, (Text(said, strong=True), Text(hint)), aloud(title, said, hint), about)


def unreached_card(scene: Scene, trouble: str, facts: Mapping[str, str], about: str) -> Card:
    """Return the message to who is on call that a chat takes no cards: why, who must do what, and what follows."""
    title, why, hint = scene.say("halted.chat", facts), scene.say(trouble, facts), scene.say("halted.chat_hint", facts)
    return Card(title, (Text(why, strong=True), Text(hint)), aloud(title, why, hint), about)


def week_ends(today: date) -> date:
    """Return this week's Friday; on a weekend the next."""
    return today + timedelta(days=(FRIDAY - today.weekday()) % 7)


def _refs(scene: Scene, tickets: Sequence[Ticket]) -> str:
    if not tickets:
        return ""
    refs = ", ".join(ticket.ref for ticket in tickets[:NAMED])
    which = scene.say("summary.first", {"refs": refs}) if len(tickets) > NAMED else refs
    return f"{scene.texts.number(scene.language, len(tickets))} ({which})"


def _waiting(scene: Scene, tickets: Sequence[Ticket], what: For) -> list[Ticket]:
    return [one for one in tickets if any(wait.what is what for wait in waits(scene, one))]


def _whom(scene: Scene, tickets: Sequence[Ticket]) -> str:
    """Return "Karin (3), Sara (1)": how many tickets wait for whom by name."""
    names: Counter[str] = Counter()
    for ticket in tickets:
        named = [wait.colleagues for wait in waits(scene, ticket) if wait.on is Waiter.COLLEAGUES]
        names.update({scene.names(colleagues, either=True) for colleagues in named if colleagues})
    return ", ".join(f"{name} ({n})" for name, n in names.most_common())
