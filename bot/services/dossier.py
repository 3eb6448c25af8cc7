"""A ticket's file as a document: chapters of facts and tables, once in each language. Plain values, no markup."""

from dataclasses import dataclass, field

from bot.domain.request import Language


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a chapter. `kind` names its columns for the look ("events", "days", …)."""

    kind: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: what it tells in facts, paragraphs, tables; `empty` is said where there is nothing to tell."""

    title: str
    facts: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    sheets: tuple[Sheet, ...] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The file in one language. `proven` says whether the ledger's chain held when it was made."""

    language: Language
    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]
    proven: bool
    seal: str
    foot: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole file, in the reader's language first."""

    ref: str
    documents: tuple[Document, ...]
    hint: str
