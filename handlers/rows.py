"""A table as lines, for chats whose own tables do not fit a phone: one per row, below a line that names the columns.

A number alone says nothing when the names stand lines above it, and nothing at all when
it is read aloud: a column of numbers carries its name in every row. So does what the card
says cannot do without (`Table.named`): of two dates, which one is the last day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.card import Table

#: Between cells, and between the parts of one: the space before it does not break, so that no line begins with a dot.
CELL_DOT: Final = "\u00a0· "
PART_DOT: Final = " · "


@dataclass(frozen=True, slots=True)
class Rows:
    """`head` names the columns that do not name themselves ("" when none needs it); a row is its lead and the rest."""

    head: str
    rows: Sequence[tuple[str, str]]


def rows_of(table: Table) -> Rows:
    """Return a table's lines; rows without a cell are left out."""
    rows = [row for row in table.rows if row]
    named = {at: name for at, name in enumerate(table.head) if at and name and _only_numbers(rows, at)}
    named |= {at: f"{table.head[at][:1].lower()}{table.head[at][1:]}" for at in table.named}
    others = [name for at, name in enumerate(table.head) if name and at not in named]
    needed = bool(rows) and not table.named
    return Rows(PART_DOT.join(others) if needed else "", [(row[0], _rest(row, named)) for row in rows])


def _only_numbers(rows: Sequence[Sequence[str]], at: int) -> bool:
    cells = [row[at] for row in rows if at < len(row) and row[at]]
    return bool(cells) and not any(sign.isalpha() for cell in cells for sign in cell)


def _rest(row: Sequence[str], named: dict[int, str]) -> str:
    cells = [f"{named[at]} {cell}" if at in named else cell for at, cell in enumerate(row) if at and cell]
    return "".join(CELL_DOT + cell.replace(PART_DOT, CELL_DOT) for cell in cells)
