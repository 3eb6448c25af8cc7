"""Slack's outgoing side: the cards the desk's jobs post, edit and write below.

A colleague's address is their Slack user id, but Slack edits a direct message only by the
id of its conversation; that is asked for once and remembered.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.card import Card
from bot.domain.errors import NotFound
from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import ChatMail, LyingMail
from handlers.pace import Pace
from handlers.slack import limits
from handlers.slack.client import SlackClient
from handlers.slack.elements import Words
from handlers.slack.files import fetched
from handlers.slack.lost import marked, message_marked
from handlers.slack.messages import CHAT
from handlers.slack.missed import lying
from handlers.slack.render import escaped, message
from handlers.slack.trouble import asked

#: Where Slack's links to messages lead.
LINK: Final = re.compile(r"https://[a-z0-9.-]{1,120}\.slack\.com/archives/[A-Za-z0-9/?&=._-]{1,200}")
#: How ids of people begin in Slack.
PEOPLE: Final = ("U", "W")


class SlackMessenger:
    """The `Messenger` of Slack. *language* is the channel's; a colleague's own is used in direct messages.

    `client` is there for whatever else asks Slack: with it goes what Slack wants left alone.
    """

    def __init__(
        self, client: SlackClient, texts: Texts, people: People, language: Language, pace: Pace | None = None
    ) -> None:
        self.client = client
        self._words = {language: Words.of(texts, language) for language in Language}
        self._people = people
        self._language = language
        self._pace = pace or Pace()
        self._conversations: dict[str, str] = {}

    @property
    def chat(self) -> str:
        """The chat's name."""
        return CHAT

    async def post(self, address: str, card: Card, key: str = "") -> str:
        """Post a card to a channel or a colleague; return the message's `ts`. Raises `SystemTrouble`.

        *key* goes with it as metadata, which is shown to nobody: `posted` knows the message by it.
        """
        channel = await self._conversation(address)
        shown = message(card, self._words_at(address))
        await self._turn("chat.postMessage", channel)
        answer = await asked(
            "chat.postMessage",
            self.client.chat_postMessage(
                channel=channel,
                text=shown.text,
                blocks=shown.blocks,
                metadata=marked(key) if key else None,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return str(answer["ts"])

    async def posted(self, address: str, key: str, since: datetime) -> str:
        """Return the `ts` of the message posted under *key* since then, "" when there is none. Raises `SystemTrouble`.

        "" also where the token may not look, as in a public channel: then the card is posted again.
        """
        channel = await self._conversation(address)
        return await message_marked(self.client, channel, key, since)

    async def edit(self, address: str, message_id: str, card: Card) -> None:
        """Edit a card in place. Raises `SystemTrouble`; doing it twice is harmless."""
        channel = await self._conversation(address)
        shown = message(card, self._words_at(address))
        await self._turn("chat.update", channel)
        await asked(
            "chat.update",
            self.client.chat_update(channel=channel, ts=message_id, text=shown.text, blocks=shown.blocks),
        )

    async def tell(self, address: str, message_id: str, line: str) -> None:
        """Add a line to the thread below a message. Raises `SystemTrouble`."""
        channel = await self._conversation(address)
        await self._turn("chat.postMessage", channel)
        text = escaped(limits.cut(line, limits.FALLBACK_TEXT))
        await asked(
            "chat.postMessage",
            self.client.chat_postMessage(
                channel=channel, thread_ts=message_id, text=text, unfurl_links=False, unfurl_media=False
            ),
        )

    async def link(self, place: str, message: str) -> str:
        """Return Slack's own link to a message; "" for one that leads elsewhere. Raises `SystemTrouble`."""
        call = self.client.chat_getPermalink(channel=place, message_ts=message)
        link = str((await asked("chat.getPermalink", call)).get("permalink") or "")
        return link if LINK.fullmatch(link) else ""

    async def mails(self, place: str, since: datetime) -> Sequence[LyingMail]:
        """Return the mails that came into a channel since then and lie there still. Raises `SystemTrouble`."""
        return await lying(self.client, place, since)

    async def mail(self, file: str) -> ChatMail:
        """Return a mail that lies in a channel as a file. Raises `SystemTrouble`."""
        return await fetched(self.client, file)

    async def check(self) -> str:
        """Return the name of the workspace the token belongs to. Raises `SystemTrouble`."""
        answer = await asked("auth.test", self.client.auth_test())
        return str(answer.get("team", ""))

    async def _turn(self, method: str, channel: str) -> None:
        """Wait for a turn; none is taken while Slack wants the method left alone."""
        self.client.rests.heed(method)
        await self._pace.turn(f"{method} {channel}")

    async def _conversation(self, address: str) -> str:
        if not address.startswith(PEOPLE):
            return address
        if address not in self._conversations:
            answer = await asked("conversations.open", self.client.conversations_open(users=address))
            self._conversations[address] = str(answer["channel"]["id"])
        return self._conversations[address]

    def _words_at(self, address: str) -> Words:
        try:
            return self._words[self._people.by_handle(CHAT, address).language]
        except NotFound:
            return self._words[self._language]
