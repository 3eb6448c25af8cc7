"""Recipients at the desk: what their buttons open and what their forms do (see `bot.domain.recipients`)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.card import Card, Form, Values, Verb
from bot.cards import fields, recipients
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.errors import Incomplete, NotYours
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.services import telling
from bot.services.recipients import Named
from bot.services.telling import Ended

Opens = Callable[[Standing], Awaitable[Form]]
Act = Callable[[Standing, Values], Awaitable[str | Card]]


def step_form(at: Standing, ticket: Ticket, task: Task) -> Form:
    """Return the form that says how a step at a recipient ended; who may not say so is told before typing."""
    if not telling.may_end(at.actor, task):
        raise NotYours("refusal.not_yours_handler")
    return recipients.tell(at.house.scene(at.actor.language), ticket, task)


async def end_step(at: Standing, values: Values, ticket: Ticket, task: Task) -> str:
    """Say how a step at a recipient ended."""
    result = one(values, fields.RESULT)
    if result not in fields.ENDINGS:
        raise Incomplete("refusal.field_bad", {"field": fields.RESULT})
    reason = one(values, fields.EXCEPTION_REASON, required=False)
    if reason and reason not in (*fields.CANNOT_TELL, *fields.CANNOT_HAND_OVER):
        raise Incomplete("refusal.field_bad", {"field": fields.EXCEPTION_REASON})
    ended = Ended(result, reason, one(values, fields.NOTE, required=False))
    return (await telling.end(at.unit, at.house, ticket, task, at.actor, ended)).id


async def _name_form(at: Standing) -> Form:
    return recipients.name_recipient(at.house.scene(at.actor.language), await at.handled())


async def _name(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    named = Named(one(values, fields.NAME), one(values, fields.CONTACT, required=False))
    return (await telling.name(at.unit, at.house, ticket, at.actor, named)).id


OPENS: Final[Mapping[Verb, Opens]] = MappingProxyType({Verb.NAME_RECIPIENT: _name_form})
ACTS: Final[Mapping[Verb, Act]] = MappingProxyType({Verb.NAME_RECIPIENT: _name})
