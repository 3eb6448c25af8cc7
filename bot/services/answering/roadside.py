"""What a letter needs to know of the special road its ticket is on: whom it goes to, and what it says beside."""

from datetime import date
from typing import Final

from bot.domain.identity import IdentityState
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.optout import is_opt_out
from bot.domain.roads import ROADS, Road, reads_only, taken, unidentified
from bot.domain.ticket import Stage, Ticket
from bot.letters import RoadMatter
from bot.services.casefile import Person, RoadNote

#: Letters to whoever wrote: they hold nothing of what we have, and answer to the mail that came.
TO_WHO_ASKED: Final = frozenset(
    {
        LetterKind.ACKNOWLEDGEMENT,
        LetterKind.NEUTRAL,
        LetterKind.CLARIFICATION,
        LetterKind.EXTENDED,
        LetterKind.ID_NEEDED,
        LetterKind.CONTRACT,
        LetterKind.JOB_SITE,
        LetterKind.AUTHORITY_NEEDED,
        LetterKind.DECEASED,
        LetterKind.NO_REPLY,
    }
)


def to_who_asked(letter: Letter, person: Person) -> bool:
    """Whether a letter goes to who wrote: an answer only where an attested authority says so (P16)."""
    return letter.kind in TO_WHO_ASKED or (letter.answers and person.answer_requester)


def on_road(ticket: Ticket, letter: Letter) -> bool:
    """Whether the letter is the one of the road that was taken: what a colleague wrote for it stands in no other."""
    road = taken(ticket)
    return road is not None and letter.kind is ROADS[road].letter


def is_question(ticket: Ticket, letter: Letter) -> bool:
    """Whether the letter answers a question that asks for no right."""
    return letter.kind is LetterKind.GENERAL and taken(ticket) is Road.QUESTION


def road_matter(ticket: Ticket, letter: Letter, note: RoadNote, person: Person) -> RoadMatter:
    """Return what only the letters of special roads say."""
    earlier = [one for one in ticket.letters if one.kind is letter.kind and one.state is LetterState.SENT]
    return RoadMatter(
        contact=note.contact,
        passed_on=date.fromisoformat(note.passed_on) if note.passed_on else None,
        site=note.site,
        reach=note.reach,
        questions=note.questions,
        authority=note.document,
        stopped=any(is_opt_out(part) and part.stage is not Stage.RECEIVED for part in ticket.parts),
        reads_only=reads_only(ticket),
        again=any(one.id != letter.id for one in earlier),
        on_behalf=person.on_behalf and to_who_asked(letter, person),
        beside_contract=taken(ticket) is Road.CONTRACT,
        cookie=unidentified(ticket) and ticket.identity.state is not IdentityState.FAILED,
    )
