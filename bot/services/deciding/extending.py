"""Extending a deadline: an officer's decision, a letter that tells the person, and nothing until it has left (F47).

The reasons in prose are for the person and lie in the vault as `case/extension`; the ledger holds the law's keys.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Final

from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours
from bot.domain.extension import REASONS, extendable
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.people import Colleague
from bot.domain.protection import impostor
from bot.domain.system import Operation
from bot.domain.ticket import BY_REASON, Part, Stage, Ticket
from bot.letters import ExtensionMatter, compose
from bot.letters.matter import Matter
from bot.ports import Shelf, Unit
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House
from bot.services.showing.posting import refresh

KEPT: Final = "extension"


@dataclass(frozen=True, slots=True)
class Extension:
    """What an officer decided. `read_first`: the letter waits as a draft until a colleague has read and sent it."""

    reasons: tuple[str, ...]
    words: str = field(repr=False)
    read_first: bool = False


async def extend(unit: Unit, house: House, ticket: Ticket, actor: Colleague, wanted: Extension) -> Ticket:
    """Have the person told that the answer takes longer; the deadlines move once the letter has left in time."""
    if not actor.is_officer:
        raise NotYours("refusal.not_yours_officer")
    parts = may_extend(house, ticket)
    if not wanted.reasons or not set(wanted.reasons) <= set(REASONS):
        raise Incomplete("refusal.field_missing", {"field": "reasons"})
    if not wanted.words.strip():
        raise Incomplete("refusal.field_missing", {"field": "why"})
    await unit.vault.put(ticket.id, Shelf.CASE, KEPT, json.dumps(asdict(wanted)).encode())
    reasons = ",".join(reason for reason in REASONS if reason in wanted.reasons)
    facts: dict[str, str | int] = {"reasons": reasons, "until": _until(house, ticket, parts).isoformat()}
    await unit.ledger.write(ticket.id, LedgerEvent.EXTENDED, actor.id, facts | {"parts": len(parts)})
    after = requested(house, ticket, LetterKind.EXTENDED, parts)
    if not wanted.read_first:  # to send it unread was the officer's own word: the letter is theirs, not the desk's
        after = after.with_letter(replace(after.letters[-1], approved_by=actor.id))
    return await carry_on(unit, house, ticket, after, actor.id)


def may_extend(house: House, ticket: Ticket) -> tuple[Part, ...]:
    """Return the parts that can be extended; `NotAllowedNow` says why none can."""
    if ticket.stage is Stage.CLOSED:
        raise NotAllowedNow("refusal.extend_closed")
    if parts := () if impostor(ticket) else extendable(ticket, house.today(), house.calendar):
        return parts
    if any(letter.kind is LetterKind.EXTENDED for letter in ticket.letters):
        raise NotAllowedNow("refusal.extend_once")
    if house.today() > house.nearest(ticket).last_day:
        raise NotAllowedNow("refusal.extend_late")
    raise NotAllowedNow("refusal.extend_nothing")


async def matter_for(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> tuple[ExtensionMatter | None, str]:
    """Return what letter T4 says, and the officer's own words for it; nothing for any other letter."""
    if letter.kind is not LetterKind.EXTENDED:
        return None, ""
    kept = await decided(unit, ticket)
    parts = [ticket.part(part_id) for part_id in letter.part_ids]
    reasons = kept.reasons if kept is not None else ()
    return _matter(house, ticket, parts, reasons), kept.words if kept is not None else ""


async def to_be_read(unit: Unit, ticket: Ticket) -> bool:
    """Whether the officer wanted to read the letter before it leaves."""
    kept = await decided(unit, ticket)
    return kept is not None and kept.read_first


async def decided(unit: Unit, ticket: Ticket) -> Extension | None:
    """Return what an officer decided about the ticket's extension; None when nobody has."""
    try:
        kept = json.loads(await unit.vault.get(ticket.id, Shelf.CASE, KEPT))
    except NotFound:
        return None
    return Extension(**kept | {"reasons": tuple(kept["reasons"])})


def preview(house: House, ticket: Ticket, parts: Sequence[Part], stands_for: str) -> str:
    """Return the letter as it will be, without anything about the person; *stands_for* is put where reasons come."""
    first = min(parts, key=lambda part: part.received)
    dates = house.dates(ticket, first)
    matter = Matter(
        stationery=house.stationery,
        ref=ticket.ref,
        received=dates.received_local_date,
        last_day=dates.last_day,
        asked=tuple(part.type for part in parts),
        words=stands_for,
        extension=_matter(house, ticket, parts, ()),
    )
    return compose(LetterKind.EXTENDED, ticket.language, matter).text


async def came_too_late(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> bool:
    """Whether a notice about to leave would come after the first month, or after the answer: then it stays."""
    if letter.kind is not LetterKind.EXTENDED:
        return False
    owed = any(ticket.part(part_id).open for part_id in letter.part_ids)
    if owed and not notice_is_late(house, ticket, letter):
        return False
    stays = replace(letter, state=LetterState.UNDELIVERED)
    await unit.tickets.save(ticket, ticket.with_letter(stays))
    await unit.ledger.write(ticket.id, LedgerEvent.EXTENSION_LATE, DESK)
    await refresh(unit, ticket.id)
    return True


def notice_is_late(house: House, ticket: Ticket, letter: Letter) -> bool:
    """Whether it is past the last day on which the person can be told, for every part the letter is about."""
    days = [house.dates(ticket, ticket.part(part_id)).extension_notice_last_day for part_id in letter.part_ids]
    return letter.kind is LetterKind.EXTENDED and house.today() > max(days)


def _matter(house: House, ticket: Ticket, parts: Sequence[Part], reasons: tuple[str, ...]) -> ExtensionMatter:
    searched = [task.settled for task in ticket.tasks if task.operation is Operation.FIND]
    answered = [part.type for part in ticket.parts if not part.open and part.outcome not in BY_REASON]
    so_far = ("read", *(("searched",) if searched and all(searched) else ()))
    return ExtensionMatter(_until(house, ticket, parts), reasons, so_far, tuple(answered))


def _until(house: House, ticket: Ticket, parts: Sequence[Part]) -> date:
    """Return the day promised for all: the earliest, so that no part is promised more time than it has."""
    return min(house.dates(ticket, part).extended_last_day for part in parts)
