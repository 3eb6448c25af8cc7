"""The client for Slack's Web API, as everything of ours asks it.

slack_sdk would by itself ask again after a broken connection, which can post a card
twice; the client is therefore made without its retry handlers, and the job decides.

Where Slack says "too many", it says for how long the method takes nothing more of us in the
whole workspace; its other methods go on (docs.slack.dev, "Rate limits"). So that is kept by
all who ask with the same *rests*: jobs, private answers, the list of who is who.
"""

import logging
from typing import Any, Final

from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.pace import Rests
from handlers.slack.trouble import pause_asked

Json = dict[str, Any]

SYSTEM: Final = "Slack"


class SlackClient(AsyncWebClient):
    """slack_sdk's client, which asks nothing of a method that Slack wants left alone: `TryLater` is raised instead."""

    rests: Rests

    async def _send(self, http_verb: str, api_url: str, req_args: Json) -> AsyncSlackResponse:
        """Ask Slack: every call of every method comes through here. Raises `TryLater` besides what slack_sdk raises."""
        method = api_url.rpartition("/")[2]
        self.rests.heed(method)
        try:
            return await super()._send(http_verb, api_url, req_args)
        except SlackApiError as refused:
            if (pause := pause_asked(refused)) is not None:
                self.rests.begin(method, pause)
            raise


def slack_client(
    bot_token: str | None, api_url: str, session: ClientSession, rests: Rests | None = None
) -> SlackClient:
    """Return the client for Slack's Web API at *api_url*, on the shared session; its pauses are kept in *rests*."""
    base_url = api_url.rstrip("/") + "/"
    client = SlackClient(token=bot_token, base_url=base_url, session=session, retry_handlers=[], logger=_quiet())
    client.rests = rests or Rests(SYSTEM)
    return client


def _quiet() -> logging.Logger:
    """Return a log that takes no debug lines: slack_sdk writes whole answers there, and a file's is a person's mail."""
    quiet = logging.getLogger("handlers.slack.api")
    quiet.setLevel(logging.INFO)
    return quiet
