"""The one place that moves a part on by itself.

Every service changes what it is about and hands the ticket to `carry_on`, which applies
the rules until nothing moves, saves, and enqueues the jobs that follow, all in the same
transaction. Nothing here ever decides for a person: a task that waits for somebody stays
where it is, and so does its part.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.again import as_found_now
from bot.domain.identity import TIER_OF_LINK, IdentityState, doubts_about, tier_of
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.locking import lock_on
from bot.domain.optout import is_opt_out, plan_stop
from bot.domain.policy import officer_only, plan, plan_search, unlocked
from bot.domain.portable import covered, limited
from bot.domain.protection import impostor, suspect
from bot.domain.recipients import holds_letter
from bot.domain.redaction import awaited
from bot.domain.roads import Road, authority_shown, awaits_id, contract_governs, taken, unidentified
from bot.domain.system import IdentifierKind, Operation, Record
from bot.domain.task import NOT_PROVEN, TAKEN_BACK, Lock, Task, TaskState
from bot.domain.threads import searches_of
from bot.domain.ticket import Event, Outcome, Part, Stage, Ticket, advance, answers, close, letters_of
from bot.ports import Unit
from bot.services import casefile
from bot.services.casework import holding, recipients
from bot.services.casework.following import enqueue, note_stages
from bot.services.casework.outcome import answer_kind, outcome_of, own_tasks, unsearched
from bot.services.casework.protecting import remember_held
from bot.services.casework.proving import as_doubtful, more_to_prove
from bot.services.house import House, new_id, new_ids
from bot.services.showing.posting import refresh
from bot.services.showing.turns import tell_whose_turn


async def carry_on(unit: Unit, house: House, before: Ticket, after: Ticket, by: str = DESK) -> Ticket:
    """Move every part as far as the rules take it; save; enqueue what follows; return the ticket as saved.

    *by* is the colleague who acted: what now waits for them they see on the card, and are not told of.
    """
    ticket = after
    while (moved := await _step(unit, house, ticket)) is not ticket:
        ticket = moved
    saved = await unit.tickets.save(before, ticket)
    await note_stages(unit, before, saved)
    await enqueue(unit, house, before, saved)
    await tell_whose_turn(unit, house, before, saved, by)
    await refresh(unit, saved.id)
    return saved


async def _step(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    for part in ticket.parts:
        moved = await _moved(unit, house, ticket, part)
        if moved is not ticket:
            return moved
    return ticket


async def _moved(unit: Unit, house: House, ticket: Ticket, part: Part) -> Ticket:
    match part.stage:
        case Stage.LOCATING:
            return await _locate(unit, house, ticket, part)
        case Stage.VERIFYING:
            return _verify(house, ticket, part)
        case Stage.DECIDING | Stage.EXECUTING:
            held = await holding.applied(unit, house, ticket, part)
            if held is not ticket:
                return held
            if (told := recipients.moved_on(house, ticket, part)) is not ticket:
                return told
            return (_decide if part.stage is Stage.DECIDING else _execute)(house, ticket, part)
        case Stage.REPLYING:
            return _reply(house, ticket, part)
        case Stage.RECEIVED | Stage.CLOSED:
            return ticket


# --- Sök ---------------------------------------------------------------------------------------


async def _locate(unit: Unit, house: House, ticket: Ticket, part: Part) -> Ticket:
    if is_opt_out(part):
        tasks = plan(part, house.manifests, (), new_ids(), house.now(), ticket.roles)
        return _with(ticket, advance(part, Event.OPT_OUT_LOCATED), tasks)
    whole = taken(ticket) is Road.DECEASED
    if stops := plan_stop(
        part, house.manifests, ticket.tasks_of(part), new_ids(), house.now(), ticket.roles, whole=whole
    ):
        return _with(ticket, part, stops)
    if not any(task.operation is Operation.FIND for task in ticket.tasks):
        person = await casefile.person_of(unit, ticket.id)
        kinds: set[IdentifierKind] = {identifier.kind for identifier in person.identifiers()}
        searched = plan_search(part, house.manifests, kinds, new_ids(), house.now(), ticket.roles)
        return _with(ticket, part, searched)
    searches = searches_of(ticket, part)
    if not all(task.settled for task in searches):
        return ticket
    return await _searched(unit, house, ticket, part, searches)


async def _searched(unit: Unit, house: House, ticket: Ticket, part: Part, searches: Sequence[Task]) -> Ticket:
    proposed = _planned(house, ticket, part, searches)
    if not proposed:
        return _nothing_held(house, ticket, part)
    if (more := await more_to_prove(unit, ticket, part, searches)) is not None:
        on_file = (await casefile.person_of(unit, ticket.id)).on_file
        return _asking(house, more, (part,)) if on_file else more
    if ticket.identity.state is IdentityState.UNSETTLED:
        return await _settle_identity(unit, house, ticket, searches)
    if ticket.identity.permits_content:
        return _ask_to_confirm(house, _with(ticket, advance(part, Event.LOCATED), proposed), part, proposed)
    return ticket.with_part(advance(part, Event.PROOF_NEEDED))


def _planned(house: House, ticket: Ticket, part: Part, searches: Sequence[Task]) -> tuple[Task, ...]:
    """Return what the part asks; what a contract governs is left, so beside it a colleague does it by hand (P5)."""
    partly = contract_governs(ticket)
    tasks = plan(part, house.manifests, searches, new_ids(), house.now(), ticket.roles, partly=partly)
    held = (place for search in searches if search.state is TaskState.DONE for place in search.places)
    entries = covered(house.policy.portable, house.policy.roles_held(ticket.roles, held))
    return limited(part, tasks, entries, house.now())


def _nothing_held(house: House, ticket: Ticket, part: Part) -> Ticket:
    if awaits_id(ticket) or not all(task.settled for task in own_tasks(ticket, part)):
        return ticket  # mailings are being stopped, and the letter says so; or the person may still name their browser
    kind = LetterKind.REFUSED if unsearched(ticket) else LetterKind.NOTHING_FOUND
    kind = LetterKind.DECEASED if taken(ticket) is Road.DECEASED else kind
    if unidentified(ticket) and kind is LetterKind.NOTHING_FOUND:
        kind = LetterKind.CANNOT_IDENTIFY  # which says too that nothing was found by what we do know (Art. 11)
    return _answer_with(house, ticket, advance(part, Event.NOTHING_HELD), kind)


async def _settle_identity(unit: Unit, house: House, ticket: Ticket, searches: Sequence[Task]) -> Ticket:
    """Weigh what was found and how the request came (D6, D7); write the doubt down before anything is asked (R10)."""
    person = await casefile.person_of(unit, ticket.id)
    records: list[Record] = []
    for search in searches:
        records += await casefile.records_of(unit, ticket.id, search.system)
    found = {c.value for record in records for c in record.contacts if c.kind is IdentifierKind.EMAIL}
    person = replace(person, on_file=tuple(sorted(found)))
    await casefile.keep_person(unit, ticket.id, person)
    await remember_held(unit, ticket, person.on_file)
    open_rights = [part.type for part in ticket.parts if part.open and not is_opt_out(part)]
    person = await as_doubtful(unit, ticket, person)
    tier = max(TIER_OF_LINK, tier_of(open_rights, ticket.roles, records, ticket.flags))
    doubts = doubts_about(
        tier=tier,
        sender=person.sender,
        on_file=person.is_on_file,
        reply_to_differs=person.reply_to_differs,
        on_behalf=person.on_behalf and not authority_shown(ticket),
        flagged=suspect(ticket),
    )
    state = IdentityState.ASKED if doubts else IdentityState.AUTHENTICATED
    facts: dict[str, str | int] = {"tier": tier, "doubts": ",".join(doubts), "state": state}
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_SETTLED, DESK, facts)
    settled = replace(ticket, identity=replace(ticket.identity, state=state, tier=tier, doubts=doubts))
    asks = state is IdentityState.ASKED and bool(person.on_file)
    return _asking(house, settled, ticket.parts) if asks else settled


def _asking(house: House, ticket: Ticket, parts: Sequence[Part]) -> Ticket:
    """Ask by letter who writes; an officer's ticket (D12) and a suspect one wait for a person to decide whether."""
    silent = officer_only(ticket) or suspect(ticket)
    return ticket if silent else requested(house, ticket, LetterKind.IDENTITY_NEEDED, parts)


def _ask_to_confirm(house: House, ticket: Ticket, part: Part, proposed: Sequence[Task]) -> Ticket:
    """Send the "Ja, radera" link at once (D7), unless an access letter with a link of its own goes out first."""
    erases = any(task.operation is Operation.ERASE for task in proposed)
    first = all(earlier.position >= part.position or is_opt_out(earlier) for earlier in ticket.parts)
    if erases and first and ticket.identity.state is IdentityState.AUTHENTICATED:
        return requested(house, ticket, LetterKind.CONFIRM_ERASURE, (part,))
    return ticket


# --- Identitet, Beslut, Utför --------------------------------------------------------------------


def _verify(house: House, ticket: Ticket, part: Part) -> Ticket:
    if ticket.identity.state is IdentityState.FAILED:
        return _not_proven(house, ticket, part)
    searches = searches_of(ticket, part)
    if not ticket.identity.permits_content or not all(task.settled for task in searches):
        return ticket
    proposed = _planned(house, ticket, part, searches)
    return _with(ticket, advance(part, Event.PROVEN), proposed)


def _decide(house: House, ticket: Ticket, part: Part) -> Ticket:
    if ticket.identity_for(part).state is IdentityState.FAILED:
        return _not_proven(house, ticket, part)
    searches = searches_of(ticket, part)
    if not all(task.settled for task in searches):
        return ticket  # searched anew by something a colleague has let it be searched by (F23)
    if (wider := _as_found_now(house, ticket, part, searches)) is not ticket:
        return wider
    if awaits_id(ticket) or any(task.state is TaskState.PROPOSED for task in own_tasks(ticket, part)):
        return ticket
    return ticket.with_part(advance(part, Event.DECIDED))


def _as_found_now(house: House, ticket: Ticket, part: Part, searches: Sequence[Task]) -> Ticket:
    """Return the ticket with what a wider search found: what is proposed counts anew, and new systems are asked."""
    own = own_tasks(ticket, part)
    for task in own:
        if (now := as_found_now(task, searches)) is not task:
            return ticket.with_task(now)
    asked = {(task.system, task.operation) for task in own}
    more = [task for task in _planned(house, ticket, part, searches) if (task.system, task.operation) not in asked]
    return _with(ticket, part, more) if more else ticket


def _execute(house: House, ticket: Ticket, part: Part) -> Ticket:
    if ticket.identity_for(part).state is IdentityState.FAILED and not is_opt_out(part):
        return _not_proven(house, ticket, part)
    now = house.now()
    for task in own_tasks(ticket, part):
        if task.state is not TaskState.LOCKED:
            continue
        lock = lock_on(ticket, part, task, now, house.calendar)
        if lock is None:
            return ticket.with_task(unlocked(task, now))
        if lock is Lock.CONFIRMATION and not _has(ticket, part, LetterKind.CONFIRM_ERASURE):
            return requested(house, ticket, LetterKind.CONFIRM_ERASURE, (part,))
    held = bool(awaited(ticket, part)) or holds_letter(ticket, part, now, house.calendar)
    if all(task.settled for task in own_tasks(ticket, part)) and not held:
        return _answer_with(house, ticket, advance(part, Event.SETTLED), answer_kind(ticket, part))
    return ticket


def _not_proven(house: House, ticket: Ticket, part: Part) -> Ticket:
    for task in own_tasks(ticket, part):
        if not task.settled and task.operation is not Operation.SUPPRESS:  # which asks for no proof
            dropped = replace(task, state=TaskState.NOT_APPLICABLE, reason=NOT_PROVEN, settled_at=house.now())
            ticket = ticket.with_task(dropped)
    if not all(task.settled for task in own_tasks(ticket, part)):
        return ticket
    kind = LetterKind.NEUTRAL if impostor(ticket) else LetterKind.CANNOT_IDENTIFY
    return _answer_with(house, ticket, advance(part, Event.NOT_PROVEN), kind)


# --- Svar ----------------------------------------------------------------------------------------


def _reply(house: House, ticket: Ticket, part: Part) -> Ticket:
    sent = [letter for letter in answers(ticket, part) if letter.state is LetterState.SENT]
    if not sent:
        return ticket
    outcome = outcome_of(ticket, part, sent[-1].kind)
    reason = TAKEN_BACK if outcome is Outcome.WITHDRAWN else ""
    return close(ticket, part, Event.ANSWERED, outcome, house.now(), reason)


def requested(house: House, ticket: Ticket, kind: LetterKind, parts: Sequence[Part]) -> Ticket:
    """Return the ticket with a letter that a job is to write."""
    letter = Letter(new_id(), kind, tuple(part.id for part in parts), drafted_at=house.now())
    return ticket.with_letter(letter)


def _answer_with(house: House, ticket: Ticket, part: Part, kind: LetterKind) -> Ticket:
    return requested(house, ticket.with_part(part), kind, (part,))


# --- what follows --------------------------------------------------------------------------------


def _has(ticket: Ticket, part: Part, kind: LetterKind) -> bool:
    return any(letter.kind is kind for letter in letters_of(ticket, part))


def _with(ticket: Ticket, part: Part, tasks: Sequence[Task]) -> Ticket:
    changed = ticket.with_part(part)
    return replace(changed, tasks=(*changed.tasks, *tasks))
