"""What nobody foresaw: work that fails for a reason of our own waits for a person, who is told; it never just stops."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import TryLater
from bot.domain.letter import LetterKind, LetterState
from bot.domain.system import Record
from bot.domain.task import TaskState
from bot.jobs.embedded import PAUSES
from bot.ports import Call, JobKind
from bot.services.answering import reply
from bot.services.carrying_out.halting import set_aside
from integrations.hubspot import HubSpot
from tests.journeys.furnished import Furnished, verbs, words
from tests.journeys.test_turns import newest, turns
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link

HALTED = "halted:2026-03-09"


async def unforeseen(*_given: object) -> Sequence[Record]:
    """Fail as a fault of our own does, with a person's words in it."""
    raise KeyError(PRIYA)


def unspeakable(*_given: object) -> None:
    """Fail the same way where nothing is waited for."""
    raise KeyError(PRIYA)


async def patience_ends(desk: Furnished) -> None:
    """Let every pause pass that an unforeseen error gets."""
    for pause in PAUSES:
        await desk.later(pause)


async def at_answer(desk: Furnished) -> None:
    """Walk an erasure to where its answer is to be written."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))


async def test_a_task_becomes_stuck_and_its_owner_is_told(desk: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(HubSpot, "find", unforeseen)
        await desk.sample("erase")
        await desk.press("sara", Verb.CONFIRM)
        await patience_ends(desk)
        (task,) = [one for one in (await desk.ticket()).tasks if one.system == "hubspot"]
        assert task.state is TaskState.STUCK
        assert "HubSpot står still" in await newest(desk, "karin")
        assert PRIYA not in await newest(desk, "karin")
        assert Verb.RETRY in verbs(await desk.card("karin"))
        assert "bakgrunden" in words(await desk.card("maria", HALTED))
    await desk.press("karin", Verb.RETRY)
    assert (await desk.ticket()).task(task.id).state is TaskState.DONE


async def test_a_letter_that_cannot_be_written_is_written_again_on_a_press(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        await desk.sample("erase")
        broken.setattr(reply, "compose", unspeakable)
        await desk.press("sara", Verb.CONFIRM)
        await patience_ends(desk)
    letter = (await desk.ticket()).letters[0]
    assert letter.unwritten
    assert "gick inte att skriva" in await newest(desk, "sara")
    await desk.review("sara")  # the rest of the ticket can be read all the while
    await desk.fill("sara", Verb.SETTLE_LETTER, {"way": "send_again"})
    assert (await desk.ticket()).letter(letter.id).state is LetterState.SENT
    assert [one.subject for one in desk.letters(PRIYA)]


async def test_what_belongs_to_nobody_is_put_before_who_is_on_call_and_counted_in_the_morning(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(desk.opened.house.mailbox), "arrivals", unforeseen)
    await desk.settle()
    await patience_ends(desk)
    async with desk.opened.house.work() as unit:
        about = [post.about for post in await unit.posts.feed("console", "maria")]
    assert about == [HALTED]
    assert "Arbeten som stannat: 1" in words(await desk.card("maria", "summary:2026-03-09"))


async def test_a_mail_server_that_never_answers_is_put_before_the_handler_with_the_address(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_answer(desk)

    async def later(*_given: object) -> None:
        raise TryLater("trouble.mail_later")

    with monkeypatch.context() as away:
        away.setattr(type(desk.opened.house.mailbox), "send", later)
        await desk.press("sara", Verb.SEND_LETTER)
        for _ in range(5):
            await desk.later(timedelta(minutes=1))
        assert (await desk.ticket()).letters[-1].state is LetterState.SENDING, "an outage is no doubt"
        await desk.later(timedelta(hours=8), steps=16)
    letter = (await desk.ticket()).letters[-1]
    assert (letter.kind, letter.state) == (LetterKind.ERASURE_DONE, LetterState.DOUBTFUL)
    assert "oklart" in await newest(desk, "sara")
    _, _, page = await desk.review("maria")
    assert f"Till: {PRIYA}" in page
    await desk.fill("sara", Verb.SETTLE_LETTER, {"way": "send_again"})
    assert [one.to for one in desk.letters() if one.message_id == f"<{letter.id}@goto.work>"] == [PRIYA]
    assert len(await turns(desk, "sara")) == 2


async def test_what_was_settled_meanwhile_stays_as_it_is(desk: Furnished) -> None:
    ref = await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    before = await desk.ticket(ref)
    done = next(task for task in before.tasks if task.state is TaskState.DONE)
    await set_aside(desk.opened.house, Call(JobKind.RUN_TASK, (done.id,), "token", 8), KeyError())
    assert await desk.ticket(ref) == before
    await set_aside(desk.opened.house, Call(JobKind.SEND_LETTER, (before.letters[0].id,), "token", 8), KeyError())
    assert await desk.ticket(ref) == before
    await set_aside(desk.opened.house, Call(JobKind.RUN_TASK, ("forgotten",), "token", 8), KeyError())
