"""Whether Slack will take what the desk sends: its channels, its colleagues, its connection, tried without writing.

What a channel or a member is like comes back as the very trouble that a message there
would meet, so `check` and the job table say the same sentence.
"""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import CredentialsRefused, NeedsHuman, SystemTrouble
from handlers.slack.trouble import FOR_PEOPLE, asked


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as it is: why a message there would not be taken, if so, and who beside us may read it."""

    trouble: SystemTrouble | None = None
    shared: bool = False  # with another company
    public: bool = False  # anybody here may join


async def channel_as_it_is(client: AsyncWebClient, channel: str) -> Channel:
    """Return what a channel is like."""
    try:
        answer = await asked("conversations.info", client.conversations_info(channel=channel))
    except SystemTrouble as trouble:
        return Channel(trouble)
    found = answer.get("channel") or {}
    for code, wrong in (("is_archived", found.get("is_archived")), ("not_in_channel", not found.get("is_member"))):
        if wrong:
            return Channel(NeedsHuman(FOR_PEOPLE[code], {"system": "Slack", "code": code}))
    return Channel(shared=found.get("is_ext_shared") is True, public=found.get("is_private") is False)


async def member_trouble(client: AsyncWebClient, handle: str) -> SystemTrouble | None:
    """Return why a message to a colleague would not be taken: they left, or never were there."""
    try:
        found = await asked("users.info", client.users_info(user=handle))
    except SystemTrouble as trouble:
        return trouble
    gone = (found.get("user") or {}).get("deleted") is True
    return NeedsHuman(FOR_PEOPLE["user_disabled"], {"system": "Slack", "code": "user_disabled"}) if gone else None


async def socket_trouble(client: AsyncWebClient, app_token: str) -> SystemTrouble | None:
    """Return why Socket Mode cannot be opened. Asks for an address and lets it lapse."""
    try:
        await asked("apps.connections.open", client.apps_connections_open(app_token=app_token))
    except CredentialsRefused as refused:
        if refused.key == "trouble.credentials":
            return CredentialsRefused("trouble.chat_app_token", refused.facts)
        return refused
    except SystemTrouble as trouble:
        return trouble
    return None
