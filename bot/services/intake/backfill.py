"""Reading what lay in the mailbox before the desk was started (D4).

Older mail is only proposed: a request or a doubt becomes an item on the quiet list's page,
where a colleague says what it is. Nothing is sent, nothing is filed away, no ticket is
opened and no opt-out carried out; mail that asks for nothing is not kept at all. Run
again, it finds what it proposed already and proposes it no second time.
"""

import logging
from dataclasses import dataclass
from datetime import date

from bot.domain.deadline import local_date
from bot.domain.request import Proposal
from bot.reading import unreadable
from bot.services.house import House
from bot.services.intake import intake

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a backfill found. `known`: requests and doubts read before; `quiet`: mail that asks for nothing."""

    read: int = 0
    known: int = 0
    requests: int = 0
    doubts: int = 0
    quiet: int = 0


async def backfill(house: House, since: date) -> Found:
    """Propose what arrived on *since* or later and before the desk's start date. Raises `SystemTrouble`."""
    read = known = requests = doubts = quiet = 0
    async for arrival in house.mailbox.older(since):
        proposal = await intake.read_arrival(house, arrival)
        if local_date(proposal.received or house.now()) >= house.start:
            continue  # the desk reads it, or has
        read += 1
        if proposal.route in intake.QUIET and not proposal.is_request:
            quiet += 1
        elif not await _proposed(house, proposal, arrival.raw):
            known += 1
        elif proposal.is_request:
            requests += 1
        else:
            doubts += 1
    return Found(read, known, requests, doubts, quiet)


async def _proposed(house: House, proposal: Proposal, raw: bytes) -> bool:
    """Propose one mail; what cannot be kept as it was read is proposed as unreadable and does not stop the others."""
    try:
        return await intake.propose(house, proposal, raw)
    except Exception as error:
        if intake.of_the_store(error):
            raise
        log.warning("older mail kept unread %s", type(error).__name__)
        return await intake.propose(house, unreadable(proposal.received or house.now()), raw)
