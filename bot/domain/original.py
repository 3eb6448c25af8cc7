"""The chat message a ticket was made from: somebody must remove it from the chat (D17).

The duty is a mark on the ticket that names the colleague. It belongs to no part, so a
ticket may be answered and closed while it lasts; it stays visible and is asked for until
somebody says that it is done. Only a person can do it: a chat lets nobody else take a
message away.
"""

from dataclasses import replace
from typing import Final

from bot.domain.errors import NotAllowedNow
from bot.domain.ticket import Ticket

_MARK: Final = "original_with:"


def original_with(ticket: Ticket) -> str:
    """Return the id of the colleague who is to remove the original message; "" when none is left to remove."""
    return next((mark.removeprefix(_MARK) for mark in ticket.flags if mark.startswith(_MARK)), "")


def mark_of(colleague_id: str) -> frozenset[str]:
    """Return the mark of the duty; none for nobody."""
    return frozenset({_MARK + colleague_id}) if colleague_id else frozenset()


def removed(ticket: Ticket) -> Ticket:
    """Return the ticket without the duty, or refuse when there is none."""
    if not original_with(ticket):
        raise NotAllowedNow("refusal.already_decided")
    return replace(ticket, flags=ticket.flags - mark_of(original_with(ticket)))
