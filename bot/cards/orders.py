"""What is set for the whole desk: what is stopped, and who is on call. The answers, and the form that starts again."""

from collections.abc import Iterator

from bot.card import Button, Card, Choice, Form, Press, Text, Verb
from bot.cards import fields
from bot.cards.asking import form
from bot.cards.buttons import Choices, pressing
from bot.cards.home import on_call
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.people import Colleague, Shift
from bot.domain.ticket import Ticket
from bot.ports import ALL_SYSTEMS, Pause

ABOUT = "stops"
#: How far ahead a gap in the rota is said when it is set; the same as `check` (D28).
AHEAD = 56
#: What stands for every system in a press, which cannot carry nothing.
EVERY_SYSTEM = "all"


def stops_card(scene: Scene, reader: Colleague, about: str = ABOUT) -> Card:
    """Return what is stopped now, with the way on for who may."""
    title = scene.say("stops.title")
    lines = tuple(Text(line) for line in stopped_lines(scene)) or (Text(scene.say("stops.nothing")),)
    after = (Text(scene.say("stops.meanwhile"), muted=True),) if scene.stopped else ()
    offered = [_resuming(scene, pause) for pause in scene.stopped.values() if may_resume(scene, pause, reader)]
    said = [line.text for line in lines]
    choices = Choices(tuple(offered), leads=False)
    return Card(title, (*lines, *after, *choices.actions()), aloud(title, *said), about)


def stopped_lines(scene: Scene) -> Iterator[str]:
    """Yield one sentence for each pause: what, by whom, since when."""
    for pause in scene.stopped.values():
        facts = {"system": scene.system(pause.system), **by_whom(scene, pause)}
        yield scene.say("stops.every" if pause.system == ALL_SYSTEMS else "stops.system", facts)


def by_whom(scene: Scene, pause: Pause) -> dict[str, str]:
    """Return who stopped it and since when, as the facts of a sentence."""
    return {"who": scene.name(pause.stopped_by), "since": scene.when(pause.since)}


def may_resume(scene: Scene, pause: Pause, reader: Colleague) -> bool:
    """Whether a button is shown; the desk itself decides when it is pressed."""
    by_officer = any(one.id == pause.stopped_by for one in scene.people.officers())
    return reader.is_officer or (pause.system in reader.owns and not by_officer)


def _resuming(scene: Scene, pause: Pause) -> Button:
    press = Press(Verb.RESUME, pause.system or EVERY_SYSTEM)
    return pressing(scene, press, scene.say("stops.resume", {"system": _named(scene, pause.system)}))


def _named(scene: Scene, system: str) -> str:
    return scene.system(system) if system else scene.say("stops.everything")


def resume_form(scene: Scene, pause: Pause) -> Form:
    """Return the question before work goes on: what waits begins at once."""
    asked = scene.say("form.resume.asked", {"system": _named(scene, pause.system), **by_whom(scene, pause)})
    sure = (("may_go_on", scene.say("form.resume.may_go_on")),)
    elements = (
        Text(asked, strong=True),
        Choice(fields.CHECKED, scene.say("form.resume.checked"), sure, several=True),
        Text(scene.say("form.resume.hint"), muted=True),
    )
    return form(scene, "resume", Press(Verb.RESUME, pause.system or EVERY_SYSTEM), elements)


def paused_lines(scene: Scene, ticket: Ticket) -> tuple[Text, ...]:
    """Return what of a ticket waits because its system is stopped, and that its dates run on."""
    held = dict.fromkeys(
        task.system for task in ticket.tasks if not task.settled and scene.pause(task.system) is not None
    )
    if not held:
        return ()
    pause = scene.pause(next(iter(held)))
    facts = {"systems": ", ".join(scene.system(one) for one in held), **(by_whom(scene, pause) if pause else {})}
    return (Text(scene.say("card.stopped", facts), strong=True),)


def shift_card(scene: Scene, shift: Shift) -> Card:
    """Return the answer to a shift that was set: who, which days, who is on call now and next, and gaps ahead."""
    facts = {"who": scene.name(shift.colleague), "first": scene.day(shift.first), "last": scene.day(shift.last)}
    said = scene.say("stops.shift_set", facts)
    gaps = scene.people.gaps(scene.today, AHEAD)
    warned = (Text(scene.say("home.oncall_gap", {"first": scene.day(gaps[0])}), strong=True),) if gaps else ()
    title = scene.say("home.oncall")
    return Card(title, (Text(said, strong=True), *on_call(scene)[1:], *warned), aloud(title, said), "oncall")


def shift_told(scene: Scene, shift: Shift, about: str) -> Card:
    """Return the message to who was put on call by somebody else."""
    facts = {"first": scene.day(shift.first), "last": scene.day(shift.last)}
    title, said = scene.say("home.oncall"), scene.say("stops.shift_yours", facts)
    return Card(title, (Text(said, strong=True), *on_call(scene)[1:]), aloud(title, said), about)
