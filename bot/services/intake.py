"""Taking in what arrives: first an item, and only a request or a doubt becomes a ticket (D1).

Everything read is kept before the mailbox is told so. Reading the same mail again is a
no-op, so a crash between the two loses nothing and doubles nothing.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.errors import PrivacyDeskError
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.request import (
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
from bot.domain.ticket import MAIL_TO_READ, Part, Ticket
from bot.ports import Arrival, Call, IncomingItem, ItemState, Job, JobKind, Shelf, TicketQuery, Unit
from bot.reading import read, unreadable, without_attachments
from bot.services import bursts, casefile, quiet, triage
from bot.services.casefile import MAIL, PROPOSAL, Person
from bot.services.house import House, new_id
from bot.services.posting import refresh
from bot.services.turns import tell_whose_turn

log = logging.getLogger(__name__)

DESK: Final = "desk"  # the desk itself as an actor, and the chain of what concerns no ticket
#: Bytes; larger mails are read off the event loop: a long text takes a tenth of a second, and presses would wait.
BIG: Final = 8 * 1024
QUIET: Final = frozenset({Route.NOT_A_CASE, Route.RECRUITMENT})
#: The person keeps something: how much to stop is a colleague's to read (P43).
NARROWED: Final = frozenset({"scope_limited", "keep_event_messages"})
ID_COPY: Final = "id_copy_attached"
SENDER_FLAGS: Final = {evidence: f"sender_{evidence}" for evidence in SenderEvidence}


async def read_mailbox(house: House, _call: Call) -> None:
    """Take in every unread mail: keep it, then file it away."""
    while arrivals := await house.mailbox.arrivals():
        for arrival in arrivals:
            await _keep(house, arrival)
            await house.mailbox.file_away(arrival.key)


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
    return proposal


async def _read(house: House, raw: bytes) -> Proposal:
    if len(raw) < BIG:
        return read(raw, house.reading)
    return await asyncio.to_thread(read, raw, house.reading)


async def take_in(
    unit: Unit, house: House, proposal: Proposal, raw: bytes, channel: Channel, by: str = DESK
) -> Ticket | None:
    """Keep one mail or typed request; return the ticket it opened or joined, None when it stays an item."""
    item = IncomingItem(
        id=new_id(),
        source_key=unit.index.digest("source", _source(proposal, raw)),
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
    joined = await _thread(unit, proposal)
    if joined is not None:
        return await _join(unit, house, item, joined.id, proposal, raw)
    old = channel is Channel.MAIL and local_date(item.received) < house.start
    if old or (proposal.route in QUIET and not proposal.is_request):
        await unit.vault.put(item.id, Shelf.ITEM, MAIL, raw)
        await casefile.keep_proposal(unit, item.id, Shelf.ITEM, proposal)
        return None
    ticket = await _open(unit, house, proposal, raw, channel, by)
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    return ticket


def _source(proposal: Proposal, raw: bytes) -> str:
    """Return what makes a mail the same when it is seen again, through whatever channel.

    Not the Message-ID alone: a sender chooses it, and a borrowed one must not make another's request vanish.
    """
    if not proposal.message_id:
        return hashlib.sha256(raw).hexdigest()
    said = "\n".join((proposal.message_id, proposal.requester_email or "", proposal.title, proposal.text))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


async def propose(house: House, proposal: Proposal, raw: bytes) -> bool:
    """Keep older mail as an item that waits for a person's word and for nothing else (D4); False when it is known."""
    async with house.work() as unit:
        item = IncomingItem(
            id=new_id(),
            source_key=unit.index.digest("source", _source(proposal, raw)),
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
    ticket = await _open(unit, house, proposal, raw, Channel.MAIL, actor.id, promoted=True)
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    return ticket


async def dismiss_items(unit: Unit, actor: Colleague) -> int:
    """Say of every waiting item that it is no request (D1); return how many. Whoever calls this has seen them all."""
    waiting = await unit.items.waiting()
    for item in waiting:
        await quiet.dismiss(unit, item, actor)
    return len(waiting)


async def _thread(unit: Unit, proposal: Proposal) -> Ticket | None:
    """Return the ticket a reply belongs to: by reference *and* a known address (D7b), and nothing new asked."""
    if proposal.route is not Route.ATTACH_TO_CASE or not proposal.case_ref or not proposal.requester_email:
        return None
    digest = unit.index.digest("email", proposal.requester_email)
    known = await unit.tickets.matching(TicketQuery(open_only=False, digest=digest))
    return next((ticket for ticket in known if ticket.ref == proposal.case_ref), None)


async def _join(unit: Unit, house: House, item: IncomingItem, ticket_id: str, proposal: Proposal, raw: bytes) -> Ticket:
    """Add a mail to its ticket, open or closed; it waits there until somebody who walks tickets has read it."""
    ticket = await unit.tickets.load(ticket_id)
    await unit.vault.put(ticket.id, Shelf.CASE, f"{MAIL}/{item.id}", raw)
    dated = replace(proposal, received=item.received)
    await casefile.keep_proposal(unit, ticket.id, Shelf.CASE, dated, f"{PROPOSAL}/{item.id}")
    joined = await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {MAIL_TO_READ}))
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    await unit.ledger.write(ticket.id, LedgerEvent.TICKET_JOINED, DESK, {"item": item.id})
    if ID_COPY in proposal.flags:
        await unit.ledger.write(ticket.id, LedgerEvent.ID_COPY_DROPPED, DESK)
    await tell_whose_turn(unit, house, ticket, joined, DESK)
    await refresh(unit, ticket.id)
    return joined


async def read_later_mail(unit: Unit, ticket: Ticket, actor: Colleague) -> None:
    """Note that the ticket's later mails lie open before somebody who walks tickets: they wait no longer."""
    if MAIL_TO_READ in ticket.flags and actor.handles_tickets:
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags - {MAIL_TO_READ}))
        await refresh(unit, ticket.id)


async def _open(
    unit: Unit, house: House, proposal: Proposal, raw: bytes, channel: Channel, by: str, *, promoted: bool = False
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
        flags=_flags(proposal),
        forwarded_at=proposal.received if proposal.sender is SenderEvidence.FORWARDED else None,
        unsure_clock=proposal.clock_unsure or proposal.clock_start is None,
    )
    ticket = await unit.tickets.add(ticket, house.today().year)
    await _seal(unit, ticket, proposal, raw)
    facts: Mapping[str, str | int] = {
        "channel": channel,
        "rights": ",".join(proposal.rights),
        "route": proposal.route,
        "confidence": proposal.percent,
        **({"promoted": 1} if promoted else {}),
    }
    await unit.ledger.write(ticket.id, LedgerEvent.TICKET_OPENED, by, facts)
    if ID_COPY in proposal.flags:
        await unit.ledger.write(ticket.id, LedgerEvent.ID_COPY_DROPPED, DESK)
    if runs_by_itself(proposal) and not promoted:  # what a colleague lifted out of a list, they confirm too
        ticket = await triage.confirm_opt_out(unit, house, ticket)
    else:
        await tell_whose_turn(unit, house, None, ticket, by)
    await bursts.opened(unit, house, ticket)
    return ticket


async def _seal(unit: Unit, ticket: Ticket, proposal: Proposal, raw: bytes) -> None:
    person = Person(
        email=(proposal.subject_email or proposal.requester_email or "").strip(),
        name=proposal.subject_name or "",
        requester=(proposal.requester_email or "").strip(),
        sender=proposal.sender,
        reply_to_differs=proposal.reply_to_differs,
        message_id=proposal.message_id or "",
    )
    await casefile.keep_person(unit, ticket.id, person)
    await casefile.keep_proposal(unit, ticket.id, Shelf.CASE, proposal)
    await unit.vault.put(ticket.id, Shelf.CASE, MAIL, raw)
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
    return proposal.flags | own


def poll(now: datetime) -> Job:
    """Return the job that reads the mailbox."""
    return Job(JobKind.READ_MAIL, "mailbox", (), now)
