"""Many requests at once become one card (D36), and nothing else of them changes.

When more than `MANY` proposals were opened within `WINDOW`, the further ones get no card
of their own in the channel yet: they stand on the burst's card, which is posted once,
edited in place and put before who is on call once. Each gets its own card as soon as
somebody opens it or acts on it, and the rest when the burst is over, a few at a time.

Only the card waits. Ticket, clock, reminders and look-ups are there from the first
moment, and what must page somebody (a suspected incident, what is the officer's alone)
never stands in a burst.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import NotFound
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.request import Channel, Route
from bot.domain.ticket import Stage, Ticket
from bot.ports import Call, Job, JobKind, Opening, Unit
from bot.services.house import House, new_id
from bot.services.showing.posting import draw_in_channels, refresh, tell

ABOUT: Final = "burst:"
#: So many new cards in a few minutes are still read one by one; more push each other out of sight.
MANY: Final = 10
#: What counts as at once, and how long it must have been quiet before a burst is over.
WINDOW: Final = timedelta(minutes=5)
#: How long a burst's card knows its tickets: until then each has been decided on, or is past every reminder.
KEPT: Final = timedelta(days=60)
#: Between two edits of the burst's card: each asks the chat, and the numbers need not be true to the second.
PAUSE: Final = timedelta(seconds=5)
#: Cards a drain lets out at a time, and how long until the next: a card is two messages (itself and its first line),
#: so this is two in three of a channel's one message a second, and what comes in meanwhile need not wait behind it.
LET_OUT: Final = 5
LET_OUT_EVERY: Final = timedelta(seconds=15)


async def opened(unit: Unit, house: House, ticket: Ticket) -> None:
    """Give a ticket that was just opened its card in the channel, or its place on a burst's card."""
    if not _may_wait(ticket):
        await refresh(unit, ticket.id)
        return
    now = house.now()
    pace = await unit.bursts.pace(now - WINDOW)
    if not pace.opened:
        await unit.bursts.forget(now - WINDOW, now - KEPT)
    if pace.opened < MANY:
        await unit.bursts.put(Opening(ticket.id, now))
        await refresh(unit, ticket.id)
        return
    burst = pace.burst or new_id()
    await unit.bursts.put(Opening(ticket.id, now, burst, held=True))
    await _tend(unit, burst, now if not pace.burst else now + PAUSE)


def _may_wait(ticket: Ticket) -> bool:
    """Whether a new ticket's card may wait: a proposal out of the mailbox that needs nobody at once."""
    return (
        ticket.channel is Channel.MAIL
        and ticket.stage is Stage.RECEIVED
        and ticket.route is not Route.SECURITY_REVIEW
        and not officer_only(ticket)
    )


async def is_held(unit: Unit, ticket_id: str) -> bool:
    """Whether a ticket stands on a burst's card instead of having its own."""
    opening = await unit.bursts.load(ticket_id)
    return opening is not None and opening.held


async def let_out(unit: Unit, house: House, ticket_id: str) -> None:
    """Give a ticket of a burst its own card in the channel: somebody opened it; harmless twice."""
    opening = await unit.bursts.load(ticket_id)
    if opening is None or not opening.held:
        return
    await unit.bursts.put(replace(opening, held=False))
    await refresh(unit, ticket_id)
    await _tend(unit, opening.burst, house.now() + PAUSE)


async def draw_ticket(house: House, call: Call) -> None:
    """Job: bring a ticket's card up to date in the channel, unless it still stands on a burst's card."""
    (ticket_id,) = call.ids
    async with house.work() as unit:
        opening = await unit.bursts.load(ticket_id)
        if opening is not None and opening.held:
            if not await _acted_on(unit, ticket_id):
                return
            await let_out(unit, house, ticket_id)
        elif opening is not None and opening.burst:
            await _tend(unit, opening.burst, house.now() + PAUSE)  # its numbers may have moved
    await draw_in_channels(house, ticket_id)


async def _acted_on(unit: Unit, ticket_id: str) -> bool:
    """Whether anybody did anything with a ticket since it was opened, or it became what must not wait."""
    try:
        ticket = await unit.tickets.load(ticket_id)
    except NotFound:
        return True
    return bool(ticket.changes or ticket.handler) or not _may_wait(ticket)


async def carry_on(house: House, call: Call) -> None:
    """Job: bring the burst's card up to date; when the burst is over, let the next few cards out."""
    (burst,) = call.ids
    about = f"{ABOUT}{burst}"
    async with house.work() as unit:
        openings = await unit.bursts.of(burst)
        held = [one for one in openings if one.held]
        if held:
            over = openings[-1].opened_at + WINDOW
            for opening in held[:LET_OUT] if house.now() >= over else ():
                await unit.bursts.put(replace(opening, held=False))
                await refresh(unit, opening.ticket_id)
            await _tend(unit, burst, max(over, house.now() + LET_OUT_EVERY))
        for colleague in await _readers(unit, house, about, going_on=bool(held)):
            await tell(unit, about, colleague)
    await draw_in_channels(house, about)


async def _tend(unit: Unit, burst: str, at: datetime) -> None:
    await unit.jobs.put(Job(JobKind.BURST, f"{ABOUT}{burst}", (burst,), at))


async def _readers(unit: Unit, house: House, about: str, *, going_on: bool) -> list[Colleague]:
    """Return before whom the burst's card is put: who has it already, and while it goes on who is on call."""
    places = {(post.chat, post.address) for post in await unit.posts.about(about)}
    readers = [one for one in house.people.colleagues if places & set(one.handles.items())]
    try:
        on_call = house.on_call()
    except NotFound:
        return readers  # `check` says that nobody is; a burst must be shown all the same
    return readers if on_call in readers or not going_on else [*readers, on_call]
