"""The register of restrictions in force: sealed, and found by blind index long after the ticket is closed (R39).

desk "restrictions"/entry/<part>            ground, since when, until what, when to look again
desk "restrictions"/records/<part>/<system> which records, to lift it there again
desk "restrictions"/by/<digest>/<part>      that there is one, by an address of the person's
case/restriction/<part>                     what a colleague chose before anything was carried out
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.domain.deadline import SWEDEN, local_date
from bot.domain.errors import NotFound, Shredded
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.restriction import REVIEW_DAYS, Ends, Ground, Restriction, Terms, ended, restricted_in
from bot.domain.system import Record
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.ports import Job, JobKind, Shelf, Unit
from bot.services import casefile
from bot.services.house import MORNING, House

OWNER: Final = "restrictions"


async def keep_terms(unit: Unit, ticket_id: str, part_id: str, terms: Terms) -> None:
    """Seal what was chosen for a restriction."""
    await unit.vault.put(ticket_id, Shelf.CASE, f"restriction/{part_id}", json.dumps(asdict(terms)).encode())


async def terms_of(unit: Unit, ticket_id: str, part_id: str) -> Terms | None:
    """Open what was chosen for a restriction; None when nobody has chosen."""
    try:
        kept = json.loads(await unit.vault.get(ticket_id, Shelf.CASE, f"restriction/{part_id}"))
    except (NotFound, Shredded):
        return None
    return _terms(kept)


async def follow(unit: Unit, house: House, before: Ticket, saved: Ticket) -> None:
    """Enter a restriction in the register as it is carried out, and strike it when it is lifted."""
    for part in saved.parts:
        done, old = len(restricted_in(saved, part)), _count(before, part)
        if done > old:
            await _enter(unit, house, saved, part, first=old == 0)
        if ended(saved, part) and not ended(before, part):
            await _strike(unit, saved, part)


def _count(before: Ticket, part: Part) -> int:
    return len(restricted_in(before, part)) if any(one.id == part.id for one in before.parts) else 0


async def _enter(unit: Unit, house: House, ticket: Ticket, part: Part, *, first: bool) -> None:
    if not first:
        return
    terms = await terms_of(unit, ticket.id, part.id) or Terms(Ground.CLAIMS, Ends.PERSON_SAYS)
    review_on = house.today() + timedelta(days=terms.review_days)
    await keep(unit, Restriction(part.id, ticket.id, terms, house.now(), review_on))
    person = await casefile.person_of(unit, ticket.id)
    for address in person.addresses:
        await unit.vault.put(OWNER, Shelf.DESK, f"by/{_digest(unit, address)}/{part.id}", b"")
    await look_again(unit, part.id, review_on)
    facts: dict[str, str | int] = {"ground": terms.ground, "until": review_on.isoformat()}
    await unit.ledger.write(ticket.id, LedgerEvent.RESTRICTED, DESK, facts)


async def _strike(unit: Unit, ticket: Ticket, part: Part) -> None:
    for name in await unit.vault.names(OWNER, Shelf.DESK, "by/"):
        if name.endswith(f"/{part.id}"):
            await unit.vault.drop(OWNER, Shelf.DESK, name)
    for name in await unit.vault.names(OWNER, Shelf.DESK, f"records/{part.id}/"):
        await unit.vault.drop(OWNER, Shelf.DESK, name)
    await unit.vault.drop(OWNER, Shelf.DESK, f"entry/{part.id}")
    await unit.jobs.cancel(f"restriction:{part.id}")
    await unit.ledger.write(ticket.id, LedgerEvent.RESTRICTION_LIFTED, DESK)


async def keep_records(unit: Unit, task: Task, records: Sequence[Record]) -> None:
    """Seal which records were restricted in a system: what was found for the ticket is forgotten before that."""
    content = json.dumps([asdict(record) for record in records]).encode()
    await unit.vault.put(OWNER, Shelf.DESK, f"records/{task.part_id}/{task.system}", content)


async def records_of(unit: Unit, task: Task) -> list[Record]:
    """Open which records are restricted in a system."""
    try:
        kept = json.loads(await unit.vault.get(OWNER, Shelf.DESK, f"records/{task.part_id}/{task.system}"))
    except (NotFound, Shredded):
        return []
    return [Record(one["system"], one["kind"], one["id"]) for one in kept]


async def look_again(unit: Unit, part_id: str, on: date) -> None:
    """Have the officers reminded on a day that the restriction is to be looked at."""
    at = datetime.combine(on, MORNING, SWEDEN)
    await unit.jobs.put(Job(JobKind.REVIEW_RESTRICTION, f"restriction:{part_id}", (part_id,), at))


async def keep(unit: Unit, restriction: Restriction) -> None:
    """Seal an entry of the register."""
    content = json.dumps(asdict(restriction), default=str).encode()
    await unit.vault.put(OWNER, Shelf.DESK, f"entry/{restriction.part_id}", content)


async def entry(unit: Unit, part_id: str) -> Restriction | None:
    """Open an entry of the register; None when there is none."""
    try:
        kept: dict[str, Any] = json.loads(await unit.vault.get(OWNER, Shelf.DESK, f"entry/{part_id}"))
    except (NotFound, Shredded):
        return None
    lift_from = date.fromisoformat(kept["lift_from"]) if kept["lift_from"] else None
    return Restriction(
        **kept
        | {
            "terms": _terms(kept["terms"]),
            "since": datetime.fromisoformat(kept["since"]),
            "review_on": date.fromisoformat(kept["review_on"]),
            "lifting": Ends(kept["lifting"]) if kept["lifting"] else None,
            "lift_from": lift_from,
        }
    )


async def holds(unit: Unit, addresses: Sequence[str], but_for: str = "") -> bool:
    """Whether what is held about somebody is restricted, by another ticket than *but_for*: nothing erases it then."""
    for address in addresses:
        if any(one.ticket_id != but_for for one in await in_force_for(unit, address)):
            return True
    return False


async def in_force_for(unit: Unit, address: str) -> tuple[Restriction, ...]:
    """Return what is restricted about whoever has that address, the longest in force first."""
    names = await unit.vault.names(OWNER, Shelf.DESK, f"by/{_digest(unit, address)}/")
    found = [await entry(unit, name.rpartition("/")[2]) for name in names]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.since))


async def postponed(unit: Unit, restriction: Restriction, today: date) -> None:
    """Put the next look a review's length ahead."""
    later = today + timedelta(days=max(1, restriction.terms.review_days or REVIEW_DAYS))
    await keep(unit, replace(restriction, review_on=later))
    await look_again(unit, restriction.part_id, later)


def since(restriction: Restriction) -> date:
    """Return the Swedish day on which it began."""
    return local_date(restriction.since)


def _terms(kept: dict[str, Any]) -> Terms:
    return Terms(**kept | {"ground": Ground(kept["ground"]), "ends": Ends(kept["ends"])})


def _digest(unit: Unit, address: str) -> str:
    return unit.index.digest("restricted", address)
