"""Our letters when they come back, and machines that answer them: nothing missed, and no letter to a machine.

A letter that reached nobody waits for whoever walks the ticket, closed or not, and is told of again every working
morning: an answer nobody got is no answer. What merely answers by itself joins its ticket without ringing a bell.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.cards.wait import For
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import Letter, LetterState
from bot.domain.people import Colleague
from bot.domain.request import Proposal
from bot.domain.ticket import MAIL_TO_READ, Ticket
from bot.ports import IncomingItem, ItemState, Job, JobKind, Shelf, Unit
from bot.reading import own_letter, returned
from bot.services import casefile
from bot.services.answering import letter_links
from bot.services.casework.progress import carry_on
from bot.services.house import House, new_id
from bot.services.showing.posting import refresh
from bot.services.showing.turns import tell_of, tell_whose_turn

NAME: Final = "returned"
SEND_AGAIN, REACHED, UNREACHED = "send_again", "reached", "unreached"
#: Mails an address may send to one ticket within a day before they are told of as one.
MANY: Final = 10
#: Mark of a ticket whose mails of the day have been told of as one.
MANY_MAILS: Final = "many_mails"
#: States in which a letter may turn out to have come back.
GONE_OUT: Final = frozenset({LetterState.SENT, LetterState.SENDING, LetterState.DOUBTFUL})


async def taken_aside(unit: Unit, house: House, item: IncomingItem, proposal: Proposal, raw: bytes) -> bool:
    """Take a mail off the plain street when a machine sent it about a letter of ours; return whether it was one."""
    if await _ticket_of(unit, (own_letter(raw, house.sender),)) is not None:
        await unit.vault.put(item.id, Shelf.ITEM, casefile.MAIL, raw)
        await casefile.keep_proposal(unit, item.id, Shelf.ITEM, proposal)
        await unit.items.save(item, replace(item, state=ItemState.DISMISSED))
        await unit.ledger.write(DESK, LedgerEvent.ITEM_DISMISSED, DESK, {"item": item.id})
        return True
    said = returned(raw, house.sender.rpartition("@")[2])
    found = await _ticket_of(unit, said.letters) if said is not None else None
    if said is None or found is None or (proposal.is_request and not said.failed):
        return False
    await casefile.keep_later_mail(unit, found.id, item.id, replace(proposal, received=item.received), raw)
    await unit.items.save(item, replace(item, state=ItemState.TICKET, ticket_id=found.id))
    await unit.ledger.write(found.id, LedgerEvent.ANSWERED_BY_MACHINE, DESK, {"item": item.id})
    if said.failed:
        await _came_back(unit, house, found, said.letters)
    await refresh(unit, found.id)
    return True


async def _ticket_of(unit: Unit, letters: Sequence[str]) -> Ticket | None:
    """Return the ticket that one of *letters* is a letter of; ids that merely look like ours are nobody's."""
    for letter_id in letters:
        try:
            ticket = await unit.tickets.load(letter_id)
        except NotFound:
            continue
        if any(letter.id == letter_id for letter in ticket.letters):
            return ticket
    return None


async def _came_back(unit: Unit, house: House, ticket: Ticket, letters: Sequence[str]) -> None:
    """Mark what came back. A letter we were not sure of did leave: it is written down as sent first."""
    for letter in ticket.letters:
        if letter.id in letters and letter.state in GONE_OUT and letter.state is not LetterState.SENT:
            left = replace(letter, state=LetterState.SENT, sent_at=house.now())
            ticket = await carry_on(unit, house, ticket, ticket.with_letter(left))
    after = ticket
    for letter in ticket.letters:
        if letter.id in letters and letter.state is LetterState.SENT:
            after = after.with_letter(replace(letter, state=LetterState.RETURNED))
            await unit.ledger.write(ticket.id, LedgerEvent.LETTER_RETURNED, DESK, {"letter": letter.kind})
            await _wind(unit, house, letter.id)
    if after is not ticket:
        saved = await unit.tickets.save(ticket, after)
        await tell_whose_turn(unit, house, ticket, saved, DESK)


async def ring(house: House, letter_id: str) -> None:
    """Job, every working morning: tell again of a letter that came back and that nobody has seen to."""
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(letter_id)
        except NotFound:
            return
        if ticket.letter(letter_id).state is LetterState.RETURNED:
            await tell_of(unit, house, ticket, For.RETURNED)
            await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": NAME})
            await _wind(unit, house, letter_id)


async def _wind(unit: Unit, house: House, letter_id: str) -> None:
    at = house.next_morning()
    await unit.jobs.put(Job(JobKind.CHASE, f"chase:{NAME}:{letter_id}", (NAME, letter_id), at))


async def settle(
    unit: Unit, house: House, ticket: Ticket, letter: Letter, actor: Colleague, way: str, note: str
) -> Ticket:
    """See to a letter that came back: send it again, or say how the person was reached, or that they cannot be."""
    if letter.state is not LetterState.RETURNED:
        raise NotAllowedNow("refusal.already_decided")
    if way != SEND_AGAIN and not note.strip():
        raise Incomplete("refusal.field_missing", {"field": "note"})
    if note.strip():
        await unit.vault.put(ticket.id, Shelf.CASE, f"note/{letter.id}", note.encode())
    facts: dict[str, str | int] = {"letter": letter.kind, "way": way}
    await unit.ledger.write(ticket.id, LedgerEvent.LETTER_SETTLED, actor.id, facts)
    if way == REACHED:
        return await carry_on(
            unit, house, ticket, ticket.with_letter(replace(letter, state=LetterState.SENT)), actor.id
        )
    after = ticket.with_letter(replace(letter, state=LetterState.UNDELIVERED))
    if way == SEND_AGAIN:
        after = after.with_letter(await _copied(unit, house, ticket, letter, actor))
    return await carry_on(unit, house, ticket, after, actor.id)


async def _copied(unit: Unit, house: House, ticket: Ticket, letter: Letter, actor: Colleague) -> Letter:
    """Return the same letter under an id of its own: one Message-ID is never sent twice (D34)."""
    copied = replace(
        letter,
        id=new_id(),
        state=LetterState.APPROVED,
        approved_by=actor.id,
        drafted_at=house.now(),
        sent_at=None,
        version=1,
    )
    await casefile.keep_letter(unit, ticket.id, copied.id, await casefile.letter_text(unit, ticket.id, letter.id))
    await letter_links.revive(unit, house, ticket, copied)
    return copied


async def too_many(unit: Unit, house: House, ticket: Ticket) -> bool:
    """Whether so many mails joined the ticket within a day that one more rings no bell of its own."""
    since = house.now() - timedelta(days=1)
    joined = (LedgerEvent.TICKET_JOINED, LedgerEvent.ANSWERED_BY_MACHINE)
    entries = await unit.ledger.entries(ticket.id)
    return sum(entry.event in joined and entry.at > since for entry in entries) >= MANY


async def rung(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """Return the ticket marked as having a mail to read; many in a day are one notice, the rest wait till morning."""
    if not await too_many(unit, house, ticket):
        return replace(ticket, flags=ticket.flags - {MANY_MAILS} | {MAIL_TO_READ})
    if MANY_MAILS not in ticket.flags:
        return replace(ticket, flags=ticket.flags | {MANY_MAILS, MAIL_TO_READ})
    at = house.next_morning()
    await unit.jobs.put(Job(JobKind.CHASE, f"chase:{MANY_MAILS}:{ticket.id}", (MANY_MAILS, ticket.id), at))
    return ticket


async def ring_for_many(house: House, ticket_id: str) -> None:
    """Job: mails lie in the ticket that rang no bell; they wait to be read like any other."""
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
        except NotFound:
            return
        marked = replace(ticket, flags=ticket.flags - {MANY_MAILS} | {MAIL_TO_READ})
        saved = await unit.tickets.save(ticket, marked)
        await tell_of(unit, house, saved, For.NEW_MAIL)
        await refresh(unit, ticket.id)
