"""Taking in what arrives: first an item, and only a request or a doubt becomes a ticket (D1).

Everything read is kept before the mailbox is told so. Reading the same mail again is a
no-op, so a crash between the two loses nothing and doubles nothing.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.cards.particulars import Thread
from bot.domain import incident
from bot.domain.deadline import local_date
from bot.domain.errors import NotFound, PrivacyDeskError, SystemTrouble
from bot.domain.ledger import LedgerEvent
from bot.domain.original import mark_of
from bot.domain.people import Colleague
from bot.domain.protection import protected
from bot.domain.request import (
    BY_MAIL,
    EVERYTHING,
    OPT_OUTS,
    Channel,
    Proposal,
    ProposedPart,
    RequestType,
    Role,
    Route,
    SenderEvidence,
)
from bot.domain.ticket import Part, Ticket
from bot.ports import Arrival, Call, IncomingItem, ItemState, Job, JobKind, Shelf, Unit
from bot.reading import read, unreadable, without_attachments
from bot.services import bounces, casefile, opting_out, protecting, threads, triage
from bot.services import incident as clocks
from bot.services.casefile import MAIL, Person
from bot.services.house import House, new_id
from bot.services.known import NOTHING_KNOWN, Known
from bot.services.original import begin_chase
from bot.services.posting import refresh
from bot.services.same import source_of
from bot.services.thread import keep_thread
from bot.services.turns import tell_whose_turn

log = logging.getLogger(__name__)

DESK: Final = "desk"  # the desk itself as an actor, and the chain of what concerns no ticket
BIG: Final = 256 * 1024  # bytes; larger mails are read off the event loop
CHANNEL: Final = "channel"
QUIET: Final = frozenset({Route.NOT_A_CASE, Route.RECRUITMENT})
#: The person keeps something: how much to stop is a colleague's to read (P43).
NARROWED: Final = frozenset({"scope_limited", "keep_event_messages"})
ID_COPY: Final = "id_copy_attached"
ATTACHMENTS_LEFT: Final = "attachments_left"
SENDER_FLAGS: Final = {evidence: f"sender_{evidence}" for evidence in SenderEvidence}


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
    proposal = await _read(house, arrival.raw)
    if proposal.received is None:  # without our server's mark the mailbox's own time is a guess a colleague settles
        proposal = replace(proposal, received=arrival.received or house.now(), clock_unsure=True)
    if arrival.cut:
        proposal = replace(proposal, flags=proposal.flags | {ATTACHMENTS_LEFT})
    try:
        async with house.work() as unit:
            await take_in(unit, house, proposal, arrival.raw, Channel.MAIL)
    except Exception as error:
        if isinstance(error, PrivacyDeskError) and error.key.startswith("trouble."):
            raise  # the store's own trouble: the mail stays where it is and is read again
        log.warning("mail kept unread %s", type(error).__name__)
        async with house.work() as unit:
            await take_in(unit, house, unreadable(proposal.received or house.now()), arrival.raw, Channel.MAIL)


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
    await unit.ledger.write(DESK, LedgerEvent.ITEM_READ, by, {"item": item.id, "route": proposal.route})
    ends = house.now() + timedelta(days=house.terms.items_days)
    await unit.jobs.put(Job(JobKind.FORGET, f"forget:{item.id}", (item.id,), ends))
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
    ticket = await _open(unit, house, proposal, raw, channel, by, replace(known, named=named))
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    return ticket


async def promote(unit: Unit, house: House, item: IncomingItem, actor: Colleague) -> Ticket:
    """Open a ticket from an item of the quiet list: a colleague says it is a request after all."""
    proposal = await casefile.proposal_of(unit, item.id, Shelf.ITEM)
    raw = await unit.vault.get(item.id, Shelf.ITEM, MAIL)
    known = Known(named=await threads.named_by(unit, proposal))
    ticket = await _open(unit, house, proposal, raw, await _channel_of(unit, item), actor.id, known)
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
        await unit.items.save(item, replace(item, state=ItemState.DISMISSED))
        await unit.ledger.write(DESK, LedgerEvent.ITEM_DISMISSED, actor.id, {"item": item.id})
    return len(waiting)


async def _open(
    unit: Unit, house: House, proposal: Proposal, raw: bytes, channel: Channel, by: str, known: Known
) -> Ticket:
    start = proposal.clock_start or proposal.received or house.now()
    ticket = Ticket(
        id=new_id(),
        ref="",
        channel=channel,
        language=proposal.language,
        received=start,
        parts=_parts(proposal, start),
        roles=proposal.roles or (Role.UNKNOWN,),
        route=proposal.route,
        flags=_flags(proposal) | mark_of(known.original_with) | ({known.named.mark} if known.named else set()),
        forwarded_at=proposal.received if proposal.sender is SenderEvidence.FORWARDED else None,
        unsure_clock=proposal.clock_unsure or proposal.clock_start is None,
    )
    ticket = await unit.tickets.add(ticket, house.today().year)
    await _seal(unit, ticket, proposal, raw, known)
    if known.named is not None:
        await keep_thread(unit, ticket.id, Thread(said=known.named.ticket.ref if known.named.ticket else ""))
    facts: Mapping[str, str | int] = {"channel": channel, "rights": ",".join(proposal.rights), "route": proposal.route}
    await unit.ledger.write(ticket.id, LedgerEvent.TICKET_OPENED, by, facts)
    if ID_COPY in proposal.flags:
        await unit.ledger.write(ticket.id, LedgerEvent.ID_COPY_DROPPED, DESK)
    if known.original_with:
        await begin_chase(unit, house, ticket)
    ticket = await protecting.at_arrival(unit, house, ticket)
    if incident.runs(ticket):
        await clocks.begin(unit, house, ticket, start)  # which pages whose turn it is
    elif runs_by_itself(proposal):
        ticket = await triage.confirm_opt_out(unit, house, ticket)
    else:
        await tell_whose_turn(unit, house, None, ticket, by)
    await opting_out.watch(unit, house, ticket)
    await refresh(unit, ticket.id)
    return ticket


async def _seal(unit: Unit, ticket: Ticket, proposal: Proposal, raw: bytes, known: Known) -> None:
    person = Person(
        email=(proposal.subject_email or proposal.requester_email or "").strip(),
        name=proposal.subject_name or "",
        requester=(proposal.requester_email or "").strip(),
        others=known.others,
        sender=proposal.sender,
        reply_to_differs=proposal.reply_to_differs,
        message_id=proposal.message_id or "",
        written_from_only=protected(ticket),
    )
    await casefile.keep_person(unit, ticket.id, person)
    await casefile.keep_proposal(unit, ticket.id, Shelf.CASE, proposal)
    await unit.vault.put(ticket.id, Shelf.CASE, MAIL, raw)
    await casefile.keep_beside(unit, ticket.id, known.link, known.note)
    for address in {person.email, person.requester} - {""}:
        await unit.index.remember(ticket.id, unit.index.digest("email", address))


def runs_by_itself(proposal: Proposal) -> bool:
    """Whether an opt-out may run without a press: the sender's own, authenticated, and of everything (D8)."""
    return (
        proposal.route is Route.AUTO_UNSUBSCRIBE
        and proposal.sender is SenderEvidence.PASSED
        and not proposal.reply_to_differs
        and not proposal.clock_unsure
        and bool(proposal.subject_email)
        and proposal.subject_email == proposal.requester_email
        and OPT_OUTS.issuperset(proposal.rights)
        and all(part.scope == EVERYTHING for part in proposal.parts)
        and not NARROWED & proposal.flags
    )


def _parts(proposal: Proposal, start: datetime) -> tuple[Part, ...]:
    # A doubt without a right in it still needs an owner and a clock: access is the widest reading.
    asked = proposal.parts or (ProposedPart(RequestType.ACCESS, EVERYTHING),)
    return tuple(Part(new_id(), n, part.type, start, part.scope) for n, part in enumerate(asked, start=1))


def _flags(proposal: Proposal) -> frozenset[str]:
    own = {SENDER_FLAGS[proposal.sender]}
    own |= {"reply_to_mismatch"} if proposal.reply_to_differs else set()
    own |= {"unsure_reading"} if proposal.confidence < 0.5 or not proposal.parts else set()
    own |= {"broken"} if proposal.errors else set()
    own |= {incident.INCIDENT_OPEN} if incident.BREACH in proposal.flags else set()
    return proposal.flags | own


def poll(now: datetime) -> Job:
    """Return the job that reads the mailbox."""
    return Job(JobKind.READ_MAIL, "mailbox", (), now)
