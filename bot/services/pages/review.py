"""A colleague's page: the content that never stands in a chat (D14, D15).

Colleagues sign in; where that is not set up, the link is bound to whoever pressed, lives
ten minutes and opens once. Looking is itself written down. What can be done here is what
needs content in view: reading the mail, mending a letter's words, adding a file found by
hand, going through a retention list.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, PrivacyDeskError, Shredded, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import Letter, LetterState
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.request import Language
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Ticket
from bot.letters import missing
from bot.ports import Link, LinkPurpose, Shelf, Unit
from bot.services import casefile, links
from bot.services.answering import reply
from bot.services.deciding import correcting, transferring
from bot.services.deciding.approval import is_own
from bot.services.deciding.refusals import refusals_kept
from bot.services.evidence import evidence
from bot.services.evidence.evidence import EVIDENCE
from bot.services.house import House
from bot.services.pages import (
    admission,
    correction_page,
    findings,
    lists,
    mail_page,
    questions,
    redaction_page,
    telling_page,
)
from bot.services.pages.admission import SignedIn
from bot.services.pages.findings import REVIEW
from bot.services.person_views import Knock, KnockState, Parcel
from bot.services.showing.posting import refresh
from bot.services.views import Act, CopyTyped, LetterDraft, Notice, ReviewPage, Section, UploadSlot

LARGEST_FILE: Final = 50 * 1024 * 1024  # bytes
EDITABLE: Final = frozenset({LetterState.DRAFT})
SHOWN: Final = frozenset({LetterState.DRAFT, LetterState.DOUBTFUL})


class Deed(StrEnum):
    """What is asked of a page, as a refusal is written down: looking, or the last word of where it is posted to."""

    LOOK = "review"
    LETTER = "letter"
    UPLOAD = "upload"
    PARCEL = "parcel"
    CORRECT = "correct"
    ANSWER = "answer"
    COPY = "copy"
    COPIES = "copies"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Review:
    """The review page, as the handlers see it."""

    house: House

    async def knock(self, token: str) -> Knock:
        """Say what a link is worth; changes nothing.

        Where colleagues sign in a reference is always worth a try: whether there is such a ticket is told nobody else.
        """
        if self._is_reference(token):
            return Knock(self.house.language, KnockState.FRESH)
        async with self.house.work() as unit:
            link = await links.known(unit, LinkPurpose.REVIEW, token)
        if link is None:
            return Knock(self.house.language, KnockState.UNKNOWN)
        language = self.house.people.by_id(link.colleague).language
        return Knock(language, links.state_of(link, self.house.now()))

    async def enter(self, token: str, reader: SignedIn | None = None) -> str:
        """Open the page a token names and return its session, writing down who looks; raises `NotAllowedNow`.

        Without sign-in the link is used up, by who was handed it. With it the link only says which page: whoever
        signed in reads it as themselves, when they would be handed the link too. Raises `NotYours` otherwise. A
        reference then says as much as a link does.
        """
        noted = refusals_kept(self.house, reader.colleague, Deed.LOOK) if reader else nullcontext()
        async with noted, self.house.work() as unit:
            return await self._entered(unit, token, reader)

    async def _entered(self, unit: Unit, token: str, reader: SignedIn | None) -> str:
        now = self.house.now()
        if reader is None:
            link, session = await links.exchange(unit, LinkPurpose.REVIEW, token, now)
            await admission.looked(unit, self.house, link.about, self.house.people.by_id(link.colleague))
            return session
        named = await self._named(unit, token, reader)
        if named is None or links.state_of(named, now) is not KnockState.FRESH:
            raise NotAllowedNow("refusal.link_spent")
        await admission.may_read(unit, self.house, named.about, reader.colleague)
        await admission.looked(unit, self.house, named.about, reader.colleague)
        return await links.opened_by(unit, named, reader.colleague.id, now, reader.until)

    def _is_reference(self, token: str) -> bool:
        return self.house.signs_in and admission.REFERENCE.fullmatch(token) is not None

    async def _named(self, unit: Unit, token: str, reader: SignedIn) -> Link | None:
        """Return the link a token opens, or for a reference one that stands for it. Raises `NotFound`."""
        if not self._is_reference(token):
            return await links.known(unit, LinkPurpose.REVIEW, token)
        try:
            ticket = await unit.tickets.load(token)
        except NotFound:
            raise NotFound("refusal.no_ticket", {"ref": token}) from None
        return Link("", LinkPurpose.REVIEW, ticket.id, reader.until)

    async def page(self, session: str, reader: SignedIn | None = None) -> ReviewPage:
        """Return the page; raises `NotFound` when the session is over, or another's than who has signed in."""
        async with self._opened(session, Deed.LOOK) as (unit, link, reading):
            if reader is not None and reader.colleague.id != link.colleague:
                raise NotFound("refusal.session_over")
            csrf = unit.index.digest("csrf", session)
            if link.about.startswith(REVIEW):
                return await findings.list_page(unit, self.house, link, reading, csrf)
            if link.about.startswith(EVIDENCE):
                return await evidence.page(unit, self.house, link, reading, csrf)
            if link.about.startswith(lists.LISTS):
                return await lists.list_page(unit, self.house, link.about, reading, csrf)
            ticket = await unit.tickets.load(link.about)
            if officer_only(ticket) and not reading.is_officer:
                raise NotYours("refusal.not_yours_officer")
            sections = await _sections(unit, self.house, ticket, reading)
        title = self.house.texts.say(reading.language, "review.title", {"ref": ticket.ref})
        return ReviewPage(title, ticket.ref, reading.language, sections, csrf)

    async def save_letter(self, session: str, letter_id: str, version: int, subject: str, text: str) -> tuple[str, ...]:
        """Save a letter's words; return what required blocks it lacks, in words. Saved only when nothing is missing."""
        async with self._ticket(session, Deed.LETTER) as (unit, ticket, actor):
            if not actor.handles_tickets:
                raise NotYours("refusal.not_yours_handler")
            letter = ticket.letter(letter_id)
            if letter.version != version:
                raise StaleCard("refusal.stale")
            if letter.state not in EDITABLE:
                raise NotAllowedNow("refusal.letter_gone")
            matter = await reply.matter_of(unit, self.house, ticket, letter)
            lacking = missing(letter.kind, ticket.language, text, matter)
            if lacking:
                return tuple(self.house.texts.say(actor.language, f"letter_block.{block}") for block in lacking)
            kept = await casefile.letter_text(unit, ticket.id, letter_id)
            edited = replace(kept, subject=subject.replace("\n", " ").replace("\r", " "), text=text)
            await casefile.keep_letter(unit, ticket.id, letter_id, edited)
            # The words lie in the vault: a second edit by the same hand changes no column, and must move the row too.
            moved = await unit.tickets.save(ticket, ticket.with_letter(replace(letter, approved_by="", edited_by="")))
            await unit.tickets.save(moved, moved.with_letter(replace(moved.letter(letter_id), edited_by=actor.id)))
            await unit.ledger.write(ticket.id, LedgerEvent.LETTER_EDITED, actor.id, {"letter": letter.kind})
            await refresh(unit, ticket.id)
        return ()

    async def add_file(self, session: str, task_id: str, name: str, content: bytes) -> None:
        """Add a file a colleague took out by hand; it goes into the package."""
        if len(content) > LARGEST_FILE:
            raise Incomplete("refusal.file_too_big", {"field": "file"})
        if not content:
            raise Incomplete("refusal.field_missing", {"field": "file"})
        async with self._ticket(session, Deed.UPLOAD) as (unit, ticket, actor):
            task = ticket.task(task_id)
            if not actor.works_in(task.system):
                raise NotYours("refusal.not_yours_owner", {"system": task.system})
            if not _takes_files(task):
                raise NotAllowedNow("refusal.task_not_ready", {"state": task.state})
            safe = name.replace("/", "_").replace("\\", "_").strip() or "fil"
            await unit.vault.put(ticket.id, Shelf.FINDINGS, f"upload/{task.id}/{safe}", content)
            facts: dict[str, str | int] = {"system": task.system, "operation": task.operation, "files": 1}
            await unit.ledger.write(ticket.id, LedgerEvent.BY_HAND, actor.id, facts)

    async def parcel(self, session: str, task_id: str) -> Parcel:
        """Return the person's file to who hands it on as they approved; that it was taken is written down first."""
        async with self._ticket(session, Deed.PARCEL) as (unit, ticket, actor):
            return await transferring.parcel(unit, self.house, ticket, ticket.task(task_id), actor)

    async def correct(self, session: str, task_id: str, seen: str, wanted: Mapping[str, str] | None) -> None:
        """Keep what a colleague wrote on a sheet; None: there is nothing to correct in that system."""
        async with self._ticket(session, Deed.CORRECT) as (unit, ticket, actor):
            task = ticket.task(task_id)
            if await is_own(unit, ticket, actor):
                raise NotYours("refusal.own_request")
            if wanted is None:
                await correcting.nothing_to_write(unit, self.house, ticket, task, actor)
            else:
                await correcting.write(unit, self.house, ticket, task, actor, seen, wanted)

    async def act(self, session: str, act: Act, target: str) -> None:
        """Do what a button beside an entry of a list says."""
        async with self._opened(session, act) as (unit, link, actor):
            if not link.about.startswith(lists.LISTS):
                raise NotFound("refusal.not_found")
            await lists.carry_out(unit, self.house, link.about, actor, act, target)

    async def answer(self, session: str, about: str, chosen: str, reference: str = "") -> None:
        """Carry out the answer to a question on a ticket's page."""
        async with self._ticket(session, Deed.ANSWER) as (unit, ticket, actor):
            await questions.answer(unit, self.house, ticket, actor, about, chosen, reference)

    async def judge(self, session: str, typed: CopyTyped) -> None:
        """Keep what becomes of one record of a copy (Art. 15(4))."""
        async with self._ticket(session, Deed.COPY) as (unit, ticket, actor):
            await redaction_page.take(unit, self.house, ticket, actor, typed)

    async def let_out(self, session: str, task_id: str, numbers: str, seen: str) -> None:
        """Let go out as they are the records of a copy that a page has shown."""
        async with self._ticket(session, Deed.COPIES) as (unit, ticket, actor):
            await redaction_page.take_all(unit, self.house, ticket, actor, task_id, numbers, seen)

    async def copied_file(self, session: str, task_id: str, number: int, place: int) -> tuple[str, bytes]:
        """Return a file of a record that is to be judged; that it was read is written down."""
        async with self._ticket(session, Deed.COPIED) as (unit, ticket, actor):
            return await redaction_page.file_of(unit, ticket, actor, task_id, number, place)

    @asynccontextmanager
    async def _ticket(self, session: str, verb: str) -> AsyncIterator[tuple[Unit, Ticket, Colleague]]:
        """Give the ticket whose page a session is, and who reads it; what is refused to them is written down."""
        async with self._opened(session, verb) as (unit, link, actor):
            if link.about.startswith((REVIEW, EVIDENCE, *lists.LISTS)):
                raise NotFound("refusal.not_found")
            yield unit, await unit.tickets.load(link.about), actor

    @asynccontextmanager
    async def _opened(self, session: str, verb: str) -> AsyncIterator[tuple[Unit, Link, Colleague]]:
        """Give the page a session has opened, and who reads it; what is refused to them there is written down."""
        async with self.house.work() as unit:
            link = await links.by_session(unit, LinkPurpose.REVIEW, session, self.house.now())
        actor = self.house.people.by_id(link.colleague)
        target = link.about.removeprefix(EVIDENCE)
        async with refusals_kept(self.house, actor, verb, target), self.house.work() as unit:
            yield unit, link, actor


async def _sections(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> tuple[Section, ...]:
    language = reader.language

    def say(key: str, facts: Mapping[str, object] | None = None) -> str:
        return house.texts.say(language, key, facts or {})

    shown = [one for one in ticket.letters if one.state in SHOWN and not one.unwritten]
    drafts = [await _draft(unit, house, ticket, letter, language) for letter in shown]
    sections: list[Section] = [Notice(say("review.logged")), *drafts]
    with suppress(NotFound, Shredded):  # nothing is left to ask about; the notice below says why
        sections += await questions.questions(unit, house, ticket, reader)
        sections += await redaction_page.sections(unit, house, ticket, reader)
    for task in ticket.tasks:
        if _takes_files(task) and reader.works_in(task.system):
            name = house.words[task.system].name
            sections.append(UploadSlot(task.id, say("review.upload", {"system": name}), say("review.upload_hint")))
    sections += await findings.made_ready(unit, house, ticket, language)
    sections += await correction_page.sheets(unit, house, ticket, reader)
    with suppress(NotFound, Shredded):  # whom it is about is forgotten, and the notice below says so
        sections += await telling_page.sections(unit, house, ticket, language)
    try:
        sections += await mail_page.mails(unit, house, ticket, language)
        sections += await mail_page.beside(unit, house, ticket, language)
        sections.append(await findings.identifiers(unit, ticket, say("review.identifiers")))
        sections += await findings.searches(unit, house, ticket, language)
    except PrivacyDeskError as gone:
        sections.append(Notice(say(gone.key, gone.facts)))
    sections += await findings.found(unit, house, ticket, reader)
    return tuple(sections)


async def _draft(unit: Unit, house: House, ticket: Ticket, letter: Letter, language: Language) -> LetterDraft:
    kept = await casefile.letter_text(unit, ticket.id, letter.id)
    matter = await reply.matter_of(unit, house, ticket, letter)
    lacking = missing(letter.kind, ticket.language, kept.text, matter)
    words = tuple(house.texts.say(language, f"letter_block.{block}") for block in lacking)
    title = house.texts.say(
        language, "review.letter_titled", {"letter": house.texts.say(language, f"letter.{letter.kind}")}
    )
    return LetterDraft(letter.id, letter.version, title, kept.subject, kept.text, words, kept.recipient)


def _takes_files(task: Task) -> bool:
    return task.operation is Operation.EXPORT and task.state in (TaskState.BY_HAND, TaskState.STUCK)
