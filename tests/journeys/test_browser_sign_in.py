"""Signing in in a real browser: the two servers are two sites to it, so cookies and policies are put to the test."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.guarded import CONTENT, SARA, Guarded
from tests.standins.entra import TENANT

pytestmark = pytest.mark.browser
#: Sends a form from the page as its own forms do; its secret is wrong, so that the desk shows that it arrived.
SEND = """act => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = location.pathname + "/" + act;
  const words = document.createElement("textarea");
  words.name = "chosen";
  words.value = "två\\nrader";
  form.append(words);
  document.body.append(form);
  form.submit();
}"""


async def sign_in(page: Page, guarded: Guarded) -> None:
    """Press on from the page that asks, through the login page, to what was wanted."""
    await page.get_by_role("button", name="Öppna").click()
    await expect(page).to_have_url(re.compile(re.escape(guarded.entra.url)))
    await page.get_by_role("button", name=SARA.address).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Klart hos Microsoft")
    assert page.url == f"{guarded.desk.opened.house.public_url}/sign-in/back", "no code in any address"
    await page.get_by_role("button", name="Fortsätt").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_from_the_link_in_the_chat_to_the_page_and_out_again(
    browser: Browser, guarded: Guarded, *, script: bool
) -> None:
    guarded.entra.people = [SARA]
    home = guarded.desk.opened.house.public_url
    first, second = await guarded.link(), await guarded.link()
    context = await browser.new_context(locale="sv-SE", java_script_enabled=script)
    page = await context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto(home + first)
    await expect(page.get_by_text(CONTENT)).to_have_count(0)
    await sign_in(page, guarded)
    await expect(page.get_by_text("Inloggad som Sara Lind")).to_be_visible()
    await expect(page.get_by_text(CONTENT).first).to_be_visible()
    opened = page.url
    await page.goto(home + second)
    await page.get_by_role("button", name="Öppna").click()
    await expect(page.get_by_text(CONTENT).first).to_be_visible()
    assert len(guarded.entra.forms) == 1, "the second link asked for no second sign-in"
    await page.get_by_role("button", name="Logga ut").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Du är utloggad")
    assert not [cookie for cookie in await context.cookies() if cookie.get("name") == "colleague"]
    await page.goto(opened)
    await expect(page.get_by_role("button", name="Logga in")).to_be_visible()
    await page.goto(home + first)
    await page.get_by_role("button", name="Öppna").click()
    await expect(page).to_have_url(re.compile(re.escape(guarded.entra.url)))
    assert not refused
    await context.close()


async def test_a_link_in_a_chat_of_the_same_browser_needs_no_second_sign_in(browser: Browser, guarded: Guarded) -> None:
    """A strict cookie stays at home when another site leads here; the press on our page takes it along."""
    guarded.entra.people = [SARA]
    home = guarded.desk.opened.house.public_url
    first, second = await guarded.link(), await guarded.link()
    context = await browser.new_context(locale="sv-SE")
    page = await context.new_page()
    await page.goto(home + first)
    await sign_in(page, guarded)
    await expect(page.get_by_text(CONTENT).first).to_be_visible()
    await page.goto(f"{guarded.entra.url}/{TENANT}/v2.0/.well-known/openid-configuration")  # any other site
    await page.evaluate("where => { location.href = where }", home + second)
    await expect(page.get_by_text("Inloggad som")).to_have_count(0)
    await page.get_by_role("button", name="Öppna").click()
    await expect(page.get_by_text(CONTENT).first).to_be_visible()
    assert len(guarded.entra.forms) == 1
    await context.close()


async def test_a_sign_in_that_is_cancelled_leads_back_to_the_page(browser: Browser, guarded: Guarded) -> None:
    guarded.entra.people = [SARA]
    home = guarded.desk.opened.house.public_url
    context = await browser.new_context(locale="sv-SE")
    page = await context.new_page()
    await page.goto(home + await guarded.link())
    await page.get_by_role("button", name="Öppna").click()
    await page.get_by_role("button", name="Avbryt").click()
    await page.get_by_role("button", name="Fortsätt").click()
    await expect(page.get_by_text("Inloggningen avbröts hos Microsoft")).to_be_visible()
    await page.get_by_role("button", name="Till sidan igen").click()
    await sign_in(page, guarded)
    await expect(page.get_by_text(CONTENT).first).to_be_visible()
    await context.close()


async def test_a_letter_half_written_is_sent_after_signing_in_beside(browser: Browser, guarded: Guarded) -> None:
    """What was typed waits in its tab while the colleague signs in in another."""
    guarded.entra.people = [SARA]
    home = guarded.desk.opened.house.public_url
    context = await browser.new_context(locale="sv-SE")
    page = await context.new_page()
    await page.goto(home + await guarded.link())
    await sign_in(page, guarded)
    await expect(page.get_by_text(CONTENT).first).to_be_visible()
    guarded.desk.clock.advance(timedelta(hours=1))
    await page.evaluate(SEND, "answer")
    await expect(page.get_by_text("Du hann loggas ut medan du skrev")).to_be_visible()
    async with context.expect_page() as opening:
        await page.get_by_role("button", name="Logga in i en ny flik").click()
    beside = await opening.value
    await beside.get_by_role("button", name=SARA.address).click()
    await beside.get_by_role("button", name="Fortsätt").click()
    await expect(beside.get_by_text("Du är inloggad")).to_be_visible()
    await page.get_by_role("button", name="Skicka igen").click()
    await expect(page.get_by_text("Formuläret kom inte från den här sidan")).to_be_visible()
    await context.close()
