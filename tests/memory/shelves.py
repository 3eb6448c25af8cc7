"""What the store in memory holds."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.ledger import Entry
from bot.domain.ticket import Ticket
from bot.ports import (
    ChatIdentity,
    IncomingItem,
    Job,
    Link,
    Opening,
    Pause,
    Place,
    Post,
    RetentionReview,
    SetShift,
    Shelf,
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the queue in memory keeps it."""

    id: int
    job: Job
    run_after: datetime
    state: str = "waiting"
    attempts: int = 0
    failures: int = 0
    token: str = ""
    lease_until: datetime | None = None


@dataclass(slots=True)
class Shelves:
    """Everything the store holds."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    references: dict[int, int] = field(default_factory=dict)
    items: dict[str, IncomingItem] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    reviews: dict[str, RetentionReview] = field(default_factory=dict)
    ledger: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    jobs: dict[int, JobRow] = field(default_factory=dict)
    ticks: dict[tuple[str, datetime], bool] = field(default_factory=dict)
    vault: dict[tuple[str, Shelf], dict[str, bytes] | None] = field(default_factory=dict)
    bursts: dict[str, Opening] = field(default_factory=dict)
    places: dict[tuple[str, str, str], Place] = field(default_factory=dict)
    identities: dict[tuple[str, str], ChatIdentity] = field(default_factory=dict)
    shifts: dict[int, SetShift] = field(default_factory=dict)
    pauses: dict[str, Pause] = field(default_factory=dict)
    index: dict[tuple[str, str], bool] = field(default_factory=dict)

    def sealed(self, owner: str, shelf: Shelf) -> bool:
        """Whether the owner still has a key on the shelf."""
        return self.vault.get((owner, shelf)) is not None

    def copy(self) -> "Shelves":
        """Return a copy one may write to; the values themselves are frozen."""
        copied = {f.name: dict(getattr(self, f.name)) for f in dataclasses.fields(self)}
        copied["vault"] = {key: dict(names) if names else names for key, names in self.vault.items()}
        return Shelves(**copied)
