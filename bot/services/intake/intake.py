"""Taking in what arrives: first an item, and only a request or a doubt becomes a ticket (D1).

Everything read is kept before the mailbox is told so. Reading the same mail again is a
no-op, so a crash between the two loses nothing and doubles nothing.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.errors import NotFound, PrivacyDeskError, SystemTrouble
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.request import (
    BY_MAIL,
    Channel,
    Proposal,
    Route,
)
from bot.domain.ticket import Ticket
from bot.ports import Arrival, Call, IncomingItem, ItemState, Job, JobKind, Shelf, Unit
from bot.reading import read, unreadable, without_attachments
from bot.services import casefile
from bot.services.casefile import MAIL
from bot.services.house import House, new_id
from bot.services.intake import bounces, threads
from bot.services.intake.known import NOTHING_KNOWN, Known
from bot.services.intake.opening import ID_COPY, open_ticket
from bot.services.intake.same import source_of
from bot.services.showing import quiet

log = logging.getLogger(__name__)

DESK: Final = "desk"  # the desk itself as an actor, and the chain of what concerns no ticket
CHANNEL: Final = "channel"
#: Bytes; larger mails are read off the event loop: a long text takes a tenth of a second, and presses would wait.
BIG: Final = 8 * 1024
QUIET: Final = frozenset({Route.NOT_A_CASE, Route.RECRUITMENT})
ATTACHMENTS_LEFT: Final = "attachments_left"


async def read_mailbox(house: House, _call: Call) -> None:
    """Take in every unread mail: keep it, then file it away."""
    while arrivals := await house.mailbox.arrivals():
        unfiled: SystemTrouble | None = None
        for arrival in arrivals:
            await _keep(house, arrival)
            try:
                await house.mailbox.file_away(arrival.key)
            except SystemTrouble as trouble:
                unfiled = trouble  # the others are taken in all the same
        if unfiled is not None:
            raise unfiled


async def _keep(house: House, arrival: Arrival) -> None:
    """Keep one mail. One that cannot be taken in as it was read is kept as unreadable: it must not stop the others."""
    proposal = await read_arrival(house, arrival)
    try:
        async with house.work() as unit:
            await take_in(unit, house, proposal, arrival.raw, Channel.MAIL)
    except Exception as error:
        if of_the_store(error):
            raise  # the mail stays where it is and is read again
        log.warning("mail kept unread %s", type(error).__name__)
        async with house.work() as unit:
            await take_in(unit, house, unreadable(proposal.received or house.now()), arrival.raw, Channel.MAIL)


def of_the_store(error: Exception) -> bool:
    """Whether it was the store's own trouble that kept a mail from being taken in, and not what the mail holds."""
    return isinstance(error, PrivacyDeskError) and error.key.startswith("trouble.")


async def read_arrival(house: House, arrival: Arrival) -> Proposal:
    """Return how a mail reads, with a moment of receipt whatever it says of it."""
    proposal = await _read(house, arrival.raw)
    if proposal.received is None:  # without our server's mark the mailbox's own time is a guess a colleague settles
        proposal = replace(proposal, received=arrival.received or house.now(), clock_unsure=True)
    if arrival.cut:
        proposal = replace(proposal, flags=proposal.flags | {ATTACHMENTS_LEFT})
    return proposal


async def _read(house: House, raw: bytes) -> Proposal:
    if len(raw) < BIG:
        return read(raw, house.reading)
    return await asyncio.to_thread(read, raw, house.reading)


async def take_in(
    unit: Unit,
    house: House,
    proposal: Proposal,
    raw: bytes,
    channel: Channel,
    by: str = DESK,
    known: Known = NOTHING_KNOWN,
) -> Ticket | None:
    """Keep one mail or typed request; return the ticket it opened or joined, None when it stays an item."""
    item = IncomingItem(
        id=new_id(),
        source_key=unit.index.digest("source", known.source or source_of(proposal, raw)),
        received=proposal.received or house.now(),
        state=ItemState.WAITING,
        route=proposal.route,
        broken=bool(proposal.errors),
    )
    if not await unit.items.add(item):
        return None
    await _note(unit, house, item, proposal, by)
    if ID_COPY in proposal.flags:
        raw = without_attachments(raw)
    if channel is Channel.MAIL and await bounces.taken_aside(unit, house, item, proposal, raw):
        return None
    named = await threads.named_by(unit, proposal)
    if named and (joined := await threads.joined(unit, house, item, named, proposal, raw)):
        return joined
    old = channel in BY_MAIL and local_date(item.received) < house.start
    if old or (proposal.route in QUIET and not proposal.is_request and named is None):
        await unit.vault.put(item.id, Shelf.ITEM, MAIL, raw)
        await unit.vault.put(item.id, Shelf.ITEM, CHANNEL, channel.encode())
        await casefile.keep_proposal(unit, item.id, Shelf.ITEM, proposal)
        return None
    ticket = await open_ticket(unit, house, proposal, raw, channel, by, replace(known, named=named))
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    return ticket


async def propose(house: House, proposal: Proposal, raw: bytes) -> bool:
    """Keep older mail as an item that waits for a person's word and for nothing else (D4); False when it is known."""
    async with house.work() as unit:
        item = IncomingItem(
            id=new_id(),
            source_key=unit.index.digest("source", source_of(proposal, raw)),
            received=proposal.received or house.now(),
            state=ItemState.OLDER,
            route=proposal.route,
            broken=bool(proposal.errors),
        )
        if not await unit.items.add(item):
            return False
        await _note(unit, house, item, proposal, DESK)
        await unit.vault.put(item.id, Shelf.ITEM, MAIL, without_attachments(raw) if ID_COPY in proposal.flags else raw)
        await casefile.keep_proposal(unit, item.id, Shelf.ITEM, proposal)
    return True


async def _note(unit: Unit, house: House, item: IncomingItem, proposal: Proposal, by: str) -> None:
    """Write down that something was read, and have it forgotten in time (D1)."""
    facts: dict[str, str | int] = {"item": item.id, "route": proposal.route, "confidence": proposal.percent}
    await unit.ledger.write(DESK, LedgerEvent.ITEM_READ, by, facts)
    ends = house.now() + timedelta(days=house.terms.items_days)
    await unit.jobs.put(Job(JobKind.FORGET, f"forget:{item.id}", (item.id,), ends))


async def promote(unit: Unit, house: House, item: IncomingItem, actor: Colleague) -> Ticket:
    """Open a ticket from an item of the quiet list: a colleague says it is a request after all."""
    proposal = await casefile.proposal_of(unit, item.id, Shelf.ITEM)
    raw = await unit.vault.get(item.id, Shelf.ITEM, MAIL)
    known = Known(named=await threads.named_by(unit, proposal), promoted=True)
    ticket = await open_ticket(unit, house, proposal, raw, await _channel_of(unit, item), actor.id, known)
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    return ticket


async def _channel_of(unit: Unit, item: IncomingItem) -> Channel:
    try:
        return Channel((await unit.vault.get(item.id, Shelf.ITEM, CHANNEL)).decode())
    except NotFound:  # kept before channels were
        return Channel.MAIL


async def dismiss_items(unit: Unit, actor: Colleague) -> int:
    """Say of every waiting item that it is no request (D1); return how many. Whoever calls this has seen them all."""
    waiting = await unit.items.waiting()
    for item in waiting:
        await quiet.dismiss(unit, item, actor)
    return len(waiting)


def poll(now: datetime) -> Job:
    """Return the job that reads the mailbox."""
    return Job(JobKind.READ_MAIL, "mailbox", (), now)
