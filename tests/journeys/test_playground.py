"""The street in Microsoft's own client parts: Sara at the screen, her colleagues beside her, one card.

What the Playground draws and sends is driven through its page: typed words, presses whose
answer takes the old card's place, edits, threads, a message only one person sees, a message
action with its form. A second person presses through the page's own endpoint. Dialogs from
a card's button and the refresh of a card it does not know: there the documented JSON is
posted to the desk, here and in `test_teams`.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, expect

from bot.card import Button, Verb
from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Outcome, Stage
from handlers.teams import PATH
from tests.fakes import FixedClock
from tests.journeys.furnished import FIRST, Furnished, find, furnished
from tests.journeys.playground import CHANNEL_NAME, GROUP_NAME, PATIENCE, STRANGER, Playground, opened, running
from tests.journeys.walks import PRIYA, confirmed_by_link
from tests.standins.teams import CHANNEL, Message
from tests.standins.teams_people import TeamsPerson

pytestmark = pytest.mark.browser

SECOND = "PR-2026-0002"
#: What a client asks with when it shows a card to somebody: a view of their own.
OWN_VIEW = {"refresh": {"action": {"type": "Action.Execute", "verb": "refresh", "data": {"about": FIRST}}}}


@dataclass(frozen=True, slots=True)
class AtTheScreen:
    """A desk, and Sara before the Playground."""

    desk: Furnished
    play: Playground

    async def in_dialog(self, name: str, label: str, given: Mapping[str, str], rows: str = "") -> None:
        """Let a colleague fill in the form behind a button (each row of theirs with *rows*)."""
        url = f"{self.desk.opened.house.public_url}{PATH}"
        who = TeamsPerson(self.play.tenant, self.play.session, url, self.desk.who(name).handles["teams"])
        async with self.desk.opened.house.work() as unit:
            (post,) = await unit.posts.feed("teams", CHANNEL)
        message = Message(CHANNEL, post.message_id, "", OWN_VIEW)
        message.card = (await who.refresh(message)).card
        form = (await who.open(message, label)).card
        names = [part["id"] for part in form["body"] if str(part.get("id")).startswith("task:")] if rows else []
        assert (await who.send(message, form, {**dict.fromkeys(names, rows), **given})).status == 200
        await self.desk.settle()


@pytest.fixture
async def screen(tmp_path: Path, sqlite_url: str, clock: FixedClock, browser: Browser) -> AsyncIterator[AtTheScreen]:
    """Sara reads the channel; nothing has come yet."""
    folder = tmp_path / "playground"
    folder.mkdir()
    async with (
        furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk,
        ClientSession() as session,
        running(desk, folder, desk.who("sara")) as tenant,
        opened(browser, tenant, session) as play,
    ):
        await play.enter(CHANNEL_NAME)
        yield AtTheScreen(desk, play)


def like(pressed: Mapping[str, Any], button: Button) -> dict[str, Any]:
    """Return what the page would send for another button of the same card."""
    action = {"type": "Action.Execute", "title": button.label, "verb": "press", "data": {"press": button.press.pack()}}
    return {**pressed, "value": {"action": action}}


async def test_the_whole_street(screen: AtTheScreen) -> None:
    desk, play = screen.desk, screen.play
    assert await desk.sample("erase") == FIRST
    await play.shows(f"{FIRST} · Ny begäran")
    await play.shows("Ärendet öppnades.")

    pressed = await play.pressed("Bekräfta")
    await play.shows(f"{FIRST} · Söks")
    await expect(play.said(f"{FIRST} · Ny begäran")).to_have_count(0, timeout=PATIENCE)
    await desk.settle()
    await play.shows("5 av 6 system genomsökta")
    await expect(play.said("Sara bekräftade begäran.")).to_contain_text("Radering: Söks.", timeout=PATIENCE)
    await screen.in_dialog("jonas", "Avsluta steget i Outlook…", {"result": "Fanns inte"})

    await screen.in_dialog("karin", "Besluta…", {"reference": FIRST}, rows="Godkänn")
    await play.shows("godkänt 1 av 2")
    assert (await desk.ticket()).stage is Stage.DECIDING
    await screen.in_dialog("jonas", "Besluta…", {"reference": FIRST}, rows="Godkänn")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))

    send = like(pressed, find(await desk.card("maria"), Verb.SEND_LETTER))
    assert "inte igen dig" in await play.press_as(STRANGER, send)
    assert "Sara Lind" in await play.press_as("29:karin", send), "who may not is told who may"
    assert (await desk.ticket()).stage is not Stage.CLOSED
    assert FIRST in await play.press_as("29:maria", send), "the second person's answer is the new card"
    await desk.settle()
    closed = await desk.ticket()
    assert (closed.stage, closed.parts[0].outcome) == (Stage.CLOSED, Outcome.FULFILLED)
    await play.shows(f"{FIRST} · Avslutad")

    approved = [entry.actor for entry in await desk.events() if entry.event is LedgerEvent.APPROVED]
    assert approved == ["karin", "jonas"]
    shown = (await play.page.locator("body").inner_text()).casefold()
    assert not [word for word in (PRIYA, "priya", "natarajan") if word in shown]


async def test_typed_words_and_a_chosen_message(screen: AtTheScreen) -> None:
    """In the channel the answer is for the asker alone; in their own chat it stands; a message becomes a request."""
    desk, play = screen.desk, screen.play
    await desk.sample("erase")
    await play.say("öppna", mention=True)
    await play.shows("Öppna ärenden")
    await play.enter("Personal Chat")
    await play.shows("Dataskyddsdesken")
    await play.say(f"hitta {PRIYA}", mention=False)
    await play.shows(FIRST)

    await play.enter(GROUP_NAME)
    await play.say("Ottilia Bergvall ringde och vill att vi raderar allt om henne", mention=False)
    await play.choose("requestFromMessage")
    await play.page.get_by_label("E-postadress").first.fill("ottilia@example.org")
    await play.press("Spara")
    dialog = play.page.get_by_role("dialog")
    await expect(dialog).to_contain_text(f"{SECOND} · Ny begäran", timeout=PATIENCE)
    assert "Ottilia" not in await dialog.inner_text()
    await dialog.get_by_role("button").first.click()
    await desk.settle()
    async with desk.opened.house.work() as unit:
        about = await unit.posts.feed("teams", CHANNEL)
    assert len(about) == 2
    await play.enter(CHANNEL_NAME)
    await play.shows(f"{SECOND} · Ny begäran")
