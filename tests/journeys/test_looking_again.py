"""A colleague says it is erased: the desk believes them when its own search finds nothing (F31)."""

import re
from datetime import timedelta

import pytest

from bot.card import Link, Verb
from bot.domain.system import Operation
from bot.domain.task import LOOKED_GONE, LOOKED_MASKED, Task, TaskState
from bot.domain.ticket import Outcome, Stage
from integrations.eventbrite.seed import HEARD, SEMINAR, Booking, Guest
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished, buttons, words
from tests.journeys.test_by_hand import at_the_erasure_by_hand
from tests.journeys.walks import FATIMA, confirmed_by_link, states

LAGGING = timedelta(minutes=5)


async def erasure(desk: Furnished) -> Task:
    """Return Eventbrite's erasure as it stands."""
    tasks = (await desk.ticket()).tasks
    return next(one for one in tasks if (one.system, one.operation) == ("eventbrite", Operation.ERASE))


async def test_what_is_masked_counts_as_done_and_the_card_says_that_we_looked(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    task = await erasure(desk)
    assert (task.state, task.reason, task.settled_by, dict(task.done)) == (
        *(TaskState.DONE, LOOKED_MASKED, "sara"),
        {"attendee": 2},
    )
    (looked,) = [one for one in await desk.events() if one.event == "task.searched" and "masked" in one.facts]
    assert (looked.facts["masked"], looked.facts["gone"], looked.facts["records"]) == (2, 0, 0)
    await desk.later(LAGGING)
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[1].outcome is Outcome.FULFILLED


async def test_what_the_vendor_deleted_is_gone(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.drop(FATIMA)
    await desk.finish("sara", result="done")
    assert (await erasure(desk)).reason == LOOKED_GONE


@pytest.mark.parametrize("said", ["done", "not_found"])
async def test_a_person_who_is_still_there_opens_the_step_again(desk: Furnished, said: str) -> None:
    """No letter is drafted on a word that the vendor's own list contradicts."""
    await at_the_erasure_by_hand(desk)
    await desk.finish("sara", result=said)
    task = await erasure(desk)
    assert (task.state, task.settled) == (TaskState.READY, False)
    assert "nytt försök 10:05 (Uppgifterna finns kvar i Eventbrite" in words(await desk.card("sara"))
    await desk.later(LAGGING, steps=5)
    task = await erasure(desk)
    assert (task.state, task.trouble, task.settled_by, dict(task.done)) == (
        *(TaskState.BY_HAND, "trouble.left_by_hand", ""),
        {},
    )
    ticket = await desk.ticket()
    assert ticket.part(task.part_id).stage is Stage.EXECUTING
    assert "personen finns kvar i Eventbrite" in words(await desk.card("sara"))
    assert "personen finns kvar i Eventbrite" in words(await desk.form("sara", Verb.FINISH_BY_HAND))
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    assert (await erasure(desk)).state is TaskState.DONE


async def test_an_answer_forgotten_below_a_masked_name_is_still_there(desk: Furnished) -> None:
    """No search for the address leads to it: the booking itself is looked at."""
    guest = Guest("Fatima Haddad", FATIMA, answers=((HEARD, "En vän"),))
    desk.eventbrite.seed([Booking(SEMINAR, "Kontoret", "kontoret@example.com", (guest,))])
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.blank(FATIMA, answers=False)
    await desk.finish("sara", result="done")
    await desk.later(LAGGING, steps=5)
    assert (await erasure(desk)).state is TaskState.BY_HAND


async def test_a_list_that_lags_is_given_time(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.blank(FATIMA)
    desk.eventbrite.lag = 2
    await desk.finish("sara", result="done")
    assert (await erasure(desk)).state is TaskState.READY
    await desk.later(LAGGING, steps=5)
    assert (await erasure(desk)).state is TaskState.DONE


async def test_a_vendor_that_shuts_us_out_leaves_the_colleagues_word(desk: Furnished) -> None:
    """The look is stuck like any other work; what a person says then counts, as the card shows."""
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.faults.add(Fault(Trouble.STATUS, times=None, status=403))
    await desk.finish("sara", result="done")
    assert (await erasure(desk)).state is TaskState.STUCK
    await desk.finish("sara", result="done")
    task = await erasure(desk)
    assert (task.state, task.settled_by, task.reason) == (TaskState.DONE, "sara", "reason.erase")


async def test_a_look_that_got_stuck_can_be_tried_again(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.blank(FATIMA)
    desk.eventbrite.faults.add(Fault(Trouble.STATUS, times=None, status=403))
    await desk.finish("sara", result="done")
    desk.eventbrite.faults.clear()
    await desk.press("sara", Verb.RETRY)
    task = await erasure(desk)
    assert (task.state, task.settled_by, task.reason) == (TaskState.DONE, "sara", LOOKED_MASKED)


async def test_what_reappears_after_an_erasure_by_hand_is_seen_too(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    guest = Guest("Fatima Haddad", FATIMA)
    desk.eventbrite.seed([Booking(SEMINAR, "Kontoret", "kontoret@example.com", (guest,))])
    await desk.later(timedelta(days=32))
    (recheck,) = [one for one in await desk.events() if one.event == "task.searched" and "system" not in one.facts]
    assert recheck.facts["records"] == 1


async def test_the_review_page_leads_to_each_booking_and_holds_the_mail_to_the_vendor(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    _, _, page = await desk.review("sara")
    assert len(re.findall(r'href="http://127\.0\.0\.1:\d+/manage/events/\d+/attendees"', page)) == 2
    assert "privacy@eventbrite.com" in page
    mail = page[page.index("Erasure request from an organizer") :].partition("</section>")[0]
    assert "550001" in mail
    assert "atima" not in mail
    chat = words(await desk.card("sara")) + words(await desk.form("sara", Verb.FINISH_BY_HAND))
    assert "manage/events" not in chat
    assert not any(isinstance(one, Link) for one in (await desk.card("sara")).elements)
    assert buttons(await desk.card("sara"))


async def test_who_asks_for_less_than_everything_is_rightly_still_found(desk: Furnished) -> None:
    """Only a guest's data is to go: the contact stays, and no search that finds it opens the step again."""
    await desk.sample("erase")
    await desk.fill("sara", Verb.CHANGE, {"rights": ["erasure"], "scope": "roles", "roles": ["contact"]})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.BY_HAND
    await desk.finish("karin", result="done")
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.DONE
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(timedelta(days=32))
    (recheck,) = [one for one in await desk.events() if one.event == "task.searched" and "system" not in one.facts]
    assert recheck.facts["records"] == 0
