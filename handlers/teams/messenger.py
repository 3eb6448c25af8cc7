"""Teams' outgoing side: the cards the desk's jobs post, edit and write below.

A colleague's address is their id in our directory; the bot's conversation with them is
opened once and kept. A channel's is its conversation id: a card begins a thread there, and
history goes below it. Personal and group chats have no threads, so history is not written
there at all: each line would be a message of its own, with a sound, and push the card out
of sight. The card is edited in place and shows how things are; `akt` shows how they came to.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.card import Card
from bot.domain.errors import CardGone, CredentialsRefused, NeedsHuman, NotFound, SystemTrouble
from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts
from handlers.pace import Pace, Window
from handlers.teams import limits
from handlers.teams.connector import Connector, Json, Spot
from handlers.teams.literal import lookalike
from handlers.teams.readers import Readers
from handlers.teams.references import CHAT, PERSON, References
from handlers.teams.render import Words, card_content, note_content, summary
from handlers.teams.trouble import LEFT, NO_MEMBER, SYSTEM, ConversationGone, NotInConversation

CARD: Final = "application/vnd.microsoft.card.adaptive"
#: What one conversation takes of a bot (learn.microsoft.com, "Rate limiting for bots").
PER_CONVERSATION: Final = (Window(7, 1.0), Window(8, 2.0), Window(60, 30.0), Window(1_800, 3_600.0))
#: What a tenant takes of it.
PER_TENANT: Final = (Window(30, 1.0),)


class TeamsMessenger:
    """The `Messenger` of Teams. *language* is the channel's; a colleague's own is used in personal chats.

    The roster of the desk's own *channel* says who has left; without one nobody has.

    `connector` and `references` are there for the incoming side, which answers and remembers by the same.
    """

    def __init__(
        self,
        connector: Connector,
        references: References,
        texts: Texts,
        people: People,
        language: Language,
        pace: Pace | None = None,
        channel: str = "",
    ) -> None:
        self.connector = connector
        self.references = references
        self._words = {language: Words.of(texts, language) for language in Language}
        self._people = people
        self._readers = Readers(connector, people)
        self._language = language
        self._channel = channel
        self._pace = pace or Pace(windows=PER_CONVERSATION, system=SYSTEM)
        self._tenant_pace = Pace(windows=PER_TENANT, system=SYSTEM)
        self._opening = asyncio.Lock()

    @property
    def chat(self) -> str:
        """The chat's name."""
        return CHAT

    async def post(self, address: str, card: Card | str, key: str = "") -> str:  # noqa: ARG002 - nowhere to keep it
        """Post a card (or a sentence) to a channel or a colleague; return the message's id. Raises `SystemTrouble`."""
        spot = await self._spot(address)
        await self._turn("post", spot)
        shown = await self._shown(address, spot, card)
        try:
            return await self.connector.send(spot, shown)
        except (ConversationGone, NotInConversation):
            if not PERSON.fullmatch(address):
                raise
        await self.references.forget(address)  # removed there and added again, or a chat of theirs without the bot
        return await self.connector.send(await self._spot(address), shown)

    async def posted(self, address: str, key: str, since: datetime) -> str:  # noqa: ARG002 - the port's signature
        """Return that nothing is known: a bot reads no channel of Teams without leave to read everybody's words there.

        What was taken all the same is met when its readers' clients ask for their own view of it (`Activities`).
        """
        return ""

    async def edit(self, address: str, message_id: str, card: Card) -> None:
        """Edit a card in place. Raises `SystemTrouble`; doing it twice is harmless.

        A card went with the conversation it stood in: with a colleague a new one can be opened (`post`).
        """
        spot = await self._spot(address)
        await self._turn("edit", spot)
        shown = await self._shown(address, spot, card)
        try:
            await self.connector.edit(spot, message_id, shown)
        except (ConversationGone, NotInConversation) as gone:
            if not PERSON.fullmatch(address):
                raise
            await self.references.forget(address)
            raise CardGone("trouble.teams_card_gone", gone.facts) from None

    async def tell(self, address: str, message_id: str, line: str) -> None:
        """Add a line below a channel's message; nothing in a chat without threads. Raises `SystemTrouble`."""
        if not await self.references.has_threads(address):
            return
        spot = await self._spot(address)
        await self._turn("post", spot)
        said = {"text": apart(line), "textFormat": "xml", "replyToId": message_id}
        await self.connector.send(spot.below(message_id), said)

    async def whisper(self, spot: Spot, reader: str, shown: Card | str, language: Language) -> str:
        """Show something to one person in a group or channel, who is known there as *reader*.

        Only they see it and only for a day, so it is never the record of anything. Raises `SystemTrouble`.
        """
        await self._turn("post", spot)
        message = card_message(shown, self._words[language]) if isinstance(shown, Card) else note_message(shown)
        return await self.connector.whisper(spot, reader, message)

    async def check(self, address: str) -> None:
        """See that our key is taken and that the bot may speak in a channel or with a colleague, and say nothing.

        Raises `SystemTrouble`.
        """
        await self.connector.look(await self._spot(address))

    async def _turn(self, what: str, spot: Spot) -> None:
        """Wait for a turn; none is taken while Teams wants the conversation left alone."""
        self.connector.heed(spot)
        await self._pace.turn(f"{what} {spot.room}")
        await self._tenant_pace.turn(CHAT)

    async def _spot(self, address: str) -> Spot:
        """Return where an address is written to; a conversation with a colleague is opened where there is none."""
        known = await self.references.spot(address)
        if known is not None:
            return known
        service_url = await self.references.service_url()
        if not service_url:
            raise NeedsHuman("trouble.teams_never_met", {"system": SYSTEM})
        if not PERSON.fullmatch(address):
            return Spot(service_url, address)
        async with self._opening:
            known = await self.references.spot(address)
            if known is not None:
                return known
            await self._turn(f"open {address}", Spot(service_url, ""))
            conversation = await self._opened(service_url, address)
            await self.references.met(address, conversation, service_url)
        return Spot(service_url, conversation)

    async def _opened(self, service_url: str, person: str) -> str:
        try:
            return await self.connector.open(service_url, self.references.tenant, person)
        except NeedsHuman as refused:
            if isinstance(refused, CredentialsRefused) or not await self._has_left(person):
                raise
            raise NeedsHuman(LEFT, refused.facts) from None

    async def _has_left(self, person: str) -> bool:
        """Whether the channel's roster has somebody no more: whom the bot may not write to may well be there."""
        if not self._channel:
            return False
        try:
            await self.connector.member(await self._spot(self._channel), person)
        except SystemTrouble as told:
            return told.facts.get("code") == NO_MEMBER
        return False

    async def _shown(self, address: str, spot: Spot, card: Card | str) -> Json:
        """Return a card as it is shown there: where others read too, each of ours is given a view of their own."""
        if not isinstance(card, Card):
            return note_message(card)
        if PERSON.fullmatch(address):
            return card_message(card, self._words_at(address))
        return card_message(card, self._words_at(address), await self._readers.of(spot) if card.about else ())

    def _words_at(self, address: str) -> Words:
        try:
            return self._words[self._people.by_handle(CHAT, address).language]
        except NotFound:
            return self._words[self._language]


def apart(lines: str) -> str:
    """Return lines that Teams keeps apart, as it does not in plain text; no sign of theirs is markup."""
    return "<br/>".join(lookalike(line) for line in limits.cut(lines, limits.FALLBACK_TEXT).split("\n"))


def card_message(card: Card, words: Words, own_views: Sequence[str] | None = None) -> Json:
    """Return a message that shows a card; `summary` is what a notification says.

    For those in *own_views* Teams asks for their own (`card_content`); everybody else sees this one.
    """
    content = card_content(card, words, own_views)
    return {"summary": summary(card), "attachments": [{"contentType": CARD, "content": content}]}


def note_message(sentence: str) -> Json:
    """Return a message that shows one sentence."""
    content = note_content(sentence)
    return {"summary": sentence, "attachments": [{"contentType": CARD, "content": content}]}
