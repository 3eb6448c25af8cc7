"""A furnished desk where colleagues sign in, and how they do it in a browser without scripts."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.card import Link, Verb
from bot.domain.ledger import LedgerEvent
from bot.domain.people import People
from bot.domain.request import Language
from bot.services.staff.roster import catch_up
from tests.fakes import FixedClock
from tests.journeys.furnished import FIRST, Furnished, Visitor, furnished
from tests.standins.entra import CLIENT, SECRET, TENANT, EntraStandIn, Person, serve_entra

SARA = Person("5a5a5a5a-1111-4222-8333-000000000001", "Sara.Lind@gotowork.example")
KARIN = Person("5a5a5a5a-1111-4222-8333-000000000002", "karin.holm@gotowork.example")
MARIA = Person("5a5a5a5a-1111-4222-8333-000000000003", "maria.ek@gotowork.example")
DAVID = Person("5a5a5a5a-1111-4222-8333-000000000004", "david.reed@gotowork.example")
STRANGER = Person("5a5a5a5a-1111-4222-8333-000000000005", "olle.ny@gotowork.example")
CONTENT = "Priya Natarajan"


@dataclass
class Guarded:
    """A desk where colleagues sign in, and the login server they do it with."""

    desk: Furnished
    entra: EntraStandIn

    async def link(self, name: str = "sara", about: str = FIRST, verb: Verb = Verb.REVIEW) -> str:
        """Let a colleague press for the content; return the path of the link they get."""
        shown = await self.desk.press(name, verb, about)
        (link,) = (element.url for element in shown.elements if isinstance(element, Link))
        return link.removeprefix(self.desk.opened.house.public_url)

    async def begin(self, browser: Visitor, path: str) -> str:
        """Press on at the page a link shows; return where the browser is sent to sign in."""
        status, page = await browser.get(path)
        assert status in (200, 403)
        where, form = (path, {}) if path.startswith("/review/") else ("/sign-in", self.desk.form_of(page, "sign-in"))
        async with browser.session.post(f"{browser.url}{where}", data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"]

    async def come_back(self, browser: Visitor, brought: Mapping[str, str]) -> tuple[int, str]:
        """Carry the login server's form back, and press on."""
        status, page = await browser.post("/sign-in/back", brought)
        if status != 200:
            return status, page
        return await browser.post("/sign-in/finish", self.desk.form_of(page, "finish"))

    async def enter(self, browser: Visitor, path: str, person: Person) -> tuple[int, str]:
        """Follow a link and sign in on the way; return what is shown."""
        return await self.come_back(browser, self.entra.agree(await self.begin(browser, path), person))

    async def open(self, browser: Visitor, path: str) -> tuple[int, str, str]:
        """Follow a link when signed in already; return the page and its address."""
        status, page = await browser.get(path)
        assert status == 200
        assert CONTENT not in page
        async with browser.session.post(f"{browser.url}{path}") as answer:
            return answer.status, await answer.text(), answer.url.path

    def sentence(self, key: str, language: Language = Language.SV, who: str = "") -> str:
        """Return what the desk says of a sign-in that did not work."""
        return self.desk.opened.house.texts.say(language, f"refusal.sign_in_{key}", {"who": who} if who else {})

    async def events(self) -> list[tuple[LedgerEvent, str, str]]:
        """Return what is written down of people coming and going."""
        return [(one.event, one.actor, str(one.facts.get("why", ""))) for one in await self.desk.events("desk")]


@asynccontextmanager
async def guarded_desk(folder: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[Guarded]:
    """Give a desk with one request, guarded by a login server."""
    async with serve_entra(EntraStandIn(clock)) as entra:
        sign_in = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": SECRET, "login_url": entra.url}
        async with furnished(folder, sqlite_url, clock, sign_in=sign_in) as desk:
            entra.redirect = f"{desk.opened.house.public_url}/sign-in/back"
            await catch_up(desk.opened.house, nobody_by_id(desk.opened.house.people.written))
            await desk.sample("erase")
            yield Guarded(desk, entra)


def nobody_by_id(people: People) -> People:
    """Return the people as a file has them in which no id of the directory is written down yet."""
    rest = [
        replace(one, handles={chat: handle for chat, handle in one.handles.items() if chat != "teams"})
        for one in people.colleagues
    ]
    return People(tuple(rest), people.rota)
