"""A figure: what was asked for, what was measured, and whether it is met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `met` None: measured for information, nothing was asked for."""

    name: str
    asked: str
    measured: str
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """The line's last word."""
        return "for information" if self.met is None else "met" if self.met else "MISSED"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: the whole for `make bench`, a glance for the tests."""

    starts: int = 5
    libraries: str = "requirements.txt"
    idle_seconds: float = 15.0
    rounds: int = 8
    alone: int = 25  # requests of a round, one after the other
    together: int = 96  # requests of a round, `AT_ONCE` at a time
    searches: int = 5
    vendor_seconds: float = 0.2
    at_once: int = 50  # requests
    records: int = 10_000  # of one person in one system
    tickets: int = 2_000
    mails: int = 10_000
    burst: int = 1_000
    presses: int = 60  # while nothing else happens; at most as many again meanwhile
    notes: int = 10_000
    answered: int = 100_000  # tickets behind the open ones
    activities: int = 50_000
    clicks: int = 20


GLANCE = Size(
    starts=1,
    libraries="",
    idle_seconds=0.2,
    rounds=1,
    alone=2,
    together=4,
    searches=1,
    vendor_seconds=0.02,
    at_once=3,
    records=120,
    tickets=6,
    mails=80,
    burst=10,
    presses=2,
    notes=300,
    answered=40,
    activities=60,
    clicks=2,
)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that *percent* of the values do not exceed."""
    if len(values) < 2:
        return values[0]
    return median(values) if percent == 50 else quantiles(values, n=100, method="inclusive")[percent - 1]


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as aligned lines."""
    lines = [("figure", "asked", "measured", "verdict"), *((f.name, f.asked, f.measured, f.verdict) for f in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line[:3], widths, strict=True)), line[3]])
        for line in lines
    )
