"""What a language calls things: word classes and phrases, made from `config/lexicon/*.toml`.

A phrase is a row of word classes and words with room between them, so that a lawyer can
read and change it: `<erase> ~ <my> ~ <record>` is "radera (snarast) mina (egna) uppgifter".

    word        that word; `rader*` any word so beginning, `*brev` any so ending
    <class>     any word (or row of words, "ta ~ bort") of the class under [words]
    -           one other word may stand here
    ~           up to three other words may stand here
    ...         up to nine other words may stand here

A phrase never reaches past its sentence. A malformed lexicon raises at start, not at the first mail.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from bot.domain.request import Language, RequestType
from bot.reading.spelling import Speller

NEAR: Final = 3
FAR: Final = 9
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
class RightWords:
    """How one right is asked for.

    `sure` says it by itself; `unsure` needs a `context` phrase in the same sentence or near it; `bare` is a
    word that means it when it stands (nearly) alone; `title` counts in a subject line; `unless` takes back
    a phrase that it overlaps. `hints` are words that together, in any order, raise a doubt when nothing else is found.
    """

    sure: tuple[Phrase, ...] = ()
    unsure: tuple[Phrase, ...] = ()
    context: tuple[Phrase, ...] = ()
    bare: tuple[Phrase, ...] = ()
    title: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    hints: tuple[Phrase, ...] = ()


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
    signals: Mapping[str, tuple[Phrase, ...]]
    scopes: Mapping[str, tuple[Phrase, ...]]
    full: Vocabulary
    plain: Vocabulary
    speller: Speller = field(repr=False)


def lexicon_from(entries: Mapping[str, object]) -> Lexicon:
    """Return the lexicon a TOML document describes; `ValueError` names what is wrong in it."""
    words = {name: _strings(value, f"words.{name}") for name, value in _table(entries, "words").items()}
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


def plain(text: str) -> str:
    """Return *text* without the dots and rings of its letters."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


class _PhraseMaker:
    """Turns written phrases into `Phrase` values; words used in them become classes of their own."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.words = {f"<{name}>": list(row) for name, row in words.items()}

    def phrases(self, rows: object, where: str) -> tuple[Phrase, ...]:
        return tuple(self._phrase(row, where) for row in _strings(rows, where))

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
        return Phrase(written, tuple(wanted), tuple(gaps), frozenset(wanted))


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
    return MappingProxyType({key: tuple(dict.fromkeys(row)) for key, row in table.items()})


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
