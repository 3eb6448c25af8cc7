"""The sheets on a colleague's page where values are put right: what stands there now beside what the person wrote.

Only here is any of it shown (D14). A system the desk corrects by itself has its own fields; for a step by hand a
colleague writes rows of their own, so that the letter can say from what to what there too.
"""

from typing import Final

from bot.domain.correcting import Values, Written, awaits_values, by_program
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague
from bot.domain.policy import operation_for
from bot.domain.request import Language
from bot.domain.system import Operation
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.deciding.correcting import seen, values_of, written_for
from bot.services.house import House
from bot.services.views import CorrectionField, CorrectionSheet, Notice, Section

#: Rows a colleague can write for one step by hand.
ROWS: Final = 4
COLUMNS: Final = ("name", "before", "after")


async def sheets(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> list[Section]:
    """Return one sheet for each task of the reader's systems whose values may still be written."""
    found: list[Section] = []
    for task in ticket.tasks:
        if awaits_values(task) and reader.works_in(task.system):
            found += await _sheet(unit, house, ticket, task, reader.language)
    return found


async def _sheet(unit: Unit, house: House, ticket: Ticket, task: Task, language: Language) -> list[Section]:
    named = {"system": house.words[task.system].name}
    held, trouble = await values_of(unit, ticket.id, task.id)
    if by_program(task) and not held:
        key = trouble if house.texts.has(trouble) else "review.values_wait"
        return [Notice(house.texts.say(language, key, named))]
    written = await written_for(unit, ticket.id, task.id)
    fields = _of_records(house, task, language, held, written) if by_program(task) else _of_rows(written)
    sheet = CorrectionSheet(
        task.id,
        house.texts.say(language, "review.correct", named),
        house.texts.say(language, "review.correct_hint" if by_program(task) else "review.correct_by_hand_hint"),
        await seen(unit, ticket.id, task),
        fields,
        await _wish(unit, ticket),
        await _elsewhere(unit, house, ticket, task, language),
        by_hand=not by_program(task),
    )
    return [sheet]


def _of_records(
    house: House, task: Task, language: Language, held: tuple[Values, ...], written: tuple[Written, ...]
) -> tuple[CorrectionField, ...]:
    """Return the fields of every record; what was written before stands there again, where its value still does."""
    wished = {(one.id, one.correction.name): one.correction for one in written}
    words = house.words[task.system].words[language]
    scene = house.scene(language)
    fields = []
    for number, record in enumerate(held):
        group = f"{scene.counted(task.system, {record.kind: 1})} · {record.id}"
        for name, now in record.values.items():
            before = wished.get((record.id, name))
            after = before.after if before is not None and before.before == now else now
            fields.append(CorrectionField(f"{number}/{name}", words.get(f"field.{name}", name), now, after, group))
    return tuple(fields)


def _of_rows(written: tuple[Written, ...]) -> tuple[CorrectionField, ...]:
    """Return the rows of a step by hand, those written first: three fields to a row."""
    rows = [(one.correction.name, one.correction.before, one.correction.after) for one in written]
    rows += [("", "", "")] * max(1, ROWS - len(rows))
    return tuple(
        CorrectionField(f"{number}/{column}", f"review.correct_{column}", "", value, str(number + 1))
        for number, row in enumerate(rows)
        for column, value in zip(COLUMNS, row, strict=True)
    )


async def _wish(unit: Unit, ticket: Ticket) -> tuple[str, ...]:
    """Return the sentences of the mails that ask for a correction."""
    asked = {part.type for part in ticket.parts if operation_for(part) is Operation.RECTIFY}
    try:
        mails = [await casefile.proposal_of(unit, ticket.id, Shelf.CASE), *await casefile.later_mails(unit, ticket.id)]
    except PrivacyDeskError:
        return ()
    return tuple(sentence for mail in mails for part in mail.parts if part.type in asked for sentence in part.evidence)


async def _elsewhere(unit: Unit, house: House, ticket: Ticket, task: Task, language: Language) -> tuple[str, ...]:
    """Return what was written for the same part's other systems, in words."""
    lines = []
    for other in ticket.tasks:
        if other.part_id != task.part_id or other.id == task.id or other.operation is not Operation.RECTIFY:
            continue
        for one in await written_for(unit, ticket.id, other.id):
            facts = {
                "system": house.words[other.system].name,
                "name": one.correction.name,
                "before": one.correction.before or "–",
                "after": one.correction.after or "–",
            }
            lines.append(house.texts.say(language, "review.correct_elsewhere", facts))
    return tuple(lines)
