"""Who works here, who is on call and what is stopped, brought up to date while the desk runs.

The people file says who there is; the store adds shifts set at the desk and the ids that
the chats' directories told. Everything is read first and then exchanged whole, so that a
trouble on the way leaves what was. Every process does this for itself: at its start, when
the file changes, when something was set here, and twice a minute for what was set elsewhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague, People, Shift
from bot.domain.roster import known_as
from bot.domain.ticket import Ticket
from bot.ports import EVERY, Job, JobKind, TicketQuery, Unit
from bot.services.house import House
from bot.services.showing.posting import tell

#: Shifts that ended longer ago are forgotten.
PAST: Final = timedelta(days=31)


async def catch_up(house: House, written: People | None = None) -> None:
    """Let the house know the people as they are now; *written*: as a people file that changed has them.

    Whoever left or has another address is signed out at once, and pages they have open are closed.
    """
    async with house.work() as unit:
        if (
            written is not None
        ):  # every process ends them: one that knew the old file may have let somebody in meanwhile
            for colleague in sorted(_gone(house.people.written, written) | _moved(house.people.written, written)):
                await unit.links.drop_of(colleague)
        await brought_up(unit, house, written)


async def brought_up(unit: Unit, house: House, written: People | None = None) -> None:
    """The same within a transaction that changes nothing of it.

    One at a time: where two read side by side, the older reading would take the place of the newer.
    """
    async with house.stops.turn:
        shifts = await unit.shifts.since(house.today() - PAST)
        told = [(one.chat, one.handle, one.colleague) for one in await unit.identities.every()]
        pauses = await unit.pauses.every()
        base = written or house.people.written
        set_here = tuple(Shift(one.first_day, one.last_day, one.colleague) for one in shifts)
        now = replace(known_as(base, told), rota=(*base.rota, *set_here))
        house.people.exchange(now, base)
        house.stops.exchange(pauses)


async def changed(house: House, written: People) -> None:
    """Take up a people file that changed: write down who came and went, and see to what those who went have left."""
    before = house.people.written
    gone, come, moved = _gone(before, written), _gone(written, before), _moved(before, written)
    async with house.work() as unit:
        for identity in await unit.identities.every():
            if identity.colleague in gone | moved:  # whose it is must be asked anew
                await unit.identities.drop(identity.chat, identity.handle)
        facts: dict[str, str | int] = {"gone": ",".join(sorted(gone)), "come": ",".join(sorted(come))}
        await unit.ledger.write(DESK, LedgerEvent.PEOPLE_CHANGED, DESK, facts)
        await unit.jobs.put(Job(JobKind.KNOW_PEOPLE, "know_people"))
    await catch_up(house, written)
    async with house.work() as unit:
        await name_left(unit, house)


def _gone(before: People, now: People) -> set[str]:
    """Return who was among the people *before* and is not *now*."""
    return {one.id for one in before.colleagues} - {one.id for one in now.colleagues}


def _moved(before: People, now: People) -> set[str]:
    """Return who has another address than before: what was verified by the old one proves nothing."""
    addresses = {one.id: one.email.casefold() for one in before.colleagues}
    return {one.id for one in now.colleagues if addresses.get(one.id, one.email.casefold()) != one.email.casefold()}


async def left_by(unit: Unit, house: House) -> dict[str, list[Ticket]]:
    """Return the open tickets that somebody walks who works here no more, by that id."""
    here = {one.id for one in house.people.colleagues}
    left: dict[str, list[Ticket]] = {}
    for ticket in await unit.tickets.matching(TicketQuery(limit=EVERY)):
        if ticket.handler and ticket.handler not in here:
            left.setdefault(ticket.handler, []).append(ticket)
    return left


async def name_left(unit: Unit, house: House) -> None:
    """Put before the officers which open tickets nobody walks any more, once a day for each who left."""
    for who in sorted(await left_by(unit, house)):
        for officer in house.people.officers():
            await tell(unit, f"left:{who}:{house.today()}", officer)


def handlers(house: House, without: Sequence[str] = ()) -> tuple[Colleague, ...]:
    """Return who walks tickets, but for some."""
    return tuple(one for one in house.people.colleagues if one.handles_tickets and one.id not in without)
