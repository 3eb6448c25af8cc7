"""What the letter says of records that concern others too: each kind, and what really became of it (D20)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.hold import BY_HOLD
from bot.domain.shared import Way
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Ticket
from bot.letters import SystemResult, Told
from bot.letters.results import counted
from bot.ports import Unit
from bot.services import casefile
from bot.services.casework import holding
from bot.services.house import House
from bot.services.records import shared


async def beside(
    unit: Unit, house: House, ticket: Ticket, tasks: Sequence[Task], results: tuple[SystemResult, ...]
) -> tuple[SystemResult, ...]:
    """Return the results of a letter with what became of shared records: sentences, and a line for each ground."""
    found: list[SystemResult] = []
    erased = {one.system: one for one in tasks if one.operation is Operation.ERASE and one.state is TaskState.DONE}
    held = await _held(unit, house, ticket, tasks)
    for result in results:
        if result.system in held and result.told is Told.DECLINED:
            result = replace(result, beside=(held[result.system],))  # noqa: PLW2901 - the same line, said in full
        task = erased.get(result.system)
        if task is None or result.operation is not Operation.ERASE:
            found.append(result)
            continue
        came = await shared.came_of(unit, ticket.id, result.system)
        sentences, kept = [], dict[str, Counter[str]]()
        for ruling, counts in came.items():
            if ruling.way is Way.KEEP:
                kept[ruling.ground] = counts
            elif ruling.way is not Way.ERASE:
                what = _capital(_what(house, ticket, result.system, counts))
                sentences.append(house.texts.say(ticket.language, f"letter_shared.{ruling.way}", {"what": what}))
        if any(task.done.values()) or not came:
            found.append(
                replace(
                    result, beside=(*result.beside, *sentences), what=result.what if any(task.done.values()) else ""
                )
            )
        elif sentences:  # nothing went: the system's own words would say that it did
            found.append(replace(result, sentence=" ".join(sentences), lasts="", what=""))
        found += [_kept(house, ticket, result, task, ground, counts) for ground, counts in kept.items()]
    return tuple(found)


async def _held(unit: Unit, house: House, ticket: Ticket, tasks: Sequence[Task]) -> dict[str, str]:
    """Return what else is said where a hold refused: nothing but that use, and when it is looked at again (Art. 18)."""
    refused = [one.system for one in tasks if one.reason == BY_HOLD and one.state is TaskState.DECLINED]
    if not refused:
        return {}
    hold = await holding.standing(unit, ticket, await casefile.person_of(unit, ticket.id))
    if hold is None:
        return {}
    day = house.texts.long_day(ticket.language, hold.review_on)
    return dict.fromkeys(refused, house.texts.say(ticket.language, "letter_held.restricted", {"day": day}))


def _kept(
    house: House, ticket: Ticket, result: SystemResult, task: Task, ground: str, counts: Counter[str]
) -> SystemResult:
    right = ticket.part(task.part_id).type
    return SystemResult(
        system=result.system,
        name=f"{result.name} ({_what(house, ticket, result.system, counts)})",
        operation=Operation.ERASE,
        told=Told.DECLINED,
        found=dict(counts),
        why=house.texts.say(ticket.language, f"ground_letter.{right}.{ground}"),
    )


def _what(house: House, ticket: Ticket, system: str, counts: Counter[str]) -> str:
    return counted(house.texts, ticket.language, house.words[system].words[ticket.language], counts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
