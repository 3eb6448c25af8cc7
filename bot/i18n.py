"""Texts by key and language; dates, numbers and plurals by Babel.

Strict on purpose: a missing key or fact raises `KeyError` where it is used instead of
showing a hole, and a test compares both languages key by key and placeholder by
placeholder. Texts come in as mappings: nothing here reads a file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from string import Formatter
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.domain.deadline import SWEDEN, local_date
from bot.domain.errors import NO_FACTS
from bot.domain.request import Language

#: British English: the day comes before the month, as in Swedish.
LOCALES: Final = {Language.SV: Locale("sv", "SE"), Language.EN: Locale("en", "GB")}
KILO: Final = 1000


@dataclass(frozen=True, slots=True)
class Texts:
    """Every sentence people see, by language and dotted key."""

    catalogue: Mapping[Language, Mapping[str, str]]

    def say(self, language: Language, key: str, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Return the sentence with its facts in place. Raises `KeyError` for an unknown key or a missing fact."""
        return self.catalogue[language][key].format_map(facts)

    def has(self, key: str) -> bool:
        """Whether every language has *key*."""
        return all(key in texts for texts in self.catalogue.values())

    def count(self, language: Language, n: int, key: str, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Return `<key>.one` or `<key>.other` as the language asks for *n*, which the sentence knows as `{n}`."""
        form = plural_form(language, n)
        return self.say(language, f"{key}.{form}", {**facts, "n": self.number(language, n)})

    def together(self, language: Language, words: Iterable[str]) -> str:
        """Return "a, b och c"; empty when there is nothing."""
        return format_list(list(words), locale=LOCALES[language])

    def day(self, language: Language, day: date) -> str:
        """Return a day as on cards: "tors 5 mars", "Thu 5 March"."""
        return _day(day, "EEE d MMMM", language)

    def long_day(self, language: Language, day: date) -> str:
        """Return a day as in letters: "5 mars 2026", "5 March 2026"."""
        return _day(day, "d MMMM y", language)

    def month(self, language: Language, at: datetime) -> str:
        """Return the month in Sweden of an aware moment, with its year: "mars 2026"."""
        return _day(local_date(at), "LLLL y", language)

    def moment(self, language: Language, at: datetime) -> str:
        """Return an aware moment in Swedish local time: "tors 5 mars 09:12"."""
        return f"{self.day(language, local_date(at))} {self.time_of_day(at)}"

    def long_moment(self, language: Language, at: datetime) -> str:
        """Return an aware moment in Swedish local time with its year: "tors 5 mars 2026 09:12"."""
        day = local_date(at)
        return f"{self.day(language, day)} {day.year} {self.time_of_day(at)}"

    def time_of_day(self, at: datetime) -> str:
        """Return an aware moment's time in Sweden: "09:12", the same in both languages."""
        return at.astimezone(SWEDEN).strftime("%H:%M")

    def number(self, language: Language, n: int) -> str:
        """Return a whole number grouped as the language does."""
        return _decimal(n, language)

    def size(self, language: Language, octets: int) -> str:
        """Return a size in bytes as people say it: "4,2 MB"."""
        amount, unit = float(octets), "B"
        for bigger in ("kB", "MB", "GB"):
            if amount < KILO:
                break
            amount, unit = amount / KILO, bigger
        return f"{_decimal(round(amount, 1), language)} {unit}"


#: The same few days and small numbers stand on card after card, and Babel takes its time for each.
REMEMBERED: Final = 2048


@lru_cache(maxsize=REMEMBERED)
def plural_form(language: Language, n: int) -> str:
    """Return which of its forms a language takes for *n*: "one", "other"."""
    return LOCALES[language].plural_form(n)


@lru_cache(maxsize=REMEMBERED)
def _day(day: date, pattern: str, language: Language) -> str:
    return format_date(day, pattern, LOCALES[language])


@lru_cache(maxsize=REMEMBERED)
def _decimal(number: float, language: Language) -> str:
    return str(format_decimal(number, locale=LOCALES[language]))


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the facts a sentence needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
