"""Every row of the bench measures something, in a form small enough for every day."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.__main__ import FAILED, ROWS, measured
from tests.bench.figures import GLANCE, Figure, percentile, table
from tests.bench.recording import Recorded, replayed
from tests.bench.tickets import Known

pytestmark = pytest.mark.long

#: Rows that measure programs of their own may run side by side: here nobody looks at how long they take.
OUTSIDE = ("cold-start", "install", "idle", "jobs", "reading")


async def test_every_row_about_a_program_returns_numbers(tmp_path: Path) -> None:
    figures = await asyncio.gather(*(measured([name], GLANCE, tmp_path) for name in OUTSIDE))
    _say_something([figure for row in figures for figure in row], len(OUTSIDE))


@pytest.mark.parametrize("name", sorted(ROWS.keys() - set(OUTSIDE)))
async def test_every_other_row_returns_numbers(name: str, tmp_path: Path) -> None:
    _say_something(await measured([name], GLANCE, tmp_path), 1)


def _say_something(figures: Sequence[Figure], at_least: int) -> None:
    assert len(figures) >= at_least
    for figure in figures:
        assert any(sign.isdigit() for sign in figure.measured), figure
        assert FAILED not in figure.measured


def test_a_replayed_statement_keeps_what_belongs_together() -> None:
    """The ticket's ids become the other ticket's, new ids become new ones, the same within one request."""
    ours = Known("a" * 32, "PR-2026-0001", "b" * 32, 1)
    other = Known("c" * 32, "PR-2026-0002", "d" * 32, 1)
    made, digest = "e" * 32, "f" * 64
    statement = Recorded("INSERT", [["a" * 32, f'["{made}"]', "PR-2026-0001", digest, 7], [made, "b" * 32]], many=True)
    new_ids: dict[str, str] = {}
    (first, second) = replayed(statement, ours, other, new_ids)
    new = new_ids[made]
    assert first == ["c" * 32, f'["{new}"]', "PR-2026-0002", digest, 7]
    assert second == [new, "d" * 32]
    assert new != made
    assert replayed(statement, ours, other, {})[1][0] != new


def test_the_table_says_what_was_missed() -> None:
    figures = [Figure("a", "< 1", "2", met=False), Figure("long name", "< 3", "2", met=True), Figure("b", "–", "5")]
    verdicts = [line.split("  ")[-1].strip() for line in table(figures).splitlines()]
    assert verdicts == ["verdict", "MISSED", "met", "for information"]


async def test_a_row_that_cannot_be_measured_is_missed_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "start-0").mkdir()
    (figure,) = await measured(["cold-start"], GLANCE, tmp_path)
    assert figure.met is False
    assert figure.measured.startswith(f"{FAILED}: FileExistsError")


def test_percentiles() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 50) == 50.5
    assert 99 <= percentile(values, 99) <= 100
    assert percentile([3.0], 99) == 3.0
