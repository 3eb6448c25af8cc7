"""Swedish holidays from the pinned `holidays` package, as the domain's calendar.

Of its countries only ours is loaded: asked by name, the package imports all of them. Two
traps of that package are closed here: Sundays are public holidays by lag (1989:253) but
stay out unless asked for, and the three eves (midsommarafton, julafton, nyårsafton) are
DE_FACTO, not PUBLIC: they never move a last day, only the safe target (C5, C10).
"""

import sys
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Final

from holidays import DE_FACTO, PUBLIC

from bot.domain.deadline import Calendar

if TYPE_CHECKING:
    from holidays.countries.sweden import Sweden

COUNTRIES: Final = "holidays.countries"

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
    return frozenset(_sweden()(years=year, include_sundays=True, categories=(PUBLIC,)))


@cache
def _eves(year: int) -> frozenset[date]:
    return frozenset(_sweden()(years=year, categories=(DE_FACTO,)))


@cache
def _sweden() -> "type[Sweden]":
    """Return the one country: 250 others would take 10 MB, and time that everybody at the desk waits for.

    Its folder is a package whose own code imports them; it stands in empty while ours is loaded from it.
    """
    folder = None if COUNTRIES in sys.modules else find_spec(COUNTRIES)
    if folder is not None:
        sys.modules[COUNTRIES] = module_from_spec(folder)
    try:
        country: type[Sweden] = import_module(f"{COUNTRIES}.sweden").Sweden
    finally:
        if folder is not None:
            del sys.modules[COUNTRIES]
    return country
