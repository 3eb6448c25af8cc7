"""What lies unread in the inbox: the delta is the truth, and it is not believed to be perfect.

Whatever has been filed away has left the inbox. So beginning the delta anew costs next to
nothing and shows exactly what was missed: it is begun anew when Graph has lost our place,
once a day in any case, and again after a fresh round that brought something, because
a filtered round shows 5,000 mails at most and rounds have been seen to end early.

The bookmark moves on only when every mail of a page is filed away or gone, so a crash in
between reads the page again; the item's own key makes that harmless. It asks for every
kind of change, not only for new mails: what a colleague drags into the inbox counts too.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.errors import NeedsHuman
from bot.ports import Bookmark, Clock
from integrations.http import Api, NoLonger, Place
from integrations.mailbox.graph.places import LOST_PLACE, Message, Messages, Rooms, moment_of, next_page, since

log = logging.getLogger(__name__)

ANEW: Final = timedelta(days=1)
#: A round that brought nothing need not be remembered more often: losing it costs one look.
QUIET: Final = timedelta(minutes=10)
#: Mails filed lately, which a lagging delta may show again.
REMEMBERED: Final = 5_000


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where reading goes on. A fresh round has not come to its end yet; `brought` says that it showed something."""

    begun: datetime
    link: str = ""
    fresh: bool = True
    brought: bool = False


class _Page:
    """A page of the delta, with what of it is not filed away yet."""

    def __init__(self, left: Mapping[str, Message], found: Messages) -> None:
        self.left = dict(left)
        self.over = not found.following
        self.following = found.following or found.delta


class Inbox:
    """Reads the inbox page by page. Not for two at a time: the mailbox takes turns."""

    def __init__(self, api: Api, rooms: Rooms, start: date, bookmark: Bookmark, clock: Clock) -> None:
        self._api = api
        self._rooms = rooms
        self._start = start
        self._bookmark = bookmark
        self._clock = clock
        self._mark: _Mark | None = None
        self._page: _Page | None = None
        self._filed: dict[str, None] = {}
        self._written = ""
        self._written_at: datetime | None = None

    async def unfiled(self) -> Sequence[Message]:
        """Return what is left of the next page that holds anything, oldest first; empty when nothing lies unread."""
        while True:
            if self._page is None:
                self._page = await self._turn()
            if self._page.left:
                return sorted(self._page.left.values(), key=_age)
            if await self._leave(self._page):
                return ()

    def filed(self, key: str) -> None:
        """Note that the mail has left the inbox, or is gone."""
        self._filed[key] = None
        while len(self._filed) > REMEMBERED:
            del self._filed[next(iter(self._filed))]
        if self._page is not None:
            self._page.left.pop(key, None)

    async def _turn(self) -> _Page:
        """Read the page at the mark; begin anew where Graph does not know the place any longer."""
        mark = self._mark or await self._recalled()
        if not mark.fresh and mark.begun + ANEW <= self._clock.now():
            mark = self._anew()
        try:
            found = await self._read(mark)
        except NeedsHuman as lost:
            known = isinstance(lost, NoLonger) or lost.facts.get("code") in LOST_PLACE
            if not (known and mark.link):
                raise  # no such mailbox, say
            log.warning("mailbox read anew")
            mark = self._anew()
            found = await self._read(mark)
        if not (found.following or found.delta):
            raise NeedsHuman("trouble.page", {"system": "Microsoft 365"})
        left = {one.id: one for one in found.value if self._is_unread(one)}
        self._mark = replace(mark, brought=mark.brought or bool(left))
        return _Page(left, found)

    async def _read(self, mark: _Mark) -> Messages:
        place: Place = next_page(mark.link) if mark.link else self._rooms.inbox_changes
        first = {"$select": "id,receivedDateTime", "$filter": since(moment_of(self._start))}
        return await self._api.get(place, Messages, {} if mark.link else first)

    def _is_unread(self, mail: Message) -> bool:
        """Whether the mail is ours to read: there, not filed, and not from before the start (D4)."""
        old = mail.received is not None and mail.received < moment_of(self._start)
        return bool(mail.id) and mail.removed is None and mail.id not in self._filed and not old

    async def _leave(self, page: _Page) -> bool:
        """Go on to what follows; return whether the round is over and nothing more is to be looked for."""
        mark = self._mark or self._anew()
        self._page = None
        if page.over and mark.fresh and mark.brought:
            self._mark = self._anew()
            return False
        quiet = page.over and not mark.brought and not mark.fresh
        self._mark = _Mark(mark.begun, page.following, mark.fresh and not page.over, mark.brought and not page.over)
        await self._keep(self._mark, quiet=quiet)
        return page.over

    def _anew(self) -> _Mark:
        return _Mark(self._clock.now())

    async def _recalled(self) -> _Mark:
        """Return the mark as it was kept; a fresh one for another mailbox, another start, or none."""
        self._written = await self._bookmark.read()
        try:
            kept = json.loads(self._written or "{}")
            mark = _Mark(datetime.fromisoformat(kept["begun"]), kept["link"], kept["fresh"], kept["brought"])
        except (ValueError, KeyError, TypeError):
            return self._anew()
        return mark if kept.get("of") == self._name and mark.begun.tzinfo else self._anew()

    async def _keep(self, mark: _Mark, *, quiet: bool) -> None:
        now = self._clock.now()
        if quiet and self._written_at is not None and now - self._written_at < QUIET:
            return
        kept = {"of": self._name, "begun": mark.begun.isoformat(), "link": mark.link}
        written = json.dumps({**kept, "fresh": mark.fresh, "brought": mark.brought})
        if written != self._written:
            await self._bookmark.write(written)
        self._written, self._written_at = written, now

    @property
    def _name(self) -> str:
        return f"{self._rooms.subscribed} {self._start.isoformat()}"


def _age(mail: Message) -> tuple[float, str]:
    return mail.received.timestamp() if mail.received else 0.0, mail.id
