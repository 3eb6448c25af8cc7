"""What Teams' handlers are given: plain values and the desk as they see it."""

from dataclasses import dataclass, field
from typing import Any

from bot.card import Verb
from bot.domain.request import Language
from bot.i18n import Texts
from handlers.front_desk import FrontDesk
from handlers.teams.messenger import TeamsMessenger

Json = dict[str, Any]


class Refused(Exception):
    """Not let in. `status` is the answer; the reason is for our log and holds nothing of the token or the activity."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered to a request."""

    status: int = 200
    body: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TeamsDoor:
    """Everything Teams' handlers need.

    `app_id` is "" for a playground without sign-in, which the address we listen on must be for
    too: this machine alone. `channel` is where ticket cards stand and `language` that channel's;
    `private` are the verbs whose card is for the presser only; `messenger` is the outgoing side.
    """

    app_id: str
    tenant_id: str
    channel: str
    language: Language
    desk: FrontDesk
    texts: Texts = field(repr=False)
    private: frozenset[Verb]
    messenger: TeamsMessenger = field(repr=False)
