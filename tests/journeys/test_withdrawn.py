"""The person told a colleague that they take it back: the rest stops, what is gone is said, a letter confirms."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Form, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import FIRST, Furnished, words
from tests.journeys.walks import FATIMA, PRIYA, at_decision, confirmed_by_link, erased, states

SAID = "She rang on Monday at ten and spoke to me; I knew her voice from the interview."


async def opened(desk: Furnished, who: str = "sara", typed: str = f"återkalla {FIRST}") -> Form:
    form = await desk.opened.desk.say(desk.who(who), typed)
    assert isinstance(form, Form), words(form)
    return form


async def test_before_anything_is_done_it_closes_and_a_letter_confirms(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    form = await opened(desk)
    assert "Inget är raderat" in words(form)
    await desk.send("sara", form, {"method": "call", "note": SAID})
    ticket = await desk.ticket()
    assert ticket.stage is Stage.CLOSED
    assert ticket.parts[0].outcome is Outcome.WITHDRAWN
    assert desk.hubspot.account.contact(PRIYA) is not None
    letter = desk.letters(PRIYA)[-1]
    assert "withdrawn your request" in letter.subject
    assert SAID not in letter.text
    told = next(one for one in await desk.events() if one.event == "ticket.withdrawn")
    assert (told.actor, dict(told.facts)) == ("sara", {"how": "call", "parts": 1})
    assert SAID not in words(await desk.card("maria"))
    await desk.later(timedelta(days=2), steps=2)
    assert desk.hubspot.account.contact(PRIYA) is not None, "nothing approved before goes on behind it"


async def test_it_stops_an_erasure_that_waits_for_the_person(desk: Furnished) -> None:
    """Approved twice and locked until "Ja, radera": taken back by phone, and the old link erases nothing."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.LOCKED
    await desk.send("sara", await opened(desk, typed=f"withdraw {FIRST}"), {"method": "visit", "note": SAID})
    await confirmed_by_link(desk)
    await desk.later(timedelta(days=1))
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.NOT_APPLICABLE
    assert desk.hubspot.account.contact(PRIYA) is not None


async def test_what_is_erased_is_said_and_the_rest_is_left(desk: Furnished) -> None:
    """One system is done, another waits by hand: the form says what cannot be undone, the answer tells both."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    await (await desk.person(desk.letters(FATIMA)[-1])).package()
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.DONE
    form = await opened(desk)
    assert "Redan raderat i HubSpot. Det går inte att ångra." in words(form)
    await desk.send("sara", form, {"method": "mail"})
    ticket = await desk.ticket()
    assert states(ticket, "erase")["eventbrite"] is TaskState.NOT_APPLICABLE
    assert ticket.stage is Stage.REPLYING
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(FATIMA)[-1].text
    assert "tagit tillbaka din begäran" in letter
    assert "Din kontakt i HubSpot är permanent raderad" in letter
    assert "Eventbrite: inget har gjorts, eftersom du tog tillbaka" in letter
    assert (await desk.ticket()).parts[-1].outcome is Outcome.WITHDRAWN


async def test_what_broke_off_half_way_is_not_called_untouched(desk: Furnished) -> None:
    """An erasure that may have written stands stuck: nobody writes that nothing was done, the person neither."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    ticket = await desk.ticket()
    (task,) = [one for one in ticket.tasks if one.operation is Operation.ERASE and one.system == "hubspot"]
    broken = replace(task, state=TaskState.STUCK, writing_since=desk.clock.now())
    async with desk.opened.house.work() as unit:
        await unit.tickets.save(ticket, ticket.with_task(broken))
    with pytest.raises(NotAllowedNow, match="withdraw"):
        await opened(desk)
    person = await desk.person([letter for letter in desk.letters(PRIYA) if "/c/" in letter.text][-1])
    await person.post("/c/withdraw")
    await desk.settle()
    after = await desk.ticket()
    assert after.parts[0].open
    assert after.task(task.id).state is TaskState.STUCK


async def test_too_late_is_said_before_typing(desk: Furnished) -> None:
    await erased(desk)
    with pytest.raises(NotAllowedNow, match="withdraw_closed"):
        await opened(desk)


async def test_what_was_said_and_not_written_needs_words(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    form = await opened(desk)
    with pytest.raises(Incomplete) as lacking:
        await desk.send("sara", form, {"method": "call"})
    assert lacking.value.facts["field"] == "note"
    with pytest.raises(Incomplete):
        await desk.send("sara", form, {"method": "mail", "parts": ()})
    assert (await desk.ticket()).stage is Stage.DECIDING
    with pytest.raises(NotYours) as refused:
        await desk.opened.desk.say(desk.who("karin"), f"återkalla {FIRST}")
    assert "Sara" in refused.value.facts["who"]


async def test_a_mail_in_the_case_is_enough(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.send("sara", await opened(desk), {"method": "mail"})
    assert (await desk.ticket()).parts[0].outcome is Outcome.WITHDRAWN
