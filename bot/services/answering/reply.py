"""Writing letters and sending them: draft, check, approve, send, look.

A letter is written by a job, checked for what it must hold, and waits for a colleague,
except receipts, questions and the answer to an opt-out. Before the mail server is asked
the letter is marked SENDING; whoever finds that mark later looks whether it left, and if
looking does not settle it, a person decides (D34).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from bot.domain.errors import NotFound, OutcomeUnknown, PrivacyDeskError, SystemTrouble, TryLater
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.optout import asked_as, is_opt_out
from bot.domain.protection import BESIDE
from bot.domain.roads import contract_governs, reply_by
from bot.domain.system import IdentifierKind, Operation
from bot.domain.task import TaskState
from bot.domain.threads import searches_of
from bot.domain.ticket import Part, Ticket, overtaken
from bot.domain.undoing import undoing
from bot.letters import Drafted, LetterIncomplete, Matter, SystemResult, compose, missing, results_of
from bot.ports import Call, OutgoingMail, Shelf, Unit
from bot.services import casefile
from bot.services.answering import letter_links, shared_results
from bot.services.answering.roadside import is_question, on_road, road_matter, to_who_asked
from bot.services.casefile import LetterText, Person
from bot.services.casework import recipients, wrong_person
from bot.services.casework.progress import carry_on
from bot.services.deciding import extending, transferring, verification
from bot.services.deciding.correcting import corrected_in
from bot.services.deciding.restricting import matter_for, weighing_in
from bot.services.house import House
from bot.services.records.packing import erased_after_copy, seal_package
from bot.services.records.redacted import blanked_in, left_out_of
from bot.services.showing.posting import refresh
from bot.services.showing.turns import tell_whose_turn

#: What a colleague does by hand beside a contract.
LEAVES: Final = frozenset({Operation.EXPORT, Operation.ERASE})
#: What would let us find somebody we could not identify (Art. 11(2), R20).
HELPS: Final = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.ORDER_NUMBER, IdentifierKind.GA_CLIENT_ID)
#: Attempts (some hours) after which a colleague hears that a letter does not leave.
ATTEMPTS: Final = 10
SOON: Final = timedelta(seconds=30)
PACKED: Final = frozenset({LetterKind.ACCESS_ANSWER, LetterKind.PORTABLE, LetterKind.REFUSED})
#: Days after which we act without a reply to a question, never fewer than so many working days from now.
PATIENCE_DAYS: Final = 14
SOONEST_DAYS: Final = 3


async def draft(house: House, call: Call) -> None:
    """Job: write a requested letter; seal the package first when it answers an access request."""
    (letter_id,) = call.ids
    async with house.work() as unit:
        ticket = await _ticket_of(unit, letter_id)
    if ticket is None:
        return
    letter = ticket.letter(letter_id)
    if letter.state is not LetterState.REQUESTED:
        return
    for part_id in letter.part_ids if letter.kind in PACKED else ():
        await seal_package(house, ticket, ticket.part(part_id))
    async with house.work() as unit:
        ticket = await _ticket_of(unit, letter_id)
        if ticket is not None and ticket.letter(letter_id).state is LetterState.REQUESTED:
            await _write(unit, house, ticket, ticket.letter(letter_id))


async def _ticket_of(unit: Unit, letter_id: str) -> Ticket | None:
    """Return the letter's ticket, None when it was dropped because what it says is true no more."""
    try:
        return await unit.tickets.load(letter_id)
    except NotFound:
        return None


async def _write(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> None:
    link, until = await letter_links.new_for(unit, house, ticket, letter)
    matter = await matter_of(unit, house, ticket, letter, (link, until))
    try:
        written = compose(letter.kind, ticket.language, matter)
    except LetterIncomplete:
        written = Drafted(ticket.ref, "")  # a colleague sees on the review page what is missing, and writes it
    lacking = missing(letter.kind, ticket.language, written.text, matter)
    person = await casefile.person_of(unit, ticket.id)
    recipient = await _recipient(unit, ticket, letter, person)
    text = LetterText(recipient, written.subject, written.text, letter.kind, link, until)
    await casefile.keep_letter(unit, ticket.id, letter.id, text)
    ours = recipient.casefold() in {house.sender.casefold(), *house.reading.intake_addresses}  # would come round to us
    failed = letter.kind is LetterKind.UNDONE and any(t.state is TaskState.EXCEPTION for t in ticket.tasks)
    unread = letter.kind is LetterKind.EXTENDED and await extending.to_be_read(unit, ticket)
    strayed = await wrong_person.strayed(unit, ticket)  # with a link it would open again what was closed
    alone = letter.kind.sends_itself and not (lacking or ours or failed or unread or strayed)
    state = LetterState.APPROVED if alone else LetterState.DRAFT
    approved_by = (letter.approved_by or DESK) if alone else ""
    after = ticket.with_letter(replace(letter, state=state, approved_by=approved_by))
    await unit.ledger.write(ticket.id, LedgerEvent.LETTER_DRAFTED, DESK, {"letter": letter.kind})
    await carry_on(unit, house, ticket, after)


async def lacking_in(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> tuple[str, ...]:
    """Return the blocks a drafted letter must hold and does not; it cannot be sent with any."""
    kept = await casefile.letter_text(unit, ticket.id, letter.id)
    matter = await matter_of(unit, house, ticket, letter)
    return missing(letter.kind, ticket.language, kept.text, matter)


async def _recipient(unit: Unit, ticket: Ticket, letter: Letter, person: Person) -> str:
    """Return whom a letter goes to (D7b): receipts to who asked, codes to the second contact, answers on file.

    An answer goes to who asks for somebody else only where an attested authority says so (P16).
    """
    if to_who_asked(letter, person):
        return person.requester or person.email
    match letter.kind:
        case LetterKind.CODE:
            return await verification.second_contact(unit, ticket) or person.answer_to()
        case _:
            return person.answer_to()


async def matter_of(
    unit: Unit, house: House, ticket: Ticket, letter: Letter, fresh: tuple[str, str] | None = None
) -> Matter:
    """Return everything a letter may say. *fresh*: a new link and its last day; None: those it was drafted with."""
    parts = [ticket.part(part_id) for part_id in letter.part_ids]
    person, note = await casefile.person_of(unit, ticket.id), await casefile.road_of(unit, ticket.id)
    link, until = fresh or await _link_in(unit, ticket, letter)
    dates = house.dates(ticket, min(parts, key=lambda part: part.received))
    extension, why_longer = await extending.matter_for(unit, house, ticket, letter)
    code = await unit.vault.get(ticket.id, Shelf.CASE, "code") if letter.kind is LetterKind.CODE else b""
    return Matter(
        stationery=house.stationery,
        ref=ticket.ref,
        received=dates.received_local_date,
        last_day=dates.last_day,
        asked=() if is_question(ticket, letter) else tuple(part.type for part in parts),
        objects_otherwise=any(asked_as(part.type, part.scope) != part.type for part in parts),
        scope=parts[0].scope,
        name=person.name,
        roles=ticket.roles,
        results=await _results(unit, house, ticket, parts),
        searched_by=tuple(dict.fromkeys(one.kind for one in person.identifiers())),
        link="" if letter.kind is LetterKind.OPTED_OUT else link,
        undo_link=link if letter.kind is LetterKind.OPTED_OUT else "",
        link_until=date.fromisoformat(until) if until else None,
        then_erased=letter.kind in PACKED and erased_after_copy(house, ticket) is not None,
        code=code.decode(),
        doubts=ticket.identity.doubts,
        needs=await verification.ways_open(unit, house, ticket),
        helps=HELPS,
        answer_by=reply_by(ticket) or _answer_by(house, dates.safe_target),
        masked=blanked_in(ticket, parts) if letter.kind in PACKED else 0,
        left_out=await left_out_of(unit, ticket, parts) if letter.kind in PACKED else {},
        findings_days=house.terms.findings_days,
        case_months=house.terms.case_months,
        words=note.words if on_road(ticket, letter) else why_longer,
        road=road_matter(ticket, letter, note, person),
        corrected=await corrected_in(unit, house, ticket, parts),
        restriction=await matter_for(unit, ticket, parts[0]),
        weighing=await weighing_in(unit, ticket, parts),
        recipients=await recipients.matter_for(unit, house, ticket, parts),
        transfers=await transferring.matter_for(unit, house, ticket, parts),
        extension=extension,
    )


async def _link_in(unit: Unit, ticket: Ticket, letter: Letter) -> tuple[str, str]:
    kept = await casefile.letter_text(unit, ticket.id, letter.id)
    return kept.link, kept.link_until


def _answer_by(house: House, safe: date) -> date:
    soonest = house.calendar.add_working_days(house.today(), SOONEST_DAYS)
    return max(soonest, min(safe, house.today() + timedelta(days=PATIENCE_DAYS)))


async def _results(unit: Unit, house: House, ticket: Ticket, parts: Sequence[Part]) -> tuple[SystemResult, ...]:
    part = parts[0]
    searches = () if is_opt_out(part) else searches_of(ticket, part)
    own = [task for one in parts for task in ticket.tasks_of(one) if task.operation not in BESIDE]
    if undoing(part):  # what was stopped before is not what this letter is about
        own = [task for task in own if task.operation is Operation.RESUME]
    special = set()
    for task in searches:
        try:
            records = await casefile.records_of(unit, ticket.id, task.system)
        except PrivacyDeskError:
            continue
        if any(record.special for record in records):
            special.add(task.system)
    found = results_of(house.texts, ticket.language, (part.type, part.scope), (*searches, *own), house.words, special)
    found = await shared_results.beside(unit, house, ticket, own, found)
    if not contract_governs(ticket):
        return found
    # beside a contract a system's own words would say too much: what it governs was left
    return tuple(replace(one, sentence="", lasts="") if one.operation in LEAVES else one for one in found)


async def send(house: House, call: Call) -> None:
    """Job: send an approved letter; look first when an earlier attempt may have sent it."""
    (letter_id,) = call.ids
    async with house.work() as unit:
        ticket = await _ticket_of(unit, letter_id)
        if ticket is None:
            return
        letter = ticket.letter(letter_id)
        if letter.state not in (LetterState.APPROVED, LetterState.SENDING):
            return
        again = letter.state is LetterState.SENDING
        if not again and await extending.came_too_late(unit, house, ticket, letter):
            return
        if not again:
            marked = replace(letter, state=LetterState.SENDING)
            await unit.tickets.save(ticket, ticket.with_letter(marked))
            await unit.ledger.write(ticket.id, LedgerEvent.LETTER_SENDING, DESK, {"letter": letter.kind})
        mail = await _mail(unit, house, ticket, letter)
        dead = "trouble.link_dead" if await letter_links.dead_in(unit, house, ticket, letter) else ""
        dead = "trouble.mail_unknown" if overtaken(ticket, letter) else dead
    try:
        if not (again and await house.mailbox.was_sent(mail.message_id)):
            if dead:  # closed, or untrue, since it was approved: whoever settles it sends a fresh one, or none
                await _doubtful(house, letter_id, dead)
                return
            await house.mailbox.send(mail)
    except (TryLater, OutcomeUnknown) as trouble:
        if call.attempts < ATTEMPTS:  # still SENDING: the next attempt looks first
            raise trouble if isinstance(trouble, TryLater) else TryLater(trouble.key, SOON) from None
        await _doubtful(house, letter_id, trouble.key)
        return
    except SystemTrouble as trouble:
        await _doubtful(house, letter_id, trouble.key)
        return
    await _sent(house, letter_id)


async def _mail(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> OutgoingMail:
    kept = await casefile.letter_text(unit, ticket.id, letter.id)
    person = await casefile.person_of(unit, ticket.id)
    domain = house.sender.rpartition("@")[2]
    return OutgoingMail(
        message_id=f"<{letter.id}@{domain}>",
        sender=house.sender,
        recipient=kept.recipient,
        subject=kept.subject,
        text=kept.text,
        in_reply_to=person.message_id,
    )


async def _sent(house: House, letter_id: str) -> None:
    async with house.work() as unit:
        ticket = await unit.tickets.load(letter_id)
        letter = ticket.letter(letter_id)
        if letter.state not in (LetterState.SENDING, LetterState.DOUBTFUL):  # given up while the server was taking it
            return
        sent = replace(letter, state=LetterState.SENT, sent_at=house.now())
        await unit.ledger.write(ticket.id, LedgerEvent.LETTER_SENT, DESK, {"letter": letter.kind})
        await carry_on(unit, house, ticket, ticket.with_letter(sent))


async def give_up(house: House, letter_id: str) -> None:
    """Ask a colleague about a letter whose job failed in a way nobody foresaw; harmless when it left meanwhile."""
    await _doubtful(house, letter_id, "trouble.unforeseen")


async def _doubtful(house: House, letter_id: str, trouble: str) -> None:
    async with house.work() as unit:
        ticket = await unit.tickets.load(letter_id)
        letter = ticket.letter(letter_id)
        if letter.state not in (LetterState.REQUESTED, LetterState.APPROVED, LetterState.SENDING):
            return
        doubtful = replace(letter, state=LetterState.DOUBTFUL)
        saved = await unit.tickets.save(ticket, ticket.with_letter(doubtful))
        facts: dict[str, str | int] = {"letter": doubtful.kind, "trouble": trouble}
        facts |= {"unwritten": 1} if doubtful.unwritten else {}
        await unit.ledger.write(ticket.id, LedgerEvent.LETTER_DOUBTFUL, DESK, facts)
        await tell_whose_turn(unit, house, ticket, saved, DESK)
        await refresh(unit, ticket.id)
