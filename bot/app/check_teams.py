"""What is wrong with Teams before a real request finds out: the address, the key, the channel, everybody's app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.app import chats
from bot.app.absent import Absent
from bot.app.chats import open_to_others, teams_places, teams_tokens
from bot.app.check_ids import id_problems
from bot.domain.errors import NeedsHuman, PrivacyDeskError, SystemTrouble
from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Clock
from bot.store import KeyRing, key_bytes, open_store
from config.settings import Settings
from handlers.teams import CHAT, TeamsDirectory, TeamsMessenger
from handlers.teams.keys import OutOfReach, fetched

SYSTEM = "Teams"


async def teams_problems(
    texts: Texts, settings: Settings, clock: Clock, *, offline: bool, absent: Absent | None = None
) -> list[str]:
    """Return one line per problem; without Teams there is none, and offline nobody is asked.

    Where the desk is in Slack as well, who is not in Teams may be there: they go into *absent*.
    """
    if not settings.teams.on:
        return []
    lines = open_to_others(settings)
    if not settings.teams.channel:
        lines.append(texts.say(Language.EN, "check.teams_channel_missing"))
    if settings.teams.anonymous:
        return lines
    if not settings.public_url.startswith("https://"):
        lines.append(texts.say(Language.EN, "check.teams_not_reached"))
    if offline:
        return lines
    try:
        await fetched()
    except OutOfReach:
        lines.append(texts.say(Language.EN, "check.teams_keys"))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        return lines + await _asked(texts, settings, clock, session, {} if absent is None else absent)


async def _asked(
    texts: Texts, settings: Settings, clock: Clock, session: aiohttp.ClientSession, absent: Absent
) -> list[str]:
    """Return what the login server says of our key, and then Teams of the channel and of each colleague."""
    lines: list[str] = []
    try:
        await teams_tokens(settings, session).token()
        async with _outgoing(settings, clock, session, texts) as teams:
            if settings.teams.channel:
                await teams.check(settings.teams.channel)
                if await _directory(settings, teams).others_read():
                    lines.append(texts.say(Language.EN, "check.teams_shared"))
            async for line in _people(texts, settings, teams, absent):
                lines.append(line)  # noqa: PERF401 - what was said stands, whatever is in the way of the rest
    except SystemTrouble as trouble:
        why = texts.say(Language.EN, trouble.key, trouble.facts)
        lines.append(texts.say(Language.EN, "check.vendor_unreachable", {"system": SYSTEM, "why": why}))
    except PrivacyDeskError:  # the store cannot be opened, which has a line of its own
        return []
    return lines


async def _people(texts: Texts, settings: Settings, teams: TeamsMessenger, absent: Absent) -> AsyncIterator[str]:
    """Name who would not get in Teams what is sent to them. Raises `SystemTrouble` when Teams answers nobody.

    Where the desk is in Slack as well, who is not in Teams may be there. Nothing is shown to anybody.
    """
    channel, nobody, named = settings.teams.channel, set[str](), set[str]()
    directory = _directory(settings, teams)
    for colleague in settings.people().colleagues:
        handle = colleague.handles.get(CHAT, "")
        if not handle and not channel:
            continue
        found = handle or await directory.handle_of(colleague.email)
        if not found:
            nobody.add(colleague.id)
        if settings.slack.on and not handle:
            continue
        if not found:
            yield texts.say(Language.EN, "check.teams_nobody", {"name": colleague.name})
            continue
        try:
            await teams.check(found)
        except NeedsHuman as trouble:
            named.add(colleague.id)
            why = texts.say(Language.EN, trouble.key, trouble.facts)
            yield texts.say(Language.EN, "check.teams_person", {"name": colleague.name, "why": why})
    for line in await id_problems(texts, directory, settings.people(), named) if channel else ():
        yield line
    if settings.slack.on and channel:
        absent[CHAT] = frozenset(nobody)


def _directory(settings: Settings, teams: TeamsMessenger) -> TeamsDirectory:
    ours = settings.teams
    return TeamsDirectory(teams.connector, teams.references, ours.channel, ours.tenant_id)


@asynccontextmanager
async def _outgoing(
    settings: Settings, clock: Clock, session: aiohttp.ClientSession, texts: Texts
) -> AsyncIterator[TeamsMessenger]:
    store = await open_store(
        settings.database_url,
        keys=KeyRing.parse(settings.keys.get_secret_value()),
        index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
        clock=clock,
    )
    try:
        places = teams_places(settings, store.work, clock)
        yield TeamsMessenger(chats.teams_connector(settings, session), places, texts, People(()), settings.language)
    finally:
        await store.close()
