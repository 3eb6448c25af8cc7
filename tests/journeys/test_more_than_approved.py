"""A yes to fewer records is no yes to more, until the first of them goes; mails go with them."""

from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.system import Record
from bot.domain.task import TaskState
from tests.journeys.furnished import Furnished, words
from tests.journeys.test_proven_gone import approved, erasure, proving
from tests.journeys.walks import confirmed_by_link, states
from tests.standins.cabinet import KEY, Cabinet

SOON = timedelta(seconds=20)


def come(cabinet: Cabinet, kind: str, number: int = 5) -> None:
    """Lay more about the person into the system."""
    more = {f"{kind}{n}": Record(KEY, kind, f"{kind}{n}") for n in range(100, 100 + number)}
    cabinet.held = {**more, **cabinet.held}


@pytest.mark.parametrize(("kind", "said"), [("note", "7 anteckningar"), ("call", "5 samtal")])
async def test_what_came_after_the_yes_is_put_before_its_owners_with_what_is_there_now(
    desk: Furnished, kind: str, said: str
) -> None:
    cabinet = proving(desk)
    await approved(desk)
    come(cabinet, kind)
    await confirmed_by_link(desk)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, task.approvals, task.writing_since) == (TaskState.PROPOSED, (), None)
    assert len(cabinet.held) == 8
    assert "rymmer nu mer än det som godkändes" in words(await desk.card("karin"))
    (card,) = desk.slack.in_channel("C0TICKETS")
    assert any("8 poster finns där nu, 3 godkändes" in str(line) for line in card.thread)
    form = words(await desk.form("karin", Verb.DECIDE))
    assert said in form
    assert "HubSpot rymmer nu mer än det som godkändes." in form
    for name in ("karin", "jonas"):
        await desk.decide(name)
    await desk.later(SOON)
    task = await erasure(desk)
    assert (task.state, sum(task.done.values()), task.trouble) == (TaskState.DONE, 8, "")
    assert not cabinet.held


async def test_mails_that_came_meanwhile_go_with_the_rest_and_the_form_says_so(desk: Furnished) -> None:
    """A system that keeps every letter of ours would otherwise never be done: we write between the yes and the deed."""
    cabinet = proving(desk)
    await approved(desk)
    come(cabinet, "email")
    await confirmed_by_link(desk)
    await desk.later(SOON)
    assert dict((await erasure(desk)).done) == {"note": 2, "contact": 1, "email": 5}
    assert not cabinet.held


async def test_an_erasure_that_stood_still_half_way_is_asked_anew_too(desk: Furnished) -> None:
    """Tried again at once, what has come goes with the rest; a week later it is another act."""
    cabinet = proving(desk)
    cabinet.deaf = {"c1"}
    await approved(desk)
    await confirmed_by_link(desk)
    await desk.later(timedelta(hours=30), steps=60)
    assert (await erasure(desk)).state is TaskState.STUCK
    cabinet.deaf = set()
    await desk.later(timedelta(days=3))
    come(cabinet, "call")
    await desk.press("karin", Verb.RETRY)
    await desk.later(SOON)
    assert (await erasure(desk)).state is TaskState.PROPOSED
    assert len(cabinet.held) == 6
    for name in ("karin", "jonas"):
        await desk.decide(name)
    await desk.later(SOON)
    assert ((await erasure(desk)).state, cabinet.held) == (TaskState.DONE, {})


async def test_fewer_than_were_approved_are_no_question(desk: Furnished) -> None:
    cabinet = proving(desk)
    await approved(desk)
    cabinet.held.pop("n0")
    await confirmed_by_link(desk)
    await desk.later(SOON)
    assert set(states(await desk.ticket(), "erase").values()) == {TaskState.DONE}
