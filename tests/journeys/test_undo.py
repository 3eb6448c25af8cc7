"""An opt-out taken back (D8): the person's own click on their own link, and a colleague who looks first."""

import re
from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.ledger import LedgerEvent
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import FIRST, Furnished, SentMail, verbs, words
from tests.journeys.walks import states

ASTRID = "astrid.lundgren@example.se"
SWEDISH = "Avregistrera mig från alla era utskick."
ENGLISH = "Please unsubscribe me from all your mailings."
LINK = re.compile(r"http://127\.0\.0\.1:\d+/undo/\S+")


def mail(text: str) -> bytes:
    """Return a plain mail of Astrid's, who is known to HubSpot."""
    head = f"From: Astrid Lundgren <{ASTRID}>\nTo: info@goto.work\nSubject: -\nMessage-ID: <{len(text)}@example.se>\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{text}\n".encode()


def link_in(letter: SentMail) -> str:
    """Return the link that takes the opt-out back."""
    found = LINK.search(letter.text)
    assert found, letter.text
    return found.group()


async def opted_out(desk: Furnished, text: str = SWEDISH) -> str:
    """Let Astrid opt out by herself; return the link in the letter that answers."""
    await desk.mail(mail(text))
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.confirmed_by) == (Stage.CLOSED, "desk"), "it runs by itself (D8)"
    assert desk.hubspot.account.opted_out == {ASTRID}
    (letter,) = desk.letters(ASTRID)
    return link_in(letter)


async def pressed(desk: Furnished, link: str) -> str:
    """Follow the link and press; return the page."""
    visitor = await desk.visitor()
    assert (await visitor.get(link))[0] == 200
    status, page = await visitor.post(link)
    assert status == 200
    status, page = await visitor.post("/undo/page")
    assert status == 200
    await desk.settle()
    return page


@pytest.mark.parametrize(
    ("text", "done", "told"),
    [
        (SWEDISH, "En kollega slår på utskicken igen", "Utskicken är påslagna igen"),
        (ENGLISH, "A colleague switches the mailings on again", "The mailings are switched on again"),
    ],
)
async def test_the_person_takes_it_back_and_a_colleague_switches_on(
    desk: Furnished, text: str, done: str, told: str
) -> None:
    link = await opted_out(desk, text)
    await desk.later(timedelta(days=13))
    assert done in await pressed(desk, link)
    ticket = await desk.ticket()
    assert (ticket.stage, states(ticket, "resume")) == (Stage.EXECUTING, {"hubspot": TaskState.BY_HAND})
    assert desk.hubspot.account.opted_out == {ASTRID}, "no program mails anybody again"
    assert "Karin" in words(await desk.card("karin"))
    form = await desk.form("karin", Verb.FINISH_BY_HAND)
    assert "inte har sagt nej igen" in words(form)
    await desk.send("karin", form, {"result": "done"})
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.UNDONE)
    assert told in desk.letters(ASTRID)[-1].text
    assert "ångrad" in words(await desk.card("sara"))
    assert LedgerEvent.UNDONE in {entry.event for entry in await desk.events()}


async def test_looking_changes_nothing_and_the_link_works_once(desk: Furnished) -> None:
    """D7c: mail scanners follow links, and press nothing."""
    link = await opted_out(desk)
    scanner = await desk.visitor()
    for _ in range(3):
        assert (await scanner.get(link))[0] == 200
    assert (await scanner.get("/undo/page"))[0] == 404
    assert (await desk.ticket()).stage is Stage.CLOSED
    visitor = await desk.visitor()
    await visitor.post(link)
    assert (await desk.ticket()).stage is Stage.CLOSED, "the page is open, nothing is pressed yet"
    assert (await scanner.post(link))[0] == 404
    assert (await scanner.post("/undo/page"))[0] == 404
    for _ in range(2):
        assert (await visitor.post("/undo/page"))[0] == 200
    assert len([one for one in await desk.events() if one.event is LedgerEvent.UNDONE]) == 1
    assert len(states(await desk.ticket(), "resume")) == 1


async def test_a_link_older_than_two_weeks_a_made_up_one_and_another_purpose_open_nothing(desk: Furnished) -> None:
    link = await opted_out(desk)
    visitor = await desk.visitor()
    assert (await visitor.get(link[:-4] + "abcd"))[0] == 404
    assert (await visitor.get(link.replace("/undo/", "/c/")))[0] == 404
    assert (await visitor.post(link.replace("/undo/", "/c/")))[0] == 404
    await desk.later(timedelta(days=15))
    status, page = await visitor.get(link)
    assert status == 404
    assert ASTRID not in page


async def test_who_said_no_again_is_not_mailed_by_an_older_link(desk: Furnished) -> None:
    link = await opted_out(desk)
    await desk.later(timedelta(days=1))
    await desk.mail(mail("Avregistrera mig från alla utskick, tack."))
    assert len(await desk.tickets()) == 2
    page = await pressed(desk, link)
    assert "Det går inte att ångra" in page
    assert (await desk.ticket()).stage is Stage.CLOSED
    newer = link_in(desk.letters(ASTRID)[-1])
    assert "En kollega slår på utskicken igen" in await pressed(desk, newer)


async def test_what_could_not_be_switched_on_is_told_by_a_person(desk: Furnished) -> None:
    link = await opted_out(desk)
    await desk.later(timedelta(hours=1))
    await pressed(desk, link)
    given = {"result": "exception", "exception_reason": "vendor"}
    await desk.fill("karin", Verb.FINISH_BY_HAND, given)
    assert len(desk.letters(ASTRID)) == 1, "a letter that says no waits for a person"
    assert Verb.SEND_LETTER in verbs(await desk.card("sara"))
    await desk.press("sara", Verb.SEND_LETTER)
    assert "kunde inte slås på" in desk.letters(ASTRID)[-1].text


async def test_no_link_where_nothing_was_stopped_by_us(desk: Furnished) -> None:
    """A letter that stops nothing has nothing to undo."""
    await desk.mail(mail("Avregistrera mig från nyhetsbrevet, men jag vill ha kvar inbjudningarna."))
    await desk.fill("sara", Verb.CHANGE, {"scope": "fields", "scope_fields": "newsletter"})
    await desk.press("sara", Verb.CONFIRM)
    await desk.fill("karin", Verb.FINISH_BY_HAND, {"result": "not_found"})
    (letter,) = desk.letters(ASTRID)
    assert not LINK.search(letter.text)
    assert FIRST in letter.text
