"""What a client of one's own could send to Teams' door: presses and views come through the client (D32, D14)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.card import Choice, Press, Verb
from bot.domain.errors import Incomplete, StaleCard
from bot.domain.request import Language
from bot.domain.ticket import Stage
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met
from tests.journeys.furnished import FIRST, Furnished, filled, furnished
from tests.journeys.test_identity import YUSUF, at_proof
from tests.journeys.test_teams import written
from tests.standins.teams import GROUP
from tests.standins.teams_people import Answer


@pytest.fixture
async def both(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[BothChats]:
    """A desk in both chats with one request."""
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        await desk.sample("erase")
        yield both


async def looked(both: BothChats, about: str) -> Answer:
    """Ask for a view by a name of one's own."""
    sara = both.in_teams("sara")
    value = {"action": {"data": {"about": about}}}
    return await sara.post({**sara.activity("invoke"), "name": "adaptiveCard/action", "value": value})


async def test_a_press_by_another_name_is_as_stale(desk: Furnished) -> None:
    """By its reference, or by a task of it: a card from before is refused whatever it calls the ticket (D32)."""
    await desk.sample("access")
    ticket = await desk.ticket()
    sara = desk.who("sara")
    for version in (ticket.version - 1, ticket.version + 1, 99):
        with pytest.raises(StaleCard):
            await desk.opened.desk.press(sara, Press(Verb.CONFIRM, FIRST, version))
    assert (await desk.ticket()).stage is Stage.RECEIVED
    await desk.opened.desk.press(sara, Press(Verb.CONFIRM, FIRST, ticket.version))
    await desk.settle()
    task = (await desk.ticket()).tasks[0]
    with pytest.raises(StaleCard):
        await desk.opened.desk.form(sara, Press(Verb.REOPEN, task.id, task.version + 1))


@pytest.mark.parametrize("verb", [Verb.DISMISS, Verb.CHANGE, Verb.ATTEST])
async def test_an_answer_that_no_form_offers_is_taken_nowhere(desk: Furnished, verb: Verb) -> None:
    """A client of one's own sends a name where a choice stands: it reached the record, and the thread read it out."""
    name = "Zebulon Quist, sjukskriven"
    if verb is Verb.ATTEST:
        await at_proof(desk, YUSUF, 2)
    else:
        await desk.sample("access")
    form = await desk.form("sara", verb)
    (choice, *_) = [one for one in form.elements if isinstance(one, Choice)]
    before = await desk.events()
    with pytest.raises(Incomplete, match="not_offered") as refused:
        await desk.opened.desk.submit(desk.who("sara"), form.press, {**filled(form, {}), choice.name: (name,)})
    assert name not in desk.opened.desk.explain(Language.SV, refused.value)
    (refusal,) = (await desk.events())[len(before) :]
    assert (refusal.actor, dict(refusal.facts)) == ("sara", {"verb": verb, "why": "refusal.not_offered"})
    await desk.settle()
    assert "Zebulon" not in desk.slack.traffic


@pytest.mark.parametrize(
    "about", ["gathered:target:someday", "oncall:x:y", "handed:a", "handed:a:b:c:d:e", "left:x:y", "handed:a:b:1:x:1"]
)
async def test_a_view_nobody_offered_is_answered_with_a_sentence(both: BothChats, about: str) -> None:
    answer = await looked(both, about)
    assert (answer.status, answer.sentence) == (200, "Det finns inte längre.")


@pytest.mark.parametrize("about", ["zebulon@bolaget.example", "Zebulon Quist", "\ud800", "x" * 100_000], ids=range(4))
async def test_words_are_no_name_of_anything(both: BothChats, about: str) -> None:
    """They would be looked up, and stand in the log of a library at its most talkative."""
    assert (await looked(both, about)).status == 400
    packed = Press(Verb.OPEN, about).pack()
    sara = both.in_teams("sara")
    value: dict[str, Any] = {"action": {"data": {"press": packed}}}
    answer = await sara.post({**sara.activity("invoke"), "name": "adaptiveCard/action", "value": value})
    assert answer.status == 400 or "gäller inte" in answer.sentence


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "i går"])
async def test_a_message_of_no_possible_moment(both: BothChats, moment: str) -> None:
    chosen = {**written("Radera allt om mig."), "createdDateTime": moment}
    assert (await both.in_teams("sara", GROUP).choose(chosen, "requestFromMessage")).status == 400
