"""Cookie data (Art. 11), mail in to answer out: the id is asked for, comes or does not, and nothing else waits."""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.card import Verb
from bot.domain.cookie import EXAMPLE
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.letter import LetterState
from bot.domain.roads import Road, awaits_id, reply_by, taken
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from integrations.google_analytics.sandbox import ASTRID, CAREERS, SITE
from tests.journeys.furnished import FIRST, Furnished, find, verbs, words
from tests.journeys.leaks import leaks, store_files
from tests.journeys.test_roads import mail, press_anyway, primary
from tests.journeys.test_unseen import ANALYTICS, analytics
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, states

ERASE = {
    "sv": "Hej!\n\nJag vill att ni raderar alla uppgifter ni har samlat in om mig via kakor på er webbplats.\n",
    "en": "Hello,\n\nplease delete the cookie data you hold about me.\n",
}
STRANGER = "moa@example.com"
WITH, WITHOUT = {"way": "with_id"}, {"way": "without_id"}


async def asked(desk: Furnished, who: str = PRIYA, language: str = "sv") -> None:
    """Let somebody ask to have their cookie data erased, and Sara ask them for the id."""
    await desk.mail(mail(who, "Kakor", ERASE[language]))
    assert primary(await desk.card("sara")) is Verb.ASK_ID
    await desk.press("sara", Verb.ASK_ID)


async def silence(desk: Furnished, days: int = 20) -> None:
    for _ in range(days):
        await desk.later(timedelta(days=1))
        await desk.tick("morning")


async def decided(desk: Furnished) -> None:
    """Let every owner who is asked say yes, and whoever may second it."""
    for name in ("karin", "jonas", "maria"):
        if any(task.state is TaskState.PROPOSED for task in (await desk.ticket()).tasks):
            with suppress(NotYours):  # no row of theirs
                await desk.decide(name)


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_the_id_is_asked_for_while_the_rest_is_searched(desk: Furnished, language: str) -> None:
    """R20, F24: one press, one letter, no receipt beside it, and our other systems searched in the same case."""
    await asked(desk, language=language)
    ticket = await desk.ticket()
    assert (taken(ticket), awaits_id(ticket)) == (Road.COOKIE, True)
    assert [letter.kind for letter in ticket.letters if letter.kind != "D7"] == ["T15B"]
    (question,) = desk.letters(PRIYA)
    for word in ("F12", "_ga", EXAMPLE, {"sv": "artikel 11", "en": "Article 11"}[language]):
        assert word in question.text
    assert {task.state for task in ticket.tasks if task.system == "hubspot"} != set(), "searched at once"
    entry = next(one for one in await desk.events() if one.event == "ticket.road")
    assert (entry.actor, dict(entry.facts)) == ("sara", {"letter": "T15B"})
    card = await desk.card("sara")
    assert "Brev T15 (fråga om id) är skickat" in words(card)
    assert Verb.NOTE_ID in verbs(card)
    assert "kak" not in words(card).casefold(), "what it is about would be a hint (D14)"


async def test_the_id_comes_and_the_search_goes_on_with_it(
    desk: Furnished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Art. 11(2): what the person sends is noted by a colleague, lies in the vault and is said nowhere in a chat."""
    caplog.set_level(logging.DEBUG)
    await asked(desk)
    await desk.finish("jonas")
    assert (await desk.ticket()).stage is Stage.DECIDING
    await decided(desk)
    assert (await desk.ticket()).stage is Stage.DECIDING, "decided as a whole, and the id may still come"
    assert not analytics(desk).seen
    await desk.mail(mail(PRIYA, f"Sv: {FIRST}", f"Hej, det står GA1.1.{ASTRID} på raden _ga.\n"))
    ticket = await desk.ticket()
    assert (awaits_id(ticket), reply_by(ticket)) == (True, None), "a reply alone settles nothing"
    form = await desk.form("sara", Verb.NOTE_ID)
    assert ASTRID not in words(form), "never prefilled: a form in a chat takes, and shows nothing"
    with pytest.raises(Incomplete):
        await desk.send("sara", form, WITH)
    with pytest.raises(Incomplete, match="no_id_in_it"):
        await desk.send("sara", form, WITH | {"cookie": f"_gid=GA1.2.5.1700000000 och {EXAMPLE}"})
    assert awaits_id(await desk.ticket()), "what holds no id changes nothing"
    await desk.send("sara", form, WITH | {"cookie": f"Hej, det står GA1.1.{ASTRID} på raden _ga."})
    assert states(await desk.ticket(), "erase")[ANALYTICS] is TaskState.PROPOSED
    await decided(desk)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase")[ANALYTICS] is TaskState.DONE
    assert [one.path.split("/")[3] for one in analytics(desk).writes()] == [
        f"{number}:submitUserDeletion" for number in (SITE, CAREERS)
    ]
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters(PRIYA)[-1].text
    assert "1 webbläsare" in answer
    assert ASTRID not in answer
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    places = {**store_files(tmp_path), "chat": words(await desk.card("sara")).encode(), "log": caplog.text.encode()}
    assert leaks(places, [ASTRID]) == []


async def test_the_id_in_a_reply_can_be_taken_where_the_mail_is_read(desk: Furnished) -> None:
    """The review page shows the value and asks; answered once, by who walks the ticket."""
    await asked(desk)
    await desk.mail(mail(PRIYA, f"Sv: {FIRST}", f"GA1.1.{ASTRID}\n\n> Det ser ut så här: GA1.1.{EXAMPLE}\n"))
    browser, path, page = await desk.review("sara")
    assert f"Sök även på värdet i en cookie {ASTRID}?" in page
    assert f"cookie {EXAMPLE}?" not in page, "our own example comes back in every quotation"
    form = desk.form_of(page, "answer")
    assert ASTRID not in str(form), "no value in a name or an address"
    status, _ = await browser.post(f"{path}/answer", {**form, "chosen": "yes"})
    assert status == 200
    await desk.settle()
    ticket = await desk.ticket()
    assert not awaits_id(ticket)
    status, _ = await browser.post(f"{path}/answer", {**form, "chosen": "yes"})
    assert status in (403, 404)
    entry = next(one for one in await desk.events() if one.event == "task.search_widened")
    assert dict(entry.facts) == {"kind": "ga_client_id", "answer": "yes"}


async def test_silence_closes_as_not_identified_because_the_letter_said_so(desk: Furnished) -> None:
    """R20, T15: asked, asked once more, and closed with Article 11 and the ways to complain; nobody had to decide."""
    await asked(desk, STRANGER)
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert ticket.stage is Stage.LOCATING, "nothing was found, and the id may still come"
    until = reply_by(ticket)
    assert until is not None
    await silence(desk)
    ticket = await desk.ticket()
    assert [letter.kind for letter in ticket.letters] == ["T15B", "T15B", "T15"]
    assert desk.letters(STRANGER)[1].subject.startswith("Påminnelse")
    assert ticket.parts[0].outcome is None, "closed by the letter that says it, and by nothing else"
    assert not [one for one in await desk.events() if one.facts.get("kind") == "unanswered"]
    await desk.press("sara", Verb.SEND_LETTER)
    closing = desk.letters(STRANGER)[-1].text
    for word in ("artikel 11", "_ga", "HubSpot", "klagomål", "domstol", "på nytt"):
        assert word in closing
    assert "visa att det är du" not in closing
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.NOT_IDENTIFIED)


async def test_on_silence_what_was_found_elsewhere_is_answered_all_the_same(desk: Furnished) -> None:
    await asked(desk)
    await desk.finish("jonas")
    await decided(desk)
    await confirmed_by_link(desk)
    await silence(desk, 15)
    assert not awaits_id(await desk.ticket())
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters(PRIYA)[-1].text
    assert "HubSpot: " in answer
    assert "art. 11" in answer, "and says of the visits why not, and how to send the id"
    ticket = await desk.ticket()
    assert (ticket.letters[-1].kind, ticket.parts[0].outcome) == ("T7", Outcome.PARTLY)
    assert not analytics(desk).seen


async def test_a_person_without_the_cookie_need_not_wait(desk: Furnished) -> None:
    await asked(desk, STRANGER)
    await desk.finish("jonas")
    await desk.fill("sara", Verb.NOTE_ID, WITHOUT)
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.letters[-1].kind) == (Stage.REPLYING, "T15")
    told = next(one for one in await desk.events() if one.event == "ticket.silence")
    assert (told.actor, dict(told.facts)) == ("sara", {"letter": "T15B"})
    with pytest.raises(NotAllowedNow, match="no_id_awaited"):
        await press_anyway(desk, Verb.NOTE_ID, way="without_id")


async def test_an_id_that_stands_in_the_mail_is_not_asked_for(desk: Furnished) -> None:
    await desk.mail(mail(PRIYA, "Kakor", f"{ERASE['sv']}\nMin kaka _ga är GA1.1.{ASTRID}\n"))
    card = await desk.card("sara")
    assert primary(card) is Verb.CONFIRM
    roads = await desk.press("sara", Verb.OTHER_ROADS)
    with pytest.raises(NotAllowedNow, match="id_known"):
        await desk.opened.desk.press(desk.who("sara"), find(roads, Verb.ASK_ID).press)


async def test_who_asks_for_another_shows_that_they_may_first(desk: Furnished) -> None:
    """The road's letter would go to somebody nobody has seen an authority of (R59)."""
    text = f"Hej,\n\njag är jurist och företräder min klient ({PRIYA}). Radera de kakor ni har om henne.\n"
    await desk.mail(mail("oskar.nordin@example.com", "Kakor", text))
    assert primary(await desk.card("sara")) is Verb.ASK_AUTHORITY
    roads = await desk.press("sara", Verb.OTHER_ROADS)
    with pytest.raises(NotAllowedNow, match="authority_first"):
        await desk.opened.desk.press(desk.who("sara"), find(roads, Verb.ASK_ID).press)


async def test_an_id_that_comes_beside_the_road_is_not_lost(desk: Furnished) -> None:
    """Every letter that names Google Analytics asks for the id: whatever street the case is on, it can be noted."""
    await at_decision(desk, "erase")
    assert ANALYTICS not in states(await desk.ticket(), "erase")
    await desk.mail(mail(PRIYA, f"Sv: {FIRST}", f"_ga: GA1.1.{ASTRID}\n"))
    browser, path, page = await desk.review("sara")
    form = desk.form_of(page, "answer")
    status, _ = await browser.post(f"{path}/answer", {**form, "chosen": "yes"})
    assert status == 200
    await desk.settle()
    assert states(await desk.ticket(), "erase")[ANALYTICS] is TaskState.PROPOSED
    assert f"cookie {ASTRID}?" not in (await desk.review("sara"))[2], "asked once"


async def test_a_question_that_never_arrived_is_a_colleagues(desk: Furnished) -> None:
    """Nobody can have kept silent about a letter they did not get."""
    await asked(desk, STRANGER)
    await desk.finish("jonas")
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        lost = replace(ticket.letters[0], state=LetterState.UNDELIVERED)
        await unit.tickets.save(ticket, ticket.with_letter(lost))
    await silence(desk)
    assert awaits_id(await desk.ticket())
    assert [one for one in await desk.events() if one.facts.get("kind") == "unanswered"]
    assert "obesvarat" in words(await desk.card("sara"))
