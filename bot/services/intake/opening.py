"""Opening a ticket from what was read: its parts, its marks, its sealed papers, and what happens at once.

At once happens only what cannot wait for a colleague: a suspected incident pages, a
protected address is hidden, an authenticated opt-out runs (D8). Everything else waits for
somebody to confirm it (R70).
"""

from datetime import datetime
from typing import Final

from bot.cards.particulars import Thread
from bot.domain import incident
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.original import mark_of
from bot.domain.protection import protected
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
from bot.domain.ticket import Part, Ticket
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casefile import MAIL, Person
from bot.services.casework import incident as clocks
from bot.services.casework import opting_out, protecting
from bot.services.house import House, new_id
from bot.services.intake import triage
from bot.services.intake.known import Known
from bot.services.intake.original import begin_chase
from bot.services.showing import bursts
from bot.services.showing.turns import tell_whose_turn
from bot.services.thread import keep_thread

#: The person keeps something: how much to stop is a colleague's to read (P43).
NARROWED: Final = frozenset({"scope_limited", "keep_event_messages"})
ID_COPY: Final = "id_copy_attached"
SENDER_FLAGS: Final = {evidence: f"sender_{evidence}" for evidence in SenderEvidence}


async def open_ticket(
    unit: Unit, house: House, proposal: Proposal, raw: bytes, channel: Channel, by: str, known: Known
) -> Ticket:
    """Open a ticket of what was read, and let what cannot wait happen; return it as it then is."""
    start = proposal.clock_start or proposal.received or house.now()
    forwarded = proposal.sender is SenderEvidence.FORWARDED
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
        forwarded_at=proposal.received if forwarded else None,
        unsure_clock=proposal.clock_unsure or (proposal.clock_start is None and forwarded),
    )
    ticket = await unit.tickets.add(ticket, house.today().year)
    await _seal(unit, ticket, proposal, raw, known)
    await _note(unit, ticket, proposal, by, known)
    if known.original_with:
        await begin_chase(unit, house, ticket)
    ticket = await protecting.at_arrival(unit, house, ticket)
    if incident.runs(ticket):
        await clocks.begin(unit, house, ticket, start)  # which pages whose turn it is
    elif runs_by_itself(proposal) and not known.promoted:  # what a colleague lifted out of a list, they confirm too
        ticket = await triage.confirm_opt_out(unit, house, ticket)
    else:
        await tell_whose_turn(unit, house, None, ticket, by)
    await opting_out.watch(unit, house, ticket)
    await bursts.opened(unit, house, ticket)
    return ticket


async def _note(unit: Unit, ticket: Ticket, proposal: Proposal, by: str, known: Known) -> None:
    facts: dict[str, str | int] = {
        "channel": ticket.channel,
        "rights": ",".join(proposal.rights),
        "route": proposal.route,
        "confidence": proposal.percent,
    }
    facts |= {"promoted": 1} if known.promoted else {}
    await unit.ledger.write(ticket.id, LedgerEvent.TICKET_OPENED, by, facts)
    if ID_COPY in proposal.flags:
        await unit.ledger.write(ticket.id, LedgerEvent.ID_COPY_DROPPED, DESK)


async def _seal(unit: Unit, ticket: Ticket, proposal: Proposal, raw: bytes, known: Known) -> None:
    person = Person(
        email=(proposal.subject_email or proposal.requester_email or "").strip(),
        name=proposal.subject_name or "",
        requester=(proposal.requester_email or "").strip(),
        others=tuple(dict.fromkeys((*known.others, *casefile.cookies_in(proposal.text)))),
        sender=proposal.sender,
        reply_to_differs=proposal.reply_to_differs,
        message_id=proposal.message_id or "",
        written_from_only=protected(ticket),
    )
    if known.named is not None:
        await keep_thread(unit, ticket.id, Thread(said=known.named.ticket.ref if known.named.ticket else ""))
    await casefile.keep_person(unit, ticket.id, person)
    await casefile.keep_proposal(unit, ticket.id, Shelf.CASE, proposal)
    await unit.vault.put(ticket.id, Shelf.CASE, MAIL, raw)
    await casefile.keep_beside(unit, ticket.id, known.link, known.note)


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
