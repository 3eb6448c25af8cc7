"""Keeping the desk running: web, worker, mailbox and clockwork in one process, until a signal ends it."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp import web
from yarl import URL

from bot.app.chats import mount_teams
from bot.app.watching import PeopleWatch
from bot.app.wiring import Messengers, Opened, opened
from bot.desk import PRIVATE_VERBS
from bot.domain.accuracy import Verdict
from bot.domain.errors import PrivacyDeskError
from bot.ports import Clock, Job, JobKind, TicketQuery
from bot.services.intake import chat_mail, hints
from bot.services.keeping.accuracy import COUNTED, how_right
from bot.services.staff import identities, roster
from bot.store import store_lock
from config.settings import Settings, SettingsError
from handlers import graph, mailbox, portal, review, undo
from handlers import web as front
from handlers.guesses import Guesses
from handlers.pace import Rests
from handlers.page import Pages
from handlers.sign_in import FrontDoor
from handlers.slack import CHAT as SLACK
from handlers.slack import SlackDoor, SlackMessenger, mount

log = logging.getLogger(__name__)

STOPS: Final = (signal.SIGINT, signal.SIGTERM)
#: Values until the collector looks at the young ones, looks until at the older ones, and at all.
COLLECTED_AFTER: Final = (10_000, 10, 10)
#: From one address within ten minutes.
SIGN_INS_THAT_FAIL: Final = 100


@dataclass(frozen=True, slots=True)
class Halves:
    """Which half of the desk this process is."""

    web: bool = True
    worker: bool = True


@asynccontextmanager
async def served(
    settings: Settings,
    clock: Clock,
    messengers: Messengers,
    more_doors: Callable[[Opened, Pages], Iterable[front.Door]] = lambda _opened, _pages: (),
    halves: Halves = Halves(),
) -> AsyncIterator[Opened]:
    """Give a desk that answers and works; stop it in order at the end."""
    async with AsyncExitStack() as stack:
        stack.enter_context(store_lock(settings.database_url))
        desk = await stack.enter_async_context(opened(settings, clock, messengers))
        watch = PeopleWatch(settings.config, desk.house, worker=halves.worker)
        if halves.worker:
            await _start_worker(stack, desk)
        if halves.web:
            await _start_web(stack, desk, watch, more_doors)
        stack.callback(watch.listen())
        stack.push_async_callback(_ended, asyncio.create_task(watch.watch()))
        yield desk


async def _start_worker(stack: AsyncExitStack, desk: Opened) -> None:
    await desk.runner.start()
    stack.push_async_callback(desk.runner.stop)
    await desk.clockwork.start()
    stack.push_async_callback(desk.clockwork.stop)

    async def read() -> None:
        async with desk.house.work() as unit:
            await unit.jobs.put(Job(JobKind.READ_MAIL, "mailbox"))

    async with desk.house.work() as unit:
        await unit.jobs.put(hints.keep())  # what was set up since the last start counts at once
        await unit.jobs.put(identities.ask_everybody())
        if desk.house.channels.mail:
            await unit.jobs.put(chat_mail.look())
        await roster.name_left(unit, desk.house)
    watching = asyncio.create_task(mailbox.watch(desk.house.mailbox, read, desk.settings.mailbox.poll_seconds))
    stack.push_async_callback(_ended, watching)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _start_web(
    stack: AsyncExitStack,
    desk: Opened,
    watch: PeopleWatch,
    more_doors: Callable[[Opened, Pages], Iterable[front.Door]],
) -> None:
    pages = Pages(desk.house.texts)
    graph_door = graph.GraphDoor(partial(hints.heed, desk.house))
    vitals = front.Vitals(ready=lambda: _ready(desk), figures=lambda: _figures(desk, graph_door.dropped, watch))
    secure, guesses = desk.house.public_url.startswith("https://"), Guesses()
    door = _front_door(desk, pages, secure=secure)
    doors = [
        portal.portal_routes(desk.portal, pages, secure=secure, guesses=guesses),
        undo.undo_routes(desk.undo, pages, secure=secure, guesses=guesses),
        review.review_routes(desk.review, pages, secure=secure, guesses=guesses, door=door),
        *([door.routes()] if door else []),
        *([graph_door.routes()] if desk.settings.mailbox.kind == "graph" else []),
        *more_doors(desk, pages),
    ]
    application = front.make_application(pages, vitals, doors)
    if desk.settings.slack.on:
        mount(application, _slack_door(desk))
    mount_teams(application, desk)
    runner = front.make_runner(application)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, desk.settings.host, desk.settings.port).start()
    except OSError:
        raise SettingsError(
            [f"PRIVACY_PORT: {desk.settings.port} is taken – stop what uses it or choose another"]
        ) from None


def _front_door(desk: Opened, pages: Pages, *, secure: bool) -> FrontDoor | None:
    """Return where colleagues sign in, where that is set up."""
    if desk.signing_in is None:
        return None
    login = URL(desk.settings.sign_in.login_url).origin()
    # an office shares one address, and on a bad morning all of it fails to sign in
    return FrontDoor(desk.signing_in, pages, str(login), secure, Guesses(allowed=SIGN_INS_THAT_FAIL))


def _slack_door(desk: Opened) -> SlackDoor:
    slack, messenger = desk.settings.slack, desk.house.messengers.get(SLACK)
    rests = messenger.client.rests if isinstance(messenger, SlackMessenger) else Rests("Slack")
    return SlackDoor(
        bot_token=slack.bot_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        api_url=slack.api_url,
        channel=slack.channel,
        language=desk.house.language,
        session=desk.session,
        desk=desk.desk,
        people=desk.house.people,
        texts=desk.house.texts,
        private=PRIVATE_VERBS,
        mail_channel=slack.mail_channel,
        app_token=slack.app_token.get_secret_value(),
        rests=rests,
    )


async def _ready(desk: Opened) -> Mapping[str, bool]:
    try:
        async with desk.house.work() as unit:
            await unit.tickets.matching(TicketQuery(limit=1))
        store = True
    except PrivacyDeskError:
        store = False
    return {"store": store, "keys": store, "worker": desk.runner.alive}


async def _figures(desk: Opened, dropped: Mapping[str, int], watch: PeopleWatch) -> Sequence[front.Figure]:
    async with desk.house.work() as unit:
        counts: dict[tuple[str, ...], int] = {
            (right.value, stage.value, outcome.value if outcome else ""): number
            for (right, stage, outcome), number in (await unit.tickets.tally()).items()
        }
        found = (await how_right(unit, desk.house.now() - COUNTED)).whole
        items: dict[tuple[str, ...], int] = {
            ("waiting",): len(await unit.items.waiting()),
            ("older",): len(await unit.items.older()),
        }
    verdicts: dict[tuple[str, ...], int] = {(verdict.value,): found.verdicts.get(verdict, 0) for verdict in Verdict}
    proposals = verdicts | {("missed",): found.missed, ("undone",): found.undone}
    failed = await desk.store.queue.failed_jobs()
    hinted: dict[tuple[str, ...], int] = {(why,): count for why, count in dropped.items()}
    return (
        front.Figure("dropped_hints", "Tellings of new mail that were not believed, by why.", ("why",), hinted),
        front.Figure("parts", "Rights asked, by right, stage and outcome.", ("right", "stage", "outcome"), counts),
        front.Figure("proposals", "Proposals of the last year, by what became of them.", ("verdict",), proposals),
        front.Figure("items", "Mails that wait on the quiet list, and older ones a backfill found.", ("list",), items),
        front.Figure("people_file", "0 while desk.toml is broken and not taken up.", (), {(): not watch.trouble}),
        front.Figure("failed_jobs", "Jobs set aside after too many failures.", (), {(): failed}),
    )


def pass_over_libraries() -> None:
    """Let the collector pass over all there is: while the house is built it found the libraries alive a dozen times."""
    gc.freeze()
    gc.collect()  # of nothing: it goes by what the last look found


def _settle() -> None:
    """Let the collector pass over what stays until the end: going through it took 0.15 s, with everybody waiting.

    What comes later goes by its counts: hardly any of it hangs together in rings, and a look at the young after every
    few hundred values finds those of all the requests under way, again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


async def until_stopped() -> None:
    """Wait for Ctrl-C or a polite request to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in STOPS:
        loop.add_signal_handler(one, stop.set)
    _settle()
    await stop.wait()
