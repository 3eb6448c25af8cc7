"""What a language calls things: word classes and phrases, made from `config/lexicon/*.toml`.

A phrase is a row of word classes and words with room between them, so that a lawyer can
read and change it: `<erase> ~ <my> ~ <record>` is "radera (snarast) mina (egna) uppgifter".

    word        that word; `rader*` any word so beginning, `*brev` any so ending
    <class>     any word (or row of words, "ta ~ bort") of the class under [words]
    word+       in a class: the word in its usual forms, by the endings under [forms]
    -           one other word may stand here
    ~           up to three other words may stand here
    ...         up to nine other words may stand here

A class may hold another (`<class>` among its words). Words of the classes listed as `heads` are also heard at the
end of longer words, for Swedish writes "kandidatuppgifterna" in one. A phrase never reaches past its sentence.
A malformed lexicon raises at start, not at the first mail.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from bot.domain.request import Language, RequestType
from bot.reading.spelling import Speller

NEAR: Final = 3
FAR: Final = 9
SHORTEST_HEAD: Final = 5
DEEPEST: Final = 5
GAPS: Final = MappingProxyType({"-": 1, "~": NEAR, "...": FAR})
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase: the word classes it wants, how many other words may stand before each, and the classes as a set."""

    written: str
    wanted: tuple[str, ...]
    gaps: tuple[int, ...]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list of phrases, sorted by the class each begins with: most begin with one that no mail at hand holds."""

    every: tuple[Phrase, ...] = ()
    by_first: Mapping[str, tuple[Phrase, ...]] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @classmethod
    def of(cls, every: Iterable[Phrase]) -> "Phrases":
        """Return *every* phrase, sorted."""
        sorted_out: dict[str, list[Phrase]] = {}
        whole = tuple(every)
        for phrase in whole:
            sorted_out.setdefault(phrase.wanted[0], []).append(phrase)
        return cls(whole, _frozen(sorted_out))

    def possible(self, present: AbstractSet[str]) -> Iterator[Phrase]:
        """Yield the phrases all of whose classes are *present*."""
        for first in self.by_first.keys() & present:
            yield from (phrase for phrase in self.by_first[first] if phrase.needs <= present)


NO_PHRASES: Final = Phrases()


@dataclass(frozen=True, slots=True)
class RightWords:
    """How one right is asked for.

    `sure` says it by itself; `unsure` needs a `context` phrase in the same sentence or near it; `bare` is a
    word that means it when it stands (nearly) alone; `title` counts in a subject line; `unless` takes back
    a phrase that it overlaps. `hints` are words that together, in any order, raise a doubt when nothing else is found.
    """

    sure: Phrases = NO_PHRASES
    unsure: Phrases = NO_PHRASES
    context: Phrases = NO_PHRASES
    bare: Phrases = NO_PHRASES
    title: Phrases = NO_PHRASES
    unless: Phrases = NO_PHRASES
    hints: Phrases = NO_PHRASES


NO_WORDS: Final = RightWords()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which classes a word belongs to: whole words, beginnings, endings, and rows of words by their first."""

    whole: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. `plain` is the vocabulary without å, ä, ö, for people whose keyboard lacks them.

    `polite` words may stand beside a bare word and add nothing; `turns` are words a negation does not reach across.
    """

    language: Language
    common: frozenset[str]
    strangers: frozenset[str]
    negations: frozenset[str]
    turns: frozenset[str]
    polite: frozenset[str]
    rights: Mapping[RequestType, RightWords]
    signals: Mapping[str, Phrases]
    scopes: Mapping[str, Phrases]
    full: Vocabulary
    plain: Vocabulary
    speller: Speller = field(repr=False)


def lexicon_from(entries: Mapping[str, object]) -> Lexicon:
    """Return the lexicon a TOML document describes; `ValueError` names what is wrong in it."""
    words = _words(entries)
    maker = _PhraseMaker(words)
    rights = {
        RequestType(name): RightWords(
            **{kind: maker.phrases(rows, f"rights.{name}") for kind, rows in _rows(table, name).items()}
        )
        for name, table in _table(entries, "rights").items()
    }
    signals = {name: maker.phrases(rows, f"signals.{name}") for name, rows in _table(entries, "signals").items()}
    scopes = {name: maker.phrases(rows, f"scopes.{name}") for name, rows in _table(entries, "scopes").items()}
    listed = {key: frozenset(_strings(entries.get(key, []), key)) for key in _LISTS}
    known = {word for row in maker.words.values() for entry in row for word in entry.split()}
    return Lexicon(
        Language(str(entries.get("language", ""))),
        listed["common"],
        listed["strangers"],
        listed["negations"],
        listed["turns"],
        listed["polite"],
        MappingProxyType(rights),
        MappingProxyType(signals),
        MappingProxyType(scopes),
        _vocabulary(maker.words),
        _vocabulary({name: [plain(entry) for entry in row] for name, row in maker.words.items()}),
        Speller.of(listed["spelling"], known | listed["common"] | listed["not_misspelt"]),
    )


_LISTS = ("common", "strangers", "negations", "turns", "polite", "spelling", "not_misspelt")


def _words(entries: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the word classes, with the classes they hold, the forms of their words and the heads of compounds."""
    written = {name: _strings(value, f"words.{name}") for name, value in _table(entries, "words").items()}
    forms = {end: _strings(value, f"forms.{end}") for end, value in _table(entries, "forms").items()}
    heads = _strings(entries.get("heads", []), "heads")
    words: dict[str, list[str]] = {}
    for name, row in written.items():
        whole = [form for entry in _opened(row, written, f"words.{name}") for form in _forms(entry, forms, name)]
        ends = [f"*{one}" for one in whole if len(one) >= SHORTEST_HEAD and one.isalpha()] if name in heads else []
        words[name] = list(dict.fromkeys([*whole, *ends]))
    if not words.keys() >= set(heads):
        raise ValueError(f"heads: no class {', '.join(set(heads) - words.keys())}")
    return words


def _opened(row: Sequence[str], written: Mapping[str, Sequence[str]], where: str, depth: int = 0) -> Iterator[str]:
    """Yield the words of a class and of the classes it holds."""
    for entry in row:
        if not entry.startswith("<"):
            yield entry
        elif entry[1:-1] in written and depth < DEEPEST:
            yield from _opened(written[entry[1:-1]], written, where, depth + 1)
        else:
            raise ValueError(f"{where}: no class {entry}, or one that holds itself")


def _forms(entry: str, forms: Mapping[str, Sequence[str]], where: str) -> Iterator[str]:
    """Yield *entry*, or every form of it when it ends with a plus; the longest ending that fits says which."""
    if not entry.endswith("+"):
        yield entry
        return
    word = entry[:-1]
    end = max((end for end in forms if word.endswith(end.strip("-"))), key=len, default=None)
    if end is None:
        raise ValueError(f"words.{where}: no forms for {entry}")
    stem = word.removesuffix(end.strip("-"))
    yield from (f"{stem}{form.strip('-')}" for form in forms[end])


def plain(text: str) -> str:
    """Return *text* without the dots and rings of its letters."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


class _PhraseMaker:
    """Turns written phrases into `Phrase` values; words used in them become classes of their own."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.words = {f"<{name}>": list(row) for name, row in words.items()}
        self._gaps: dict[tuple[int, ...], tuple[int, ...]] = {}

    def phrases(self, rows: object, where: str) -> Phrases:
        return Phrases.of(self._phrase(row, where) for row in _strings(rows, where))

    def _phrase(self, written: str, where: str) -> Phrase:
        wanted: list[str] = []
        gaps: list[int] = []
        gap = 0
        for piece in written.split():
            if piece in GAPS:
                gap = GAPS[piece]
                continue
            if piece.startswith("<") and piece not in self.words:
                raise ValueError(f"{where}: no class {piece} for {written!r}")
            self.words.setdefault(piece, [piece])
            wanted.append(piece)
            gaps.append(gap)
            gap = 0
        if not wanted or gap or gaps[0]:
            raise ValueError(f"{where}: a phrase begins and ends with a word: {written!r}")
        between = tuple(gaps)  # kept once: thousands of phrases have the same few
        return Phrase(written, tuple(wanted), self._gaps.setdefault(between, between), frozenset(wanted))


def _vocabulary(words: Mapping[str, Iterable[str]]) -> Vocabulary:
    whole: dict[str, list[str]] = {}
    beginnings: dict[str, list[str]] = {}
    endings: dict[str, list[str]] = {}
    rows: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, entries in words.items():
        for entry in entries:
            first, *rest = entry.split()
            if rest:
                rows.setdefault(first, []).append((tuple(rest), name))
            elif first.endswith("*"):
                beginnings.setdefault(first[:-1], []).append(name)
            elif first.startswith("*"):
                endings.setdefault(first[1:], []).append(name)
            else:
                whole.setdefault(first, []).append(name)
    return Vocabulary(_frozen(whole), _frozen(beginnings), _frozen(endings), _frozen(rows))


def _frozen(table: Mapping[str, list[Kind]]) -> Mapping[str, tuple[Kind, ...]]:
    once: dict[tuple[Kind, ...], tuple[Kind, ...]] = {}  # most words are in one class, with many others
    rows = ((key, tuple(dict.fromkeys(row))) for key, row in table.items())
    return MappingProxyType({key: once.setdefault(row, row) for key, row in rows})


def _table(entries: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = entries.get(key, {})
    if not isinstance(table, Mapping):
        raise ValueError(f"{key} must be a table")
    return table


def _rows(table: object, name: str) -> Mapping[str, object]:
    if not isinstance(table, Mapping) or not table.keys() <= set(RightWords.__slots__):
        raise ValueError(f"rights.{name} takes {', '.join(RightWords.__slots__)}")
    return table


def _strings(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f"{where} must be a list of texts")
    return value
