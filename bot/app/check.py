"""What is wrong before a real request finds out: each problem one line, what, where, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp

from bot.app.absent import Absent, in_no_chat
from bot.app.check_slack import slack_problems
from bot.app.check_teams import teams_problems
from bot.app.check_two import two_people_problems
from bot.app.clock import SystemClock
from bot.app.entrance import sign_in_problems
from bot.app.outside import hints_url, mailbox_of
from bot.app.wiring import file_of
from bot.domain.deadline import local_date
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import People, Shift
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Clock, Pause
from bot.store import KeyRing, key_bytes, open_store
from config.policy_file import BadFile, load_policy, load_retention, recipient_problems
from config.settings import Settings, SettingsError, load, unknown_variables
from config.texts import load_catalogue
from integrations.mailbox.graph import GraphMailbox
from integrations.manual import manual_problems, policy_with
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
    kept = await _store(texts, settings, clock)
    people = settings.people()
    lines += _people(texts, replace(people, rota=(*people.rota, *kept.shifts)), clock)
    lines += _addresses(texts, settings)
    colleagues = {colleague.id for colleague in settings.colleague}
    lines += manual_problems(settings.manual_system, discover(), colleagues, policy)
    keys = {*discover(), *(one.key for one in settings.manual_system)}
    lines += recipient_problems(policy_with(policy, settings.manual_system), keys)
    lines += [*kept.lines, *_stopped(texts, people, kept.pauses)]
    lines += await _systems(texts, settings, clock, offline=offline)
    lines += await _mailbox(texts, settings, clock, offline=offline)
    absent: Absent = {}
    lines += await slack_problems(texts, settings, offline=offline, absent=absent)
    lines += await teams_problems(texts, settings, clock, offline=offline, absent=absent)
    lines += in_no_chat(texts, people, absent)
    lines += await sign_in_problems(texts, settings, offline=offline)
    return lines


async def _mailbox(texts: Texts, settings: Settings, clock: Clock, *, offline: bool) -> list[str]:
    """Return what the desk may not do in a Graph mailbox, and whether it can be told of new mail at once."""
    lines = []
    if settings.mailbox.kind == "graph" and not hints_url(settings):
        lines.append(texts.say(Language.EN, "check.mailbox_not_told"))
    if offline:
        return lines
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        mailbox = mailbox_of(settings, session, _Forgetful(), clock)
        found = await mailbox.tried() if isinstance(mailbox, GraphMailbox) else {}
    for what, trouble in found.items():
        why = texts.say(Language.EN, trouble.key, trouble.facts)
        lines.append(texts.say(Language.EN, f"check.mailbox_{what}", {"why": why, "address": settings.mailbox.address}))
    return lines


class _Forgetful:
    """A bookmark for whoever only tries the door."""

    async def read(self) -> str:
        """Return nothing."""
        return ""

    async def write(self, place: str) -> None:
        """Keep nothing."""


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the store says: what is wrong with it, shifts set at the desk, and what is stopped."""

    lines: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    pauses: tuple[Pause, ...] = ()


async def _store(texts: Texts, settings: Settings, clock: Clock) -> _Kept:
    try:
        store = await open_store(
            settings.database_url,
            keys=KeyRing.parse(settings.keys.get_secret_value()),
            index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
            clock=clock,
        )
    except PrivacyDeskError as trouble:
        return _Kept((texts.say(Language.EN, trouble.key, trouble.facts),))
    try:
        async with store.work() as unit:
            shifts = await unit.shifts.since(local_date(clock.now()))
            set_here = tuple(Shift(one.first_day, one.last_day, one.colleague) for one in shifts)
            return _Kept(shifts=set_here, pauses=tuple(await unit.pauses.every()))
    finally:
        await store.close()


def _stopped(texts: Texts, people: People, pauses: Sequence[Pause]) -> list[str]:
    """Return what is stopped: nobody should wonder why nothing happens."""
    names = {one.id: one.name for one in people.colleagues}
    return [
        texts.say(
            Language.EN,
            "check.stopped",
            {
                "system": pause.system or texts.say(Language.EN, "stops.everything"),
                "who": names.get(pause.stopped_by, pause.stopped_by),
                "since": texts.moment(Language.EN, pause.since),
            },
        )
        for pause in pauses
    ]


async def _systems(texts: Texts, settings: Settings, clock: Clock, *, offline: bool) -> list[str]:
    lines: list[str] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        try:
            systems = build_systems(discover(), settings.systems, session, clock)
        except SettingsProblem as wrong:
            return list(wrong.lines)
        people = settings.people()
        manifests = [system.manifest for system in systems.values()]
        lines += two_people_problems(texts, people, manifests, single=settings.single_person)
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
