"""Suspected incidents and letters that came back, at the desk: what their buttons open and what their forms do.

Ending a 72-hour clock is an officer's alone (D12), whoever walks the ticket.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from bot.card import Card, Form, Values, Verb
from bot.cards import fields, returned
from bot.cards import incident as cards
from bot.desk.sending import package_again, pressed_letter, refuse_again
from bot.desk.standing import Standing
from bot.desk.values import moment, one
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.incident import Incident
from bot.domain.letter import LetterState
from bot.domain.ticket import Ticket
from bot.services.casefile import incident_of
from bot.services.casework import incident
from bot.services.intake import bounces

Opens = Callable[[Standing], Awaitable[Form]]
Act = Callable[[Standing, Values], Awaitable[str | Card]]


async def _open_notified(at: Standing) -> Form:
    ticket, running = await _incident(at)
    return cards.notified_form(at.house.scene(at.actor.language), ticket, running)


async def _open_no_notification(at: Standing) -> Form:
    ticket, _ = await _incident(at)
    return cards.no_notification_form(at.house.scene(at.actor.language), ticket)


async def _open_aware(at: Standing) -> Form:
    ticket, running = await _incident(at)
    return cards.aware_form(at.house.scene(at.actor.language), ticket, running)


async def _open_suspect(at: Standing) -> Form:
    ticket = await _suspected(at)
    return cards.suspect_form(at.house.scene(at.actor.language), ticket)


async def _suspected(at: Standing) -> Ticket:
    ticket = await at.ticket()
    await at.may_touch(ticket)
    return ticket


async def _suspect(at: Standing, values: Values) -> str:
    ticket = await _suspected(at)
    when, why = _typed_moment(values, fields.AWARE_AT), one(values, fields.WHY)
    return (await incident.suspect(at.unit, at.house, ticket, at.actor, when, why)).id


async def _open_returned(at: Standing) -> Form:
    ticket, letter = await pressed_letter(at)
    if letter.state is not LetterState.RETURNED:
        raise NotAllowedNow("refusal.already_decided")
    return returned.settle_form(at.house.scene(at.actor.language), letter, await package_again(at, ticket, letter))


async def _settle_returned(at: Standing, values: Values) -> str:
    ticket, letter = await pressed_letter(at)
    way, note = one(values, fields.WAY), one(values, fields.NOTE, required=False)
    if way == fields.SEND_AGAIN:
        await refuse_again(at, values, ticket, letter)
    return (await bounces.settle(at.unit, at.house, ticket, letter, at.actor, way, note)).id


async def _incident(at: Standing) -> tuple[Ticket, Incident]:
    ticket = await at.handled()
    at.officer()
    running = await incident_of(at.unit, ticket.id)
    if running is None or running.ending is not None:
        raise NotAllowedNow("refusal.already_decided")
    return ticket, running


async def _notified(at: Standing, values: Values) -> str:
    ticket, _ = await _incident(at)
    when = _typed_moment(values, fields.NOTIFIED_AT)
    reference = one(values, fields.IMY_REFERENCE)
    late = one(values, fields.LATE_REASON, required=False)
    saved = await incident.notify(at.unit, at.house, ticket, at.actor, when, reference=reference, reason=late)
    return saved.id


async def _no_notification(at: Standing, values: Values) -> str:
    ticket, _ = await _incident(at)
    reason, note = one(values, fields.REASON), one(values, fields.NOTE)
    return (await incident.settle_without(at.unit, at.house, ticket, at.actor, reason, note)).id


async def _aware_since(at: Standing, values: Values) -> str:
    ticket, _ = await _incident(at)
    when = _typed_moment(values, fields.AWARE_AT)
    return (await incident.set_aware(at.unit, at.house, ticket, at.actor, when, one(values, fields.WHY))).id


def _typed_moment(values: Values, name: str) -> datetime:
    typed = moment(values, name)
    if typed is None:
        raise Incomplete("refusal.field_missing", {"field": name})
    return typed


OPENS: Final[Mapping[Verb, Opens]] = MappingProxyType(
    {
        Verb.NOTIFIED: _open_notified,
        Verb.NO_NOTIFICATION: _open_no_notification,
        Verb.AWARE_SINCE: _open_aware,
        Verb.SUSPECT_BREACH: _open_suspect,
        Verb.SETTLE_RETURNED: _open_returned,
    }
)
ACTS: Final[Mapping[Verb, Act]] = MappingProxyType(
    {
        Verb.NOTIFIED: _notified,
        Verb.NO_NOTIFICATION: _no_notification,
        Verb.AWARE_SINCE: _aware_since,
        Verb.SUSPECT_BREACH: _suspect,
        Verb.SETTLE_RETURNED: _settle_returned,
    }
)
