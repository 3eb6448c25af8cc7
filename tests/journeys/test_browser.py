"""The whole street as a newcomer walks it: `make demo`, one browser, four made-up people.

A mail is dropped through the page, confirmed, searched, decided on by two people,
answered by the person behind the link, erased in HubSpot's sandbox over HTTP, and closed
with a letter. Nothing is reached past the page.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from playwright.async_api import Locator, Page, expect

from tests.free_port import free_port

pytestmark = [pytest.mark.browser, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 120.0  # seconds
PATIENCE = 60_000  # milliseconds; the page looks every two seconds
PERSON = "priya.natarajan@example.org"
REF = re.compile(r"PR-\d{4}-\d{4}")


async def is_ready(url: str) -> bool:
    """Whether the desk says it is ready."""
    try:
        async with ClientSession() as session, session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except ClientError:
        return False


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """`python -m bot demo` on a store of its own, as a program of its own; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    asked = (sys.executable, "-m", "bot", "demo", "--port", str(port), "--data", str(tmp_path / "demo"))
    log = (tmp_path / "demo.log").open("wb")
    running = await asyncio.create_subprocess_exec(*asked, cwd=ROOT, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            while not await is_ready(url):
                assert running.returncode is None, (tmp_path / "demo.log").read_text("utf-8")
                await asyncio.sleep(0.2)
        yield url
    finally:
        running.terminate()
        await asyncio.wait_for(running.wait(), 20)
        log.close()


class Console:
    """The page, by what a reader sees on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card = page.locator("#channel article").first
        self.dialog = page.get_by_role("dialog")

    async def act_as(self, name: str) -> None:
        """Become another colleague."""
        await self.page.locator("details.who > summary").click()
        await self.page.locator("details.who").get_by_role("button", name=name).click()
        await expect(self.page.locator("details.who > summary")).to_contain_text(name)

    async def press(self, label: str | re.Pattern[str]) -> None:
        """Press a button of the ticket's card."""
        await self.card.get_by_role("button", name=label).first.click(timeout=PATIENCE)

    async def stands_at(self, step: str) -> None:
        """Wait until the ticket's card is at a step, and see that nobody is named in the channel."""
        await expect(self.card.get_by_role("heading").first).to_contain_text(step, timeout=PATIENCE)
        shown = (await self.page.locator("#channel").inner_text()).lower()
        assert "priya" not in shown
        assert "natarajan" not in shown

    async def approve(self) -> None:
        """Say yes to the erasure, typing the reference."""
        await self.press("Besluta…")
        ref = REF.search(await self.card.inner_text())
        assert ref is not None
        await self.dialog.get_by_label("Godkänn", exact=True).check()
        await self.dialog.locator("input[name=reference]").fill(ref.group())
        await self.dialog.get_by_role("button", name="Spara beslut").click()
        await expect(self.dialog).to_be_hidden()

    def letter(self, subject: str) -> Locator:
        """A letter in the persons' inbox."""
        return self.page.locator("#letters details", has_text=subject)


async def read_the_mail(console: Console) -> None:
    """Open the one-time page from the card, as the colleague who pressed."""
    await console.card.locator("details.menu summary").click()
    await console.press("Visa bara för mig")
    async with console.page.context.expect_page() as opening:
        await console.card.locator(".answer a").click()
    review = await opening.value
    await review.get_by_role("button", name="Öppna").click()
    await expect(review.get_by_text("I would now like all of my personal data deleted.")).to_be_visible()
    await expect(review.locator("mark").first).to_be_visible()
    await review.close()


async def answer_as_the_person(console: Console) -> None:
    """Follow the link of the newest letter and press "Yes, erase"."""
    letter = console.letter("Confirm that your data is to be erased")
    async with console.page.context.expect_page() as opening:
        await letter.get_by_role("link").first.click()
    person = await opening.value
    await person.get_by_role("button", name="Open the page").click()
    await person.get_by_role("button", name="Yes, erase").click()
    await expect(person.get_by_role("status")).to_be_visible()
    await person.close()


async def test_an_erasure_from_mail_to_letter(demo: str, browser_page: Page) -> None:
    page, console = browser_page, Console(browser_page)
    await page.goto(f"{demo}/console")
    await page.get_by_role("button", name="Priya vill bli raderad").click()
    await console.stands_at("Ny begäran")
    await read_the_mail(console)

    await console.act_as("Karin Holm")
    await console.press("Bekräfta")
    await expect(console.card.locator(".answer")).to_contain_text("handläggare")
    await console.act_as("Sara Lind")
    await console.press("Bekräfta")
    await console.stands_at("Söks")
    await expect(console.letter("We have received your request")).to_contain_text(PERSON, timeout=PATIENCE)

    await console.act_as("Jonas Berg")
    await console.press(re.compile("Avsluta steget i Outlook"))
    await console.dialog.get_by_label("Fanns inte").check()
    await console.dialog.get_by_role("button", name="Spara").click()
    await console.stands_at("Beslut")

    await console.act_as("Karin Holm")
    await console.approve()
    await expect(console.card).to_contain_text("godkänt 1 av 2", timeout=PATIENCE)
    await console.act_as("Jonas Berg")
    await console.approve()
    await console.stands_at("Utförs")

    await answer_as_the_person(console)
    await console.stands_at("Svar klart att godkänna")
    await console.act_as("Sara Lind")
    await console.press("Godkänn och skicka")
    await console.stands_at("Avslutad")
    done = console.letter("erased").first
    await expect(done).to_contain_text("HubSpot", timeout=PATIENCE)


async def test_somebody_is_looked_for_by_name(demo: str, browser_page: Page) -> None:
    """D16: a name typed after the word only opens the form, and what is found names nobody."""
    page, console = browser_page, Console(browser_page)
    await page.goto(f"{demo}/console")
    await page.get_by_role("button", name="Priya vill bli raderad").click()
    await console.stands_at("Ny begäran")
    await page.locator("#command").fill("hitta Priya Natarajan")
    await page.locator("#command").press("Enter")
    await expect(console.dialog).to_be_visible()
    await expect(console.dialog.get_by_label("Personens namn")).to_have_value("")
    await console.dialog.get_by_label("Personens namn").fill("natarajan, PRIYA")
    await console.dialog.get_by_role("button", name="Sök").click()
    await expect(console.dialog).to_be_hidden()
    answer = page.locator("#mine .answer").first
    await expect(answer).to_contain_text("Kontrollera vem det gäller")
    await expect(answer).to_contain_text(re.compile(r"På namnet hittades: PR-\d{4}-0001"))
    assert "natarajan" not in (await answer.inner_text()).lower()
