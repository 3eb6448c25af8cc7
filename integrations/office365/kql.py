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
    return all(_meets(one.strip(), participants, text, received) for one in query.split(" AND "))


def _meets(condition: str, participants: Sequence[str], text: str, received: datetime) -> bool:
    if ranged := RECEIVED.fullmatch(condition):
        moment = datetime.fromisoformat(ranged[2])
        return SIGNS[ranged[1]](received, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
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
