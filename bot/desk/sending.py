"""Letting a letter go: one press, and the reference typed where a package goes with it.

What has left cannot be called back. A letter that only says something is let go by one press; one that hands a package
out opens a form that says to whom, in which language and with what, and asks for the reference (cards.md rule 6).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bot.card import Card, Form, FormElement, Values, Verb
from bot.cards import fields, sending
from bot.cards.sending import Addressee
from bot.desk.standing import Standing
from bot.desk.values import confirmed, one
from bot.domain.disclosure import hands_out, packed_parts
from bot.domain.errors import NotAllowedNow, NotFound, NotYours, Shredded, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import Letter, LetterState
from bot.domain.ticket import Ticket, overtaken, without_letter
from bot.services import casefile
from bot.services.answering import letter_links, reply
from bot.services.answering.roadside import to_who_asked
from bot.services.casework.progress import carry_on
from bot.services.deciding import extending
from bot.services.records.packing import size_of


async def pressed_letter(at: Standing) -> tuple[Ticket, Letter]:
    """Return the pressed letter and its ticket, when the presser walks tickets; `StaleCard` if it moved."""
    ticket = await at.handled()
    letter = ticket.letter(at.press.target)
    if letter.version != at.press.version:
        raise StaleCard("refusal.stale")
    return ticket, letter


async def send_letter(at: Standing) -> str:
    """Let a letter go that hands nothing out; a card drawn before it did is drawn afresh."""
    ticket, letter = await _ready(at)
    if hands_out(ticket, letter):
        raise StaleCard("refusal.stale")
    return await _let_go(at, ticket, letter)


async def open_package(at: Standing) -> Form:
    """Open the form before a package goes out; whoever may not let it go is told so before typing."""
    ticket, letter = await _ready(at)
    to, size = await _to(at, ticket, letter), await _size(at, ticket, letter)
    return sending.send_package(at.house.scene(at.actor.language), ticket, letter, to, size)


async def package_again(at: Standing, ticket: Ticket, letter: Letter) -> tuple[FormElement, ...]:
    """Return what a form says and asks before a package goes out once more; nothing for a letter without one."""
    if not hands_out(ticket, letter) or overtaken(ticket, letter):
        return ()
    to, size = await _to(at, ticket, letter), await _size(at, ticket, letter)
    return sending.package_again(at.house.scene(at.actor.language), ticket, letter, to, size)


async def refuse_again(at: Standing, values: Values, ticket: Ticket, letter: Letter) -> None:
    """Refuse to send once more what the presser could not have let go the first time (rule 6, P16)."""
    if extending.notice_is_late(at.house, ticket, letter):
        raise NotAllowedNow("refusal.extend_late")
    await _not_by_who_attested(at, ticket, letter)
    if hands_out(ticket, letter):
        confirmed(values, ticket.ref)


async def _to(at: Standing, ticket: Ticket, letter: Letter) -> Addressee:
    person = await casefile.person_of(at.unit, ticket.id)
    return Addressee.WHO_ASKED if to_who_asked(letter, person) else Addressee.PERSON


async def submit_package(at: Standing, values: Values) -> str:
    """Let a letter with a package go, once the reference was typed."""
    ticket, letter = await _ready(at)
    confirmed(values, ticket.ref)
    return await _let_go(at, ticket, letter)


async def _size(at: Standing, ticket: Ticket, letter: Letter) -> int:
    size = 0
    for part in packed_parts(ticket, letter):
        try:
            size += await size_of(at.unit, ticket.id, part)
        except (NotFound, Shredded):
            continue
    return size


async def _ready(at: Standing) -> tuple[Ticket, Letter]:
    """Return the pressed draft and its ticket, when it may leave now and by the presser."""
    ticket, letter = await pressed_letter(at)
    if letter.state is not LetterState.DRAFT:
        raise NotAllowedNow("refusal.already_decided")
    if extending.notice_is_late(at.house, ticket, letter):
        raise NotAllowedNow("refusal.extend_late")
    if lacking := await reply.lacking_in(at.unit, at.house, ticket, letter):
        words = [at.house.texts.say(at.actor.language, f"letter_block.{block}") for block in lacking]
        raise NotAllowedNow("refusal.letter_incomplete", {"blocks": ", ".join(words)})
    await _not_by_who_attested(at, ticket, letter)
    return ticket, letter


async def _let_go(at: Standing, ticket: Ticket, letter: Letter) -> str:
    await letter_links.revive(at.unit, at.house, ticket, letter)
    approved = replace(letter, state=LetterState.APPROVED, approved_by=at.actor.id)
    await at.unit.ledger.write(ticket.id, LedgerEvent.LETTER_APPROVED, at.actor.id, {"letter": letter.kind})
    return (await carry_on(at.unit, at.house, ticket, ticket.with_letter(approved), at.actor.id)).id


async def _not_by_who_attested(at: Standing, ticket: Ticket, letter: Letter) -> None:
    """An answer that goes to somebody else than the person is let go by another than who attested the authority."""
    if not letter.answers or not await _attested_by(at, ticket):
        return
    others = [one.name for one in at.house.people.colleagues if one.handles_tickets and one.id != at.actor.id]
    who = at.house.texts.together(at.actor.language, others)
    raise NotYours("refusal.authority_other_approves", {"who": who})


async def _attested_by(at: Standing, ticket: Ticket) -> bool:
    person = await casefile.person_of(at.unit, ticket.id)
    return person.answer_requester and person.authority_by == at.actor.id


async def _open_doubtful(at: Standing) -> Form:
    ticket, letter = await pressed_letter(at)
    package = await package_again(at, ticket, letter)
    return sending.settle_letter(at.house.scene(at.actor.language), ticket, letter, package)


async def _settle_doubtful(at: Standing, values: Values) -> str:
    """Note that a letter did leave after all, or let it go again (D34); what it says must still be true for that."""
    ticket, letter = await pressed_letter(at)
    if letter.state is not LetterState.DOUBTFUL:
        raise NotAllowedNow("refusal.already_decided")
    if letter.unwritten:
        return await _write_again(at, ticket, letter)
    if one(values, fields.WAY) != fields.WAS_SENT:
        if overtaken(ticket, letter):
            return await _drop(at, ticket, letter)
        await refuse_again(at, values, ticket, letter)
        return await _let_go(at, ticket, letter)
    sent = replace(letter, state=LetterState.SENT, sent_at=at.house.now())
    await at.unit.ledger.write(ticket.id, LedgerEvent.LETTER_SENT, at.actor.id, {"letter": letter.kind})
    return (await carry_on(at.unit, at.house, ticket, ticket.with_letter(sent), at.actor.id)).id


async def _drop(at: Standing, ticket: Ticket, letter: Letter) -> str:
    """Take away a letter that did not leave and may not leave any more."""
    facts: dict[str, str | int] = {"letter": letter.kind, "dropped": 1}
    await at.unit.ledger.write(ticket.id, LedgerEvent.LETTER_SETTLED, at.actor.id, facts)
    return (await carry_on(at.unit, at.house, ticket, without_letter(ticket, letter), at.actor.id)).id


async def _write_again(at: Standing, ticket: Ticket, letter: Letter) -> str:
    """Have a letter written anew that a fault of our own kept from being written."""
    await at.unit.ledger.write(ticket.id, LedgerEvent.RETRIED, at.actor.id, {"letter": letter.kind})
    asked = replace(letter, state=LetterState.REQUESTED)
    return (await carry_on(at.unit, at.house, ticket, ticket.with_letter(asked), at.actor.id)).id


OPENS: Final[Mapping[Verb, Callable[[Standing], Awaitable[Form]]]] = MappingProxyType(
    {Verb.SEND_PACKAGE: open_package, Verb.SETTLE_LETTER: _open_doubtful}
)
ACTS: Final[Mapping[Verb, Callable[[Standing, Values], Awaitable[str | Card]]]] = MappingProxyType(
    {Verb.SEND_PACKAGE: submit_package, Verb.SETTLE_LETTER: _settle_doubtful}
)
