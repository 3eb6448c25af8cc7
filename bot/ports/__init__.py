"""What the desk needs from the outside, as small protocols.

Each exists because it has two implementations at least: the real one and the small
working fake in `tests/fakes.py`, and one contract test runs over all of them.

Here they are under one roof; they live in `tickets`, `work` and `world`.
"""

from bot.ports.tickets import (
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
    Attachment,
    Bookmark,
    BringsMail,
    ChatMail,
    Clock,
    Idle,
    KeepsContacts,
    Mailbox,
    Messenger,
    OutgoingMail,
    Subscription,
    System,
    TellsOfMail,
    Tokens,
)

__all__ = [
    "Arrival",
    "Attachment",
    "Bookmark",
    "BringsMail",
    "Call",
    "ChatMail",
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
    "OutgoingMail",
    "Post",
    "Posts",
    "RetentionReview",
    "ReviewState",
    "Reviews",
    "Shelf",
    "Signed",
    "Subscription",
    "System",
    "TellsOfMail",
    "TicketQuery",
    "Tickets",
    "Tokens",
    "Unit",
    "Vault",
    "Work",
]
