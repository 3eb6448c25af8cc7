"""Why a reading may be wrong, in named doubts, and how much each takes from its confidence.

The sum is short enough to be told: the review page shows every doubt in words. The
weights are measured, not felt: `tests/reading/test_confidence.py` asserts what each band is worth.
"""

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from bot.domain.request import Doubt
from bot.reading.hearing import Heard

SURE: Final = 0.95
LEAST: Final = 0.05
LONG: Final = 80  # words
NEAR_TO_ASKING: Final = -0.3  # a leaning from which a mail that asks nothing may still ask
CLEARLY: Final = 1.0  # a leaning from which the text as a whole says what the phrases say
WEIGHTS: Final = MappingProxyType(
    {
        Doubt.GUESSED: 0.45,
        Doubt.VAGUE: 0.4,
        Doubt.FOREIGN: 0.4,
        Doubt.UNLIKELY: 0.4,
        Doubt.TOGETHER: 0.3,
        Doubt.NEARBY: 0.2,
        Doubt.MACHINE: 0.4,
        Doubt.OTHER_RIGHT: 0.2,
        Doubt.SOUNDS_ASKING: 0.4,
        Doubt.NEARLY_ASKING: 0.15,
        Doubt.PRIVACY: 0.2,
        Doubt.LONE_PHRASE: 0.1,
        Doubt.WEAK: 0.1,
        Doubt.SEVERAL: 0.2,
        Doubt.OTHER_PERSON: 0.1,
        Doubt.NARROWED: 0.1,
        Doubt.TWO_LANGUAGES: 0.1,
        Doubt.QUOTATION: 0.1,
        Doubt.LONG_MAIL: 0.1,
        Doubt.BROKEN: 0.2,
        Doubt.CLOCK: 0.1,
    }
)


def doubts_of(heard: Heard, flags: Collection[str]) -> tuple[Doubt, ...]:
    """Return what speaks against a reading that carries *flags*, the weightiest first."""
    found = _of_request(heard) if heard.asked else _of_silence(heard)
    found |= {
        Doubt.FOREIGN: heard.foreign,
        Doubt.BROKEN: bool(heard.original.mail.errors),
        Doubt.CLOCK: heard.asked and heard.original.unsure,
        Doubt.QUOTATION: bool(heard.original.quoted),
        Doubt.LONG_MAIL: sum(len(one.words) for one in heard.text) > LONG,
        Doubt.TWO_LANGUAGES: heard.mixed,
        Doubt.NARROWED: "scope_limited" in flags,
    }
    return tuple(sorted((doubt for doubt, holds in found.items() if holds), key=lambda one: (-WEIGHTS[one], one)))


def confidence_of(doubts: tuple[Doubt, ...]) -> float:
    """Return what is left of the trust in a reading."""
    return round(max(LEAST, SURE - sum(WEIGHTS[doubt] for doubt in doubts)), 2)


def _of_request(heard: Heard) -> dict[Doubt, bool]:
    sure = any(one.sure for one in heard.found)
    hits = sum(len(one.hits) for one in heard.found)
    return {
        Doubt.GUESSED: heard.guessed or heard.reminds and not heard.found,
        Doubt.VAGUE: heard.vague,
        Doubt.UNLIKELY: heard.unlikely,
        Doubt.TOGETHER: heard.hinted,
        Doubt.NEARBY: not sure and not (heard.vague or heard.guessed or heard.hinted),
        Doubt.MACHINE: heard.quiet,
        Doubt.OTHER_RIGHT: not heard.guessed and heard.lean.right not in heard.rights,
        Doubt.LONE_PHRASE: sure and hits == 1,
        Doubt.WEAK: not heard.unlikely and heard.lean.asked < CLEARLY,
        Doubt.SEVERAL: len(heard.found) > 1,
        Doubt.OTHER_PERSON: bool(heard.persons.relation) or heard.persons.reported,
    }


def _of_silence(heard: Heard) -> dict[Doubt, bool]:
    spoken = not heard.quiet
    return {
        Doubt.SOUNDS_ASKING: heard.doubtful,
        Doubt.NEARLY_ASKING: spoken and not heard.doubtful and heard.lean.asked > NEAR_TO_ASKING,
        Doubt.PRIVACY: spoken and ("own" in heard.signals or "mine" in heard.signals or "gdpr" in heard.signals),
    }
