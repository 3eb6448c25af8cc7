"""Phrases found in sentences: the engine, which knows no language.

Each word gets its classes once; phrases are tried only from classes that are there, so
a mail costs its words and not the size of the lexicon. A negation near the phrase is
reported, not hidden: what "Radera inte" means is for `rights` to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.reading.lexicon import NO_PHRASES, Lexicon, Phrase, Phrases, Vocabulary
from bot.reading.sentences import Sentence

NEGATION_REACH: Final = 4
SHORTEST_BEGINNING: Final = 2
LOOSE: Final = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: in which sentence (by number), from which word up to (not including) which."""

    sentence: int
    start: int
    end: int
    phrase: str
    negated: bool = False

    def touches(self, other: "Hit") -> bool:
        """Whether both lie in one sentence and share a word."""
        return self.sentence == other.sentence and self.start < other.end and other.start < self.end

    def spans(self, other: "Hit") -> bool:
        """Whether *other* lies inside, so that what comes after it is no longer what the first words speak of."""
        return self.sentence == other.sentence and self.start < other.start and other.end < self.end


Places = dict[str, list[tuple[int, int]]]


class Reader:
    """Sentences seen through one lexicon."""

    def __init__(self, sentences: Sequence[Sentence], lexicon: Lexicon) -> None:
        self.sentences = sentences
        self.lexicon = lexicon
        dotted = any(letter in "åäö" for one in sentences for word in one.words for letter in word)
        self._vocabulary = lexicon.full if dotted else lexicon.plain
        self._signals: dict[str, list[Hit]] = {}

    @cached_property
    def _words(self) -> list[tuple[str, ...]]:
        right = self.lexicon.speller.right
        return [tuple(right(word) for word in one.words) for one in self.sentences]

    @cached_property
    def _seen(self) -> list[tuple[Places, set[tuple[int, int]]]]:
        return [_places(words, self._vocabulary) for words in self._words]

    @cached_property
    def _places(self) -> list[Places]:
        return [places for places, _ in self._seen]

    @cached_property
    def _present(self) -> dict[str, set[int]]:
        """The classes that occur, and in which sentences: most phrases are done with here."""
        present: dict[str, set[int]] = {}
        for number, places in enumerate(self._places):
            for name in places:
                present.setdefault(name, set()).add(number)
        return present

    def _numbers(self, phrase: Phrase) -> list[int]:
        """Return the sentences that hold every class of *phrase*."""
        first, *others = (self._present[name] for name in phrase.needs)
        return sorted(first.intersection(*others))

    def hits(self, phrases: Phrases) -> list[Hit]:
        """Return every phrase found, in the order of the text."""
        found = [
            self._hit(number, phrase, chain)
            for phrase in phrases.possible(self._present.keys())
            for number in self._numbers(phrase)
            for chain in _chains(phrase, self._places[number])
        ]
        return sorted(set(found), key=lambda hit: (hit.sentence, hit.start, hit.end))

    def together(self, groups: Phrases) -> list[Hit]:
        """Return the sentences that hold all words of a group, in whatever order; no negation but the group's own."""
        no = self.lexicon.negations
        return [
            Hit(number, 0, len(self._words[number]), phrase.written)
            for phrase in groups.possible(self._present.keys())
            for number in self._numbers(phrase)
            if "<no>" in phrase.needs or not no & set(self._words[number])
        ]

    def any(self, signal: str) -> bool:
        """Whether a phrase of *signal* is found anywhere."""
        return bool(self.signal(signal))

    def signal(self, name: str) -> list[Hit]:
        """Return where the lexicon's signal *name* is found."""
        if name not in self._signals:
            self._signals[name] = self.hits(self.lexicon.signals.get(name, NO_PHRASES))
        return self._signals[name]

    def share_clause(self, hit: Hit, other: Hit) -> bool:
        """Whether both stand in one clause: no punctuation and no turning word ("but", "and") parts them."""
        if hit.sentence != other.sentence:
            return False
        first, last = sorted((hit, other), key=lambda one: (one.start, one.end))
        words, stops = self._words[hit.sentence], self.sentences[hit.sentence].stops
        between = range(first.end, last.start)
        return not any(words[i] in self.lexicon.turns for i in between) and not any(
            i in stops for i in range(first.end, last.start + 1)
        )

    def _hit(self, number: int, phrase: Phrase, chain: Sequence[tuple[int, int]]) -> Hit:
        gapped = self._seen[number][1]
        taken = {i for place in chain if place not in gapped for i in range(*place)}
        start, end = chain[0][0], chain[-1][1]
        return Hit(number, start, end, phrase.written, self._negated(number, start, end, taken))

    def _negated(self, number: int, start: int, end: int, taken: set[int]) -> bool:
        """Whether a negation outside the phrase's own words bears on it."""
        words, stops = self._words[number], self.sentences[number].stops
        no, turns = self.lexicon.negations, self.lexicon.turns
        if any(words[i] in no for i in range(start, end) if i not in taken):
            return True
        if end < len(words) and words[end] in no and end not in stops and start + 2 >= end:
            return True
        for i in range(start - 1, max(-1, start - 1 - NEGATION_REACH), -1):
            if i + 1 in stops or words[i] in turns:
                return False
            if words[i] in no:
                return True
        return False


def _places(words: Sequence[str], vocabulary: Vocabulary) -> tuple[Places, set[tuple[int, int]]]:
    """Return where the classes are, and which of the rows hold words of others ("ta" nu "bort")."""
    places: Places = {}
    gapped: set[tuple[int, int]] = set()
    for i, word in enumerate(words):
        for name in _classes(word, vocabulary):
            places.setdefault(name, []).append((i, i + 1))
        for rest, name in vocabulary.rows.get(word, ()):
            end = _row_end(words, i + 1, rest)
            if end:
                places.setdefault(name, []).append((i, end))
                if end - i > 1 + len(rest) - rest.count("~"):
                    gapped.add((i, end))
    return places, gapped


def _classes(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    yield from vocabulary.whole.get(word, ())
    for cut in range(SHORTEST_BEGINNING, len(word) + 1):
        yield from vocabulary.beginnings.get(word[:cut], ())
        yield from vocabulary.endings.get(word[-cut:], ())


def _row_end(words: Sequence[str], at: int, rest: Sequence[str]) -> int:
    """Return where a row of words ends that goes on at *at*; 0 when it does not. ~ leaves room for two words."""
    loose = 0
    for wanted in rest:
        if wanted == "~":
            loose = LOOSE
            continue
        found = next((n for n in range(at, min(len(words), at + loose + 1)) if _fits(words[n], wanted)), None)
        if found is None:
            return 0
        at, loose = found + 1, 0
    return at


def _fits(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _chains(phrase: Phrase, places: Places) -> Iterator[list[tuple[int, int]]]:
    """Yield the first row of places that fits the phrase from each place of its first word."""
    dead: set[tuple[int, int]] = set()
    for first in places[phrase.wanted[0]]:
        chain = _chain(phrase, places, [first], dead)
        if chain:
            yield chain


def _chain(
    phrase: Phrase, places: Places, taken: list[tuple[int, int]], dead: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return *taken* carried on to the end of the phrase; *dead* keeps hostile repetitions from costing time."""
    at, end = len(taken), taken[-1][1]
    if at == len(phrase.wanted):
        return taken
    if (at, end) in dead:
        return []
    for place in places[phrase.wanted[at]]:
        if end <= place[0] <= end + phrase.gaps[at]:
            chain = _chain(phrase, places, [*taken, place], dead)
            if chain:
                return chain
    dead.add((at, end))
    return []
