"""Confirm, change or dismiss one part that came later, while the others go on undisturbed (R9).

Its search may rest on what was found for the others within a day; after that every system
is asked again, so that nobody decides on what was true last week (D6).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.errors import NotAllowedNow
from bot.domain.identity import Identity, IdentityState
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.people import Colleague
from bot.domain.policy import plan_search
from bot.domain.protection import acknowledges
from bot.domain.request import RequestType, Scope
from bot.domain.threads import open_for, searches_of, still_good
from bot.domain.ticket import Event, Outcome, Part, Stage, Ticket, advance, close
from bot.ports import Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House, new_ids
from bot.services.thread import note_settled, thread_of


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a colleague corrects in one part; None leaves a thing as it is."""

    right: RequestType | None = None
    scope: Scope | None = None
    received: datetime | None = None


async def confirm_part(unit: Unit, house: House, ticket: Ticket, part: Part, actor: Colleague) -> Ticket:
    """Confirm one part: its search begins and the requester gets a receipt for it (D5).

    Refused while its receipt is a guess (C11), or while nobody said what the person keeps.
    """
    if part.stage is not Stage.RECEIVED:
        raise NotAllowedNow("refusal.already_decided")
    asked = (await thread_of(unit, ticket.id)).asked.get(part.id)
    if asked is not None and asked.guessed:
        raise NotAllowedNow("refusal.clock_unsure")
    if asked is not None and asked.limited:
        raise NotAllowedNow("refusal.scope_unset")
    after = replace(ticket, handler=ticket.handler or actor.id).with_part(advance(part, Event.CONFIRMED))
    if not is_opt_out(part):
        after = await _searched_anew(unit, house, after, part)
        if after.identity.state is IdentityState.NOT_NEEDED:
            after = replace(after, identity=Identity())
        if acknowledges(after):
            after = requested(house, after, LetterKind.ACKNOWLEDGEMENT, (part,))
    facts: dict[str, str | int] = {"rights": part.type, "right": part.type, "part": part.position}
    await unit.ledger.write(ticket.id, LedgerEvent.CONFIRMED, actor.id, facts)
    return await carry_on(unit, house, ticket, after, actor.id)


async def _searched_anew(unit: Unit, house: House, ticket: Ticket, part: Part) -> Ticket:
    """Return the ticket with a search of the part's own, unless what was found for the others is still good."""
    searches = searches_of(ticket, part)
    if not searches or still_good(searches, house.now()):
        return ticket
    person = await casefile.person_of(unit, ticket.id)
    kinds = {identifier.kind for identifier in person.identifiers()}
    anew = plan_search(part, house.manifests, kinds, new_ids(), house.now(), ticket.roles)
    return replace(ticket, tasks=(*ticket.tasks, *anew))


async def change_part(
    unit: Unit, house: House, ticket: Ticket, part: Part, actor: Colleague, wanted: PartChange
) -> Ticket:
    """Correct one part before it is confirmed. What was changed is written down, never the values."""
    if part.stage is not Stage.RECEIVED:
        raise NotAllowedNow("refusal.already_decided")
    changed = replace(
        part,
        type=wanted.right or part.type,
        scope=part.scope if wanted.scope is None else wanted.scope,
        received=wanted.received or part.received,
    )
    _refuse_twice(ticket, part, changed)
    await note_settled(unit, ticket.id, part)
    named = [
        name for name, new in (("rights", wanted.right), ("scope", wanted.scope), ("received", wanted.received)) if new
    ]
    facts: dict[str, str | int] = {"changed": ",".join(named), "right": changed.type, "part": part.position}
    await unit.ledger.write(ticket.id, LedgerEvent.CHANGED, actor.id, facts)
    return await carry_on(unit, house, ticket, ticket.with_part(changed), actor.id)


def _refuse_twice(ticket: Ticket, part: Part, changed: Part) -> None:
    """Refuse what another open part answers already: it is dismissed as a duplicate instead."""
    others = replace(ticket, parts=tuple(one for one in ticket.parts if one.id != part.id))
    if open_for(others, changed) is not None:
        raise NotAllowedNow("refusal.right_open_already")


async def dismiss_part(unit: Unit, house: House, ticket: Ticket, part: Part, actor: Colleague, reason: str) -> Ticket:
    """Close one part as no request, with the reason; the others go on."""
    after = close(ticket, part, Event.DISMISSED, Outcome.NOT_A_REQUEST, house.now(), f"reason.{reason}")
    facts: dict[str, str | int] = {"reason": reason, "right": part.type, "part": part.position}
    await unit.ledger.write(ticket.id, LedgerEvent.DISMISSED, actor.id, facts)
    return await carry_on(unit, house, ticket, after, actor.id)


def refuse_to_reopen(ticket: Ticket, part: Part) -> None:
    """Refuse to open one part again unless it was dismissed by itself; a closed ticket is opened whole."""
    if part.outcome is not Outcome.NOT_A_REQUEST or ticket.stage is Stage.CLOSED:
        raise NotAllowedNow("refusal.already_decided")


async def reopen_part(
    unit: Unit, house: House, ticket: Ticket, part: Part, actor: Colleague, reason: str, note: str = ""
) -> Ticket:
    """Take back that one part was dismissed; it waits to be confirmed again, under its old receipt."""
    refuse_to_reopen(ticket, part)
    again = replace(advance(part, Event.REOPENED), outcome=None, reason="", closed_at=None, reopened_at=house.now())
    await casefile.keep_reopening(unit, ticket.id, house.now(), note)
    facts: dict[str, str | int] = {"right": part.type, "part": part.position, "reason": reason}
    await unit.ledger.write(ticket.id, LedgerEvent.REOPENED, actor.id, facts)
    return await carry_on(unit, house, ticket, ticket.with_part(again), actor.id)
