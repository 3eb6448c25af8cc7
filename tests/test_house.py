"""The house rules a program can check; those about meaning are left to readers.

Every rule walks the real files, so that a new module is held to it without a line here.
An exception needs an entry with its reason in one of the tables below.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("bot", "config", "handlers", "integrations")
MODULES = sorted(path.relative_to(ROOT) for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))

VALUES = [path for path in MODULES if path.parts[:2] in {("bot", "card.py"), ("bot", "domain")}]
VALUE = "dataclass(frozen=True, slots=True)"

MODULE_LINES = 330
FUNCTION_LINES = 45
LONG_FUNCTIONS: Mapping[str, str] = {}  # "bot/app.py:wire" -> why it reads better whole

VAGUE = frozenset({"data", "helper", "helpers", "info", "manager", "util", "utils"})
NOT_OUR_WORDS = frozenset({"customer", "delete", "user"})  # in bot; a vendor's own word may stand at its edge
NAMES_WITH_REASON: Mapping[str, str] = {
    "CONTRACT_CUSTOMER": "a role in the contract's list of roles",
    "DataSubject": "the law's own word",
    "data_subject": "the law's own word",
    "GA_USER_ID": "what Google Analytics calls the id of a login",
}

#: A library calls an argument of ours by that name.
NAMES_OF_LIBRARIES: Mapping[str, frozenset[str]] = {
    "integrations/entra.py": frozenset({"data"}),  # msal's form
    "handlers/teams/sdk.py": frozenset({"fetch_data", "_jwk_client_manager"}),  # PyJWT's and the Agents SDK's
}

PINNED = re.compile(r"[a-z0-9._-]+==[^\s;]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+")
LOCKS = ("requirements", "requirements-test")
#: Libraries the desk runs on and imports nowhere, and those it imports without running on them.
NOT_IMPORTED: Mapping[str, str] = {"tzdata": "time zones, read by zoneinfo where the machine has none"}
NOT_RUN_ON: Mapping[str, str] = {"asyncpg": "installed where the store is PostgreSQL, and imported there"}
UNFINISHED = re.compile(r"#.*\b(TODO|FIXME|XXX|keep in sync)\b", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def source(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(source(path))


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def names_given(tree: ast.Module) -> Iterator[str]:
    """Yield every name this module gives: classes, functions, arguments, variables and fields."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.alias(asname=str(name)):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def words_of(name: str) -> set[str]:
    """Split snake_case and CamelCase: `RetentionRule` and `retention_rule` both hold retention and rule."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def locked(name: str) -> list[str]:
    """Return the lock's requirements, one per entry, continuation lines joined."""
    joined = source(Path(f"{name}.txt")).replace("\\\n", " ")
    return [re.sub(r"\s+", " ", line).strip() for line in joined.splitlines() if line.strip()]


def pins(name: str) -> dict[str, str]:
    return {entry.partition("==")[0]: entry.partition("==")[2].partition(" ")[0] for entry in locked(name)}


def asked(name: str) -> list[str]:
    """Return the names of what a `.in` file asks for."""
    return re.findall(r"^([a-z][a-z0-9-]*)", source(Path(f"{name}.in")), re.MULTILINE)


def imported() -> set[str]:
    """Return every module of somebody else's that the desk imports."""
    nodes = [node for path in MODULES for node in ast.walk(tree_of(path))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    known = {*sys.stdlib_module_names, *FLOORS, "_typeshed"}
    return {name for name in names if name.partition(".")[0] not in known}


def given_by(library: str, modules: set[str]) -> set[str]:
    """Return those of the modules that lie in an installed library, be they of Python or not."""
    files = [str(file) for file in distribution(library).files or ()]
    places = {module: module.replace(".", "/") for module in modules}
    return {
        module
        for module, place in places.items()
        if any(file.startswith((f"{place}/__init__.", f"{place}.")) for file in files)
    }


def keys(texts: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Flatten nested tables to dotted keys."""
    flat: dict[str, object] = {}
    for key, value in texts.items():
        if isinstance(value, dict):
            flat |= keys(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_says_what_it_is_and_fits_its_limits(path: Path) -> None:
    text = source(path)
    tree = tree_of(path)
    assert ast.get_docstring(tree), f"{path} begins with a docstring: what it is, and what a newcomer would undo"
    assert len(text.splitlines()) <= MODULE_LINES, f"{path} is too long: which two things is it?"
    unfinished = [line for line in text.splitlines() if UNFINISHED.search(line)]
    assert not unfinished, f"{path}: do it, test it or leave it out: {unfinished}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_functions_fit_a_screen_and_name_their_arguments(path: Path) -> None:
    for function in functions(tree_of(path)):
        where = f"{path}:{function.name}"
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        assert lines <= FUNCTION_LINES or where in LONG_FUNCTIONS, f"{where} has {lines} lines"
        assert function.args.kwarg is None, f"{where} hides what it takes behind **"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_names_use_the_words_of_the_house(path: Path) -> None:
    banned = VAGUE | NOT_OUR_WORDS if path.parts[0] == "bot" else VAGUE
    given = {*names_given(tree_of(path)), *path.with_suffix("").parts}
    given -= NAMES_WITH_REASON.keys() | NAMES_OF_LIBRARIES.get(path.as_posix(), frozenset())
    wrong = {name for name in given if words_of(name) & banned}
    assert not wrong, f"{path}: {sorted(wrong)}"
    verbs = {function.name for function in functions(tree_of(path))}
    assert not {name for name in verbs if words_of(name.split("_")[0]) & {"process"}}, f"{path}: process whom, how?"


@pytest.mark.parametrize("path", VALUES, ids=str)
def test_values_are_frozen_and_slotted(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            made = [ast.unparse(decorator) for decorator in node.decorator_list]
            loose = [by for by in made if by.startswith("dataclass") and by != VALUE]
            assert not loose, f"{path}:{node.name} is a @{loose[0]}, not a @{VALUE}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_pinned_hashed_and_names_no_source(name: str) -> None:
    assert "://" not in source(Path(f"{name}.in")) + source(Path(f"{name}.txt"))
    loose = [entry[:80] for entry in locked(name) if not PINNED.fullmatch(entry)]
    assert not loose, f"{name}.txt: pinned with == and hashed, one library a line: {loose}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_what_was_asked_for(name: str) -> None:
    wanted = asked(name)
    assert wanted
    assert not set(wanted) - pins(name).keys(), f"{name}.txt is older than {name}.in: make lock"


def test_both_locks_agree_on_what_they_share() -> None:
    runtime, tests = pins("requirements"), pins("requirements-test")
    assert {name: tests[name] for name in runtime.keys() & tests.keys()}.items() <= runtime.items()


def test_the_desk_runs_on_what_it_imports() -> None:
    """A library that tests alone import stands in `requirements-test.in`; the desk imports none of those."""
    modules = imported()
    unused = [library for library in asked("requirements") if not given_by(library, modules)]
    assert unused == list(NOT_IMPORTED)
    given = {module for library in pins("requirements") for module in given_by(library, modules)}
    assert modules - given == set(NOT_RUN_ON)


def test_readme_names_every_make_target() -> None:
    targets = re.findall(r"^([a-z-]+):[^\n]*##", source(Path("Makefile")), re.MULTILINE)
    assert {"demo", "test", "check"} <= set(targets)
    readme = source(Path("README.md"))
    assert not [target for target in targets if not re.search(rf"\bmake {target}\b", readme)]


def test_readme_names_every_command() -> None:
    command = [sys.executable, "-m", "bot", "--help"]
    wide = os.environ | {"COLUMNS": "1000"}  # so that argparse keeps {demo,run,...} on one line
    shown = subprocess.run(command, cwd=ROOT, env=wide, capture_output=True, text=True, check=True).stdout
    listed = re.search(r"\{([a-z,-]+)\}", shown)
    assert listed, shown
    commands = listed[1].split(",")
    assert {"demo", "run", "migrate", "check"} <= set(commands)
    readme = source(Path("README.md"))
    assert not [command for command in commands if f"python -m bot {command}" not in readme]


def test_every_make_target_is_phony() -> None:
    makefile = source(Path("Makefile"))
    phony = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()
    assert phony == re.findall(r"^([a-z-]+):[^\n]*##", makefile, re.MULTILINE)


def test_swedish_and_english_say_the_same_things() -> None:
    swedish, english = (
        keys(tomllib.loads(source(Path(f"config/locales/{language}.toml")))) for language in ("sv", "en")
    )
    assert swedish.keys() == english.keys(), sorted(swedish.keys() ^ english.keys())
    for key in swedish:
        slots = [sorted(set(re.findall(r"\{(\w+)", str(texts[key])))) for texts in (swedish, english)]
        assert slots[0] == slots[1], f"{key} is filled differently in Swedish and English: {slots}"
        assert str(swedish[key]).strip(), f"{key} is empty in Swedish"
        assert str(english[key]).strip(), f"{key} is empty in English"
