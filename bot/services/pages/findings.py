"""What the review page shows of systems: what to look for, what was found, what is made ready, what is stale."""

from typing import Final

from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague
from bot.domain.request import Language
from bot.domain.system import AT_RECIPIENTS, Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from bot.ports import Link, Prepares, PreparesSearch, Unit
from bot.services import casefile
from bot.services.house import House
from bot.services.keeping import retention
from bot.services.views import Notice, Ready, ReviewPage, Rows, Section

READY: Final = ("title", "text")
REVIEW: Final = "review:"


async def identifiers(unit: Unit, ticket: Ticket, title: str) -> Rows:
    """Return what the person is known by."""
    person = await casefile.person_of(unit, ticket.id)
    on_file = () if person.written_from_only else person.on_file
    known = {person.email, person.name, person.requester, *on_file, *(one.value for one in person.others)}
    return Rows(title, (), tuple((value,) for value in sorted(known - {""})))


async def searches(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return what a colleague pastes to look where the desk may not (D18), for every such search still to be done."""
    person = (await casefile.person_of(unit, ticket.id)).identifiers()
    sections: list[Section] = []
    for task in ticket.tasks:
        if task.operation in AT_RECIPIENTS:
            continue
        system = house.systems[task.system]
        if task.operation is Operation.FIND and task.state is TaskState.BY_HAND and isinstance(system, PreparesSearch):
            lines = tuple((line,) for line in system.searches(person))
            title = house.texts.say(language, "review.searches", {"system": house.words[task.system].name})
            sections += [Rows(title, (), lines)] if lines else []
    return sections


async def found(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> list[Section]:
    """Return the ids of what each of the reader's systems holds, with what they are."""
    sections: list[Section] = []
    for manifest in house.manifests:
        if not reader.works_in(manifest.key):
            continue
        try:
            records = await casefile.records_of(unit, ticket.id, manifest.key)
        except PrivacyDeskError:
            continue
        if records:
            scene = house.scene(reader.language)
            title = scene.say("review.found_titled", {"system": manifest.name})
            rows = tuple((scene.counted(manifest.key, {record.kind: 1}), record.id) for record in records)
            sections.append(Rows(title, (), rows))
    return sections


async def made_ready(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return what systems made ready for their steps by hand: ids only, and still nothing for a chat."""
    scene = house.scene(language)
    sections: list[Section] = []
    for task in ticket.tasks:
        if task.operation in AT_RECIPIENTS:
            continue
        system = house.systems[task.system]
        if task.state not in (TaskState.BY_HAND, TaskState.STUCK) or not isinstance(system, Prepares):
            continue
        label = scene.say("review.at_vendor", {"system": scene.system(task.system)})
        for one in system.prepared(task.operation, await casefile.records_of(unit, ticket.id, task.system)):
            title, text = (scene.word(task.system, f"prepared.{one.name}.{part}", one.facts) for part in READY)
            sections.append(Ready(title, text.strip(), one.link, label if one.link else ""))
    return sections


async def list_page(unit: Unit, house: House, link: Link, reader: Colleague, csrf: str) -> ReviewPage:
    """Return a retention list: who, their last sign of life, and whose initiative."""
    stale = await unit.reviews.load(link.about.removeprefix(REVIEW))
    language = reader.language
    head = ("retention.head_contact", "retention.head_last_sign", "retention.head_since")
    initiated = {True: "self_initiated", False: "our_initiative", None: "initiative_unknown"}
    rows = []
    for idle in await retention.listed_in(unit, stale):
        seen = (
            house.texts.long_day(language, idle.last_sign)
            if idle.last_sign
            else house.texts.say(language, "retention.no_sign")
        )
        rows.append((idle.label, seen, house.texts.say(language, f"retention.{initiated[idle.self_initiated]}")))
    title = house.texts.say(language, "review.list")
    table = Rows(title, tuple(house.texts.say(language, key) for key in head), tuple(rows))
    return ReviewPage(title, "", language, (Notice(house.texts.say(language, "review.logged")), table), csrf)
