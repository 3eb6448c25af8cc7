"""Private answers: what only the asker sees, sent after Teams has its answer (D33).

In a group or channel that is a message for one reader; where Teams does not take one, it
goes to the reader's own conversation with the bot, and a line that says so stands where
they asked. A private answer is never the only record of a decision: where Teams asks for
a moment it is asked once more, and what is lost then is logged.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from bot.card import Card
from bot.domain.errors import SystemTrouble, TryLater
from bot.domain.request import Language
from handlers.teams.connector import Spot
from handlers.teams.front import Json
from handlers.teams.messenger import TeamsMessenger, card_message, note_message
from handlers.teams.render import Words
from handlers.teams.values import Heard
from handlers.under_way import UnderWay

log = logging.getLogger(__name__)

#: A pause that somebody who waits for an answer does not mind, and the one taken where Teams names none.
SOON: Final = timedelta(seconds=5)
A_MOMENT: Final = timedelta(seconds=1)


class Notes:
    """Sends private answers, each a task of its own; `close` waits for those under way."""

    def __init__(self, messenger: TeamsMessenger) -> None:
        self._messenger = messenger
        self._under_way = UnderWay()

    def show(self, heard: Heard, shown: Card | str, words: Words, elsewhere: str) -> None:
        """Show something to who asked; *elsewhere* is said in the open when it went to their own conversation."""
        if heard.place.private:
            message = card_message(shown, words) if isinstance(shown, Card) else note_message(shown)
            self._under_way.start(self._send(spot_of(heard), message))
        else:
            self._under_way.start(self._whisper(heard, shown, words.language, elsewhere))

    def hand(self, heard: Heard, card: Card) -> None:
        """Give a card to who asked in their own conversation with the bot: where they asked, it may be nobody."""
        self._under_way.start(self._hand(heard.user, card))

    async def close(self) -> None:
        """Wait a moment for what is under way, then give the rest up."""
        await self._under_way.close()

    async def _hand(self, user: str, card: Card) -> None:
        await _taken(partial(self._messenger.post, user, card))

    async def _whisper(self, heard: Heard, shown: Card | str, language: Language, elsewhere: str) -> None:
        if await _taken(partial(self._messenger.whisper, spot_of(heard), heard.sender, shown, language)):
            return
        if heard.user and await _taken(partial(self._messenger.post, heard.user, shown)):
            await self._send(spot_of(heard), {"text": elsewhere, "textFormat": "plain"})

    async def _send(self, spot: Spot, activity: Json) -> None:
        await _taken(partial(self._messenger.connector.send, spot, activity))


def spot_of(heard: Heard) -> Spot:
    """Return where an activity came from, thread and all."""
    return Spot(heard.place.service_url, heard.place.conversation)


async def _taken(ask: Callable[[], Awaitable[str]]) -> bool:
    """Whether Teams took it: asked once more where it wants a moment, for nothing happened there."""
    for patient in (True, False):
        try:
            await ask()
        except SystemTrouble as trouble:
            after = (trouble.after or A_MOMENT) if isinstance(trouble, TryLater) and patient else None
            if after is None or after > SOON:
                log.warning("private answer lost: %s %s", trouble.key, trouble.facts.get("code", ""))
                return False
            await asyncio.sleep(after.total_seconds())
        else:
            return True
    return False
