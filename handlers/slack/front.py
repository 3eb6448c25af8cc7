"""What Slack's handlers are given: plain values and the desk as they see it."""

from dataclasses import dataclass, field

from aiohttp import ClientSession

from bot.card import Verb
from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts
from handlers.front_desk import FrontDesk
from handlers.pace import Rests
from handlers.slack.client import SYSTEM


@dataclass(frozen=True, slots=True)
class SlackDoor:
    """Everything Slack's handlers need.

    `channel` is where ticket cards stand and `language` that channel's; `private` are the verbs
    whose card is for the presser only; `api_url` Slack's Web API or a stand-in. `mail_channel` is
    where mail is forwarded into, "" for none. With an `app_token` we keep a connection to Slack
    (Socket Mode) and need no signing secret. `rests` is what Slack wants left alone, as the jobs heard it.
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
    app_token: str = field(default="", repr=False)
    rests: Rests = field(default_factory=lambda: Rests(SYSTEM), repr=False)
