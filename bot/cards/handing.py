"""A colleague's open tickets in other hands: what nobody walks any more, the form that moves all, and who is told."""

from collections.abc import Mapping, Sequence

from bot.card import Card, Choice, Form, FormElement, Press, Text, Verb
from bot.cards import fields
from bot.cards.asking import form
from bot.cards.buttons import Choices, pressing
from bot.cards.home import ANYBODY
from bot.cards.lists import openers, ticket_rows
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket


def left_card(scene: Scene, who: str, tickets: Sequence[Ticket], about: str) -> Card:
    """Return to an officer what somebody walked who works here no more (by id: their name is known no more)."""
    title = scene.say("handing.left_title", {"who": who})
    count = scene.count(len(tickets), "count.tickets")
    said = scene.say("handing.left", {"who": who, "count": count}) if tickets else scene.say("handing.left_none")
    if not tickets:
        return Card(title, (Text(said),), aloud(title, said), about)
    choices = Choices((pressing(scene, Press(Verb.HAND_OVER_ALL, who)),), openers(scene, tickets, for_officer=True))
    rows = ticket_rows(scene, tickets, for_officer=True)
    return Card(title, (Text(said, strong=True), *rows, *choices.actions()), aloud(title, said), about)


def unproven_card(scene: Scene, chat: str, colleague: Colleague, about: str) -> Card:
    """Return to an officer that an id in the people file is not its colleague's: what follows, and who mends it."""
    facts = {"who": colleague.name, "system": chat.capitalize()}
    title, said, hint = (scene.say(f"handing.unproven{which}", facts) for which in ("_title", "", "_hint"))
    return Card(title, (Text(said, strong=True), Text(hint)), aloud(title, said, hint), about)


def hand_over_all(scene: Scene, who: str, walked: Mapping[str, int], able: Sequence[Colleague]) -> Form:
    """Return the form that moves all of a colleague's open tickets; *walked*: by whose id how many (an officer's view).

    *who* is `ANYBODY` where the form asks whose.
    """
    elements: list[FormElement] = []
    if who == ANYBODY:
        labels = tuple((one, _counted(scene, one, n)) for one, n in walked.items())
        elements.append(Choice(fields.FROM, scene.say("form.hand_over_all.from"), labels))
    else:
        elements.append(Text(_counted(scene, who, walked.get(who, 0)), strong=True))
    names = tuple((one.id, one.name) for one in able if one.id != who)
    elements.append(Choice(fields.COLLEAGUE, scene.say("form.hand_over_all.to"), names))
    elements.append(Text(scene.say("form.hand_over_all.hint"), muted=True))
    return form(scene, "hand_over_all", Press(Verb.HAND_OVER_ALL, who), elements)


def _counted(scene: Scene, who: str, n: int) -> str:
    known = any(one.id == who for one in scene.people.colleagues)
    key = "form.hand_over_all.whose" if known else "form.hand_over_all.whose_left"
    return scene.say(key, {"who": scene.name(who) if known else who, "count": scene.count(n, "count.tickets")})


def handed_card(scene: Scene, told: tuple[str, str, int, int], reader: Colleague, mine: Sequence[Ticket]) -> Card:
    """Return what both are told, and the presser sees: how many moved from whom to whom, and how many stayed."""
    who, to, moved, stayed = told
    names = {"who": scene.name(who) if scene.name(who) != scene.say("word.someone") else who, "to": scene.name(to)}
    title = scene.say("handing.title")
    said = scene.say("handing.moved", {**names, "count": scene.count(moved, "count.tickets")})
    stay = scene.say("handing.stayed", {"count": scene.count(stayed, "count.tickets")}) if stayed else ""
    rows = ticket_rows(scene, mine, for_officer=reader.is_officer) if reader.id == to and mine else ()
    choices = Choices(openers(scene, mine, for_officer=reader.is_officer) if reader.id == to else (), leads=False)
    lines = tuple(Text(line) for line in (said, stay) if line)
    return Card(title, (*lines, *rows, *choices.actions()), aloud(title, said), "handed")
