"""The records of a copy that may concern others, as its system's owner goes through them on the review page.

Only here is any of it shown, to whoever may decide on it and nobody else (D14, D15). The
undecided come first, a page of them at a time; one press lets go out what is shown on this
page and never what nobody has had before their eyes (D29).
"""

import json
from collections.abc import AsyncIterator
from typing import Final

from bot.domain.errors import Incomplete, NotFound, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.redaction import REASONS, Judging, Way, judging_of, passages
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.letters.package import rows_of
from bot.ports import Shelf, Unit
from bot.services.deciding.approval import is_own
from bot.services.deciding.redacting import Judged, judge, let_out, may_be_judged, texts_in
from bot.services.house import House
from bot.services.records.redacted import OTHERS, Kept, Taken, decisions_on, file_at, record_at
from bot.services.views import CopyList, CopyRecord, CopyTyped, Section

#: Records of a task on one page, decided ones among them, and letters of all those together.
AT_ONCE: Final = 100
LETTERS: Final = 400_000
SHOWN: Final = "copy_shown"


async def sections(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> list[Section]:
    """Return what *reader* may go through of the ticket's copies."""
    found: list[Section] = []
    for task in ticket.tasks:
        mine = reader.approves_in(task.system) and may_be_judged(ticket, task)
        if mine and not await is_own(unit, ticket, reader):
            found += await _of_task(unit, house, ticket, task, reader)
    return found


async def take(unit: Unit, house: House, ticket: Ticket, actor: Colleague, typed: CopyTyped) -> Ticket:
    """Keep what was sent about one record. Raises `Incomplete` for what is no choice."""
    try:
        way = Way(typed.way)
    except ValueError:
        raise Incomplete("refusal.nothing_chosen", {"field": "way"}) from None
    blanks = way is Way.BLANK
    judged = Judged(
        way,
        passages(typed.words) if blanks else (),
        typed.reason if way is Way.LEAVE_OUT else "",
        typed.seen,
        typed.file if blanks else None,
    )
    return await judge(unit, house, ticket, actor, (typed.task_id, typed.number), judged)


async def take_all(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, task_id: str, numbers: str, seen: str
) -> Ticket:
    """Let go out what a page has shown. Raises `StaleCard` for anything this reader was not shown."""
    if not numbers or seen != _proof(unit, ticket, actor, task_id, numbers):
        raise StaleCard("refusal.stale")
    shown = [int(number) for number in numbers.split(",")]
    return await let_out(unit, house, ticket, actor, task_id, shown)


async def file_of(
    unit: Unit, ticket: Ticket, reader: Colleague, task_id: str, number: int, place: int
) -> tuple[str, bytes]:
    """Return a file of a record that is to be judged, by its place there, and write down that it was read.

    Raises `NotFound` for whoever may not see it, too.
    """
    task = ticket.task(task_id)
    if not (reader.approves_in(task.system) and may_be_judged(ticket, task)) or await is_own(unit, ticket, reader):
        raise NotFound("refusal.not_found")
    _, record = await record_at(unit, ticket.id, task.id, number)
    if not 0 <= place < len(record["files"]):
        raise NotFound("refusal.not_found")
    await unit.ledger.write(ticket.id, LedgerEvent.LOOKED, reader.id, {"files": 1})
    name = record["files"][place]
    return name, await file_at(unit, ticket.id, task.id, number, name)


async def _of_task(unit: Unit, house: House, ticket: Ticket, task: Task, reader: Colleague) -> list[Section]:
    scene = house.scene(reader.language)
    judging = judging_of(ticket, task.id)
    shown: list[CopyRecord] = []
    undecided: list[int] = []
    async for number, one, kept in _by_need(unit, ticket.id, task, judging):
        shown.append(await _record(unit, house, ticket, task, reader, (number, one, kept)))
        undecided += [] if kept else [number]
        if len(shown) >= AT_ONCE or sum(map(_length, shown)) > LETTERS:
            break
    parts = [
        scene.count(judging.undecided, "count.to_judge") if judging.undecided else "",
        scene.count(judging.proposed, "count.to_second") if judging.proposed else "",
    ]
    facts = {"system": scene.system(task.system), "count": ", ".join(filter(None, parts)) or "–"}
    more = scene.say("review.copy_more", {"shown": len(undecided)}) if judging.undecided > len(undecided) else ""
    numbers = ",".join(map(str, undecided))
    button = scene.say("review.copy_all", {"n": len(undecided)}) if undecided else ""
    hint = f"{scene.say('review.copy_hint')} {more}".strip()
    seen = _proof(unit, ticket, reader, task.id, numbers)
    return [CopyList(task.id, scene.say("review.copy", facts), hint, numbers, seen, button), *shown]


async def _by_need(
    unit: Unit, ticket_id: str, task: Task, judging: Judging
) -> AsyncIterator[tuple[int, Taken, Kept | None]]:
    """Yield the undecided, then what waits for a second word, then the decided, a portion in memory at a time."""
    names = await unit.vault.names(ticket_id, Shelf.FINDINGS, f"export/{task.id}/")
    wanted = {0: judging.undecided, 1: judging.proposed, 2: 1}
    for need in [need for need, number in wanted.items() if number]:
        for name in names:
            records = json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, name))["records"]
            if not any(one.get(OTHERS) for one in records):
                continue
            decided = await decisions_on(unit, ticket_id, name)
            first = int(name.rpartition("/")[2])
            for number, one in enumerate(records, first):
                if one.get(OTHERS) and _need(decided.get(number)) == need:
                    yield number, one, decided.get(number)


def _need(kept: Kept | None) -> int:
    if kept is None:
        return 0
    return 2 if kept.decision.settled else 1


async def _record(
    unit: Unit, house: House, ticket: Ticket, task: Task, reader: Colleague, held: tuple[int, Taken, Kept | None]
) -> CopyRecord:
    number, one, kept = held
    scene = house.scene(reader.language)
    texts, files = [], []
    for place, (name, text) in enumerate((await texts_in(unit, ticket.id, (task.id, number), one)).items()):
        if text is None:
            files.append((place, name))
        else:
            texts.append((name, text))
    facts = {"system": scene.system(task.system), "n": number + 1, "kind": scene.counted(task.system, {one["kind"]: 1})}
    return CopyRecord(
        task.id,
        number,
        kept.version if kept else 0,
        scene.say("review.copy_record", facts),
        tuple(rows_of(one["fields"])),
        tuple(texts),
        tuple(files),
        _said(house, reader, kept),
        kept.decision.way if kept else "",
        "\n".join(kept.words) if kept else "",
        kept.decision.reason if kept else "",
        tuple((way, scene.say(f"copy_way.{way}")) for way in Way),
        tuple((reason, scene.say(f"copy_reason.{reason}")) for reason in REASONS),
    )


def _said(house: House, reader: Colleague, kept: Kept | None) -> str:
    if kept is None:
        return ""
    scene = house.scene(reader.language)
    who = house.texts.together(reader.language, [scene.name(one) for one in dict.fromkeys(kept.decision.yes)])
    if not kept.decision.settled:
        return scene.say("review.copy_by_one", {"who": who})
    way = scene.say(f"copy_way.{kept.decision.way}")
    return scene.say("review.copy_by", {"who": who, "way": way})


def _length(record: CopyRecord) -> int:
    return sum(len(text) for pair in (*record.rows, *record.texts) for text in pair)


def _proof(unit: Unit, ticket: Ticket, reader: Colleague, task_id: str, numbers: str) -> str:
    return unit.index.digest(SHOWN, f"{ticket.id}:{task_id}:{reader.id}:{numbers}")
