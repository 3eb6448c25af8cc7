"""Telling colleagues that it is their turn: a direct message to whoever a ticket newly waits for.

Whom it waits for is worked out by `bot.cards.waiting` and nowhere else; here the answer
before a change is compared with the answer after it, in memory. So nobody is told twice
of the same wait, and a service that moves a ticket need not know whose turn that makes it.
"""

from datetime import date, datetime
from typing import Final

from bot.cards.scene import Scene
from bot.cards.wait import For, Wait, Waiter
from bot.cards.waiting import waits
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.request import Route
from bot.domain.ticket import Ticket
from bot.ports import Unit
from bot.services.house import House, new_id
from bot.services.showing.posting import tell

#: How far back in a colleague's own chat a card is looked for that asks for what is done by now.
NEWEST: Final = 40


async def tell_whose_turn(unit: Unit, house: House, before: Ticket | None, after: Ticket, by: str) -> None:
    """Tell everybody the ticket waits for now and did not wait for before, except *by*, who just acted.

    *before* is None for a ticket that was just opened. What was put before those it no longer waits for is brought
    up to date where it lies.
    """
    scene = house.scene(house.language)
    known = {(wait.what, wait.about, one.id): one for wait, one in _turns(house, scene, before)}
    waited_for = {(wait.what, wait.about, one.id): one for wait, one in _turns(house, scene, after)}
    if before is None or not await follow_dates(unit, house, before, after):
        for colleague in {one.id: one for key, one in known.items() if key not in waited_for}.values():
            await _follow(unit, after, colleague)
    for colleague in {one.id: one for key, one in waited_for.items() if key not in known}.values():
        if colleague.id != by:
            await tell_turn(unit, after, colleague)


def _dates_said(house: House, ticket: Ticket) -> tuple[date, date, tuple[datetime, ...]]:
    """Return what a reminder of the ticket says of its dates: target, last day, since when its parts wait."""
    days = house.nearest(ticket)
    return days.safe_target, days.last_day, tuple(part.received for part in ticket.parts)


async def follow_dates(unit: Unit, house: House, before: Ticket, after: Ticket) -> bool:
    """Have everything that was put before anybody about a ticket drawn afresh if its dates moved; return whether.

    An extension, another day of receipt, a part answered before another: nobody's turn need change by it, and a
    message that lies in a chat would go on naming the day that held before.
    """
    if _dates_said(house, before) == _dates_said(house, after):
        return False
    for colleague in house.people.colleagues:
        await _follow(unit, after, colleague)
    return True


async def _follow(unit: Unit, ticket: Ticket, colleague: Colleague) -> None:
    """Have what was put before a colleague about a ticket drawn afresh: it would go on asking for what is done."""
    for chat, handle in colleague.handles.items():
        for post in await unit.posts.feed(chat, handle, NEWEST):
            if post.about.startswith("reminder:") and f":{ticket.id}:" in post.about:
                await tell(unit, post.about, colleague)


async def tell_of(unit: Unit, house: House, ticket: Ticket, what: For) -> None:
    """Tell again whoever the ticket waits for in one respect: nobody has seen to it yet."""
    turns = _turns(house, house.scene(house.language), ticket)
    for colleague in {one.id: one for wait, one in turns if wait.what is what}.values():
        await tell_turn(unit, ticket, colleague)


async def tell_turn(unit: Unit, ticket: Ticket, colleague: Colleague) -> None:
    """Put the ticket before one colleague as a message of its own: an edited one would ring no bell."""
    await tell(unit, f"reminder:turn:{ticket.id}:{new_id()}", colleague)


def _turns(house: House, scene: Scene, ticket: Ticket | None) -> list[tuple[Wait, Colleague]]:
    if ticket is None:
        return []
    waited = [wait for wait in waits(scene, ticket) if wait.on is Waiter.COLLEAGUES]
    return [(wait, colleague) for wait in waited for colleague in _told_of(house, ticket, wait)]


def _told_of(house: House, ticket: Ticket, wait: Wait) -> tuple[Colleague, ...]:
    """Return whom a wait is put before: those it names, of an officer's ticket the officers alone (D12).

    A proposal that names nobody stands in the channel for whichever handler comes first; what else names nobody,
    and a suspected incident from its first minute, is put before who is on call. An original message left in the
    chat is asked for by mornings, not at once.
    """
    if wait.what is For.ORIGINAL:
        return ()
    if officer_only(ticket):
        return tuple(one for one in wait.colleagues if one.is_officer) or house.people.officers()
    if wait.colleagues:
        return wait.colleagues
    if wait.what is For.CONFIRMATION and ticket.route is not Route.SECURITY_REVIEW:
        return ()
    return (house.on_call(),)
