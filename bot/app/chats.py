"""The chats, made from the settings: the outgoing side of each that is set up, and Teams' door."""

from collections.abc import Mapping
from typing import Final

import aiohttp
from aiohttp import web
from yarl import URL

from bot.app.wiring import Messengers, Opened
from bot.desk import PRIVATE_VERBS
from bot.domain.people import People
from bot.i18n import Texts
from bot.ports import Clock, Messenger, Tokens, Work
from config.settings import Settings, SettingsError
from handlers.slack import SlackMessenger, slack_client
from handlers.teams import CHAT, SCOPE, Connector, References, TeamsDoor, TeamsMessenger, is_this_machine, mount
from integrations.entra import Application, EntraTokens

#: Where Teams' settings stand.
TEAMS: Final = "PRIVACY_TEAMS__"
OPEN_TO_OTHERS: Final = (
    f"{TEAMS}ANONYMOUS: lets in whoever knocks, so it is for a desk that only this machine reaches – "
    f"set PRIVACY_HOST and PRIVACY_PUBLIC_URL to 127.0.0.1, or sign in with {TEAMS}APP_ID"
)


def messengers(settings: Settings, clock: Clock) -> Messengers:
    """Return what makes the outgoing side of every chat that is set up."""

    def make(session: aiohttp.ClientSession, texts: Texts, people: People, work: Work) -> Mapping[str, Messenger]:
        made: list[Messenger] = []
        if settings.slack.on:
            client = slack_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url, session)
            made.append(SlackMessenger(client, texts, people, settings.language))
        if settings.teams.on:
            connector, places = teams_connector(settings, session), teams_places(settings, work, clock)
            channel = settings.teams.channel
            made.append(TeamsMessenger(connector, places, texts, people, settings.language, channel=channel))
        return {messenger.chat: messenger for messenger in made}

    return make


def teams_places(settings: Settings, work: Work, clock: Clock) -> References:
    """Return where in Teams the bot has been met."""
    return References(work, clock, settings.teams.tenant_id, loopback=settings.teams.anonymous)


def teams_connector(settings: Settings, session: aiohttp.ClientSession) -> Connector:
    """Return our way to Teams; one that proves nothing and reaches this machine alone for a playground."""
    ours = settings.teams
    if ours.anonymous:
        return Connector(session, ours.app_id, None, loopback=True)
    return Connector(session, ours.app_id, teams_tokens(settings, session))


def teams_tokens(settings: Settings, session: aiohttp.ClientSession) -> Tokens:
    """Return where the bot's tokens come from."""
    ours = settings.teams
    bot = Application(
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
    )
    return EntraTokens(bot, session)


def mount_teams(application: web.Application, desk: Opened) -> None:
    """Add Teams' door where Teams is set up. Raises `SettingsError`."""
    settings = desk.settings
    messenger = desk.house.messengers.get(CHAT)
    if not settings.teams.on or not isinstance(messenger, TeamsMessenger):
        return
    if lines := open_to_others(settings):
        raise SettingsError(lines)
    door = TeamsDoor(
        app_id=settings.teams.app_id,
        tenant_id=settings.teams.tenant_id,
        channel=settings.teams.channel,
        language=desk.house.language,
        desk=desk.desk,
        texts=desk.house.texts,
        private=PRIVATE_VERBS,
        messenger=messenger,
    )
    mount(application, door, settings.host)


def open_to_others(settings: Settings) -> list[str]:
    """Return what lets more than this machine in where nobody is asked who they are: one line, or none."""
    public = URL(settings.public_url).host or ""
    if not settings.teams.anonymous or (is_this_machine(settings.host) and is_this_machine(public)):
        return []
    return [OPEN_TO_OTHERS]
