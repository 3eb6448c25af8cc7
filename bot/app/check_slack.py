"""What is wrong with Slack before a real request finds out: scopes, channels, colleagues who left, the connection."""

from collections.abc import AsyncIterator

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.absent import Absent
from bot.app.check_ids import id_problems
from bot.domain.errors import CredentialsRefused, SystemTrouble, TryLater
from bot.domain.people import Colleague, People
from bot.domain.request import Language
from bot.i18n import Texts
from config.settings import Settings
from handlers.slack import (
    CHAT,
    SlackDirectory,
    channel_as_it_is,
    lacking_scopes,
    member_trouble,
    slack_client,
    socket_trouble,
)

SYSTEM = "Slack"
CHANNEL, MAIL_CHANNEL = "PRIVACY_SLACK__CHANNEL", "PRIVACY_SLACK__MAIL_CHANNEL"


async def slack_problems(texts: Texts, settings: Settings, *, offline: bool, absent: Absent | None = None) -> list[str]:
    """Return one line per problem; nothing is asked offline or without Slack.

    Where the desk is in Teams as well, who is not in Slack may be there: they go into *absent*.
    """
    if not settings.slack.on or offline:
        return []
    slack = settings.slack
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        client = slack_client(slack.bot_token.get_secret_value(), slack.api_url, session)
        lines = [line async for line in _connection(texts, client, slack.app_token.get_secret_value())]
        try:
            lacking = await lacking_scopes(client, mail=bool(slack.mail_channel))
        except SystemTrouble as trouble:  # whatever else is asked would be refused as well
            return [*lines, texts.say(Language.EN, "check.vendor_unreachable", _facts(texts, trouble))]
        lines += [texts.say(Language.EN, "check.scope_missing", {"system": SYSTEM, "scope": one}) for one in lacking]
        channels = {CHANNEL: slack.channel, MAIL_CHANNEL: slack.mail_channel}
        for name, channel in channels.items():
            lines += [line async for line in _channel(texts, client, name, channel)]
        gone = await _gone(texts, client, settings.people())
        found = list(gone.values())
        found += await id_problems(texts, SlackDirectory(client), settings.people(), gone)
        nobody, cut_short = await _not_found(client, settings.people())
        if not settings.teams.on:
            found += [texts.say(Language.EN, "check.slack_nobody", {"name": one.name}) for one in nobody]
        elif absent is not None and cut_short is None:
            absent[CHAT] = frozenset(one.id for one in nobody)
        if cut_short is not None and not _of_scope(cut_short):
            found.append(texts.say(Language.EN, "check.vendor_unreachable", _facts(texts, cut_short)))
        return lines + found


async def _connection(texts: Texts, client: AsyncWebClient, app_token: str) -> AsyncIterator[str]:
    trouble = await socket_trouble(client, app_token) if app_token else None
    if trouble is not None:
        yield texts.say(Language.EN, "check.slack_socket", _facts(texts, trouble))


async def _channel(texts: Texts, client: AsyncWebClient, name: str, channel: str) -> AsyncIterator[str]:
    if not channel:
        return
    found = await channel_as_it_is(client, channel)
    if found.trouble is not None and not _of_scope(found.trouble):  # a scope has its own line
        yield texts.say(Language.EN, "check.slack_channel", _facts(texts, found.trouble) | {"name": name})
    if found.shared:
        yield texts.say(Language.EN, "check.slack_shared", {"name": name})
    if found.public and name == MAIL_CHANNEL:
        yield texts.say(Language.EN, "check.slack_public_mail")


async def _gone(texts: Texts, client: AsyncWebClient, people: People) -> dict[str, str]:
    """Return who would not get what is sent to them, and why. One look each, one by one: Slack counts them."""
    lines: dict[str, str] = {}
    for colleague in people.colleagues:
        handle = colleague.handles.get(CHAT, "")
        trouble = await member_trouble(client, handle) if handle else None
        if _of_scope(trouble):
            break
        if trouble is not None:
            facts = _facts(texts, trouble) | {"name": colleague.name, "handle": handle}
            lines[colleague.id] = texts.say(Language.EN, "check.slack_person", facts)
        if isinstance(trouble, TryLater):
            break  # of nobody else would more be heard now
    return lines


async def _not_found(client: AsyncWebClient, people: People) -> tuple[list[Colleague], SystemTrouble | None]:
    """Return whom Slack does not know by their work address, or no longer: whose account was closed is found so too.

    And why it does not say so of everybody, if it does not.
    """
    nobody: list[Colleague] = []
    directory = SlackDirectory(client)
    for colleague in people.colleagues:
        try:
            if not colleague.handles.get(CHAT) and not await directory.handle_of(colleague.email):
                nobody.append(colleague)
        except SystemTrouble as trouble:
            return nobody, trouble
    return nobody, None


def _of_scope(trouble: SystemTrouble | None) -> bool:
    return isinstance(trouble, CredentialsRefused) and trouble.key == "trouble.chat_scope"


def _facts(texts: Texts, trouble: SystemTrouble) -> dict[str, str]:
    return {"system": SYSTEM, "why": texts.say(Language.EN, trouble.key, trouble.facts)}
