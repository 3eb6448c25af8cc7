"""Who of ours is given a view of their own where a card stands for many, by the ids Teams gives them there.

Named, they ask for it and nobody else does, however many read. Unnamed everybody does where at most 60 read, and
nobody where more do (learn.microsoft.com, "Work with Universal Actions for Adaptive Cards", refresh). Only the ids of
a conversation's roster count, so its members are asked for: by jobs only, each once.
"""

from time import monotonic
from typing import Final

from bot.domain.errors import SystemTrouble
from bot.domain.people import People
from handlers.teams.connector import Connector, Json, Spot
from handlers.teams.limits import REFRESHED_FOR
from handlers.teams.references import CHAT
from handlers.teams.trouble import ConversationGone

#: Seconds after which who is not in a conversation is looked for again, and one is asked that gave no answer.
AGAIN: Final = 3_600.0
SILENT: Final = 600.0


class Readers:
    """The colleagues in the conversations where cards stand."""

    def __init__(self, connector: Connector, people: People) -> None:
        self._connector = connector
        self._people = people
        self._ids: dict[tuple[str, str], str] = {}
        self._missed: dict[tuple[str, str], float] = {}
        self._silent: dict[str, float] = {}

    async def of(self, spot: Spot) -> tuple[str, ...]:
        """Return the ids of our colleagues in a conversation; none where Teams does not tell them."""
        handles = [one.handles[CHAT] for one in self._people.colleagues if one.handles.get(CHAT)]
        if monotonic() - self._silent.get(spot.conversation, -SILENT) < SILENT:
            return ()
        try:
            ids = [await self._id(spot, handle) for handle in handles]
        except SystemTrouble:  # the card matters more; and of some alone the others would have no view of their own
            self._silent[spot.conversation] = monotonic()
            return ()
        return tuple(one for one in ids if one)[:REFRESHED_FOR]

    async def _id(self, spot: Spot, handle: str) -> str:
        key = (spot.conversation, handle)
        if key not in self._ids and monotonic() - self._missed.get(key, -AGAIN) >= AGAIN:
            try:
                self._ids[key] = member_id(await self._connector.member(spot, handle))
            except ConversationGone:  # not in it
                self._missed[key] = monotonic()
        return self._ids.get(key, "")


def member_id(member: Json) -> str:
    """Return the id Teams gives a member; "" where it gives none."""
    told = member.get("id")
    return told if isinstance(told, str) else ""
