"""Slack's refusals, sorted by what somebody must do about them.

Error codes: docs.slack.dev, "Errors" of chat.postMessage, chat.update, conversations.open.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import CardGone, CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater

#: Seconds Slack may take to answer.
PATIENCE: Final = 10.0
#: When Slack says "too many" and not how long.
A_WHILE: Final = timedelta(seconds=30)
TOO_MANY: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
#: Our key is no longer taken at all: it was taken back, the app removed, or its workspace is gone.
REVOKED: Final = frozenset({"account_inactive", "app_uninstalled", "token_expired", "token_revoked"})
KEY_REFUSED: Final = frozenset(
    {
        "access_denied",
        "ekm_access_denied",
        "invalid_auth",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "team_access_not_granted",
    }
)
SCOPE: Final = "missing_scope"
#: What no retry cures, each with its own sentence: who must do what differs.
FOR_PEOPLE: Final = {
    "is_archived": "trouble.chat_archived",
    "not_in_channel": "trouble.chat_not_member",
    "channel_not_found": "trouble.chat_no_channel",
    "restricted_action": "trouble.chat_may_not_post",
    "restricted_action_non_threadable_channel": "trouble.chat_may_not_post",
    "restricted_action_read_only_channel": "trouble.chat_may_not_post",
    "restricted_action_thread_locked": "trouble.chat_may_not_post",
    "restricted_action_thread_only_channel": "trouble.chat_may_not_post",
    "is_inactive": "trouble.chat_person_gone",
    "user_disabled": "trouble.chat_person_gone",
    "user_not_found": "trouble.chat_person_gone",
    "user_not_visible": "trouble.chat_person_gone",
    "users_not_found": "trouble.chat_person_gone",
    "messages_tab_disabled": "trouble.chat_no_messages_tab",
    "not_enabled": "trouble.chat_no_home_tab",
}
#: Of a message to be edited: it was removed, by hand or by the workspace's retention, or another app once posted it.
EDITS: Final = "chat.update"
CARD_GONE: Final = frozenset({"cant_update_message", "message_not_found"})
NOT_NOW: Final = frozenset({"service_unavailable", "team_added_to_org"})
PERHAPS_DONE: Final = frozenset({"fatal_error", "internal_error", "request_timeout"})
#: How slack_sdk falls over what no Slack answers: words, a list, no UTF-8. Something on the way does, with status 200.
NO_ANSWER: Final = (AttributeError, ValueError)


async def asked(method: str, call: Awaitable[AsyncSlackResponse], patience: float = PATIENCE) -> AsyncSlackResponse:
    """Return Slack's answer to *method*. Raises `SystemTrouble`; nothing of what was sent goes into it."""
    facts = {"system": "Slack", "asked": method}
    try:
        async with asyncio.timeout(patience):
            return await call
    except SlackApiError as refused:
        raise judged(refused, facts) from None
    except (ClientConnectorError, ConnectionTimeoutError):
        raise TryLater("trouble.unreachable", facts=facts) from None
    except (TimeoutError, ClientError, SlackClientError, OSError, *NO_ANSWER):
        raise OutcomeUnknown("trouble.lost", facts) from None


def judged(refused: SlackApiError, facts: dict[str, str]) -> SystemTrouble:
    """Return what somebody must do about a refusal."""
    status, _, answer = _parts(refused)
    code = str(answer.get("error", ""))
    facts = {**facts, "answer": str(status), "code": code}
    if (pause := pause_asked(refused)) is not None:
        return TryLater("trouble.too_many", pause, facts)
    if code in REVOKED:
        return CredentialsRefused("trouble.chat_key_revoked", facts)
    if code == SCOPE:
        return CredentialsRefused("trouble.chat_scope", {**facts, "scope": str(answer.get("needed") or "?")})
    if code in KEY_REFUSED or status in {401, 403}:
        return CredentialsRefused("trouble.credentials", facts)
    if code in CARD_GONE and facts.get("asked") == EDITS:
        return CardGone("trouble.chat_card_gone", facts)
    if code in NOT_NOW or status == 503:
        return TryLater("trouble.busy", facts=facts)
    if code in PERHAPS_DONE or status >= 500 or not code:
        return OutcomeUnknown("trouble.lost", facts)
    return NeedsHuman(FOR_PEOPLE.get(code, "trouble.refused"), facts)


def pause_asked(refused: SlackApiError) -> timedelta | None:
    """Return how long Slack asks us to leave the method alone, None when it says nothing of too many."""
    status, headers, answer = _parts(refused)
    return retry_after(headers) if status == 429 or answer.get("error") in TOO_MANY else None


def _parts(refused: SlackApiError) -> tuple[int, dict[str, str], dict[str, Any]]:
    response = refused.response
    if not isinstance(response, AsyncSlackResponse):  # the answer was no JSON: slack_sdk hands the bare reply on
        return getattr(response, "status", 0), {}, {}
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    return response.status_code, headers, response.data if isinstance(response.data, dict) else {}


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """Return how long Slack asks us to wait; a while when it does not say."""
    seconds = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else A_WHILE
