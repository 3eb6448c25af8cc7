"""Every card and form as it is drawn on a phone: whole, no wider than the screen, legible, wide enough for a finger.

All are drawn in one browser, once for each chat and language; the tests read what was found.
"""

import asyncio
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bot.domain.request import Language
from tests import chromium
from tests.pictures import renderers
from tests.pictures.drawn import CHATS, shown
from tests.pictures.stage import PHONE, Looks, Stage, at_once, stage
from tests.pictures.told import folded, told

pytestmark = [pytest.mark.browser, pytest.mark.long]
EVERY = list(product(CHATS, Language))
#: In a page of ours these too: what Slack and Teams draw pale or small is not ours to choose.
OURS = ("pale", "small", "menus", "dark")

Found = Mapping[tuple[str, Language], Looks]


async def looked_at(program: str, bundle: tuple[Path, ...]) -> tuple[Found, list[str]]:
    """Draw everything; return what was found, by chat and language, and what went wrong on the page."""
    found: dict[tuple[str, Language], Looks] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(chromium.ARGUMENTS))
        async with stage(browser, bundle, PHONE) as one:
            for chat, language in EVERY:
                found[chat, language] = await of_one(one, chat, language)
        await browser.close()
    return found, one.troubles


async def of_one(stage: Stage, chat: str, language: Language) -> Looks:
    """Draw everything for one chat in one language."""
    looks: Looks = {}
    for part in at_once(chat, shown(language)):
        await stage.draw(chat, language, part)
        looks |= await stage.looks()
        if chat == "console":
            await stage.page.emulate_media(color_scheme="dark")
            for name, dark in (await stage.looks(pale_only=True)).items():
                looks[name]["dark"] = dark["pale"]
            await stage.page.emulate_media(color_scheme="light")
    return looks


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, list[str]]:
    """What was found; the tests are skipped where something that draws is missing."""
    program, packages = chromium.chromium(), renderers.installed()
    if program is None:
        pytest.skip(chromium.MISSING)
    if packages is None:
        pytest.skip(renderers.MISSING)
    bundle = renderers.bundled(packages, tmp_path_factory.mktemp("stage"))
    return asyncio.run(looked_at(program, bundle))


@pytest.fixture
def found(looked: tuple[Found, list[str]]) -> Found:
    """What was found, by chat and language."""
    return looked[0]


def complaints(found: Looks, *kinds: str) -> dict[str, list[str]]:
    """Return what is wrong by card; nothing where all is well."""
    wrong = {name: [f"{kind}: {what}" for kind in kinds for what in looks[kind]] for name, looks in found.items()}
    return {name: what for name, what in wrong.items() if what}


def test_everything_is_drawn_and_nothing_is_fetched(looked: tuple[Found, list[str]]) -> None:
    found, troubles = looked
    assert troubles == []
    assert {key: set(looks) for key, looks in found.items()} == {key: set(shown(key[1])) for key in EVERY}


@pytest.mark.parametrize(("chat", "language"), EVERY)
def test_no_word_is_left_out(found: Found, chat: str, language: Language) -> None:
    """A renderer that does not know a block says nothing and goes on: every text and button must be found again."""
    missing = {}
    for name, one in shown(language).items():
        said = folded(str(found[chat, language][name]["said"]))
        if lacking := [text for text in told(one) if text not in said]:
            missing[name] = lacking
    assert missing == {}


@pytest.mark.parametrize(("chat", "language"), EVERY)
def test_nothing_is_wider_than_a_phone(found: Found, chat: str, language: Language) -> None:
    assert complaints(found[chat, language], "wide") == {}


@pytest.mark.parametrize(("chat", "language"), EVERY)
def test_no_word_is_cut_off(found: Found, chat: str, language: Language) -> None:
    assert complaints(found[chat, language], "cut") == {}


@pytest.mark.parametrize("language", Language)
def test_our_own_page_is_legible_and_can_be_touched(found: Found, language: Language) -> None:
    """4.5:1 in light and dark, 24 pixels for a finger, and menus that open within the screen (WCAG 2.2 AA)."""
    assert complaints(found["console", language], *OURS) == {}
