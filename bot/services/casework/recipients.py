"""Recipients of what was done (Art. 19): what a colleague named, what follows by itself, what letters may say.

case/recipient/<key>       name and contact of a recipient that a colleague named
case/note/<task>           why somebody was not told, in a colleague's words

What a colleague does about them is in `telling`; here is what moves a ticket on needs to know.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.domain.deadline import SWEDEN
from bot.domain.errors import NotFound, Shredded
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import LetterKind, LetterState
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.recipients import OF_STEP, Telling, named_on, steps, told_of, with_steps
from bot.domain.ticket import Part, Ticket, answers
from bot.letters import RecipientsMatter
from bot.letters.required import TELL_OTHERS
from bot.ports import Job, JobKind, Shelf, Unit
from bot.services.casework.opting_out import NEXT_DAY_AT, told_at
from bot.services.house import House, new_ids
from bot.services.showing.posting import tell

NAME: Final = "recipients"
KEPT: Final = "recipient/"
#: Letters that say what was told or handed to others.
TELL_THEM: Final = TELL_OTHERS | {LetterKind.PORTABLE}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a colleague named: who, and how to reach them. It may be a person, so it lies in the vault."""

    name: str = field(repr=False)
    contact: str = field(default="", repr=False)


async def keep(unit: Unit, ticket_id: str, key: str, named: Named) -> None:
    """Seal whom a colleague named."""
    await unit.vault.put(ticket_id, Shelf.CASE, f"{KEPT}{key}", json.dumps(asdict(named)).encode())


async def of_key(unit: Unit, house: House, ticket_id: str, key: str) -> Named:
    """Open who a recipient is: from the policy, or as a colleague named them; by number once that is forgotten."""
    for one in house.policy.recipients:
        if one.key == key:
            return Named(one.name, one.contact)
    try:
        return Named(**json.loads(await unit.vault.get(ticket_id, Shelf.CASE, f"{KEPT}{key}")))
    except (NotFound, Shredded):
        return Named(house.scene(house.language).system(key))


# --- what follows by itself ---------------------------------------------------------------------------


def moved_on(house: House, ticket: Ticket, part: Part) -> Ticket:
    """Return the ticket with a step for everybody newly to be told of *part*; itself when there is nobody."""
    return with_steps(ticket, part, house.policy, house.systems.keys(), new_ids(), house.now())


def drafts_again(ticket: Ticket, part: Part) -> Ticket:
    """Return the ticket with the unread draft that answers *part* to be written anew: who was told has changed.

    A draft that a colleague has put words into stays; what it lacks then stands beside it on the review page.
    """
    for letter in answers(ticket, part):
        if letter.state is LetterState.DRAFT and letter.kind in TELL_THEM and not letter.edited_by:
            ticket = ticket.with_letter(replace(letter, state=LetterState.REQUESTED))
    return ticket


async def watch(unit: Unit, house: House, before: Ticket, saved: Ticket) -> None:
    """Have whoever it waits for asked the same working day, and every working morning after, until all are told."""
    known = {task.id for task in before.tasks}
    if any(task.id not in known for task in steps(saved)):
        await _ring_at(unit, saved, told_at(house, house.now()))


async def ring(house: House, ticket_id: str) -> None:
    """Job: ask again for what nobody has told yet; the ticket may be answered and closed meanwhile."""
    async with house.work() as unit:
        try:
            ticket = await unit.tickets.load(ticket_id)
        except NotFound:
            return
        if not steps(ticket):
            return
        for colleague in _asked(house, ticket):
            await tell(unit, f"reminder:{NAME}:{ticket.id}:{house.today()}", colleague)
        await unit.ledger.write(ticket.id, LedgerEvent.REMINDED, DESK, {"kind": NAME})
        day = house.calendar.add_working_days(house.today(), 1)
        await _ring_at(unit, ticket, datetime.combine(day, NEXT_DAY_AT, SWEDEN))


def _asked(house: House, ticket: Ticket) -> Sequence[Colleague]:
    if officer_only(ticket):
        return house.people.officers()
    owners = [one for task in steps(ticket) for one in house.people.owners(task.system)]
    walks = [one for one in house.people.colleagues if one.id == ticket.handler]
    return tuple({one.id: one for one in (*owners, *walks)}.values()) or (house.on_call(),)


async def _ring_at(unit: Unit, ticket: Ticket, at: datetime) -> None:
    await unit.jobs.put(Job(JobKind.CHASE, f"chase:{NAME}:{ticket.id}", (NAME, ticket.id), at))


# --- what the letters say -----------------------------------------------------------------------------


async def matter_for(unit: Unit, house: House, ticket: Ticket, parts: Sequence[Part]) -> RecipientsMatter:
    """Return who was told of what was done for *parts*, who is still to be, and who was not, and why."""
    told, waiting, unreached = list[str](), list[str](), list[tuple[str, str]]()
    for task in (task for part in parts for task in told_of(ticket, part)):
        name = (await of_key(unit, house, ticket.id, task.system)).name
        match OF_STEP.get(task.state, Telling.WAITING):
            case Telling.TOLD:
                told.append(name)
            case Telling.WAITING:
                waiting.append(name)
            case Telling.UNREACHED:
                unreached.append((name, task.reason))
            case _:  # never had it: nothing to tell the person
                pass
    further = [(await of_key(unit, house, ticket.id, key)).name for key in named_on(ticket)]
    return RecipientsMatter(tuple(told), tuple(waiting), tuple(unreached), tuple(further))
