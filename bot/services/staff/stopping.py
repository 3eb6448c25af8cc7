"""Stopping all work, or one system's: what is not begun is not begun, what waits goes on in its order afterwards.

A pause stands in the store. Whoever is about to call a vendor asks there, in the
transaction in which it takes its task, so that nothing begins after the word was given;
what is under way ends safely. Deadlines run on, and every card says so.
"""

from datetime import timedelta
from typing import Final

from bot.domain.errors import NotAllowedNow, NotYours, TryLater
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague
from bot.domain.task import TaskState
from bot.ports import ALL_SYSTEMS, EVERY, Call, Job, JobKind, Pause, TicketQuery, Unit
from bot.services.house import House, key_of
from bot.services.showing.posting import refresh, tell
from bot.services.staff.roster import catch_up

#: A look of ours that is no task asks again after this.
AGAIN: Final = timedelta(minutes=10)
UNDER_WAY: Final = frozenset({TaskState.READY, TaskState.RUNNING})


async def is_stopped(unit: Unit, system: str) -> bool:
    """Whether nothing may begin in a system now."""
    return any(pause.system in (ALL_SYSTEMS, system) for pause in await unit.pauses.every())


async def refuse_stopped(house: House, system: str) -> None:
    """Send a job back that would call a stopped system. Raises `TryLater`."""
    async with house.work() as unit:
        if await is_stopped(unit, system):
            raise TryLater("trouble.stopped", AGAIN, {"system": system})


async def stop(unit: Unit, house: House, actor: Colleague, system: str) -> Pause:
    """Stop a system, or `ALL_SYSTEMS`. Raises `NotYours`, or `NotAllowedNow` when it stands already.

    An officer's word takes over what an owner stopped: from then on an officer alone lets it go on.
    """
    _allowed(house, actor, system)
    pause, before = Pause(system, actor.id, house.now()), ""
    if not await unit.pauses.put(pause):
        standing = next((one for one in await unit.pauses.every() if one.system == system), pause)
        if not (actor.is_officer and _by_an_owner(house, standing)):
            raise NotAllowedNow("refusal.stopped_already")
        before = standing.stopped_by
        await unit.pauses.lift(system)
        await unit.pauses.put(pause)
    facts: dict[str, str | int] = {"system": system, **({"before": before} if before else {})}
    await unit.ledger.write(DESK, LedgerEvent.STOPPED, actor.id, facts)
    await _heard(unit, house, actor, system)
    return pause


async def resume(unit: Unit, house: House, actor: Colleague, system: str) -> None:
    """Let a system go on. What an officer stopped an officer starts. Raises `NotYours`, `NotAllowedNow`."""
    standing = {pause.system: pause for pause in await unit.pauses.every()}
    if system not in standing:
        raise NotAllowedNow("refusal.not_stopped")
    allowed_to_resume(house, actor, standing[system])
    await unit.pauses.lift(system)
    await unit.ledger.write(DESK, LedgerEvent.RESUMED, actor.id, {"system": system})
    await _put_waiting(unit)
    await _heard(unit, house, actor, system)


def allowed_to_resume(house: House, actor: Colleague, pause: Pause) -> None:
    """Refuse who may not let a system go on. Raises `NotYours`."""
    _allowed(house, actor, pause.system)
    if not (_by_an_owner(house, pause) or actor.is_officer):
        raise NotYours("refusal.not_yours_officer", {"who": _names(house, actor)})


def _by_an_owner(house: House, pause: Pause) -> bool:
    """Whether an owner's word stands behind a pause; an officer's does not lapse when they have left."""
    return any(one.id == pause.stopped_by and not one.is_officer for one in house.people.colleagues)


async def heed(house: House, call: Call) -> None:
    """Job: know what is stopped, and draw the cards of what waits there afresh."""
    await catch_up(house)
    (system,) = call.ids or (ALL_SYSTEMS,)
    async with house.work() as unit:
        for ticket in await unit.tickets.matching(TicketQuery(limit=EVERY)):
            if any(task.state in UNDER_WAY and system in (ALL_SYSTEMS, task.system) for task in ticket.tasks):
                await refresh(unit, ticket.id)


async def _put_waiting(unit: Unit) -> None:
    """Wake what was left lying, oldest request first; what another pause holds is left lying again."""
    still = {pause.system for pause in await unit.pauses.every()}
    if ALL_SYSTEMS in still:
        return
    for ticket in await unit.tickets.matching(TicketQuery(limit=EVERY)):
        for task in ticket.tasks:
            if task.state in UNDER_WAY and task.system not in still:
                await unit.jobs.put(Job(JobKind.RUN_TASK, key_of(task), (task.id, task.system)))


async def _heard(unit: Unit, house: House, actor: Colleague, system: str) -> None:
    """Have the cards drawn afresh, and tell the officers and the system's owners."""
    house.people.owe()
    await unit.jobs.put(Job(JobKind.HEED_STOP, f"heed:{system}", (system,)))
    told = {one.id: one for one in (*house.people.officers(), *house.people.owners(system))}
    for colleague in told.values():
        if colleague.id != actor.id:
            await tell(unit, f"stops:{house.now().timestamp():.0f}", colleague)


def _allowed(house: House, actor: Colleague, system: str) -> None:
    """Everything is an officer's to stop; one system its owner's too, not the deputy's (D9)."""
    if actor.is_officer or (system and system in actor.owns):
        return
    may = {one.id: one for one in (*house.people.owners(system), *house.people.officers())}
    key = "refusal.not_yours_stop" if system else "refusal.not_yours_officer"
    raise NotYours(key, {"who": house.texts.together(actor.language, [one.name for one in may.values()])})


def _names(house: House, actor: Colleague) -> str:
    return house.texts.together(actor.language, [one.name for one in house.people.officers()])
