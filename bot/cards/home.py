"""Card 9: the asker's own page: what waits for me, what is mine, what is due, who is on call, how systems do."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.card import Button, Card, CardElement, Facts, Press, Text, Verb
from bot.cards.buttons import Choices, pressing
from bot.cards.lists import by_target, openers, ticket_table
from bot.cards.progress import aloud, clock
from bot.cards.rows import held_up
from bot.cards.scene import Scene
from bot.cards.waiting import waits_for
from bot.domain.errors import NotFound
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.task import Task
from bot.domain.ticket import Ticket

ABOUT = "home"
#: What a press is aimed at when the form itself asks whose tickets.
ANYBODY = "anybody"
A_WEEK = timedelta(days=7)
#: Troubles that say something of one person's records, and nothing of how the system does.
OF_A_RECORD = ("trouble.still_there", "trouble.left_by_hand")
#: Rows of a section: the page is read at a glance, on a phone; the lists have the rest.
ROWS = 5


def home_card(scene: Scene, me: Colleague, tickets: Sequence[Ticket]) -> Card:
    """Return *me*'s start page from the open tickets."""
    tickets = by_target(scene, tickets)
    shown = [one for one in tickets if me.is_officer or not officer_only(one)]
    waiting = [one for one in shown if waits_for(scene, one, me)]
    mine = [one for one in shown if one.handler == me.id]
    due = [one for one in shown if clock(scene, one).safe_target <= scene.today + A_WEEK]
    others = [one for one in mine if one not in waiting]
    sections = (
        *_section(scene, me, "waiting", waiting),
        *_section(scene, me, "mine_others" if mine and mine != others else "mine", others),
        *_section(scene, me, "due", due),
    )
    new = (pressing(scene, Press(Verb.NEW, ABOUT)),) if me.handles_tickets else ()
    hand_over = handing_over(scene, me, tickets)
    elements = (
        *sections,
        *on_call(scene),
        Text(scene.say("home.systems"), strong=True),
        Facts(tuple((scene.system(system), said) for system, said in doing(scene, tickets))),
        *Choices((*new, *hand_over), openers(scene, waiting or mine, for_officer=me.is_officer)).actions(),
    )
    title = scene.say("home.title")
    count = scene.count(len(waiting), "count.tickets")
    said = scene.say("home.spoken", {"waiting": count}) if waiting else scene.say("home.nothing_waiting")
    return Card(title, elements, aloud(title, said), ABOUT)


def handing_over(scene: Scene, me: Colleague, tickets: Sequence[Ticket]) -> tuple[Button, ...]:
    """Return the way to hand all of one's tickets over; an officer's form asks whose."""
    walked = any(one.handler if me.is_officer else one.handler == me.id for one in tickets)
    if not (walked and me.handles_tickets):
        return ()
    return (pressing(scene, Press(Verb.HAND_OVER_ALL, ANYBODY if me.is_officer else me.id)),)


def _section(scene: Scene, me: Colleague, key: str, tickets: Sequence[Ticket]) -> Iterator[CardElement]:
    yield Text(scene.say(f"home.{key}"), strong=True)
    if not tickets:
        yield Text(scene.say(f"home.nothing_{key}"), muted=True)
        return
    yield ticket_table(scene, tickets[:ROWS], for_officer=me.is_officer)
    if (left := len(tickets) - ROWS) > 0:
        yield Text(scene.say("home.more", {"count": scene.count(left, "count.tickets")}), muted=True)


def on_call(scene: Scene) -> tuple[CardElement, ...]:
    """Return who is on call now and next, in words."""
    now = _on_call_now(scene)
    later = [shift for shift in scene.people.rota if shift.first > scene.today]
    upcoming = min(later, key=lambda shift: shift.first, default=None)
    lines = [now]
    if upcoming is not None:
        facts = {"who": scene.name(upcoming.colleague), "first": scene.day(upcoming.first)}
        lines.append(scene.say("home.oncall_next", facts))
    return (Text(scene.say("home.oncall"), strong=True), *(Text(line) for line in lines))


def _on_call_now(scene: Scene) -> str:
    try:
        facts = {"who": scene.name(scene.people.on_call(scene.today).id)}
    except NotFound:
        return scene.say("refusal.nobody_on_call")
    current = [shift for shift in scene.people.rota if shift.first <= scene.today <= shift.last]
    if not current:
        return scene.say("home.oncall_now", facts)
    return scene.say("home.oncall_now_until", {**facts, "last": scene.day(current[-1].last)})


def troubled(tickets: Sequence[Ticket]) -> dict[str, Task]:
    """Return the systems that hold a task up now, each with such a task; what is left of a person is none."""
    tasks = [task for ticket in tickets for task in ticket.tasks if task.trouble not in ("", *OF_A_RECORD)]
    return {task.system: task for task in tasks if not task.settled}


def doing(scene: Scene, tickets: Sequence[Ticket]) -> Iterator[tuple[str, str]]:
    """Yield how each system does, in words."""
    waiting = troubled(tickets)
    for system in scene.systems:
        task, pause = waiting.get(system), scene.pause(system)
        if pause is not None:
            facts = {"who": scene.name(pause.stopped_by), "since": scene.when(pause.since)}
            yield system, scene.say("home.system_stopped", facts)
            continue
        yield system, held_up(scene, task) if task else scene.say("home.system_well")
