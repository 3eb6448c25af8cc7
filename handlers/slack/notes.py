"""Private answers: what only the presser sees, sent after the ack (D33).

Bolt's own lazy functions are not used for this: they start at every press whether there
is something to say or not, read the request a second time, and their tasks belong to
nobody, so they may vanish in the middle and cannot be waited for at shutdown. A private
answer is never the only record of a decision; a lost one is logged and not repeated.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.web.async_client import AsyncWebClient

from bot.card import Card
from bot.domain.errors import SystemTrouble
from handlers.slack.elements import Words
from handlers.slack.render import Json, Message, card_view, message, note, note_view
from handlers.slack.trouble import PATIENCE, asked
from handlers.slack.values import Place

log = logging.getLogger(__name__)

#: Seconds the answers under way get when the desk stops.
LAST_CALL: Final = 3.0


class Notes:
    """Sends private answers, each a task of its own; `close` waits for those under way."""

    def __init__(self, client: AsyncWebClient, session: ClientSession) -> None:
        self._client = client
        self._session = session
        self._under_way: set[asyncio.Task[None]] = set()

    def show(self, place: Place, card: Card, words: Words) -> None:
        """Show a card to who pressed; what only they saw is replaced by it."""
        if place.view_id:
            self._start(self._update(place.view_id, card_view(card, words)))
        else:
            self._start(self._respond(place, message(card, words), replace=place.own))

    def say(self, place: Place, sentence: str, words: Words) -> None:
        """Say a sentence to who pressed."""
        if place.view_id:
            self._start(self._update(place.view_id, note_view(sentence, words)))
        else:
            self._start(self._respond(place, note(sentence), replace=False))

    def open(self, trigger: str, view: Json) -> None:
        """Open a form beside an answer, if Slack still lets us; its button stands in the answer too."""
        self._start(self._open(trigger, view))

    async def close(self) -> None:
        """Wait a moment for what is under way, then give the rest up."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=LAST_CALL)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _start(self, answer: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(answer)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _update(self, view_id: str, view: Json) -> None:
        try:
            await asked("views.update", self._client.views_update(view_id=view_id, view=view))
        except SystemTrouble as trouble:
            log.warning("private answer lost: %s %s", trouble.key, trouble.facts.get("code", ""))

    async def _open(self, trigger: str, view: Json) -> None:
        try:
            await asked("views.open", self._client.views_open(trigger_id=trigger, view=view))
        except SystemTrouble as trouble:
            log.warning("form not opened: %s %s", trouble.key, trouble.facts.get("code", ""))

    async def _respond(self, place: Place, shown: Message, *, replace: bool) -> None:
        answer = {
            "response_type": "ephemeral",
            "replace_original": replace,
            "text": shown.text,
            "blocks": shown.blocks,
        }
        try:
            async with self._session.post(
                place.response_url, json=answer, timeout=ClientTimeout(total=PATIENCE)
            ) as reply:
                if reply.status != 200:
                    log.warning("private answer lost: status %d", reply.status)
        except (ClientError, TimeoutError, ValueError) as trouble:
            log.warning("private answer lost: %s", type(trouble).__name__)
