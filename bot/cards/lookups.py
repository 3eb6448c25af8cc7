"""Card 10: answers to what somebody typed, private to the asker.

Nothing that was typed is ever repeated: it may be a person's name (D14).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from bot.card import Button, Card, Form, FormElement, Press, Table, Text, Verb
from bot.cards import fields
from bot.cards.asking import form, line
from bot.cards.buttons import Choices, pressing
from bot.cards.home import doing, on_call
from bot.cards.lists import ROWS, by_target, openers, ticket_rows
from bot.cards.orders import stopped_lines
from bot.cards.progress import aloud, clock
from bot.cards.scene import Scene, dotted
from bot.domain.finding import By
from bot.domain.system import Manifest
from bot.domain.ticket import Ticket

COMMANDS: Final = (
    "help",
    "home",
    "new",
    "show",
    "find",
    "mine",
    "open",
    "due",
    "systems",
    "retention",
    "oncall",
    "stats",
    "evidence",
    "hold",
    "extend",
    "withdraw",
    "wrong",
    "stop",
    "resume",
)
ABOUT: Final = "lookup"
#: The words that a number of days follows.
DAYS: Final = ("due", "förfaller")
#: What the form asks for, the surest first; what is found by anything but an address may be a namesake's.
SOUGHT_BY: Final = (fields.SUBJECT, fields.NAME, fields.PHONE)


def note(title: str, *sentences: str) -> Card:
    """Return a private answer of a few sentences."""
    return Card(title, tuple(Text(one) for one in sentences), aloud(title, *sentences), ABOUT)


def help_card(scene: Scene) -> Card:
    """Return every command with one example each, in the asker's language."""
    head = (scene.say("command.head_example"), scene.say("command.head_does"))
    rows = tuple((scene.say(f"command.{one}.example"), scene.say(f"command.{one}.does")) for one in COMMANDS)
    both = Text(scene.say("command.both_languages"), muted=True)
    title = scene.say("command.title")
    return Card(title, (Table(head, rows), both), aloud(title, scene.say("command.spoken")), ABOUT)


def unknown_card(scene: Scene, nearest: str) -> Card:
    """Return the answer to a word that is no command: the nearest that is, as the asker's language spells it."""
    if nearest not in COMMANDS:
        return note(scene.say("command.unknown_title"), scene.say("command.unknown"))
    word, _, _ = scene.say(f"command.{nearest}.example").partition(" ")
    return note(scene.say("command.unknown_title"), scene.say("command.unknown_nearest", {"nearest": word}))


def lacks_card(scene: Scene, word: str) -> Card:
    """Return the answer to a command that lacks its reference, or whose number of days is none."""
    if word in DAYS:
        return note(
            scene.say("command.lacks_days_title"), scene.say("refusal.word_needs_days", {"example": f"{word} 14"})
        )
    example = f"{word} PR-{scene.today.year}-0042"
    return note(scene.say("command.lacks_title"), scene.say("refusal.word_needs_ref", {"example": example}))


def find_form(scene: Scene) -> Form:
    """Return the form that asks whom to find: one of its fields is enough, and nobody else sees what is typed there."""
    elements: tuple[FormElement, ...] = (
        Text(scene.say("form.find.how")),
        *(line(scene, "find", one, hint=scene.say(f"form.find.{one}_hint")) for one in SOUGHT_BY),
        Text(scene.say("form.find.noted"), muted=True),
    )
    return form(scene, "find", Press(Verb.FIND, ABOUT), elements)


def find_elsewhere_card(scene: Scene) -> Card:
    """Return why nobody is searched for where others read, and the button that asks privately (D16)."""
    said = scene.say("refusal.find_not_here")
    ask = Choices((pressing(scene, Press(Verb.FIND, ABOUT)),))
    title = scene.say("form.find.title")
    return Card(title, (Text(said), *ask.actions()), aloud(title, said), ABOUT)


def found_card(
    scene: Scene,
    tickets: Sequence[Ticket],
    restricted: Sequence[tuple[str, date]] = (),
    *,
    by: Mapping[By, Collection[str]],
    for_officer: bool,
) -> Card:
    """Return which tickets may be about whom was asked for; none means we do not look further (D16).

    *by* says which of them (ids) each thing given led to. *restricted* says by reference since when what we hold about
    them may only be stored: before anything is done.
    """
    title = scene.say("card.private.found_title")
    unsure = by.keys() - {By.EMAIL}
    if not tickets:
        more = (scene.say("card.private.found_none_by_name"),) if unsure else ()
        return note(title, scene.say("card.private.found_none"), *more)
    count = scene.count(len(tickets), "count.tickets")
    said = scene.say("card.private.found", {"count": count, "refs": _refs(tickets)})
    how = _found_by(scene, tickets, by) if unsure else []
    surely = by.get(By.EMAIL, ())
    warned = [] if all(one.id in surely for one in tickets) else [scene.say("card.private.found_namesake")]
    rows = ticket_rows(scene, tickets, for_officer=for_officer)
    choices = Choices(openers(scene, tickets, for_officer=for_officer), leads=False)
    rests = [_resting(scene, ref, since) for ref, since in restricted]
    lines = (*(Text(one, strong=True) for one in (*rests, *warned)), *map(Text, (said, *how)))
    return Card(title, (*lines, *rows, *choices.actions()), aloud(*rests, *warned, said, *how), ABOUT)


def _refs(tickets: Sequence[Ticket]) -> str:
    return ", ".join(one.ref for one in tickets[:ROWS])


def _found_by(scene: Scene, tickets: Sequence[Ticket], by: Mapping[By, Collection[str]]) -> list[str]:
    """Return one line for each thing given that led anywhere, the surest first: never what was typed (D14)."""
    led = ((one, [ticket for ticket in tickets if ticket.id in by.get(one, ())]) for one in By)
    return [scene.say(f"card.private.found_by_{one}", {"refs": _refs(found)}) for one, found in led if found]


def _resting(scene: Scene, ref: str, since: date) -> str:
    facts = {"day": scene.texts.long_day(scene.language, since), "ref": ref}
    return scene.say("card.private.found_restricted", facts)


def list_card(
    scene: Scene, key: str, tickets: Sequence[Ticket], *, for_officer: bool, more: Sequence[Button] = ()
) -> Card:
    """Return a list: *key* is "mine" or "open" (its words stand below `home`); *more* stands beside."""
    ordered = by_target(scene, tickets)
    title = scene.say(f"home.{key}")
    if not ordered:
        return note(title, scene.say(f"home.nothing_{key}"))
    return _listed(scene, title, ordered, for_officer=for_officer, more=more)


def due_card(scene: Scene, tickets: Sequence[Ticket], days: int, *, for_officer: bool) -> Card:
    """Return the open tickets whose safe target lies within *days* days, those past it first."""
    until = scene.today + timedelta(days=days)
    due = [one for one in by_target(scene, tickets) if clock(scene, one).safe_target <= until]
    facts = {"days": scene.count(days, "count.days")}
    title = scene.say("card.private.due_title", facts)
    if not due:
        return note(title, scene.say("card.private.due_none", facts))
    return _listed(scene, title, due, for_officer=for_officer)


def _listed(
    scene: Scene, title: str, tickets: Sequence[Ticket], *, for_officer: bool, more: Sequence[Button] = ()
) -> Card:
    rows = ticket_rows(scene, tickets, for_officer=for_officer)
    choices = Choices((*more, *openers(scene, tickets, for_officer=for_officer)), leads=False)
    count = scene.count(len(tickets), "count.tickets")
    return Card(title, (*rows, *choices.actions()), aloud(title, count), ABOUT)


def systems_card(scene: Scene, manifests: Sequence[Manifest], tickets: Sequence[Ticket]) -> Card:
    """Return every system: its owner, how it does now, and what is done there automatically or by hand."""
    states = dict(doing(scene, tickets))
    columns = ("system", "owner", "state", "how")
    head = tuple(scene.say(f"systems.head_{column}") for column in columns)
    rows = tuple(
        (
            scene.system(manifest.key),
            scene.names(scene.people.owners(manifest.key)) or scene.say("home.system_no_owner"),
            states.get(manifest.key, scene.say("home.system_well")),
            _how(scene, manifest),
        )
        for manifest in manifests
    )
    title = scene.say("systems.title")
    stopped = tuple(Text(line, strong=True) for line in stopped_lines(scene))
    return Card(title, (*stopped, Table(head, rows)), aloud(scene.say("systems.spoken")), ABOUT)


def _how(scene: Scene, manifest: Manifest) -> str:
    """Return "sök, radera: görs automatiskt · rätta: görs för hand", operations of one mode together."""
    modes: dict[str, list[str]] = {}
    for operation in manifest.capabilities:
        modes.setdefault(manifest.how(operation).mode, []).append(scene.say(f"operation.{operation}"))
    lines = (
        scene.say("systems.line", {"operation": ", ".join(operations), "mode": scene.say(f"mode.{mode}")})
        for mode, operations in modes.items()
    )
    return dotted(*lines)


def on_call_card(scene: Scene) -> Card:
    """Return who is on call now and next."""
    heading, *lines = on_call(scene)
    said = [line.text for line in lines if isinstance(line, Text)]
    return note(heading.text if isinstance(heading, Text) else "", *said)
