"""What owners decide, what an officer decides, what is done by hand, and the letter that says it."""

import io
import re
import zipfile
from datetime import timedelta
from html import unescape

import pytest

from bot.card import Link, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, StaleCard
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import FIRST, Furnished, pressed, rows_of, verbs
from tests.journeys.walks import FATIMA, PRIYA, at_decision, confirmed_by_link, states


async def test_two_people_and_the_reference(desk: Furnished) -> None:
    """The reference is typed, the second is somebody else, a deputy will do (D10)."""
    await at_decision(desk, "erase")
    with pytest.raises(Incomplete):
        await desk.decide("karin", typed="PR-2026-0002")
    refusal = (await desk.events())[-1]
    assert dict(refusal.facts) == {"verb": "decide", "why": "refusal.reference_mismatch"}
    with pytest.raises(Incomplete, match="nothing_chosen"):
        await desk.decide("karin", decision="")
    with pytest.raises(NotYours, match="no_row_of_yours"):
        await desk.form("sara", Verb.DECIDE)
    form = await desk.form("karin", Verb.DECIDE)
    await desk.decide("karin")
    task = rows_of(form)[0]
    with pytest.raises(NotYours, match="no_row_of_yours") as refused:
        await desk.form("karin", Verb.DECIDE)
    assert refused.value.facts["who"] == "Jonas eller Maria", "not Karin, who has said hers"
    with pytest.raises(NotYours, match="same_person"):
        await desk.opened.desk.submit(desk.who("karin"), form.press, {task: ("approve",), "reference": (FIRST,)})
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.PROPOSED}
    await desk.decide("jonas")
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}


async def test_one_yes_does_not_make_anothers_form_stale(desk: Furnished) -> None:
    """D32: Karin's open form still counts when Sara has decided in her own system meanwhile."""
    await at_decision(desk)
    open_form = await desk.form("karin", Verb.DECIDE)
    await desk.decide("sara")
    ticket = await desk.ticket()
    mine = {
        name: "approve" for name in rows_of(open_form) if ticket.task(name.removeprefix("task:")).system == "hubspot"
    }
    await desk.send("karin", open_form, {**mine, "reference": FIRST})
    assert states(await desk.ticket(), "export")["hubspot"] is TaskState.DONE


async def declined(desk: Furnished, ground: str = "legal_claims") -> None:
    await at_decision(desk, "erase")
    await desk.decide("karin", decision=f"decline:{ground}")


@pytest.mark.parametrize("late", ["approve", "decline:legal_duty"])
async def test_a_late_form_does_not_settle_a_proposed_decline(desk: Furnished, late: str) -> None:
    """Karin's form stood open while Jonas proposed: only the officer says what becomes of that (D9, R51)."""
    await at_decision(desk, "erase")
    open_form = await desk.form("karin", Verb.DECIDE)
    await desk.decide("jonas", decision="decline:legal_claims")
    (row,) = rows_of(open_form)
    with pytest.raises(StaleCard):
        await desk.send("karin", open_form, {row: late, "reference": FIRST})
    task = (await desk.ticket()).task(row.removeprefix("task:"))
    assert (task.ground, task.proposed_by, task.approvals) == ("legal_claims", "jonas", ())
    assert Verb.CONFIRM_DECLINE in verbs(await desk.card("maria"))


async def test_a_decline(desk: Furnished) -> None:
    """Proposed by the owner, confirmed by the officer; the letter names the ground (D9, D11, T8)."""
    await declined(desk)
    with pytest.raises(NotYours):
        await desk.form("sara", Verb.CONFIRM_DECLINE)
    form = await desk.form("maria", Verb.CONFIRM_DECLINE)
    with pytest.raises(NotYours):
        await desk.send("karin", form, {"way": "decline"})
    await desk.send("maria", form, {"way": "decline"})
    with pytest.raises((NotAllowedNow, StaleCard)):
        await desk.send("maria", form, {"way": "decline"})
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.parts[0].outcome, ticket.letters[-1].kind) == (Outcome.REFUSED, "T8")
    assert not desk.hubspot.writes("gdpr-delete")
    assert "IMY" in desk.letters(PRIYA)[-1].text


async def test_a_decline_kept_open(desk: Furnished) -> None:
    await declined(desk)
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(
            desk.who("karin"), pressed(await desk.card("maria"), Verb.CONFIRM_DECLINE), {"way": ("keep_open",)}
        )
    await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "keep_open"})
    task = next(task for task in (await desk.ticket()).tasks if task.operation == "erase")
    assert (task.state, task.ground, task.proposed_by) == (TaskState.PROPOSED, "", "")


async def test_an_officer_does_not_confirm_their_own_proposal(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.decide("maria", decision="decline:legal_duty")
    with pytest.raises(NotYours, match="same_person"):
        await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"})


async def test_a_ground_that_is_none(desk: Furnished) -> None:
    """A forged answer cannot bring a ground the right does not have, nor a word that is no decision."""
    await at_decision(desk, "erase")
    form = await desk.form("karin", Verb.DECIDE)
    task = rows_of(form)[0]
    with pytest.raises(NotAllowedNow, match="ground_unknown"):
        await desk.opened.desk.submit(desk.who("karin"), form.press, {task: ("decline:too_much_work",)})
    with pytest.raises(Incomplete, match="field_bad"):
        await desk.opened.desk.submit(desk.who("karin"), form.press, {task: ("perhaps",)})


async def to_the_step_by_hand(desk: Furnished) -> None:
    """Walk access then erasure to where Eventbrite is to be erased by hand."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    person = await desk.person(desk.letters(FATIMA)[-1])
    await person.package()
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND


@pytest.mark.parametrize(
    ("given", "state", "outcome"),
    [
        ({"result": "done", "count": "2", "note": "blankade i arrangörens sida"}, TaskState.DONE, Outcome.FULFILLED),
        ({"result": "not_found"}, TaskState.NOT_HELD, Outcome.FULFILLED),
        ({"result": "exception", "exception_reason": "no_access"}, TaskState.EXCEPTION, Outcome.PARTLY),
    ],
)
async def test_a_step_by_hand(desk: Furnished, given: dict[str, str], state: TaskState, outcome: Outcome) -> None:
    """Ends as exactly one of done, not found, not possible with its reason (F33)."""
    await to_the_step_by_hand(desk)
    for wrong in ({"result": "exception"}, {"result": "done", "count": "två"}):
        with pytest.raises(Incomplete):
            await desk.fill("sara", Verb.FINISH_BY_HAND, wrong)
    form = await desk.form("sara", Verb.FINISH_BY_HAND)
    with pytest.raises(NotYours):
        await desk.opened.desk.form(desk.who("jonas"), form.press)
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(desk.who("david"), form.press, {"result": ("done",)})
    if given["result"] != "exception":
        desk.eventbrite.blank(FATIMA)  # the desk looks again; that it finds out is proved in test_looking_again
    await desk.send("sara", form, given)
    assert states(await desk.ticket(), "erase")["eventbrite"] is state
    with pytest.raises((NotAllowedNow, StaleCard)):
        await desk.send("sara", form, given)
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[1].outcome) == (Stage.CLOSED, outcome)


async def test_a_step_by_hand_refused_by_law(desk: Furnished) -> None:
    """A ground of the law is the officer's to decide, by hand as by button (D9)."""
    await to_the_step_by_hand(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "exception", "exception_reason": "decline:legal_duty"})
    assert states(await desk.ticket(), "erase")["eventbrite"] is not TaskState.DECLINED
    await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"})
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.DECLINED
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[1].outcome is Outcome.PARTLY


def fields(page: str) -> dict[str, str]:
    """Return what stands in the letter's form on a review page."""
    found = re.findall(r'name="(csrf|letter|version|subject)"[^>]* value="([^"]*)"', page)
    (text,) = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return {name: unescape(value) for name, value in found} | {"text": unescape(text)}


async def test_a_letter_is_edited(desk: Furnished) -> None:
    """A missing block is refused by name and nothing is lost; what is saved is sent; an old page is told."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    browser, at, page = await desk.review("sara")
    letter = fields(page)
    status, answer = await browser.post(f"{at}/letter", letter | {"text": "Hej då."})
    assert status == 422
    assert "Hej då." in answer, "what was typed stands there still"
    status, _ = await browser.post(f"{at}/letter", letter | {"csrf": "0"})
    assert status != 200
    status, _ = await browser.post(f"{at}/letter", letter | {"text": letter["text"] + "\nVänligen, Sara\n"})
    assert status == 200
    status, _ = await browser.post(f"{at}/letter", letter | {"text": letter["text"]})
    assert status == 409, "saved meanwhile"
    await desk.press("sara", Verb.SEND_LETTER)
    assert "Vänligen, Sara" in desk.letters(PRIYA)[-1].text
    assert (await desk.ticket()).letters[-1].edited_by == "sara"


async def test_a_review_link_is_one_colleagues_once(desk: Furnished) -> None:
    """Ten minutes, once, and the page for as long (D15)."""
    await at_decision(desk, "erase")
    shown = await desk.press("sara", Verb.REVIEW)
    (link,) = (element.url for element in shown.elements if isinstance(element, Link))
    browser = await desk.visitor()
    assert (await browser.get(link))[0] == 200
    status, page = await browser.post(link)
    assert status == 200
    assert PRIYA in page
    assert (await browser.post(link))[0] == 404
    shown = await desk.press("sara", Verb.REVIEW)
    (late,) = (element.url for element in shown.elements if isinstance(element, Link))
    await desk.later(timedelta(minutes=11))
    assert (await (await desk.visitor()).get(late))[0] == 404
    looked = [entry.actor for entry in await desk.events() if entry.event == "ticket.looked"]
    assert looked == ["sara"]
    with pytest.raises(NotYours):
        await desk.press("david", Verb.REVIEW)


async def test_a_closed_ticket_is_reopened_by_the_officer(desk: Furnished) -> None:
    """From the start: nothing found or taken out in the first round is carried into the second."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    person = await desk.person(desk.letters(FATIMA)[-1])
    await person.package()
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    with pytest.raises(NotYours):
        await desk.fill("sara", Verb.REOPEN, {"reason": "wrongly_closed"})
    await desk.fill("maria", Verb.REOPEN, {"reason": "wrongly_closed"})
    assert (await desk.ticket()).stage is Stage.RECEIVED
    assert Verb.CONFIRM in verbs(await desk.card("sara"))
    await desk.fill("sara", Verb.CHANGE, {"subject": "lars.wallin@example.se", "rights": ["access"]})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    await desk.fill("sara", Verb.ATTEST, {"method": "call_back", "checked": ["number_on_file"]})
    await desk.decide("karin")
    _, _, page = await desk.review("sara")
    assert "fatima.haddad" not in page.split("textarea")[0]
    await desk.press("sara", Verb.SEND_LETTER)
    last = desk.letters()[-1]
    assert last.to == "lars.wallin@example.se"
    package = await (await desk.person(last)).package()
    assert _says(package, "Newsletter: hiring in the autumn") is False
    assert _says(package, "lars.wallin@example.se") is True


def _says(package: bytes, word: str) -> bool:
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        return any(word in files.read(name).decode("utf-8", "replace") for name in files.namelist())


async def test_nothing_unknown(desk: Furnished) -> None:
    with pytest.raises(NotFound):
        await desk.card("sara", "PR-2026-0099")
