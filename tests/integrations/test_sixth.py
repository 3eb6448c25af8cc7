"""A sixth system is one folder: in a copy of the house with that folder and nothing else, everything knows of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ("bot", "config", "handlers", "integrations", "tests", "README.md", "pyproject.toml")
KEYS = {"PRIVACY_KEYS": "k", "PRIVACY_INDEX_KEY": "i", "PRIVACY_SIGNING_KEY": "s"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house, with one folder more."""
    copy = tmp_path_factory.mktemp("house")
    for name in HOUSE:
        kept = ROOT / name
        if kept.is_dir():
            shutil.copytree(kept, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(kept, copy / name)
    shutil.copytree(Path(__file__).with_name("sixth_system"), copy / "integrations" / "library")
    return copy


def run(house: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PRIVACY_")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=house,
        env={**own, **KEYS, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_it_keeps_every_promise_of_the_contract(house: Path) -> None:
    done = run(house, "-m", "pytest", "-q", "--no-cov", "-p", "no:cacheprovider", *CONTRACT, "-k", "library")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "passed" in done.stdout


CONTRACT = [f"tests/integrations/{path.name}" for path in sorted(Path(__file__).parent.glob("test_contract*.py"))]
ROW = "| Library | automatic | – | by hand | automatic | automatic | – |"


def test_the_readme_and_check_know_of_it(house: Path) -> None:
    before = (house / "README.md").read_text(encoding="utf-8").splitlines()
    assert ROW not in before
    assert ROW in run(house, "-m", "tests.readme_table").stdout
    after = (house / "README.md").read_text(encoding="utf-8").splitlines()
    assert without(after, [ROW]) == before, "and nothing else of the page changed"
    checked = run(house, "-m", "bot", "check", "--offline")
    assert "PRIVACY_SYSTEMS__LIBRARY__TOKEN: is missing – a key from the librarian" in checked.stdout


def without(lines: Sequence[str], gone: Sequence[str]) -> list[str]:
    """Return the lines that are none of *gone*."""
    return [line for line in lines if line not in gone]
