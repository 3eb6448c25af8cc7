"""The golden pictures of the renderers: what is drawn, where it is kept, and how it is drawn anew.

What a platform takes is each renderer's own test. With REWRITE_GOLDEN=1 the pictures are
written instead of compared: look at the difference then, as a colleague would read it.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from bot.card import Card, Form
from bot.domain.request import Language
from tests.handlers.gallery import a_part_a_line, gallery

GALLERY: Final = {language: gallery(language) for language in Language}
#: Every card and form, by language and name.
EVERY: Final = [(language, name) for language in Language for name in GALLERY[language]]

Picture = TypeVar("Picture")
Json = dict[str, Any]
Golden = Mapping[Language, Mapping[str, Json]]
Drawing = Callable[[Card | Form, Language], Picture]


@dataclass(frozen=True, slots=True)
class Album(Generic[Picture]):
    """The golden pictures of one renderer, a file a language.

    `draw` makes a picture, `write` a file of pictures by name, `read` takes them out of it again.
    """

    folder: Path
    suffix: str
    draw: Drawing[Picture]
    write: Callable[[Mapping[str, Picture], Language], str]
    read: Callable[[str], dict[str, Picture]]

    def drawn(self, language: Language, name: str) -> Picture:
        """Return a picture as it is drawn now."""
        return self.draw(GALLERY[language][name], language)

    def kept(self) -> dict[Language, dict[str, Picture]]:
        """Return the pictures by language and name as they are kept, drawn anew first where that is asked for."""
        if os.environ.get("REWRITE_GOLDEN"):
            self.folder.mkdir(exist_ok=True)
            for language, shown in GALLERY.items():
                pictures = {name: self.drawn(language, name) for name in shown}
                self._file(language).write_text(self.write(pictures, language), encoding="utf-8")
        return {language: self.read(self._file(language).read_text(encoding="utf-8")) for language in Language}

    def _file(self, language: Language) -> Path:
        return self.folder / f"{language}.{self.suffix}"


def json_album(beside: str, draw: Drawing[Json], parts: str) -> Album[Json]:
    """Return a chat's album, beside its test; each of a picture's *parts* stands on a line of its own."""
    folder = Path(beside).with_name("golden")
    return Album(folder, "json", draw, lambda pictures, _: a_part_a_line(pictures, parts), json.loads)


def names(pictures: Mapping[Language, Mapping[str, object]]) -> dict[Language, set[str]]:
    """Return which pictures there are in each language."""
    return {language: set(by_name) for language, by_name in pictures.items()}
