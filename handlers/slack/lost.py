"""Cards that Slack can be asked for again, by metadata that we gave them (docs.slack.dev, "Message metadata").

Slack takes no key by which a message would be posted once only, and `client_msg_id` is not
promised to be one. So who has lost the answer to a posting reads what was written there
since: conversations.history gives an app its own messages' metadata. Of anybody else's
message nothing is looked at but that it has no mark of ours.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import CredentialsRefused
from handlers.slack.trouble import SCOPE, asked

log = logging.getLogger(__name__)

#: What our metadata is called, and where in it the key stands.
KIND: Final = "privacy_desk_card"
KEY: Final = "post"
#: Slack recommends no more at a time (docs.slack.dev, conversations.history); so many pages are read.
PAGE: Final = 200
PAGES: Final = 5
#: How far Slack's clock and ours may be apart.
APART: Final = timedelta(minutes=5)

Json = dict[str, Any]


def marked(key: str) -> Json:
    """Return the metadata of a message that is posted under *key*: an id, never words."""
    return {"event_type": KIND, "event_payload": {KEY: key}}


async def message_marked(client: AsyncWebClient, channel: str, key: str, since: datetime) -> str:
    """Return the `ts` of the message with a key's mark, newest first; "" where there is none or we may not look.

    Raises `SystemTrouble`.
    """
    oldest, cursor = str((since - APART).timestamp()), ""
    for _ in range(PAGES):
        try:
            answer = await asked(
                "conversations.history",
                client.conversations_history(
                    channel=channel, oldest=oldest, limit=PAGE, cursor=cursor or None, include_all_metadata=True
                ),
            )
        except CredentialsRefused as refused:
            if refused.facts.get("code") != SCOPE:
                raise
            log.warning("a lost card is not looked for: Slack wants %s", refused.facts.get("scope"))
            return ""
        found = next((one for one in answer.get("messages") or [] if _key_of(one) == key), None)
        if found is not None:
            return str(found["ts"])
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return ""
    return ""


def _key_of(message: Mapping[str, Any]) -> str:
    """Return the key a message of ours was posted under, "" for any other."""
    mark = message.get("metadata")
    if not isinstance(mark, dict) or mark.get("event_type") != KIND:
        return ""
    payload = mark.get("event_payload")
    return str(payload.get(KEY, "")) if isinstance(payload, dict) else ""
