"""A sixth system through the whole street: one folder copied in, an owner in desk.toml, and it is like the others."""

import shutil
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

import integrations
from bot.card import Verb
from bot.domain.task import LOOKED_GONE, TaskState
from bot.domain.ticket import Outcome
from config.settings import HERE
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, furnished, words
from tests.journeys.test_boundaries import mail
from tests.journeys.walks import confirmed_by_link, states

ASTRID = "astrid.lundgren@example.se"
SIXTH = Path(__file__).parents[1] / "integrations" / "sixth_system"


@pytest.fixture
async def desk(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Furnished]:
    """A furnished desk with a sixth system."""
    shutil.copytree(SIXTH, tmp_path / "more" / "library")
    monkeypatch.setattr(integrations, "__path__", [*integrations.__path__, str(tmp_path / "more")])
    own = (HERE / "desk.toml").read_text(encoding="utf-8")
    own = own.replace('owns = ["eventbrite"]', 'owns = ["eventbrite", "library"]')
    own = own.replace('deputises = ["eventbrite"]', 'deputises = ["eventbrite", "library"]')
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "desk.toml").write_text(own, encoding="utf-8")
    monkeypatch.setenv("PRIVACY_CONFIG", str(tmp_path / "own"))
    async with furnished(tmp_path, sqlite_url, clock) as desk:
        yield desk
    for name in [name for name in sys.modules if name.startswith("integrations.library")]:
        del sys.modules[name]


async def test_it_is_searched_decided_on_looked_at_again_and_told_of(desk: Furnished) -> None:
    await desk.mail(mail(desk, ASTRID, "Radera allt", "Hej, radera alla uppgifter ni har om mig.\n\nAstrid Lundgren"))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas", label="Outlook")
    assert states(await desk.ticket(), "find")["library"] is TaskState.DONE
    assert "Library 1 lånekort" in words(await desk.card("sara"))
    assert "Library" in words(await desk.form("sara", Verb.DECIDE))
    for name in ("sara", "karin", "jonas", "maria"):
        await desk.decide(name)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(ASTRID)
    await desk.finish("sara", result="done", label="Eventbrite")
    assert "1. Be bibliotekarien ta bort kortet." in words(await desk.form("sara", Verb.FINISH_BY_HAND))

    await desk.finish("sara", result="done")
    await desk.later(timedelta(minutes=5), steps=5)
    assert states(await desk.ticket(), "erase")["library"] is TaskState.BY_HAND, "the card is still there"

    cards = desk.vendors["library"].sandbox.__dict__["cards"]
    cards["someone@example.se"] = cards.pop(ASTRID)
    await desk.finish("sara", result="done")
    await desk.later(timedelta(minutes=5), steps=5)
    assert states(await desk.ticket(), "erase")["library"] is TaskState.BY_HAND, (
        "no search leads to it: it has a number"
    )

    cards.clear()
    await desk.finish("sara", result="done")
    (task,) = [one for one in (await desk.ticket()).tasks if (one.system, one.operation) == ("library", "erase")]
    assert (task.state, task.reason) == (TaskState.DONE, LOOKED_GONE)
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    assert "Ditt lånekort är borttaget." in desk.letters(ASTRID)[-1].text
