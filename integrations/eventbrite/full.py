"""Eventbrite with ten thousand guests: nobody comes as often, but all are gone through to find one of them."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from bot.domain.system import Identifier, IdentifierKind
from integrations.eventbrite.sandbox import EventbriteSandbox
from integrations.eventbrite.seed import SEMINAR, WEBINAR, Booking, Guest, own
from integrations.sandbox import Full

GUESTS: Final = 10_000
#: One in so many is a place that somebody else booked for Moa.
HERS: Final = 50
MOA: Final = Guest("Moa Ek", "moa.ek@example.com")


def full(today: date) -> Full:
    """Return an organisation whose guests fill two hundred pages, with a place of the same guest's on each."""
    del today
    sandbox = EventbriteSandbox(list(_bookings()))
    sandbox.quota.most = 0
    person = (Identifier(IdentifierKind.EMAIL, MOA.email),)
    return Full(sandbox, person, GUESTS // HERS, settings={"calls_per_hour": 0})


def _bookings() -> Iterator[Booking]:
    for number in range(GUESTS):
        if number % HERS:
            yield own(SEMINAR, f"Gäst {number}", f"gast.{number:05}@example.org")
        else:
            yield Booking(WEBINAR, "Kontoret, Exempel Handel", "kontoret@example.com", (MOA,))
