"""A paper folder, LinkedIn and the web server's logs: in desk.toml only, and in every step of the street (D21)."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.card import Verb
from bot.domain.errors import NotYours
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.fakes import FixedClock
from tests.integrations.manual_entries import LINKEDIN, LOGS, PAPER, WHY_EN, WHY_SV
from tests.journeys.furnished import Furnished, furnished, verbs, words
from tests.journeys.walks import PRIYA, confirmed_by_link, states

ASTRID = "astrid.lundgren@example.se"
BINDER = "Pärmen i receptionen"


@pytest.fixture
async def desk(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Furnished]:
    """A furnished desk with three systems more."""
    monkeypatch.setenv("PRIVACY_MANUAL_SYSTEM", json.dumps([PAPER, LINKEDIN, LOGS]))
    async with furnished(tmp_path, sqlite_url, clock) as desk:
        yield desk


async def searched(desk: Furnished, sample: str) -> None:
    """Walk to where every system was searched: something lies in the binder, nothing at LinkedIn."""
    await desk.sample(sample)
    await desk.press("sara", Verb.CONFIRM)
    found = states(await desk.ticket(), "find")
    assert found["paper_folder"] is TaskState.BY_HAND
    assert found["linkedin"] is TaskState.BY_HAND
    assert found["web_logs"] is TaskState.NOT_APPLICABLE
    assert BINDER in words(await desk.card("sara"))
    form = words(await desk.form("sara", Verb.FINISH_BY_HAND, label=BINDER))
    assert "1. Gå igenom pärmen." in form
    assert LINKEDIN["link"] in words(await desk.form("sara", Verb.FINISH_BY_HAND, label="LinkedIn"))
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done", "count": "2"}, label=BINDER)
    await desk.finish("karin", label="LinkedIn")
    await desk.finish("jonas", label="Outlook")


async def test_an_erasure_reaches_the_binder_and_the_letter_tells_of_all_three(desk: Furnished) -> None:
    await searched(desk, "erase")
    assert (await desk.ticket()).stage is Stage.DECIDING
    assert BINDER in words(await desk.form("sara", Verb.DECIDE))
    for name in ("sara", "karin", "jonas"):
        await desk.decide(name)
    await confirmed_by_link(desk)
    assert states(await desk.ticket(), "erase")["paper_folder"] is TaskState.BY_HAND
    assert "1. Strimla bladet." in words(await desk.form("sara", Verb.FINISH_BY_HAND))
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done", "count": "2"})
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    letter = " ".join(desk.letters(PRIYA)[-1].text.split())
    assert "Your sheet is shredded." in letter
    assert "LinkedIn" in letter
    assert WHY_EN in letter


async def test_an_access_answer_names_what_the_binder_holds_and_who_receives(desk: Furnished) -> None:
    await searched(desk, "access")
    for name in ("karin", "sara", "jonas"):
        if Verb.DECIDE in verbs(await desk.card(name)):
            with suppress(NotYours):  # a deputy was faster
                await desk.decide(name)
    reason = {"result": "exception", "exception_reason": "no_access"}
    await desk.fill("sara", Verb.FINISH_BY_HAND, reason, label=BINDER)
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(ASTRID)[-1].text
    assert BINDER in letter
    assert "LinkedIn: meddelanden och kontakter" in " ".join(letter.split())
    assert WHY_SV in " ".join(letter.split())
