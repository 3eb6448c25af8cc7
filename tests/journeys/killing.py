"""The desk as a child process that is killed in the middle of its work, and the world around it that stays.

The stand-ins for the vendors and for Slack live in the test's process, so they outlive the
desk and remember what reached them. The axe falls where a test puts it: when the n-th
request arrives, before it is carried out or after (its answer is then never heard), or a
moment after somebody did something. Only the child that was started here is killed, by its
own process handle.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, web
from yarl import URL

from bot.app.clock import SystemClock
from bot.app.demo import SAMPLES, _deliver
from bot.app.samples import as_received
from bot.domain.deadline import local_date
from bot.store import new_key
from handlers.slack import PATH
from integrations.eventbrite import sandbox as eventbrite
from integrations.hubspot import sandbox as hubspot
from integrations.hubspot.seed import demo_people
from integrations.sandbox import serve
from tests.free_port import free_port
from tests.journeys.furnished import AUTHSERV, CHANNEL, SentMail, letters_in
from tests.stalling import Stalled
from tests.standins.slack import SIGNING_SECRET, TOKEN, Message, SlackStandIn
from tests.standins.slack_people import Person, labels

HERE: Final = Path(__file__).parents[2]
REF: Final = f"PR-{local_date(SystemClock().now()).year}-0001"  # the desk goes by the machine's own clock
PATIENCE: Final = 240.0  # seconds a whole journey may take, kills included; most of it is for a busy machine
#: Requests that answer a press: cut off, nothing is left to go on with but what the person does next.
ANSWERS: Final = ("/api/views", "/responses")
#: What the person's page offers once the fetching was noted.
AGAIN: Final = "Hämta filen igen"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Axe:
    """Kills the desk when a chosen request arrives, by its number on the whole journey, or the first to a path.

    `on` is the path of the request that was cut off last.
    """

    at: Collection[int] = ()
    after: bool = False
    path: str = ""
    count: int = 0
    fallen: int = 0
    on: str = ""
    kill: Callable[[], None] = lambda: None
    heard: Callable[[], None] = lambda: None

    @web.middleware
    async def over(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the request through, unless it is its turn."""
        self.count += 1
        self.heard()
        if not self._turn(request):
            return await handler(request)
        if self.after:
            answer = await handler(request)
            self._fall(request.path)
            return answer
        self._fall(request.path)
        return web.Response(status=503)  # nobody is left to read it

    def _turn(self, request: web.Request) -> bool:
        if self.path:
            return not self.fallen and self.path in request.path
        return self.count in self.at

    def _fall(self, path: str) -> None:
        self.fallen, self.on = self.fallen + 1, path
        self.kill()


@dataclass(slots=True)
class Yard:
    """The world around the desk, and the desk as a child process."""

    folder: Path
    environment: Mapping[str, str]
    url: str
    slack: SlackStandIn
    hubspot: hubspot.HubSpotSandbox
    eventbrite: eventbrite.EventbriteSandbox
    axe: Axe
    session: ClientSession
    person: ClientSession
    log: IO[bytes]
    child: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    back: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    entered: bool = False
    fetched: bool = False
    stalls: int = 0
    noted_too_soon: bool = False
    _unheard: bool = False

    # --- the desk's life -------------------------------------------------------------------------

    async def up(self) -> None:
        """Start the desk where it is dead; return when it says that it is ready."""
        if self.child is not None and self.child.poll() is None:
            return
        again = self.child is not None
        self.child = self._begin()
        self.started, self._unheard = time.monotonic(), again and not self.axe.on.startswith(ANSWERS)
        while not await self._is_ready():
            code = self.child.poll()
            assert code in (None, -signal.SIGKILL), f"the desk ended by itself: {code}"
            if code is not None:
                return  # the axe fell while it began
            assert time.monotonic() - self.started < PATIENCE, "the desk never got ready"
            await asyncio.sleep(0.02)
        if again:
            self.ready.append(time.monotonic() - self.started)

    def _begin(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "bot", "run"]
        return subprocess.Popen(command, cwd=HERE, env=dict(self.environment), stdout=self.log, stderr=self.log)

    async def _is_ready(self) -> bool:
        with suppress(ClientError, TimeoutError):
            async with self.session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        return False

    def fell(self) -> None:
        """Kill the desk, as a power cut would."""
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def heard(self) -> None:
        """Note how long after its start the desk asked for something, the first time after a kill."""
        if self._unheard:
            self._unheard = False
            self.back.append(time.monotonic() - self.started)

    # --- people ----------------------------------------------------------------------------------

    def deliver(self, key: str) -> None:
        """Let one of the demo's mails lie in the mailbox."""
        raw = as_received(b"sample:" + key.encode(), SAMPLES, SystemClock(), AUTHSERV)
        _deliver(self.folder / "mail" / "in", raw)

    def letters(self) -> list[SentMail]:
        """Return the letters that left."""
        return letters_in(self.folder / "mail" / "out" / "new")

    def colleague(self, user: str) -> Person:
        """Return a colleague in Slack."""
        return Person(self.slack, self.session, f"{self.url}{PATH}", user, CHANNEL)

    async def shown(self, user: str) -> Message | None:
        """Return the ticket's card as a colleague sees it by asking for it; None while there is no ticket."""
        answer = await self.colleague(user).command(f"visa {REF}")
        card = self.slack.private[-1] if answer.body else None
        return card if card is not None and card.text.startswith(REF) else None

    async def press(self, user: str, card: Message, label: str) -> None:
        """Press a button of a card."""
        answer = await self.colleague(user).press(card, label)
        assert answer.status in (200, 500), answer

    async def fill(self, user: str, card: Message, label: str, given: Mapping[str, Any]) -> None:
        """Press a button that opens a form and send it; do nothing where it was refused."""
        self.slack.views.clear()
        await self.press(user, card, label)
        for view in list(self.slack.views.values()):
            rows = {name: "Godkänn" for name in _fields(view) if name.startswith("task:")}
            asked = {"reference": REF} if "reference" in _fields(view) else {}
            await self.colleague(user).submit(view, {**given, **rows, **asked})

    # --- what is left ----------------------------------------------------------------------------

    async def command(self, *words_: str) -> tuple[int, str]:
        """Run a short command beside the desk; return its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words_, cwd=HERE, env=dict(self.environment), stdout=subprocess.PIPE
        )
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()

    def deleted(self) -> int:
        """Return how often a permanent deletion reached HubSpot, from the one that was carried out on."""
        asked = [one.applied for one in self.hubspot.seen if one.path.endswith("gdpr-delete")]
        return len(asked) - asked.index(True) if True in asked else 0


def _fields(view: Mapping[str, Any]) -> list[str]:
    return [str(block["block_id"]) for block in view["blocks"] if block["type"] == "input"]


#: Who does what when it is on the card: colleague, words on the button, what the form is filled with.
TURNS: Final[Sequence[tuple[str, str, Mapping[str, Any] | None]]] = (
    ("U0SARA", "Bekräfta", None),
    ("U0JONAS", "Avsluta steget i Office 365…", {"result": "Fanns inte"}),
    ("U0JONAS", "Avsluta steget i Outlook…", {"result": "Fanns inte"}),
    ("U0KARIN", "Besluta…", {}),
    ("U0SARA", "Besluta…", {}),
    ("U0JONAS", "Besluta…", {}),
    ("U0SARA", "Avsluta steget i Eventbrite…", {"result": "Klart"}),
    ("U0SARA", "Godkänn och skicka…", {}),
    ("U0SARA", "Godkänn och skicka", None),
)


async def walk(yard: Yard, kill_after: Sequence[float] = ()) -> None:
    """Walk access then erasure from the mail to the closed ticket, whatever befalls the desk on the way.

    People do what the card in front of them offers, and look again when nobody answers. *kill_after*: after
    each of their first acts the desk is killed so many seconds later.
    """
    kills = list(kill_after)
    await yard.up()
    yard.deliver("access-then-erase")
    await _perhaps_kill(yard, kills)
    begun = time.monotonic()
    while True:
        assert time.monotonic() - begun < PATIENCE, await _where(yard)
        try:
            await yard.up()
            if await _closed(yard):
                return
            if not await _act(yard, kills):
                await asyncio.sleep(0.1)
        except (ClientError, OSError, TimeoutError):
            await asyncio.sleep(0.05)


async def _closed(yard: Yard) -> bool:
    card = await yard.shown("U0SARA")
    return card is not None and "Avslutad" in card.text


async def _act(yard: Yard, kills: list[float]) -> bool:
    """Let everybody do what is offered to them now; say whether anybody did anything."""
    acted = False
    for user, label, form in TURNS:
        card = await yard.shown(user)
        alike = [] if card is None else [one for one in labels(card.blocks) if one.startswith(label)]
        offered = next((one for one in alike if one.endswith("…") is (form is not None)), "")
        if card is None or not offered:
            continue
        if "Eventbrite" in offered:
            yard.eventbrite.blank("fatima.haddad@example.com")  # the step itself, in the vendor's own pages
        doing = yard.press(user, card, offered) if form is None else yard.fill(user, card, offered, form)
        await _with_axe(yard, doing, kills)
        acted = True
    return await _fetch(yard, kills) or acted


async def _with_axe(yard: Yard, doing: Awaitable[None], kills: list[float]) -> None:
    act = asyncio.ensure_future(doing)
    await _perhaps_kill(yard, kills)
    await act


async def _perhaps_kill(yard: Yard, kills: list[float]) -> None:
    if kills:
        await asyncio.sleep(kills.pop(0))
        yard.axe.fallen += 1
        yard.fell()


async def _fetch(yard: Yard, kills: list[float]) -> bool:
    """Let the person follow the newest link and fetch their package; where the link is spent, ask for another."""
    linked = [letter for letter in yard.letters() if "/c/" in letter.text]
    if not linked or yard.fetched:
        return False
    link = linked[-1].link
    if not yard.entered:
        async with yard.person.post(link) as page:
            yard.entered = page.status == 200
        if not yard.entered:
            async with yard.person.post(f"{link}/new-link"):
                return True
    await _with_axe(yard, _package(yard), kills)
    return True


async def _package(yard: Yard) -> None:
    if yard.stalls:
        await _killed_half_way(yard)
        return
    async with yard.person.post(f"{yard.url}/c/package") as answer:
        whole = answer.status == 200 and bool(await answer.read())
    async with yard.person.get(f"{yard.url}/c/page") as page:  # what was not noted is fetched again
        yard.fetched = whole and AGAIN in await page.text()


async def _killed_half_way(yard: Yard) -> None:
    """Let the person take the beginning of their package; then the desk dies, and they look at their page again."""
    yard.stalls -= 1
    cookies = yard.person.cookie_jar.filter_cookies(URL(yard.url + "/c/page"))
    line = Stalled(f"{yard.url}/c/package", "; ".join(f"{one.key}={one.value}" for one in cookies.values()))
    begun = await line.begin()
    assert begun.startswith(b"HTTP/1.1 200"), begun[:40]
    await asyncio.sleep(0.2)
    yard.axe.fallen += 1
    yard.fell()
    line.hang_up()
    await yard.up()
    async with yard.person.get(f"{yard.url}/c/page") as page:
        yard.noted_too_soon |= AGAIN in await page.text()


async def _where(yard: Yard) -> str:
    """Return where a journey hangs, for the test's message: states only."""
    _, shown = await yard.command("ticket", "show", REF, "--json")
    return shown


@dataclass(frozen=True, slots=True)
class Ending:
    """How a journey ended, so that two can be compared."""

    tickets: int
    outcome: Sequence[str]
    tasks: Sequence[tuple[str, str, str]]
    letters: Mapping[tuple[str, str], int]
    deleted: int
    left_at_vendor: bool
    approvals: int
    sound: bool


async def ending(yard: Yard, address: str) -> Ending:
    """Return how it ended: read beside the desk, while it runs."""
    _, listed = await yard.command("ticket", "list", "--json")
    tickets = json.loads(listed)
    ticket = tickets[0]
    code, _ = await yard.command("ledger", "verify")
    return Ending(
        tickets=len(tickets),
        outcome=ticket["outcome"],
        tasks=sorted((one["system"], one["operation"], one["state"]) for one in ticket["tasks"]),
        letters=Counter((one.to, one.subject) for one in yard.letters() if not _only_a_link(one)),
        deleted=yard.deleted(),
        left_at_vendor=yard.hubspot.account.contact(address) is not None,
        approvals=sum(one["event"] == "task.approved" for one in ticket["events"]),
        sound=code == 0,
    )


def _only_a_link(letter: SentMail) -> bool:
    """Whether the letter is the new link that was asked for because an answer was lost: those may be several."""
    return "länk" in letter.subject.casefold()


def yard_in(folder: Path, axe: Axe) -> AbstractAsyncContextManager[Yard]:
    """Give the world with the one chat, and no desk in it yet."""
    return world_in(folder, axe, Yard)


AnyYard = TypeVar("AnyYard", bound=Yard)


@asynccontextmanager
async def world_in(folder: Path, axe: Axe, kind: type[AnyYard]) -> AsyncIterator[AnyYard]:
    """Give the world, with no desk in it yet; whatever desk is left at the end is killed."""
    async with AsyncExitStack() as stack:
        today = SystemClock().now().date()
        crm = hubspot.HubSpotSandbox(demo_people(today), today=today, search_lag=0.0)
        bookings = eventbrite.demo(today)
        for vendor in (crm, bookings):
            vendor.middlewares.append(axe.over)
        slack = SlackStandIn()
        workspace = slack.application()
        workspace.middlewares.append(axe.over)
        urls = [await stack.enter_async_context(serve(one)) for one in (crm.application(), bookings.application())]
        slack.url = await stack.enter_async_context(serve(workspace))
        port = free_port()
        quick = {"calls_per_10_seconds": "0", "searches_per_second": "0"}
        stanzas = {
            "hubspot": {**hubspot.stanza(urls[0], crm), **quick},
            "eventbrite": eventbrite.stanza(urls[1], bookings),
        }
        timeout = ClientTimeout(total=20)
        yard = kind(
            folder=folder,
            environment=environment(folder, port, slack, stanzas),
            url=f"http://127.0.0.1:{port}",
            slack=slack,
            hubspot=crm,
            eventbrite=bookings,
            axe=axe,
            session=await stack.enter_async_context(ClientSession(timeout=timeout)),
            person=await stack.enter_async_context(ClientSession(timeout=timeout, cookie_jar=CookieJar(unsafe=True))),
            log=stack.enter_context((folder / "desk.log").open("ab")),
        )
        axe.kill, axe.heard = yard.fell, yard.heard
        stack.callback(yard.fell)
        yield yard


def environment(
    folder: Path, port: int, slack: SlackStandIn, stanzas: Mapping[str, Mapping[str, object]]
) -> dict[str, str]:
    """Return the environment of a desk that lives in *folder*, as an installation would set it."""
    systems = {
        f"PRIVACY_SYSTEMS__{key.upper()}__{name.upper()}": str(value)
        for key, stanza in stanzas.items()
        for name, value in stanza.items()
    }
    # who is killed has no time to write down which lines ran; measuring them would only make every start slower
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PRIVACY_", "COVERAGE_"))}
    return {
        **own,
        **systems,
        "PRIVACY_DATABASE_URL": f"sqlite://{folder / 'desk.sqlite3'}",
        "PRIVACY_KEYS": new_key(),
        "PRIVACY_INDEX_KEY": new_key(),
        "PRIVACY_SIGNING_KEY": new_key(),
        "PRIVACY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PRIVACY_PORT": str(port),
        "PRIVACY_MAILBOX__FOLDER": str(folder / "mail"),
        "PRIVACY_MAILBOX__POLL_SECONDS": "0.2",
        "PRIVACY_DIGEST_FILE": str(folder / "digests.txt"),
        "PRIVACY_SLACK__BOT_TOKEN": TOKEN,
        "PRIVACY_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "PRIVACY_SLACK__API_URL": slack.api_url,
        "PRIVACY_SLACK__CHANNEL": CHANNEL,
    }
