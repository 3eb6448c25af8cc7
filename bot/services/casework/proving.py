"""Whether a part that came later may rest on the proof its ticket has (R12), or more is asked.

The mail it came by is looked at like a first one: an address anybody could write in its
From line proves nothing, and what asks for more than was shown asks again. The others go
on with what was shown.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.cards.particulars import Asked
from bot.domain.identity import TIER_OF_LINK, Doubt, IdentityState, asked_for_more, doubts_about, tier_of
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.optout import is_opt_out
from bot.domain.request import SenderEvidence
from bot.domain.system import Record
from bot.domain.task import Task
from bot.domain.ticket import Part, Stage, Ticket
from bot.ports import Unit
from bot.services import casefile
from bot.services.casefile import Person
from bot.services.thread import thread_of

#: From the least to the most reason for doubt.
DOUBTFUL: Final = (SenderEvidence.PASSED, SenderEvidence.FORWARDED, SenderEvidence.MISSING, SenderEvidence.FAILED)


async def as_doubtful(unit: Unit, ticket: Ticket, person: Person) -> Person:
    """Return the person with the weakest evidence of all mails by which open parts came: one forged one is enough."""
    asked = (await thread_of(unit, ticket.id)).asked
    for part in ticket.parts:
        if part.open and part.stage is not Stage.RECEIVED and not is_opt_out(part) and part.id in asked:
            later = asked[part.id]
            weakest = max(person.sender, _sender(later), key=DOUBTFUL.index)
            differs = person.reply_to_differs or later.reply_to_differs
            person = replace(person, sender=weakest, reply_to_differs=differs)
    return person


async def more_to_prove(unit: Unit, ticket: Ticket, part: Part, searches: Sequence[Task]) -> Ticket | None:
    """Return the ticket asking for more than was shown; None when that is enough for *part*."""
    later = (await thread_of(unit, ticket.id)).asked.get(part.id)
    identity = ticket.identity
    if later is None or not (identity.permits_content or identity.state is IdentityState.ASKED):
        return None
    records: list[Record] = []
    for search in searches:
        records += await casefile.records_of(unit, ticket.id, search.system)
    tier = max(TIER_OF_LINK, tier_of([part.type], ticket.roles, records, ticket.flags))
    doubts = _doubts(ticket, later, tier)
    if not doubts or (identity.state is IdentityState.ASKED and tier <= identity.tier):
        return None
    asking = asked_for_more(identity, tier, doubts)
    facts: dict[str, str | int] = {"tier": asking.tier, "doubts": ",".join(doubts), "state": asking.state}
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_SETTLED, DESK, facts)
    return replace(ticket, identity=asking)


def _doubts(ticket: Ticket, later: Asked, tier: int) -> tuple[Doubt, ...]:
    return doubts_about(
        tier=tier if tier > ticket.identity.tier else TIER_OF_LINK,
        sender=later.sender,
        on_file=later.known,
        reply_to_differs=later.reply_to_differs,
        on_behalf=False,
        flagged=False,
    )


def _sender(later: Asked) -> SenderEvidence:
    return later.sender if later.known else max(later.sender, SenderEvidence.MISSING, key=DOUBTFUL.index)
