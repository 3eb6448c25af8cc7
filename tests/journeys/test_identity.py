"""Who is asking: a second fact, a colleague's word, two colleagues' word, giving up kindly."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Values, Verb
from bot.cards.buttons import aimed
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.identity import IdentityState, Method
from bot.domain.ticket import Outcome, Stage
from integrations.eventbrite.seed import SEMINAR, own
from integrations.hubspot.seed import Activity, Person
from tests.journeys.furnished import FIRST, Furnished, Visitor, find, words
from tests.journeys.walks import PRIYA, at_decision

YUSUF, SECOND = "yusuf.demir@example.org", "yusuf@privat.example"
CALLED = {"method": "call_back", "checked": ["number_on_file"]}


def mail(address: str, text: str = "Jag begär en kopia av alla mina personuppgifter.") -> bytes:
    """Return a plain request."""
    head = f"From: <{address}>\nTo: info@goto.work\nSubject: Registerutdrag\nDate: Mon, 09 Mar 2026 09:00:00 +0100\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{text}\n".encode()


async def at_proof(desk: Furnished, address: str, tier: int) -> None:
    await desk.mail(mail(address))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.tier) == (Stage.VERIFYING, tier)


async def asked(desk: Furnished) -> Visitor:
    """Return the person, who has said yes on the page behind their link."""
    person = await desk.person([letter for letter in desk.letters() if "/c/" in letter.text][-1])
    await person.post("/c/confirm")
    await desk.settle()
    return person


async def test_an_order_number(desk: Furnished) -> None:
    """An allergy in a booking: the link is not enough, a number only they and we know is asked for (2.7)."""
    await at_proof(desk, YUSUF, 2)
    person = await asked(desk)
    (number,) = desk.eventbrite.orders_of(YUSUF)
    await person.post("/c/answer", {"answer": "1"})
    assert (await desk.ticket()).identity.challenge is not None
    await person.post("/c/answer", {"answer": number})
    await desk.settle()
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.method) == (Stage.DECIDING, Method.ORDER_NUMBER)


async def with_code(desk: Furnished) -> Visitor:
    desk.hubspot.account.seed(
        [Person(YUSUF, "Yusuf", "Demir", further=(SECOND,), activities=(Activity("notes", "Ringde om allergi"),))]
    )
    await at_proof(desk, YUSUF, 2)
    return await asked(desk)


def code(desk: Furnished) -> str:
    """Return the code in the newest letter to the second address."""
    found = re.search(r"\b\d{6}\b", desk.letters(SECOND)[-1].text)
    assert found
    return found.group()


async def test_a_code_to_a_second_address(desk: Furnished) -> None:
    person = await with_code(desk)
    await person.post("/c/answer", {"answer": code(desk)})
    await desk.settle()
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.method) == (Stage.DECIDING, Method.CODE)
    assert [letter.kind for letter in ticket.letters] == ["T1", "T2", "CODE"]


async def test_a_spent_code_can_be_asked_for_anew(desk: Furnished) -> None:
    """Five wrong ones or half an hour: a colleague sends a new link, and behind it a new code waits."""
    person = await with_code(desk)
    first = code(desk)
    wrong = "000000" if first != "000000" else "000001"
    for _ in range(6):
        await person.post("/c/answer", {"answer": wrong})
    await person.post("/c/answer", {"answer": first})
    assert (await desk.ticket()).identity.state is IdentityState.ASKED, "the right one comes too late"

    await desk.later(timedelta(hours=1))
    await desk.press("sara", Verb.ASK_AGAIN)
    person = await asked(desk)
    assert len(desk.letters(SECOND)) == 2
    await person.post("/c/answer", {"answer": code(desk)})
    await desk.settle()
    assert (await desk.ticket()).stage is Stage.DECIDING


async def test_a_call_back(desk: Furnished) -> None:
    """One colleague's word: the method and what was checked, never a document."""
    await at_proof(desk, YUSUF, 2)
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.ATTEST, {"method": "call_back"})
    await desk.fill("sara", Verb.ATTEST, CALLED)
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.method) == (Stage.DECIDING, Method.CALL_BACK)


async def test_two_colleagues_for_a_candidate(desk: Furnished) -> None:
    """Tier 3: two different colleagues; the link alone moves nothing."""
    await desk.mail(mail(PRIYA))
    await desk.fill("sara", Verb.CHANGE, {"roles": ["candidate"]})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    assert (await desk.ticket()).identity.tier == 3
    await asked(desk)
    assert (await desk.ticket()).stage is Stage.VERIFYING
    assert (await desk.ticket()).identity.challenge is None
    await desk.fill("sara", Verb.ATTEST, CALLED)
    assert (await desk.ticket()).stage is Stage.VERIFYING
    with pytest.raises(NotYours, match="second_colleague"):
        await desk.fill("sara", Verb.ATTEST, CALLED)
    with pytest.raises(Incomplete, match="check_of_method"):
        await desk.fill("maria", Verb.ATTEST, {"method": "bankid", "checked": ["id_seen_not_copied", "number_on_file"]})
    await desk.fill("maria", Verb.ATTEST, {"method": "visit", "checked": ["id_seen_not_copied"]})
    assert (await desk.ticket()).stage is Stage.DECIDING


async def test_not_shown_and_closed_kindly(desk: Furnished) -> None:
    """A letter says how to come back; nothing is disclosed or carried out (F20)."""
    await at_proof(desk, YUSUF, 2)
    again = find(await desk.card("sara"), Verb.ASK_AGAIN).press
    await desk.fill("sara", Verb.GIVE_UP_IDENTITY, {})
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.NOT_IDENTIFIED)
    with pytest.raises(NotAllowedNow, match="identity_settled"):
        await desk.opened.desk.press(desk.who("sara"), replace(again, version=ticket.version))


async def test_an_unpressed_yes(desk: Furnished) -> None:
    """After five working days a person decides, and it never just lapses: erase on the genuine mail (D7)."""
    await unpressed(desk)
    form = await desk.form("sara", Verb.SETTLE_UNPRESSED)
    assert "raderas för alltid i HubSpot" in words(form)
    for typed in ("", "PR-2026-0009"):
        with pytest.raises(Incomplete, match="reference_mismatch"):
            await desk.send("sara", form, {"way": "erase_on_mail", "reference": typed})
    await desk.send("sara", form, {"way": "erase_on_mail", "reference": "pr-2026-0001 "})
    await desk.later(timedelta(seconds=10))
    assert len(desk.hubspot.writes("gdpr-delete")) == 1
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.parts[0].outcome, ticket.identity.method) == (Outcome.FULFILLED, Method.AUTHENTICATED_MAIL)


@pytest.mark.parametrize("way", ["erase_on_mail", "close_kindly"])
async def test_nobody_decides_in_the_persons_place_before_the_days_are_over(desk: Furnished, way: str) -> None:
    """A press made by hand, for which no card has a button yet, is refused like any other (D7)."""
    values: Values = {"way": (way,), "reference": (FIRST,)}
    await at_decision(desk, "erase")
    early = aimed(Verb.SETTLE_UNPRESSED, await desk.ticket())
    with pytest.raises(NotAllowedNow, match="already_decided"):  # nothing is approved: the press holds nothing up
        await desk.opened.desk.submit(desk.who("sara"), early, values)
    await desk.decide("karin")
    await desk.decide("jonas")
    await desk.later(timedelta(days=4))
    ticket = await desk.ticket()
    early = aimed(Verb.SETTLE_UNPRESSED, ticket)
    with pytest.raises(NotAllowedNow, match="press_awaited"):
        await desk.opened.desk.form(desk.who("sara"), early)
    with pytest.raises(NotAllowedNow, match="press_awaited"):
        await desk.opened.desk.submit(desk.who("sara"), early, values)
    assert await desk.ticket() == ticket
    assert not desk.hubspot.writes("gdpr-delete")


async def test_an_unpressed_yes_closed_kindly(desk: Furnished) -> None:
    await unpressed(desk)
    await desk.fill("sara", Verb.SETTLE_UNPRESSED, {"way": "close_kindly"})
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.NOT_CONFIRMED
    assert not desk.hubspot.writes("gdpr-delete")


async def unpressed(desk: Furnished) -> None:
    """Walk an approved erasure to where its link has lain unpressed for five working days."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await desk.later(timedelta(days=4))
    await desk.tick("morning")
    ticket = await desk.ticket()
    assert not [entry for entry in await desk.events() if entry.facts.get("kind") == "unpressed"]
    await desk.later(timedelta(days=3))
    await desk.tick("morning")
    assert [entry for entry in await desk.events() if entry.facts.get("kind") == "unpressed"]
    card = await desk.card("maria", f"reminder:unpressed:{ticket.id}:{desk.opened.house.today()}")
    assert FIRST in card.title


async def test_a_new_link(desk: Furnished) -> None:
    """Used or run out, the page offers a new one, to the address on file, three a day, and never says whether."""
    await at_decision(desk, "erase")
    link = [letter for letter in desk.letters(PRIYA) if "/c/" in letter.text][-1].link
    person = await desk.visitor()
    await person.enter(link)
    status, _ = await (await desk.visitor()).get(link)
    assert status == 404, "used"
    before, said = len(desk.letters(PRIYA)), ""
    for _ in range(5):
        status, said = await person.post(f"{link}/new-link")
        await desk.settle()
        assert status == 200
    assert len(desk.letters(PRIYA)) == before + 3
    _, unknown = await person.post("/c/nobodys-link-at-all/new-link")
    assert unknown == said
    await desk.later(timedelta(days=1, minutes=1))
    await person.post(f"{link}/new-link")
    await desk.settle()
    assert len(desk.letters(PRIYA)) == before + 4
    newest = desk.letters(PRIYA)[-1].link
    await desk.later(timedelta(days=15))
    status, _ = await (await desk.visitor()).get(newest)
    assert status == 404, "run out"
    status, _ = await person.get("/c/page")
    assert status == 404, "the session is over"


async def test_somebody_not_on_file(desk: Furnished) -> None:
    """Nobody can be asked by mail: a colleague's word, or a kind ending; no letter to an address we do not hold."""
    desk.eventbrite.seed([own(SEMINAR, "Nils Okänd", "nils@example.net")])
    await desk.sample("nobody")
    await desk.fill("sara", Verb.CHANGE, {"subject": "nils@example.net"})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    assert {letter.to for letter in desk.letters()} <= {"nils.okand@example.org", "nils@example.net"}
