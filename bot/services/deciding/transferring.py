"""Handing a person's portable file to another controller (Art. 20(2)): approval attested, file fetched, one ending.

case/transfer/<task>       how and when the person approved; to whom is in `recipients`
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.people import Colleague
from bot.domain.request import Language
from bot.domain.task import TAKEN_BACK, Task, TaskState
from bot.domain.ticket import Part, Ticket
from bot.domain.transfer import Approved, Given, approved, handed_over, open_transfer, told_by_answer, transfers
from bot.letters import Told, TransferMatter
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casework import recipients
from bot.services.casework.progress import carry_on, requested
from bot.services.casework.recipients import Named
from bot.services.deciding.approval import is_own
from bot.services.house import House, new_id
from bot.services.person_views import Parcel
from bot.services.records import packing
from bot.services.views import FileSlot, Rows, Section

KEPT: Final = "transfer/"
#: What the letter says of a step by its state; any other is still being done.
TOLD: Final = {
    TaskState.DONE: Told.DONE,
    TaskState.EXCEPTION: Told.FAILED,
    TaskState.NOT_APPLICABLE: Told.TAKEN_BACK,
}
HEAD: Final = ("told_recipient", "handed_approved", "told_came", "told_when", "told_by", "told_note")


async def approve(unit: Unit, house: House, ticket: Ticket, approval: Approved, named: Named) -> Ticket:
    """Keep the person's approval and to whom their file goes; a colleague's step follows."""
    after, handing = approved(ticket, approval, new_id())
    await recipients.keep(unit, ticket.id, handing.system, named)
    kept = json.dumps({"given": approval.given, "at": approval.at.isoformat()})
    await unit.vault.put(ticket.id, Shelf.CASE, f"{KEPT}{handing.id}", kept.encode())
    day = local_date(approval.at).isoformat()
    facts: dict[str, str | int] = {"system": handing.system, "given": approval.given, "day": day}
    await unit.ledger.write(ticket.id, LedgerEvent.TRANSFER_APPROVED, approval.by, facts)
    after = recipients.drafts_again(after, after.part(handing.part_id))
    return await carry_on(unit, house, ticket, after, approval.by)


def ended(house: House, ticket: Ticket, part: Part, handing: Task) -> Ticket:
    """Return the ticket with an ended step; the person hears of it in the answer, or in a letter of its own."""
    after = handed_over(ticket, handing)
    if told_by_answer(after, part):
        return recipients.drafts_again(after, part)
    return requested(house, after, LetterKind.TRANSFERRED, (part,))


async def parcel(unit: Unit, house: House, ticket: Ticket, handing: Task, actor: Colleague) -> Parcel:
    """Return the file to hand on. Refused without an open, attested step: nobody else ever gets at it (P16)."""
    if not open_transfer(handing):
        raise NotAllowedNow("refusal.task_not_ready", {"state": handing.state})
    if not actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    if await is_own(unit, ticket, actor):
        raise NotYours("refusal.own_request")
    part = ticket.part(handing.part_id)
    size = await packing.size_of(unit, ticket.id, part)
    await unit.ledger.write(ticket.id, LedgerEvent.PACKAGE_FETCHED, actor.id, {"part": part.position})
    return Parcel(part.id, f"{ticket.ref}.zip", size, packing.pieces_of(house, ticket.id, part))


# --- what the review page and the letters say -----------------------------------------------------------


async def slot(unit: Unit, house: House, ticket: Ticket, handing: Task, language: Language) -> FileSlot:
    """Return where the file is fetched, and to whom it goes."""
    to = await recipients.of_key(unit, house, ticket.id, handing.system)
    say = house.scene(language).say
    text = say("review.notice_contact", {"contact": to.contact}) if to.contact else ""
    title = say("review.file_for", {"recipient": to.name})
    return FileSlot(handing.id, title, text, say("review.file_hint"), say("review.file_fetch"))


async def table(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return a row for each time a file was to be handed over: to whom, on which approval, what came of it."""
    scene = house.scene(language)
    found = []
    for handing in (task for part in ticket.parts for task in transfers(ticket, part)):
        given, at = await _approval(unit, ticket, handing)
        how = {"given": scene.say(f"transfer_given.{given}"), "moment": scene.texts.moment(language, at)}
        who = scene.names(one.by for one in handing.approvals)
        reason = scene.say(handing.reason) if handing.reason and handing.reason != TAKEN_BACK else ""
        note = await casefile.beside(unit, ticket.id, f"note/{handing.id}")
        row = (
            (await recipients.of_key(unit, house, ticket.id, handing.system)).name,
            scene.say("review.approved_how", {**how, "who": who}),
            scene.say(f"review.handed_state.{handing.state}"),
            scene.texts.moment(language, handing.settled_at) if handing.settled_at else "",
            scene.name(handing.settled_by) if handing.settled_by else "",
            " · ".join(word for word in (reason, note) if word),
        )
        found.append(row)
    head = tuple(scene.say(f"review.{word}") for word in HEAD)
    return [Rows(scene.say("review.handed"), head, tuple(found))] if found else []


async def _approval(unit: Unit, ticket: Ticket, handing: Task) -> tuple[Given, datetime]:
    kept = json.loads(await unit.vault.get(ticket.id, Shelf.CASE, f"{KEPT}{handing.id}"))
    return Given(kept["given"]), datetime.fromisoformat(kept["at"])


async def matter_for(unit: Unit, house: House, ticket: Ticket, parts: Sequence[Part]) -> tuple[TransferMatter, ...]:
    """Return what a letter may say of files handed to others for *parts*."""
    found = []
    for handing in (task for part in parts for task in transfers(ticket, part)):
        _, at = await _approval(unit, ticket, handing)
        to = (await recipients.of_key(unit, house, ticket.id, handing.system)).name
        told = TOLD.get(handing.state, Told.OPEN)
        on = local_date(handing.settled_at) if handing.settled_at else None
        found.append(TransferMatter(to, local_date(at), told, on, handing.reason))
    return tuple(found)
