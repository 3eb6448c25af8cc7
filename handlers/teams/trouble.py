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

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater

SYSTEM: Final = "Teams"
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
#: What Teams says of a conversation, and of a message in it, that is no longer there.
GONE: Final[Mapping[str, str]] = {"ActivityNotFoundInConversation": "trouble.teams_card_gone"}


class ConversationGone(NeedsHuman):
    """The conversation (or the message in it) is no longer there."""


def judged(asked: str, status: int, headers: Mapping[str, str], answer: bytes) -> SystemTrouble:
    """Return what somebody must do about a refusal; of its words only the code goes further."""
    code = _code(answer)
    facts = {"system": SYSTEM, "asked": asked, "answer": str(status), "code": code}
    match status:
        case 401:
            return CredentialsRefused("trouble.teams_credentials", facts)
        case 403:
            return NeedsHuman(FORBIDDEN.get(code, "trouble.teams_not_installed"), facts)
        case 404:
            return ConversationGone(GONE.get(code, "trouble.teams_gone"), facts)
        case 413:
            return NeedsHuman("trouble.teams_too_big", facts)
        case 429:
            return TryLater("trouble.too_many", _pause(headers.get("Retry-After", "")), facts)
        case _ if status in AGAIN:
            return TryLater("trouble.busy", _asked_for(headers.get("Retry-After", "")), facts)
        case _ if status >= 500:
            return OutcomeUnknown("trouble.lost", facts)
        case _ if 300 <= status < 400:
            return NeedsHuman("trouble.redirected", facts)
        case _:
            return NeedsHuman("trouble.refused", facts)


def _code(answer: bytes) -> str:
    """Return the code of a refusal: a word of letters, for whatever else stands there may name a person."""
    try:
        said: Any = json.loads(answer)
    except ValueError:
        return ""
    error = said.get("error", said) if isinstance(said, dict) else {}
    code = error.get("code", "") if isinstance(error, dict) else ""
    return code if isinstance(code, str) and code.isalnum() and len(code) <= 60 else ""


def _pause(header: str) -> timedelta:
    return _asked_for(header) or A_WHILE * _stretch()


def _asked_for(header: str) -> timedelta | None:
    return timedelta(seconds=min(int(header), LONGEST)) * _stretch() if header.isdecimal() else None


def _stretch() -> float:
    return 1 + random.random() * JITTER  # noqa: S311 - spreads jobs, guards nothing
