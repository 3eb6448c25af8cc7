"""The pages say only what the texts hold, and the texts hold nothing the pages no longer say."""

import re
from pathlib import Path

import pytest

from bot.domain.request import Language
from tests.handlers.stand_ins import TEXTS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "handlers").rglob("*.html"))
SAID = re.compile(r"""(?:say|count)\([^"')]*["']([a-z_.]+)["']( ~)?""")
KEYS = set(TEXTS.catalogue[Language.SV])


def known(key: str, *, begins: bool) -> bool:
    """Whether a key (or one that begins so, or a counted one) is among the texts."""
    return key in KEYS or f"{key}.one" in KEYS or (begins and any(one.startswith(key) for one in KEYS))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_say_what_the_texts_hold(path: Path) -> None:
    missing = [key for key, more in SAID.findall(path.read_text("utf-8")) if not known(key, begins=bool(more))]
    assert not missing, f"{path.name} says {missing}"


def test_no_text_of_the_pages_is_left_over() -> None:
    code = [path.read_text("utf-8") for floor in ("bot", "handlers") for path in (ROOT / floor).rglob("*.py")]
    everything = "\n".join([*code, *(path.read_text("utf-8") for path in TEMPLATES)])
    begun = set(
        re.findall(
            r"""["']((?:portal|undo|review|console|web)\.[a-z_.]*)["'] ?~"""
            r"""|"((?:portal|undo|review|console|web)\.[a-z_.]*)\{""",
            everything,
        )
    )
    starts = tuple(one or other for one, other in begun)
    told = {f"portal.told_{word}" for word in ("confirmed", "answered", "again", "withdrawn")}
    for key in sorted(KEYS):
        if not key.startswith(("portal.", "undo.", "review.", "console.", "web.")):
            continue
        plain = re.sub(r"\.(one|other)$", "", key)
        quoted = f'"{plain}"' in everything or f"'{plain}'" in everything
        assert quoted or key in told or key.startswith(starts), f"{key} is said nowhere"
