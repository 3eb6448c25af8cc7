"""Setting the on-call rota at the desk: an officer for anybody, who is on call for their own days."""

from datetime import date, timedelta
from typing import Final

from bot.commands import folded
from bot.domain.errors import NotAllowedNow, NotFound, NotYours
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague, Shift
from bot.ports import SetShift, Unit
from bot.services.house import House
from bot.services.showing.posting import tell
from bot.services.staff import roster

LONGEST: Final = timedelta(days=366)


async def put_on_call(
    unit: Unit, house: House, actor: Colleague, who: str, first: date | None, last: date | None
) -> Shift:
    """Put a colleague, by name as typed, on call for some days; return the shift.

    Raises `NotAllowedNow` or `NotFound` naming what is meant, and `NotYours`.
    """
    today = house.today()
    if first is None or last is None or any(sign.isdigit() for sign in who):
        raise NotAllowedNow("refusal.shift_days", {"example": f"{today} {today + timedelta(days=6)}"})
    if last < today or last - first > LONGEST:
        raise NotAllowedNow("refusal.shift_past")
    colleague = _named(house, actor, who)
    if not actor.is_officer and not _own_days(house, actor, max(first, today), last):
        raise NotYours("refusal.not_yours_officer", {"who": _together(house, actor, house.people.officers())})
    await unit.shifts.add(SetShift(first, last, colleague.id, actor.id, house.now()))
    await unit.shifts.forget(today - roster.PAST)
    facts: dict[str, str | int] = {"to": colleague.id, "first": first.isoformat(), "last": last.isoformat()}
    await unit.ledger.write(DESK, LedgerEvent.SHIFT_SET, actor.id, facts)
    house.people.owe()
    if colleague.id != actor.id:
        await tell(unit, f"oncall:{first}:{last}", colleague)
    return Shift(first, last, colleague.id)


def _named(house: House, actor: Colleague, typed: str) -> Colleague:
    """Return who is meant by a name: the whole one, the first one or the id. What was typed is not said again."""
    name = folded(typed.strip())
    able = roster.handlers(house)
    ways = ([one for one in able if name in ways_to_say(one)], [one for one in able if name == folded(one.name)])
    found = ways[1] or ways[0]
    if len(found) != 1:
        raise NotFound("refusal.shift_name", {"who": _together(house, actor, able)})
    return found[0]


def ways_to_say(colleague: Colleague) -> frozenset[str]:
    """Return what somebody may type for a colleague, folded."""
    return frozenset({folded(colleague.id), folded(colleague.name), folded(colleague.name.split()[0])})


def _own_days(house: House, actor: Colleague, first: date, last: date) -> bool:
    """Whether every one of the days is the actor's by the rota as it is: those they may hand over."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    try:
        return all(house.people.on_call(day).id == actor.id for day in days)
    except NotFound:
        return False


def _together(house: House, actor: Colleague, colleagues: tuple[Colleague, ...]) -> str:
    return house.texts.together(actor.language, [one.name for one in colleagues])
