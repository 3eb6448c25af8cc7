"""Confirm, change or dismiss a proposal; hand a ticket over; open it again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.correcting import WRITTEN
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.identity import Identity, IdentityState
from bot.domain.incident import runs
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.protection import acknowledges, impostor, rehung
from bot.domain.redaction import without_judgings
from bot.domain.request import Language, RequestType, Role, Scope
from bot.domain.restriction import GROUND_SET, in_force, kept_on_reopening
from bot.domain.roads import ROADS, Road, closed_to_confirm, forgotten, heard, speaks_for_self, took, uncovered
from bot.domain.system import Operation
from bot.domain.task import Task
from bot.domain.threads import begun
from bot.domain.ticket import Event, Outcome, Part, Stage, Ticket, advance, close
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on, requested
from bot.services.casework.protecting import known_again, mark_restriction
from bot.services.house import House, new_id, new_ids
from bot.services.intake import joining
from bot.services.showing.posting import refresh
from bot.services.showing.turns import tell_turn

SCOPE_LIMITED = "scope_limited"
#: Mark of a request that somebody makes for another person.
ON_BEHALF = "on_behalf"


@dataclass(frozen=True, slots=True)
class Change:
    """What a colleague corrects in a proposal; None leaves a thing as it is. `subject` is an address, `requester` that
    of who asks for somebody else.
    """

    rights: tuple[tuple[RequestType, Scope], ...] | None = None
    roles: tuple[Role, ...] | None = None
    language: Language | None = None
    received: datetime | None = None
    received_why: str = ""
    subject: str | None = None
    name: str | None = None
    requester: str | None = None


async def confirm(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Confirm the proposal: the search begins and the requester gets a receipt (D5).

    Refused while the moment of receipt is a guess (C11), while nobody knows whom it is about, and while a road of its
    own comes first (`bot.domain.roads`).
    """
    if begun(ticket):  # what came later is confirmed by itself
        raise NotAllowedNow("refusal.already_decided")
    if first := closed_to_confirm(ticket):
        raise NotAllowedNow(first)
    await searchable(unit, ticket)
    return await begin(unit, house, ticket, actor.id)


async def searchable(unit: Unit, ticket: Ticket) -> None:
    """Refuse to begin a search before it is known since when, about whom and for how much it is asked."""
    if ticket.unsure_clock:
        raise NotAllowedNow("refusal.clock_unsure")
    if not (await casefile.person_of(unit, ticket.id)).email:
        raise NotAllowedNow("refusal.subject_missing")
    if SCOPE_LIMITED in ticket.flags:  # a reading that mistakes what is kept for what goes would erase the wrong half
        raise NotAllowedNow("refusal.scope_unset")


async def confirm_opt_out(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """Carry out an authenticated opt-out without a press (D8); the only road that needs no colleague."""
    return await begin(unit, house, ticket, DESK)


async def begin(
    unit: Unit, house: House, ticket: Ticket, by: str, road: Road | None = None, until: date | None = None
) -> Ticket:
    """Send every waiting part on its way to the search; a road's own letter takes the place of the receipt.

    *until*: the day until which a reply to that letter is waited for, if it asks for one.
    """
    waiting = [part for part in ticket.parts if part.stage is Stage.RECEIVED]
    if not waiting:
        raise NotAllowedNow("refusal.already_decided")
    after = replace(ticket, handler=by if by != DESK else ticket.handler, confirmed_by=by, flags=heard(ticket.flags))
    for part in waiting:
        after = after.with_part(advance(part, Event.CONFIRMED))
    if all(is_opt_out(part) for part in ticket.parts):
        after = replace(after, identity=replace(after.identity, state=IdentityState.NOT_NEEDED, tier=0))
    if road is not None:
        after = requested(house, took(after, road, until), ROADS[road].letter, waiting)
    elif acknowledges(after):
        after = requested(house, after, LetterKind.ACKNOWLEDGEMENT, waiting)
    await unit.ledger.write(ticket.id, LedgerEvent.CONFIRMED, by, {"rights": ",".join(p.type for p in waiting)})
    return await carry_on(unit, house, ticket, after, by)


async def change(unit: Unit, ticket: Ticket, actor: Colleague, wanted: Change) -> Ticket:
    """Correct the proposal before it is confirmed. What was changed is written down, never the values."""
    if any(part.stage is not Stage.RECEIVED and not is_opt_out(part) for part in ticket.parts):
        raise NotAllowedNow("refusal.already_decided")
    if all(part.stage is not Stage.RECEIVED for part in ticket.parts):
        raise NotAllowedNow("refusal.already_decided")
    after = replace(ticket, changes=ticket.changes + 1)
    if wanted.received is not None:
        parts = tuple(  # a right that a later mail added keeps its own receipt
            replace(part, received=wanted.received) if part.received == ticket.received else part
            for part in after.parts
        )
        after = replace(after, received=wanted.received, parts=parts, unsure_clock=False)
    if wanted.rights is not None:
        after = replace(
            after, parts=_parts(after, wanted.rights), flags=after.flags - {"unsure_reading", SCOPE_LIMITED}
        )
    after = replace(after, roles=wanted.roles or after.roles, language=wanted.language or after.language)
    after, new_subject = await _other_subject(unit, after, wanted)
    after = await _other_words(unit, after, wanted)
    saved = await unit.tickets.save(ticket, rehung(after, new_ids()))
    await mark_restriction(unit, ticket.parts, saved, actor.id)
    facts: dict[str, str | int] = {"changed": ",".join(differing(ticket, after, new_subject=new_subject))}
    await unit.ledger.write(ticket.id, LedgerEvent.CHANGED, actor.id, facts)
    await refresh(unit, ticket.id)
    return saved


async def _other_subject(unit: Unit, ticket: Ticket, wanted: Change) -> tuple[Ticket, bool]:
    """Return the ticket about the person a colleague named, and whether that is somebody else than before."""
    if not wanted.subject:
        return ticket, False
    person = await casefile.person_of(unit, ticket.id)
    asker = wanted.subject if person.written_from_only else person.requester  # where alone we then write
    other = replace(person, email=wanted.subject, requester=asker, authority_by="", answer_requester=False)
    await casefile.keep_person(unit, ticket.id, other)
    themselves = wanted.subject.casefold() == person.requester.casefold()
    await unit.index.remember(ticket.id, unit.index.digest("email", wanted.subject))
    await unit.links.drop(ticket.id)
    flags = speaks_for_self(ticket.flags) if themselves else uncovered(ticket.flags)
    return replace(ticket, flags=flags), person.email.casefold() != wanted.subject.casefold()


async def _other_words(unit: Unit, ticket: Ticket, wanted: Change) -> Ticket:
    """Return the ticket with the person's name, and who asks for them: somebody else's authority comes first (R59)."""
    if not (wanted.name or wanted.requester):
        return ticket
    person = await casefile.person_of(unit, ticket.id)
    if wanted.name:
        person = replace(person, name=wanted.name)
    if wanted.requester and wanted.requester.casefold() != person.requester.casefold():
        person = replace(person, requester=wanted.requester, authority_by="", answer_requester=False)
        flags = uncovered(ticket.flags) | {ON_BEHALF} if person.on_behalf else speaks_for_self(ticket.flags)
        ticket = replace(ticket, flags=flags)
    await casefile.keep_person(unit, ticket.id, person)
    return ticket


def differing(before: Ticket, after: Ticket, *, new_subject: bool = False) -> list[str]:
    """Return what of a proposal a correction really changed, by name: a form is sent whole, changed or not."""
    old, new = ([(part.type, part.scope) for part in one.parts] for one in (before, after))
    kept = {right for right, _ in old} & {right for right, _ in new}
    found = {
        "rights": [right for right, _ in old] != [right for right, _ in new],
        "scope": any(scope != dict(old)[right] for right, scope in new if right in kept),
        "roles": set(before.roles) != set(after.roles),
        "language": before.language != after.language,
        "received": before.received != after.received or before.unsure_clock != after.unsure_clock,
        "subject": new_subject,
    }
    return [name for name, differs in found.items() if differs]


def _parts(ticket: Ticket, rights: Sequence[tuple[RequestType, Scope]]) -> tuple[Part, ...]:
    """Return the parts as wanted; an opt-out that is already being carried out stays, whatever is wanted."""
    kept = {part.type: part for part in ticket.parts if part.stage is Stage.RECEIVED}
    begun = [part for part in ticket.parts if part.stage is not Stage.RECEIVED]
    done = {part.type for part in begun}
    wanted = [(right, scope) for right, scope in rights if right not in done]
    parts = [
        replace(kept[right], position=n, scope=scope)
        if right in kept
        else Part(new_id(), n, right, ticket.received, scope)
        for n, (right, scope) in enumerate(wanted, start=1)
    ]
    return (*parts, *(replace(part, position=len(parts) + n) for n, part in enumerate(begun, start=1)))


async def dismiss(unit: Unit, house: House, ticket: Ticket, actor: Colleague, reason: str, note: str = "") -> Ticket:
    """Close as no request, with the reason; undone by `reopen` (F07).

    Who may be an impostor may also be the person: without the neutral letter it takes a written reason, sealed (R65).
    """
    if impostor(ticket) and not note.strip():
        raise Incomplete("refusal.field_missing", {"field": "note"})
    if note.strip():
        await unit.vault.put(ticket.id, Shelf.CASE, "note/dismissed", note.encode())
    if runs(ticket):  # whatever was asked: the 72 hours end only by a word about them
        raise NotAllowedNow("refusal.incident_runs")
    after = ticket
    for part in ticket.parts:
        if part.open:
            after = close(after, part, Event.DISMISSED, Outcome.NOT_A_REQUEST, house.now(), f"reason.{reason}")
    await unit.ledger.write(ticket.id, LedgerEvent.DISMISSED, actor.id, {"reason": reason})
    return await carry_on(unit, house, ticket, after, actor.id)


async def reopen(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Open a closed ticket again from the start; earlier letters and entries stay, and what restricts (R40)."""
    if ticket.stage is not Stage.CLOSED:
        raise NotAllowedNow("refusal.not_closed")
    held = in_force(ticket)
    opened = [part for part in ticket.parts if part != held]
    if not opened:
        raise NotAllowedNow("refusal.restriction_in_force")
    kept = tuple(one for one in ticket.tasks if _outlives(ticket, one))
    flags = without_judgings(forgotten(ticket.flags)) - {WRITTEN, *(() if held else (GROUND_SET,))}
    after = replace(ticket, closed_at=None, identity=Identity(), tasks=kept, flags=flags)
    for part in opened:
        again = advance(part, Event.REOPENED)
        fresh = replace(again, outcome=None, reason="", closed_at=None, package_fetched_at=None)
        after = after.with_part(replace(fresh, reopened_at=house.now()))
    await _forget_findings(unit, ticket)
    await known_again(unit, ticket)
    await unit.ledger.write(ticket.id, LedgerEvent.REOPENED, actor.id)
    await joining.part_again(unit, house, ticket, actor)
    return await carry_on(unit, house, ticket, after, actor.id)


def _outlives(ticket: Ticket, task: Task) -> bool:
    """Whether a task stays when its ticket begins anew: what was done and is still to be told of (Art. 19) is."""
    untold = task.operation is Operation.NOTIFY and not task.settled
    return task.operation is Operation.HIDE or untold or kept_on_reopening(ticket, task)


async def _forget_findings(unit: Unit, ticket: Ticket) -> None:
    """Drop what was found and every link: they may have been another person's, and are looked for again (R19)."""
    await unit.vault.shred(ticket.id, Shelf.FINDINGS)
    await unit.links.drop(ticket.id)
    person = await casefile.person_of(unit, ticket.id)
    await casefile.keep_person(unit, ticket.id, replace(person, on_file=(), authority_by="", answer_requester=False))


async def hand_over(unit: Unit, ticket: Ticket, actor: Colleague, to: Colleague) -> Ticket:
    """Give the ticket to another colleague to walk."""
    saved = await unit.tickets.save(ticket, replace(ticket, handler=to.id))
    await unit.ledger.write(ticket.id, LedgerEvent.HANDED_OVER, actor.id, {"to": to.id})
    if to.id != actor.id:
        await tell_turn(unit, saved, to)
    await refresh(unit, ticket.id)
    return saved
