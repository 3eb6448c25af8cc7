"""Why a mail or a message that lies in a chat could not be fetched from there, or not all of it.

Each becomes a mark on a ticket, so that the card can say in one sentence what a person
must do: nothing that came in is lost because a program could not reach it.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

_MARK: Final = "unfetched_"


class Unfetched(StrEnum):
    """Why. The first five: nothing of it is here; the others: what could be had is."""

    GONE = "gone"  # taken away before it was read
    NO_ACCESS = "no_access"  # our key may not read files there
    NO_MAIL = "no_mail"  # it is no mail after all
    SHARED = "shared"  # the channel is shared with another company: nobody's data belongs there
    LOST = "lost"  # asked again and again, without an answer
    TOO_BIG = "too_big"
    CUT = "cut"
    PART = "part"  # of a message somebody chose: a file on it, or what was forwarded in it without its words


PARTLY_HERE: Final = frozenset({Unfetched.TOO_BIG, Unfetched.CUT, Unfetched.PART})


def mark_of(why: Unfetched) -> str:
    """Return the mark on a ticket."""
    return _MARK + why


def unfetched(marks: Collection[str]) -> Unfetched | None:
    """Return why the ticket's mail is not (all) here; None when it is."""
    return next((why for why in Unfetched if mark_of(why) in marks), None)
