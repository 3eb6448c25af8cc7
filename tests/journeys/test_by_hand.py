"""What is said of a step by hand stands in a letter: so it is shown, counted, or decided by an officer."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import timedelta

import pytest
from aiohttp import FormData

from bot.card import Values, Verb
from bot.domain.errors import Incomplete, NotYours
from bot.domain.request import Language
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome
from bot.ports import Shelf
from tests.journeys.furnished import Furnished, Visitor
from tests.journeys.walks import FATIMA, at_decision, states

ASTRID = "astrid.lundgren@example.se"
SEARCHED = {"result": "done", "count": "2"}


async def at_the_copy_by_hand(desk: Furnished) -> None:
    """Walk an access request to where the copy from colleagues' own mailboxes is taken out by hand."""
    await desk.sample("access")
    await desk.press("sara", Verb.CONFIRM)
    await desk.fill("jonas", Verb.FINISH_BY_HAND, SEARCHED)
    await desk.decide("karin")
    await desk.decide("jonas")
    assert states(await desk.ticket(), "export")["office365_personal"] is TaskState.BY_HAND


async def test_a_holder_gets_the_search_for_the_own_mailbox_on_the_page_only(desk: Furnished) -> None:
    """The desk opens no colleague's own mailbox: it writes the search, the holder pastes it (D18, D14)."""
    await desk.sample("access")
    await desk.press("sara", Verb.CONFIRM)
    _, _, page = await desk.review("jonas")
    assert "Outlook" in page
    assert "participants:" in page
    assert ASTRID in page
    assert "participants:" not in str(await desk.card("jonas"))
    await desk.fill("jonas", Verb.FINISH_BY_HAND, SEARCHED)
    _, _, page = await desk.review("jonas")
    assert "participants:" not in page, "it has been done"


async def with_a_file(desk: Furnished, content: bytes = b"Subject: hej") -> None:
    """Upload a file to the step on the review page."""
    browser, at, page = await desk.review("jonas")
    (task,) = re.findall(r'name="task" value="([^"]+)"', page)
    assert await uploaded(browser, at, page, task, content) == 200


async def uploaded(browser: Visitor, at: str, page: str, task: str, content: bytes) -> int:
    """Post a file to a task from a review page; return the status."""
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    return await posted(browser, at, csrf, task, content)


async def posted(browser: Visitor, at: str, csrf: str, task: str, content: bytes) -> int:
    form = FormData({"csrf": csrf, "task": task})
    form.add_field("file", content, filename="mejl.eml")
    async with browser.session.post(f"{browser.url}{at}/upload", data=form) as answer:
        return answer.status


async def test_an_owner_sees_and_fills_their_own_systems_alone(desk: Furnished) -> None:
    """Karin owns HubSpot: the copy from Outlook is Jonas's, and what she laid there would have reached the person."""
    await at_the_copy_by_hand(desk)
    browser, at, page = await desk.review("karin")
    assert "HubSpot" in page
    assert "Outlook" not in page
    ticket = await desk.ticket()
    (task,) = [one.id for one in ticket.tasks if one.state is TaskState.BY_HAND]
    (session,) = [one.value for one in browser.session.cookie_jar]
    async with desk.opened.house.work() as unit:
        csrf = unit.index.digest("csrf", session)
    assert await posted(browser, at, csrf, task, b"forged") == 403
    async with desk.opened.house.work() as unit:
        assert await unit.vault.names(ticket.id, Shelf.FINDINGS, f"upload/{task}/") == []
    _, _, whole = await desk.review("sara")
    assert "Outlook" in whole, "a handler sees it all"


async def test_a_copy_by_hand_is_done_when_its_file_is_there(desk: Furnished) -> None:
    """Without a file there is nothing in the package; T5 would say there is."""
    await at_the_copy_by_hand(desk)
    done = {"result": "done", "masked": "0"}
    with pytest.raises(Incomplete, match="file_first"):
        await desk.fill("jonas", Verb.FINISH_BY_HAND, done)
    await with_a_file(desk)
    with pytest.raises(Incomplete, match="field_missing"):
        await desk.fill("jonas", Verb.FINISH_BY_HAND, done | {"masked": ""})
    with pytest.raises(Incomplete, match="field_bad"):
        await desk.fill("jonas", Verb.FINISH_BY_HAND, done | {"masked": "några"})
    assert states(await desk.ticket(), "export")["office365_personal"] is TaskState.BY_HAND
    await desk.fill("jonas", Verb.FINISH_BY_HAND, done)
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(ASTRID)[-1]
    assert "Inget är maskerat." in letter.text
    package = await (await desk.person(letter)).package()
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        mails = [files.read(name) for name in files.namelist() if name.endswith(".eml")]
    assert b"Subject: hej" in mails
    assert len(mails) == 3, "beside the two that the function mailbox holds"


async def test_the_letter_says_what_a_colleague_masked(desk: Furnished) -> None:
    """Blanking out is a partial refusal: the number, the reason and the way to court stand there (R51)."""
    await at_the_copy_by_hand(desk)
    await with_a_file(desk)
    await desk.fill("jonas", Verb.FINISH_BY_HAND, {"result": "done", "masked": "3"})
    await desk.press("sara", Verb.SEND_LETTER)
    text = desk.letters(ASTRID)[-1].text
    assert "3 uppgifter i kopian är maskerade" in text
    assert "domstol" in text
    assert "Inget är maskerat" not in text


async def at_the_erasure_by_hand(desk: Furnished) -> None:
    """Walk access then erasure to where Eventbrite is to be erased by hand."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    await (await desk.person(desk.letters(FATIMA)[-1])).package()
    await desk.settle()
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND


REFUSED = {"result": "exception", "exception_reason": "decline:legal_duty"}


async def test_what_the_law_keeps_is_an_officers_to_say(desk: Furnished) -> None:
    """Seen only at the system that bookkeeping forbids it: that is a decline, and not the owner's alone (D9, R51)."""
    await at_the_erasure_by_hand(desk)
    form = await desk.form("sara", Verb.FINISH_BY_HAND)
    await desk.send("sara", form, REFUSED)
    task = next(one for one in (await desk.ticket()).tasks if (one.system, one.operation) == ("eventbrite", "erase"))
    assert (task.state, task.ground, task.proposed_by) == (TaskState.PROPOSED, "legal_duty", "sara")
    with pytest.raises(NotYours):
        await desk.form("sara", Verb.CONFIRM_DECLINE)
    await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"})
    await desk.settle()
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.DECLINED


async def test_a_decline_by_hand_kept_open_is_the_owners_again(desk: Furnished) -> None:
    """The officer says no to the no: it is approved anew and comes back as the same step."""
    await at_the_erasure_by_hand(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, REFUSED)
    await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "keep_open"})
    for name in ("sara", "karin"):
        await desk.decide(name)
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[1].outcome is Outcome.FULFILLED


async def test_only_the_owner_proposes_a_decline_and_only_on_a_ground_of_the_right(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    press = (await desk.form("sara", Verb.FINISH_BY_HAND)).press
    refused: Values = {name: (value,) for name, value in REFUSED.items()}
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(desk.who("jonas"), press, refused)
    for reason in ("decline:tired", "kept_by_law"):
        with pytest.raises(Incomplete):
            await desk.opened.desk.submit(desk.who("sara"), press, {**refused, "exception_reason": (reason,)})
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"result": "not_found", "count": "7"}, "count"),
        ({"result": "done", "count": "2", "exception_reason": "vendor"}, "exception_reason"),
        ({"result": "not_found", "exception_reason": "no_access"}, "exception_reason"),
    ],
)
async def test_an_ending_that_says_two_things_is_asked_about(
    desk: Furnished, said: Mapping[str, str], field: str
) -> None:
    """Seven records and "nothing was there", or a ground and "done": one would be dropped, and nobody would know."""
    await desk.sample("access-then-erase")
    await desk.press("sara", Verb.CONFIRM)
    form = await desk.form("jonas", Verb.FINISH_BY_HAND)
    with pytest.raises(Incomplete) as refused:
        await desk.send("jonas", form, said)
    assert refused.value.facts["field"] == field
    assert not re.search(r"[{}]", desk.opened.desk.explain(Language.SV, refused.value))
    await desk.send("jonas", form, {"result": "not_found"})
    assert states(await desk.ticket(), "find")["office365_personal"] is TaskState.NOT_HELD
