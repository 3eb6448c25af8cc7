"""Opening again: a form says what begins anew, by which clock, what lapses and what stays, and asks why (card 6)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.card import Form, Press, Text, Values, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours
from bot.domain.request import Language
from bot.domain.ticket import Stage
from bot.ports import Shelf
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met
from tests.journeys.furnished import FIRST, Furnished, furnished
from tests.journeys.walks import FATIMA, at_decision

WHY = "Fatima ringde och sa att Lars fick hennes svar."
LABEL = "Återöppna…"


def said(form: Form) -> str:
    """Return what a form says before it asks."""
    return "\n".join(element.text for element in form.elements if isinstance(element, Text))


async def dismissed(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.fill("sara", Verb.DISMISS, {"reason": "duplicate"})


async def answered(desk: Furnished) -> None:
    """Walk access, then erasure to its end: HubSpot and Office 365 erased, both letters sent."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    await (await desk.person(desk.letters(FATIMA)[-1])).package()
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_what_an_answered_ticket_loses_and_keeps_is_said_before_and_is_what_happens(desk: Furnished) -> None:
    await answered(desk)
    before = await desk.ticket()
    with pytest.raises(NotYours, match="officer"):
        await desk.form("sara", Verb.REOPEN)
    form = await desk.form("maria", Verb.REOPEN)
    for sentence in (
        "Öppnas igen: Tillgång, sedan radering.",
        "Tiden räknas som förut från när begäran kom in",
        "godkännanden",
        "Tas bort nu: det som hittades i systemen",
        "görs inte. En ny planeras när ärendet avslutas igen.",
        "HubSpot",
        "skickade brev kan inte tas tillbaka",
    ):
        assert sentence in said(form), sentence
    assert (await desk.ticket()).stage is Stage.CLOSED, "the form itself opens nothing"
    await desk.send("maria", form, {"reason": "other", "note": WHY})
    after = await desk.ticket()
    assert [part.stage for part in after.parts] == [Stage.RECEIVED, Stage.RECEIVED]
    assert [part.received for part in after.parts] == [part.received for part in before.parts]
    assert after.tasks == ()
    assert after.letters == before.letters
    async with desk.opened.house.work() as unit:
        assert not await unit.vault.names(after.id, Shelf.FINDINGS)


async def test_why_is_a_key_in_the_ledger_and_words_only_on_the_review_page(desk: Furnished) -> None:
    await dismissed(desk)
    form = await desk.form("sara", Verb.REOPEN)
    lacking: tuple[Values, ...] = ({}, {"reason": ("because",)}, {"reason": ("other",), "note": ("  ",)})
    for values in lacking:
        with pytest.raises(Incomplete):
            await desk.opened.desk.submit(desk.who("sara"), form.press, values)
    await desk.send("sara", form, {"reason": "other", "note": WHY})
    (entry,) = [one for one in await desk.events() if one.event == "ticket.reopened"]
    assert dict(entry.facts) == {"reason": "other"}
    assert WHY in (await desk.review("sara"))[2]
    assert WHY not in str(await desk.events()) + str(await desk.card("sara"))


async def test_no_press_opens_a_ticket_without_its_form(desk: Furnished) -> None:
    """A button drawn before there was a form, or one made by hand."""
    await dismissed(desk)
    ticket = await desk.ticket()
    with pytest.raises(NotFound, match="unknown_button"):
        await desk.opened.desk.press(desk.who("maria"), Press(Verb.REOPEN, ticket.id, ticket.version))
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_what_is_open_is_not_opened_again(desk: Furnished) -> None:
    await desk.sample("erase")
    ticket = await desk.ticket()
    for target in (ticket, ticket.parts[0]):
        press = Press(Verb.REOPEN, target.id, target.version)
        with pytest.raises(NotAllowedNow):
            await desk.opened.desk.form(desk.who("maria"), press)
        with pytest.raises(NotAllowedNow):
            await desk.opened.desk.submit(desk.who("maria"), press, {"reason": ("late_hit",)})


@pytest.fixture
async def both(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[BothChats]:
    """A desk in both chats with one request that was dismissed."""
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        await dismissed(desk)
        yield both


async def test_in_teams_it_is_a_dialog(both: BothChats) -> None:
    await both.fill("sara", LABEL, {"reason": "ärendet stängdes för tidigt"})
    assert (await both.desk.ticket()).stage is Stage.RECEIVED
    assert not both.can_press(LABEL)


async def test_in_slack_it_is_a_modal(both: BothChats) -> None:
    sara = both.in_slack("sara")
    await sara.press(both.slack_card, LABEL)
    (view,) = both.desk.slack.views.values()
    assert (await both.desk.ticket()).stage is Stage.CLOSED
    assert (await sara.submit(view, {"reason": "ärendet stängdes för tidigt"})).status == 200
    await both.desk.settle()
    assert (await both.desk.ticket(FIRST)).stage is Stage.RECEIVED


async def test_a_refusal_calls_the_field_what_the_form_calls_it(desk: Furnished) -> None:
    """The form asks "Med egna ord"; "Fältet Anteckning behöver fyllas i." names nothing that is seen."""
    await dismissed(desk)
    form = await desk.form("sara", Verb.REOPEN)
    with pytest.raises(Incomplete) as refused:
        await desk.send("sara", form, {"reason": "other"})
    assert desk.opened.desk.explain(Language.SV, refused.value) == "Fältet Med egna ord behöver fyllas i."
