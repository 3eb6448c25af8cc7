"""What each submitted form does. Values are checked here; the rules are the services' and the domain's."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.card import Card, Values, Verb
from bot.cards import fields
from bot.desk import (
    corrections,
    extensions,
    holds,
    incidents,
    lookups,
    orders,
    recipients,
    reopening,
    restriction,
    roads,
    sending,
    threads,
    withdrawals,
    wrongs,
)
from bot.desk.standing import Standing
from bot.desk.values import address, confirmed, moment, one, scope_in
from bot.domain.deadline import local_date, months_after
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours
from bot.domain.identity import Method
from bot.domain.request import Channel, Language, RequestType, Role, Scope
from bot.domain.system import AT_RECIPIENTS, Identifier, IdentifierKind
from bot.reading import read_text
from bot.services.deciding import approval, restricting, verification
from bot.services.deciding.approval import ByHand
from bot.services.intake import intake, triage
from bot.services.intake.known import Known
from bot.services.intake.triage import Change
from bot.services.keeping import retention
from bot.services.showing import turns

Act = Callable[[Standing, Values], Awaitable[str | Card]]
#: The target of a form that was opened before forms had marks of their own.
UNMARKED: Final = "home"
LONGEST_POSTPONEMENT: Final = 180  # days
#: Months after which a typed receipt asks for a reason: the last day, even extended, has passed by then.
LONG_AGO: Final = 3
PHONE: Final = re.compile(r"\+?\(?\d[\d\s()./-]{4,30}")


async def carry_out(standing: Standing, values: Values) -> str | Card:
    """Carry out a submitted form; return what to show."""
    act = ACTS.get(standing.press.verb)
    if act is None:
        raise NotFound("refusal.unknown_button")
    return await act(standing, values)


async def _change(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    if (part := at.part(ticket)) is not None:
        return await threads.change_part(at, values, ticket, part)
    received = moment(values, fields.RECEIVED)
    if received == ticket.received.replace(second=0, microsecond=0) and not ticket.unsure_clock:
        received = None  # the form shows whole minutes: left as it was
    why = one(values, fields.RECEIVED_WHY, required=False)
    if received is not None and received > at.house.now():
        raise Incomplete("refusal.field_bad", {"field": fields.RECEIVED})
    if received is not None and received != ticket.received and not ticket.unsure_clock and not why:
        raise Incomplete("refusal.field_missing", {"field": fields.RECEIVED_WHY})
    rights = tuple(RequestType(value) for value in values.get(fields.RIGHTS, ()))
    if not rights:
        raise Incomplete("refusal.field_missing", {"field": fields.RIGHTS})
    asked = {part.type: part.scope for part in ticket.parts}
    scope = scope_in(values, ticket.parts[0].scope)
    language = one(values, fields.LANGUAGE, required=False)
    wanted = Change(
        rights=tuple((right, asked.get(right, Scope()) if scope is None else scope) for right in rights),
        roles=tuple(Role(value) for value in values.get(fields.ROLES, ())) or None,
        language=Language(language) if language else None,
        received=received,
        received_why=why,
        subject=address(values, fields.SUBJECT, required=False) or None,
        name=one(values, fields.NAME, required=False) or None,
        requester=address(values, fields.REQUESTER, required=False) or None,
    )
    changed = await triage.change(at.unit, ticket, at.actor, wanted)
    await turns.follow_dates(at.unit, at.house, ticket, changed)
    return changed.id


async def _dismiss(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    if (part := at.part(ticket)) is not None:
        return await threads.dismiss_part(at, values, ticket, part)
    reason, note = one(values, fields.REASON), one(values, fields.NOTE, required=False)
    return (await triage.dismiss(at.unit, at.house, ticket, at.actor, reason, note)).id


async def _hand_over(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    to = at.house.people.by_id(one(values, fields.COLLEAGUE))
    able = await at.able(ticket)
    if to not in able:
        scene = at.house.scene(at.actor.language)
        who = scene.names(able or at.house.people.officers(), either=True)
        raise Incomplete("refusal.may_not_walk", {"field": fields.COLLEAGUE, "to": scene.names([to]), "who": who})
    return (await triage.hand_over(at.unit, ticket, at.actor, to)).id


async def _decide(at: Standing, values: Values) -> str:
    ticket = await at.unit.tickets.load(at.press.target)  # each row's own state decides, not the ticket's (D32)
    await at.may_touch(ticket)
    decisions = {
        name.removeprefix(fields.TASK): chosen
        for name in values
        if name.startswith(fields.TASK) and (chosen := one(values, name, required=False))
    }
    if not decisions:
        raise Incomplete("refusal.nothing_chosen", {"field": next(iter(values), "")})
    reference = one(values, fields.REFERENCE, required=False)
    return (await approval.decide(at.unit, at.house, ticket, at.actor, decisions, reference)).id


async def _confirm_decline(at: Standing, values: Values) -> str:
    ticket, task = await at.task()
    way = one(values, fields.WAY)
    if way == fields.DECLINE:
        await restricting.keep_weighing(at.unit, ticket, task, one(values, fields.WEIGHING, required=False))
    return (await approval.settle_decline(at.unit, at.house, ticket, task, at.actor, way)).id


async def _attest(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    method = Method(one(values, fields.METHOD))
    if fields.CHECK_OF.get(method) not in values.get(fields.CHECKED, ()):
        raise Incomplete("refusal.check_of_method", {"field": fields.CHECKED})
    return (await verification.attest_by(at.unit, at.house, ticket, at.actor, method)).id


async def _give_up(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    one(values, fields.WAY)
    return (await verification.give_up(at.unit, at.house, ticket, at.actor)).id


async def _settle_unpressed(at: Standing, values: Values) -> str:
    ticket = await at.handled()
    if one(values, fields.WAY) == fields.ERASE_ON_MAIL:
        confirmed(values, ticket.ref)
        return (await verification.rely_on_mail(at.unit, at.house, ticket, at.actor)).id
    return (await verification.leave_unconfirmed(at.unit, at.house, ticket, at.actor)).id


def _number(values: Values, name: str) -> int | None:
    typed = one(values, name, required=False)
    if typed and not typed.isdecimal():
        raise Incomplete("refusal.field_bad", {"field": name})
    return int(typed) if typed else None


def _reason(values: Values) -> str:
    """Return why a step could not be done: a fact of the system, or a ground by which to propose a decline."""
    reason = one(values, fields.EXCEPTION_REASON, required=False)
    if reason and reason not in fields.EXCEPTIONS and not reason.startswith(fields.DECLINE_BY):
        raise Incomplete("refusal.field_bad", {"field": fields.EXCEPTION_REASON})
    return reason


async def _finish_by_hand(at: Standing, values: Values) -> str:
    ticket, task = await at.task()
    if task.operation in AT_RECIPIENTS:
        return await recipients.end_step(at, values, ticket, task)
    ended = ByHand(
        one(values, fields.RESULT),
        _number(values, fields.COUNT) or 0,
        _reason(values),
        one(values, fields.NOTE, required=False),
        _number(values, fields.MASKED),
    )
    return (await approval.finish_by_hand(at.unit, at.house, ticket, task, at.actor, ended)).id


async def _postpone(at: Standing, values: Values) -> str:
    review = await at.unit.reviews.load(at.press.target)
    days = one(values, fields.DAYS)
    if not days.isdecimal() or not 1 <= int(days) <= LONGEST_POSTPONEMENT:
        raise Incomplete("refusal.field_bad", {"field": fields.DAYS})
    until = at.house.today() + timedelta(days=int(days))
    await retention.postpone(at.unit, at.house, review, at.actor, until, one(values, fields.WHY))
    return f"review:{review.id}"


async def _approve_review(at: Standing, values: Values) -> str:
    review = await at.unit.reviews.load(at.press.target)
    await retention.approve(at.unit, at.house, review, at.actor, one(values, fields.REFERENCE))
    return f"review:{review.id}"


async def _new(at: Standing, values: Values) -> str:
    """Take in a request somebody made by phone, on a visit, in a form or elsewhere (F03)."""
    if not at.actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    words = at.unit.index.digest("form", f"{at.press.target} {sorted(values.items())}")
    source = "" if at.press.target == UNMARKED else f"form {words}"
    if source and (sent := await _sent_before(at, source)):
        return sent
    text = one(values, fields.TEXT)
    received, why = _typed_receipt(at, values)
    channel = Channel(one(values, fields.CHANNEL))
    subject = address(values, fields.SUBJECT, required=False) or None
    read = read_text(text, received=received, channel=channel, requester_email=subject, context=at.house.reading)
    name, language = one(values, fields.NAME, required=False), one(values, fields.LANGUAGE, required=False)
    proposal = replace(
        read,
        is_request=True,
        subject_email=subject,
        subject_name=name or read.subject_name,
        requester_email=subject,
        language=Language(language) if language else read.language,
        clock_start=received,
        clock_unsure=False,  # the colleague says when it came in
        message_id=None,
    )
    raw = f"{at.press.pack()} {at.house.now().isoformat()}\n{text}".encode()
    known = Known(source, others=_phone(values), note=why)
    ticket = await intake.take_in(at.unit, at.house, proposal, raw, channel, at.actor.id, known)
    if ticket is None:
        raise NotAllowedNow("refusal.already_decided")
    return ticket.id


async def _sent_before(at: Standing, source: str) -> str:
    """Return the ticket this form has made already of these very words: a chat may bring it again, to any process.

    Other words in the same form, sent by who went back to it, are another request. Only a keyed digest is kept.
    """
    item = await at.unit.items.by_source(at.unit.index.digest("source", source))
    return item.ticket_id if item is not None else ""


def _typed_receipt(at: Standing, values: Values) -> tuple[datetime, str]:
    """Return when the request came in, and why so long ago: a mistyped month would cost the person their answer."""
    now = at.house.now()
    received, why = moment(values, fields.RECEIVED) or now, one(values, fields.RECEIVED_WHY, required=False)
    if received > now:
        raise Incomplete("refusal.received_in_future", {"field": fields.RECEIVED})
    if months_after(local_date(received), LONG_AGO) < at.house.today() and not why:
        raise Incomplete("refusal.received_long_ago", {"field": fields.RECEIVED_WHY})
    return received, why


def _phone(values: Values) -> tuple[Identifier, ...]:
    typed = one(values, fields.PHONE, required=False)
    if typed and not PHONE.fullmatch(typed):
        raise Incomplete("refusal.field_bad", {"field": fields.PHONE})
    return (Identifier(IdentifierKind.PHONE, typed),) if typed else ()


ACTS: Final[Mapping[Verb, Act]] = MappingProxyType(
    {
        Verb.CHANGE: _change,
        Verb.DISMISS: _dismiss,
        Verb.HAND_OVER: _hand_over,
        Verb.DECIDE: _decide,
        Verb.CONFIRM_DECLINE: _confirm_decline,
        Verb.ATTEST: _attest,
        Verb.GIVE_UP_IDENTITY: _give_up,
        Verb.SETTLE_UNPRESSED: _settle_unpressed,
        Verb.FINISH_BY_HAND: _finish_by_hand,
        Verb.POSTPONE_REVIEW: _postpone,
        Verb.APPROVE_REVIEW: _approve_review,
        Verb.NEW: _new,
        Verb.FIND: lookups.submit_find,
        **incidents.ACTS,
        **roads.ACTS,
        **sending.ACTS,
        **restriction.ACTS,
        **recipients.ACTS,
        **orders.ACTS,
        Verb.TYPE_VALUE: corrections.submit_type_value,
        Verb.JOIN: threads.join,
        Verb.SETTLE_REGRET: threads.settle_regret,
        Verb.HOLD: holds.submit_hold,
        Verb.EXTEND: extensions.submit_extend,
        Verb.REOPEN: reopening.submit_reopen,
        Verb.WITHDRAW: withdrawals.submit_withdraw,
        Verb.WRONG_PERSON: wrongs.submit_wrong,
    }
)
