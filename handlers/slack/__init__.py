"""Slack: commands, buttons, forms, shortcuts, App Home, direct messages and forwarded mail in; cards, answers out.

`mount` adds the inbound side to the web application, `SlackMessenger` is the outbound
port. Handlers translate and decide nothing; they never edit a channel's card themselves
(D33): the desk's jobs do, through the messenger.
"""

from handlers.slack.client import slack_client
from handlers.slack.directory import SlackDirectory
from handlers.slack.door import PATH, mount
from handlers.slack.front import SlackDoor
from handlers.slack.listeners import COMMAND
from handlers.slack.messages import CHAT
from handlers.slack.messenger import SlackMessenger
from handlers.slack.probing import channel_as_it_is, member_trouble, socket_trouble
from handlers.slack.scopes import lacking_scopes

__all__ = [
    "CHAT",
    "COMMAND",
    "PATH",
    "SlackDirectory",
    "SlackDoor",
    "SlackMessenger",
    "channel_as_it_is",
    "lacking_scopes",
    "member_trouble",
    "mount",
    "slack_client",
    "socket_trouble",
]
