"""The link in a letter: made when the letter is written, alive when it leaves.

Between the two it may die: what went to the wrong person closes every link of the ticket (R64), a draft may lie for
weeks. A letter never leaves with a dead link; whoever lets it go sends a fresh one to the same page.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.errors import NotAllowedNow
from bot.domain.identity import LINK_LIVES
from bot.domain.letter import Letter, LetterKind
from bot.domain.policy import officer_only
from bot.domain.ticket import Ticket
from bot.domain.undoing import stopped
from bot.ports import LinkPurpose, Unit
from bot.services import casefile, links
from bot.services.casefile import LetterText
from bot.services.house import House
from bot.services.person_views import KnockState

LINKED: Final = frozenset(
    {
        LetterKind.IDENTITY_NEEDED,
        LetterKind.CONFIRM_ERASURE,
        LetterKind.ACCESS_ANSWER,
        LetterKind.PORTABLE,
        LetterKind.REFUSED,
        LetterKind.NEW_LINK,
    }
)


async def new_for(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> tuple[str, str]:
    """Return a fresh link for the letter and its last day; "" twice for a kind without one, or nothing to undo."""
    path = await _path(unit, house, ticket, letter)
    return (f"{house.public_url}{path}", local_date(house.now() + LINK_LIVES).isoformat()) if path else ("", "")


async def _path(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> str:
    if letter.kind in LINKED:
        return await links.new_link(unit, LinkPurpose.SUBJECT, ticket.id, house.now())
    part = ticket.part(letter.part_ids[0])
    if letter.kind is LetterKind.OPTED_OUT and stopped(ticket, part) and not officer_only(ticket):
        return await links.new_link(unit, LinkPurpose.UNDO, part.id, house.now())
    return ""


async def dead_in(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> bool:
    """Whether the letter holds a link that opens nothing any more."""
    return await _is_dead(unit, house, letter, await casefile.letter_text(unit, ticket.id, letter.id))


async def _is_dead(unit: Unit, house: House, letter: Letter, kept: LetterText) -> bool:
    if not kept.link or kept.link not in kept.text:
        return False
    purpose = LinkPurpose.UNDO if letter.kind is LetterKind.OPTED_OUT else LinkPurpose.SUBJECT
    link = await links.known(unit, purpose, kept.link.rpartition("/")[2])
    return link is None or links.state_of(link, house.now()) is not KnockState.FRESH


async def revive(unit: Unit, house: House, ticket: Ticket, letter: Letter) -> None:
    """Put a fresh link where the letter about to leave holds a dead one, and the day until which it works.

    Raises `NotAllowedNow` where none may be made now, or the words no longer tell which day is the link's.
    """
    kept = await casefile.letter_text(unit, ticket.id, letter.id)
    if not await _is_dead(unit, house, letter, kept):
        return
    link, until = await new_for(unit, house, ticket, letter)
    if not link:
        raise NotAllowedNow("refusal.letter_link_dead")
    before, now = (house.texts.long_day(ticket.language, date.fromisoformat(day)) for day in (kept.link_until, until))
    text = kept.text.replace(kept.link, link)
    if text.count(before) == 1:
        text = text.replace(before, now)
    elif date.fromisoformat(kept.link_until) < house.today():
        raise NotAllowedNow("refusal.letter_link_day", {"day": before})
    else:  # the new one works longer than the letter says
        until = kept.link_until
    await casefile.keep_letter(unit, ticket.id, letter.id, replace(kept, text=text, link=link, link_until=until))
