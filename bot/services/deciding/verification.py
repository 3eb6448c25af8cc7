"""Settling who is asking: a colleague's word, the person's own press, a code, or giving up kindly."""

import secrets
from dataclasses import replace
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.identity import (
    CODE_LIVES,
    TIER_OF_LINK,
    TIER_OF_TWO,
    Attestation,
    Challenge,
    IdentityState,
    Method,
    attest,
    link_pressed,
    proven,
    try_code,
    with_shown,
)
from bot.domain.ledger import PERSON, LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.locking import lock_on
from bot.domain.people import Colleague
from bot.domain.protection import protected
from bot.domain.system import IdentifierKind, Operation
from bot.domain.task import NOT_CONFIRMED, Lock, TaskState, settle
from bot.domain.ticket import Ticket
from bot.domain.unpressed import a_person_decides, waits_for_press
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on, requested
from bot.services.house import House
from bot.services.staff import alone

CODE_DIGITS: Final = 6
CODE_NAME: Final = "code"


async def attest_by(unit: Unit, house: House, ticket: Ticket, actor: Colleague, method: Method) -> Ticket:
    """Note a colleague's word; the method and the time, never the document (R14)."""
    single = house.single_person
    identity = attest(ticket.identity, Attestation(actor.id, method, house.now()), single=single)
    facts: dict[str, str | int] = {"method": method, "tier": identity.tier, "state": identity.state}
    facts |= alone.by_one([one.by for one in identity.attestations])
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_ATTESTED, actor.id, facts)
    if identity.state is not IdentityState.PROVEN:
        await alone.remind_after(unit, house, ticket.id, actor)
    return await carry_on(unit, house, ticket, replace(ticket, identity=identity), actor.id)


async def pressed_link(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """The person pressed "Ja" on the page behind the link to their address on file (D7).

    Enough up to tier 1, whoever the mail came from; above that a second fact is still owed.
    """
    identity = ticket.identity
    if identity.state is IdentityState.PROVEN:
        return ticket
    if identity.state not in (IdentityState.AUTHENTICATED, IdentityState.ASKED):
        raise NotAllowedNow("refusal.identity_settled")
    opened = link_pressed(identity, house.now())
    return await _noted(unit, house, ticket, replace(ticket, identity=opened), Method.LINK)


async def second_contact(unit: Unit, ticket: Ticket) -> str:
    """Return another address on file than the one the link went to, or ""."""
    person = await casefile.person_of(unit, ticket.id)
    if person.written_from_only:
        return ""
    return next((address for address in person.on_file if address != person.answer_to()), "")


async def order_numbers(unit: Unit, house: House, ticket: Ticket) -> frozenset[str]:
    """Return the order numbers on file, digested: a fact only the person and we hold (2.7, tier 2)."""
    numbers = set()
    for manifest in house.manifests:
        for record in await casefile.records_of(unit, ticket.id, manifest.key):
            numbers |= {c.value for c in record.contacts if c.kind is IdentifierKind.ORDER_NUMBER}
    return frozenset(unit.index.digest(CODE_NAME, number) for number in numbers)


async def ways_open(unit: Unit, house: House, ticket: Ticket) -> tuple[Method, ...]:
    """Return the ways open to this person, each enough by itself; never a document or a number not held (R13, R17).

    Above tier 1 the link alone is none of them: a second fact or a colleague's word is owed.
    """
    tier = ticket.identity.tier
    if tier <= TIER_OF_LINK:
        return (Method.LINK,)
    calls = (Method.CALL_BACK,) if await _number_on_file(unit, house, ticket) else ()
    if tier >= TIER_OF_TWO:
        return (Method.BANKID, *calls, Method.VISIT)
    if await second_contact(unit, ticket):
        return (Method.CODE, *calls, Method.VISIT)
    if await order_numbers(unit, house, ticket):
        return (Method.ORDER_NUMBER, *calls, Method.VISIT)
    return (*calls, Method.VISIT)


async def _number_on_file(unit: Unit, house: House, ticket: Ticket) -> bool:
    """Whether we may call back; a protected person's old number is never used (D12)."""
    if protected(ticket):
        return False
    for manifest in house.manifests:
        for record in await casefile.records_of(unit, ticket.id, manifest.key):
            if any(contact.kind is IdentifierKind.PHONE for contact in record.contacts):
                return True
    return False


async def send_code(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """Make a code now, not when the link was sent, and send it to the second contact point on file (D7)."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    now = house.now()
    challenge = Challenge(Method.CODE, now, now + CODE_LIVES, unit.index.digest(CODE_NAME, code))
    asked = replace(ticket.identity, challenge=challenge, asked=ticket.identity.asked + 1)
    after = replace(ticket, identity=asked)
    await unit.vault.put(ticket.id, Shelf.CASE, CODE_NAME, code.encode())
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_ASKED, PERSON, {"method": Method.CODE})
    return await carry_on(unit, house, ticket, requested(house, after, LetterKind.CODE, ticket.parts[:1]))


async def ask_order_number(unit: Unit, house: House, ticket: Ticket) -> Ticket:
    """Open the question for an order number we hold; five attempts, like a code."""
    now = house.now()
    challenge = Challenge(Method.ORDER_NUMBER, now, now + CODE_LIVES)
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_ASKED, PERSON, {"method": Method.ORDER_NUMBER})
    asked = replace(ticket.identity, challenge=challenge, asked=ticket.identity.asked + 1)
    return await carry_on(unit, house, ticket, replace(ticket, identity=asked))


async def answered(unit: Unit, house: House, ticket: Ticket, value: str) -> Ticket:
    """Try what the person typed; the attempt counts whether right or wrong."""
    challenge = ticket.identity.challenge
    if challenge is None or not ticket.identity.link_opened:
        raise NotAllowedNow("refusal.code_expired")
    digest = unit.index.digest(CODE_NAME, value)
    if challenge.method is Method.ORDER_NUMBER:
        matching = digest if digest in await order_numbers(unit, house, ticket) else "-"
        asked = replace(ticket.identity, challenge=replace(challenge, digest=matching))
        identity = try_code(asked, digest, house.now())
    else:
        identity = try_code(ticket.identity, digest, house.now())
    return await _noted(unit, house, ticket, replace(ticket, identity=identity), challenge.method)


async def ask_again(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Send the identity letter with a fresh link to the address on file."""
    if ticket.identity.state is not IdentityState.ASKED:
        raise NotAllowedNow("refusal.identity_settled")
    if not (await casefile.person_of(unit, ticket.id)).on_file:
        raise NotAllowedNow("refusal.no_address_on_file")
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_ASKED, actor.id, {"method": Method.LINK})
    fresh = replace(ticket, identity=replace(ticket.identity, challenge=None, link_opened=False, asked=0))
    return await carry_on(
        unit, house, ticket, requested(house, fresh, LetterKind.IDENTITY_NEEDED, ticket.parts), actor.id
    )


async def give_up(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Close kindly, with a letter that says how to come back (F20)."""
    if ticket.identity.state in (IdentityState.PROVEN, IdentityState.NOT_NEEDED):
        raise NotAllowedNow("refusal.identity_settled")
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_FAILED, actor.id, {})
    failed = replace(ticket.identity, state=IdentityState.FAILED, challenge=None)
    return await carry_on(unit, house, ticket, replace(ticket, identity=failed), actor.id)


async def leave_unconfirmed(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """A person decides to close kindly an erasure that nobody confirmed (D7).

    Who asked is not in doubt, so identity stays as it is: what was answered before, a package above all, stays within
    the person's reach.
    """
    refuse_before_its_days(house, ticket)
    after = ticket
    for part in ticket.parts:
        own = [task for task in ticket.tasks_of(part) if task.operation is Operation.ERASE and not task.settled]
        if any(lock_on(ticket, part, task, house.now(), house.calendar) is Lock.CONFIRMATION for task in own):
            for task in own:
                left = replace(settle(task, TaskState.NOT_APPLICABLE, house.now()), reason=NOT_CONFIRMED)
                after = after.with_task(left)
    if after is ticket or ticket.identity.shown.state is not IdentityState.AUTHENTICATED:
        raise NotAllowedNow("refusal.already_decided")
    await unit.ledger.write(ticket.id, LedgerEvent.UNCONFIRMED, actor.id, {})
    return await carry_on(unit, house, ticket, after, actor.id)


def refuse_before_its_days(house: House, ticket: Ticket) -> None:
    """Refuse to decide in the person's place while their press is still to be waited for, or no longer (D7)."""
    if not waits_for_press(ticket, house.now(), house.calendar):
        raise NotAllowedNow("refusal.already_decided")
    if not a_person_decides(ticket, house.now(), house.calendar):
        raise NotAllowedNow("refusal.press_awaited")


async def rely_on_mail(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """A person decides to act on the authenticated mail though the link was never pressed (D7)."""
    if ticket.identity.shown.state is not IdentityState.AUTHENTICATED:
        raise NotAllowedNow("refusal.identity_settled")
    refuse_before_its_days(house, ticket)
    proof = proven(ticket.identity.shown, Method.AUTHENTICATED_MAIL, house.now())
    identity = with_shown(ticket.identity, proof)
    facts: dict[str, str | int] = {"method": Method.AUTHENTICATED_MAIL}
    await unit.ledger.write(ticket.id, LedgerEvent.IDENTITY_PROVEN, actor.id, facts)
    return await carry_on(unit, house, ticket, replace(ticket, identity=identity), actor.id)


async def _noted(unit: Unit, house: House, ticket: Ticket, after: Ticket, method: Method) -> Ticket:
    done = after.identity.state is IdentityState.PROVEN
    event = LedgerEvent.IDENTITY_PROVEN if done else LedgerEvent.IDENTITY_TRIED
    await unit.ledger.write(ticket.id, event, PERSON, {"method": method})
    return await carry_on(unit, house, ticket, after)
