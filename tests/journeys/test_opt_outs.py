"""Stops and objections: at once what can be, by people what cannot, and a letter that says no more than was done."""

from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import Furnished, verbs, words
from tests.journeys.walks import confirmed_by_link, states

ASTRID = "astrid.lundgren@example.se"


def mail(subject: str, text: str) -> bytes:
    """Return a plain mail of Astrid's, who is known to HubSpot."""
    head = f"From: Astrid Lundgren <{ASTRID}>\nTo: info@goto.work\nSubject: {subject}\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}Date: Mon, 09 Mar 2026 09:00:00 +0100\n{kind}\n{text}\n".encode()


@pytest.mark.parametrize(
    ("subject", "text", "nothing_else"),
    [
        (
            "Invändning",
            "Jag invänder mot att ni använder mina uppgifter för direkt marknadsföring.",
            "använder vi inte",
        ),
        ("Objection", "I object to the use of my data for direct marketing.", "we do not use your data"),
    ],
)
async def test_an_objection_to_marketing(desk: Furnished, subject: str, text: str, nothing_else: str) -> None:
    """R42, R43: mail stops at the press; that calls, ads and profiling stopped is said when a colleague did it."""
    await desk.mail(mail(subject, text))
    await desk.press("sara", Verb.CONFIRM)
    assert desk.hubspot.account.opted_out == {ASTRID}
    ticket = await desk.ticket()
    assert states(ticket, "restrict") == {"hubspot": TaskState.BY_HAND}
    assert not desk.letters(), "nothing is promised before it is done"
    form = await desk.form("karin", Verb.FINISH_BY_HAND)
    assert "ringas" in words(form)
    assert "decline:" not in str(form), "marketing has no ground (D11)"
    await desk.send("karin", form, {"result": "done"})
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.FULFILLED)
    (letter,) = desk.letters(ASTRID)
    assert nothing_else in letter.text


@pytest.mark.parametrize(
    ("subject", "text", "told"),
    [
        (
            "Invändning",
            "Jag invänder mot att ni behandlar mina personuppgifter för statistik om webbplatsen.",
            ("för det du invänder mot", "används inte för det du har invänt mot"),
        ),
        (
            "Objection",
            "I object to you processing my personal data for statistics about the website.",
            ("for what you object to", "is not used for what you objected to"),
        ),
    ],
)
async def test_an_objection_to_something_else(desk: Furnished, subject: str, text: str, told: tuple[str, str]) -> None:
    """R45, P69: no mailing is touched, an owner decides, a colleague restricts, and a person sends the answer."""
    await desk.mail(mail(subject, text))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert (ticket.stage, states(ticket, "restrict")) == (
        Stage.DECIDING,
        dict.fromkeys(("hubspot", "eventbrite", "office365"), TaskState.PROPOSED),
    )
    assert not states(ticket, "suppress")
    await desk.decide("karin")
    await desk.decide("jonas")
    for owner, system in (("karin", "HubSpot"), ("sara", "Eventbrite"), ("jonas", "Office 365")):
        await desk.finish(owner, result="done", label=system)
    assert not desk.hubspot.account.opted_out
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.letters[-1].kind, ticket.parts[0].outcome) == ("T12", Outcome.FULFILLED)
    answer = desk.letters(ASTRID)[-1].text
    assert all(words in answer for words in told)


async def test_a_withdrawn_consent_stops_mailings_at_once(desk: Furnished) -> None:
    """R46: what is decided about erasing comes after; both stand in the letter."""
    await desk.mail(mail("Samtycke", "Jag återkallar mitt samtycke till att ni behandlar mina personuppgifter."))
    await desk.press("sara", Verb.CONFIRM)
    assert desk.hubspot.account.opted_out == {ASTRID}
    assert (await desk.ticket()).stage is Stage.LOCATING, "before the search is through"
    await desk.finish("jonas")
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.PROPOSED
    for name in ("karin", "jonas", "sara", "maria"):
        await desk.decide(name)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(ASTRID)
    await desk.finish("sara", result="done")
    assert Verb.SEND_LETTER in verbs(await desk.card("sara"))
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters(ASTRID)[-1].text
    assert "HubSpot: Din adress är avregistrerad" in answer
    assert "HubSpot: Din kontakt i HubSpot är permanent raderad" in answer


async def test_a_withdrawn_consent_of_somebody_not_identified(desk: Furnished) -> None:
    """Stopping asks for no proof: giving up on identity leaves it standing, and T15 says so."""
    forged = mail("Samtycke", "Jag återkallar mitt samtycke till att ni behandlar mina personuppgifter.")
    await desk.mail(forged.replace(b"To: info", b"Reply-To: somebody@example.net\nTo: info"))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    assert (await desk.ticket()).stage is Stage.VERIFYING
    await desk.fill("sara", Verb.GIVE_UP_IDENTITY, {})
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.NOT_IDENTIFIED
    assert "stoppat våra utskick" in desk.letters(ASTRID)[-1].text


async def test_one_kind_of_mailing_is_stopped_by_hand(desk: Furnished) -> None:
    """D2, D8: whoever keeps the invitations does not lose them to a switch that knows only all or nothing."""
    await desk.mail(mail("Nyhetsbrev", "Avregistrera mig från nyhetsbrevet, men jag vill ha kvar inbjudningarna."))
    ticket = await desk.ticket()
    assert ticket.stage is Stage.RECEIVED, "it does not run by itself"
    await desk.fill("sara", Verb.CHANGE, {"scope": "fields", "scope_fields": "newsletter"})
    await desk.press("sara", Verb.CONFIRM)
    assert states(await desk.ticket(), "suppress")["hubspot"] is TaskState.BY_HAND
    await desk.fill("karin", Verb.FINISH_BY_HAND, {"result": "done"})
    assert not desk.hubspot.account.opted_out
    (letter,) = desk.letters(ASTRID)
    assert "de utskick du har sagt nej till" in letter.text
    assert "inga fler utskick" not in letter.text
    assert "alla våra utskick" not in letter.text
