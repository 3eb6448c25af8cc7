"""Building the house from settings: the one place where everybody meets.

`opened` gives a house that works and closes it again whatever happens: an unclosed
database connection would keep the process alive.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp

from bot.app.bookmark import VaultBookmark
from bot.app.entrance import entrance_of
from bot.app.outside import directories_of, hints_url, mailbox_of
from bot.cards.scene import SystemWords
from bot.desk import Desk
from bot.domain.people import People
from bot.domain.policy_text import PolicyText
from bot.domain.request import Language
from bot.domain.roster import Roster
from bot.i18n import Texts
from bot.jobs.embedded import Runner
from bot.jobs.schedule import Tick, Ticker
from bot.letters import Stationery
from bot.ports import Clock, Handler, JobKind, KeepsContacts, Messenger, System, Work
from bot.reading import ReadingContext
from bot.services.answering import reply
from bot.services.carrying_out import execution, halting, rechecking
from bot.services.carrying_out.lanes import Lanes
from bot.services.deciding import correcting, restricting
from bot.services.house import Channels, House, Terms
from bot.services.intake import chat_mail, hints, intake, original
from bot.services.keeping import forgetting, retention
from bot.services.pages.portal import Portal
from bot.services.pages.review import Review
from bot.services.pages.signing_in import SigningIn
from bot.services.pages.undo import Undo
from bot.services.reminding import chasing, reminders
from bot.services.showing import bursts, posting
from bot.services.staff import identities, roster, stopping
from bot.store import KeyRing, Store, key_bytes, migrate, open_store
from config.calendar import swedish_calendar
from config.lexicons import load_leaning, load_lexicons
from config.policy_file import load_policy, load_retention, recipient_problems
from config.settings import HERE, Settings
from config.texts import load_catalogue, load_letters
from handlers.schedule import HOURS, ring
from integrations.manual import manual_systems, policy_with
from integrations.registry import SettingsProblem, build_systems, discover
from integrations.strings import Strings

log = logging.getLogger(__name__)

#: One shared outgoing connection pool; a vendor's own limits are each integration's.
TIMEOUT: Final = aiohttp.ClientTimeout(total=60, connect=10)


#: Makes the chats' outgoing sides over the shared session and the store.
Messengers = Callable[[aiohttp.ClientSession, Texts, People, Work], Mapping[str, Messenger]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A house that works: the desk for the chats, pages, and the loop that carries jobs out."""

    settings: Settings
    house: House
    desk: Desk
    portal: Portal
    review: Review
    undo: Undo
    signing_in: SigningIn | None
    store: Store
    runner: Runner
    clockwork: Ticker
    session: aiohttp.ClientSession


@asynccontextmanager
async def opened(settings: Settings, clock: Clock, messengers: Messengers) -> AsyncIterator[Opened]:
    """Build the house, give it, close it."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        wake = asyncio.Event()
        await migrate(settings.database_url, clock)
        store = await open_store(
            settings.database_url,
            keys=KeyRing.parse(settings.keys.get_secret_value()),
            index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
            clock=clock,
            on_commit=wake.set,
        )
        stack.push_async_callback(store.close)
        house = make_house(settings, clock, store, session, messengers)
        await roster.catch_up(house)
        runner = Runner(
            store.queue, handlers_of(house), clock, on_set_aside=partial(halting.set_aside, house), wake=wake
        )
        clockwork = ticker(house)
        desk, portal, review, undo = Desk(house), Portal(house), Review(house), Undo(house)
        signing_in = SigningIn(house, entrance_of(settings, session, clock)) if settings.sign_in.on else None
        yield Opened(settings, house, desk, portal, review, undo, signing_in, store, runner, clockwork, session)


def make_house(
    settings: Settings,
    clock: Clock,
    store: Store,
    session: aiohttp.ClientSession,
    messengers: Messengers,
) -> House:
    """Return the house: settings, texts, policy and systems as values."""
    people = Roster(settings.people())
    written = load_policy(file_of(settings.config, "policy.toml"))
    systems, words = _systems(settings, written, session, clock)
    policy = policy_with(written, settings.manual_system)
    if wrong := [*recipient_problems(policy, systems)]:
        raise SettingsProblem(wrong)
    texts = Texts(load_catalogue())
    chats = messengers(session, texts, people, store.work)
    return House(
        work=store.work,
        clock=clock,
        people=people,
        calendar=swedish_calendar(),
        manifests=tuple(system.manifest for system in systems.values()),
        systems=systems,
        contacts={key: system for key, system in systems.items() if isinstance(system, KeepsContacts)},
        words=words,
        policy=policy,
        terms=_terms(settings),
        texts=texts,
        stationery=Stationery(texts, load_letters(), policy),
        outside=replace(reading_of(settings), staff=forwarders_of(settings)),
        mailbox=mailbox_of(settings, session, VaultBookmark(store.work), clock),
        messengers=chats,
        channels=_channels(settings),
        public_url=settings.public_url.rstrip("/"),
        sender=settings.mailbox.address,
        keep_digest=partial(_keep_line, settings.digest_file),
        signing_key=key_bytes(settings.signing_key.get_secret_value(), "PRIVACY_SIGNING_KEY"),
        language=settings.language,
        start=settings.start_date,
        directories=directories_of(settings, chats),
        single_person=settings.single_person,
        signs_in=settings.sign_in.on,
        hints_url=hints_url(settings),
    )


def _systems(
    settings: Settings, policy: PolicyText, session: aiohttp.ClientSession, clock: Clock
) -> tuple[dict[str, System], dict[str, SystemWords]]:
    found = discover()
    systems = build_systems(found, settings.systems, session, clock)
    words = {key: _words(systems[key].manifest.name, found[key].said(settings.systems.get(key, {}))) for key in systems}
    colleagues = {one.id for one in settings.colleague}
    for key, (system, strings) in manual_systems(settings.manual_system, found, colleagues, policy).items():
        systems[key] = system
        words[key] = _words(system.manifest.name, strings)
    return systems, words


def _words(name: str, strings: Strings) -> SystemWords:
    return SystemWords(name, {Language(language): texts for language, texts in strings.items()})


def _terms(settings: Settings) -> Terms:
    kept = load_retention(file_of(settings.config, "retention.toml"))
    own = (kept.findings_days, kept.case_months, kept.items_days, kept.recheck_days)
    return Terms(*own, kept.no_interest, kept.candidate_years_after)


def file_of(folder: Path, name: str) -> Path:
    """Return the file of that name in the settings' own folder, else the one that ships with the desk."""
    own = folder / name
    return own if own.is_file() else HERE / name


def reading_of(settings: Settings) -> ReadingContext:
    """Return what the reading must know of GoToWork."""
    official = load_policy(file_of(settings.config, "policy.toml")).controller.email
    return ReadingContext(
        own_domains=frozenset(address.rpartition("@")[2] for address in (settings.mailbox.address, official)),
        intake_addresses=frozenset({settings.mailbox.address, official}),
        staff=_colleagues_in(settings) | forwarders_of(settings),
        authserv_id=settings.mailbox.authserv_id,
        lexicons=load_lexicons(),
        leaning=load_leaning(),
    )


def _colleagues_in(settings: Settings) -> frozenset[str]:
    return frozenset(one.casefold() for entry in settings.colleague for one in entry.value().work_addresses)


def _channels(settings: Settings) -> Channels:
    slack, teams = settings.slack, settings.teams
    mail = {"slack": slack.mail_channel} if slack.mail_channel else {}
    return Channels({"slack": slack.channel, "teams": teams.channel, "console": "tickets"}, mail)


def forwarders_of(settings: Settings) -> frozenset[str]:
    """Return the addresses beside the colleagues' own from which mail is forwarded."""
    return frozenset(address.casefold() for address in settings.mailbox.forwarders)


def _keep_line(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")


def handlers_of(house: House) -> dict[JobKind, Handler]:
    """Return what carries each kind of job out."""
    carried_out_by = {
        JobKind.READ_MAIL: intake.read_mailbox,
        JobKind.FETCH_MAIL: chat_mail.fetch,
        JobKind.FIND_MAIL: chat_mail.find,
        JobKind.CHASE_ORIGINAL: original.chase,
        JobKind.RUN_TASK: Lanes().run_task,
        JobKind.UNLOCK: execution.unlock,
        JobKind.DRAFT_REPLY: reply.draft,
        JobKind.SEND_LETTER: reply.send,
        JobKind.REFRESH_CARD: bursts.draw_ticket,
        JobKind.TELL: posting.deliver,
        JobKind.TICK: reminders.morning,
        JobKind.REVIEW: retention.review_contacts,
        JobKind.CARRY_OUT_REVIEW: retention.carry_out,
        JobKind.RECHECK: rechecking.recheck,
        JobKind.FORGET: forgetting.forget,
        JobKind.DIGEST: forgetting.digest,
        JobKind.BE_TOLD: hints.be_told,
        JobKind.CHASE: chasing.chase,
        JobKind.BURST: bursts.carry_on,
        JobKind.FETCH_VALUES: correcting.fetch_values,
        JobKind.REVIEW_RESTRICTION: restricting.review,
        JobKind.KNOW_PEOPLE: identities.know,
        JobKind.HEED_STOP: stopping.heed,
    }
    return {kind: partial(carry_out, house) for kind, carry_out in carried_out_by.items()}


def ticker(house: House) -> Ticker:
    """Return the clockwork that rings the ticks."""
    return Ticker([Tick(name, hours) for name, hours in HOURS.items()], partial(ring, house.work), house.clock)
