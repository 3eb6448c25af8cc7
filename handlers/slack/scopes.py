"""What the Slack app must be allowed, and what of it the token lacks: found out before a real mail does."""

from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.trouble import asked

#: Why each is needed stands beside it in config/slack-manifest.yaml; a test compares the two.
NEEDED: Final = (
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",  # whether a card whose answer was lost stands in the channel
    "groups:read",
    "im:history",
    "im:write",
    "links:read",
    "users:read",
    "users:read.email",  # who is a colleague is asked by verified work address
)
#: More, when mail is forwarded into a private channel.
FOR_MAIL: Final = ("files:read",)


async def lacking_scopes(client: AsyncWebClient, *, mail: bool) -> tuple[str, ...]:
    """Return the scopes the token lacks; Slack names those it has in the head of every answer. Raises `SystemTrouble`.

    Empty when an answer does not say: then only the first real call can tell.
    """
    answer = await asked("auth.test", client.auth_test())
    heads = {name.lower(): str(value) for name, value in answer.headers.items()}
    granted = {scope.strip() for scope in heads.get("x-oauth-scopes", "").split(",")} - {""}
    needed = (*NEEDED, *FOR_MAIL) if mail else NEEDED
    return tuple(scope for scope in needed if scope not in granted) if granted else ()
