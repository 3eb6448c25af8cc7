"""A ticket's file, fit to hand to IMY (D26): gathered, its chain proven anew, written in Swedish and English.

It names no data subject. What was decided, done and sent stands in it as the ledger and the ticket hold it, so it can
be made as long as the ticket is kept, also after the content was forgotten. Only an officer's copy says to which
address a letter went and holds the sealed notes, as long as they are there.
"""

from collections.abc import Sequence
from typing import Final

from bot.domain.errors import NotFound, NotYours, Shredded
from bot.domain.ledger import LedgerEvent, first_bad
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.request import Language
from bot.domain.ticket import Ticket
from bot.ports import Link, Unit
from bot.services import casefile
from bot.services.casefile import NOTE
from bot.services.casework import wrong_person
from bot.services.deciding import extending
from bot.services.deciding.approval import is_own
from bot.services.dossier import Document, Dossier
from bot.services.evidence.case import Case, Notes
from bot.services.evidence.chapters import FILE, chapters, opening, sealed
from bot.services.house import House
from bot.services.views import ReviewPage

#: What a link to a ticket's file is about: this, and the ticket's id.
EVIDENCE: Final = "evidence:"


async def opened(unit: Unit, about: str, actor: Colleague) -> None:
    """Write down that somebody opened the file."""
    await unit.ledger.write(about.removeprefix(EVIDENCE), LedgerEvent.LOOKED, actor.id, {FILE: 1})


async def page(unit: Unit, house: House, link: Link, reader: Colleague, csrf: str) -> ReviewPage:
    """Return the page that holds the file; the reader may have lost the right to it since they asked."""
    ticket = await unit.tickets.load(link.about.removeprefix(EVIDENCE))
    if not reader.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    if officer_only(ticket) and not reader.is_officer:
        raise NotYours("refusal.not_yours_officer")
    if await is_own(unit, ticket, reader):
        raise NotYours("refusal.own_request")
    title = house.texts.say(reader.language, "evidence.link_title", {"ref": ticket.ref})
    found = await _dossier(unit, house, ticket, reader)
    return ReviewPage(title, ticket.ref, reader.language, (found,), csrf)


async def _dossier(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> Dossier:
    entries = tuple(await unit.ledger.entries(ticket.id))
    notes = await _notes(unit, ticket) if reader.is_officer else None
    languages = sorted(Language, key=lambda one: one is not reader.language)
    documents = tuple(
        _document(house, Case(house, ticket, entries, first_bad(entries), reader, language, notes))
        for language in languages
    )
    return Dossier(ticket.ref, documents, house.texts.say(reader.language, "evidence.print_hint"))


def _document(house: House, case: Case) -> Document:
    say, controller = case.say, house.policy.controller
    foot = f"{controller.name} · {controller.registration} · {controller.postal} · {controller.email}"
    return Document(
        language=case.language,
        title=say("evidence.title", {"ref": case.ticket.ref}),
        lead=say("evidence.lead"),
        facts=opening(case),
        chapters=chapters(case),
        proven=case.broken is None,
        seal=sealed(case),
        foot=foot,
    )


async def _notes(unit: Unit, ticket: Ticket) -> Notes:
    """Return what is sealed beside the ledger; empty where it is forgotten."""
    try:
        received = await casefile.beside(unit, ticket.id, NOTE)
        longer = await extending.decided(unit, ticket)
        recipients = {one.id: await _recipient(unit, ticket, one.id) for one in ticket.letters}
    except Shredded:
        return Notes()
    astray: Sequence[wrong_person.WrongPerson] = await wrong_person.reports(unit, ticket)
    return Notes(recipients, received, longer.words if longer else "", tuple(astray))


async def _recipient(unit: Unit, ticket: Ticket, letter_id: str) -> str:
    try:
        return (await casefile.letter_text(unit, ticket.id, letter_id)).recipient
    except NotFound:
        return ""  # not written yet
