"""A stuck erasure that a colleague ends by hand: the desk looks whether it is so before anybody is told (F31)."""

from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import NeedsHuman, NotAllowedNow
from bot.domain.letter import LetterKind
from bot.domain.system import Record
from bot.domain.task import LOOKED_GONE, TaskState
from bot.domain.ticket import Outcome
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished, buttons, verbs, words
from tests.journeys.pages import asked, reply
from tests.journeys.replies import reply as later_mail
from tests.journeys.test_proven_gone import ELSEWHERE, approved, erasure, proving
from tests.journeys.walks import PRIYA, confirmed_by_link

LAGGING = timedelta(minutes=5)


async def stuck(desk: Furnished) -> None:
    """Walk Priya's erasure to where HubSpot refuses to erase her contact."""
    desk.hubspot.faults.add(Fault(Trouble.STATUS, "POST", "gdpr-delete", None, 400))
    await approved(desk)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=30), steps=5)
    assert (await erasure(desk)).state is TaskState.STUCK


def gone_by_hand(desk: Furnished) -> None:
    """Delete Priya's contact for good, as a colleague does in HubSpot."""
    contact = desk.hubspot.account.contact(PRIYA)
    assert contact is not None
    desk.hubspot.account.forget(contact)


async def line(desk: Furnished) -> str:
    """Send the answer; return what it says of HubSpot."""
    await desk.press("sara", Verb.SEND_LETTER)
    return next(one for one in desk.letters(PRIYA)[-1].text.splitlines() if "HubSpot:" in one)


@pytest.mark.parametrize("result", ["done", "not_found"])
async def test_what_is_still_there_is_stuck_still(desk: Furnished, result: str) -> None:
    """No letter is drafted; the owner hears that the person is there, and may have it tried again."""
    await stuck(desk)
    await desk.finish("karin", result=result)
    await desk.later(LAGGING, steps=5)
    task = await erasure(desk)
    assert (task.state, task.trouble, task.settled_by, dict(task.done)) == (
        *(TaskState.STUCK, "trouble.left_by_hand", ""),
        {},
    )
    card = await desk.card("karin")
    assert "personen finns kvar i HubSpot" in words(card)
    assert Verb.RETRY in verbs(card)
    desk.hubspot.faults.clear()
    await desk.press("karin", Verb.RETRY)
    await desk.later(LAGGING)
    assert (await erasure(desk)).state is TaskState.DONE


async def test_what_a_colleague_erased_is_seen_and_told_as_their_work(desk: Furnished) -> None:
    """The letter does not say what HubSpot does when the desk erases there: nobody did it that way."""
    await stuck(desk)
    gone_by_hand(desk)
    await desk.finish("karin", result="done")
    task = await erasure(desk)
    assert (task.state, task.reason, task.settled_by) == (TaskState.DONE, LOOKED_GONE, "karin")
    said = await line(desk)
    assert "A colleague did it by hand" in said
    assert "permanently deleted" not in said


async def test_a_look_that_is_shut_out_leaves_a_word_and_no_more(desk: Furnished) -> None:
    await stuck(desk)
    desk.hubspot.faults.add(Fault(Trouble.STATUS, times=None, status=403))
    await desk.finish("karin", result="done")
    assert (await erasure(desk)).state is TaskState.STUCK
    await desk.finish("karin", result="done")
    assert (await erasure(desk)).state is TaskState.DONE
    said = await line(desk)
    assert "A colleague did it by hand" in said
    assert "permanently deleted" not in said


async def test_what_was_not_there_by_hand_ends_in_a_letter_that_can_be_sent(desk: Furnished) -> None:
    """The search had counted a contact; it is gone, and not by us: nothing is held, whatever was counted."""
    await stuck(desk)
    gone_by_hand(desk)
    await desk.finish("karin", result="not_found")
    ticket = await desk.ticket()
    assert ticket.letters[-1].kind is LetterKind.NOTHING_FOUND
    assert "no data about you" in await line(desk)
    assert (await desk.ticket()).parts[0].outcome is Outcome.NOTHING_HELD


async def test_what_moved_away_from_the_address_is_not_gone(desk: Furnished) -> None:
    """Stuck on a contact whose address changed: by its id it is still there, whatever a colleague says."""
    cabinet = proving(desk)
    await approved(desk)
    cabinet.move_to(ELSEWHERE)
    await confirmed_by_link(desk)
    await desk.finish("karin", result="done")
    await desk.later(LAGGING, steps=5)
    assert (await erasure(desk)).trouble == "trouble.left_by_hand"
    cabinet.held.clear()
    await desk.finish("karin", result="done")
    assert (await erasure(desk)).reason == LOOKED_GONE


async def test_what_was_ruled_to_stay_for_others_is_nothing_left_over(desk: Furnished) -> None:
    """A meeting kept on a ground stands there rightly; the letter names it, and the rest is erased."""
    cabinet = proving(desk)
    cabinet.held = {"m1": Record("hubspot", "meeting", "m1", shared=True), **cabinet.held}
    await approved(desk)
    await confirmed_by_link(desk)
    (about,) = [one for one in asked((await desk.review("karin"))[2]) if one.startswith("shared:")]

    async def refused(number: str) -> None:
        raise NeedsHuman("trouble.refused", {"system": number})

    cabinet.before = refused
    for name in ("karin", "maria"):
        await reply(desk, name, about, "keep:legal_duty")
    await desk.later(timedelta(seconds=30), steps=5)
    assert (await erasure(desk)).state is TaskState.STUCK
    cabinet.held = {"m1": cabinet.held["m1"]}
    await desk.finish("karin", result="done")
    task = await erasure(desk)
    assert (task.state, task.reason, task.ground) == (TaskState.DONE, LOOKED_GONE, "legal_duty")
    await desk.press("sara", Verb.SEND_LETTER)
    assert "17(3)(b)" in desk.letters(PRIYA)[-1].text
    assert (await desk.ticket()).parts[0].outcome is Outcome.PARTLY


async def test_nothing_is_called_erased_while_a_mail_may_take_it_back(desk: Furnished) -> None:
    """Neither a colleague's word nor another attempt ends the erasure before somebody has said what the mail means."""
    await stuck(desk)
    before = await desk.card("karin")
    opened = await desk.form("karin", Verb.FINISH_BY_HAND)
    again = next(one.press for one in buttons(before) if one.press.verb is Verb.RETRY)
    await desk.mail(later_mail(desk, "Jag har ångrat mig, ni behöver inte radera."))
    card = await desk.card("karin")
    assert "Inget raderas förrän" in words(card)
    assert not {Verb.RETRY, Verb.FINISH_BY_HAND} & verbs(card)
    with pytest.raises(NotAllowedNow, match="still_locked"):
        await desk.opened.desk.form(desk.who("karin"), opened.press)
    with pytest.raises(NotAllowedNow, match="still_locked"):
        await desk.send("karin", opened, {"result": "done", "count": "1"})
    with pytest.raises(NotAllowedNow, match="still_locked"):
        await desk.opened.desk.press(desk.who("karin"), again)
    assert (await erasure(desk)).state is TaskState.STUCK
    await desk.fill("sara", Verb.SETTLE_REGRET, {"way": "go_on"})
    assert {Verb.RETRY, Verb.FINISH_BY_HAND} <= verbs(await desk.card("karin"))
    gone_by_hand(desk)
    await desk.finish("karin", result="done")
    assert (await erasure(desk)).state is TaskState.DONE
