"""What a typed command asks, as values: the words and their spelling are the grammar's."""

from dataclasses import dataclass
from datetime import date
from typing import Final

#: `due` without a number looks this many days ahead, at most a year.
DAYS_AHEAD: Final = 7
MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Help:
    """All commands, one example each."""


@dataclass(frozen=True, slots=True)
class Home:
    """The asker's own start page."""


@dataclass(frozen=True, slots=True)
class New:
    """The form for a request that came by phone, visit or another road (F03)."""


@dataclass(frozen=True, slots=True)
class Show:
    """One ticket's card, private."""

    ref: str


@dataclass(frozen=True, slots=True)
class Find:
    """Which tickets are about an address; empty when none was recognised (name and phone go by the form, D16)."""

    address: str = ""


@dataclass(frozen=True, slots=True)
class Mine:
    """The asker's tickets."""


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """Every open ticket."""


@dataclass(frozen=True, slots=True)
class Due:
    """Open tickets whose safe target lies within *days* days."""

    days: int = DAYS_AHEAD


@dataclass(frozen=True, slots=True)
class Systems:
    """The systems and how they do."""


@dataclass(frozen=True, slots=True)
class Retention:
    """The retention reviews."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call now and next."""


@dataclass(frozen=True, slots=True)
class SetOnCall:
    """Put *who* (a colleague's name, as typed) on call, first and last day included; None means not said."""

    who: str
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """Volumes and times."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The ticket's timeline, fit to hand to IMY (D26)."""

    ref: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on what the ticket concerns."""

    ref: str


@dataclass(frozen=True, slots=True)
class Extend:
    """The extension of Art. 12(3)."""

    ref: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The person took the request back."""

    ref: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer went to the wrong person (R64)."""

    ref: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop all work, or one system's."""

    system: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with all work, or one system's."""

    system: str = ""


@dataclass(frozen=True, slots=True)
class Lacks:
    """What must follow was not recognised, a reference or a number of days; `word` is the command as we spell it."""

    word: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No command; `nearest` is the most alike of ours, as we spell it, or empty."""

    nearest: str = ""


#: What is about one ticket.
OF_ONE: Final = (Show, Evidence, Hold, Extend, Withdraw, Wrong)

Command = (
    Help
    | Home
    | New
    | Show
    | Find
    | Mine
    | OpenTickets
    | Due
    | Systems
    | Retention
    | OnCall
    | SetOnCall
    | Stats
    | Evidence
    | Hold
    | Extend
    | Withdraw
    | Wrong
    | Stop
    | Resume
    | Lacks
    | Unknown
)
