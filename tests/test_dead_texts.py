"""No sentence is kept that no code and no template can say: it is translated and corrected for nobody."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.request import Language
from config.texts import load_catalogue

ROOT = Path(__file__).parents[1]
KEYS = sorted(load_catalogue()[Language.SV])
IN_TEMPLATE = re.compile(r"""["']([a-z0-9_.]+)["'](\s*~)?""")


@dataclass(slots=True)
class Said:
    """What is said: whole keys, and what keys that are put together at run time begin with."""

    whole: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)

    def reaches(self, key: str) -> bool:
        plain = re.sub(r"\.(one|other)$", "", key)
        return bool({key, plain} & self.whole) or key.startswith(tuple(self.begun))


def constants(node: ast.AST) -> Iterator[str]:
    """Return every string in a part of the code."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def read(source: str, said: Said) -> None:
    """Add what a module says. A bare word begins keys in an f-string's braces, a table, or `options`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(word)):
                said.whole.add(word)
            case ast.JoinedStr(values=[ast.Constant(value=str(begins)), *_]) if "." in begins:
                said.begun.add(begins)
            case ast.JoinedStr(values=[ast.FormattedValue(value=chosen), *_]):
                said.begun |= {f"{word}." for word in constants(chosen) if word.isidentifier()}
            case ast.AnnAssign(value=ast.Dict(values=values)):
                said.begun |= {f"{word}." for one in values for word in constants(one)}
            case ast.Call(func=ast.Name(id="options"), args=[_, prefix, *_]):
                said.begun |= {f"{word}." for word in constants(prefix)}
            case _:
                pass


def everything() -> Said:
    """Return what code and templates say."""
    said = Said()
    for folder in ("bot", "handlers", "integrations", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            read(path.read_text("utf-8"), said)
    for path in (ROOT / "handlers").rglob("*.html"):
        for word, more in IN_TEMPLATE.findall(path.read_text("utf-8")):
            (said.begun if more and "." in word else said.whole).add(word)
    return said


def test_every_text_can_be_said() -> None:
    said = everything()
    assert [key for key in KEYS if not said.reaches(key)] == []


def test_the_search_finds_what_nothing_says() -> None:
    said = Said()
    read('say("a.b"); say(f"c.d_{x}"); options(scene, "e", them)', said)
    read("""say(f"{'g' if x else 'h'}.{y}"); table: T = {"x": "i"}""", said)
    reached = ("a.b", "a.b.one", "c.d_1", "e.f", "g.1", "h.2", "i.3")
    assert [key for key in reached if not said.reaches(key)] == []
    assert [key for key in ("a.c", "c.e", "scene.1", "x.1", "them.1", "y.2") if said.reaches(key)] == []
