"""Private answers: what only the presser sees, sent after the ack (D33).

Bolt's own lazy functions are not used for this: they start at every press whether there
is something to say or not, read the request a second time, and their tasks belong to
nobody, so they may vanish in the middle and cannot be waited for at shutdown. A private
answer is never the only record of a decision; a lost one is logged and not repeated.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.card import Card
from bot.domain.errors import OutcomeUnknown, SystemTrouble, TryLater
from handlers.slack.elements import Words
from handlers.slack.render import Json, Message, card_view, message, note, note_view
from handlers.slack.trouble import PATIENCE, asked, retry_after
from handlers.slack.values import Place
from handlers.under_way import UnderWay

log = logging.getLogger(__name__)

#: A pause Slack asks for that somebody who waits for an answer does not mind.
SOON: Final = timedelta(seconds=5)
#: The status of an address that takes nothing.
GONE: Final = 404
#: What Slack says of a trigger that has opened something: the press came again, and its answer is before them.
ANSWERED: Final = "exchanged_trigger_id"


class Notes:
    """Sends private answers, each a task of its own; `close` waits for those under way."""

    def __init__(self, client: AsyncWebClient, session: ClientSession) -> None:
        self._client = client
        self._session = session
        self._under_way = UnderWay()
        self._pages: dict[str, Json] = {}  # by user, the newest page while one is on its way

    def show(self, place: Place, card: Card, words: Words) -> None:
        """Show a card to who pressed; what only they saw is replaced by it."""
        if place.bare:
            page = card_view(card, words, over_home=place.of_home)
            self._under_way.start(self._over(place, page, message(card, words)))
        elif place.view_id:
            self._under_way.start(self._update(place.view_id, card_view(card, words, over_home=place.of_home)))
        else:
            self._under_way.start(self._respond(place, message(card, words), replace=place.own))

    def say(self, place: Place, sentence: str, words: Words) -> None:
        """Say a sentence to who pressed."""
        if place.bare:
            self._under_way.start(self._over(place, note_view(sentence, words), note(sentence)))
        elif place.view_id:
            self._under_way.start(self._update(place.view_id, note_view(sentence, words)))
        else:
            self._under_way.start(self._respond(place, note(sentence), replace=False))

    def open(self, trigger: str, view: Json) -> None:
        """Open a form beside an answer, if Slack still lets us."""
        self._under_way.start(self._open(trigger, view))

    def publish(self, user: str, view: Json) -> None:
        """Put a page on somebody's App Home: one at a time, so that no older one takes the place of a newer."""
        under_way = user in self._pages
        self._pages[user] = view
        if not under_way:
            self._under_way.start(self._publish(user))

    def reply(self, channel: str, thread: str, shown: Message) -> None:
        """Answer in a direct message."""
        self._under_way.start(self._reply(channel, thread, shown))

    def whisper(self, place: Place, shown: Message) -> None:
        """Show something in a channel to one person alone."""
        self._under_way.start(self._whisper(place, shown))

    def meanwhile(self, work: Coroutine[None, None, None]) -> None:
        """Let something be done beside the answer; the desk waits a moment for it too when it stops."""
        self._under_way.start(work)

    async def close(self) -> None:
        """Wait a moment for what is under way, then give the rest up."""
        await self._under_way.close()

    async def _update(self, view_id: str, view: Json) -> None:
        await self._sent("views.update", lambda: self._client.views_update(view_id=view_id, view=view))

    async def _open(self, trigger: str, view: Json) -> bool:
        call = partial(self._client.views_open, trigger_id=trigger, view=view)
        return await self._sent("views.open", call, lost="form not opened")

    async def _over(self, place: Place, view: Json, instead: Message) -> None:
        """Open a page over whatever they look at; where that is refused, above all too late, say it directly."""
        if not await self._open(place.trigger, view):
            await self._directly(place.user, instead)

    async def _directly(self, user: str, shown: Message) -> None:
        """Show something in somebody's own direct message, where nothing is too late."""

        async def call() -> AsyncSlackResponse:
            opened = await self._client.conversations_open(users=user)
            return await self._client.chat_postMessage(
                channel=opened["channel"]["id"],
                text=shown.text,
                blocks=shown.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )

        await self._sent("chat.postMessage", call)

    async def _publish(self, user: str) -> None:
        sent: Json | None = None
        try:
            while (view := self._pages[user]) is not sent:
                sent = view
                await self._sent("views.publish", partial(self._client.views_publish, user_id=user, view=view))
        finally:
            del self._pages[user]

    async def _reply(self, channel: str, thread: str, shown: Message) -> None:
        await self._sent(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread or None,
                text=shown.text,
                blocks=shown.blocks,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )

    async def _whisper(self, place: Place, shown: Message) -> None:
        """Show it where they are; where nobody can be whispered to, in their own direct message."""
        seen = await self._sent(
            "chat.postEphemeral",
            lambda: self._client.chat_postEphemeral(
                channel=place.channel,
                user=place.user,
                thread_ts=place.thread or None,
                text=shown.text,
                blocks=shown.blocks,
            ),
        )
        if not seen:
            await self._directly(place.user, shown)

    async def _sent(
        self, method: str, call: Callable[[], Awaitable[AsyncSlackResponse]], lost: str = "private answer lost"
    ) -> bool:
        """Ask Slack, and once more where it asks for a little patience; what is lost is logged.

        Return whether they see it, or may: an answer that perhaps came is not sent by another way too.
        """
        for patient in (True, False):
            try:
                await asked(method, call())
            except SystemTrouble as trouble:
                after = trouble.after if isinstance(trouble, TryLater) and patient else None
                if after is None or after > SOON:
                    code = trouble.facts.get("code", "")
                    log.warning("%s: %s %s", lost, trouble.key, code)
                    return isinstance(trouble, OutcomeUnknown) or code == ANSWERED
                await asyncio.sleep(after.total_seconds())
            else:
                break
        return True

    async def _respond(self, place: Place, shown: Message, *, replace: bool) -> None:
        """Answer at the address a press brought; where that no longer takes anything, as a message of its own.

        Slack takes five answers there within half an hour (docs.slack.dev, response_url).
        """
        answer = {
            "response_type": "ephemeral",
            "replace_original": replace,
            "text": shown.text,
            "blocks": shown.blocks,
        }
        status = await self._posted(place.response_url, answer) if place.response_url or not place.channel else GONE
        if 400 <= status < 500 and place.channel and place.user:  # refused, so nobody has seen it yet
            await self._whisper(place, shown)

    async def _posted(self, url: str, answer: Json) -> int:
        """Return Slack's status; 0 when none came."""
        status = 0
        for patient in (True, False):
            try:
                async with self._session.post(url, json=answer, timeout=ClientTimeout(total=PATIENCE)) as reply:
                    status, after = reply.status, retry_after(reply.headers)
            except (ClientError, TimeoutError, ValueError) as trouble:
                log.warning("private answer lost: %s", type(trouble).__name__)
                return 0
            if status != 429 or not patient or after > SOON:
                break
            await asyncio.sleep(after.total_seconds())
        if status != 200:
            log.warning("private answer lost: status %d", status)
        return status
