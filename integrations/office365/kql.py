"""The part of Microsoft's search language that the sandbox understands: participants, phrases, received ranges, AND."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

WORD: Final = r"\w+"
RECEIVED: Final = re.compile(r"received(>=|<=|>|<)(\S+)")
SIGNS: Final[dict[str, Callable[[datetime, datetime], bool]]] = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
}


def unquoted(search: str) -> str | None:
    """Return what stands within the quotation marks of `$search`; None when it is not quoted."""
    if len(search) < 2 or not search.startswith('"') or not search.endswith('"'):
        return None
    return search[1:-1].replace('\\"', '"')


def fits(query: str, participants: Sequence[str], text: str, received: datetime) -> bool:
    """Whether a mail with these participants and this text meets every condition. Raises `ValueError`."""
    ranges, words = _conditions(query)
    return all(SIGNS[sign](received, moment) for sign, moment in ranges) and all(
        _meets(one, participants, text) for one in words
    )


@lru_cache(maxsize=1_000)
def _conditions(query: str) -> tuple[Sequence[tuple[str, datetime]], Sequence[str]]:
    """Return a query's ranges, which are quick to tell, and its other conditions. Raises `ValueError`."""
    conditions = [one.strip() for one in query.split(" AND ")]
    ranged = [found for one in conditions if (found := RECEIVED.fullmatch(one))]
    moments = [(one[1], datetime.fromisoformat(one[2])) for one in ranged]
    ranges = [(sign, at if at.tzinfo else at.replace(tzinfo=UTC)) for sign, at in moments]
    return ranges, [one for one in conditions if not RECEIVED.fullmatch(one)]


def _meets(condition: str, participants: Sequence[str], text: str) -> bool:
    name, _, value = condition.partition(":")
    if name == "participants" and value:
        return any(tokens(value) <= tokens(one) for one in participants)
    if condition.startswith('"') and condition.endswith('"') and len(condition) > 2:
        return _plain(condition) in _plain(text)
    raise ValueError(f"the sandbox does not know {name}")


@lru_cache(maxsize=100_000)
def tokens(text: str) -> frozenset[str]:
    """Return the words of *text*, taken apart at every mark, as a loose index does."""
    return frozenset(re.findall(WORD, text.lower()))


@lru_cache(maxsize=100_000)
def _plain(text: str) -> str:
    return f" {' '.join(re.findall(WORD, text.lower()))} "
