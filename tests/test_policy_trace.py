"""P1-P87, R1-R70 and the settled questions of the chats, each with what honours it, or open by name (`trace.toml`).

The page is checked: every anchor must exist, nothing may be left out, and what is open
may only become less: a new hole cannot be explained away by writing it down here.
"""

import ast
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from bot.domain.request import Language
from bot.i18n import Texts
from config.texts import load_catalogue, load_letters

ROOT = Path(__file__).parents[1]
TRACE = tomllib.loads((ROOT / "tests" / "trace.toml").read_text(encoding="utf-8"))
TEXTS = Texts(load_catalogue())
LETTERS = load_letters()
#: The settled questions about people, chats and the working day; the others are traced by the rules they settle.
DECISIONS = (*range(9, 18), *range(26, 30), 32, 33, 36, 37)
LISTS = {
    "policy": [f"P{n}" for n in range(1, 88)],
    "gdpr": [f"R{n}" for n in range(1, 71)],
    "decision": [f"D{n}" for n in DECISIONS],
}

#: What was open when Part 1 was built. Never add to it.
OPEN_AT_FIRST = {
    "policy": "P5 P6 P9 P11 P12 P24 P36 P41 P43 P49 P57 P58 P62 P64 P68 P69 P71 P76 P78 P79 P80",
    "decision": "D10",
    "gdpr": "R28 R29 R30 R34 R35 R36 R38 R39 R40 R41 R44 R45 R47 R49 R50 R54 R57 R58 R59 R60 R63 R64 R67 R68",
}


@pytest.mark.parametrize("name", LISTS)
def test_every_point_stands_in_exactly_one_place(name: str) -> None:
    placed = [point for place in ("honoured", "open", "not_software") for point in TRACE[name][place]]
    assert sorted(placed) == sorted(LISTS[name])


@pytest.mark.parametrize("name", LISTS)
def test_what_is_open_only_shrinks(name: str) -> None:
    assert set(TRACE[name]["open"]) <= set(OPEN_AT_FIRST[name].split())


@pytest.mark.parametrize("name", LISTS)
def test_what_is_open_or_no_software_says_why(name: str) -> None:
    reasons = {**TRACE[name]["open"], **TRACE[name]["not_software"]}
    assert [point for point, why in reasons.items() if len(why) < 8] == []


HONOURED = [
    (point, anchor) for name in LISTS for point, anchors in TRACE[name]["honoured"].items() for anchor in anchors
]


@pytest.mark.parametrize(("point", "anchor"), HONOURED, ids=lambda word: word)
def test_what_is_said_to_honour_it_exists(point: str, anchor: str) -> None:
    assert exists(anchor), f"{point}: {anchor} is not there"


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_honoured_by_nothing(name: str) -> None:
    assert [point for point, anchors in TRACE[name]["honoured"].items() if not anchors] == []


@pytest.mark.parametrize(
    "anchor",
    [
        "rule bot.domain.ticket:close_quietly",
        "rule bot.domain.nothing:x",
        "text no.such.sentence",
        "letter T99",
        "policy purpose P1",
        "policy colour P18",
        "setting retention own.secret_days",
        "setting nothing x",
        "test tests/domain/test_ticket.py::test_nothing_of_the_kind",
        "test tests/nowhere.py::x",
        "wish peace",
    ],
)
def test_an_anchor_that_holds_nothing_is_seen(anchor: str) -> None:
    assert not exists(anchor)


def exists(anchor: str) -> bool:
    """Whether what *anchor* names is there."""
    kind, _, name = anchor.partition(" ")
    match kind:
        case "rule":
            return _rule(*name.split(":"))
        case "text":
            return TEXTS.has(name)
        case "letter":
            return all(f"{name}.j2" in LETTERS[language] for language in Language)
        case "policy":
            section, key = name.split()
            return any(entry["key"] == key for entry in _settings("policy").get(section, ()))
        case "setting":
            return _setting(*name.split())
        case "test":
            return _test(*name.split("::"))
        case _:
            return False


def _rule(module: str, path: str) -> bool:
    try:
        found: object = import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return False
    return True


def _setting(file: str, path: str) -> bool:
    value: object = _settings(file)
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return value not in ("", None)


@cache
def _settings(file: str) -> dict[str, list[dict[str, object]]]:
    path = ROOT / "config" / f"{file}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _test(path: str, name: str) -> bool:
    return name in _functions(ROOT / path)


@cache
def _functions(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))
