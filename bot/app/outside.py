"""What stands outside, made from the settings: the mailbox, Entra ID, the chats' lists of who is who."""

from collections.abc import Mapping
from typing import Final

import aiohttp

from bot.ports import Bookmark, Clock, Directory, Messenger
from config.settings import Settings
from handlers import graph as graph_door
from handlers.sign_in import BACK
from handlers.slack import SlackDirectory, slack_client
from handlers.teams import TeamsDirectory, TeamsMessenger
from integrations.entra import Application, EntraTokens
from integrations.entra_sign_in import EntraSignIn
from integrations.mailbox.folder import FolderMailbox
from integrations.mailbox.graph import GraphMailbox, GraphSettings
from integrations.mailbox.graph.places import SCOPE

#: Microsoft Graph by its id, the same in every cloud: asking for it tries our secret or certificate, and uses nothing.
DIRECTORY_SCOPE: Final = "00000003-0000-0000-c000-000000000000/.default"


def directories_of(
    settings: Settings, session: aiohttp.ClientSession, chats: Mapping[str, Messenger]
) -> dict[str, Directory]:
    """Return the chats' own lists of who is who."""
    made: list[Directory] = []
    if settings.slack.on:
        slack = settings.slack
        made.append(SlackDirectory(slack_client(slack.bot_token.get_secret_value(), slack.api_url, session)))
    for chat in chats.values():
        if isinstance(chat, TeamsMessenger) and settings.teams.channel:
            teams = settings.teams
            made.append(TeamsDirectory(chat.connector, chat.references, teams.channel, teams.tenant_id))
    return {directory.chat: directory for directory in made}


def mailbox_of(
    settings: Settings, session: aiohttp.ClientSession, bookmark: Bookmark, clock: Clock
) -> FolderMailbox | GraphMailbox:
    """Return the mailbox that is set."""
    ours = settings.mailbox
    if ours.kind == "folder":
        return FolderMailbox(ours.folder)
    application = Application(
        system="Microsoft 365",
        prefix="PRIVACY_MAILBOX__",
        tenant=ours.tenant_id,
        client=ours.client_id,
        secret=ours.client_secret,
        certificate=ours.certificate_path,
        scope=SCOPE,
        login_url=ours.login_url,
    )
    graph = GraphSettings(
        ours.user or ours.address,
        settings.start_date,
        ours.folder_name,
        ours.base_url,
        counted_as=(ours.tenant_id, ours.client_id, ours.address),
    )
    return GraphMailbox(graph, session, EntraTokens(application, session), bookmark, clock)


def sign_in_application(settings: Settings) -> Application:
    """Return how the desk's pages are known to Entra ID; `check` tries its secret by the scope."""
    ours = settings.sign_in
    return Application(
        system="Entra ID",
        prefix="PRIVACY_SIGN_IN__",
        tenant=ours.tenant_id.lower(),
        client=ours.client_id.lower(),
        secret=ours.client_secret,
        certificate=ours.certificate_path,
        scope=DIRECTORY_SCOPE,
        login_url=ours.login_url.rstrip("/"),
    )


def redirect_of(settings: Settings) -> str:
    """Return where the login page sends the browser back to, as it must stand in the registration."""
    return settings.public_url.rstrip("/") + BACK


def directory_of(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> EntraSignIn:
    """Return the directory colleagues sign in with."""
    return EntraSignIn(sign_in_application(settings), redirect_of(settings), session, clock)


def hints_url(settings: Settings) -> str:
    """Return where Graph may tell us of new mail; "" where nobody outside can reach us."""
    reachable = settings.mailbox.kind == "graph" and settings.public_url.startswith("https://")
    return settings.public_url.rstrip("/") + graph_door.PATH if reachable else ""
