"""Mails that lie in a channel, whether or not Slack ever told us of them.

Slack tells of each a few times within an hour and then no more (docs.slack.dev, Events
API, "Retries"); conversations.history knows it for as long as it lies there. Of what is
written in the channel nothing is looked at but whether a mail hangs on it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import LyingMail
from handlers.parts import Unreadable
from handlers.slack.messages import mails_in
from handlers.slack.probing import channel_as_it_is
from handlers.slack.trouble import asked

log = logging.getLogger(__name__)

#: Messages; Slack recommends no more at a time (docs.slack.dev, conversations.history).
PAGE: Final = 200
#: So many pages are looked at; a channel for mail holds far less.
PAGES: Final = 25


async def lying(client: AsyncWebClient, channel: str, since: datetime) -> list[LyingMail]:
    """Return the mails that came into a channel since then, newest first. Raises `SystemTrouble`."""
    seen = await channel_as_it_is(client, channel)
    if seen.trouble is not None:
        raise seen.trouble
    found: list[LyingMail] = []
    oldest, cursor = f"{since.timestamp():.6f}", ""
    for _ in range(PAGES):
        call = client.conversations_history(channel=channel, oldest=oldest, limit=PAGE, cursor=cursor or None)
        answer = await asked("conversations.history", call)
        found += _mails(answer.get("messages"), shared=seen.shared)
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return found
    log.warning("the mail channel was looked at as far as its latest %s messages", PAGE * PAGES)
    return found


def _mails(messages: object, *, shared: bool) -> Sequence[LyingMail]:
    """Return the mails of a page; a message that is not as Slack writes it holds none."""
    found: list[LyingMail] = []
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("files"):
            try:
                found += mails_in(message, shared=shared)
            except Unreadable as trouble:
                log.warning("passed over an unreadable message: %s", trouble)
    return found
