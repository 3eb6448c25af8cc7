"""What a card is about, and the card that shows it: the one place that loads state for the cards.

`about` is a ticket's id or reference, "home", "items:<day>", "summary:<day>", "halted:<day>" (and, of a chat that
takes nothing, ":<trouble>:<chat>:<scope>"),
"burst:<id>", "gathered:<kind>:<day>", "review:<id>" (":alone" as a reminder), "clearing:<id>:<day>",
"uncleared:<day>" or "reminder:<kind>:<ticket>:<day or turn>"; of colleagues and of the whole desk "left:<who>:<day>",
"handed:<from>:<to>:<moved>:<stayed>:<once>", "oncall:<first>:<last>", "unproven:<chat>:<who>:<day>" and "stops:<once>".
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.card import Card
from bot.cards import incident, restriction
from bot.cards.burst import burst_card
from bot.cards.clearing import OWN_COPIES, clearing_card, uncleared_card
from bot.cards.gathered import gathered_card
from bot.cards.handing import handed_card, left_card, unproven_card
from bot.cards.history import history_line
from bot.cards.home import home_card
from bot.cards.items import Beside, items_card
from bot.cards.orders import shift_told, stops_card
from bot.cards.particulars import NO_THREAD, Particulars
from bot.cards.reminders import ORIGINAL, reminder_card
from bot.cards.retention import review_card
from bot.cards.scene import Scene
from bot.cards.summary import Morning, halted_card, morning_card, unreached_card
from bot.cards.ticket import more_card, ticket_card
from bot.domain.errors import NotFound, PrivacyDeskError, Shredded
from bot.domain.incident import clocked
from bot.domain.people import Colleague, Shift
from bot.domain.policy import officer_only
from bot.domain.restriction import in_force
from bot.domain.roster import NOT_THEIRS
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.threads import begun
from bot.domain.ticket import Stage, Ticket
from bot.ports import EVERY, ReviewState, TicketQuery, Unit
from bot.services import casefile
from bot.services.casefile import incident_of
from bot.services.house import House, key_of
from bot.services.records import restrictions
from bot.services.records.packing import size_of
from bot.services.showing.due import due_reminders, latest_morning, next_reminder
from bot.services.showing.kin import Kin, kin_of
from bot.services.showing.quiet import all_seen, dismissed_lately
from bot.services.thread import has_thread, thread_of

NO_INTEREST: Final = "no_interest"
#: How what tells of work that halted begins.
HALTED: Final = "halted:"
#: What a notice that a chat takes nothing names beside its day: the trouble's key, the chat, the scope it lacks.
CAUSE: Final = 3
UNDECIDED: Final = frozenset({ReviewState.PROPOSED, ReviewState.OPENED})


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looking; no reader means the channel, which is read in the desk's own language."""

    unit: Unit
    house: House
    reader: Colleague | None


async def card_about(unit: Unit, house: House, reader: Colleague | None, about: str) -> Card:
    """Return the card; *reader* None means the channel. Raises `NotFound`."""
    look = Look(unit, house, reader)
    kind, _, rest = about.partition(":")
    match kind:
        case "home":
            return await _home(look)
        case "items" | "summary" | "halted":
            return await _of_morning(look, about, kind)
        case "burst" | "gathered":
            return await _of_many(look, about, kind, rest)
        case "review" | "clearing" | "uncleared":
            return await _of_reviews(look, about, kind, rest)
        case "left" | "handed" | "stops" | "oncall" | "unproven":
            return await _of_people(look, about, kind, rest)
        case "reminder":
            return await _reminder(look, about, rest)
        case _:
            return await _ticket(look, about)


async def history_about(unit: Unit, house: House, reader: Colleague | None, about: str) -> tuple[str, ...]:
    """Return what happened, a line an entry, oldest first; nothing of what is the officer's alone (D12)."""
    look = Look(unit, house, reader)
    if not await may_read_history(look, about):
        return ()
    lines = (history_line(entry, _scene(look)) for entry in await unit.ledger.entries(about))
    return tuple(line for line in lines if line)


async def may_read_history(look: Look, about: str) -> bool:
    """Whether the thread below a card may say what happened."""
    if ":" in about or (look.reader is not None and look.reader.is_officer):
        return True
    return not officer_only(await look.unit.tickets.load(about))


def _scene(look: Look) -> Scene:
    return look.house.scene(look.reader.language if look.reader else look.house.language)


async def _ticket(look: Look, key: str) -> Card:
    ticket = await look.unit.tickets.load(key)
    officer = look.reader is not None and look.reader.is_officer
    return ticket_card(_scene(look), ticket, await _beside(look, ticket), for_officer=officer)


async def more_about(unit: Unit, house: House, reader: Colleague, ticket: Ticket) -> Card:
    """Return, for one reader, what can be done with a ticket and has no room on its card."""
    look = Look(unit, house, reader)
    return more_card(_scene(look), ticket, await _beside(look, ticket))


async def _beside(look: Look, ticket: Ticket) -> Particulars:
    """Return the package's size and when we look again, without opening anything."""
    size = None
    for part in ticket.parts:
        packed = any(
            task.operation is Operation.EXPORT and task.state is TaskState.DONE for task in ticket.tasks_of(part)
        )
        if packed and part.open:
            try:
                size = await size_of(look.unit, ticket.id, part)
            except PrivacyDeskError:
                continue
    clock = await incident_of(look.unit, ticket.id) if clocked(ticket) else None
    officer = look.reader is not None and look.reader.is_officer
    thread = await thread_of(look.unit, ticket.id) if has_thread(ticket) else NO_THREAD
    new = ticket.stage is Stage.RECEIVED and not begun(ticket)
    kin = await kin_of(look.unit, ticket, for_officer=officer) if new else Kin()
    held = in_force(ticket)
    rests = await restrictions.entry(look.unit, held.id) if held is not None else None
    tries, reminded = await _when(look, ticket)
    recheck = look.house.terms.recheck_days
    return Particulars(size, recheck, clock, thread, kin.twins, kin.others, rests, tries, reminded)


async def _when(look: Look, ticket: Ticket) -> tuple[dict[str, datetime], date | None]:
    """Return when what is in trouble is tried again, and when a step by hand is reminded of: as the jobs have it."""
    troubled = {key_of(task): task.id for task in ticket.tasks if task.trouble and task.state is TaskState.READY}
    tries = await look.unit.jobs.due(troubled) if troubled else {}
    by_hand = any(task.state is TaskState.BY_HAND for task in ticket.tasks)
    reminded = next_reminder(look.house, ticket, look.house.now()) if by_hand else None
    return {troubled[key]: at for key, at in tries.items()}, reminded


async def _home(look: Look) -> Card:
    if look.reader is None:
        raise NotFound("refusal.not_found")
    return home_card(_scene(look), look.reader, await look.unit.tickets.matching(TicketQuery(limit=EVERY)))


async def _of_morning(look: Look, about: str, kind: str) -> Card:
    if kind == "halted":
        return await _halted(look, about)
    return await (_items(look, about) if kind == "items" else _summary(look, about))


async def _halted(look: Look, about: str) -> Card:
    """Return what halted: all that was given up, or that a chat takes nothing, for that day alone."""
    _, day, *cause = about.split(":", 4)  # a scope, which comes last, has colons of its own
    if len(cause) != CAUSE:
        return halted_card(_scene(look), await look.unit.jobs.set_aside(), about)
    if day != str(latest_morning(look.house)):
        raise NotFound("refusal.not_found")  # an older one that waited: today's says whether it still is so
    key, system, scope = cause
    return unreached_card(_scene(look), key, {"system": system, "scope": scope}, about)


async def _items(look: Look, about: str) -> Card:
    opened = await all_seen(look.unit, about)
    dismissed = len(await dismissed_lately(look.unit, look.house, 1))
    beside = Beside(len(await look.unit.items.older()), dismissed)
    return items_card(_scene(look), about, await look.unit.items.waiting(), opened=opened, beside=beside)


async def waiting_in(unit: Unit, burst: str) -> list[Ticket]:
    """Return the tickets of a burst that still wait to be confirmed, changed or dismissed."""
    found = await unit.tickets.matching(TicketQuery(burst=burst, limit=EVERY))
    return [ticket for ticket in found if ticket.stage is Stage.RECEIVED]


async def _summary(look: Look, about: str) -> Card:
    reviews = await look.unit.reviews.open_for(NO_INTEREST)
    morning = Morning(
        await look.unit.tickets.matching(TicketQuery(limit=EVERY)),
        sum(review.state in UNDECIDED for review in reviews),
        len(await look.unit.items.waiting()),
        await look.unit.jobs.set_aside(),
    )
    card = morning_card(_scene(look), morning, about)
    if card is None:
        raise NotFound("refusal.not_found")
    return card


async def _of_many(look: Look, about: str, of: str, rest: str) -> Card:
    if of == "burst":
        return burst_card(_scene(look), await waiting_in(look.unit, rest), about)
    kind, _, day = rest.partition(":")
    if look.reader is None:
        raise NotFound("refusal.not_found")
    tickets = await look.unit.tickets.matching(TicketQuery(limit=EVERY))
    due = [one for one in tickets if kind in due_reminders(look.house, one, _day(day))]
    return gathered_card(_scene(look), kind, due, look.reader, about)


async def _of_reviews(look: Look, about: str, kind: str, rest: str) -> Card:
    if kind == "uncleared":
        return uncleared_card(_scene(look), await look.unit.reviews.open_for(OWN_COPIES), about)
    review = await look.unit.reviews.load(rest.partition(":")[0])
    if kind == "clearing":
        return clearing_card(_scene(look), review, look.house.terms.candidate_years, about)
    return review_card(_scene(look), review, look.house.terms.no_interest)


async def _of_people(look: Look, about: str, kind: str, rest: str) -> Card:
    """Return what is told of colleagues and of the whole desk; each is for one reader."""
    if look.reader is None:
        raise NotFound("refusal.not_found")
    scene = _scene(look)
    if kind == "stops":
        return stops_card(scene, look.reader, about)
    if kind == "unproven":
        return await _unproven(look, rest, about)
    first, _, more = rest.partition(":")
    if kind == "oncall":
        shift = Shift(_day(first), _day(more), look.reader.id)
        return shift_told(scene, shift, about)
    tickets = await look.unit.tickets.matching(TicketQuery(limit=EVERY))
    if kind == "left":
        if not look.reader.is_officer:
            raise NotFound("refusal.not_found")
        return left_card(scene, first, [one for one in tickets if one.handler == first], about)
    to, moved, stayed = (*more.split(":"), "", "", "")[:3]
    if not (moved.isdecimal() and stayed.isdecimal()):
        raise NotFound("refusal.not_found")
    mine = [one for one in tickets if one.handler == look.reader.id]
    return handed_card(scene, (first, to, int(moved), int(stayed)), look.reader, mine)


async def _unproven(look: Look, rest: str, about: str) -> Card:
    """Return to an officer that an id in the people file is not its colleague's, while it still is so."""
    chat, _, more = rest.partition(":")
    colleague = look.house.people.written.by_id(more.partition(":")[0])
    told = await look.unit.identities.of(chat, colleague.handles.get(chat, ""))
    if not (look.reader and look.reader.is_officer) or told is None or told.colleague != NOT_THEIRS:
        raise NotFound("refusal.not_found")
    return unproven_card(_scene(look), chat, colleague, about)


def _day(text: str) -> date:
    """Return a day in a name; `NotFound` for a name that nobody here gave."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound("refusal.not_found") from None


async def _reminder(look: Look, about: str, rest: str) -> Card:
    kind, _, remaining = rest.partition(":")
    ticket = await look.unit.tickets.load(remaining.partition(":")[0])
    if look.reader is None:
        raise NotFound("refusal.not_found")
    running = await incident_of(look.unit, ticket.id) if kind == incident.KIND else None
    if running is not None and look.reader.is_officer:
        return incident.incident_card(_scene(look), ticket, running, about)
    if kind == restriction.KIND and in_force(ticket) is not None:
        return restriction.review_card(_scene(look), ticket, about)
    link = await _link(look, ticket) if kind == ORIGINAL else ""
    return reminder_card(_scene(look), ticket, kind, look.reader, about, link)


async def _link(look: Look, ticket: Ticket) -> str:
    """Return the way to the message a ticket was made of; "" when there is none or it is forgotten."""
    try:
        return await casefile.beside(look.unit, ticket.id, casefile.LINK)
    except Shredded:
        return ""
