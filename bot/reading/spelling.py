"""Slips of the finger in the few words that decide.

Only the words a lexicon lists are ever restored, and only from words that are no words
of their own: better a slip left standing than a word turned into another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SHORTEST: Final = 5
TWO_SLIPS_FROM: Final = 10
LONGEST_ENDING: Final = 4


@dataclass(frozen=True, slots=True)
class Speller:
    """Restores misspelt words. `known` words are never touched; `nearby` maps shortened forms to whole words."""

    known: frozenset[str]
    beginnings: tuple[str, ...]
    nearby: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, words: Iterable[str], known: Iterable[str]) -> "Speller":
        """Return a speller for *words* that leaves *known* ones (a trailing * stands for any ending) alone."""
        listed = sorted(set(words))
        entries = frozenset(known) | frozenset(listed)
        nearby: dict[str, list[str]] = {}
        for word in listed:
            for short in (word, *_shortened(word)):
                nearby.setdefault(short, []).append(word)
        whole = frozenset(entry for entry in entries if not entry.endswith("*"))
        beginnings = tuple(sorted(entry[:-1] for entry in entries if entry.endswith("*") and len(entry) > 4))
        return cls(whole, beginnings, MappingProxyType({key: tuple(row) for key, row in nearby.items()}))

    def right(self, word: str) -> str:
        """Return *word* as it was meant, or as it is."""
        if len(word) < SHORTEST or not word.isalpha() or word in self.known:
            return word
        if word.startswith(self.beginnings) and self._is_form(word):
            return word
        for short in (word, *_shortened(word)):
            for meant in self.nearby.get(short, ()):
                if slips(word, meant) <= (2 if len(meant) >= TWO_SLIPS_FROM else 1):
                    return meant
        return word

    def _is_form(self, word: str) -> bool:
        """Whether *word* is a known beginning with no more than an ending behind it."""
        return any(word.startswith(one) and len(word) - len(one) <= LONGEST_ENDING for one in self.beginnings)


def slips(written: str, meant: str) -> int:
    """Return how many letters were added, lost, changed or swapped with their neighbour (at most counted to 3)."""
    if abs(len(written) - len(meant)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(meant) + 1))
    for i, letter in enumerate(written, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if before and j > 1 and letter == meant[j - 2] and written[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _shortened(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))
