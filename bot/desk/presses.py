"""What each plain button does: check, carry out by one service, say what to show."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.card import Card, Link, Text, Verb
from bot.cards.buttons import Choices, button
from bot.cards.clearing import owner_of
from bot.desk import restriction, threads
from bot.desk.corrections import correct
from bot.desk.evidence import hand_out
from bot.desk.roads import other_roads
from bot.desk.sending import send_letter
from bot.desk.standing import Standing
from bot.domain.errors import NotAllowedNow, NotFound, NotYours, StaleCard
from bot.domain.original import original_with
from bot.domain.roads import Road, open_roads
from bot.services import links
from bot.services.deciding import approval, neutral, verification
from bot.services.intake import identifying, intake, original, triage
from bot.services.keeping import clearing
from bot.services.pages.admission import may_read
from bot.services.pages.lists import LISTS
from bot.services.reminding import reminders
from bot.services.showing import bursts, quiet
from bot.services.showing.board import card_about, more_about

Act = Callable[[Standing], Awaitable[str | Card]]
REVIEW: Final = "review:"


async def carry_out(standing: Standing) -> str | Card:
    """Carry out a press; return what to show: a card, or what the card is to be about."""
    act = ACTS.get(standing.press.verb)
    if act is None:
        raise NotFound("refusal.unknown_button")
    return await act(standing)


async def _confirm(at: Standing) -> str:
    ticket = await at.handled()
    if (part := at.part(ticket)) is not None:
        return await threads.confirm_part(at, ticket, part)
    return (await triage.confirm(at.unit, at.house, ticket, at.actor)).id


async def _ask_again(at: Standing) -> str:
    ticket = await at.handled()
    return (await verification.ask_again(at.unit, at.house, ticket, at.actor)).id


async def _retry(at: Standing) -> str:
    ticket, task = await at.task()
    return (await approval.retry(at.unit, at.house, ticket, task, at.actor)).id


async def _review(at: Standing) -> Card:
    """Hand out a link to the content, bound to the presser (D15). Owners see what they decide on."""
    ticket = await at.unit.tickets.load(at.press.target)
    return await _link_card(at, ticket.id, ticket.ref)


async def _review_list(at: Standing) -> Card:
    review = await at.unit.reviews.load(at.press.target.removeprefix(REVIEW))
    return await _link_card(at, f"{REVIEW}{review.id}", at.house.words[review.system].name)


async def _open_item(at: Standing) -> Card:
    if not at.press.target.startswith(LISTS):
        raise NotFound("refusal.unknown_button")
    return await _link_card(at, at.press.target, "")


async def _link_card(at: Standing, about: str, name: str) -> Card:
    await may_read(at.unit, at.house, about, at.actor)
    signs_in = at.house.signs_in
    path = await links.review_link(at.unit, about, at.house.now(), at.actor.id, signs_in=signs_in)
    scene = at.house.scene(at.actor.language)
    title = scene.say("review.link_title", {"ref": name}).strip(" ·")
    hint = scene.say("review.link_hint_signed_in" if signs_in else "review.link_hint")
    link = Link(scene.say("review.link_open"), f"{at.house.public_url}{path}")
    return Card(title, (Text(hint, muted=True), link), f"{title}. {hint}", about)


async def _open(at: Standing) -> Card:
    """Show a ticket's card to the presser; one that stood on a burst's card gets its own when a handler opens it."""
    if at.actor.handles_tickets:
        await bursts.let_out(at.unit, at.house, at.press.target)
    return await card_about(at.unit, at.house, at.actor, at.press.target)


async def _more(at: Standing) -> Card:
    """Show what has no room on the ticket's card to who pressed, and to nobody else; each button asks who may."""
    ticket = await at.ticket()
    await at.may_touch(ticket)
    return await more_about(at.unit, at.house, at.actor, ticket)


async def _remind_tomorrow(at: Standing) -> Card:
    """Bring the reminder back, and say when: the card that was pressed no longer looks pressable."""
    ticket_id, day = await reminders.tomorrow(at.unit, at.house, at.press.target, at.actor)
    ticket = await at.unit.tickets.load(ticket_id)
    scene = at.house.scene(at.actor.language)
    said = scene.say("sentence.reminded_again", {"day": scene.day(day)})
    open_it = Choices((button(scene, Verb.OPEN, ticket),), leads=False)
    return Card(ticket.ref, (Text(said), *open_it.actions()), f"{ticket.ref}. {said}", at.press.target)


async def _dismiss_items(at: Standing) -> str:
    if not at.actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    if len(await at.unit.items.waiting()) != at.press.version:
        raise StaleCard("refusal.stale")
    if not await quiet.all_seen(at.unit, at.press.target):
        raise NotAllowedNow("refusal.list_not_opened")
    await intake.dismiss_items(at.unit, at.actor)
    return at.press.target


async def _cleared(at: Standing) -> str:
    """Take somebody's word that their own copies are cleared; who pressed for another goes on with the list."""
    review = await at.unit.reviews.load(at.press.target)
    await clearing.settle(at.unit, at.house, review, at.actor, at.press.version)
    day = at.house.today()
    return f"clearing:{review.id}:{day}" if at.actor.id == owner_of(review) else f"uncleared:{day}"


async def _original_removed(at: Standing) -> Card:
    """Note that the chat message is gone: by who made the ticket of it, or by anybody who walks tickets (D17).

    Whatever else happened to the ticket meanwhile does not matter here, so its version is not asked for.
    """
    ticket = await at.unit.tickets.load(at.press.target)
    if at.actor.id != original_with(ticket):
        if not at.actor.handles_tickets:
            raise NotYours("refusal.not_yours_handler")
        await at.may_touch(ticket)
    await original.note_removed(at.unit, ticket, at.actor)
    scene = at.house.scene(at.actor.language)
    said = scene.say("sentence.original_removed", {"ref": ticket.ref})
    return Card(ticket.ref, (Text(said),), said, ticket.id)


async def _ask_id(at: Standing) -> str:
    ticket = await at.handled()
    if Road.COOKIE not in open_roads(ticket):
        raise NotAllowedNow("refusal.road_closed")
    return (await identifying.ask_id(at.unit, at.house, ticket, at.actor)).id


async def _answer_neutrally(at: Standing) -> str:
    ticket = await at.handled()
    return (await neutral.answer(at.unit, at.house, ticket, at.actor)).id


ACTS: Final[Mapping[Verb, Act]] = MappingProxyType(
    {
        Verb.CONFIRM: _confirm,
        Verb.ASK_AGAIN: _ask_again,
        Verb.RETRY: _retry,
        Verb.SEND_LETTER: send_letter,
        Verb.REVIEW: _review,
        Verb.EVIDENCE: hand_out,
        Verb.REVIEW_LIST: _review_list,
        Verb.CORRECT: correct,
        Verb.OPEN_ITEM: _open_item,
        Verb.OTHER_ROADS: other_roads,
        Verb.MORE: _more,
        Verb.OPEN: _open,
        Verb.REMIND_TOMORROW: _remind_tomorrow,
        Verb.DISMISS_ITEMS: _dismiss_items,
        Verb.ORIGINAL_REMOVED: _original_removed,
        Verb.CLEARED: _cleared,
        Verb.ANSWER_NEUTRALLY: _answer_neutrally,
        Verb.ASK_ID: _ask_id,
        **restriction.PRESSES,
    }
)
