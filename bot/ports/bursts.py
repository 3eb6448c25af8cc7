"""The store of proposals that were opened lately, and of those that stand on a burst's card (D36)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Opening:
    """That a proposal was opened. `burst` names the burst it came in, "" when few came at that time.

    `held`: it stands on the burst's card and has no card of its own in the channel yet.
    """

    ticket_id: str
    opened_at: datetime
    burst: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How many proposals were opened since a moment, and the burst the newest of them in one came in."""

    opened: int
    burst: str = ""


class Bursts(Protocol):
    """Openings, one for each proposal; they are forgotten when nothing hangs on them any more."""

    async def put(self, opening: Opening) -> None:
        """Add or replace by ticket."""

    async def load(self, ticket_id: str) -> Opening | None:
        """Return a ticket's opening; None when nothing is known of it."""

    async def pace(self, since: datetime) -> Pace:
        """Return how many were opened at *since* or later."""

    async def of(self, burst: str) -> tuple[Opening, ...]:
        """Return the openings of a burst, oldest first."""

    async def forget(self, alone_before: datetime, burst_before: datetime) -> None:
        """Drop the openings of no burst before one moment, and those of a burst that are not held before another."""
