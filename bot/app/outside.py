"""What stands outside, made from the settings: the mailbox and the chats' lists of who is who."""

from collections.abc import Mapping

import aiohttp

from bot.ports import Bookmark, Clock, Directory, Messenger
from config.settings import Settings
from handlers import graph as graph_door
from handlers.slack import SlackDirectory, SlackMessenger
from handlers.teams import TeamsDirectory, TeamsMessenger
from integrations.entra import Application, EntraTokens
from integrations.mailbox.folder import FolderMailbox
from integrations.mailbox.graph import GraphMailbox, GraphSettings
from integrations.mailbox.graph.places import SCOPE


def directories_of(settings: Settings, chats: Mapping[str, Messenger]) -> dict[str, Directory]:
    """Return the chats' own lists of who is who."""
    made: list[Directory] = []
    for chat in chats.values():
        if isinstance(chat, SlackMessenger) and settings.slack.on:
            made.append(SlackDirectory(chat.client))
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


def hints_url(settings: Settings) -> str:
    """Return where Graph may tell us of new mail; "" where nobody outside can reach us."""
    reachable = settings.mailbox.kind == "graph" and settings.public_url.startswith("https://")
    return settings.public_url.rstrip("/") + graph_door.PATH if reachable else ""
