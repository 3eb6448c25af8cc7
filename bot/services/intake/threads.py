"""Mail that belongs to a ticket already: by our reference or our letter, and from an address the ticket knows (D7b).

Both are needed, and neither proves who writes. What is only said to belong becomes a
ticket of its own, so that nothing is lost and its clock runs; a colleague decides. A new
right in a thread becomes a part of its own; a reminder is no new request and no new clock (R9).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.particulars import Asked
from bot.domain.errors import NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.request import Proposal, ProposedPart, Route
from bot.domain.roads import heard
from bot.domain.threads import (
    ASKED_AGAIN,
    FOLLOWS,
    SAYS_IT_BELONGS,
    begun,
    held,
    new_rights,
    next_position,
    open_for,
    with_later,
)
from bot.domain.ticket import MAIL_TO_READ, MAY_TAKE_BACK, Part, Stage, Ticket
from bot.ports import IncomingItem, ItemState, Shelf, TicketQuery, Unit
from bot.services import casefile
from bot.services.casefile import PROPOSAL
from bot.services.casework.progress import carry_on
from bot.services.house import House, new_id
from bot.services.intake import bounces
from bot.services.showing.posting import refresh, tell
from bot.services.thread import note_asked, thread_of

ID_COPY: Final = "id_copy_attached"
#: Roads of a mail that may join; the others are looked at by themselves, whatever they name.
JOINABLE: Final = frozenset(
    {
        Route.ATTACH_TO_CASE,
        Route.OPEN_CASE,
        Route.OPEN_CASE_VERIFY_IDENTITY,
        Route.AUTO_UNSUBSCRIBE,
        Route.HUMAN_REVIEW,
        Route.NOT_A_CASE,
    }
)
#: What is asked like this is another case, even in the same thread.
ABOUT_ANOTHER: Final = frozenset(
    {"on_behalf", "child", "deceased", "third_party_no_authority", "authority_missing", "protected_identity"}
)
SCOPE_LIMITED: Final = "scope_limited"
OUR_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Named:
    """What a mail names: `ticket` None when there is no such one; `known` when it knows the address written from."""

    ticket: Ticket | None
    known: bool = False

    @property
    def mark(self) -> str:
        """Return the mark of a ticket of its own that such a mail opens; of what is the officer's it tells nothing."""
        if self.ticket is None or officer_only(self.ticket):
            return SAYS_IT_BELONGS
        return FOLLOWS if self.known and self.ticket.stage is Stage.CLOSED else SAYS_IT_BELONGS


async def named_by(unit: Unit, proposal: Proposal) -> Named | None:
    """Return the ticket a mail names by reference, or by a letter of ours it answers; None when it names none.

    What a machine or a seller sends names nothing, whatever it quotes.
    """
    quiet = proposal.route is Route.NOT_A_CASE and (proposal.case_ref or "auto_generated" in proposal.flags)
    if quiet:
        return None
    ticket = await _loaded(unit, proposal.case_ref or "") or await _by_letter(unit, proposal.answers)
    if ticket is None:
        return Named(None) if proposal.case_ref else None
    return Named(ticket, await knows(unit, ticket, proposal.requester_email))


async def _loaded(unit: Unit, key: str) -> Ticket | None:
    if not key:
        return None
    try:
        return await unit.tickets.load(key)
    except NotFound:
        return None


async def _by_letter(unit: Unit, answers: Sequence[str]) -> Ticket | None:
    """Return the ticket of the letter that is answered: our letters bear their own id before the @."""
    for message_id in answers:
        letter_id = message_id.strip("<>").partition("@")[0]
        ticket = await _loaded(unit, letter_id) if OUR_ID.fullmatch(letter_id) else None
        if ticket is not None and any(letter.id == letter_id for letter in ticket.letters):
            return ticket
    return None


async def knows(unit: Unit, ticket: Ticket, address: str | None) -> bool:
    """Whether the ticket knows an address: the person's or the requester's. Joining never adds one (D7b)."""
    if not address:
        return False
    query = TicketQuery(open_only=False, digest=unit.index.digest("email", address))
    return any(one.id == ticket.id for one in await unit.tickets.matching(query))


async def joined(
    unit: Unit, house: House, item: IncomingItem, named: Named, proposal: Proposal, raw: bytes
) -> Ticket | None:
    """Add a mail to the ticket it belongs to and return that; None when it is to become a ticket of its own."""
    ticket = named.ticket
    if ticket is None or not named.known or proposal.route not in JOINABLE:
        return None
    if proposal.parts and not await _same_person(unit, ticket, proposal):
        return None  # whatever is asked about somebody else is another case, even if the same is under way here
    new = new_rights(ticket, proposal.parts)
    if new and not _may_be_parts(ticket, proposal):
        return None
    after = await bounces.rung(unit, house, _marked(ticket, proposal, new))
    parts = _parts(after, new, proposal, item)
    after = with_later(after, parts)
    asked = Asked(
        mail=item.id,
        sender=proposal.sender,
        reply_to_differs=proposal.reply_to_differs,
        guessed=proposal.clock_unsure,
        limited=SCOPE_LIMITED in proposal.flags,
    )
    await note_asked(unit, ticket.id, {part.id: asked for part in parts})
    await casefile.keep_later_mail(unit, ticket.id, item.id, replace(proposal, received=item.received), raw)
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=ticket.id))
    await unit.ledger.write(ticket.id, LedgerEvent.TICKET_JOINED, DESK, {"item": item.id})
    await note_added(unit, ticket.id, parts)
    if ID_COPY in proposal.flags:
        await unit.ledger.write(ticket.id, LedgerEvent.ID_COPY_DROPPED, DESK)
    await _tell_asked_again(unit, house, ticket, after)
    return await carry_on(unit, house, ticket, after)


async def _same_person(unit: Unit, ticket: Ticket, proposal: Proposal) -> bool:
    """Whether what a mail asks is about the ticket's person, as far as the words tell."""
    if ABOUT_ANOTHER & proposal.flags - ticket.flags:  # who acts for another may write again
        return False
    return not proposal.subject_email or await knows(unit, ticket, proposal.subject_email)


def _may_be_parts(ticket: Ticket, proposal: Proposal) -> bool:
    """Whether what a mail newly asks may become parts: of an open ticket (R9), and while no guess is left to settle."""
    return ticket.stage is not Stage.CLOSED and (begun(ticket) or not proposal.clock_unsure)


def _marked(ticket: Ticket, proposal: Proposal, new: Sequence[ProposedPart]) -> Ticket:
    """Return the ticket marked with what the mail may mean; while it may take something back nothing is erased."""
    ticket = replace(ticket, flags=heard(ticket.flags))  # whatever it says: a reply has come
    marks = set[str]()
    if "asks_again" in proposal.flags:
        marks.add(ASKED_AGAIN)
    if SCOPE_LIMITED in proposal.flags and new and not begun(ticket):
        marks.add(SCOPE_LIMITED)
    narrowed = any(
        (there := open_for(ticket, one)) and (SCOPE_LIMITED in proposal.flags or there.scope != one.scope)
        for one in proposal.parts
    )
    if ticket.stage is not Stage.CLOSED and ("takes_back" in proposal.flags or narrowed):
        return held(replace(ticket, flags=ticket.flags | marks | {MAY_TAKE_BACK}))
    return replace(ticket, flags=ticket.flags | marks)


def _parts(ticket: Ticket, new: Sequence[ProposedPart], proposal: Proposal, item: IncomingItem) -> tuple[Part, ...]:
    start = proposal.clock_start or item.received
    first = next_position(ticket)
    return tuple(Part(new_id(), n, one.type, start, one.scope) for n, one in enumerate(new, start=first))


async def note_added(unit: Unit, ticket_id: str, parts: Sequence[Part], by: str = DESK) -> None:
    """Write down the rights that came later."""
    for part in parts:
        facts: dict[str, str | int] = {"part": part.position, "right": part.type}
        await unit.ledger.write(ticket_id, LedgerEvent.PART_ADDED, by, facts)


async def _tell_asked_again(unit: Unit, house: House, before: Ticket, after: Ticket) -> None:
    """Put a complaint about a late answer before who is on call, beside the handler who hears of the mail (R9)."""
    if ASKED_AGAIN not in after.flags - before.flags or before.stage is Stage.CLOSED:
        return  # of a closed ticket's mail who is on call hears in any case
    told: tuple[Colleague, ...] = (house.on_call(),) if not officer_only(after) else house.people.officers()
    for colleague in told:
        if colleague.id != after.handler:
            await tell(unit, f"reminder:asked_again:{after.id}:{new_id()}", colleague)


async def read_later_mail(unit: Unit, ticket: Ticket, actor: Colleague) -> None:
    """Note that the ticket's later mails lie open before somebody who walks tickets: they wait no longer.

    What a mail may take back stays marked until somebody has said what it means.
    """
    if MAIL_TO_READ in ticket.flags and actor.handles_tickets:
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags - {MAIL_TO_READ, ASKED_AGAIN}))
        await refresh(unit, ticket.id)


async def reads_of(unit: Unit, ticket: Ticket, part: Part) -> Proposal | None:
    """Return how the later mail was read by which *part* came; None when it came with the ticket's first."""
    asked = (await thread_of(unit, ticket.id)).asked.get(part.id)
    if asked is None:
        return None
    return await casefile.proposal_of(unit, ticket.id, Shelf.CASE, f"{PROPOSAL}/{asked.mail}")
