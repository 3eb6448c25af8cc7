"""The chats' outgoing sides, made from the settings: each chat that is set up, over the one shared session."""

from collections.abc import Mapping
from typing import Final

import aiohttp

from bot.app.wiring import Messengers
from bot.domain.people import People
from bot.i18n import Texts
from bot.ports import Clock, Messenger, Tokens, Work
from config.settings import Settings
from handlers.slack import SlackMessenger, slack_client
from handlers.teams.connector import SCOPE, Connector
from handlers.teams.messenger import TeamsMessenger
from handlers.teams.references import References
from integrations.entra import Application, EntraTokens

#: Where Teams' settings stand.
TEAMS: Final = "PRIVACY_TEAMS__"


def messengers(settings: Settings, clock: Clock) -> Messengers:
    """Return what makes the outgoing side of every chat that is set up."""

    def make(session: aiohttp.ClientSession, texts: Texts, people: People, work: Work) -> Mapping[str, Messenger]:
        made: list[Messenger] = []
        if settings.slack.on:
            client = slack_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url, session)
            made.append(SlackMessenger(client, texts, people, settings.language))
        if settings.teams.on:
            references = References(work, clock, settings.teams.tenant_id)
            made.append(TeamsMessenger(teams_connector(settings, session), references, texts, people, settings.language))
        return {messenger.chat: messenger for messenger in made}

    return make


def teams_connector(settings: Settings, session: aiohttp.ClientSession) -> Connector:
    """Return our way to Teams; one that proves nothing and reaches this machine alone for a playground."""
    ours = settings.teams
    if ours.anonymous:
        return Connector(session, ours.app_id, None, loopback=True)
    tokens: Tokens = EntraTokens(
        Application(
            system="Teams",
            prefix=TEAMS,
            tenant=ours.tenant_id,
            client=ours.app_id,
            secret=ours.app_secret,
            certificate=None,
            scope=SCOPE,
            login_url=ours.login_url,
            id_setting="APP_ID",
            secret_setting="APP_SECRET",  # noqa: S106 - the setting's name
        ),
        session,
    )
    return Connector(session, ours.app_id, tokens)
