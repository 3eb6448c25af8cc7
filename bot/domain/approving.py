"""The second of two: who may say it, and when (D10).

Two different people say yes to what cannot be undone. In single-person mode (a setting, for a company with one
officer) the same person may say the second yes too, a day after the first: time to think takes the place of the
other pair of eyes. Whatever else holds for a yes holds for that one as well, so never on one's own request.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.domain.deadline import SWEDEN
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.people import Colleague, People

#: How long one person waits before saying yes again.
ALONE_AFTER: Final = timedelta(hours=24)
#: How many people are asked for what cannot be undone.
PEOPLE_ASKED: Final = 2
#: The fact of a refusal that holds when it opens, and how the moment stands there (Swedish local time).
OPENS: Final = "opens"
MOMENT: Final = "%Y-%m-%d %H:%M"


def second_yes(
    by: str,
    earlier: Collection[str],
    first: datetime | None,
    at: datetime | None,
    *,
    single: bool,
) -> None:
    """Refuse *by* a second yes to what they said yes to: always, or in single-person mode until a day after *first*.

    *earlier* are those who have said it (ids), *first* is when and *at* is now (aware, None: not known). Raises
    `NotYours`, or `NotAllowedNow` with the moment from which it is open.
    """
    if by not in earlier:
        return
    if not single or first is None or at is None:
        raise NotYours("refusal.same_person")
    if at < first + ALONE_AFTER:
        raise too_early(first)


def too_early(first: datetime) -> NotAllowedNow:
    """Return the refusal of a second yes within a day of one's *first*, with when it opens."""
    opens = (first + ALONE_AFTER).astimezone(SWEDEN)
    return NotAllowedNow("refusal.alone_too_early", {OPENS: opens.strftime(MOMENT)})


def opening(stated: str) -> datetime:
    """Return the moment a refusal says it opens."""
    return datetime.strptime(stated, MOMENT).replace(tzinfo=SWEDEN)


def said_by_one(yes: Collection[str]) -> bool:
    """Whether one person alone said everything two are asked for; what the desk itself did was said by nobody ("")."""
    return len(yes) >= PEOPLE_ASKED and len(set(yes)) == 1 and all(yes)


def seconds(
    able: Iterable[Colleague], earlier: Collection[str], first: datetime | None, at: datetime, *, single: bool
) -> tuple[Colleague, ...]:
    """Return who is waited for to say the second yes, of those *able* to.

    In single-person mode also who said the first: where there is nobody else, and once their day is over.
    """
    every = tuple(able)
    others = tuple(one for one in every if one.id not in earlier)
    over = first is not None and at >= first + ALONE_AFTER
    return every if single and (over or not others) else others


def stuck_alone(people: People, systems: Iterable[str]) -> tuple[str, ...]:
    """Return the systems in which fewer than two people could ever say yes."""
    return tuple(system for system in systems if len(people.approvers(system)) < PEOPLE_ASKED)
