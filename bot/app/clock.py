"""The clock. Nobody else asks the machine what time it is; the demo's can be wound forward."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's time, in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)  # noqa: TID251  this is the one place


@dataclass(slots=True)
class WoundClock:
    """The machine's time, wound forward: for the demo, so that reminders and deadlines can be seen."""

    ahead: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """Return the present moment as the demo has it."""
        return SystemClock().now() + self.ahead

    def wind(self, days: int) -> None:
        """Move on by whole days; never back."""
        self.ahead += timedelta(days=max(days, 0))
