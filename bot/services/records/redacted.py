"""What was decided on the records of a copy, as it is kept, and what of the copy goes out (Art. 15(4), R33).

It lies among the findings beside the portion it is about, bound to that very portion:
portions are never written anew, so a task that is tried again keeps every decision. What
is blanked out was made when somebody decided and looked through then; the package is
built from it and masks nothing itself. What nobody has judged never goes out.

    findings/copy/<task>/<first>             decisions on the records of a portion, blanked fields with them
    findings/copied/<task>/<n>/<name>        a record's files as they go out once something in it is blanked out
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.domain.errors import NotAllowedNow, NotFound
from bot.domain.redaction import Decision, Way, judgings
from bot.domain.ticket import Part, Ticket
from bot.ports import Shelf, Unit

#: Set on a record of a portion that somebody looks at before it leaves.
OTHERS: Final = "others"

Taken = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision as it is kept: its version, the words blanked out, and the fields and files that go out instead."""

    decision: Decision
    version: int
    words: tuple[str, ...] = field(default=(), repr=False)
    fields: Mapping[str, Any] | None = field(default=None, repr=False)
    files: tuple[str, ...] = field(default=(), repr=False)


def first_of(names: Sequence[str], number: int) -> str:
    """Return the portion (of sorted *names*) that holds a record. Raises `NotFound`."""
    held = [name for name in names if int(name.rpartition("/")[2]) <= number]
    if not held:
        raise NotFound("refusal.not_found")
    return held[-1]


async def decisions_on(unit: Unit, ticket_id: str, portion: str) -> dict[int, Kept]:
    """Open what was decided on the records of a portion ("export/<task>/<first>"), by their number."""
    try:
        kept = json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, _beside(portion)))
    except NotFound:
        return {}
    return {int(number): _opened(one) for number, one in kept.items()}


async def outgoing(unit: Unit, ticket_id: str, portion: str, records: Sequence[Taken]) -> list[Taken | None]:
    """Return a portion as it goes out: None for what is left out. Raises `NotAllowedNow` for what nobody has judged."""
    if not any(one.get(OTHERS) for one in records):
        return list(records)
    first = int(portion.rpartition("/")[2])
    decided = await decisions_on(unit, ticket_id, portion)
    return [_outgoing(one, decided.get(first + n)) for n, one in enumerate(records)]


def _outgoing(one: Taken, kept: Kept | None) -> Taken | None:
    if not one.get(OTHERS):
        return one
    if kept is None or not kept.decision.settled:
        raise NotAllowedNow("refusal.copy_unjudged")
    match kept.decision.way:
        case Way.AS_IT_IS:
            return one
        case Way.LEAVE_OUT:
            return None
        case Way.BLANK:
            return {**one, "fields": kept.fields or {}, "files": list(kept.files), "blanked": kept.decision.blanked}


async def left_out_of(unit: Unit, ticket: Ticket, parts: Iterable[Part]) -> dict[str, int]:
    """Return how many records were left out of a copy, by reason."""
    counts: Counter[str] = Counter()
    for task_id in [one.task_id for part in parts for one in judgings(ticket, part) if one.left_out]:
        for name in await unit.vault.names(ticket.id, Shelf.FINDINGS, f"copy/{task_id}/"):
            kept = (await decisions_on(unit, ticket.id, name.replace("copy/", "export/", 1))).values()
            counts.update(one.decision.reason for one in kept if one.decision.way is Way.LEAVE_OUT)
    return dict(counts)


def blanked_in(ticket: Ticket, parts: Iterable[Part]) -> int:
    """Return how many details about others are not in the copy: left out by a system, blanked out by colleagues."""
    return sum(one.blanked for part in parts for one in judgings(ticket, part))


async def keep_decisions(unit: Unit, ticket_id: str, portion: str, decided: Mapping[int, Kept]) -> None:
    """Seal what was decided on the records of a portion."""
    plain = {
        number: {
            "way": one.decision.way,
            "reason": one.decision.reason,
            "yes": one.decision.yes,
            "officer": one.decision.officer,
            "blanked": one.decision.blanked,
            "since": one.decision.since.isoformat() if one.decision.since else "",
            "version": one.version,
            "words": one.words,
            "fields": one.fields,
            "files": one.files,
        }
        for number, one in decided.items()
    }
    sealed = json.dumps(plain, ensure_ascii=False).encode()
    await unit.vault.put(ticket_id, Shelf.FINDINGS, _beside(portion), sealed)


async def record_at(unit: Unit, ticket_id: str, task_id: str, number: int) -> tuple[str, Taken]:
    """Return the portion of a record that is to be judged, and the record. Raises `NotFound`."""
    names = await unit.vault.names(ticket_id, Shelf.FINDINGS, f"export/{task_id}/")
    portion = first_of(names, number)
    records = json.loads(await unit.vault.get(ticket_id, Shelf.FINDINGS, portion))["records"]
    at = number - int(portion.rpartition("/")[2])
    if at >= len(records) or not records[at].get(OTHERS):
        raise NotFound("refusal.not_found")
    return portion, records[at]


async def file_at(unit: Unit, ticket_id: str, task_id: str, number: int, name: str) -> bytes:
    """Open a file of a record as it was taken out."""
    return await unit.vault.get(ticket_id, Shelf.FINDINGS, f"file/{task_id}/{number:05}/{name}")


def _opened(one: Mapping[str, Any]) -> Kept:
    since = one.get("since")  # not kept with what was decided before there was a single-person mode
    at = datetime.fromisoformat(since) if since else None
    decision = Decision(Way(one["way"]), one["reason"], tuple(one["yes"]), one["officer"], one["blanked"], at)
    return Kept(decision, one["version"], tuple(one["words"]), one["fields"], tuple(one["files"]))


def _beside(portion: str) -> str:
    return portion.replace("export/", "copy/", 1)
