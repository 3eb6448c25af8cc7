"""What the review page shows of recipients: one row each with its time (Art. 19), and the notice ready to copy.

The notice says no more than somebody needs to find the person and do the same: by what the systems know the person,
never by an address they only wrote from, and of a protected person the name alone (D12).
"""

from collections.abc import Mapping
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.errors import PrivacyDeskError
from bot.domain.ledger import DESK
from bot.domain.policy import operation_for
from bot.domain.protection import protected
from bot.domain.recipients import Row, confirm_by, deeds, rows, steps
from bot.domain.request import Language
from bot.domain.system import Operation
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.ports import Unit
from bot.services import casefile
from bot.services.casework import recipients
from bot.services.deciding import transferring
from bot.services.deciding.correcting import corrected_in
from bot.services.house import House
from bot.services.views import Ready, Rows, Section

HEAD: Final = ("recipient", "deed", "came", "when", "by", "note")


async def sections(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return the prepared notices of everybody still to be told, and a row for every recipient."""
    found: list[Section] = []
    for task in steps(ticket):
        if task.operation is Operation.NOTIFY:
            found += [await _notice(unit, house, ticket, task, language, spoken) for spoken in Language]
        else:
            found.append(await transferring.slot(unit, house, ticket, task, language))
    found += await transferring.table(unit, house, ticket, language)
    every = [one for part in ticket.parts for one in rows(ticket, part, house.policy, house.systems.keys())]
    if every:
        head = tuple(house.texts.say(language, f"review.told_{word}") for word in HEAD)
        table = tuple([await _row(unit, house, ticket, one, language) for one in every])
        found.append(Rows(house.texts.say(language, "review.told"), head, table))
    return found


async def _row(unit: Unit, house: House, ticket: Ticket, row: Row, language: Language) -> tuple[str, ...]:
    scene, part = house.scene(language), ticket.part(row.part_id)
    name = scene.system(row.key) if row.key in house.systems else ""
    reason = scene.say(row.reason) if row.reason else ""
    note = await _note(unit, ticket, row.task)
    return (
        name or (await recipients.of_key(unit, house, ticket.id, row.key)).name,
        scene.say(f"operation.{operation_for(part)}"),
        scene.say(f"review.telling.{row.telling}"),
        scene.texts.moment(language, row.at) if row.at else "",
        scene.name(row.by or DESK) if row.at else "",
        " · ".join(word for word in (reason, note) if word),
    )


async def _note(unit: Unit, ticket: Ticket, task_id: str) -> str:
    if not task_id:
        return ""
    try:
        return await casefile.beside(unit, ticket.id, f"note/{task_id}")
    except PrivacyDeskError:
        return ""


async def _notice(unit: Unit, house: House, ticket: Ticket, task: Task, language: Language, spoken: Language) -> Ready:
    """Return the notice to one recipient in the language *spoken*, under a title in the reader's *language*."""
    part = ticket.part(task.part_id)
    to = await recipients.of_key(unit, house, ticket.id, task.system)

    def say(key: str, facts: Mapping[str, object]) -> str:
        return house.texts.say(spoken, key, facts)

    controller, what = house.policy.controller, operation_for(part)
    done = [one.settled_at for one in deeds(ticket, part) if one.settled_at]
    since = min(done, default=task.waiting_since or house.now())  # opened anew meanwhile, and still owed
    facts = {
        "ref": ticket.ref,
        "controller": controller.name,
        "registration": controller.registration,
        "email": controller.email,
        "person": ", ".join(await _known_as(unit, ticket)),
        "done": say(f"notice.done.{what}", {"day": house.texts.long_day(spoken, local_date(since))}),
        "please": say(f"notice.please.{what}", {}),
        "day": house.texts.long_day(spoken, confirm_by(ticket, part, house.today(), house.calendar)),
        "changes": "".join(f"\n– {line}" for line in await _changes(unit, house, ticket, part, task, spoken)),
    }
    title = {"recipient": to.name, "language": house.texts.say(language, f"language.{spoken}")}
    head = house.texts.say(language, "review.notice_contact", {"contact": to.contact}) if to.contact else ""
    text = "\n\n".join(word for word in (head, say("notice.subject", facts), say("notice.text", facts)) if word)
    return Ready(house.texts.say(language, "review.notice", title), text)


async def _known_as(unit: Unit, ticket: Ticket) -> tuple[str, ...]:
    person = await casefile.person_of(unit, ticket.id)
    address = () if protected(ticket) else person.on_file or (person.email,)
    return tuple(word for word in (person.name, *address) if word)


async def _changes(unit: Unit, house: House, ticket: Ticket, part: Part, task: Task, spoken: Language) -> list[str]:
    """Return what was put right of what they were given, from what to what: they are to do the same."""
    given = [one.receives_from for one in house.policy.recipients if one.key == task.system]
    names = {house.words[place.partition(":")[0]].name for places in given for place in places}
    wanted = [one for one in await corrected_in(unit, house, ticket, (part,)) if not names or one.system in names]
    facts = ({"name": one.name, "before": one.before or "–", "after": one.after or "–"} for one in wanted)
    return list(dict.fromkeys(house.texts.say(spoken, "notice.change", one) for one in facts))
