"""The file straight to another controller (Art. 20(2), R36): on the person's own approval, with one ending, told."""

from datetime import timedelta
from io import BytesIO
from typing import Final
from zipfile import ZipFile

import pytest

from bot.card import Choice, Input, Press, Values, Verb
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.task import TaskState
from bot.domain.ticket import Stage
from tests.journeys.furnished import FIRST, Furnished, filled, verbs, words
from tests.journeys.sixth import ASTRID
from tests.journeys.test_portability import SWEDISH, at_decision
from tests.journeys.test_recipients import by_hand, decided
from tests.journeys.walks import states

NEW: Final = "Nya Arbetsgivaren AB"
REACH: Final = "https://nya.example/import"
APPROVAL: Final = {
    "name": NEW,
    "contact": REACH,
    "method": "mail",
    "checked": ["own_words", "names_whom"],
    "reference": FIRST,
}


async def answered(desk: Furnished, text: str = SWEDISH, *, sent: bool = True) -> None:
    """Walk a wish for portability to where its answer is written, or sent."""
    await at_decision(desk, text, ASTRID)
    await desk.decide("sara")
    while any(task.state is TaskState.BY_HAND for task in (await desk.ticket()).tasks):
        await desk.finish("maria", result="not_found")
    if sent:
        await desk.press("sara", Verb.SEND_LETTER)


async def approve(desk: Furnished, **other: str | list[str]) -> None:
    """Attest the person's approval, as it was given this morning."""
    given = APPROVAL | {"approved_at": desk.clock.now().isoformat(timespec="minutes")} | other
    await desk.fill("sara", Verb.APPROVE_TRANSFER, given)


async def fetched(desk: Furnished) -> ZipFile:
    """Fetch the file on the review page, as the colleague who hands it on."""
    browser, path, page = await desk.review("sara")
    given = desk.form_of(page, "parcel")
    async with browser.session.post(f"{browser.url}{path}/parcel", data=given) as answer:
        assert answer.status == 200
        return ZipFile(BytesIO(await answer.read()))


async def test_a_file_is_handed_over_on_approval_and_the_person_hears_of_it(desk: Furnished) -> None:
    await answered(desk)
    assert "direkt till någon annan" in desk.letters()[-1].text
    assert (await desk.ticket()).stage is Stage.CLOSED
    assert "parcel" not in (await desk.review("sara"))[2], "without an approval nobody gets at the file"
    await approve(desk)
    ticket = await desk.ticket()
    assert states(ticket, "transfer") == {"recipient_1": TaskState.BY_HAND}
    card = await desk.card("sara")
    assert "Lämna över till annan mottagare 1…" in words(card)
    assert "1 mottagare kvar att höra av sig till" in words(card)
    for private in (NEW, REACH):
        assert private not in words(card) + str(await desk.events()) + str(ticket)
    _, _, page = await desk.review("sara")
    assert NEW in page
    assert REACH in page
    assert "i ett mejl från adressen vi känner" in page
    assert "eventbrite.json" in (await fetched(desk)).namelist()
    done = {"result": "done", "note": "Laddade upp i deras importverktyg."}
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done"}, label="Lämna över")
    await desk.fill("sara", Verb.FINISH_BY_HAND, done, label="Lämna över")
    letter = desk.letters(ASTRID)[-1]
    assert letter.subject.startswith("Din fil är överlämnad")
    assert f"{NEW}: du godkände det den" in letter.text
    assert "vi lämnade över filen den" in letter.text
    assert "domstol" not in letter.text
    _, _, page = await desk.review("sara")
    assert "parcel" not in page, "ended: nobody gets at the file any more"
    assert done["note"] in page
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_who_attested_and_who_took_the_file_is_written_down(desk: Furnished) -> None:
    await answered(desk)
    await approve(desk, method="call")
    await fetched(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done", "note": "Ja."}, label="Lämna över")
    events = {entry.event: entry for entry in await desk.events()}
    assert events[LedgerEvent.TRANSFER_APPROVED].actor == "sara"
    assert events[LedgerEvent.TRANSFER_APPROVED].facts["given"] == "call"
    assert events[LedgerEvent.RECIPIENT].facts["operation"] == "transfer"
    fetches = [one.actor for one in await desk.events() if one.event is LedgerEvent.PACKAGE_FETCHED]
    assert fetches == ["sara"]
    assert (await desk.ticket()).parts[0].package_fetched_at is None, "no proof that the person has it"


async def test_nothing_goes_to_anybody_without_the_persons_own_approval(desk: Furnished) -> None:
    await answered(desk)
    now = desk.clock.now().isoformat(timespec="minutes")
    wrong: list[dict[str, str | list[str]]] = [
        {"checked": ["own_words"]},
        {"checked": []},
        {"name": ""},
        {"contact": ""},
        {"approved_at": ""},
        {"approved_at": "2020-01-01T08:00"},
        {"approved_at": "2099-01-01T08:00"},
        {"reference": "PR-2026-0009"},
        {"reference": ""},
    ]
    for lacking in wrong:
        with pytest.raises(Incomplete):
            await desk.fill("sara", Verb.APPROVE_TRANSFER, APPROVAL | {"approved_at": now} | lacking)
    form = await desk.form("sara", Verb.APPROVE_TRANSFER)
    odd: Values = filled(form, APPROVAL | {"approved_at": now}) | {"method": ("hearsay",)}
    with pytest.raises(Incomplete):
        await desk.opened.desk.submit(desk.who("sara"), form.press, odd)
    assert states(await desk.ticket(), "transfer") == {}
    named = [one for one in form.elements if isinstance(one, Choice | Input)]
    assert not [one for one in named if isinstance(one, Input) and one.value], "nothing is filled in beforehand"


async def test_what_is_not_feasible_is_said_with_the_reason_and_the_way_to_complain(desk: Furnished) -> None:
    await answered(desk)
    await approve(desk)
    given = {"result": "exception", "exception_reason": "no_safe_way", "note": "De tar bara emot okrypterad e-post."}
    await desk.fill("sara", Verb.FINISH_BY_HAND, given, label="Lämna över")
    letter = desk.letters(ASTRID)[-1].text
    assert "Filen är inte överlämnad, därför att mottagaren inte har något säkert sätt att ta emot den." in letter
    assert "klagomål" in letter
    assert "domstol" in letter
    assert "okrypterad" not in letter
    assert Verb.NAME_RECIPIENT not in verbs(await desk.card("sara"))


async def test_an_approval_taken_back_hands_nothing_over(desk: Furnished) -> None:
    await answered(desk)
    await approve(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "not_found"}, label="Lämna över")
    assert states(await desk.ticket(), "transfer") == {"recipient_1": TaskState.NOT_APPLICABLE}
    assert "du tog tillbaka ditt godkännande" in desk.letters(ASTRID)[-1].text
    _, _, page = await desk.review("sara")
    assert "parcel" not in page


async def test_what_came_of_it_stands_in_the_answer_when_that_is_still_unread(desk: Furnished) -> None:
    await answered(desk, sent=False)
    await approve(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done", "note": "Ja."}, label="Lämna över")
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(ASTRID)[-1].text
    assert f"{NEW}: du godkände det den" in letter
    assert "vi lämnade över filen den" in letter
    assert LetterKind.TRANSFERRED not in {one.kind for one in (await desk.ticket()).letters}


async def test_who_was_handed_the_file_is_told_of_a_later_erasure(desk: Furnished) -> None:
    """From then on they are a recipient like others (Art. 19)."""
    await at_decision(desk, f"{SWEDISH} När jag har fått dem vill jag att ni raderar allt om mig.", ASTRID)
    assert [part.type for part in (await desk.ticket()).parts] == ["portability", "erasure"]
    await decided(desk)
    await by_hand(desk, {"result": "not_found"})
    await desk.press("sara", Verb.SEND_LETTER)
    await approve(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done", "note": "Ja."}, label="Lämna över")
    assert states(await desk.ticket(), "notify") == {}, "nothing has been done to the data"
    (answer,) = [one for one in desk.letters(ASTRID) if "JSON" in one.text]
    await (await desk.person(answer)).package()
    await desk.settle()
    desk.eventbrite.drop(ASTRID)
    await by_hand(desk, {"result": "done"})
    await desk.later(timedelta(seconds=30))
    assert states(await desk.ticket(), "notify") == {"recipient_1": TaskState.BY_HAND}
    _, _, page = await desk.review("sara")
    assert f"Meddelande till {NEW}" in page
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "done"}, label="Underrätta")
    await desk.press("sara", Verb.SEND_LETTER)
    assert f"Vi har också underrättat {NEW}." in desk.letters(ASTRID)[-1].text


async def test_no_file_no_transfer(desk: Furnished) -> None:
    await at_decision(desk, SWEDISH, ASTRID)
    assert Verb.APPROVE_TRANSFER not in verbs(await desk.card("sara"))
    ticket = await desk.ticket()
    with pytest.raises(NotAllowedNow):
        await desk.opened.desk.form(desk.who("sara"), Press(Verb.APPROVE_TRANSFER, ticket.id, ticket.version))
