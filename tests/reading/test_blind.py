"""Mails by who did not know the lexicon, read as a whole: nobody lies unseen, nothing opens by itself."""

import pytest

from bot.domain.request import RequestType
from tests.reading.mails import BLIND, variants
from tests.reading.measure import judged

#: How many of a table's requests may lie on the quiet list, and how many of its rows must be right, in per cent.
FLOORS = {
    "blind_a.toml": (0, 91),
    "blind_b.toml": (2, 84),
    "blind_c.toml": (2, 93),
    "blind_d.toml": (0, 90),
    "own_short.toml": (0, 97),
    "own_whole.toml": (0, 93),
    "own_classes.toml": (0, 94),
}


@pytest.mark.parametrize("table", BLIND)
def test_a_table_of_strangers_is_read(table: str) -> None:
    quiet, right = FLOORS[table]
    verdicts = [judged(wish) for wish in variants(table)]
    assert sum(one.missed for one in verdicts) <= quiet, [one.id for one in verdicts if one.missed]
    assert not [one.id for one in verdicts if one.opened]
    assert 100 * sum(one.right for one in verdicts) / len(verdicts) >= right
    assert sum(one.language for one in verdicts) == len(verdicts)


def test_every_right_is_asked_for_by_strangers_too() -> None:
    asked = {right for wish in variants(*BLIND) for rights in wish["rights"] for right in rights.split()}
    assert asked == set(RequestType)


def test_every_row_of_every_table_has_a_name_of_its_own() -> None:
    names = [wish["id"] for wish in [*variants(), *variants(*BLIND)]]
    assert len(set(names)) == len(names)
