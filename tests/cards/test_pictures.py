"""Golden pictures: every card and form, in both languages, side by side in one file.

`CARDS_UPDATE=1 pytest tests/cards` draws them anew; then look at the difference as a
colleague would read it before committing it.
"""

import json
import os
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from bot.domain.request import Language
from tests.cards.shown import all_forms, cards

GOLDEN = Path(__file__).with_name("golden")
DRAWN = {
    language: {f"card_{name}": card for name, card in cards(language)}
    | {f"form_{name}": form for name, form in all_forms(language)}
    for language in Language
}


def picture(value: object) -> object:
    """Return *value* as JSON values: dataclasses by field with their kind, enums by value."""
    if is_dataclass(value):
        shown = {field.name: picture(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, **shown}
    if isinstance(value, tuple):
        return [picture(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    return value


@pytest.mark.parametrize("name", sorted(DRAWN[Language.SV]))
def test_the_card_looks_as_it_did(name: str) -> None:
    drawn = {language.value: picture(DRAWN[language][name]) for language in Language}
    path = GOLDEN / f"{name}.json"
    if os.environ.get("CARDS_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert drawn == json.loads(path.read_text(encoding="utf-8"))


def test_no_picture_hangs_around_without_its_card() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(DRAWN[Language.SV])
