"""What a colleague needs for a step at Eventbrite: each booking's page, and a mail to Eventbrite.

Ids only: the mail names our organisation, events and orders and nobody, so that it can be
copied, and the vendor finds the rest itself. The pages' addresses are Eventbrite's own for
organisers; they are not part of its API, so each checklist also says where to click.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.system import Operation, Prepared

#: Below the pages' address: an event's page for what was bought, and for who comes.
ORDERS_PAGE: Final = "{}/manage/events/{}/orders"
ATTENDEES_PAGE: Final = "{}/manage/events/{}/attendees"

#: Whether it is an order, its event, its own number.
Named = tuple[bool, str, str]


@dataclass(frozen=True, slots=True)
class Guide:
    """Knows our organisation's number and where Eventbrite's pages are."""

    organization: str
    pages_url: str

    def through(self, operation: Operation, bookings: Sequence[Named]) -> Sequence[Prepared]:
        """Return where each booking stands and, for an erasure, what to write to privacy@eventbrite.com."""
        pages = tuple(self._pages(bookings))
        if operation is not Operation.ERASE or not bookings:
            return pages
        facts = {
            "organization": self.organization,
            "events": ", ".join(sorted({event for _, event, _ in bookings if event})),
            "orders": ", ".join(number for is_order, _, number in bookings if is_order) or "–",
            "attendees": ", ".join(number for is_order, _, number in bookings if not is_order) or "–",
        }
        return (*pages, Prepared("ask_vendor", facts))

    def _pages(self, bookings: Sequence[Named]) -> Iterator[Prepared]:
        for is_order, event, number in bookings:
            if event.isdecimal():
                page = (ORDERS_PAGE if is_order else ATTENDEES_PAGE).format(self.pages_url, event)
                yield Prepared("order" if is_order else "attendee", {"event": event, "number": number}, page)
