"""Protected identity (D12, R62): the officer's alone, the address hidden at once, no old contact point ever used."""

import pytest

from bot.card import Verb
from bot.domain.task import TaskState
from bot.domain.ticket import Stage
from tests.journeys.furnished import FIRST, Furnished, find, verbs, words
from tests.journeys.walks import states

ASTRID = "astrid.lundgren@example.se"
SAFE = "a.l.safe@example.net"
#: Where somebody can be found by their address, by the desk or a colleague: there the address is hidden.
SEARCHED = ("eventbrite", "hubspot", "office365", "office365_personal")
SWEDISH = (
    "Hej, jag har fått skyddade personuppgifter hos Skatteverket. Min gamla adress astrid.lundgren@example.se får inte "
    "användas längre. Jag vill veta vilka uppgifter ni har om mig."
)
ENGLISH = (
    "Hello, my identity is protected by the Swedish Tax Agency (protected identity). My old address "
    "astrid.lundgren@example.se must no longer be used. I want to know what data you hold about me."
)


def mail(text: str, sender: str = SAFE) -> bytes:
    """Return a mail of Astrid's."""
    head = (
        f"From: Astrid Lundgren <{sender}>\nTo: info@goto.work\nSubject: Mina uppgifter\nMessage-ID: <p@example.net>\n"
    )
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{text}\n".encode()


async def posts(desk: Furnished, name: str) -> list[str]:
    """Return what stands before a colleague."""
    async with desk.opened.house.work() as unit:
        return [post.about for post in await unit.posts.feed("console", name)]


@pytest.mark.parametrize("text", [SWEDISH, ENGLISH])
async def test_the_address_is_hidden_before_anything_else(desk: Furnished, text: str) -> None:
    await desk.mail(mail(text))
    ticket = await desk.ticket()
    assert "protected_identity" in ticket.flags
    assert ticket.stage is Stage.RECEIVED
    assert states(ticket, "hide") == dict.fromkeys(SEARCHED, TaskState.BY_HAND)
    assert words(await desk.card("sara")) == f"{FIRST}\nHanteras av dataskyddsansvarig."
    card = await desk.card("maria")
    assert "Gör genast: dölj adressen i" in words(card)
    assert any(about.startswith("reminder:turn:") for about in await posts(desk, "maria"))
    (help_wanted,) = [about for about in await posts(desk, "karin") if about.startswith("reminder:help:")]
    said = words(await desk.card("karin", help_wanted))
    assert said == f"{FIRST}\nHanteras av dataskyddsansvarig.\nDet brådskar: hör av dig till Maria nu."
    form = await desk.form("maria", Verb.FINISH_BY_HAND, label="HubSpot")
    assert "Kontakta ingen på de uppgifter som finns där" in words(form)
    await desk.send("maria", form, {"result": "done"})
    for system in ("Eventbrite", "Office 365", "Outlook"):
        await desk.fill("maria", Verb.FINISH_BY_HAND, {"result": "not_found"}, label=system)
    assert "dölj" not in words(await desk.card("maria"))
    assert (await desk.ticket()).stage is Stage.RECEIVED, "the right asked still waits for its answer"


async def test_no_old_contact_point_is_used_or_shown(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.fill("maria", Verb.CHANGE, {"subject": ASTRID})  # whom to look for
    await desk.fill("maria", Verb.CHANGE, {"subject": SAFE})  # and where alone to write
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")
    assert {letter.to for letter in desk.letters()} == {SAFE}
    assert all(ASTRID not in letter.text for letter in desk.letters())


async def test_a_person_on_file_under_two_addresses_is_written_to_where_they_wrote_from(desk: Furnished) -> None:
    """The second address on file may be read by whom they hide from: no code and no link goes there."""
    contact = desk.hubspot.account.contact(ASTRID)
    assert contact is not None
    contact.properties["hs_additional_emails"] = "gemensam@example.com"
    await desk.mail(mail("Jag har skyddade personuppgifter. Jag vill ha ett registerutdrag.", ASTRID))
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")
    ticket = await desk.ticket()
    assert ticket.stage is Stage.VERIFYING
    form = await desk.form("maria", Verb.ATTEST)
    assert "call_back" not in str(form), "nor is an old number called"
    assert Verb.ASK_AGAIN not in verbs(await desk.card("maria"))
    _, _, page = await desk.review("maria")
    assert "gemensam@example.com" not in page
    await desk.fill("maria", Verb.GIVE_UP_IDENTITY, {})
    await desk.press("maria", Verb.SEND_LETTER)
    assert {letter.to for letter in desk.letters()} == {ASTRID}


async def test_changing_the_right_loses_no_step(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.fill("maria", Verb.CHANGE, {"rights": ["erasure"]})
    assert states(await desk.ticket(), "hide").keys() == set(SEARCHED)
    await desk.fill("maria", Verb.FINISH_BY_HAND, {"result": "done"}, label="HubSpot")
    await desk.fill("maria", Verb.DISMISS, {"reason": "not_about_data"})
    card = await desk.card("maria")
    assert "Gör genast" in words(card), "closed or not, the address is still to be hidden"
    assert find(card, Verb.FINISH_BY_HAND, "Eventbrite").opens_form
