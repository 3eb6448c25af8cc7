"""HubSpot with somebody about whom colleagues have noted a great deal."""

from datetime import date
from typing import Final

from bot.domain.system import Identifier, IdentifierKind
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.hubspot.seed import Activity, Person, demo_people
from integrations.sandbox import Full

NOTES: Final = 10_000
MOA: Final = "moa.ek@example.com"


def full(today: date) -> Full:
    """Return an account in which somebody has ten thousand notes on their timeline, and the contact itself."""
    notes = tuple(Activity("notes", f"Anteckning {number}") for number in range(NOTES))
    sandbox = HubSpotSandbox([*demo_people(today), Person(MOA, "Moa", "Ek", activities=notes)], today=today)
    unlimited = {"calls_per_10_seconds": 0, "searches_per_second": 0}
    return Full(sandbox, (Identifier(IdentifierKind.EMAIL, MOA),), NOTES + 1, settings=unlimited)
