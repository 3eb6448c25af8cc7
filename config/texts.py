"""Reads the texts of `locales/` and `letters/` into plain mappings.

One TOML file per language, tables flattened to dotted keys, so that a colleague edits
sentences and never code. A folder given by `PRIVACY_CONFIG` is read the same way.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.domain.request import Language

Catalogue = Mapping[Language, Mapping[str, str]]
HERE: Final = Path(__file__).parent


def load_catalogue(folder: Path = HERE / "locales") -> Catalogue:
    """Return every sentence of `<folder>/<language>.toml` by language and dotted key.

    Raises `FileNotFoundError` for a missing language and `ValueError` for a value that is not a sentence.
    """
    return MappingProxyType({language: _sentences(_text(folder / f"{language}.toml")) for language in Language})


def load_letters(folder: Path = HERE / "letters") -> Catalogue:
    """Return every template of `<folder>/<language>/*.j2` by language and file name."""
    return MappingProxyType(
        {
            language: MappingProxyType({path.name: _text(path) for path in sorted((folder / language).glob("*.j2"))})
            for language in Language
        }
    )


def merged(*catalogues: Catalogue) -> Catalogue:
    """Return all catalogues as one; a key that two of them hold raises `ValueError`: one truth per sentence."""
    return MappingProxyType(
        {
            language: MappingProxyType(
                _without_doubles([pair for one in catalogues for pair in one.get(language, {}).items()])
            )
            for language in Language
        }
    )


def flattened(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every sentence of a table by its dotted key."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield f"{prefix}{name}", value
        else:
            raise ValueError(f"{prefix}{name} is not a sentence")


@lru_cache(maxsize=len(Language))  # by its text: a file that a colleague changed is read anew
def _sentences(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(flattened(tomllib.loads(text))))


def _without_doubles(pairs: list[tuple[str, str]]) -> dict[str, str]:
    catalogue: dict[str, str] = {}
    for key, sentence in pairs:
        if key in catalogue:
            raise ValueError(f"the text {key} is there twice")
        catalogue[key] = sentence
    return catalogue


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
