"""Slack's refusals, sorted by what somebody must do about them.

slack_sdk would by itself ask again after a broken connection, which can post a card
twice; the client is therefore made without its retry handlers, and the job decides.
Error codes: docs.slack.dev, "Errors" of chat.postMessage, chat.update, conversations.open.
"""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final

from aiohttp import ClientConnectorError, ClientError, ClientSession, ConnectionTimeoutError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater

#: Seconds Slack may take to answer.
PATIENCE: Final = 10.0
#: When Slack says "too many" and not how long.
A_WHILE: Final = timedelta(seconds=30)
TOO_MANY: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
KEY_REFUSED: Final = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
NOT_NOW: Final = frozenset({"service_unavailable", "team_added_to_org"})
PERHAPS_DONE: Final = frozenset({"fatal_error", "internal_error", "request_timeout"})


def slack_client(bot_token: str | None, api_url: str, session: ClientSession) -> AsyncWebClient:
    """Return the client for Slack's Web API at *api_url*, on the shared session."""
    base_url = api_url.rstrip("/") + "/"
    return AsyncWebClient(token=bot_token, base_url=base_url, session=session, retry_handlers=[], logger=_quiet())


def _quiet() -> logging.Logger:
    """Return a log that takes no debug lines: slack_sdk writes whole answers there, and a file's is a person's mail."""
    quiet = logging.getLogger("handlers.slack.api")
    quiet.setLevel(logging.INFO)
    return quiet


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
    except (TimeoutError, ClientError, SlackClientError, OSError):
        raise OutcomeUnknown("trouble.lost", facts) from None


def judged(refused: SlackApiError, facts: dict[str, str]) -> SystemTrouble:
    """Return what somebody must do about a refusal."""
    status, headers, answer = _parts(refused)
    code = str(answer.get("error", ""))
    facts = {**facts, "answer": str(status), "code": code}
    if status == 429 or code in TOO_MANY:
        return TryLater("trouble.too_many", _retry_after(headers), facts)
    if code in KEY_REFUSED or status in {401, 403}:
        return CredentialsRefused("trouble.credentials", facts)
    if code in NOT_NOW or status == 503:
        return TryLater("trouble.busy", facts=facts)
    if code in PERHAPS_DONE or status >= 500 or not code:
        return OutcomeUnknown("trouble.lost", facts)
    return NeedsHuman("trouble.refused", facts)


def _parts(refused: SlackApiError) -> tuple[int, dict[str, str], dict[str, Any]]:
    response = refused.response
    if not isinstance(response, AsyncSlackResponse):  # the answer was no JSON: slack_sdk hands the bare reply on
        return getattr(response, "status", 0), {}, {}
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    return response.status_code, headers, response.data if isinstance(response.data, dict) else {}


def _retry_after(headers: dict[str, str]) -> timedelta:
    seconds = headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else A_WHILE
