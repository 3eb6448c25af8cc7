"""One browser page on which cards are drawn. Nothing is fetched: what it asks for is answered from here or refused."""

from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route

from bot.card import Card, Form
from bot.domain.request import Language
from handlers.page import KINDS, LOOK
from tests.pictures.drawn import Gallery, chat_json, console_page
from tests.pictures.renderers import HERE

PHONE: Final = 360  # CSS pixels
DESK: Final = 1280
#: A name no machine has, so that nothing can be asked of anybody by mistake.
ORIGIN: Final = "http://stage.invalid"
#: Where the page stands, and where the console's script asks for it anew.
PAGES: Final = {"/", "/console"}
BLANK: Final = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Stage</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/stage.css">
<div id="stage"></div><script src="/stage.js"></script>"""
#: Cards drawn at a time: a page of all of them takes long to lay out anew.
AT_ONCE: Final = 20
SCREEN: Final = 740  # CSS pixels a phone is high
#: A form of the console covers the page: another one takes its place without the page being read anew.
IN_PLACE: Final = """([name, html]) => {
  const other = new DOMParser().parseFromString(html, "text/html").querySelector(".curtain");
  other.querySelector("[role=dialog]").dataset.name = name;
  document.querySelector(".curtain").replaceWith(other);
}"""

#: By name: what is said, and what is wrong by kind (`looks.js`).
Looks = dict[str, dict[str, str | list[str]]]


@dataclass
class Stage:
    """The page, by what can be put on it. `troubles` are scripts that erred and whatever was asked of the outside."""

    page: Page
    files: Mapping[str, Path]
    html: str = ""
    at: str = ""
    troubles: list[str] = field(default_factory=list)

    async def draw(self, chat: str, language: Language, shown: Gallery) -> None:
        """Draw these in place of what was there; `at_once` says what can be drawn at once."""
        if chat != "console":
            await self._load(f"chat {language}", BLANK.format(language=language))
            await self.page.evaluate("all => draw(all)", [chat_json(chat, *pair, language) for pair in shown.items()])
            await self.page.evaluate("() => document.fonts.ready.then(() => true)")
            return
        cards = {name: one for name, one in shown.items() if isinstance(one, Card)}
        if cards:
            await self._load("", console_page(cards, language))
        for name, one in shown.items():
            if isinstance(one, Form):
                html = console_page({}, language, one)
                await self._load(f"form {language}", html)
                await self.page.evaluate(IN_PLACE, [name, html])

    async def looks(self, *, pale_only: bool = False) -> Looks:
        """Return what is said and what is wrong with each that is drawn; *pale_only* looks at the colours alone."""
        looks: Looks = await self.page.evaluate("only => looks(only)", pale_only)
        return looks

    async def photograph(self, into: Path, suffix: str) -> None:
        """Write a picture of each that is drawn into *into*, named by it and *suffix*."""
        width = (self.page.viewport_size or {"width": PHONE})["width"]
        await self.page.set_viewport_size({"width": width, "height": await self.page.evaluate("() => tall()")})
        camera = await self.page.context.new_cdp_session(self.page)
        for name, box in (await self.page.evaluate("() => boxes()")).items():
            asked = {"format": "png", "captureBeyondViewport": True, "clip": {**box, "scale": 1}}
            taken = await camera.send("Page.captureScreenshot", asked)
            (into / f"{name}-{suffix}.png").write_bytes(b64decode(taken["data"]))
        await camera.detach()
        await self.page.set_viewport_size({"width": width, "height": SCREEN})

    async def _load(self, at: str, html: str) -> None:
        """Load a page, unless the one that stands there serves (then both have the same name)."""
        if at and at == self.at:
            return
        self.at, self.html = at, html
        await self.page.goto(f"{ORIGIN}/")
        await self.page.add_script_tag(path=HERE / "looks.js")

    async def answer(self, route: Route) -> None:
        """Answer what the page asks for."""
        where = urlsplit(route.request.url)
        path = self.files.get(where.path)
        if f"{where.scheme}://{where.netloc}" != ORIGIN or (path is None and where.path not in PAGES):
            self.troubles.append(f"asked for {route.request.url}")
            await route.abort()
        elif path is None:
            await route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        else:
            await route.fulfill(body=path.read_bytes(), content_type=KINDS[path.suffix])


@asynccontextmanager
async def stage(browser: Browser, bundle: tuple[Path, ...], width: int, *, sharp: float = 1) -> AsyncIterator[Stage]:
    """Open a page *width* pixels wide; *sharp* is how many dots of a picture one of them becomes."""
    context = await browser.new_context(
        locale="sv-SE",
        timezone_id="Europe/Stockholm",
        viewport={"width": width, "height": SCREEN},
        device_scale_factor=sharp,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    files = {f"/{path.name}": path for path in bundle} | {f"/look/{path.name}": path for path in LOOK.iterdir()}
    one = Stage(page, files)
    await page.route("**/*", one.answer)
    page.on("pageerror", lambda error: one.troubles.append(f"script: {error}"))
    yield one
    await context.close()


def at_once(chat: str, shown: Gallery) -> list[Gallery]:
    """Return these in parts that can be drawn at once: of forms the console shows one at a time."""
    apart = [{name: one} for name, one in shown.items() if chat == "console" and isinstance(one, Form)]
    rest = iter([pair for pair in shown.items() if chat != "console" or isinstance(pair[1], Card)])
    parts: list[Gallery] = []
    while part := dict(islice(rest, AT_ONCE)):
        parts.append(part)
    return [*parts, *apart]
