"""What the desk needs from the outside, as small protocols.

Each exists because it has two implementations at least: the real one and the small
working fake in `tests/fakes.py`, and one contract test runs over all of them.

Here they are under one roof; they live in `tickets`, `bursts`, `work` and `world`.
"""

from bot.ports.bursts import Bursts, Opening, Pace
from bot.ports.tickets import (
    EVERY,
    IncomingItem,
    Items,
    ItemState,
    Link,
    LinkPurpose,
    Links,
    Post,
    Posts,
    RetentionReview,
    Reviews,
    ReviewState,
    TicketQuery,
    Tickets,
)
from bot.ports.work import Call, Handler, Index, Job, JobKind, Jobs, Ledger, Shelf, Signed, Unit, Vault, Work
from bot.ports.world import (
    Arrival,
    Clock,
    Idle,
    KeepsContacts,
    Mailbox,
    Messenger,
    OutgoingMail,
    System,
    Tokens,
)

__all__ = [
    "EVERY",
    "Arrival",
    "Bursts",
    "Call",
    "Clock",
    "Handler",
    "Idle",
    "IncomingItem",
    "Index",
    "ItemState",
    "Items",
    "Job",
    "JobKind",
    "Jobs",
    "KeepsContacts",
    "Ledger",
    "Link",
    "LinkPurpose",
    "Links",
    "Mailbox",
    "Messenger",
    "Opening",
    "OutgoingMail",
    "Pace",
    "Post",
    "Posts",
    "RetentionReview",
    "ReviewState",
    "Reviews",
    "Shelf",
    "Signed",
    "System",
    "TicketQuery",
    "Tickets",
    "Tokens",
    "Unit",
    "Vault",
    "Work",
]
