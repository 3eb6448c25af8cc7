"""What Slack's handlers are given: plain values and the desk as they see it."""

from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import ClientSession

from bot.card import Card, Form, Press, Shown, Values, Verb
from bot.desk import ChatMessage, Taken
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague, People
from bot.domain.request import Language
from bot.i18n import Texts


class FrontDesk(Protocol):
    """The desk. Every method but `explain` raises `PrivacyDeskError`."""

    async def form(self, actor: Colleague, press: Press) -> Form:
        """Return the form a button opens; writes nothing."""

    async def press(self, actor: Colleague, press: Press) -> Card:
        """Do what a button says; return the card as it is now."""

    async def submit(self, actor: Colleague, press: Press, values: Values) -> Card:
        """Do what a form says; return the card as it is now. Raises `Incomplete` naming the field."""

    async def take(self, actor: Colleague, message: ChatMessage) -> Taken:
        """Make a request of a message in the chat; return what the presser sees."""

    async def mail_came(self, chat: str, place: str, file: str, *, shared: bool) -> None:
        """Note that a mail lies in a channel, to be fetched; harmless twice."""

    async def say(self, actor: Colleague, text: str) -> Shown:
        """Answer typed words, to the asker only."""

    def explain(self, language: Language, trouble: PrivacyDeskError) -> str:
        """Return one clear sentence without personal data."""


@dataclass(frozen=True, slots=True)
class SlackDoor:
    """Everything Slack's handlers need.

    `channel` is where ticket cards stand and `language` that channel's; `private` are the verbs
    whose card is for the presser only; `api_url` Slack's Web API or a stand-in. `mail_channel` is
    where mail is forwarded into, "" for none.
    """

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    api_url: str
    channel: str
    language: Language
    session: ClientSession = field(repr=False)
    desk: FrontDesk
    people: People = field(repr=False)
    texts: Texts = field(repr=False)
    private: frozenset[Verb]
    mail_channel: str = ""
