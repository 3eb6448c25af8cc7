"""Slack: commands, buttons, forms, chosen messages and forwarded mail in; cards, private answers out.

`mount` adds the inbound side to the web application, `SlackMessenger` is the outbound
port. Handlers translate and decide nothing; they never edit a channel's card themselves
(D33): the desk's jobs do, through the messenger.
"""

from handlers.slack.directory import SlackDirectory
from handlers.slack.door import PATH, mount
from handlers.slack.front import SlackDoor
from handlers.slack.listeners import COMMAND
from handlers.slack.messages import CHAT
from handlers.slack.messenger import SlackMessenger
from handlers.slack.scopes import lacking_scopes
from handlers.slack.trouble import slack_client

__all__ = [
    "CHAT",
    "COMMAND",
    "PATH",
    "SlackDirectory",
    "SlackDoor",
    "SlackMessenger",
    "lacking_scopes",
    "mount",
    "slack_client",
]
