"""What is wrong before a real request finds out: each problem one line, what, where, what to do."""

from collections.abc import Mapping
from datetime import timedelta

import aiohttp

from bot.app.clock import SystemClock
from bot.app.wiring import file_of
from bot.domain.deadline import local_date
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Clock
from bot.store import KeyRing, key_bytes, open_store
from config.policy_file import BadFile, load_policy, load_retention
from config.settings import Settings, SettingsError, load, unknown_variables
from config.texts import load_catalogue
from integrations.registry import SettingsProblem, build_systems, discover

#: How far ahead the rota must be filled (D28).
ROTA_AHEAD = timedelta(weeks=8)


def all_well() -> str:
    """Return the sentence for when nothing is wrong."""
    return Texts(load_catalogue()).say(Language.EN, "check.ok")


async def problems(environment: Mapping[str, str], *, offline: bool) -> list[str]:
    """Return one line per problem; an empty list when all is well."""
    texts = Texts(load_catalogue())
    lines = [texts.say(Language.EN, "check.setting_unknown_only", {"name": n}) for n in unknown_variables(environment)]
    try:
        settings = load()
        policy = load_policy(file_of(settings.config, "policy.toml"))
        load_retention(file_of(settings.config, "retention.toml"))
    except SettingsError as wrong:
        return [*lines, *wrong.lines]
    except BadFile as wrong:
        return [*lines, *str(wrong).splitlines()]
    if policy.unconfirmed:
        facts = {"blocks": ", ".join(policy.unconfirmed)}
        lines.append(texts.say(Language.EN, "check.policy_unconfirmed", facts))
    if not policy.controller.contracts:
        lines.append(texts.say(Language.EN, "check.contract_contact_missing"))
    clock = SystemClock()
    lines += _people(texts, settings.people(), clock)
    lines += _addresses(texts, settings)
    lines += await _store(texts, settings, clock)
    lines += await _systems(texts, settings, clock, offline=offline)
    return lines


def _people(texts: Texts, people: People, clock: Clock) -> list[str]:
    lines = []
    if not people.officers():
        lines.append(texts.say(Language.EN, "check.officer_missing"))
    gaps = people.gaps(local_date(clock.now()), ROTA_AHEAD.days)
    if gaps:
        days = f"{gaps[0]} – {gaps[-1]}" if len(gaps) > 1 else str(gaps[0])
        lines.append(texts.say(Language.EN, "check.rota_gap", {"days": days}))
    known = {colleague.id for colleague in people.colleagues}
    strangers = [shift.colleague for shift in people.rota if shift.colleague not in known]
    return [*lines, *(texts.say(Language.EN, "check.people_unknown", {"name": name}) for name in strangers)]


def _addresses(texts: Texts, settings: Settings) -> list[str]:
    local = settings.public_url.startswith(("http://127.0.0.1", "http://localhost"))
    if not settings.public_url.startswith("https://") and not local:
        return [texts.say(Language.EN, "check.public_url_insecure")]
    return []


async def _store(texts: Texts, settings: Settings, clock: Clock) -> list[str]:
    try:
        store = await open_store(
            settings.database_url,
            keys=KeyRing.parse(settings.keys.get_secret_value()),
            index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
            clock=clock,
        )
    except PrivacyDeskError as trouble:
        return [texts.say(Language.EN, trouble.key, trouble.facts)]
    await store.close()
    return []


async def _systems(texts: Texts, settings: Settings, clock: Clock, *, offline: bool) -> list[str]:
    lines = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        try:
            systems = build_systems(discover(), settings.systems, session, clock)
        except SettingsProblem as wrong:
            return list(wrong.lines)
        people = settings.people()
        for key, system in systems.items():
            if not people.owners(key):
                lines.append(texts.say(Language.EN, "check.owner_missing", {"system": system.manifest.name}))
            probe = getattr(system, "probe", None)
            if offline or probe is None:
                continue
            try:
                await probe()
            except PrivacyDeskError as trouble:
                why = texts.say(Language.EN, trouble.key, trouble.facts)
                facts = {"system": system.manifest.name, "why": why}
                lines.append(texts.say(Language.EN, "check.vendor_unreachable", facts))
    return lines
