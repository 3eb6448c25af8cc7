"""Who may read which of a colleague's pages, and the note that they did (D9, D12, D15)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.errors import NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.ticket import Ticket
from bot.ports import Unit
from bot.services.deciding.approval import is_own, not_their_own
from bot.services.evidence import evidence
from bot.services.evidence.evidence import EVIDENCE
from bot.services.house import House
from bot.services.intake import threads
from bot.services.keeping import retention
from bot.services.pages import lists
from bot.services.pages.findings import REVIEW
from bot.services.showing import quiet

#: What an address that may be pasted names a ticket by; no link's token looks like it.
REFERENCE: Final = re.compile(r"PR-20\d\d-\d{4,6}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A colleague whose sign-in holds, at the latest until a moment."""

    colleague: Colleague
    until: datetime


async def may_read(unit: Unit, house: House, about: str, reader: Colleague) -> None:
    """Refuse whoever would not be handed a link to that page; raises `NotYours`."""
    if about.startswith(REVIEW):
        review = await unit.reviews.load(about.removeprefix(REVIEW))
        if not reader.works_in(review.system):
            who = _named(house, reader, house.people.approvers(review.system))
            raise NotYours("refusal.not_yours_owner", {"system": house.words[review.system].name, "who": who})
    elif about.startswith((EVIDENCE, *lists.LISTS)):
        if not reader.handles_tickets:
            raise _not_a_handler(house, reader)
        if about.startswith(EVIDENCE):
            await _may_read_ticket(unit, house, await unit.tickets.load(about.removeprefix(EVIDENCE)), reader)
    else:
        await _may_read_ticket(unit, house, await unit.tickets.load(about), reader)


async def _may_read_ticket(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> None:
    """Owners see what they decide on; a ticket of the officer's, and one's own, is not read."""
    if not (reader.handles_tickets or any(reader.approves_in(task.system) for task in ticket.tasks)):
        raise _not_a_handler(house, reader)
    if officer_only(ticket) and not reader.is_officer:
        raise NotYours("refusal.not_yours_officer", {"who": _named(house, reader, house.people.officers())})
    if await is_own(unit, ticket, reader):
        raise not_their_own(house, reader)


async def looked(unit: Unit, house: House, about: str, reader: Colleague) -> None:
    """Write down who looked at what; a list counts as gone through, and later mail as read."""
    if about.startswith(REVIEW):
        await retention.opened(unit, house, await unit.reviews.load(about.removeprefix(REVIEW)), reader)
        return
    if about.startswith(EVIDENCE):
        await evidence.opened(unit, about, reader)
        return
    waiting = await unit.items.waiting() if about.startswith(lists.ITEMS) else ()
    seen = {"seen": ",".join(sorted(quiet.short(waiting)))} if waiting else {}
    await unit.ledger.write(about, LedgerEvent.LOOKED, reader.id, seen)
    if not about.startswith(lists.LISTS):
        await threads.read_later_mail(unit, await unit.tickets.load(about), reader)


def _not_a_handler(house: House, reader: Colleague) -> NotYours:
    handlers = tuple(one for one in house.people.colleagues if one.handles_tickets)
    return NotYours("refusal.not_yours_handler", {"who": _named(house, reader, handlers)})


def _named(house: House, reader: Colleague, who: tuple[Colleague, ...]) -> str:
    return house.texts.together(reader.language, [one.name for one in who])
