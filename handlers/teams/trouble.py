"""Teams' refusals, sorted by what somebody must do about them.

Statuses and codes: learn.microsoft.com, "Status codes from bot conversational APIs" and
"Rate limiting for bots". 412, 502 and 504 are to be asked again there, so they are here,
though a 504 may hide a message that was taken: a card twice is a smaller harm than none.
"""

import json
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.domain.errors import CardGone, CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater

SYSTEM: Final = "Teams"
TOO_MANY: Final = 429
#: When Teams says "too many" and not how long.
A_WHILE: Final = timedelta(seconds=30)
#: Longest wait taken from a Retry-After, in seconds.
LONGEST: Final = 3_600
#: Waits are stretched by up to this part of themselves, so that many jobs do not come back in one moment.
JITTER: Final = 0.2
#: To be asked again by our own growing pauses.
AGAIN: Final = frozenset({408, 412, 502, 503, 504})
FORBIDDEN: Final[Mapping[str, str]] = {
    "BotDisabledByAdmin": "trouble.teams_disabled",
    "ConversationBlockedByUser": "trouble.teams_blocked",
    "MessageWritesBlocked": "trouble.teams_blocked",
}
#: What Teams says of a conversation that the bot is not in.
NOT_THERE: Final = "BotNotInConversationRoster"
#: What Teams says of somebody who is not in a conversation ("Get Teams specific context", a single member).
NO_MEMBER: Final = "MemberNotFoundInConversation"
#: What Teams says of a message that is no longer there; any other 404 is about the conversation.
NO_MESSAGE: Final = "ActivityNotFoundInConversation"
#: What is said of somebody who is in Teams no more, as of one in Slack.
LEFT: Final = "trouble.chat_person_gone"


class ConversationGone(NeedsHuman):
    """The conversation is no longer there."""


class NotInConversation(NeedsHuman):
    """The conversation is there and the bot is not in it."""


def judged(asked: str, status: int, headers: Mapping[str, str], answer: bytes) -> SystemTrouble:
    """Return what somebody must do about a refusal; of its words only the code goes further."""
    code = _code(answer)
    facts = {"system": SYSTEM, "asked": asked, "answer": str(status), "code": code}
    if status == TOO_MANY:
        return TryLater("trouble.too_many", _asked_for(headers) or A_WHILE * _stretch(), facts)
    if status in AGAIN:
        return TryLater("trouble.busy", _asked_for(headers), facts)
    if status >= 500:
        return OutcomeUnknown("trouble.lost", facts)
    if status == 401:
        return CredentialsRefused("trouble.teams_credentials", facts)
    if status == 404:
        if code == NO_MESSAGE:
            return CardGone("trouble.teams_card_gone", facts)
        return ConversationGone("trouble.teams_gone", facts)
    if status == 403 and code == NOT_THERE:
        return NotInConversation("trouble.teams_not_installed", facts)
    return NeedsHuman(FORBIDDEN.get(code, "trouble.teams_not_installed") if status == 403 else _no(status), facts)


def _no(status: int) -> str:
    """Return what a no that is for a person means."""
    if status == 413:
        return "trouble.teams_too_big"
    return "trouble.redirected" if status < 400 else "trouble.refused"


def _code(answer: bytes) -> str:
    """Return the code of a refusal: a word of letters, for whatever else stands there may name a person.

    It stands in one of three places, in the last as JSON within a text.
    """
    said = _object(answer)
    error = said.get("error", said)
    error = error if isinstance(error, dict) else {}
    code = error.get("code") or _object(error.get("message")).get("subCode")
    return code if isinstance(code, str) and code.isalnum() and len(code) <= 60 else ""


def _object(text: object) -> Mapping[str, Any]:
    try:
        said = json.loads(text) if isinstance(text, str | bytes) else {}
    except (ValueError, RecursionError):
        said = {}
    return said if isinstance(said, dict) else {}


def _asked_for(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long Teams asks us to wait, stretched a little; None when it does not say."""
    seconds = headers.get("Retry-After", "")
    return timedelta(seconds=min(int(seconds), LONGEST)) * _stretch() if seconds.isdecimal() else None


def _stretch() -> float:
    return 1 + random.random() * JITTER  # noqa: S311 - spreads jobs, guards nothing
