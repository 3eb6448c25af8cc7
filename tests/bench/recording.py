"""What the desk asks of its database for one request: written down as it happens, replayed by the floor (D37).

Nothing of it is known beforehand, so the floor follows whatever the desk becomes. A
recorded id is either one of the ticket's that was asked for, and becomes the same of
another ticket, or new, and becomes another new one.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiosqlite

from bot.store.sqlite_immediate import look_and_write, several
from tests.bench.tickets import Known

ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
NEVER_REPLAYED = ("BEGIN", "COMMIT", "ROLLBACK")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One statement with its values; `many` has a row of values for each time it ran."""

    sql: str
    values: Sequence[Any]
    many: bool


class Tape:
    """Listens to one aiosqlite connection from the moment it is made until `stop`."""

    METHODS = ("execute", "execute_fetchall", "execute_insert", "executemany")

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self.statements: list[Recorded] = []
        for name in self.METHODS:
            setattr(connection, name, self._heard(name))
        setattr(connection, "_execute", self._heard_together(connection._execute))  # noqa: B010 - a method

    def stop(self) -> Sequence[Recorded]:
        """Listen no more; return what was heard."""
        for name in (*self.METHODS, "_execute"):
            delattr(self._connection, name)
        return self.statements

    def _heard_together(self, carry_out: Any) -> Any:
        """Listen to the statements that go to the connection's thread together."""

        def heard(what: Any, *arguments: Any, **named: Any) -> Any:
            if what in (several, look_and_write):
                self._hear(arguments[1])
            if what is not look_and_write:
                return carry_out(what, *arguments, **named)
            connection, looks, follows = arguments

            def heard_too(found: Any) -> Any:
                return self._hear(follows(found))

            return carry_out(what, connection, looks, heard_too, **named)

        return heard

    def _hear(self, statements: Any) -> Any:
        self.statements += [Recorded(sql, _literal(values), many=False) for sql, values in statements]
        return statements

    def _heard(self, name: str) -> Any:
        carry_out = getattr(self._connection, name)

        def heard(sql: str, values: Sequence[Any] | None = None) -> Any:
            if not sql.startswith(NEVER_REPLAYED):
                self.statements.append(Recorded(sql, _literal(values or ()), name == "executemany"))
            return carry_out(sql, values)

        return heard


def _literal(value: Any) -> Any:
    """Return values as sqlite3 writes them: a moment is its text."""
    if isinstance(value, list | tuple):
        return [_literal(one) for one in value]
    return str(value) if isinstance(value, datetime) else value


def replayed(statement: Recorded, recorded_on: Known, other: Known, new_ids: dict[str, str]) -> Sequence[Any]:
    """Return the statement's values as they would be for the ticket *other*; *new_ids* are shared by one request."""
    ours = {
        recorded_on.ticket: other.ticket,
        recorded_on.part: other.part,
        recorded_on.ref: other.ref,
    }

    def swapped(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [swapped(one) for one in value]
        if not isinstance(value, str):
            return value
        text = value.replace(recorded_on.ref, other.ref)
        return ID.sub(lambda id_: ours.get(id_[0]) or new_ids.setdefault(id_[0], uuid.uuid4().hex), text)

    return [swapped(value) for value in statement.values]
