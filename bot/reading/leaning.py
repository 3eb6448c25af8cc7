"""What a text leans to, learnt from the mails in our tables: a second reader that only ever doubts.

Phrases know what they were told, and people find other words. So the words of a text are weighed too: one sum says
how much it sounds like somebody who asks something of us, eight how much like each right. A leaning opens nothing
by itself: it lifts a mail from the quiet list to a person and takes confidence from a reading it disagrees with.
`config/lexicon/leaning.txt` holds the weights, `python -m tests.reading.learn` makes them anew from the tables.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from types import MappingProxyType
from typing import Final

from bot.domain.request import RequestType
from bot.reading.lexicon import plain
from bot.reading.sentences import Sentence

STEM: Final = 6  # letters of a word that are weighed: endings say little
WINDOW: Final = 3  # sentences heard together, so that a long mail does not drown its one wish
SEPARATOR: Final = "\t"


@dataclass(frozen=True, slots=True)
class Lean:
    """How a text leans: `asked` above 0 sounds like a request, more so the higher; `right` is the likeliest one.

    `sentences` are those, by number, that weighed most.
    """

    asked: float = -1.0
    right: RequestType = RequestType.ACCESS
    sentences: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Leaning:
    """Weights of words and of pairs of words: first for a request at all, then for each right in its order."""

    first: tuple[float, ...] = (-1.0, *(0.0 for _ in RequestType))
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def of(self, text: Sequence[Sentence], unheard: Collection[int] = ()) -> Lean:
        """Return how *text* leans: as a whole or in its heaviest few sentences, whichever leans more.

        *unheard* sentences weigh nothing: what is aimed at a machine must not steer the second reader either.
        """
        known = [
            set() if number in unheard else {one for one in features(sentence) if one in self.weights}
            for number, sentence in enumerate(text)
        ]
        if not any(known):
            return Lean()
        spans = [range(len(text)), *(range(at, at + WINDOW) for at in range(len(text) - WINDOW + 1))]
        heard = {span: frozenset().union(*(known[number] for number in span)) for span in spans}
        best = max(spans, key=lambda span: self._sum(0, heard[span]))
        right = max(RequestType, key=lambda one: self._sum(_COLUMN[one], heard[best]))
        column = _COLUMN[right]
        weighed = max(best, key=lambda number: sum(self._both(one, column) for one in known[number]))
        return Lean(self._sum(0, heard[best]), right, frozenset({weighed}))

    def _sum(self, column: int, found: Iterable[str]) -> float:
        weights = [self.weights[one][column] for one in found]
        return self.first[column] + sum(sorted(weights)) / sqrt(len(weights) + 1)

    def _both(self, one: str, column: int) -> float:
        return self.weights[one][0] + self.weights[one][column]


_COLUMN: Final = MappingProxyType({right: number for number, right in enumerate(RequestType, 1)})


def features(sentence: Sentence) -> set[str]:
    """Return what is weighed of a sentence: the beginnings of its words, and each two that stand side by side."""
    stems = [_stem(word) for word in sentence.words if word.isalpha() or word[0] == "@"]
    return {*stems, *(f"{one} {other}" for one, other in pairwise(stems))}


def _stem(word: str) -> str:
    return word[:STEM] if word.isascii() else plain(word)[:STEM]


def leaning_from(text: str) -> Leaning:
    """Return the leaning a text of lines describes: words, then a number for each column. Raises `ValueError`."""
    rows: dict[str, tuple[float, ...]] = {}
    weights = {"": 0.0}  # of fifty thousand a few hundred differ
    for line in text.splitlines():
        words, *numbers = line.split(SEPARATOR)
        rows[words] = tuple([weights.setdefault(number, float(number or 0)) for number in numbers])
        if len(numbers) != 1 + len(RequestType):
            raise ValueError(f"leaning: {words!r} needs {1 + len(RequestType)} numbers")
    return Leaning(rows.pop(""), MappingProxyType(rows))


def lines_of(leaning: Leaning) -> str:
    """Return the lines that `leaning_from` reads."""
    rows = [("", leaning.first), *sorted(leaning.weights.items())]
    return "".join(SEPARATOR.join([words, *map(_number, row)]) + "\n" for words, row in rows)


def _number(weight: float) -> str:
    return f"{weight:.1f}".removesuffix(".0").replace("-0", "-0").strip() if round(weight, 1) else ""
