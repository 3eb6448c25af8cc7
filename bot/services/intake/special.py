"""Taking a special road: the letter it is answered by, and what follows. The table is `bot.domain.roads.ROADS`.

Each verb here checks that the road is open, keeps what the colleague gave (in the vault: it may
name people), marks the road and asks for the letter. A colleague's press is the decision; letters
that carry no data leave by themselves, answers wait to be read (R70).
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.identity import IdentityState, Method, proven
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import Letter, LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.request import EVERYTHING, Channel, RequestType
from bot.domain.roads import (
    ROADS,
    Road,
    awaits_id,
    closed_to_confirm,
    covered,
    heard,
    open_roads,
    overdue,
    patience,
    reads_only,
    reply_by,
    taken,
    to_be_reminded,
    took,
    waiting_parts,
)
from bot.domain.ticket import Event, Part, Ticket, advance, letters_of
from bot.ports import Unit
from bot.services import casefile
from bot.services.casefile import RoadNote
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House, new_id
from bot.services.intake import identifying, triage
from bot.services.intake.triage import SCOPE_LIMITED


class Document(StrEnum):
    """What shows that somebody may act for another (R59, R60); only the kind is ever kept (R14)."""

    POWER = "power"
    GUARDIAN = "guardian"
    APPOINTMENT = "appointment"


class Wish(StrEnum):
    """What is done for somebody who has died."""

    ERASE = "erase"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a colleague attests of an authority. `subject` is the person's address where the mail had none."""

    document: Document
    covers: tuple[RequestType, ...]
    to_requester: bool = False
    subject: str = field(default="", repr=False)


# --- referrals: the letter goes out, and our own data is looked for all the same --------------------


async def refer(unit: Unit, house: House, ticket: Ticket, actor: Colleague, road: Road, note: RoadNote) -> Ticket:
    """Refer to the contract (P6) or to another's site (P78), and search our own systems in the same case."""
    _open(ticket, road)
    first = closed_to_confirm(ticket)
    if first not in ("", ROADS[road].closed_to_confirm):
        raise NotAllowedNow(first)  # who asks for another shows that they may, whatever else it is about
    await triage.searchable(unit, ticket)
    await _noted(unit, ticket, actor, road, note)
    return await triage.begin(unit, house, ticket, actor.id, road)


# --- questions of ours: the letter goes out and a reply is waited for --------------------------------


async def ask_authority(unit: Unit, house: House, ticket: Ticket, actor: Colleague, note: RoadNote) -> Ticket:
    """Ask who writes for somebody else to show that they may; only they are written to (R59)."""
    return await _ask(unit, house, ticket, actor, Road.AUTHORITY, note)


async def clarify(unit: Unit, house: House, ticket: Ticket, actor: Colleague, note: RoadNote) -> Ticket:
    """Ask what is meant. What is an opt-out all the same is carried out at once: it needs no answer (R18)."""
    return await _ask(unit, house, ticket, actor, Road.CLARIFICATION, note)


async def _ask(unit: Unit, house: House, ticket: Ticket, actor: Colleague, road: Road, note: RoadNote) -> Ticket:
    _open(ticket, road)
    await _writable(unit, ticket)
    await _noted(unit, ticket, actor, road, note)
    asked = took(ticket, road, patience(ticket, house.today(), house.calendar))
    after = replace(requested(house, asked, ROADS[road].letter, waiting_parts(ticket)), handler=actor.id)
    if road is Road.CLARIFICATION:
        for part in waiting_parts(ticket):
            if is_opt_out(part):
                after = after.with_part(advance(part, Event.CONFIRMED))
    return await carry_on(unit, house, ticket, after, actor.id)


async def authority_shown(unit: Unit, house: House, ticket: Ticket, actor: Colleague, shown: Shown) -> Ticket:
    """Note a colleague's word on an authority: its kind, what it covers and who gets the answer, never the document.

    Unless it says expressly that the answer goes to who asks, it goes to the person (P16, R19).
    """
    if not waiting_parts(ticket):
        raise NotAllowedNow("refusal.already_decided")
    asked = {part.type for part in waiting_parts(ticket) if not is_opt_out(part)}
    if not asked <= set(shown.covers):
        raise NotAllowedNow("refusal.authority_too_narrow")
    person = await casefile.person_of(unit, ticket.id)
    if not (shown.subject or person.on_behalf):
        raise Incomplete("refusal.field_missing", {"field": "subject"})
    meant = replace(
        person,
        email=shown.subject or person.email,
        authority_by=actor.id,
        answer_requester=shown.to_requester,
    )
    await casefile.keep_person(unit, ticket.id, meant)
    facts: dict[str, str | int] = {
        "document": shown.document,
        "rights": ",".join(shown.covers),
        "answer": "requester" if shown.to_requester else "person",
    }
    await unit.ledger.write(ticket.id, LedgerEvent.AUTHORITY_SHOWN, actor.id, facts)
    after = replace(ticket, flags=covered(ticket.flags, shown.covers), handler=ticket.handler or actor.id)
    return await carry_on(unit, house, ticket, after, actor.id)


async def close_unanswered(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Close kindly what we had to ask about and nobody answered, with a letter that says how to come back (F20)."""
    parts = waiting_parts(ticket)
    if not parts or taken(ticket) not in (Road.AUTHORITY, Road.CLARIFICATION):
        raise NotAllowedNow("refusal.road_closed")
    if reply_by(ticket) is not None and not overdue(ticket, house.today()):
        raise NotAllowedNow("refusal.still_waiting")
    await unit.ledger.write(ticket.id, LedgerEvent.ROAD_TAKEN, actor.id, {"letter": LetterKind.NO_REPLY})
    after = replace(ticket, flags=heard(ticket.flags), handler=actor.id)
    return await _answer(unit, house, ticket, after, actor, (Event.NO_REPLY, LetterKind.NO_REPLY))


# --- answers ------------------------------------------------------------------------------------------


async def answer_question(unit: Unit, house: House, ticket: Ticket, actor: Colleague, note: RoadNote) -> Ticket:
    """Answer what asks for no right but is owed an answer all the same (P86); the letter waits to be read."""
    _open(ticket, Road.QUESTION)
    await _noted(unit, ticket, actor, Road.QUESTION, note)
    after = replace(took(ticket, Road.QUESTION), handler=actor.id, confirmed_by=actor.id)
    return await _answer(unit, house, ticket, after, actor, (Event.QUESTION, LetterKind.GENERAL))


async def _answer(
    unit: Unit, house: House, ticket: Ticket, after: Ticket, actor: Colleague, how: tuple[Event, LetterKind]
) -> Ticket:
    event, letter = how
    parts = waiting_parts(ticket)
    for part in parts:
        after = after.with_part(advance(part, event))
    return await carry_on(unit, house, ticket, requested(house, after, letter, parts), actor.id)


async def answer_kin(unit: Unit, house: House, ticket: Ticket, actor: Colleague, wish: Wish) -> Ticket:
    """Stop the mailings to somebody who has died and, if wished, remove their contact data; hand out nothing (R61).

    Whatever was asked becomes one part: nothing is exported, and nobody is asked for a proof that cannot be had. Owners
    approve the erasure as any other, two people where it cannot be undone.
    """
    _open(ticket, Road.DECEASED)
    await _writable(unit, ticket)
    await _noted(unit, ticket, actor, Road.DECEASED, RoadNote())
    right = RequestType.ERASURE if wish is Wish.ERASE else RequestType.UNSUBSCRIBE
    part = advance(_one_part(ticket, right), Event.CONFIRMED)
    identity = replace(ticket.identity, state=IdentityState.NOT_NEEDED, tier=0)
    if wish is Wish.ERASE:
        identity = proven(ticket.identity, Method.DECEASED, house.now())
    on_road = took(ticket, Road.DECEASED)
    after = replace(
        on_road,
        parts=(part,),
        identity=identity,
        flags=(on_road.flags | {"gdpr_not_applicable"}) - {SCOPE_LIMITED},
        handler=actor.id,
        confirmed_by=actor.id,
    )
    await unit.ledger.write(ticket.id, LedgerEvent.CHANGED, actor.id, {"changed": "rights"})
    return await carry_on(unit, house, ticket, after, actor.id)


def _one_part(ticket: Ticket, right: RequestType) -> Part:
    first = min(part.received for part in ticket.parts)
    same = next((part for part in ticket.parts if part.type is right), None)
    part = same or Part(new_id(), 1, right, first)
    return replace(part, position=1, scope=EVERYTHING, received=first)


# --- silence ------------------------------------------------------------------------------------------


async def attend(unit: Unit, house: House, ticket: Ticket) -> bool:
    """Each morning: remind once of an unanswered question; go on without a reply where silence means everything.

    Returns whether a colleague has to decide: an erasure never goes on because nobody answered.
    """
    road = taken(ticket)
    if awaits_id(ticket) and reply_by(ticket) is not None:
        return await identifying.attend(unit, house, ticket)
    if road is None or reply_by(ticket) is None or not waiting_parts(ticket):
        return False
    letters = _questions(ticket, ROADS[road].letter)
    sent = tuple(one.sent_at for one in letters if one.sent_at is not None)
    if len(sent) < len(letters):  # nobody can have answered what did not reach them
        return overdue(ticket, house.today())
    if to_be_reminded(ticket, sent, house.today(), house.calendar):
        await carry_on(unit, house, ticket, requested(house, ticket, ROADS[road].letter, waiting_parts(ticket)))
        return False
    if not overdue(ticket, house.today()):
        return False
    if road is not Road.CLARIFICATION or not reads_only(ticket):
        return True
    await _go_on(unit, house, ticket)
    return False


async def _go_on(unit: Unit, house: House, ticket: Ticket) -> None:
    """Take the widest reading, as the letter said we would."""
    widest = replace(ticket, flags=heard(ticket.flags) - {SCOPE_LIMITED})
    for part in waiting_parts(ticket):
        widest = widest.with_part(replace(part, scope=EVERYTHING))
    await unit.ledger.write(ticket.id, LedgerEvent.SILENCE, DESK)
    saved = await unit.tickets.save(ticket, widest)
    await triage.begin(unit, house, saved, DESK)


def _questions(ticket: Ticket, kind: LetterKind) -> tuple[Letter, ...]:
    """Return the letters in which the question was put in this round, whether they have left or not."""
    found = {one.id: one for part in waiting_parts(ticket) for one in letters_of(ticket, part) if one.kind is kind}
    return tuple(found.values())


async def heard_from(unit: Unit, ticket: Ticket, address: str) -> None:
    """Keep whom to write to; refuse to write to the person about themselves where only their address is known."""
    person = await casefile.person_of(unit, ticket.id)
    if address:
        await casefile.keep_person(unit, ticket.id, replace(person, requester=address))
    elif ticket.channel is not Channel.MAIL and not person.on_behalf:
        raise Incomplete("refusal.field_missing", {"field": "requester"})


# --- shared -------------------------------------------------------------------------------------------


async def _writable(unit: Unit, ticket: Ticket) -> None:
    """Refuse a letter to nobody, or with a last day that is a guess (C11)."""
    if ticket.unsure_clock:
        raise NotAllowedNow("refusal.clock_unsure")
    if not (await casefile.person_of(unit, ticket.id)).email:
        raise NotAllowedNow("refusal.subject_missing")


def _open(ticket: Ticket, road: Road) -> None:
    if not waiting_parts(ticket):
        raise NotAllowedNow("refusal.already_decided")
    if road not in open_roads(ticket):
        raise NotAllowedNow("refusal.road_closed")


async def _noted(unit: Unit, ticket: Ticket, actor: Colleague, road: Road, note: RoadNote) -> None:
    await casefile.keep_road(unit, ticket.id, note)
    await unit.ledger.write(ticket.id, LedgerEvent.ROAD_TAKEN, actor.id, {"letter": ROADS[road].letter})
