"""An answer sent to the wrong person is a breach: stop what can be stopped, start the clock, keep what is known (R64).

The links in our letters are closed in the same transaction, the sessions they opened included, and no letter of the
ticket leaves by itself any more: it would take a new link to the same address. What was in the letter
lies in the vault beside the clock; the ledger says which letter and how it was found out, never what it held.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.domain import incident as law
from bot.domain.errors import Incomplete, NotFound, Shredded
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import LetterState
from bot.domain.people import Colleague
from bot.domain.ticket import Ticket
from bot.ports import Shelf, Unit
from bot.services.casefile import incident_of
from bot.services.casework import incident
from bot.services.house import House
from bot.services.showing.posting import refresh

KEPT: Final = "note/wrong-person"
#: Why somebody looks at a letter that the mail server was asked to take when the word came.
ASKED_ALREADY: Final = "trouble.mail_unknown"


@dataclass(frozen=True, slots=True)
class WrongPerson:
    """What a colleague knows: the letter's id ("" when it was none of ours), how it was found, what it held."""

    letter_id: str
    found: str
    categories: tuple[str, ...] = field(repr=False)
    words: str = field(repr=False)


async def report(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, told: WrongPerson, aware_at: datetime
) -> Ticket:
    """Write it down, close the links at once, and start the 72 hours; one that runs already goes on."""
    if aware_at > house.now():
        raise Incomplete("refusal.field_bad", {"field": "aware_at"})
    for about in (ticket.id, *(part.id for part in ticket.parts)):
        await unit.links.drop(about)
    name = f"{KEPT}-{len(await reports(unit, ticket)) + 1:03}"
    await unit.vault.put(ticket.id, Shelf.CASE, name, json.dumps(asdict(told)).encode())
    letter = ticket.letter(told.letter_id).kind if told.letter_id else ""
    facts: dict[str, str | int] = {"found": told.found, **({"letter": letter} if letter else {})}
    await unit.ledger.write(ticket.id, LedgerEvent.WRONG_PERSON, actor.id, facts)
    held = await _held_back(unit, ticket)
    if law.runs(held):
        await refresh(unit, ticket.id)
        return held
    return await incident.suspect(unit, house, held, actor, aware_at, told.words)


async def _held_back(unit: Unit, ticket: Ticket) -> Ticket:
    """Keep what was about to leave until somebody has read it once more: it would go to that address too.

    What the desk writes from now on waits likewise (`reply`). What the mail server was asked to take is not tried
    again, and somebody looks whether it left; where the server is just taking it, its answer says so (`reply`).
    """
    held = ticket
    for letter in ticket.letters:
        if letter.state is LetterState.APPROVED:
            held = held.with_letter(replace(letter, state=LetterState.DRAFT, approved_by=""))
        elif letter.state is LetterState.SENDING:
            held = held.with_letter(replace(letter, state=LetterState.DOUBTFUL))
            facts: dict[str, str | int] = {"letter": letter.kind, "trouble": ASKED_ALREADY}
            await unit.ledger.write(ticket.id, LedgerEvent.LETTER_DOUBTFUL, DESK, facts)
    return ticket if held is ticket else await unit.tickets.save(ticket, held)


async def strayed(unit: Unit, ticket: Ticket) -> bool:
    """Whether something of the ticket went to the wrong person, as far as we know: then no letter leaves by itself.

    Not where an officer settled every clock of it as no breach: the address is right after all.
    """
    if not await reports(unit, ticket):
        return False
    names = await unit.vault.names(ticket.id, Shelf.CASE, incident.NAME)
    clocks = [await incident_of(unit, ticket.id, name) for name in names]
    return not clocks or any(clock is None or clock.reason != law.NO_BREACH for clock in clocks)


async def reports(unit: Unit, ticket: Ticket) -> list[WrongPerson]:
    """Return what colleagues told, oldest first; nothing once it is forgotten."""
    try:
        names = sorted(await unit.vault.names(ticket.id, Shelf.CASE, KEPT))
        kept = [json.loads(await unit.vault.get(ticket.id, Shelf.CASE, name)) for name in names]
    except (NotFound, Shredded):
        return []
    return [WrongPerson(**one | {"categories": tuple(one["categories"])}) for one in kept]
