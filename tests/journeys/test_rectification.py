"""Rectification from mail to letter (Art. 16, R41): seen on the page, approved by the owner, looked at again."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.card import Card, Choice, Form, Input, InputKind, Link, Press, Verb
from bot.cards.buttons import aimed
from bot.cards.decide import own_rows
from bot.cards.history import history_line
from bot.domain.correcting import by_program
from bot.domain.errors import Incomplete, NotAllowedNow, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.request import Language
from bot.domain.system import Operation, Record
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.ports import Corrects, Shelf
from bot.services.deciding.correcting import written_for
from bot.services.staff.roster import catch_up
from integrations.sandbox import Fault, Trouble
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, Visitor, buttons, filled, verbs, words
from tests.journeys.sixth import ASTRID, library, mail, searched, with_library
from tests.journeys.walks import states

SWEDISH = "Hej, mitt telefonnummer är fel hos er. Jag vill att ni rättar det till 070-222 22 22."
ENGLISH = "Hello, my phone number is wrong. Please correct it to 070-222 22 22."
OLD, NEW = "070-111 11 11", "070-222 22 22"
#: Where a colleague corrects by hand.
BY_HAND, BY_HAND_NAME = "eventbrite", "Eventbrite"


@pytest.fixture
async def desk(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Furnished]:
    """A furnished desk with a system that can be corrected."""
    async with with_library(tmp_path, sqlite_url, clock, monkeypatch) as desk:
        yield desk


def sheet(page: str, system: str) -> dict[str, str]:
    """Return what the sheet of a system would send as it stands."""
    for form in LexborHTMLParser(page).css("form[action$='/correct']"):
        section = form.parent
        assert section is not None
        heading = section.css_first("h2")
        if heading is not None and system in heading.text():
            return {one.attributes["name"] or "": one.attributes["value"] or "" for one in form.css("input")}
    raise AssertionError(f"no sheet of {system}")


async def correct(
    desk: Furnished, ref: str, values: dict[str, str], system: str = "Library", name: str = "sara"
) -> tuple[Visitor, int, str]:
    """Put values right on the page as a colleague; return the browser, the answer's status and page."""
    browser, path, page = await desk.review(name, ref, Verb.CORRECT)
    sent = sheet(page, system) | values
    status, after = await browser.post(f"{path}/correct", sent)
    await desk.settle()
    return browser, status, after


async def decided(desk: Furnished, ref: str, name: str = "maria") -> None:
    """Say yes to every row, as the officer, who stands in for every owner; only the library's values are wrong."""
    for task in (await desk.ticket(ref)).tasks:
        if task.state is TaskState.PROPOSED and by_program(task) and task.system != "library":
            await correct(desk, ref, {"nothing": "1"}, desk.opened.house.words[task.system].name)
    form = await desk.form(name, Verb.DECIDE, ref)
    await desk.send(name, form, yes_to_all(form) | ({"reference": ref} if asks_reference(form) else {}))


def yes_to_all(form: Form) -> dict[str, str]:
    """Return a yes to every row of a form."""
    rows = [one for one in form.elements if isinstance(one, Choice)]
    return {one.name: next(value for value, _ in one.options if value.startswith("approve")) for one in rows}


def asks_reference(form: Form) -> bool:
    """Whether the form wants the reference typed."""
    return any(isinstance(one, Input) and one.kind is InputKind.REFERENCE for one in form.elements)


async def library_has_an_owner(desk: Furnished) -> None:
    """Let Karin answer for the library too: what cannot be undone takes somebody beside the officer."""
    written = desk.opened.house.people.written
    owning = [replace(one, owns=one.owns | {"library"}) if one.id == "karin" else one for one in written.colleagues]
    await catch_up(desk.opened.house, replace(written, colleagues=tuple(owning)))


@pytest.mark.parametrize(("text", "said"), [(SWEDISH, f"från {OLD} till {NEW}"), (ENGLISH, f"from {OLD} to {NEW}")])
async def test_a_value_is_put_right_from_mail_to_letter(desk: Furnished, text: str, said: str) -> None:
    ref = await searched(desk, text)
    assert (await desk.ticket(ref)).stage is Stage.DECIDING
    card = await desk.card("sara", ref)
    assert Verb.CORRECT in verbs(card)
    assert OLD not in words(card)
    _, status, page = await correct(desk, ref, {"f:0/phone": NEW})
    assert status == 200
    assert "Sparat" in page or "sparad" in page.casefold()
    assert library(desk).patches == [], "nothing is written before the owner's yes"
    await decided(desk, ref)
    assert library(desk).card["phone"] == NEW
    assert library(desk).patches == [{"phone": NEW}]
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.DONE
    await finish_by_hand(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    letter = desk.letters()[-1]
    assert said in letter.text
    assert (await desk.ticket(ref)).parts[0].outcome is Outcome.FULFILLED


async def finish_by_hand(desk: Furnished, ref: str) -> None:
    """Close every step by hand: done where somebody wrote from what to what, else there was nothing to correct."""
    ticket = await desk.ticket(ref)
    async with desk.opened.house.work() as unit:
        told = {task.id for task in ticket.tasks if await written_for(unit, ticket.id, task.id)}
    for task in ticket.tasks:
        if task.state is TaskState.BY_HAND:
            label = desk.opened.house.words[task.system].name
            written = task.operation != "rectify" or task.id in told
            await desk.finish("maria", ref, "done" if written else "not_found", label)


async def test_what_was_written_is_logged_masked_and_stands_in_no_chat(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW, "f:0/city": ""})
    (entry,) = [one for one in await desk.events(ref) if one.event is LedgerEvent.CORRECTIONS_WRITTEN]
    assert entry.facts == {"system": "library", "n": 2, "fields": "phone:set>set,city:set>empty", "emptied": 1}
    told = history_line(entry, desk.opened.house.scene(Language.SV))
    assert told.endswith("Sara skrev vad som ska rättas i Library. Uppgifter som töms: 1.")
    for name in ("sara", "maria"):
        said = words(await desk.card(name, ref)) + words(await desk.form("maria", Verb.DECIDE, ref))
        assert NEW not in said
        assert OLD not in said


async def test_a_yes_needs_values_and_holds_for_those_alone(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    with pytest.raises(Incomplete) as refused:
        await decided(desk, ref)
    assert refused.value.key == "refusal.corrections_first"
    await correct(desk, ref, {"f:0/phone": NEW})
    form = await desk.form("maria", Verb.DECIDE, ref)
    desk.clock.advance(timedelta(seconds=1))
    await correct(desk, ref, {"f:0/phone": "070-333 33 33"})
    with pytest.raises(StaleCard):
        await desk.send("maria", form, yes_to_all(form))
    assert library(desk).patches == []


async def test_a_yes_that_names_no_values_is_a_yes_to_none(desk: Furnished) -> None:
    """By a card from before values bore a version, or a press made by hand: nobody knows what its sender read (D32)."""
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    form = await desk.form("maria", Verb.DECIDE, ref)
    (task,) = [one for one in (await desk.ticket(ref)).tasks if (one.system, one.operation) == ("library", "rectify")]
    row, (named,) = f"task:{task.id}", filled(form, yes_to_all(form))[f"task:{task.id}"]
    for yes in ("approve", "approve:", "approve: ", f"{named} or any"):
        with pytest.raises(StaleCard):
            await desk.opened.desk.submit(desk.who("maria"), form.press, {row: (yes,)})
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.PROPOSED
    await desk.opened.desk.submit(desk.who("maria"), form.press, {row: (named,)})
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.READY


async def typed(desk: Furnished, press: Press, field: str, value: str) -> Card:
    """Write one value in the form of the chat, as Sara; return what came of it."""
    form = await desk.opened.desk.form(desk.who("sara"), press)
    (choice,) = (one for one in form.elements if isinstance(one, Choice))
    chosen = next(option for option, said in choice.options if said == field)
    return await desk.opened.desk.submit(desk.who("sara"), form.press, {"corrected": (chosen,), "new_value": (value,)})


async def test_a_value_can_be_typed_in_a_chat_and_is_shown_on_the_page_alone(desk: Furnished) -> None:
    """Input only (D14): nothing is filled in, the answer is the way to before and after, and two values stand both."""
    ref = await searched(desk, SWEDISH)
    ticket = await desk.ticket(ref)
    beside = await desk.opened.desk.press(desk.who("sara"), aimed(Verb.CORRECT, ticket))
    assert Verb.TYPE_VALUE in verbs(beside)
    await desk.settle()
    form = await desk.opened.desk.form(desk.who("sara"), aimed(Verb.TYPE_VALUE, ticket))
    assert OLD not in words(form)
    (offered,) = (one.options for one in form.elements if isinstance(one, Choice))
    assert {"Library: telefon", "HubSpot: telefon", "Office 365: mobil"} <= {said for _, said in offered}
    assert [one.value for one in form.elements if isinstance(one, Input)] == [""]
    for n, (field, value) in enumerate((("Library: telefon", NEW), ("Library: ort", "Lund"))):
        desk.clock.advance(timedelta(seconds=n))
        press = aimed(Verb.TYPE_VALUE, await desk.ticket(ref))
        answer = await typed(desk, press, field, value)
        assert value not in words(answer)
        assert any(isinstance(one, Link) for one in answer.elements)
        await desk.settle()
    _, _, page = await desk.review("maria", ref, Verb.CORRECT)
    assert all(name in sheet(page, "Library").values() for name in (NEW, "Lund"))
    await decided(desk, ref)
    assert (library(desk).card["phone"], library(desk).card["city"]) == (NEW, "Lund")


async def test_where_nothing_waits_for_values_a_chat_takes_none(desk: Furnished) -> None:
    ref = await searched(desk, "Hej, radera allt ni har om mig.")
    with pytest.raises(NotAllowedNow) as refused:
        await desk.opened.desk.form(desk.who("sara"), aimed(Verb.TYPE_VALUE, await desk.ticket(ref)))
    assert refused.value.key == "refusal.values_on_page"


@pytest.mark.parametrize(
    ("value", "key"),
    [("", "refusal.field_missing"), (" – ", "refusal.emptied_on_page"), (OLD, "refusal.nothing_corrected")],
)
async def test_what_a_chat_does_not_take_is_said_at_the_field(desk: Furnished, value: str, key: str) -> None:
    """Emptying takes two people and is done on the page; what stands there already is no correction."""
    ref = await searched(desk, SWEDISH)
    await desk.opened.desk.press(desk.who("sara"), aimed(Verb.CORRECT, await desk.ticket(ref)))
    await desk.settle()
    with pytest.raises(Incomplete) as refused:
        await typed(desk, aimed(Verb.TYPE_VALUE, await desk.ticket(ref)), "Library: telefon", value)
    assert refused.value.key == key


async def test_a_value_changed_meanwhile_is_a_persons_to_judge(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    library(desk).card["phone"] = "070-999 99 99"
    await decided(desk, ref)
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.STUCK
    assert library(desk).patches == []
    await correct(desk, ref, {"f:0/phone": NEW})
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.PROPOSED, "asked anew: other values"
    await decided(desk, ref)
    assert library(desk).card["phone"] == NEW


async def test_a_value_already_right_is_success_and_nothing_is_sent(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    library(desk).card["phone"] = NEW
    await decided(desk, ref)
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.DONE
    assert library(desk).patches == []


async def test_a_page_that_showed_other_values_writes_nothing(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    browser, path, page = await desk.review("sara", ref, Verb.CORRECT)
    library(desk).card["phone"] = "070-999 99 99"
    await desk.review("maria", ref, Verb.CORRECT)  # which fetches anew
    status, after = await browser.post(f"{path}/correct", sheet(page, "Library") | {"f:0/phone": NEW})
    assert status == 409
    assert "070-999 99 99" in unescape(after)


async def test_nothing_changed_is_said_and_nothing_to_correct_is_a_result(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    _, status, page = await correct(desk, ref, {})
    assert status == 422
    assert "Inget är ändrat" in unescape(page)
    _, status, _ = await correct(desk, ref, {"nothing": "1"})
    assert status == 200
    task = states(await desk.ticket(ref), "rectify")
    assert task["library"] is TaskState.NOT_APPLICABLE


async def test_erasing_one_field_is_correcting_it_to_nothing(desk: Furnished) -> None:
    """D2: the rest stays."""
    ref = await searched(desk, "Hej, jag vill att ni tar bort min hemadress.")
    ticket = await desk.ticket(ref)
    assert states(ticket, "rectify"), [part.scope for part in ticket.parts]
    await library_has_an_owner(desk)
    await correct(desk, ref, {"f:0/city": ""})
    await decided(desk, ref)
    assert library(desk).card["city"] == "Lund", "one of two has said yes"
    await decided_by_the_others(desk, ref)
    assert library(desk).card["city"] == ""
    assert library(desk).card["phone"] == OLD
    await finish_by_hand(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    assert re.search(r"ort: Lund har tagits bort", desk.letters()[-1].text)


async def decided_by_the_others(desk: Furnished, ref: str) -> None:
    """Let every owner say the second yes."""
    for name in ("karin", "jonas", "sara"):
        if own_rows(await desk.ticket(ref), desk.who(name)):
            await decided(desk, ref, name)


async def test_emptying_a_field_is_said_typed_and_agreed_by_two(desk: Furnished) -> None:
    """D2 and D10: the old value is gone in that system, so it is an erasure in everything but name."""
    await library_has_an_owner(desk)
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/city": ""})
    form = await desk.form("karin", Verb.DECIDE, ref)
    said = words(form)
    assert "1 uppgift töms i Library. Det värde som står där är sedan borta och går inte att få tillbaka." in said
    hints = [one.hint for one in form.elements if isinstance(one, Choice) and "Library" in one.label]
    assert hints == ["Två olika personer behöver godkänna. Du är nummer 1 av 2."]
    assert "Lund" not in said
    task = next(one for one in (await desk.ticket(ref)).tasks if one.system == "library" and one.operation == "rectify")
    row = {f"task:{task.id}": yes_to_all(form)[f"task:{task.id}"]}
    for typed in ("", "PR-2026-9999"):
        with pytest.raises(Incomplete) as refused:
            await desk.send("karin", form, row | {"reference": typed})
        assert refused.value.key == "refusal.reference_mismatch"
    await desk.send("karin", form, row | {"reference": ref})
    assert library(desk).card["city"] == "Lund"
    assert "godkänt 1 av 2" in words(await desk.card("maria", ref)).casefold()
    assert task.id not in {one.id for one in own_rows(await desk.ticket(ref), desk.who("karin"))}, "not once more"
    await decided(desk, ref)
    assert library(desk).card["city"] == ""
    yes = [one for one in await desk.events(ref) if one.event is LedgerEvent.APPROVED]
    assert [(one.actor, one.facts["yes"], one.facts["of"]) for one in yes if one.facts["system"] == "library"] == [
        ("karin", 1, 2),
        ("maria", 2, 2),
    ]


async def test_other_values_that_empty_nothing_take_one_again(desk: Furnished) -> None:
    await library_has_an_owner(desk)
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/city": "–"})
    assert "töms i Library" in words(await desk.form("karin", Verb.DECIDE, ref)), "a dash is no value"
    await correct(desk, ref, {"f:0/city": "Malmö"})
    assert "töms i Library" not in words(await desk.form("karin", Verb.DECIDE, ref))
    await decided(desk, ref)
    assert library(desk).card["city"] == "Malmö"


async def test_what_a_hold_keeps_is_not_emptied_either(desk: Furnished) -> None:
    """P76: set between the second yes and the writing, it stops the writing."""
    await library_has_an_owner(desk)
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/city": ""})
    await decided(desk, ref, "karin")
    shown = await desk.opened.desk.say(desk.who("maria"), f"bevara {ref}")
    assert isinstance(shown, Form)
    held = {"ground": "legal_claims", "why": "Tvist om fakturan.", "review_on": "2027-09-01"}
    await desk.send("maria", shown, held)
    await decided(desk, ref)
    assert library(desk).card["city"] == "Lund"
    task = next(one for one in (await desk.ticket(ref)).tasks if one.system == "library" and one.operation == "rectify")
    assert (task.state, task.trouble) == (TaskState.STUCK, "trouble.held")


async def test_emptied_by_hand_goes_back_for_two_yeses_before_it_is_done(desk: Furnished) -> None:
    """The step was agreed to as a correction; that a value goes is seen only when it is written down."""
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    await decided(desk, ref)
    rows = {"f:0/name": "telefon", "f:0/before": OLD, "f:0/after": NEW}
    await correct(desk, ref, rows, BY_HAND_NAME)
    assert states(await desk.ticket(ref), "rectify")[BY_HAND] is TaskState.BY_HAND, "a new value takes one"
    await correct(desk, ref, rows | {"f:0/after": ""}, BY_HAND_NAME)
    assert states(await desk.ticket(ref), "rectify")[BY_HAND] is TaskState.PROPOSED
    assert Verb.FINISH_BY_HAND not in {
        one.press.verb for one in buttons(await desk.card("maria", ref)) if BY_HAND_NAME in one.label
    }
    form = await desk.form("sara", Verb.DECIDE, ref)
    assert f"1 uppgift töms i {BY_HAND_NAME}" in words(form)
    await desk.send("sara", form, yes_to_all(form) | {"reference": ref})
    assert states(await desk.ticket(ref), "rectify")[BY_HAND] is TaskState.PROPOSED, "one of two"
    await decided(desk, ref, "karin")
    assert states(await desk.ticket(ref), "rectify")[BY_HAND] is TaskState.BY_HAND
    await correct(desk, ref, rows | {"f:0/after": "", "f:1/name": "ort", "f:1/before": "Lund"}, BY_HAND_NAME)
    assert states(await desk.ticket(ref), "rectify")[BY_HAND] is TaskState.PROPOSED, "one more value goes"
    await decided(desk, ref, "karin")
    await decided(desk, ref)
    await desk.finish("maria", ref, "done", BY_HAND_NAME)
    assert states(await desk.ticket(ref), "rectify")[BY_HAND] is TaskState.DONE


async def test_what_is_corrected_by_hand_is_said_in_the_letter_too(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    values = {"f:0/name": "telefon", "f:0/before": OLD, "f:0/after": NEW}
    _, status, page = await correct(desk, ref, values, BY_HAND_NAME)
    assert status == 200
    assert f"Library, phone: {OLD} → {NEW}" in unescape(page), "the same values stand beside the checklist"
    await decided(desk, ref)
    await finish_by_hand(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    letter = desk.letters()[-1].text
    assert f"{BY_HAND_NAME}, telefon: från {OLD} till {NEW}" in letter
    assert f"Library, telefon: från {OLD} till {NEW}" in letter


async def test_done_by_hand_says_from_what_to_what_or_is_not_done(desk: Furnished) -> None:
    """The letter tells of each value put right; a bare "done" would leave it with nothing to tell (R41)."""
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    await decided(desk, ref)
    (task,) = [
        one for one in (await desk.ticket(ref)).tasks if one.state is TaskState.BY_HAND and one.system == BY_HAND
    ]
    form = await desk.form("maria", Verb.FINISH_BY_HAND, ref, BY_HAND_NAME)
    said = desk.opened.house.texts.say(Language.SV, "refusal.values_first")
    assert said in words(form), "told before, not only after"
    with pytest.raises(Incomplete) as refused:
        await desk.send("maria", form, {"result": "done", "note": "Rättat i dag."})
    assert refused.value.key == "refusal.values_first"
    assert (await desk.ticket(ref)).task(task.id).state is TaskState.BY_HAND
    await correct(desk, ref, {"f:0/name": "telefon", "f:0/before": OLD, "f:0/after": NEW}, BY_HAND_NAME)
    await desk.finish("maria", ref, "done", BY_HAND_NAME)
    assert (await desk.ticket(ref)).task(task.id).state is TaskState.DONE
    await finish_by_hand(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    assert f"{BY_HAND_NAME}, telefon: från {OLD} till {NEW}" in desk.letters()[-1].text


@pytest.mark.parametrize("ending", [{"result": "not_found"}, {"result": "exception", "exception_reason": "vendor"}])
async def test_what_could_not_be_corrected_by_hand_needs_no_values(desk: Furnished, ending: dict[str, str]) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    await decided(desk, ref)
    await desk.send("maria", await desk.form("maria", Verb.FINISH_BY_HAND, ref, BY_HAND_NAME), ending)
    (task,) = [one for one in (await desk.ticket(ref)).tasks if one.system == BY_HAND and one.operation == "rectify"]
    assert task.state is (TaskState.NOT_HELD if ending["result"] == "not_found" else TaskState.EXCEPTION)


async def test_a_refusal_offers_a_statement_and_says_where_to_complain(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    form = await desk.form("karin", Verb.DECIDE, ref)
    rows = [one.name for one in form.elements if isinstance(one, Choice)]
    await desk.send("karin", form, dict.fromkeys(rows, "decline:disputed"))
    while Verb.CONFIRM_DECLINE in verbs(await desk.card("maria", ref)):
        await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"}, ref)
    await correct(desk, ref, {"f:0/phone": NEW})
    await decided(desk, ref)
    await finish_by_hand(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    letter = desk.letters()[-1].text
    assert "kompletterande utlåtande" in letter
    assert "klagomål" in letter
    assert f"från {OLD} till {NEW}" in letter
    assert (await desk.ticket(ref)).parts[0].outcome is Outcome.PARTLY


async def test_a_new_address_is_confirmed_through_the_old_one_first(desk: Furnished) -> None:
    """R19: nothing is shown or changed before whoever reads the address on file has said yes."""
    new = "astrid.ny@example.net"
    await desk.mail(mail("Min adress är inte längre astrid.lundgren@example.se. Rätta den till den här.", new))
    ref = (await desk.tickets())[0].ref
    await desk.fill("sara", Verb.CHANGE, {"subject": ASTRID, "rights": ["rectification"]}, ref)
    await desk.press("sara", Verb.CONFIRM, ref)
    while (await desk.ticket(ref)).stage is Stage.LOCATING:
        await desk.finish("maria", ref)
    ticket = await desk.ticket(ref)
    assert ticket.stage is Stage.VERIFYING
    assert not states(ticket, "rectify")
    asked = [letter for letter in desk.letters() if "/c/" in letter.text]
    assert {letter.to for letter in asked} == {ASTRID}
    assert Verb.CORRECT not in verbs(await desk.card("sara", ref))


async def test_a_lost_answer_is_looked_after_and_written_once(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    library(desk).faults.add(Fault(Trouble.LOST_ANSWER, "PATCH", "/records"))
    await decided(desk, ref)
    await desk.later(timedelta(minutes=2), steps=4)
    assert library(desk).patches == [{"phone": NEW}]
    assert states(await desk.ticket(ref), "rectify")["library"] is TaskState.DONE


async def test_a_card_that_is_gone_meanwhile_is_a_persons_to_judge(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    await correct(desk, ref, {"f:0/phone": NEW})
    library(desk).faults.add(Fault(Trouble.STATUS, "GET", "/records", status=404, times=None))
    await decided(desk, ref)
    task = next(one for one in (await desk.ticket(ref)).tasks if one.operation == "rectify" and one.system == "library")
    assert (task.state, task.trouble) == (TaskState.STUCK, "trouble.not_found_again")


async def test_values_that_cannot_be_fetched_are_said_to_whoever_wants_to_correct(desk: Furnished) -> None:
    library(desk).faults.add(Fault(Trouble.STATUS, "GET", "/records", status=403, times=None))
    ref = await searched(desk, SWEDISH)
    _, _, page = await desk.review("sara", ref, Verb.CORRECT)
    assert "Library" in page
    assert not LexborHTMLParser(page).css(f"form[action$='/correct'] [value='{OLD}']")
    library(desk).faults.clear()
    await desk.review("sara", ref, Verb.CORRECT)  # pressing again fetches again
    _, _, page = await desk.review("sara", ref, Verb.CORRECT)
    assert LexborHTMLParser(page).css(f"form[action$='/correct'] [value='{OLD}']")


async def test_values_fetched_while_the_case_begins_anew_are_not_kept(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19: it is opened again because it was about another person, and nothing of theirs comes back into it."""
    ref = await searched(desk, SWEDISH)
    system = desk.opened.house.systems["library"]
    assert isinstance(system, Corrects)
    correctable = system.correctable

    async def met(record: Record) -> Mapping[str, str]:
        parts = [part.id for part in (await desk.ticket(ref)).parts]
        await desk.fill("sara", Verb.WITHDRAW, {"method": "call", "note": "Ringde.", "parts": parts}, ref)
        await desk.fill("maria", Verb.REOPEN, {"reason": "another_person"}, ref)
        return await correctable(record)

    monkeypatch.setattr(system, "correctable", met)
    await desk.press("sara", Verb.CORRECT, ref)
    ticket = await desk.ticket(ref)
    assert not [one for one in ticket.tasks if one.operation is Operation.RECTIFY]
    async with desk.opened.house.work() as unit:
        assert not await unit.vault.names(ticket.id, Shelf.FINDINGS, "values/")
