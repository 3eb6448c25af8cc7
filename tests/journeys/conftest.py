"""A furnished desk for the journeys, and a real browser: Chromium from the machine's packages, driven by Playwright."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from tests.chromium import ARGUMENTS, MISSING, chromium
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, furnished
from tests.journeys.guarded import Guarded, guarded_desk

#: What Chromium says of a request that the page itself gave up, because it was left.
OVERTAKEN: Final = "net::ERR_ABORTED"
#: How long a page may take to show what it should, in milliseconds: other tests share the processor.
expect.set_options(timeout=30_000)


@pytest.fixture
async def desk(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[Furnished]:
    """A furnished desk, nothing in it yet."""
    async with furnished(tmp_path, sqlite_url, clock) as desk:
        yield desk


@pytest.fixture
async def guarded(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[Guarded]:
    """A desk with one request, where colleagues sign in."""
    async with guarded_desk(tmp_path, sqlite_url, clock) as guarded:
        yield guarded


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium; the test is skipped where there is none."""
    found = chromium()
    if found is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
async def browser_page(browser: Browser) -> AsyncIterator[Page]:
    """A Swedish reader's page; the test fails when anything was fetched from elsewhere or a script erred."""
    context = await browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 950})
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("requestfailed", lambda request: troubles.extend(_failed(request)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield page
    await context.close()
    assert not troubles, troubles


def _failed(request: Request) -> list[str]:
    """Return what to say of a request that failed; a look at the page that a press overtook is no trouble."""
    overtaken = request.failure == OVERTAKEN and urlsplit(request.url).hostname == "127.0.0.1"
    return [] if overtaken else [f"failed: {request.url} {request.failure}"]
