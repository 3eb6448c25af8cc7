"""What a colleague is asked on the review page, and what their answers do.

Each question shows content, so it can stand nowhere else (D14); a card only says that
there is one. An answer names its question by what stands before the first colon.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.errors import Incomplete, NotFound
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague
from bot.domain.policy import grounds_of
from bot.domain.shared import Ruling, Way, carried_out, may_rule, rule
from bot.domain.system import Record
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.ports import Dissociates, Unit
from bot.services import casefile
from bot.services.casework.progress import carry_on
from bot.services.deciding.approval import is_own
from bot.services.deciding.offers import OFFER, answer_offer, offers
from bot.services.house import House
from bot.services.intake.identifying import OFFER as IN_MAIL
from bot.services.intake.identifying import id_offers, take_offer
from bot.services.records import shared
from bot.services.staff import alone
from bot.services.views import Question

#: A system's own word on how somebody is taken off a record there, and why the desk does not.
BY_HAND_THERE: Final = "shared.dissociate"
SHARED, ALL, DONE = "shared", "all", "done"
#: Shared records asked about one by one; what is beyond is ruled on together.
MOST: Final = 40


async def questions(unit: Unit, house: House, ticket: Ticket, reader: Colleague) -> list[Question]:
    """Return what *reader* is asked about a ticket now."""
    asked = [*await id_offers(unit, house, ticket, reader), *await offers(unit, house, ticket, reader)]
    for manifest in house.manifests:
        task = shared.erasure_in(ticket, manifest.key)
        if task is not None:
            asked += await _about_shared(unit, house, ticket, task, reader)
    return asked


async def answer(
    unit: Unit, house: House, ticket: Ticket, actor: Colleague, about: str, chosen: str, reference: str
) -> Ticket:
    """Carry out an answer; raises `NotFound` for a question that is not asked (any more).

    To have something erased that concerns others too needs the ticket's *reference* typed.
    """
    if not chosen:
        raise Incomplete("refusal.nothing_chosen", {"field": about})
    kind, _, rest = about.partition(":")
    if kind == IN_MAIL:
        return await take_offer(unit, house, ticket, actor, rest)
    if kind == OFFER:
        return await answer_offer(unit, house, ticket, actor, rest, chosen)
    system, _, key = rest.partition(":")
    task = shared.erasure_in(ticket, system)
    if kind != SHARED or task is None:
        raise NotFound("refusal.not_found")
    if chosen.partition(":")[0] == Way.ERASE and reference.strip().upper() != ticket.ref:
        raise Incomplete("refusal.reference_mismatch", {"field": "reference", "ref": ticket.ref})
    return await _ruled(unit, house, ticket, task, actor, key, chosen)


async def _about_shared(unit: Unit, house: House, ticket: Ticket, task: Task, reader: Colleague) -> list[Question]:
    records = [one for one in await casefile.records_of(unit, ticket.id, task.system) if one.shared]
    rulings = await shared.rulings_of(unit, ticket.id, task.system)
    undecided = [one for one in records if not _settled(rulings, one)]
    asked = [_question(house, ticket, task, reader, one, rulings.get(shared.key_of(one))) for one in undecided[:MOST]]
    if len(undecided) > 1:
        asked.insert(0, _together(house, ticket, task, reader, undecided))
    if shared.may_be_done(house, ticket, task):
        able = isinstance(house.systems[task.system], Dissociates)
        for one in records:
            ruling = rulings.get(shared.key_of(one))
            if ruling is not None and ruling.settled and ruling.by_hand(dissociates=able) and not ruling.done:
                asked.append(_to_do(house, task, reader, one, ruling))
    return asked


def _settled(rulings: Mapping[str, Ruling], record: Record) -> bool:
    ruling = rulings.get(shared.key_of(record))
    return ruling is not None and ruling.settled


def _question(
    house: House, ticket: Ticket, task: Task, reader: Colleague, record: Record, earlier: Ruling | None
) -> Question:
    scene = house.scene(reader.language)
    one = scene.counted(task.system, {record.kind: 1})
    title = scene.say("question.shared", {"system": scene.system(task.system), "record": one, "id": record.id})
    said = ""
    if earlier is not None:
        facts = {"who": scene.name(earlier.yes[0]), "way": _way(house, ticket, task, reader, earlier)}
        said = scene.say("question.shared_said", facts)
    about = f"{SHARED}:{task.system}:{shared.key_of(record)}"
    return _asking(house, ticket, task, reader, (about, title, said))


def _together(house: House, ticket: Ticket, task: Task, reader: Colleague, undecided: Sequence[Record]) -> Question:
    scene = house.scene(reader.language)
    facts = {"system": scene.system(task.system), "count": len(undecided)}
    title = scene.say("question.shared_all", facts)
    return _asking(house, ticket, task, reader, (f"{SHARED}:{task.system}:{ALL}", title, ""))


def _asking(house: House, ticket: Ticket, task: Task, reader: Colleague, said: tuple[str, str, str]) -> Question:
    """Return a question of what is to become of something shared: *said* is what it is about, its title, its line."""
    about, title, line = said
    scene = house.scene(reader.language)
    grounds = grounds_of(ticket.part(task.part_id))
    wanted = [Ruling(way) for way in (Way.DISSOCIATE, Way.REDACT)]
    wanted += [*(Ruling(Way.KEEP, ground) for ground in grounds), Ruling(Way.ERASE)]
    options = tuple((f"{one.way}:{one.ground}", _way(house, ticket, task, reader, one)) for one in wanted)
    hint = " ".join(filter(None, (scene.say("question.shared_hint"), scene.word(task.system, BY_HAND_THERE))))
    label, save = scene.say("question.shared_label"), scene.say("question.save")
    return Question(about, title, line, hint, label, options, save, ticket.ref)


def _way(house: House, ticket: Ticket, task: Task, reader: Colleague, ruling: Ruling) -> str:
    scene = house.scene(reader.language)
    if ruling.way is Way.KEEP:
        ground = scene.say(f"ground.{ticket.part(task.part_id).type}.{ruling.ground}")
        return scene.say("question.way.keep", {"ground": ground})
    by_hand = ruling.by_hand(dissociates=isinstance(house.systems[task.system], Dissociates))
    return scene.say(f"question.way.{ruling.way}{'_by_hand' if by_hand else ''}")


def _to_do(house: House, task: Task, reader: Colleague, record: Record, ruling: Ruling) -> Question:
    scene = house.scene(reader.language)
    one = scene.counted(task.system, {record.kind: 1})
    facts = {"system": scene.system(task.system), "record": one, "id": record.id}
    title = scene.say("question.to_do", facts)
    there = scene.word(task.system, BY_HAND_THERE) if ruling.way is Way.DISSOCIATE else ""
    line = there or scene.say(f"question.to_do_{ruling.way}")
    about = f"{SHARED}:{task.system}:{shared.key_of(record)}"
    options = ((DONE, scene.say("question.done")),)
    return Question(about, title, line, "", scene.say("question.done_label"), options, scene.say("question.save"))


async def _ruled(
    unit: Unit, house: House, ticket: Ticket, task: Task, actor: Colleague, key: str, chosen: str
) -> Ticket:
    own = await is_own(unit, ticket, actor)
    records = [one for one in await casefile.records_of(unit, ticket.id, task.system) if one.shared]
    rulings = await shared.rulings_of(unit, ticket.id, task.system)
    keys = [shared.key_of(one) for one in records]
    about = [one for one in keys if key == one or (key == ALL and not (one in rulings and rulings[one].settled))]
    if not about:
        raise NotFound("refusal.not_found")
    for one in about:
        if chosen == DONE and one in rulings and shared.may_be_done(house, ticket, task):
            may_rule(actor, task.system, own_request=own)
            rulings[one] = carried_out(rulings[one])
        else:
            rulings[one] = rule(
                rulings.get(one),
                _wanted(chosen),
                actor,
                task.system,
                own_request=own,
                at=house.now(),
                single=house.single_person,
            )
    await shared.keep_rulings(unit, ticket.id, task.system, rulings)
    facts: dict[str, str | int] = {"system": task.system, "records": len(about), "fate": chosen.partition(":")[0]}
    for one in about:
        facts |= alone.by_one(rulings[one].yes)
    await unit.ledger.write(ticket.id, LedgerEvent.SHARED_RULED, actor.id, facts)
    if any(not rulings[one].settled for one in about):
        await alone.remind_after(unit, house, ticket.id, actor)
    return await carry_on(unit, house, ticket, await shared.marking(unit, house, ticket, task.system), actor.id)


def _wanted(chosen: str) -> Ruling:
    way, _, ground = chosen.partition(":")
    try:
        return Ruling(Way(way), ground)
    except ValueError:
        raise Incomplete("refusal.field_bad", {"field": SHARED}) from None
