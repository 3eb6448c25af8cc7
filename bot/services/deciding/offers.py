"""Other things the person is known by, found in one system and offered for the others (F23).

Never used in silence: what a record shows may be somebody else's. A colleague says yes or
no to each, once; a yes makes the systems that know people by it be searched anew, a no is
remembered as a keyed digest, so that nobody is asked again.
"""

import json
from dataclasses import replace
from typing import Final

from bot.domain.again import may_search_again, searched_again
from bot.domain.errors import Incomplete, NotFound, NotYours, Shredded
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation
from bot.domain.ticket import Ticket
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on
from bot.services.casework.protecting import remember_held
from bot.services.deciding.approval import is_own
from bot.services.house import House
from bot.services.views import Question

OFFER: Final = "also"
KEPT: Final = "offers"  # on the shelf of the case: what was answered, by digest
YES, NO = "yes", "no"
SHORT: Final = 16


async def offers(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> list[Question]:
    """Return one question for each contact point found that nobody has been asked about; for who walks tickets."""
    if not reader.handles_tickets or not may_search_again(ticket):
        return []
    scene = house.scene(reader.language)
    asked = []
    for key, (identifier, system) in (await _open(unit, house, ticket)).items():
        others = scene.texts.together(scene.language, [scene.system(one) for one in _knowing(house, identifier.kind)])
        facts = {"kind": scene.say(f"identifier.{identifier.kind}"), "value": identifier.value}
        line = scene.say("question.also_where", {"system": scene.system(system), "others": others})
        options = ((YES, scene.say("question.also_yes")), (NO, scene.say("question.also_no")))
        title, label = scene.say("question.also", facts), scene.say("question.also_label")
        hint = scene.say("question.also_hint")
        asked.append(Question(f"{OFFER}:{key}", title, line, hint, label, options, scene.say("question.save")))
    return asked


async def answer_offer(unit: Unit, house: House, ticket: Ticket, actor: Colleague, key: str, chosen: str) -> Ticket:
    """Search by what was offered, or remember that it is not to be used."""
    if not actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    if await is_own(unit, ticket, actor):
        raise NotYours("refusal.own_request")
    if chosen not in (YES, NO):
        raise Incomplete("refusal.field_bad", {"field": OFFER})
    found = (await _open(unit, house, ticket)).get(key)
    if found is None:
        raise NotFound("refusal.not_found")
    identifier, _ = found
    after = ticket
    if chosen == YES:
        after = searched_again(ticket, house.manifests, identifier.kind, house.now())
        person = await casefile.person_of(unit, ticket.id)
        await casefile.keep_person(unit, ticket.id, replace(person, others=(*person.others, identifier)))
        if identifier.kind is IdentifierKind.EMAIL:
            await remember_held(unit, ticket, (identifier.value,))
    answered = await _answered(unit, ticket)
    await unit.vault.put(ticket.id, Shelf.CASE, KEPT, json.dumps({**answered, key: chosen}).encode())
    facts: dict[str, str | int] = {"kind": identifier.kind, "answer": chosen}
    await unit.ledger.write(ticket.id, LedgerEvent.SEARCH_WIDENED, actor.id, facts)
    return await carry_on(unit, house, ticket, after, actor.id)


async def _open(unit: Unit, house: House, ticket: Ticket) -> dict[str, tuple[Identifier, str]]:
    """Return what may be offered, by key, with the system it was found in."""
    person = await casefile.person_of(unit, ticket.id)
    if person.written_from_only:
        return {}
    known = {_plain(one) for one in person.identifiers()}
    answered = await _answered(unit, ticket)
    found: dict[str, tuple[Identifier, str]] = {}
    for manifest in house.manifests:
        for record in await casefile.records_of(unit, ticket.id, manifest.key):
            for contact in record.contacts:
                key = unit.index.digest(OFFER, f"{contact.kind} {_plain(contact)[1]}")[:SHORT]
                if _plain(contact) not in known and key not in answered and _elsewhere(house, contact, manifest.key):
                    found.setdefault(key, (contact, manifest.key))
    return found


def _elsewhere(house: House, contact: Identifier, system: str) -> bool:
    """Whether another system than the one it was found in could be searched by it. A name proves nobody."""
    knowing = _knowing(house, contact.kind)
    return contact.kind is not IdentifierKind.NAME and any(one != system for one in knowing)


def _knowing(house: House, kind: IdentifierKind) -> list[str]:
    searchable = [one for one in house.manifests if one.how(Operation.FIND).mode is not Mode.ABSENT]
    return [one.key for one in searchable if kind in one.known_by]


def _plain(identifier: Identifier) -> tuple[IdentifierKind, str]:
    return identifier.kind, " ".join(identifier.value.split()).casefold()


async def _answered(unit: Unit, ticket: Ticket) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(await unit.vault.get(ticket.id, Shelf.CASE, KEPT))
    except (NotFound, Shredded):
        return {}
    return kept
