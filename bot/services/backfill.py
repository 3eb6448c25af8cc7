"""Reading what lay in the mailbox before the desk was started (D4).

Older mail is only proposed: a request or a doubt becomes an item on the quiet list's page,
where a colleague says what it is. Nothing is sent, nothing is filed away, no ticket is
opened and no opt-out carried out; mail that asks for nothing is not kept at all. Run
again, it finds what it proposed already and proposes it no second time.
"""

from dataclasses import dataclass
from datetime import date

from bot.domain.deadline import local_date
from bot.services import intake
from bot.services.house import House


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
        elif not await intake.propose(house, proposal, arrival.raw):
            known += 1
        elif proposal.is_request:
            requests += 1
        else:
            doubts += 1
    return Found(read, known, requests, doubts, quiet)
