"""A furnished desk: everything real in one process but the vendors' clouds, and a clock that is moved by hand.

Colleagues act as in a chat: they look at a card, find the button on it, fill in the form
it opens. The person acts as in a browser: they follow the link in their letter. Nothing
reaches into services. Jobs run when a test says so (`settle`), so every run is the same.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from itertools import count
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, CookieJar
from selectolax.lexbor import LexborHTMLParser

from bot.app.demo import SAMPLES, _deliver
from bot.app.samples import as_received
from bot.app.serve import Halves, served
from bot.app.wiring import Opened
from bot.card import (
    Actions,
    Button,
    Card,
    CardElement,
    Choice,
    Facts,
    Form,
    FormElement,
    Input,
    Link,
    Press,
    Steps,
    Table,
    Text,
    Values,
    Verb,
)
from bot.domain.ledger import Entry
from bot.domain.people import Colleague, People
from bot.domain.ticket import Ticket
from bot.i18n import Texts
from bot.ports import EVERY, Job, JobKind, Messenger, TicketQuery, Work
from bot.services.showing.bursts import is_held
from bot.store import new_key
from config.settings import Settings, load
from handlers.console import ConsoleMessenger
from handlers.pace import Pace, Rests
from handlers.schedule import ring
from handlers.slack import SlackMessenger, slack_client
from handlers.teams import Connector, References, TeamsMessenger
from integrations.eventbrite.sandbox import EventbriteSandbox
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.registry import StandIn, discover, stand_ins
from integrations.sandbox import Sandbox
from tests.bench.mails import lay
from tests.fakes import FixedClock
from tests.free_port import free_port
from tests.integrations.specs import FILES, SPECS, Watch
from tests.standins.slack import SIGNING_SECRET, TOKEN, SlackStandIn, serve_slack
from tests.standins.teams import CHANNEL as TEAMS_CHANNEL
from tests.standins.teams import TENANT, TeamsStandIn, serve_teams

AUTHSERV: Final = "mx1.gotowork.example"
CHANNEL: Final = "C0TICKETS"
MAIL_CHANNEL: Final = "C0MAIL"
LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/c/\S+")
FIRST: Final = "PR-2026-0001"
#: Teams as a playground has it: nobody signs in, and only this machine is let in.
IN_TEAMS: Final[Mapping[str, object]] = {"anonymous": True, "channel": TEAMS_CHANNEL, "tenant_id": TENANT}
NO_SETTINGS: Final[Mapping[str, object]] = {}
NO_ROOMS: Final[Mapping[str, Mapping[str, object]]] = {}


@dataclass(frozen=True, slots=True)
class SentMail:
    """A letter as it lies in the outgoing folder."""

    name: str
    to: str
    subject: str
    text: str
    message_id: str

    @property
    def link(self) -> str:
        """The person's link in it."""
        found = LINK.search(self.text)
        assert found, f"no link in {self.subject!r}"
        return found.group()


@dataclass(slots=True)
class Visitor:
    """The person in a browser of their own. `asked` are the addresses they requested of us."""

    session: ClientSession
    url: str
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str) -> tuple[int, str]:
        """Look at a page."""
        self.asked.append(path)
        async with self.session.get(self._at(path)) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Send a form and follow where it leads."""
        self.asked.append(path)
        async with self.session.post(self._at(path), data=dict(form or {})) as answer:
            self.asked.append(str(answer.url))
            return answer.status, await answer.text()

    async def enter(self, link: str) -> str:
        """Follow a letter's link: look, then press; return the page."""
        status, _ = await self.get(link)
        assert status == 200
        status, page = await self.post(link)
        assert status == 200, page
        return page

    async def package(self) -> bytes:
        """Fetch the package, and see the page again: by the same connection, so after the fetching was noted."""
        self.asked.append("/c/package")
        async with self.session.post(self._at("/c/package")) as answer:
            assert answer.status == 200
            whole = await answer.read()
        await self.get("/c/page")
        return whole

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.url}{path}"


@dataclass(slots=True, repr=False)  # asyncio writes out what a fixture's task returned, and this would be much
class Furnished:
    """The desk and everybody around it."""

    opened: Opened
    clock: FixedClock
    slack: SlackStandIn
    vendors: Mapping[str, StandIn]
    stack: AsyncExitStack
    teams: TeamsStandIn
    visitors: list[Visitor] = field(default_factory=list)

    # --- the world -------------------------------------------------------------------------------

    @property
    def hubspot(self) -> HubSpotSandbox:
        sandbox = self.vendors["hubspot"].sandbox
        assert isinstance(sandbox, HubSpotSandbox)
        return sandbox

    @property
    def eventbrite(self) -> EventbriteSandbox:
        sandbox = self.vendors["eventbrite"].sandbox
        assert isinstance(sandbox, EventbriteSandbox)
        return sandbox

    @property
    def mail_folder(self) -> Path:
        return self.opened.settings.mailbox.folder

    async def settle(self) -> None:
        """Read the mailbox and carry out everything that is due."""
        async with self.opened.house.work() as unit:
            await unit.jobs.put(Job(JobKind.READ_MAIL, "mailbox"))
        await self.opened.runner.drain()

    async def later(self, by: timedelta, steps: int = 1) -> None:
        """Let time pass, in equal steps, and everything that falls due happen."""
        for _ in range(steps):
            self.clock.advance(by / steps)
            await self.settle()

    async def until(self, moment: datetime) -> None:
        """Let time pass until a moment."""
        await self.later(moment - self.clock.now())

    async def tick(self, name: str) -> None:
        """Ring the clockwork."""
        await ring(self.opened.house.work, name, self.clock.now())
        await self.settle()

    async def mail(self, raw: bytes) -> None:
        """Let a mail arrive through our mail server, and be read."""
        _deliver(self.mail_folder / "in", as_received(raw, SAMPLES, self.clock, AUTHSERV))
        await self.settle()

    async def raw_mail(self, raw: bytes) -> None:
        """Let bytes lie in the mailbox exactly as they are, and be read."""
        _deliver(self.mail_folder / "in", raw)
        await self.settle()

    async def pour(self, raws: Sequence[bytes]) -> None:
        """Let many mails lie in the mailbox exactly as they are, and be read."""
        lay(raws, self.mail_folder / "in")
        await self.settle()

    async def sample(self, key: str) -> str:
        """Let one of the demo's mails arrive; return the newest ticket's reference, "" when it opened none."""
        before = {ticket.ref for ticket in await self.tickets()}
        await self.mail(b"sample:" + key.encode())
        new = [ticket.ref for ticket in await self.tickets() if ticket.ref not in before]
        return new[0] if new else ""

    def letters(self, to: str = "") -> list[SentMail]:
        """Return the letters that left, oldest first."""
        return [letter for letter in letters_in(self.mail_folder / "out" / "new") if to in ("", letter.to)]

    # --- what the desk knows -----------------------------------------------------------------------

    async def tickets(self) -> Sequence[Ticket]:
        """Return every ticket."""
        async with self.opened.house.work() as unit:
            return await unit.tickets.matching(TicketQuery(open_only=False, limit=EVERY))

    async def held(self) -> list[Ticket]:
        """Return the tickets that stand on a burst's card and have none of their own."""
        async with self.opened.house.work() as unit:
            return [one for one in await unit.tickets.matching(TicketQuery(limit=EVERY)) if await is_held(unit, one.id)]

    async def posts(self) -> set[str]:
        """Return what stands in the channel: what each of its cards is about."""
        async with self.opened.house.work() as unit:
            return {post.about for post in await unit.posts.feed("slack", CHANNEL, 5_000)}

    @staticmethod
    def form_of(page: str, act: str) -> dict[str, str]:
        """Return what the first form with that act on a page sends."""
        form = LexborHTMLParser(page).css_first(f"form[action$='/{act}']")
        assert form is not None, f"no form {act!r}"
        return {one.attributes["name"] or "": one.attributes.get("value") or "" for one in form.css("input")}

    async def ticket(self, key: str = FIRST) -> Ticket:
        """Return a ticket as it is."""
        async with self.opened.house.work() as unit:
            return await unit.tickets.load(key)

    async def events(self, key: str = FIRST) -> list[Entry]:
        """Return a ticket's ledger (or another chain's)."""
        async with self.opened.house.work() as unit:
            chain = (await unit.tickets.load(key)).id if key.startswith("PR-") else key
            return list(await unit.ledger.entries(chain))

    # --- colleagues --------------------------------------------------------------------------------

    def who(self, name: str) -> Colleague:
        """Return a colleague by id."""
        return self.opened.house.people.by_id(name)

    async def card(self, name: str, about: str = FIRST) -> Card:
        """Return what a colleague sees."""
        return await self.opened.desk.view(self.who(name), about)

    async def press(self, name: str, verb: Verb, about: str = FIRST, label: str = "") -> Card:
        """Press a button of the card shown to a colleague; let follow what follows.

        To send a letter with which a package goes is to type the reference in the form that asks for it.
        """
        card = await self.card(name, about)
        if verb is Verb.SEND_LETTER and Verb.SEND_PACKAGE in verbs(card) and not _offers(card, verb, label):
            ref = (await self.ticket(about)).ref
            return await self.fill(name, Verb.SEND_PACKAGE, {"reference": ref}, about, label)
        button = find(await self._with_menu(name, card, verb, label), verb, label)
        assert not button.opens_form
        shown = await self.opened.desk.press(self.who(name), button.press)
        await self.settle()
        return shown

    async def _with_menu(self, name: str, card: Card, verb: Verb, label: str) -> Card:
        """Return the card, or what opens behind "Fler åtgärder…" where a button does not stand on it."""
        if _offers(card, verb, label) or not _offers(card, Verb.MORE, ""):
            return card
        return await self.opened.desk.press(self.who(name), find(card, Verb.MORE).press)

    async def form(self, name: str, verb: Verb, about: str = FIRST, label: str = "") -> Form:
        """Open the form behind a button of the card shown to a colleague."""
        button = find(await self._with_menu(name, await self.card(name, about), verb, label), verb, label)
        assert button.opens_form
        return await self.opened.desk.form(self.who(name), button.press)

    async def fill(
        self, name: str, verb: Verb, given: Mapping[str, str | Sequence[str]], about: str = FIRST, label: str = ""
    ) -> Card:
        """Open a form, change what is *given*, send it; let follow what follows."""
        return await self.send(name, await self.form(name, verb, about, label), given)

    async def send(self, name: str, form: Form, given: Mapping[str, str | Sequence[str]]) -> Card:
        """Send a form with its prefilled values and what is *given*."""
        shown = await self.opened.desk.submit(self.who(name), form.press, filled(form, given))
        await self.settle()
        return shown

    async def decide(self, name: str, about: str = FIRST, decision: str = "approve", typed: str = "") -> Card:
        """Decide every row of a colleague's own, with the reference typed where it is asked for."""
        form = await self.form(name, Verb.DECIDE, about)
        given: dict[str, str | Sequence[str]] = {
            element.name: decision for element in form.elements if isinstance(element, Choice)
        }
        if any(isinstance(element, Input) for element in form.elements):
            given["reference"] = typed or about
        return await self.send(name, form, given)

    async def finish(self, name: str, about: str = FIRST, result: str = "not_found", label: str = "") -> Card:
        """Close a step by hand."""
        return await self.fill(name, Verb.FINISH_BY_HAND, {"result": result}, about, label)

    async def review(self, name: str, about: str = FIRST, verb: Verb = Verb.REVIEW) -> tuple[Visitor, str, str]:
        """Open the review page as a colleague; return the browser, the page's path and its content."""
        shown = await self.press(name, verb, about)
        (link,) = (element.url for element in shown.elements if isinstance(element, Link))
        browser = await self.visitor()
        browser.asked.append(link)
        async with browser.session.post(link) as answer:
            browser.asked.append(str(answer.url))
            assert answer.status == 200
            return browser, answer.url.path, await answer.text()

    async def visitor(self) -> Visitor:
        """Return a new browser with no cookies."""
        session = await self.stack.enter_async_context(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        visitor = Visitor(session, self.opened.house.public_url)
        self.visitors.append(visitor)
        return visitor

    async def person(self, letter: SentMail) -> Visitor:
        """Return the person, who has followed the link of a letter."""
        visitor = await self.visitor()
        await visitor.enter(letter.link)
        return visitor


def find(card: Card, verb: Verb, label: str = "") -> Button:
    """Return the button on a card, by what it means (and by words on it)."""
    for button in buttons(card):
        if button.press.verb is verb and label in button.label:
            return button
    raise AssertionError(f"no {verb} {label!r} on {card.title!r}: {[one.label for one in buttons(card)]}")


def _offers(card: Card, verb: Verb, label: str) -> bool:
    return any(one.press.verb is verb and label in one.label for one in buttons(card))


def buttons(card: Card) -> list[Button]:
    """Return every button on a card."""
    return [
        button
        for actions in card.elements
        if isinstance(actions, Actions)
        for button in (*actions.buttons, *actions.more)
    ]


def verbs(card: Card) -> set[Verb]:
    """Return what can be done with a card."""
    return {button.press.verb for button in buttons(card)}


def words(shown: Card | Form) -> str:
    """Return every word of a card or form."""
    return "\n".join((shown.title, *(word for element in shown.elements for word in _said(element))))


def _said(element: CardElement | FormElement) -> Iterator[str]:
    match element:
        case Text(text=text):
            yield text
        case Facts(pairs=pairs):
            yield from (f"{label}: {value}" for label, value in pairs)
        case Steps(spoken=spoken):
            yield spoken
        case Table(head=head, rows=rows):
            yield from (" ".join(row) for row in (head, *rows))
        case Actions(buttons=shown, more=more):
            yield from (button.label for button in (*shown, *more))
        case Link(label=label, url=url):
            yield from (label, url)
        case Choice(label=label, options=options):
            yield from (label, *(text for _, text in options))
        case Input(label=label, value=value, hint=hint):
            yield from (label, value, hint)


def filled(form: Form, given: Mapping[str, str | Sequence[str]]) -> Values:
    """Return the values a chat would send: what stands in the form, and what is *given* instead."""
    fields = [element for element in form.elements if isinstance(element, Choice | Input)]
    unknown = set(given) - {one.name for one in fields}
    assert not unknown, f"no field {unknown} in {form.title!r}"
    values: Values = {}
    for one in fields:
        wanted = given.get(one.name)
        if wanted is None:
            values[one.name] = one.chosen if isinstance(one, Choice) else (one.value,)
            continue
        chosen = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        if isinstance(one, Choice):
            assert set(chosen) <= {value for value, _ in one.options}, f"{chosen} is no choice of {one.name}"
        values[one.name] = chosen
    return values


def rows_of(form: Form) -> list[str]:
    """Return the names of a decision's rows, one for each task that may be decided."""
    names = (element.name for element in form.elements if isinstance(element, Choice))
    return [name for name in names if name.startswith("task:")]


def pressed(card: Card, verb: Verb) -> Press:
    """Return the press of a button as it lies on a card, to be pressed later."""
    return find(card, verb).press


def letters_in(folder: Path) -> list[SentMail]:
    """Return the letters of an outgoing folder, oldest first."""
    return [_sent(file) for file in sorted(folder.glob("*"), key=lambda file: file.stat().st_mtime_ns)]


def _sent(file: Path) -> SentMail:
    mail = message_from_bytes(file.read_bytes(), policy=modern)
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return SentMail(file.name, str(mail["To"]), str(mail["Subject"]), text, str(mail["Message-ID"]))


def settings_for(
    folder: Path,
    url: str,
    port: int,
    vendors: Mapping[str, StandIn],
    slack: SlackStandIn,
    more: Mapping[str, Mapping[str, object]],
) -> Settings:
    """Return settings of a desk that lives in *folder* and speaks to the stand-ins, as fast as they answer.

    *more* are settings by room ("mailbox", "teams", "sign_in"), beside and before those of the folder.
    """
    unhurried = {"hubspot": {"searches_per_second": 0, "calls_per_10_seconds": 0}}
    return load(
        {
            "database_url": url,
            "keys": new_key(),
            "index_key": new_key(),
            "signing_key": new_key(),
            "public_url": f"http://127.0.0.1:{port}",
            "port": port,
            "systems": {key: {**one.stanza, **unhurried.get(key, {})} for key, one in vendors.items()},
            "mailbox": {
                "kind": "folder",
                "folder": folder / "mail",
                "address": "info@goto.work",
                "authserv_id": AUTHSERV,
                "forwarders": ["info@goto.work"],
                **more.get("mailbox", {}),
            },
            "teams": more.get("teams", {}),
            "sign_in": more.get("sign_in", {}),
            **more.get("keys", {}),
            "digest_file": folder / "digests.txt",
            "slack": {
                "bot_token": TOKEN,
                "signing_secret": SIGNING_SECRET,
                "api_url": slack.api_url,
                "channel": CHANNEL,
                "mail_channel": MAIL_CHANNEL,
            },
        }
    )


def watched(watches: dict[str, Watch]) -> Callable[[str, Sandbox], None]:
    """Hold every vendor against its own description, where that is here."""

    def watch(key: str, sandbox: Sandbox) -> None:
        if SPECS.is_dir() and key in FILES:
            watches[key] = Watch(key)
            sandbox.middlewares.append(watches[key].middleware)

    return watch


@asynccontextmanager
async def furnished(
    folder: Path,
    sqlite_url: str,
    clock: FixedClock,
    mailbox: Mapping[str, object] = NO_SETTINGS,
    *,
    in_teams: bool = False,
    keys: Mapping[str, object] = NO_SETTINGS,
    sign_in: Mapping[str, object] = NO_SETTINGS,
) -> AsyncIterator[Furnished]:
    """Give a furnished desk on a migrated, empty store; *mailbox* are settings other than the folder's.

    *keys*: those of a desk that stood on the same store before.
    *in_teams*: colleagues have Teams beside Slack, without sign-in, as a playground on this machine is.
    """
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(serve_slack())
        teams = await stack.enter_async_context(serve_teams())
        watches: dict[str, Watch] = {}
        vendors = await stack.enter_async_context(stand_ins(discover(), clock.now().date(), watched(watches)))
        rooms = {"mailbox": mailbox, "teams": IN_TEAMS if in_teams else {}, "keys": keys, "sign_in": sign_in}
        settings = settings_for(folder, sqlite_url, free_port(), vendors, slack, rooms)

        def messengers(session: ClientSession, texts: Texts, people: People, work: Work) -> Mapping[str, Messenger]:
            rests = Rests("Slack", lambda: clock.now().timestamp())
            client = slack_client(TOKEN, slack.api_url, session, rests)
            chats: list[Messenger] = [SlackMessenger(client, texts, people, settings.language, unhurried())]
            if in_teams:
                places = References(work, clock, TENANT, loopback=True)
                connector = Connector(session, "", None, loopback=True)
                chats.append(TeamsMessenger(connector, places, texts, people, settings.language, unhurried()))
            return {chat.chat: chat for chat in (*chats, ConsoleMessenger())}

        opened = await stack.enter_async_context(
            served(settings, clock, messengers, halves=Halves(web=True, worker=False))
        )
        desk = Furnished(opened, clock, slack, vendors, stack, teams)
        desk.hubspot.account._search_lag = 0.0  # time is moved by hand here; the lag is proved elsewhere
        yield desk
        assert not [one for watch in watches.values() for one in watch.differences]


def unhurried() -> Pace:
    """Return a pace at which nobody waits; that it is kept is proved elsewhere."""
    tens = count(step=10)
    return Pace(lambda: float(next(tens)))
