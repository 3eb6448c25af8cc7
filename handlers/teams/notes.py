"""Private answers: what only the asker sees, sent after Teams has its answer (D33).

In a group or channel that is a message for one reader; where Teams does not take one, it
goes to the reader's own conversation with the bot, and a line that says so stands where
they asked. A private answer is never the only record of a decision; a lost one is logged
and not repeated.
"""

import logging

from bot.card import Card
from bot.domain.errors import SystemTrouble
from bot.domain.request import Language
from handlers.teams.connector import Spot
from handlers.teams.front import Json
from handlers.teams.messenger import TeamsMessenger, card_message, note_message
from handlers.teams.render import Words
from handlers.teams.values import Heard
from handlers.under_way import UnderWay

log = logging.getLogger(__name__)


class Notes:
    """Sends private answers, each a task of its own; `close` waits for those under way."""

    def __init__(self, messenger: TeamsMessenger) -> None:
        self._messenger = messenger
        self._under_way = UnderWay()

    def show(self, heard: Heard, card: Card, words: Words, elsewhere: str) -> None:
        """Show a card to who asked; *elsewhere* is said in the open when it went to their own conversation."""
        if heard.place.private:
            self._under_way.start(self._send(spot_of(heard), card_message(card, words)))
        else:
            self._under_way.start(self._whisper_card(heard, card, words.language, elsewhere))

    def hand(self, heard: Heard, card: Card) -> None:
        """Give a card to who asked in their own conversation with the bot: where they asked, it may be nobody."""
        self._under_way.start(self._hand(heard.user, card))

    def say(self, heard: Heard, sentence: str, language: Language) -> None:
        """Say a sentence to who asked; where Teams shows nothing to one reader alone, nobody hears it."""
        if heard.place.private:
            self._under_way.start(self._send(spot_of(heard), note_message(sentence)))
        else:
            self._under_way.start(self._whisper(heard, sentence, language))

    async def close(self) -> None:
        """Wait a moment for what is under way, then give the rest up."""
        await self._under_way.close()

    async def _hand(self, user: str, card: Card) -> None:
        await self._post(user, card)

    async def _whisper_card(self, heard: Heard, card: Card, language: Language, elsewhere: str) -> None:
        try:
            await self._messenger.whisper(spot_of(heard), heard.sender, card, language)
        except SystemTrouble as trouble:
            _lost(trouble)
            if await self._post(heard.user, card):
                await self._send(spot_of(heard), {"text": elsewhere, "textFormat": "plain"})

    async def _whisper(self, heard: Heard, sentence: str, language: Language) -> None:
        try:
            await self._messenger.whisper(spot_of(heard), heard.sender, sentence, language)
        except SystemTrouble as trouble:
            _lost(trouble)

    async def _post(self, user: str, card: Card) -> bool:
        try:
            await self._messenger.post(user, card)
        except SystemTrouble as trouble:
            _lost(trouble)
            return False
        return True

    async def _send(self, spot: Spot, activity: Json) -> None:
        try:
            await self._messenger.connector.send(spot, activity)
        except SystemTrouble as trouble:
            _lost(trouble)


def spot_of(heard: Heard) -> Spot:
    """Return where an activity came from, thread and all."""
    return Spot(heard.place.service_url, heard.place.conversation)


def _lost(trouble: SystemTrouble) -> None:
    log.warning("private answer lost: %s %s", trouble.key, trouble.facts.get("code", ""))
