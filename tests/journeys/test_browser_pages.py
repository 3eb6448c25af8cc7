"""The pages in a real browser: the script refreshes without disturbing, and nothing needs it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot.domain.request import Language
from handlers.console import Outside, Sample, SentLetter, console_routes
from handlers.guesses import Guesses
from handlers.page import Pages
from handlers.portal import portal_routes
from handlers.review import review_routes
from handlers.web import make_application, make_runner
from tests.fakes import FixedClock
from tests.handlers.conftest import WELL
from tests.handlers.stand_ins import CHANNEL, LETTER, REF, SYSTEMS, TEXTS, SmallDesk, SmallPortal, SmallReview

pytestmark = [pytest.mark.browser, pytest.mark.long]
PHONE = {"width": 360, "height": 740}


class Stage:
    """All pages around small stand-ins, and their address."""

    def __init__(self) -> None:
        self.desk, self.portal, self.review = SmallDesk(), SmallPortal(), SmallReview()
        self.letters: list[SentLetter] = []
        self.dropped: list[bytes] = []
        self.url = ""

    def application(self) -> web.Application:
        """Return the application of all doors."""
        pages, guesses = Pages(TEXTS), Guesses()
        sample = Sample("anna", {Language.SV: "Anna vill ha en kopia", Language.EN: "Anna wants a copy"}, b"Hej")
        outside = Outside([sample], self.dropped.append, lambda: self.letters, FixedClock())
        return make_application(
            pages,
            WELL,
            [
                portal_routes(self.portal, pages, secure=False, guesses=guesses),
                review_routes(self.review, pages, secure=False, guesses=guesses),
                console_routes(self.desk, pages, outside, channel=CHANNEL, systems=SYSTEMS),
            ],
        )


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Everything served on loopback."""
    stage = Stage()
    runner = make_runner(stage.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stage.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stage
    await runner.cleanup()


async def test_a_letter_appears_by_itself_and_disturbs_nobody(browser_page: Page, stage: Stage) -> None:
    page = browser_page
    await page.goto(f"{stage.url}/console")
    await page.get_by_text("1 händelse", exact=True).click()
    await page.get_by_label("Skriv till desken").fill("halvskriv")
    stage.letters.append(SentLetter("anna@example.com", "Din kopia är klar", LETTER))
    stage.desk.told.append("Något hände 09:59")
    await expect(page.get_by_text("Din kopia är klar")).to_be_visible(timeout=8000)
    await expect(page.get_by_text("Något hände 09:59")).to_be_visible()
    await expect(page.get_by_label("Skriv till desken")).to_have_value("halvskriv")
    await expect(page.get_by_label("Skriv till desken")).to_be_focused()


async def test_an_open_menu_stays_open(browser_page: Page, stage: Stage) -> None:
    page = browser_page
    await page.goto(f"{stage.url}/console")
    await page.get_by_label(f"Mer: {REF} · Ny begäran").click()
    stage.desk.told.append("Något hände 09:59")
    stage.letters.append(SentLetter("anna@example.com", "Din kopia är klar", LETTER))
    await expect(page.get_by_text("Din kopia är klar")).to_be_visible(timeout=8000)
    await expect(page.get_by_role("button", name="Lämna över…")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Lämna över…")).to_be_hidden()
    await expect(page.get_by_text("2 händelser", exact=True)).to_be_visible(timeout=8000)


async def test_a_form_takes_the_keyboard_and_gives_it_back(browser_page: Page, stage: Stage) -> None:
    stage.desk.stage = 3
    page = browser_page
    await page.goto(f"{stage.url}/console")
    await page.get_by_role("button", name="Besluta…").click()
    await expect(page.get_by_role("heading", name=f"Besluta om {REF}")).to_be_focused()
    for _ in range(8):
        await page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || document.activeElement.closest('[role=dialog]') !== null"
        assert await page.evaluate(inside)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1440, "height": 950}], ids=["phone", "desk"])
async def test_the_console_works_without_script(browser: Browser, stage: Stage, viewport: dict[str, int]) -> None:
    context = await browser.new_context(
        locale="sv-SE", java_script_enabled=False, viewport={"width": viewport["width"], "height": viewport["height"]}
    )
    page = await context.new_page()
    await page.goto(f"{stage.url}/console")
    await page.get_by_role("button", name="Anna vill ha en kopia").click()
    await expect(page.get_by_text("Mejlet är på väg.")).to_be_visible()
    await page.get_by_role("button", name="Bekräfta").click()
    await page.get_by_role("button", name="Besluta…").click()
    await page.get_by_label("Skriv ärendets nummer").fill(REF)
    await page.get_by_role("button", name="Spara beslutet").click()
    await expect(page.get_by_role("heading", name=f"{REF} · Utförs")).to_be_visible()
    assert stage.dropped == [b"Hej"]
    assert len(stage.desk.submitted) == 1
    await context.close()


async def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


#: The smallest room to the side between two step names on one line, in pixels.
BETWEEN_STEPS = """line => {
  const boxes = [...line.children].flatMap(step => {
    const range = document.createRange();
    range.selectNodeContents(step.firstChild);
    return [...range.getClientRects()].filter(box => box.width > 1).map(box => ({step, box}));
  });
  const beside = (a, b) => a.step !== b.step && a.box.top < b.box.bottom && b.box.top < a.box.bottom;
  const pairs = boxes.flatMap(a => boxes.filter(b => beside(a, b) && a.box.left <= b.box.left).map(b => [a, b]));
  return Math.min(...pairs.map(([a, b]) => b.box.left - a.box.right));
}"""


@pytest.mark.parametrize("width", [320, 360, 520])
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_no_two_step_names_touch(browser: Browser, stage: Stage, language: str, width: int) -> None:
    """At 320 px "ReceivedSearch" could be read; a step that was not needed has the longest name."""
    stage.desk.stage = 3
    context = await browser.new_context(locale="sv-SE", viewport={"width": width, "height": 640})
    page = await context.new_page()
    await page.goto(f"{stage.url}/console")
    await page.locator(f".languages button[value={language}]").click()
    assert await page.locator("#channel .steps").first.evaluate(BETWEEN_STEPS) >= 6
    await context.close()


async def test_pages_fit_a_small_phone(browser: Browser, stage: Stage) -> None:
    stage.letters.append(SentLetter("anna@example.com", "Din kopia är klar", LETTER))
    stage.desk.stage, stage.portal.package_ready = 3, True
    context = await browser.new_context(locale="sv-SE", viewport={"width": 320, "height": 640})
    page = await context.new_page()
    open_portal: Callable[[], Awaitable[object]] = page.get_by_role("button", name="Öppna").click
    await page.goto(f"{stage.url}/console")
    assert await fits(page)
    await page.get_by_role("button", name="Besluta…").click()
    assert await fits(page)
    for path in ("/c/fresh-token-0123456789", "/review/review-token-0123456789"):
        await page.goto(stage.url + path)
        assert await fits(page)
        await open_portal()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await fits(page), path
    await context.close()
