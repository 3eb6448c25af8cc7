"""Which form a button opens. Opening writes nothing; who may not press is told so before typing."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.card import Choice, Form, Values, Verb
from bot.cards import decide, fields, forms, lookups
from bot.cards.scene import Scene
from bot.cards.threads import dismiss_part
from bot.desk import (
    corrections,
    extensions,
    holds,
    incidents,
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
from bot.domain.errors import Incomplete, NotFound, NotYours, PrivacyDeskError
from bot.domain.system import AT_RECIPIENTS
from bot.services.deciding import correcting, verification
from bot.services.deciding.approval import refuse_locked, refuse_what_is_kept
from bot.services.house import new_id

#: Choices of which the submit says more: a row another was faster on, who may not walk a ticket.
SAID_BETTER: Final = (fields.TASK, fields.COLLEAGUE)

Opens = Callable[[Standing], Awaitable[Form]]


async def open_form(standing: Standing) -> Form:
    """Return the form of a press. Raises `NotFound` when the verb has none."""
    opens = OPENS.get(standing.press.verb)
    if opens is None:
        raise NotFound("refusal.unknown_button")
    return await opens(standing)


async def refuse_unoffered(standing: Standing, values: Values) -> None:
    """Refuse an answer to a choice that the form does not offer: a client may send any words, and some are shown (D14).

    Raises `Incomplete` naming the field, never the answer. Of a form that opens no more the submit says why.
    """
    try:
        form = await open_form(standing)
    except PrivacyDeskError:
        return
    for element in form.elements:
        if not isinstance(element, Choice) or element.name.startswith(SAID_BETTER):
            continue
        if not set(values.get(element.name, ())) <= {"", *(value for value, _ in element.options)}:
            raise Incomplete("refusal.not_offered", {"field": element.name})


async def _change(at: Standing) -> Form:
    ticket = await at.handled()
    if (part := at.part(ticket)) is not None:
        return await threads.change_part_form(at, ticket, part)
    return forms.change(_scene(at), ticket)


async def _dismiss(at: Standing) -> Form:
    ticket = await at.handled()
    if (part := at.part(ticket)) is not None:
        return dismiss_part(_scene(at), ticket, part)
    return forms.dismiss(_scene(at), ticket)


async def _hand_over(at: Standing) -> Form:
    ticket = await at.handled()
    return forms.hand_over(_scene(at), ticket, await at.able(ticket))


async def _attest(at: Standing) -> Form:
    return forms.attest(_scene(at), await at.handled())


async def _give_up(at: Standing) -> Form:
    return forms.give_up_identity(_scene(at), await at.handled())


async def _settle_unpressed(at: Standing) -> Form:
    ticket = await at.handled()
    verification.refuse_before_its_days(at.house, ticket)
    return forms.settle_unpressed(_scene(at), ticket)


async def _decide(at: Standing) -> Form:
    ticket = await at.unit.tickets.load(at.press.target)
    await at.may_touch(ticket)
    return decide.decide(_scene(at), ticket, at.actor, await correcting.emptied_in(at.unit, ticket))


async def _confirm_decline(at: Standing) -> Form:
    ticket, task = await at.task()
    at.officer()
    return decide.confirm_decline(_scene(at), ticket, task)


async def _finish_by_hand(at: Standing) -> Form:
    ticket, task = await at.task()
    if task.operation in AT_RECIPIENTS:
        return recipients.step_form(at, ticket, task)
    if not at.actor.works_in(task.system):
        raise NotYours("refusal.not_yours_owner", {"system": task.system})
    if task.takes_away:  # told before anything is touched, not after
        refuse_locked(at.house, ticket, task, at.actor)
        if task.writing_since is None:  # of what was stopped half-way a colleague says how it ended
            await refuse_what_is_kept(at.unit, ticket)
    return forms.finish_by_hand(_scene(at), ticket, task)


async def _new(at: Standing) -> Form:
    if not at.actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    return forms.new(_scene(at), new_id())


async def _find(at: Standing) -> Form:
    return lookups.find_form(_scene(at))


async def _postpone(at: Standing) -> Form:
    review = await at.unit.reviews.load(at.press.target)
    return forms.postpone_review(_scene(at), review, at.house.terms.no_interest)


async def _approve_review(at: Standing) -> Form:
    review = await at.unit.reviews.load(at.press.target)
    if not at.actor.approves_in(review.system):
        raise NotYours("refusal.not_yours_owner", {"system": review.system})
    return forms.approve_review(_scene(at), review)


def _scene(at: Standing) -> Scene:
    return at.house.scene(at.actor.language)


OPENS: Final[Mapping[Verb, Opens]] = MappingProxyType(
    {
        Verb.CHANGE: _change,
        Verb.DISMISS: _dismiss,
        Verb.HAND_OVER: _hand_over,
        Verb.ATTEST: _attest,
        Verb.GIVE_UP_IDENTITY: _give_up,
        Verb.SETTLE_UNPRESSED: _settle_unpressed,
        Verb.DECIDE: _decide,
        Verb.CONFIRM_DECLINE: _confirm_decline,
        Verb.FINISH_BY_HAND: _finish_by_hand,
        Verb.NEW: _new,
        Verb.FIND: _find,
        Verb.POSTPONE_REVIEW: _postpone,
        Verb.APPROVE_REVIEW: _approve_review,
        **incidents.OPENS,
        **roads.OPENS,
        **sending.OPENS,
        **restriction.OPENS,
        **recipients.OPENS,
        **orders.OPENS,
        Verb.TYPE_VALUE: corrections.open_type_value,
        Verb.JOIN: threads.join_form,
        Verb.SETTLE_REGRET: threads.regret_form,
        Verb.HOLD: holds.open_hold,
        Verb.EXTEND: extensions.open_extend,
        Verb.REOPEN: reopening.open_reopen,
        Verb.WITHDRAW: withdrawals.open_withdraw,
        Verb.WRONG_PERSON: wrongs.open_wrong,
    }
)
