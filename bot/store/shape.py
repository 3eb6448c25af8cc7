"""Between a frozen value and its row: one column per field, both ways.

A field's own type says how it is read back, so a field added to the domain needs a
column and nothing else; a test compares every value with its table. Nested values
become JSON, and only those: what is asked for in a query has a column of its own.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

Value = TypeVar("Value")
NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Shape(Generic[Value]):
    """How values of one dataclass lie in their table.

    `nested` fields become JSON; `elsewhere` ones have tables of their own.
    """

    def __init__(self, kind: type[Value], *, nested: Collection[str] = (), elsewhere: Collection[str] = ()) -> None:
        self._whole: TypeAdapter[Value] = TypeAdapter(kind)
        self.names = tuple(f.name for f in fields(kind) if f.name not in elsewhere)  # type: ignore[arg-type]
        self.nested = frozenset(nested)

    def columns(self, value: Value) -> dict[str, Any]:
        """Return the row's columns: plain values, moments in UTC, JSON as lists and maps."""
        return self._columns(value, self.names)

    def changed(self, before: Value, after: Value) -> dict[str, Any]:
        """Return the columns in which *after* differs from *before*."""
        return self._columns(after, [name for name in self.names if getattr(before, name) != getattr(after, name)])

    def _columns(self, value: Value, names: Sequence[str]) -> dict[str, Any]:
        return {
            name: _jsonable(getattr(value, name)) if name in self.nested else plain(getattr(value, name))
            for name in names
        }

    def value(self, row: Mapping[str, Any], beside: Mapping[str, object] = NOTHING) -> Value:
        """Return the value of a row as either database gives it, with what lies *beside* it in other tables.

        Columns the value does not know are left aside.
        """
        opened = {
            name: json.loads(row[name]) if name in self.nested and isinstance(row[name], str) else row[name]
            for name in self.names
        }
        return self._whole.validate_python({**opened, **beside})


def plain(value: object) -> object:
    """Return a value as both databases take it. A moment must be aware; it is kept in UTC, where text sorts right."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)
    return value


def _jsonable(value: object) -> object:
    return to_jsonable_python(sorted(value) if isinstance(value, frozenset) else value)
