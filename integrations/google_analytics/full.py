"""Google Analytics with somebody who visited from browser after browser."""

from datetime import date
from typing import Final

from bot.domain.system import Identifier, IdentifierKind
from integrations.google_analytics.sandbox import CAREERS, SITE, GoogleAnalyticsSandbox, Visitor
from integrations.sandbox import Full

#: Ten thousand make no sense: each is an order of its own, and Google takes 500 of them a day (vendors.md §4).
BROWSERS: Final = 100


def full(today: date) -> Full:
    """Return two properties that somebody visited from a hundred browsers."""
    ids = [f"{2_000_000_000 + number}.1751000000" for number in range(BROWSERS)]
    visits = [Visitor(place, "clientId", one) for one in ids for place in (SITE, CAREERS)]
    person = tuple(Identifier(IdentifierKind.GA_CLIENT_ID, one) for one in ids)
    sandbox = GoogleAnalyticsSandbox(visits, today=today)
    return Full(sandbox, person, BROWSERS, settings={"calls_per_minute": 0})
