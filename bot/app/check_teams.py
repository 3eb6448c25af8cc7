"""What is wrong with Teams before a real request finds out: the address, the key, the app in the channel."""

import aiohttp

from bot.app.chats import messengers, open_to_others, teams_tokens
from bot.domain.errors import PrivacyDeskError, SystemTrouble
from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Clock
from bot.store import KeyRing, key_bytes, open_store
from config.settings import Settings
from handlers.teams import CHAT, TeamsMessenger

SYSTEM = "Teams"


async def teams_problems(texts: Texts, settings: Settings, clock: Clock, *, offline: bool) -> list[str]:
    """Return one line per problem; without Teams there is none, and offline nobody is asked."""
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
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        return lines + await _asked(texts, settings, clock, session)


async def _asked(texts: Texts, settings: Settings, clock: Clock, session: aiohttp.ClientSession) -> list[str]:
    """Return what the login server says of our key, and then Teams of the channel."""
    try:
        await teams_tokens(settings, session).token()
        if settings.teams.channel:
            await _look(settings, clock, session, texts)
    except SystemTrouble as trouble:
        why = texts.say(Language.EN, trouble.key, trouble.facts)
        return [texts.say(Language.EN, "check.vendor_unreachable", {"system": SYSTEM, "why": why})]
    except PrivacyDeskError:  # the store cannot be opened, which has a line of its own
        return []
    return []


async def _look(settings: Settings, clock: Clock, session: aiohttp.ClientSession, texts: Texts) -> None:
    store = await open_store(
        settings.database_url,
        keys=KeyRing.parse(settings.keys.get_secret_value()),
        index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
        clock=clock,
    )
    try:
        teams = messengers(settings, clock)(session, texts, People(()), store.work).get(CHAT)
        if isinstance(teams, TeamsMessenger):
            await teams.check(settings.teams.channel)
    finally:
        await store.close()
