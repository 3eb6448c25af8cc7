"""A table as lines: what a number counts stands beside it."""

from bot.card import Table
from handlers.rows import Rows, rows_of


def test_a_row_is_its_lead_and_the_rest_below_the_names() -> None:
    table = Table(("System", "Hittat", "Läge"), (("HubSpot", "1 kontakt", "väntar"), ("Google", "", "inget")))
    assert rows_of(table) == Rows(
        "System · Hittat · Läge", [("HubSpot", " · 1 kontakt · väntar"), ("Google", " · inget")]
    )


def test_a_number_carries_its_name() -> None:
    table = Table(("Månad", "Avgjorda", "Stämde"), (("2026-02", "0", "–"), ("2026-03", "13", "69 %")))
    assert rows_of(table) == Rows(
        "", [("2026-02", " · Avgjorda 0 · Stämde –"), ("2026-03", " · Avgjorda 13 · Stämde 69 %")]
    )


def test_beside_words_only_the_numbers_carry_theirs() -> None:
    table = Table(("Ärende", "Antal", "Läge"), (("PR-1", "2", "väntar"), ("PR-2", "", "klart")))
    assert rows_of(table) == Rows("Ärende · Läge", [("PR-1", " · Antal 2 · väntar"), ("PR-2", " · klart")])


def test_what_is_not_there_is_not_named() -> None:
    assert rows_of(Table(("A", "B"), ())) == Rows("", [])
    assert rows_of(Table(("A", "B"), ((), ("x",)))) == Rows("A · B", [("x", "")])
    assert rows_of(Table((), (("x", "1"),))) == Rows("", [("x", " · 1")])
    assert rows_of(Table(("", "B"), (("x", "1", "2"),))) == Rows("", [("x", " · B 1 · 2")])
