"""A table as lines: what a number counts stands beside it."""

from bot.card import Table
from handlers.rows import Rows, rows_of


def unbroken(rest: str) -> str:
    """Return the rest of a row as it is drawn: no line begins with a dot."""
    return rest.replace(" · ", "\u00a0· ")


def test_a_row_is_its_lead_and_the_rest_below_the_names() -> None:
    table = Table(("System", "Hittat", "Läge"), (("HubSpot", "1 kontakt", "väntar"), ("Google", "", "inget")))
    assert rows_of(table) == Rows(
        "System · Hittat · Läge", [("HubSpot", unbroken(" · 1 kontakt · väntar")), ("Google", unbroken(" · inget"))]
    )


def test_a_number_carries_its_name() -> None:
    table = Table(("Månad", "Avgjorda", "Stämde"), (("2026-02", "0", "–"), ("2026-03", "13", "69 %")))
    assert rows_of(table) == Rows(
        "Månad",
        [("2026-02", unbroken(" · Avgjorda 0 · Stämde –")), ("2026-03", unbroken(" · Avgjorda 13 · Stämde 69 %"))],
    )


def test_beside_words_only_the_numbers_carry_theirs() -> None:
    table = Table(("Ärende", "Antal", "Läge"), (("PR-1", "2", "väntar"), ("PR-2", "", "klart")))
    assert rows_of(table) == Rows(
        "Ärende · Läge", [("PR-1", unbroken(" · Antal 2 · väntar")), ("PR-2", unbroken(" · klart"))]
    )


def test_what_is_not_there_is_not_named() -> None:
    assert rows_of(Table(("A", "B"), ())) == Rows("", [])
    assert rows_of(Table(("A", "B"), ((), ("x",)))) == Rows("A · B", [("x", "")])
    assert rows_of(Table((), (("x", "1"),))) == Rows("", [("x", unbroken(" · 1"))])
    assert rows_of(Table(("", "B"), (("x", "1", "2"),))) == Rows("", [("x", unbroken(" · B 1 · 2"))])


def test_what_the_card_names_says_which_it_is_in_every_row() -> None:
    """Of two dates nobody could tell which is the last day."""
    rows = (("PR-1", "sök", "2 april", "7 april"), ("PR-2", "klart", "", ""))
    table = Table(("Ärende", "Steg", "Måldatum", "Sista dag"), rows, (1, 2, 3))
    assert rows_of(table) == Rows(
        "",
        [("PR-1", unbroken(" · steg sök · måldatum 2 april · sista dag 7 april")), ("PR-2", unbroken(" · steg klart"))],
    )
