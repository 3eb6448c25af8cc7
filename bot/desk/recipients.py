"""Recipients at the desk: what their buttons open and what their forms do (see `bot.domain.recipients`)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.card import Card, Form, Values, Verb
from bot.cards import fields, recipients
from bot.desk.standing import Standing
from bot.desk.values import confirmed, moment, one
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.recipients import may_name
from bot.domain.system import Operation
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.domain.transfer import Approved, Given, transferable
from bot.services.casework.recipients import Named
from bot.services.deciding import telling, transferring
from bot.services.deciding.telling import Ended

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
    known = fields.CANNOT_TELL if task.operation is Operation.NOTIFY else fields.CANNOT_HAND_OVER
    if reason and reason not in known:
        raise Incomplete("refusal.field_bad", {"field": fields.EXCEPTION_REASON})
    ended = Ended(result, reason, one(values, fields.NOTE, required=False))
    return (await telling.end(at.unit, at.house, ticket, task, at.actor, ended)).id


async def _name_form(at: Standing) -> Form:
    ticket = await at.handled()
    if not may_name(ticket):
        raise NotAllowedNow("refusal.nobody_to_tell")
    return recipients.name_recipient(at.house.scene(at.actor.language), ticket)


async def _name(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    named = Named(one(values, fields.NAME), one(values, fields.CONTACT, required=False))
    return (await telling.name(at.unit, at.house, ticket, at.actor, named)).id


async def _approve_form(at: Standing) -> Form:
    ticket = await at.handled()
    if transferable(ticket) is None:
        raise NotAllowedNow("refusal.nothing_to_transfer")
    return recipients.approve_transfer(at.house.scene(at.actor.language), ticket)


async def _approve(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    if set(values.get(fields.CHECKED, ())) != set(fields.APPROVAL_CHECKS):
        raise Incomplete("refusal.approval_unseen", {"field": fields.CHECKED})
    given, when = one(values, fields.METHOD), moment(values, fields.APPROVED_AT)
    if given not in list(Given):
        raise Incomplete("refusal.field_bad", {"field": fields.METHOD})
    if when is None:
        raise Incomplete("refusal.field_missing", {"field": fields.APPROVED_AT})
    named = Named(one(values, fields.NAME), one(values, fields.CONTACT))
    confirmed(values, ticket.ref)
    approval = Approved(Given(given), when, at.actor.id, at.house.now())
    return (await transferring.approve(at.unit, at.house, ticket, approval, named)).id


OPENS: Final[Mapping[Verb, Opens]] = MappingProxyType(
    {Verb.NAME_RECIPIENT: _name_form, Verb.APPROVE_TRANSFER: _approve_form}
)
ACTS: Final[Mapping[Verb, Act]] = MappingProxyType({Verb.NAME_RECIPIENT: _name, Verb.APPROVE_TRANSFER: _approve})
