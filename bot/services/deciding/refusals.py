"""Every refusal is private and written down: by whom, of what, why; never what was typed (D9).

One place for chats and pages. What the rules of the domain refuse says why, not whom to ask
instead: the rules know no colleagues. That name is put in here.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, PrivacyDeskError, StaleCard
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.services.deciding.approval import not_their_own
from bot.services.house import House
from bot.services.showing.posting import refresh

log = logging.getLogger(__name__)

OWN: Final = "refusal.own_request"
HANDLER: Final = "refusal.not_yours_handler"
#: Of what a form lacks or has wrong, that which is more than a slip: the step-up, and answers that no form offers.
MORE_THAN_A_SLIP: Final = frozenset({"refusal.reference_mismatch", "refusal.not_offered"})


@asynccontextmanager
async def refusals_kept(house: House, actor: Colleague, verb: str, target: str = "") -> AsyncIterator[None]:
    """Write down whatever is refused to somebody, in a unit of its own, and let it go on with whom to ask."""
    try:
        yield
    except (NotYours, StaleCard, NotAllowedNow, Incomplete) as refusal:
        if isinstance(refusal, Incomplete) and refusal.key not in MORE_THAN_A_SLIP:
            raise
        await write_refusal(house, actor, verb, target, refusal)
        raise named(house, actor, refusal) from None


async def write_refusal(house: House, actor: Colleague, verb: str, target: str, refusal: PrivacyDeskError) -> None:
    """Write a refusal down by its key, with the ticket *target* names if any, and have a stale card drawn afresh."""
    log.info("refused %s %s", verb, refusal.key)
    async with house.work() as unit:
        try:
            chain = (await unit.tickets.load(target)).id if target else DESK
        except NotFound:
            chain = DESK
        facts: dict[str, str | int] = {"verb": verb, "why": refusal.key}
        await unit.ledger.write(chain, LedgerEvent.REFUSED, actor.id, facts)
        if chain != DESK:
            await refresh(unit, chain)


def named(house: House, actor: Colleague, refusal: PrivacyDeskError) -> PrivacyDeskError:
    """Return the refusal with who can do it instead; as it is when it says so, or is not about whose it is."""
    if not isinstance(refusal, NotYours) or "who" in refusal.facts:
        return refusal
    if refusal.key == OWN:
        return not_their_own(house, actor)
    system = refusal.facts.get("system", "")
    if system in house.words:
        able, facts = house.people.approvers(system), {**refusal.facts, "system": house.words[system].name}
    elif refusal.key == HANDLER:
        able, facts = tuple(one for one in house.people.colleagues if one.handles_tickets), dict(refusal.facts)
    else:
        able, facts = house.people.officers(), dict(refusal.facts)
    who = house.texts.together(actor.language, [one.name for one in able])
    return NotYours(refusal.key, {**facts, "who": who})
