"""Swedish holidays from the pinned `holidays` package, as the domain's calendar.

Two traps of that package are closed here: Sundays are public holidays by lag (1989:253)
but stay out unless asked for, and the three eves (midsommarafton, julafton, nyårsafton)
are DE_FACTO, not PUBLIC: they never move a last day, only the safe target (C5, C10).
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from holidays import DE_FACTO, PUBLIC, country_holidays

from bot.domain.deadline import Calendar

#: Years whose holidays are known; before and after only weekends are, rather than a crash on a mail dated 1970.
YEARS: Final = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class ByYear(Container[date]):
    """Days computed year by year, when first asked for."""

    of: Callable[[int], frozenset[date]]

    def __contains__(self, day: object) -> bool:
        """Whether *day* is one of them."""
        return isinstance(day, date) and day.year in YEARS and day in self.of(day.year)


@cache
def swedish_calendar() -> Calendar:
    """Return the calendar that deadlines are counted by."""
    return Calendar(holidays=ByYear(_public), eves=ByYear(_eves))


@cache
def _public(year: int) -> frozenset[date]:
    return frozenset(country_holidays("SE", years=year, include_sundays=True, categories=(PUBLIC,)))


@cache
def _eves(year: int) -> frozenset[date]:
    return frozenset(country_holidays("SE", years=year, categories=(DE_FACTO,)))
