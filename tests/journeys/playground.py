"""Microsoft's own Agents Playground, which draws our cards with the parts the Teams client is made of.

It is a program of Microsoft's under terms that forbid handing it on: `.ci/run` installs it
outside the repository, and where it is not, the tests that need it say so. The page's own
endpoint, by which a second person acts, is not documented; hence the pinned version.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Locator, Page, expect

from bot.domain.people import Colleague
from handlers.teams import PATH
from tests.free_port import free_port
from tests.journeys.furnished import Furnished
from tests.standins.teams import CHANNEL, GROUP, TEAM, TENANT, TeamsStandIn

VERSION: Final = "0.2.28"
PACKAGE: Final = f"@microsoft/m365agentsplayground@{VERSION}"
OWN_CHAT: Final = "a:1the-readers-own-chat"
CHANNEL_NAME: Final = "Requests"
GROUP_NAME: Final = "Privacy group"
#: Somebody of the tenant who is nobody at the desk.
STRANGER: Final = "29:tom"
INVOKE: Final = "**/_conversation/v1/invoke"
LISTENING: Final = "Listening on "
STARTS_WITHIN: Final = 60.0  # seconds; three on a quiet machine
PATIENCE: Final = 30_000  # milliseconds
#: The program would listen on every address of the machine; nobody but the test is to find it.
LOOPBACK_ONLY: Final = """
const { Server } = require("net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (where, ...rest) {
  if (where !== null && typeof where === "object") return listen.call(this, { ...where, host: "127.0.0.1" }, ...rest);
  return listen.call(this, where, "127.0.0.1", ...rest.filter((one) => typeof one === "function"));
};
"""

Json = dict[str, Any]


def installed() -> Path:
    """Return the program, or skip the test."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = cache / "privacy-desk" / f"playground-{VERSION}" / "node_modules/@microsoft/m365agentsplayground/cli.js"
    if shutil.which("node") is None:
        pytest.skip("no Node.js on this machine, which Microsoft's Agents Playground needs")
    if not program.is_file():
        pytest.skip(f"Microsoft's Agents Playground is not installed: .ci/run does it where npm is ({PACKAGE})")
    return program


class PlaygroundTenant(TeamsStandIn):
    """The Playground in the place of our own stand-in: what people say through it goes there."""

    def __init__(self, port: int, reader: Colleague) -> None:
        super().__init__()
        self.url = f"http://127.0.0.1:{port}"
        self.people = {reader.handles["teams"]: OWN_CHAT}

    @property
    def service_url(self) -> str:
        """The address the Playground tells a bot."""
        return f"{self.url}/_connector"


@dataclass(frozen=True, slots=True)
class Playground:
    """The Playground in a browser, read by *reader*."""

    page: Page
    tenant: PlaygroundTenant
    session: ClientSession

    async def enter(self, room: str) -> None:
        """Open a chat or channel by its name."""
        await self.page.get_by_role("treeitem", name=room).click()

    async def say(self, text: str, *, mention: bool) -> None:
        """Type something; *mention* the bot, as one must where others read."""
        await self.page.locator("div[contenteditable=true]").first.click()
        if mention:
            await self.page.keyboard.type("@", delay=50)
            await self.page.get_by_role("menuitem", name="Privacy Desk").click()
        await self.page.keyboard.type(f" {text}" if mention else text)
        await self.page.keyboard.press("Enter")

    async def shows(self, text: str) -> None:
        """Wait until something stands in the open chat."""
        await expect(self.said(text)).to_be_visible(timeout=PATIENCE)

    def said(self, text: str) -> Locator:
        """Something that stands in the open chat."""
        return self.page.get_by_text(text).last

    async def press(self, label: str) -> None:
        """Press the newest button with those words."""
        await self.page.get_by_role("button", name=label, exact=True).last.click()

    async def pressed(self, label: str) -> Json:
        """Press a button that acts; return what the page sent."""
        async with self.page.expect_request(INVOKE) as asked:
            await self.press(label)
        body = (await asked.value).post_data_json
        assert isinstance(body, dict)
        return body

    async def press_as(self, who: str, body: Json) -> str:
        """Press what the reader could press as somebody else of the tenant; return the answer."""
        pressed = {**body, "from": {"id": who}}
        async with self.session.post(f"{self.tenant.url}/_conversation/v1/invoke", json=pressed) as answer:
            assert answer.status == 200
            return await answer.text()

    async def choose(self, command: str) -> None:
        """Choose one of the app's commands on the newest message."""
        await self.page.get_by_label("Show more information").last.click()
        await self.page.get_by_role("menuitem", name="Action Command").click()
        await self.page.get_by_placeholder("Input command id or leave blanks").fill(command)
        await self.page.get_by_role("button", name="Create").click()


def configured(people: list[Colleague], reader: Colleague) -> str:
    """Return what the Playground is told of the tenant (JSON, which YAML reads too)."""

    def person(one: Colleague) -> Json:
        given, _, surname = one.name.partition(" ")
        return {
            "id": f"29:{one.id}",
            "name": one.name,
            "givenName": given,
            "surname": surname,
            "email": one.email,
            "userPrincipleName": one.email,
            "aadObjectId": one.handles["teams"],
        }

    stranger = Colleague(
        "tom", "Tom Berg", "tom@gotowork.example", handles={"teams": "0badc0de-0000-4000-8000-000000000001"}
    )
    others = [person(one) for one in (*people, stranger) if one.id != reader.id]
    return json.dumps(
        {
            "version": "0.1.0",
            "tenantId": TENANT,
            "bot": {"id": "00000000-0000-4000-8000-000000000011", "name": "Privacy Desk"},
            "currentUser": person(reader),
            "users": others,
            "personalChat": {"id": OWN_CHAT},
            "groupChat": {"id": GROUP, "name": GROUP_NAME},
            "team": {
                "id": TEAM,
                "name": "Privacy",
                "aadGroupId": "00000000-0000-4000-8000-000000000031",
                "channels": [{"id": CHANNEL, "name": CHANNEL_NAME}],
            },
        }
    )


@asynccontextmanager
async def running(desk: Furnished, folder: Path, reader: Colleague) -> AsyncIterator[PlaygroundTenant]:
    """Run the Playground against a desk, in *folder*."""
    program, port = installed(), free_port()
    people = list(desk.opened.house.people.colleagues)
    (folder / ".m365agentsplayground.yml").write_text(configured(people, reader), encoding="utf-8")
    (folder / "loopback.cjs").write_text(LOOPBACK_ONLY, encoding="utf-8")
    asked = ["node", "--require", "./loopback.cjs", str(program), "start", "-c", "msteams", "-p", str(port)]
    asked += ["-e", f"{desk.opened.house.public_url}{PATH}", "--su", f"http://127.0.0.1:{port}/_connector"]
    asked += ["--disable-telemetry"]
    node = await asyncio.create_subprocess_exec(
        *asked, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert node.stdout is not None
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            line = b""
            while LISTENING.encode() not in line:
                line = await node.stdout.readline()
                assert line, "the Playground ended"
        assert line.decode().strip().endswith(str(port))
        yield PlaygroundTenant(port, reader)
    finally:
        node.terminate()
        await node.wait()


@asynccontextmanager
async def opened(browser: Browser, tenant: PlaygroundTenant, session: ClientSession) -> AsyncIterator[Playground]:
    """Open the Playground's page; nothing is fetched from outside the machine."""
    context = await browser.new_context(locale="sv-SE", viewport={"width": 1400, "height": 1000})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.route(lambda url: not url.startswith(tenant.url), lambda route: route.abort())
    await page.goto(f"{tenant.url}/")
    await page.get_by_text("Connected.").first.wait_for()
    yield Playground(page, tenant, session)
    await context.close()
