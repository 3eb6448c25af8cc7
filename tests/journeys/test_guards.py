"""What is the officer's alone, whose link it is, and what a late result may no longer write."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Link, Verb
from bot.domain.errors import NotAllowedNow, NotFound, NotYours, TryLater
from bot.domain.system import Operation
from bot.domain.task import TaskState, begin
from bot.ports import Call, JobKind
from bot.services.answering import reply
from bot.services.carrying_out import execution
from bot.services.keeping import retention
from tests.journeys.furnished import FIRST, Furnished, pressed
from tests.journeys.walks import at_decision


async def test_the_officers_alone(desk: Furnished) -> None:
    """Protected identity: the handler sees the reference and who handles it, and can do nothing (D12)."""
    await desk.sample("erase")
    shown = await desk.press("sara", Verb.REVIEW)
    (link,) = (element.url for element in shown.elements if isinstance(element, Link))
    old = pressed(await desk.card("sara"), Verb.CONFIRM)
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    with pytest.raises(NotYours, match="officer"):
        await desk.opened.desk.press(desk.who("sara"), replace(old, version=ticket.version + 1))
    status, page = await (await desk.visitor()).post(link)
    assert status == 403 or "Priya" not in page, "a link handed out before shows nothing now"
    await desk.press("maria", Verb.CONFIRM)
    assert (await desk.ticket()).confirmed_by == "maria"


async def test_a_link_is_whose_it_is(desk: Furnished) -> None:
    """Unknown, used: each says so, and the page of a ticket that is nobody's does not open."""
    await desk.sample("erase")
    review = desk.opened.review
    shown = await desk.press("sara", Verb.REVIEW)
    (link,) = (element.url for element in shown.elements if isinstance(element, Link))
    token = link.rpartition("/")[2]
    assert (await review.knock("nobodys")).state == "unknown"
    session = await review.enter(token)
    assert (await review.knock(token)).state == "used"
    with pytest.raises(NotAllowedNow):
        await review.enter(token)
    with pytest.raises(NotFound):
        await review.page("nobodys")
    with pytest.raises((NotAllowedNow, NotFound)):
        await review.add_file(session, (await desk.ticket()).parts[0].id, "a.txt", b"a")
    await desk.later(timedelta(minutes=11))
    with pytest.raises(NotFound):
        await review.page(session)


async def test_a_job_that_was_overtaken_writes_nothing(desk: Furnished) -> None:
    """Its lease ran out and another holds the task now: its result is not heard (fencing)."""
    await at_decision(desk)
    await desk.decide("karin")
    ticket = await desk.ticket()
    erase = next(task for task in ticket.tasks if task.operation is Operation.ERASE and task.system == "hubspot")
    house = desk.opened.house
    with pytest.raises(NotAllowedNow, match="task_taken_over"):
        async with house.work() as unit:
            await execution._still_held(unit, replace(erase, token="mine"))
    for task_id in (ticket.tasks[0].id, "0" * 32):
        await execution.run_task(house, Call(JobKind.RUN_TASK, (task_id,), "late", 2))
    assert (await desk.ticket()).tasks == ticket.tasks


async def test_a_write_under_way_is_not_looked_at_too_soon(desk: Furnished) -> None:
    """Marked a moment ago by a desk that died: it may still be under way at the vendor (D34)."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    house = desk.opened.house
    async with house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        (task,) = [one for one in ticket.tasks if one.operation is Operation.ERASE]
        held = replace(begin(replace(task, state=TaskState.READY), "new"), writing_since=house.now())
        saved = await unit.tickets.save(ticket, ticket.with_task(held))
    before = len(desk.hubspot.seen)
    with pytest.raises(TryLater):
        await execution._erase(house, saved, saved.task(task.id), house.systems["hubspot"], Counter())
    assert len(desk.hubspot.seen) == before


async def test_jobs_about_what_is_gone_do_nothing(desk: Furnished) -> None:
    """A letter that is no more, a review that was carried out: the job ends quietly."""
    await desk.sample("unsubscribe")
    house, (ticket,) = desk.opened.house, await desk.tickets()
    await reply.draft(house, Call(JobKind.DRAFT_REPLY, ("0" * 32,), "t", 1))
    for letter in ticket.letters:
        await reply.draft(house, Call(JobKind.DRAFT_REPLY, (letter.id,), "t", 1))
        await reply.send(house, Call(JobKind.SEND_LETTER, (letter.id,), "t", 1))
    assert len(desk.letters()) == 1
    await desk.tick("retention")
    async with house.work() as unit:
        (review,) = await unit.reviews.open_for("no_interest")
    await retention.carry_out(house, Call(JobKind.CARRY_OUT_REVIEW, (review.id,), "t", 1))
    async with house.work() as unit:
        assert (await unit.reviews.load(review.id)).state == review.state


async def test_a_hostile_mail_does_not_stop_the_others(desk: Furnished) -> None:
    """Whatever breaks while it is taken in, it is kept as unreadable and a person gets to see it."""
    await desk.raw_mail(
        b"From: a@example.se\nTo: info@goto.work\nSubject: \xed\xa0\x80\x00\n\nradera \x00 mig \xed\xa0\x80\n"
    )
    await desk.sample("erase")
    assert len(await desk.tickets()) == 2
    assert not list((desk.mail_folder / "in" / "new").iterdir())
