"""Searching a mailbox so that nothing is missed: Graph shows a thousand hits of a search and says nothing of the rest.

So a search that comes back (nearly) full is split in two at a moment among what was seen,
again and again, until every part shows less than that. The parts leave no gap between them and are
open at both ends, whatever order Graph shows hits in; what the whole had shown must be
among the parts, or a colleague searches by hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.errors import NeedsHuman
from integrations.http import Api
from integrations.office365.answers import MESSAGE_FIELDS, Message, Messages
from integrations.office365.paging import pages
from integrations.office365.places import FULL, KEY, MESSAGE, PAGE, in_mailbox

SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on (included) until another (not included); None is without end."""

    since: datetime | None = None
    until: datetime | None = None

    def narrow(self, words: str) -> str:
        """Return a search narrowed to the span."""
        edges = ((">=", self.since), ("<", self.until))
        return " AND ".join([words, *(f"received{sign}{at:%Y-%m-%dT%H:%M:%SZ}" for sign, at in edges if at)])

    def halves(self, seen: Iterable[Message]) -> tuple["Span", "Span"]:
        """Return the span in two, each narrower. Raises `NeedsHuman` when a second holds too much."""
        at = self._middle(sorted({_second(one.received) for one in seen if one.received is not None}))
        if at is None:
            raise NeedsHuman("trouble.partial", {"system": KEY})
        return Span(self.since, at), Span(at, self.until)

    def _middle(self, moments: list[datetime]) -> datetime | None:
        if not moments:
            return None
        middle = moments[len(moments) * 3 // 10]  # newest first, as Graph shows them, the later part is then not full
        for at in (middle, middle + SECOND):
            if (self.since is None or at > self.since) and (self.until is None or at < self.until):
                return at
        return None


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def phrase(words: str) -> str:
    """Return the search for *words* standing together, in head, text or attachments."""
    return f'\\"{words}\\"'


class MailSearch:
    """Searches one mailbox."""

    def __init__(self, api: Api, mailbox: str) -> None:
        self._api = api
        self._mailbox = mailbox

    async def hits(self, words: str) -> dict[str, Message]:
        """Return every mail that *words* (KQL) find, by id."""
        first = await self._shown(words)
        if len(first) < FULL:
            return first
        found: dict[str, Message] = {}
        left = [*Span().halves(first.values())]
        while left:
            span = left.pop()
            shown = await self._shown(span.narrow(words))
            if len(shown) < FULL:
                found |= shown
            else:
                left += span.halves(shown.values())
        if first.keys() - found.keys():
            raise NeedsHuman("trouble.partial", {"system": KEY})
        return found

    async def _shown(self, words: str) -> dict[str, Message]:
        query = {"$search": f'"{words}"', "$select": MESSAGE_FIELDS, "$top": PAGE}
        reading = pages(self._api, in_mailbox(self._mailbox, MESSAGE), Messages, query)
        return {one.id: one async for page in reading for one in page.value}
