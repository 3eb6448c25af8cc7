"""Putting two tickets together, when a colleague says they are one, and taking that back.

What came last goes into what was there: its mail becomes a later mail of the other, what
it asks newly becomes parts there with their own receipts, and where both ask the same the
earlier date governs. Its own mail and receipt stay with it as evidence. Nothing is ever
put together by itself, no address is learnt by it and no recipient changes (D7b).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.cards.particulars import Asked
from bot.domain.errors import NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import OFFICER_ONLY
from bot.domain.threads import KEPT_APART, begun, held, narrows, next_position, open_for, with_later
from bot.domain.ticket import MAIL_TO_READ, MAY_TAKE_BACK, Event, Outcome, Part, Stage, Ticket, close
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casefile import MAIL, PROPOSAL
from bot.services.casework.progress import carry_on
from bot.services.house import House, new_id
from bot.services.intake.threads import SCOPE_LIMITED, knows, note_added
from bot.services.showing.posting import refresh
from bot.services.thread import keep_thread, note_asked, thread_of

JOINED: Final = "reason.joined"
DUPLICATE: Final = "reason.duplicate"
UNSURE_READING: Final = "unsure_reading"


async def join(unit: Unit, house: House, ticket: Ticket, other: Ticket, actor: Colleague) -> Ticket:
    """Put *ticket*, not begun, into *other*; return the closed one, which says where it went."""
    asked = await _asked(unit, ticket)
    _refuse(ticket, other, asked)
    new = [part for part in asked if open_for(other, part) is None]
    moved = tuple(
        Part(new_id(), n, part.type, part.received, part.scope)
        for n, part in enumerate(new, start=next_position(other))
    )
    after = with_later(_earlier_dates(other, asked), moved)
    marks = {MAIL_TO_READ} | (ticket.flags & OFFICER_ONLY)
    after = replace(after, flags=after.flags | marks)
    if any((there := open_for(other, part)) and there.scope != part.scope for part in asked):  # less than is under way
        after = held(replace(after, flags=after.flags | {MAY_TAKE_BACK}))
    await _move_mail(unit, ticket, other, moved)
    facts: dict[str, str | int] = {"ref": ticket.ref, "parts": len(moved)}
    await unit.ledger.write(other.id, LedgerEvent.TICKET_JOINED, actor.id, facts)
    await note_added(unit, other.id, moved, actor.id)
    await carry_on(unit, house, other, after, actor.id)
    return await _close(unit, house, ticket, other, asked, len(moved), actor)


async def _asked(unit: Unit, ticket: Ticket) -> tuple[Part, ...]:
    """Return what the ticket really asks: a doubt in which no right was read is no right."""
    proposal = await casefile.proposal_of(unit, ticket.id, Shelf.CASE)
    return ticket.parts if proposal.parts or UNSURE_READING not in ticket.flags else ()


def _refuse(ticket: Ticket, other: Ticket, asked: Sequence[Part]) -> None:
    if begun(ticket) or other.id == ticket.id:
        raise NotAllowedNow("refusal.already_decided")
    pointer = any(part.outcome is Outcome.JOINED for part in other.parts)
    if asked and ticket.unsure_clock:
        raise NotAllowedNow("refusal.clock_unsure")
    if asked and SCOPE_LIMITED in ticket.flags:
        raise NotAllowedNow("refusal.scope_unset")
    if other.stage is Stage.CLOSED and (asked or pointer):
        raise NotAllowedNow("refusal.join_closed", {"ref": other.ref})
    if any(narrows(other, part) for part in asked):
        raise NotAllowedNow("refusal.join_narrows", {"ref": other.ref})


def _earlier_dates(other: Ticket, asked: Sequence[Part]) -> Ticket:
    """Return *other* with the earlier receipt where both ask the same: both clocks are honoured."""
    for part in asked:
        there = open_for(other, part)
        if there is not None and part.received < there.received:
            other = other.with_part(replace(there, received=part.received))
    return other


async def _move_mail(unit: Unit, ticket: Ticket, other: Ticket, moved: Sequence[Part]) -> None:
    """Copy the mail and how it was read; the own copies stay with the closed ticket, as evidence of its receipt."""
    proposal = await casefile.proposal_of(unit, ticket.id, Shelf.CASE)
    raw = await unit.vault.get(ticket.id, Shelf.CASE, MAIL)
    dated = replace(proposal, received=proposal.received or ticket.received)
    await casefile.keep_later_mail(unit, other.id, ticket.id, dated, raw)
    asked = Asked(
        mail=ticket.id,
        sender=proposal.sender,
        reply_to_differs=proposal.reply_to_differs,
        known=await knows(unit, other, proposal.requester_email),
    )
    await note_asked(unit, other.id, {part.id: asked for part in moved})


async def _close(
    unit: Unit, house: House, ticket: Ticket, other: Ticket, asked: Sequence[Part], moved: int, actor: Colleague
) -> Ticket:
    after = ticket
    for part in ticket.parts:
        reason = DUPLICATE if part in asked and open_for(other, part) is not None else JOINED
        after = close(after, part, Event.DISMISSED, Outcome.JOINED, house.now(), reason)
    thread = await thread_of(unit, ticket.id)
    await keep_thread(unit, ticket.id, replace(thread, joined_to=other.ref))
    facts: dict[str, str | int] = {"ref": other.ref, "parts": moved}
    await unit.ledger.write(ticket.id, LedgerEvent.JOINED_TO, actor.id, facts)
    return await carry_on(unit, house, ticket, after, actor.id)


async def keep_apart(unit: Unit, ticket: Ticket, actor: Colleague) -> Ticket:
    """Note that a colleague looked and leaves the ticket by itself; nothing else changes."""
    saved = await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {KEPT_APART}))
    await unit.ledger.write(ticket.id, LedgerEvent.KEPT_APART, actor.id)
    await refresh(unit, ticket.id)
    return saved


async def part_again(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> None:
    """Take back that *ticket* was put into another: its mail and the parts nobody confirmed leave that one again.

    A part that has gone on there stays, with its mail: what is under way is never lost. An earlier date that began
    to govern there stays too.
    """
    thread = await thread_of(unit, ticket.id)
    if not thread.joined_to:
        return
    other = await unit.tickets.load(thread.joined_to)
    theirs = await thread_of(unit, other.id)
    moved = [part for part in other.parts if (came := theirs.asked.get(part.id)) and came.mail == ticket.id]
    back = [part for part in moved if part.stage is Stage.RECEIVED]
    mails = int(len(back) == len(moved))
    if mails:
        await unit.vault.drop(other.id, Shelf.CASE, f"{MAIL}/{ticket.id}")
        await unit.vault.drop(other.id, Shelf.CASE, f"{PROPOSAL}/{ticket.id}")
    left = {part: one for part, one in theirs.asked.items() if part not in {gone.id for gone in back}}
    await keep_thread(unit, other.id, replace(theirs, asked=left))
    await keep_thread(unit, ticket.id, replace(thread, joined_to=""))
    facts: dict[str, str | int] = {"mails": mails, "parts": len(back), "stay": len(moved) - len(back)}
    await unit.ledger.write(other.id, LedgerEvent.PARTED, actor.id, facts | {"ref": ticket.ref})
    await unit.ledger.write(ticket.id, LedgerEvent.PARTED, actor.id, facts | {"ref": other.ref})
    await carry_on(unit, house, other, _without(house, other, back), actor.id)


def _without(house: House, other: Ticket, back: Sequence[Part]) -> Ticket:
    after = replace(other, parts=tuple(part for part in other.parts if part not in back))
    closes = back and after.stage is Stage.CLOSED and after.closed_at is None
    return replace(after, closed_at=house.now()) if closes else after
