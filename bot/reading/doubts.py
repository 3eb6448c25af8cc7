"""Why a reading may be wrong, in named doubts, and how much each takes from its confidence.

The sum is short enough to be told: the review page shows every doubt in words. The
weights are measured, not felt: `tests/reading/test_confidence.py` asserts what each band is worth.
"""

import re
from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from bot.domain.request import ReadingDoubt
from bot.reading.hearing import Heard

SURE: Final = 0.95
LEAST: Final = 0.05
LONG: Final = 80  # words
_ITEM = re.compile(r"(?:^|\s)(?:\d{1,2}[.)]|[-*•–]|(?:ett|två|tre|one|two|three):)\s", re.IGNORECASE)
ITEMS: Final = 2
NEAR_TO_ASKING: Final = -0.3  # a leaning from which a mail that asks nothing may still ask
CLEARLY: Final = 1.0  # a leaning from which the text as a whole says what the phrases say
WEIGHTS: Final = MappingProxyType(
    {
        ReadingDoubt.GUESSED: 0.5,
        ReadingDoubt.VAGUE: 0.3,
        ReadingDoubt.FOREIGN: 0.4,
        ReadingDoubt.UNLIKELY: 0.3,
        ReadingDoubt.TOGETHER: 0.2,
        ReadingDoubt.NEARBY: 0.1,
        ReadingDoubt.MACHINE: 0.4,
        ReadingDoubt.OTHER_RIGHT: 0.1,
        ReadingDoubt.SOUNDS_ASKING: 0.5,
        ReadingDoubt.NEARLY_ASKING: 0.15,
        ReadingDoubt.PRIVACY: 0.25,
        ReadingDoubt.LONE_PHRASE: 0.1,
        ReadingDoubt.WEAK: 0.1,
        ReadingDoubt.SEVERAL: 0.25,
        ReadingDoubt.OTHER_PERSON: 0.1,
        ReadingDoubt.NARROWED: 0.1,
        ReadingDoubt.TWO_LANGUAGES: 0.1,
        ReadingDoubt.QUOTATION: 0.1,
        ReadingDoubt.LONG_MAIL: 0.1,
        ReadingDoubt.BROKEN: 0.2,
        ReadingDoubt.CLOCK: 0.1,
    }
)


def doubts_of(heard: Heard, flags: Collection[str]) -> tuple[ReadingDoubt, ...]:
    """Return what speaks against a reading that carries *flags*, the weightiest first."""
    found = _of_request(heard) if heard.asked else _of_silence(heard)
    found |= {
        ReadingDoubt.FOREIGN: heard.foreign,
        ReadingDoubt.BROKEN: bool(heard.original.mail.errors),
        ReadingDoubt.CLOCK: heard.asked and heard.original.unsure,
        ReadingDoubt.QUOTATION: bool(heard.original.quoted),
        ReadingDoubt.LONG_MAIL: _is_long(heard),
        ReadingDoubt.TWO_LANGUAGES: heard.mixed,
        ReadingDoubt.NARROWED: "scope_limited" in flags,
    }
    return tuple(sorted((doubt for doubt, holds in found.items() if holds), key=lambda one: (-WEIGHTS[one], one)))


def confidence_of(doubts: tuple[ReadingDoubt, ...]) -> float:
    """Return what is left of the trust in a reading."""
    return round(max(LEAST, SURE - sum(WEIGHTS[doubt] for doubt in doubts)), 2)


def _is_long(heard: Heard) -> bool:
    """Whether one more wish could stand unseen: in a long mail, or among the items of a list."""
    listed = len(_ITEM.findall(heard.original.text)) >= ITEMS
    return listed or sum(len(one.words) for one in heard.text) > LONG


def _of_request(heard: Heard) -> dict[ReadingDoubt, bool]:
    sure = any(one.sure for one in heard.found)
    hits = sum(len(one.hits) for one in heard.found)
    return {
        ReadingDoubt.GUESSED: heard.guessed or (heard.reminds and not heard.found),
        ReadingDoubt.VAGUE: heard.vague,
        ReadingDoubt.UNLIKELY: heard.unlikely,
        ReadingDoubt.TOGETHER: heard.hinted,
        ReadingDoubt.NEARBY: not sure and not (heard.vague or heard.guessed or heard.hinted),
        ReadingDoubt.MACHINE: heard.quiet,
        ReadingDoubt.OTHER_RIGHT: not heard.guessed and heard.lean.right not in heard.rights,
        ReadingDoubt.LONE_PHRASE: sure and hits == 1,
        ReadingDoubt.WEAK: not heard.unlikely and heard.lean.asked < CLEARLY,
        ReadingDoubt.SEVERAL: len(heard.found) > 1,
        ReadingDoubt.OTHER_PERSON: bool(heard.persons.relation) or heard.persons.reported,
    }


def _of_silence(heard: Heard) -> dict[ReadingDoubt, bool]:
    spoken = not heard.quiet
    return {
        ReadingDoubt.SOUNDS_ASKING: heard.doubtful,
        ReadingDoubt.NEARLY_ASKING: spoken and not heard.doubtful and heard.lean.asked > NEAR_TO_ASKING,
        ReadingDoubt.PRIVACY: spoken and ("own" in heard.signals or "mine" in heard.signals or "gdpr" in heard.signals),
    }
