"""Judging a copy record by record: as it is, with words blanked out, or left out for a reason (Art. 15(4), R34).

Whoever approves in a system judges what comes from it. Blanked content is made here, once,
and looked through for what should be gone before any of it is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.domain.errors import Incomplete, NotAllowedNow, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import READS
from bot.domain.redaction import (
    UNANSWERED,
    Decision,
    Judging,
    Way,
    absent,
    blanked,
    blanked_text,
    decide,
    judging_of,
    judgings,
    leaves,
    recounted,
    refuse_leaks,
    with_judging,
)
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Shelf, Unit
from bot.services.casework.progress import carry_on
from bot.services.deciding.approval import is_own
from bot.services.house import House
from bot.services.records.readable import as_text, may_be_text, text_of
from bot.services.records.redacted import Kept, Taken, decisions_on, file_at, first_of, keep_decisions, record_at
from bot.services.staff import alone

LARGEST_FILE: Final = 50 * 1024 * 1024  # bytes
LONGEST_NAME: Final = 150  # of what the name of a content in the vault may be, the rest is its folder


@dataclass(frozen=True, slots=True)
class Judged:
    """What a colleague says of a record. `seen` is the version shown to them; `file` takes the place of its files."""

    way: Way
    words: tuple[str, ...] = field(default=(), repr=False)
    reason: str = ""
    seen: int = 0
    file: tuple[str, bytes] | None = field(default=None, repr=False)


def may_be_judged(ticket: Ticket, task: Task) -> bool:
    """Whether the copy of a task can still be gone through: until its part is answered."""
    part = ticket.part(task.part_id)
    known = any(one.task_id == task.id for one in judgings(ticket, part))
    return known and part.type in READS and part.stage in UNANSWERED


async def judge(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, spot: tuple[str, int], judged: Judged
) -> Ticket:
    """Keep what a colleague says of one record, *spot* (task, number); refused, it changes nothing."""
    task, number = ticket.task(spot[0]), spot[1]
    _refuse_late(ticket, task)
    portion, record = await record_at(unit, ticket.id, task.id, number)
    decided = await decisions_on(unit, ticket.id, portion)
    before = decided.get(number)
    earlier = before.decision if before else None
    own = await is_own(unit, ticket, actor)
    wanted = Decision(judged.way, judged.reason)
    moment, single = house.now(), house.single_person
    after = decide(earlier, wanted, actor, task.system, own_request=own, at=moment, single=single)
    if judged.seen != (before.version if before else 0):
        raise StaleCard("refusal.stale")
    kept = Kept(after, judged.seen + 1)
    if after.way is Way.BLANK:
        kept = await _blank(unit, ticket.id, (task.id, number), record, judged, kept)
    decided[number] = kept
    await keep_decisions(unit, ticket.id, portion, decided)
    judging = recounted(judging_of(ticket, task.id), earlier, kept.decision)
    await _note(unit, ticket, task, actor, kept.decision, 1)
    if not after.settled:
        await alone.remind_after(unit, house, ticket.id, actor)
    return await _carried_on(unit, house, ticket, task, judging, actor)


async def let_out(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, task_id: str, numbers: Sequence[int]
) -> Ticket:
    """Let every one of the records go out as it is. Raises `StaleCard` when one was decided on meanwhile."""
    task = ticket.task(task_id)
    _refuse_late(ticket, task)
    names = await unit.vault.names(ticket.id, Shelf.FINDINGS, f"export/{task.id}/")
    own = await is_own(unit, ticket, actor)
    after = decide(None, Decision(Way.AS_IT_IS), actor, task.system, own_request=own)
    judging = judging_of(ticket, task.id)
    of_portion: dict[str, list[int]] = {}
    for number in numbers:
        of_portion.setdefault(first_of(names, number), []).append(number)
    for portion, some in of_portion.items():
        decided = await decisions_on(unit, ticket.id, portion)
        if not decided.keys().isdisjoint(some):
            raise StaleCard("refusal.stale")
        decided |= dict.fromkeys(some, Kept(after, 1))
        await keep_decisions(unit, ticket.id, portion, decided)
    for _ in numbers:
        judging = recounted(judging, None, after)
    await _note(unit, ticket, task, actor, after, len(numbers))
    return await _carried_on(unit, house, ticket, task, judging, actor)


async def _carried_on(
    unit: Unit, house: House, ticket: Ticket, task: Task, judging: Judging, actor: Colleague
) -> Ticket:
    if not judging.waits:
        facts: dict[str, str | int] = {"system": task.system, "blanked": judging.blanked, "left_out": judging.left_out}
        await unit.ledger.write(ticket.id, LedgerEvent.COPY_REVIEWED, actor.id, facts)
    return await carry_on(unit, house, ticket, with_judging(ticket, judging), actor.id)


async def texts_in(unit: Unit, ticket_id: str, spot: tuple[str, int], record: Taken) -> dict[str, str | None]:
    """Return the files of a record as text, None for what cannot be read so: that is not even opened."""
    return {
        name: text_of(name, await file_at(unit, ticket_id, *spot, name)) if may_be_text(name) else None
        for name in record["files"]
    }


async def _blank(unit: Unit, ticket_id: str, spot: tuple[str, int], record: Taken, judged: Judged, kept: Kept) -> Kept:
    """Make the record as it goes out, and refuse it when what should be gone is still in it."""
    if judged.file is not None and not 0 < len(judged.file[1]) <= LARGEST_FILE:
        raise Incomplete("refusal.file_too_big" if judged.file[1] else "refusal.field_missing", {"field": "file"})
    if not (judged.words or judged.file):
        raise Incomplete("refusal.copy_words_missing", {"field": "words"})
    texts = await texts_in(unit, ticket_id, spot, record)
    if judged.file is None and None in texts.values():
        raise NotAllowedNow("refusal.copy_file")
    read = [text for text in texts.values() if text is not None]
    if line := absent([*leaves(record["fields"]), *record["files"], *read], judged.words):
        raise Incomplete("refusal.copy_words_absent", {"field": "words", "line": str(line)})
    fields, count = blanked(record["fields"], judged.words)
    shown: dict[str, str | bytes] = {}
    for name, text in texts.items():
        if text is not None and judged.file is None:
            shown[_free(blanked_text(as_text(name), judged.words)[0], shown)], found = blanked_text(text, judged.words)
            count += found
    if judged.file is not None:
        shown[_plain_name(judged.file[0])] = judged.file[1]
    refuse_leaks([fields, [*shown], [text for text in shown.values() if isinstance(text, str)]], judged.words)
    await _keep_files(unit, ticket_id, spot, shown)
    decision = replace(kept.decision, blanked=max(count, 1))
    return Kept(decision, kept.version, judged.words, _mapping(fields), tuple(shown))


async def _keep_files(unit: Unit, ticket_id: str, spot: tuple[str, int], files: Mapping[str, str | bytes]) -> None:
    folder = f"copied/{spot[0]}/{spot[1]:05}/"
    for name in await unit.vault.names(ticket_id, Shelf.FINDINGS, folder):
        await unit.vault.drop(ticket_id, Shelf.FINDINGS, name)
    for name, body in files.items():
        sealed = body.encode() if isinstance(body, str) else body
        await unit.vault.put(ticket_id, Shelf.FINDINGS, f"{folder}{name}", sealed)


def _refuse_late(ticket: Ticket, task: Task) -> None:
    if not may_be_judged(ticket, task):
        raise NotAllowedNow("refusal.copy_late")


async def _note(unit: Unit, ticket: Ticket, task: Task, actor: Colleague, decision: Decision, records: int) -> None:
    facts: dict[str, str | int] = {"system": task.system, "records": records, "fate": decision.way}
    facts |= {"blanked": decision.blanked} if decision.blanked else {}
    facts |= {"why": decision.reason, "yes": len(decision.yes)} if decision.reason else {}
    facts |= alone.by_one(decision.yes)
    await unit.ledger.write(ticket.id, LedgerEvent.COPY_JUDGED, actor.id, facts)


def _free(name: str, taken: Mapping[str, object]) -> str:
    """Return a name no other file of the record has: two may be called the same once blanked out."""
    name = name[-LONGEST_NAME:]
    return name if name not in taken else _free(f"_{name}"[:LONGEST_NAME], taken)


def _plain_name(name: str) -> str:
    return name.replace("/", "_").replace("\\", "_").strip()[-LONGEST_NAME:] or "fil"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
