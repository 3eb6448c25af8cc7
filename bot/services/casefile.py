"""The sealed part of a ticket: who it is about, their mail, what was found, the letters.

All of it is personal data and lies in the vault as named documents; the ticket itself
holds none. Two shelves with two keys (D24): FINDINGS is forgotten 30 days after closing,
CASE after 24 months.

    case/person            who is meant and who asks, addresses on file
    case/mail              the mail as it came; case/mail/<item> later ones of the thread
    case/proposal          how it was read; case/proposal/<item> later ones of the thread
    case/thread            other mails and tickets it belongs with (see `thread`)
    case/letter/<id>       recipient, subject and text of a letter
    case/note/<task>       a colleague's evidence note; case/note/received why the receipt is what it is
    case/link              where the chat message stands that the ticket was made from
    case/incident          the 72-hour clock of a suspected breach
    case/extension         why an answer takes longer, in an officer's words (see `extending`)
    case/note/reopened-<moment>  why the ticket was opened again, in a colleague's words
    case/note/wrong-person-<n>  what went to the wrong person, by category (see `wrong_person`)
    case/recipient/<key>   somebody a colleague named, and how to reach them (see `recipients`)
    case/transfer/<task>   how and when the person approved handing their file over (see `transferring`)
    case/road              what a colleague gave for the letter of a special road
    findings/found/<system>              records found there
    findings/export/<task>/<n>           a record's content, as that task took it out
    findings/ordered/<task>              the receipts of what was ordered where nothing can be seen
    findings/upload/<task>/<name>        a file a colleague added
    findings/copy/…, findings/copied/…   what colleagues said of records that may concern others (see `redacted`)
    findings/package/<part>              the sealed answer
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.cookie import client_ids
from bot.domain.errors import NotFound, Shredded
from bot.domain.finding import marks_of
from bot.domain.incident import Ending, Incident
from bot.domain.letter import LetterKind
from bot.domain.request import (
    Language,
    Proposal,
    ProposedPart,
    ReadingDoubt,
    RequestType,
    Role,
    Route,
    Scope,
    ScopeKind,
    SenderEvidence,
)
from bot.domain.system import Identifier, IdentifierKind, Record
from bot.ports import Shelf, Unit

LINK, NOTE = "link", "note/received"
REOPENED = "note/reopened-"
INCIDENT, ROAD = "incident", "road"
PERSON, MAIL, PROPOSAL = "person", "mail", "proposal"


@dataclass(frozen=True, slots=True)
class Person:
    """Who a ticket is about and who asks. `on_file` are addresses found in our systems (R19).

    `written_from_only`: the person's identity is protected, so no contact point we held before is ever used (D12).
    `authority_by` is the colleague who attested that who asks may act for the person, `answer_requester` that the
    authority says so of the answer too: without it nothing goes to anybody but the person (P16).
    """

    email: str = field(repr=False)
    name: str = field(default="", repr=False)
    requester: str = field(default="", repr=False)
    on_file: tuple[str, ...] = field(default=(), repr=False)
    others: tuple[Identifier, ...] = field(default=(), repr=False)
    sender: SenderEvidence = SenderEvidence.MISSING
    reply_to_differs: bool = False
    message_id: str = field(default="", repr=False)
    written_from_only: bool = False
    authority_by: str = ""
    answer_requester: bool = False

    @property
    def on_behalf(self) -> bool:
        """Whether somebody else asks."""
        return bool(self.requester) and self.requester.casefold() != self.email.casefold()

    @property
    def is_on_file(self) -> bool:
        """Whether the person's own address is one we hold."""
        return self.email.casefold() in {address.casefold() for address in self.on_file}

    @property
    def addresses(self) -> frozenset[str]:
        """Every address the person is known by, those a search was widened to included (F23): what protects them."""
        others = {one.value for one in self.others if one.kind is IdentifierKind.EMAIL}
        return frozenset({self.email, *self.on_file, *others} - {""})

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the telephone numbers the person is known by; one that is merely on file may be another's."""
        return tuple(one.value for one in self.others if one.kind is IdentifierKind.PHONE)

    def identifiers(self) -> tuple[Identifier, ...]:
        """Return everything the person can be searched by."""
        known = [Identifier(IdentifierKind.EMAIL, self.email)] if self.email else []
        if self.name:
            known.append(Identifier(IdentifierKind.NAME, self.name))
        return (*known, *self.others)

    def answer_to(self) -> str:
        """Return the address answers go to: on file first, else the one that was written from (D7b)."""
        if self.written_from_only:
            return self.requester or self.email
        if self.is_on_file or not self.on_file:
            return self.email or self.requester
        return self.on_file[0]


@dataclass(frozen=True, slots=True)
class RoadNote:
    """What a colleague gave for the letter of a special road (see `RoadMatter`); `passed_on` is an ISO date."""

    contact: str = field(default="", repr=False)
    passed_on: str = ""
    site: str = field(default="", repr=False)
    reach: str = field(default="", repr=False)
    questions: tuple[str, ...] = ()
    document: str = ""
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's words and its recipient; the link in it and the last day (ISO) it works."""

    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    kind: LetterKind
    link: str = field(default="", repr=False)
    link_until: str = ""


def cookies_in(text: str) -> tuple[Identifier, ...]:
    """Return the browsers a person names in their mail, as our letter asks them to (Art. 11(2), R20)."""
    return tuple(Identifier(IdentifierKind.GA_CLIENT_ID, one) for one in client_ids(text))


async def keep_person(unit: Unit, ticket_id: str, person: Person) -> None:
    """Seal who the ticket is about, and let it be found by what they go by (D16)."""
    await _put(unit, ticket_id, Shelf.CASE, PERSON, asdict(person))
    marks = marks_of((person.email, person.requester), person.name, person.numbers)
    await unit.index.remember(ticket_id, *(unit.index.digest(one.kind, one.value) for one in marks))


async def person_of(unit: Unit, ticket_id: str) -> Person:
    """Open who the ticket is about."""
    kept = await _get(unit, ticket_id, Shelf.CASE, PERSON)
    others = tuple(_identifier(one) for one in kept.pop("others"))
    on_file = tuple(kept.pop("on_file"))
    return Person(**kept | {"others": others, "on_file": on_file, "sender": SenderEvidence(kept["sender"])})


async def keep_road(unit: Unit, ticket_id: str, note: RoadNote) -> None:
    """Seal what a colleague gave for a special road's letter."""
    await _put(unit, ticket_id, Shelf.CASE, ROAD, asdict(note))


async def road_of(unit: Unit, ticket_id: str) -> RoadNote:
    """Open what a colleague gave for a special road's letter; empty when none was taken."""
    if ROAD not in await unit.vault.names(ticket_id, Shelf.CASE, ROAD):
        return RoadNote()
    kept = await _get(unit, ticket_id, Shelf.CASE, ROAD)
    return RoadNote(**kept | {"questions": tuple(kept["questions"])})


async def keep_records(unit: Unit, ticket_id: str, system: str, records: Sequence[Record]) -> None:
    """Seal what was found in a system, in the order it is to be erased."""
    await _put(unit, ticket_id, Shelf.FINDINGS, f"found/{system}", [asdict(record) for record in records])


async def records_of(unit: Unit, ticket_id: str, system: str) -> tuple[Record, ...]:
    """Open what was found in a system; empty when it was not searched by program."""
    try:
        kept = await _get(unit, ticket_id, Shelf.FINDINGS, f"found/{system}")
    except (NotFound, Shredded):
        return ()
    return tuple(
        Record(**one | {"contacts": tuple(_identifier(contact) for contact in one["contacts"])}) for one in kept
    )


async def keep_letter(unit: Unit, ticket_id: str, letter_id: str, letter: LetterText) -> None:
    """Seal a letter."""
    await _put(unit, ticket_id, Shelf.CASE, f"letter/{letter_id}", asdict(letter))


async def letter_text(unit: Unit, ticket_id: str, letter_id: str) -> LetterText:
    """Open a letter."""
    kept = await _get(unit, ticket_id, Shelf.CASE, f"letter/{letter_id}")
    return LetterText(**kept | {"kind": LetterKind(kept["kind"])})


async def keep_incident(unit: Unit, ticket_id: str, incident: Incident, name: str = INCIDENT) -> None:
    """Keep a ticket's 72-hour clock, or under another name one that has ended before a second began."""
    await _put(unit, ticket_id, Shelf.CASE, name, asdict(incident))


async def incident_of(unit: Unit, ticket_id: str, name: str = INCIDENT) -> Incident | None:
    """Return a ticket's 72-hour clock, or an earlier one by its name; None when it has none, or it was forgotten."""
    try:
        kept = await _get(unit, ticket_id, Shelf.CASE, name)
    except (NotFound, Shredded):
        return None
    moments = {name: _moment(kept[name]) for name in ("ended_at", "notified_at")}
    ending = Ending(kept["ending"]) if kept["ending"] else None
    aware = datetime.fromisoformat(kept["aware_at"])
    return Incident(**kept | moments | {"aware_at": aware, "ending": ending})


async def keep_proposal(unit: Unit, owner: str, shelf: Shelf, proposal: Proposal, name: str = PROPOSAL) -> None:
    """Seal how a mail was read."""
    await _put(unit, owner, shelf, name, asdict(proposal) | {"flags": sorted(proposal.flags)})


async def keep_beside(unit: Unit, ticket_id: str, link: str, note: str) -> None:
    """Seal what a colleague told beside the person's words, as far as there is any."""
    for name, content in ((LINK, link), (NOTE, note)):
        if content:
            await unit.vault.put(ticket_id, Shelf.CASE, name, content.encode())


async def beside(unit: Unit, ticket_id: str, name: str) -> str:
    """Open what was told beside the person's words (`LINK`, `NOTE`); "" when nothing was."""
    try:
        return (await unit.vault.get(ticket_id, Shelf.CASE, name)).decode()
    except NotFound:
        return ""


async def keep_reopening(unit: Unit, ticket_id: str, at: datetime, note: str) -> None:
    """Seal why a ticket was opened again, in a colleague's own words, as far as there are any."""
    if note:
        await unit.vault.put(ticket_id, Shelf.CASE, f"{REOPENED}{at.isoformat()}", note.encode())


async def reopenings(unit: Unit, ticket_id: str) -> list[tuple[datetime, str]]:
    """Open why a ticket was opened again, in colleagues' own words, first to last."""
    names = await unit.vault.names(ticket_id, Shelf.CASE, REOPENED)
    moments = [(name, datetime.fromisoformat(name.removeprefix(REOPENED))) for name in names]
    return [(at, (await unit.vault.get(ticket_id, Shelf.CASE, name)).decode()) for name, at in moments]


async def keep_later_mail(unit: Unit, ticket_id: str, name: str, proposal: Proposal, raw: bytes) -> None:
    """Seal a later mail of a ticket's thread, and how it was read."""
    await unit.vault.put(ticket_id, Shelf.CASE, f"{MAIL}/{name}", raw)
    await keep_proposal(unit, ticket_id, Shelf.CASE, proposal, f"{PROPOSAL}/{name}")


async def later_mails(unit: Unit, ticket_id: str) -> list[Proposal]:
    """Open how the later mails of a ticket's thread were read, newest first."""
    names = await unit.vault.names(ticket_id, Shelf.CASE, f"{PROPOSAL}/")
    found = [await proposal_of(unit, ticket_id, Shelf.CASE, name) for name in names]
    return sorted(found, key=lambda one: one.received.timestamp() if one.received else 0.0, reverse=True)


async def proposal_of(unit: Unit, owner: str, shelf: Shelf, name: str = PROPOSAL) -> Proposal:
    """Open how a mail was read."""
    kept = await _get(unit, owner, shelf, name)
    return Proposal(
        **kept
        | {
            "parts": tuple(_part(part) for part in kept["parts"]),
            "language": Language(kept["language"]),
            "roles": tuple(Role(role) for role in kept["roles"]),
            "flags": frozenset(kept["flags"]),
            "route": Route(kept["route"]),
            "received": _moment(kept["received"]),
            "clock_start": _moment(kept["clock_start"]),
            "sender": SenderEvidence(kept["sender"]),
            "evidence": tuple(kept["evidence"]),
            "errors": tuple(kept["errors"]),
            "attachments": tuple(kept["attachments"]),
            "doubts": tuple(ReadingDoubt(doubt) for doubt in kept.get("doubts", ())),
            "answers": tuple(kept.get("answers", ())),
        }
    )


async def _put(unit: Unit, owner: str, shelf: Shelf, name: str, content: Any) -> None:
    await unit.vault.put(owner, shelf, name, json.dumps(content, default=_plain).encode())


async def _get(unit: Unit, owner: str, shelf: Shelf, name: str) -> Any:
    return json.loads(await unit.vault.get(owner, shelf, name))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _identifier(kept: dict[str, str]) -> Identifier:
    return Identifier(IdentifierKind(kept["kind"]), kept["value"])


def _part(kept: dict[str, Any]) -> ProposedPart:
    scope = Scope(ScopeKind(kept["scope"]["kind"]), tuple(kept["scope"]["names"]))
    return ProposedPart(RequestType(kept["type"]), scope, tuple(kept["evidence"]))
