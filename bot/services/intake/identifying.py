"""The road of Article 11: cookie data leads from no name and no address, so the person is asked for the id.

Everything they can be searched by is searched and put before its owners meanwhile; only the last
step, what is decided and answered as a whole, waits for the id, for as long as any question waits
(`bot.domain.roads.patience`). The id is personal data: a colleague types it into a form, or says yes
to it on the review page, and it lies in the vault with whatever else the person is known by. If none
comes, nothing is lost and nobody has to decide: what was found is answered, and where nothing was, the
case closes as not identified by T15 (R20).
"""

from dataclasses import replace
from typing import Final

from bot.domain.again import may_be_named, named_by
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.letter import Letter, LetterState
from bot.domain.people import Colleague
from bot.domain.roads import (
    ROADS,
    Road,
    awaits_id,
    closed_to_confirm,
    id_settled,
    overdue,
    patience,
    to_be_reminded,
    unidentified,
)
from bot.domain.system import Identifier, IdentifierKind
from bot.domain.ticket import Ticket, letters_of
from bot.ports import Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on, requested
from bot.services.deciding.approval import is_own
from bot.services.house import House
from bot.services.intake import triage
from bot.services.views import Question

#: What the questions about an id begin with; how long their keys are.
OFFER: Final = "cookie"
YES: Final = "yes"
SHORT: Final = 16
LETTER: Final = ROADS[Road.COOKIE].letter


async def ask_id(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Ask for the id in the person's browser, and begin to search by everything else in the same case."""
    if any(one.kind is IdentifierKind.GA_CLIENT_ID for one in (await casefile.person_of(unit, ticket.id)).others):
        raise NotAllowedNow("refusal.id_known")
    if first := closed_to_confirm(ticket):  # who asks for another shows that they may, whatever else it is about
        raise NotAllowedNow(first)
    await triage.searchable(unit, ticket)
    await unit.ledger.write(ticket.id, LedgerEvent.ROAD_TAKEN, actor.id, {"letter": LETTER})
    until = patience(ticket, house.today(), house.calendar)
    return await triage.begin(unit, house, ticket, actor.id, Road.COOKIE, until)


async def note_id(unit: Unit, house: House, ticket: Ticket, actor: Colleague, pasted: str) -> Ticket:
    """Note the ids in what the person sent, and search by them; refuse what holds none, so nothing is erased by it."""
    if not _may_be_noted(ticket):
        raise NotAllowedNow("refusal.no_id_awaited")
    named = casefile.cookies_in(pasted)
    if not named:
        raise Incomplete("refusal.no_id_in_it")
    return await _known_by(unit, house, ticket, actor, named)


async def _known_by(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, named: tuple[Identifier, ...]
) -> Ticket:
    person = await casefile.person_of(unit, ticket.id)
    others = tuple(dict.fromkeys((*person.others, *named)))
    await casefile.keep_person(unit, ticket.id, replace(person, others=others))
    facts: dict[str, str | int] = {"kind": IdentifierKind.GA_CLIENT_ID, "answer": "yes"}
    await unit.ledger.write(ticket.id, LedgerEvent.SEARCH_WIDENED, actor.id, facts)
    wider = named_by(ticket, house.manifests, IdentifierKind.GA_CLIENT_ID, house.now())
    on_road = unidentified(ticket)
    after = replace(wider, flags=id_settled(wider.flags, noted=True)) if on_road else wider
    return await carry_on(unit, house, ticket, after, actor.id)


def _may_be_noted(ticket: Ticket) -> bool:
    """Whether an id still changes what is answered: every letter that names Google Analytics asks for one."""
    return awaits_id(ticket) or may_be_named(ticket)


async def id_offers(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> list[Question]:
    """Return one question for each id in a later mail that nobody has noted yet; for who walks tickets (D14)."""
    if not reader.handles_tickets or not _may_be_noted(ticket):
        return []
    scene = house.scene(reader.language)
    asked = []
    for key, one in (await _in_mail(unit, ticket)).items():
        facts = {"kind": scene.say(f"identifier.{one.kind}"), "value": one.value}
        title, label = scene.say("question.also", facts), scene.say("question.also_label")
        line, hint = scene.say("question.id_where"), scene.say("question.id_hint")
        options = ((YES, scene.say("question.also_yes")),)
        asked.append(Question(f"{OFFER}:{key}", title, line, hint, label, options, scene.say("question.save")))
    return asked


async def take_offer(unit: Unit, house: House, ticket: Ticket, actor: Colleague, key: str) -> Ticket:
    """Note an id that stands in a mail; raises `NotFound` for one that is not offered (any more)."""
    if not actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    if await is_own(unit, ticket, actor):
        raise NotYours("refusal.own_request")
    offered = (await _in_mail(unit, ticket)).get(key)
    if offered is None or not _may_be_noted(ticket):
        raise NotFound("refusal.not_found")
    return await _known_by(unit, house, ticket, actor, (offered,))


async def _in_mail(unit: Unit, ticket: Ticket) -> dict[str, Identifier]:
    """Return the ids in the later mails, by a keyed digest: a form's name tells nobody what it is about."""
    known = (await casefile.person_of(unit, ticket.id)).others
    found: dict[str, Identifier] = {}
    for proposal in await casefile.later_mails(unit, ticket.id):
        for one in (one for one in casefile.cookies_in(proposal.text) if one not in known):
            found[unit.index.digest(OFFER, one.value)[:SHORT]] = one
    return found


async def without_id(unit: Unit, house: House, ticket: Ticket, actor: Colleague) -> Ticket:
    """Go on without an id, because the person says that they have none; the answer still says how to send one."""
    if not awaits_id(ticket):
        raise NotAllowedNow("refusal.no_id_awaited")
    return await _silence(unit, house, ticket, actor.id)


async def attend(unit: Unit, house: House, ticket: Ticket) -> bool:
    """Each morning: ask once more, and go on without the id once its day has passed.

    Returns whether a colleague has to look: nobody can have answered a letter that did not reach them.
    """
    letters = _asked(ticket)
    sent = tuple(one.sent_at for one in letters if one.state is LetterState.SENT and one.sent_at is not None)
    if len(sent) < len(letters) or not sent:
        return overdue(ticket, house.today())
    if to_be_reminded(ticket, sent, house.today(), house.calendar):
        waiting = [part for part in ticket.parts if part.open]
        await carry_on(unit, house, ticket, requested(house, ticket, LETTER, waiting))
    elif overdue(ticket, house.today()):
        await _silence(unit, house, ticket, DESK)
    return False


async def _silence(unit: Unit, house: House, ticket: Ticket, by: str) -> Ticket:
    await unit.ledger.write(ticket.id, LedgerEvent.SILENCE, by, {"letter": LETTER})
    after = replace(ticket, flags=id_settled(ticket.flags, noted=False))
    return await carry_on(unit, house, ticket, after, by)


def _asked(ticket: Ticket) -> tuple[Letter, ...]:
    """Return the letters in which the id was asked for in this round, whether they have left or not."""
    waiting = [part for part in ticket.parts if part.open]
    found = {one.id: one for part in waiting for one in letters_of(ticket, part) if one.kind is LETTER}
    return tuple(found.values())
