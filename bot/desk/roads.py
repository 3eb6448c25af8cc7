"""The special roads at the desk: what their buttons open and what their forms do (see `bot.domain.roads`)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.card import Card, Form, Values, Verb
from bot.cards import fields, identifying, special
from bot.cards.scene import Scene
from bot.desk.standing import Standing
from bot.desk.values import address, moment, one
from bot.domain.deadline import local_date
from bot.domain.errors import Incomplete
from bot.domain.request import RequestType
from bot.domain.roads import Road
from bot.services.casefile import RoadNote
from bot.services.intake import identifying as ids
from bot.services.intake import special as roads
from bot.services.intake.special import Document, Shown, Wish

Opens = Callable[[Standing], Awaitable[Form]]
Act = Callable[[Standing, Values], Awaitable[str | Card]]


async def other_roads(at: Standing) -> Card:
    """Show every open road to who pressed, and to nobody else."""
    return special.roads_card(_scene(at), await at.handled())


# --- what the buttons open ---------------------------------------------------------------------------


async def _refer_contract_form(at: Standing) -> Form:
    return special.refer_contract(_scene(at), await at.handled(), at.house.policy.controller.contracts)


async def _refer_site_form(at: Standing) -> Form:
    return special.refer_site(_scene(at), await at.handled())


async def _ask_authority_form(at: Standing) -> Form:
    return special.ask_authority(_scene(at), await at.handled())


async def _show_authority_form(at: Standing) -> Form:
    return special.show_authority(_scene(at), await at.handled())


async def _clarify_form(at: Standing) -> Form:
    return special.clarify(_scene(at), await at.handled())


async def _answer_question_form(at: Standing) -> Form:
    return special.answer_question(_scene(at), await at.handled())


async def _answer_kin_form(at: Standing) -> Form:
    return special.answer_kin(_scene(at), await at.handled())


async def _close_unanswered_form(at: Standing) -> Form:
    return special.close_unanswered(_scene(at), await at.handled())


async def _note_id_form(at: Standing) -> Form:
    return identifying.note_form(_scene(at), await at.handled())


# --- what the forms do -------------------------------------------------------------------------------


async def _refer_contract(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    passed_on = moment(values, fields.PASSED_ON)
    if passed_on is None:
        raise Incomplete("refusal.field_missing", {"field": fields.PASSED_ON})
    if passed_on > at.house.now() or local_date(passed_on) < local_date(ticket.received):
        raise Incomplete("refusal.field_bad", {"field": fields.PASSED_ON})
    note = RoadNote(contact=one(values, fields.CONTACT), passed_on=local_date(passed_on).isoformat())
    return (await roads.refer(at.unit, at.house, ticket, at.actor, Road.CONTRACT, note)).id


async def _refer_site(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    note = RoadNote(site=one(values, fields.SITE), reach=one(values, fields.REACH))
    return (await roads.refer(at.unit, at.house, ticket, at.actor, Road.JOB_SITE, note)).id


async def _ask_authority(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    note = RoadNote(document=_among(values, fields.DOCUMENT, (fields.ANY, *fields.DOCUMENTS)))
    await roads.heard_from(at.unit, ticket, address(values, fields.REQUESTER, required=False))
    return (await roads.ask_authority(at.unit, at.house, ticket, at.actor, note)).id


async def _show_authority(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    if not {"read", "valid"} <= set(values.get(fields.CHECKED, ())):
        raise Incomplete("refusal.field_missing", {"field": fields.CHECKED})
    covers = tuple(RequestType(value) for value in values.get(fields.COVERS, ()))
    if not covers:
        raise Incomplete("refusal.field_missing", {"field": fields.COVERS})
    shown = Shown(
        document=Document(_among(values, fields.DOCUMENT, fields.DOCUMENTS)),
        covers=covers,
        to_requester=one(values, fields.ANSWER_TO) == fields.TO_REQUESTER,
        subject=address(values, fields.SUBJECT, required=False),
    )
    return (await roads.authority_shown(at.unit, at.house, ticket, at.actor, shown)).id


async def _clarify(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    questions = tuple(key for key in fields.CLARIFICATIONS if key in values.get(fields.QUESTIONS, ()))
    if not questions:
        raise Incomplete("refusal.field_missing", {"field": fields.QUESTIONS})
    note = RoadNote(questions=questions, words=one(values, fields.WORDS, required=False))
    return (await roads.clarify(at.unit, at.house, ticket, at.actor, note)).id


async def _answer_question(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    note = RoadNote(words=one(values, fields.ANSWER, required=False))
    return (await roads.answer_question(at.unit, at.house, ticket, at.actor, note)).id


async def _answer_kin(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    wish = Wish(_among(values, fields.WISH, (fields.ERASE, fields.STOP)))
    await roads.heard_from(at.unit, ticket, address(values, fields.REQUESTER, required=False))
    return (await roads.answer_kin(at.unit, at.house, ticket, at.actor, wish)).id


async def _close_unanswered(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    one(values, fields.WAY)
    return (await roads.close_unanswered(at.unit, at.house, ticket, at.actor)).id


async def _note_id(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    if _among(values, fields.WAY, (fields.WITH_ID, fields.WITHOUT_ID)) == fields.WITHOUT_ID:
        return (await ids.without_id(at.unit, at.house, ticket, at.actor)).id
    pasted = one(values, fields.COOKIE)
    return (await ids.note_id(at.unit, at.house, ticket, at.actor, pasted)).id


def _among(values: Values, name: str, allowed: tuple[str, ...]) -> str:
    chosen = one(values, name)
    if chosen not in allowed:
        raise Incomplete("refusal.field_bad", {"field": name})
    return chosen


def _scene(at: Standing) -> Scene:
    return at.house.scene(at.actor.language)


OPENS: Final[Mapping[Verb, Opens]] = MappingProxyType(
    {
        Verb.REFER_CONTRACT: _refer_contract_form,
        Verb.REFER_SITE: _refer_site_form,
        Verb.ASK_AUTHORITY: _ask_authority_form,
        Verb.SHOW_AUTHORITY: _show_authority_form,
        Verb.CLARIFY: _clarify_form,
        Verb.ANSWER_QUESTION: _answer_question_form,
        Verb.ANSWER_KIN: _answer_kin_form,
        Verb.CLOSE_UNANSWERED: _close_unanswered_form,
        Verb.NOTE_ID: _note_id_form,
    }
)
ACTS: Final[Mapping[Verb, Act]] = MappingProxyType(
    {
        Verb.REFER_CONTRACT: _refer_contract,
        Verb.REFER_SITE: _refer_site,
        Verb.ASK_AUTHORITY: _ask_authority,
        Verb.SHOW_AUTHORITY: _show_authority,
        Verb.CLARIFY: _clarify,
        Verb.ANSWER_QUESTION: _answer_question,
        Verb.ANSWER_KIN: _answer_kin,
        Verb.CLOSE_UNANSWERED: _close_unanswered,
        Verb.NOTE_ID: _note_id,
    }
)
