"""HubSpot's search conditions, as the sandbox applies them.

CONTAINS_TOKEN is looser than equality on purpose, as the vendor's is: it takes a value apart
at every mark, so two addresses made of the same words fit each other.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime


def fits(properties: Mapping[str, str], groups: Sequence[Sequence[Mapping[str, str]]]) -> bool:
    """Whether any group has all its conditions met."""
    return any(all(_met(properties.get(one["propertyName"], ""), one) for one in group) for group in groups)


def _met(value: str, condition: Mapping[str, str]) -> bool:
    wanted = condition.get("value", "")
    match condition["operator"]:
        case "HAS_PROPERTY":
            return bool(value)
        case "NOT_HAS_PROPERTY":
            return not value
        case "EQ":
            return value.lower() == wanted.lower()
        case "CONTAINS_TOKEN":
            return bool(value) and _tokens(wanted) <= _tokens(value)
        case "LT":
            return bool(value) and _number(value) < _number(wanted)
        case "GT":
            return bool(value) and _number(value) > _number(wanted)
        case operator:
            raise ValueError(f"the sandbox does not know {operator}")


def _tokens(value: str) -> set[str]:
    return set(re.findall(r"\w+", value.lower()))


def _number(value: str) -> float:
    """Return a number, or a moment as milliseconds since 1970, to compare by."""
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    return datetime.fromisoformat(value).timestamp() * 1000
