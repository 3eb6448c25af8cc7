"""Reads `lexicon/{sv,en}.toml`, how people ask, as data that a colleague may widen, and what was learnt from mails.

A word that is missing there makes the desk miss a request, so a malformed file stops the start. Making a
lexicon takes a good part of a second: one that was made is kept by its text, and no text makes another.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.domain.request import Language
from bot.reading import Leaning, Lexicon, leaning_from, lexicon_from

FOLDER: Final = Path(__file__).parent / "lexicon"
LEANING: Final = FOLDER / "leaning.txt"


def load_lexicons(folder: Path = FOLDER) -> Mapping[Language, Lexicon]:
    """Return every language's lexicon. Raises `FileNotFoundError`, or `ValueError` naming the fault."""
    return MappingProxyType(
        {language: _lexicon((folder / f"{language}.toml").read_text(encoding="utf-8")) for language in Language}
    )


def load_leaning(path: Path = LEANING) -> Leaning:
    """Return the weights learnt from our tables. Raises as `load_lexicons` does."""
    return _leaning(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=len(Language))
def _lexicon(text: str) -> Lexicon:
    return lexicon_from(tomllib.loads(text))


@lru_cache(maxsize=1)
def _leaning(text: str) -> Leaning:
    return leaning_from(text)
