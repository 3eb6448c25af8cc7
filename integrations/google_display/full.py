"""Google Display with somebody on list after list."""

from datetime import date
from typing import Final

from bot.domain.system import Identifier, IdentifierKind
from integrations.google_display.sandbox import demo
from integrations.sandbox import Full

LISTS: Final = 100
#: Ten thousand make no sense: what stands on a list is an address, and a person has a few.
ADDRESSES: Final = 10


def full(today: date) -> Full:
    """Return an account with a hundred lists, ten to an order, and somebody on each by ten addresses."""
    sandbox = demo(today)
    sandbox.lists = {str(8_800_000_000 + number): set() for number in range(LISTS)}
    person = tuple(Identifier(IdentifierKind.EMAIL, f"moa.ek.{number}@example.com") for number in range(ADDRESSES))
    for one in person:
        sandbox.add(one.value)
    return Full(sandbox, person, ADDRESSES, settings={"calls_per_minute": 0})
