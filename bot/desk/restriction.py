"""Restriction at the desk: what its buttons and forms do (see `bot.domain.restriction`)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.card import Card, Form, Values, Verb
from bot.cards import fields, restriction
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.errors import Incomplete
from bot.domain.restriction import Ends, Ground, Terms
from bot.services.deciding import restricting

Opens = Callable[[Standing], Awaitable[Form]]
Act = Callable[[Standing, Values], Awaitable[str | Card]]
Press = Callable[[Standing], Awaitable[str | Card]]


async def _choose_ground_form(at: Standing) -> Form:
    return restriction.choose_ground(at.house.scene(at.actor.language), await at.handled())


async def _give_notice_form(at: Standing) -> Form:
    at.officer()
    return restriction.give_notice(at.house.scene(at.actor.language), await at.handled())


async def _choose_ground(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    days = one(values, fields.DAYS)
    if not days.isdecimal():
        raise Incomplete("refusal.field_bad", {"field": fields.DAYS})
    terms = Terms(Ground(_among(values, fields.GROUND, Ground)), Ends(_among(values, fields.ENDS, Ends)), int(days))
    return (await restricting.set_terms(at.unit, at.house, ticket, at.actor, terms)).id


async def _give_notice(at: Standing, values: Values) -> str:
    at.officer()
    why = Ends(_among(values, fields.WHY, Ends))
    return (await restricting.give_notice(at.unit, at.house, await at.handled(), at.actor, why)).id


async def _rest_meanwhile(at: Standing) -> str:
    return (await restricting.rest_meanwhile(at.unit, at.house, await at.handled(), at.actor)).id


async def _lift(at: Standing) -> str:
    at.officer()
    return (await restricting.end(at.unit, at.house, await at.handled(), at.actor)).id


def _among(values: Values, name: str, allowed: type[Ground] | type[Ends]) -> str:
    chosen = one(values, name)
    if chosen not in list(allowed):
        raise Incomplete("refusal.field_bad", {"field": name})
    return chosen


OPENS: Final[Mapping[Verb, Opens]] = MappingProxyType(
    {Verb.CHOOSE_GROUND: _choose_ground_form, Verb.GIVE_NOTICE: _give_notice_form}
)
ACTS: Final[Mapping[Verb, Act]] = MappingProxyType({Verb.CHOOSE_GROUND: _choose_ground, Verb.GIVE_NOTICE: _give_notice})
PRESSES: Final[Mapping[Verb, Press]] = MappingProxyType({Verb.REST_MEANWHILE: _rest_meanwhile, Verb.LIFT: _lift})
