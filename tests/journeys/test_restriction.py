"""A wish for restriction protects from its arrival (D13, R39): before Confirm, before identity, under every address."""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.restriction import Ends, Ground, Restriction, Terms
from bot.domain.system import Identifier, IdentifierKind, Record
from bot.domain.task import TaskState
from bot.domain.ticket import Stage
from bot.ports import Idle, Shelf
from bot.services import casefile
from bot.services.casework.protecting import open_about
from bot.services.keeping.retention import _has_ticket
from bot.services.records import restrictions
from tests.journeys.furnished import FIRST, Furnished, verbs, words
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, states

SECOND = "priya.second@example.org"
SWEDISH = "Jag vill att ni begränsar behandlingen av mina uppgifter, jag behöver dem för ett rättsligt anspråk."
ENGLISH = "Please restrict the processing of my personal data, I need it for a legal claim."


def mail(text: str, sender: str = PRIYA) -> bytes:
    """Return a plain mail."""
    head = f"From: Priya Natarajan <{sender}>\nTo: info@goto.work\nSubject: -\nMessage-ID: <{len(text)}@example.org>\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{text}\n".encode()


async def later_mails_in(desk: Furnished) -> list[str]:
    """Return the later mails that joined the first ticket."""
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        return [mail.text for mail in await casefile.later_mails(unit, ticket.id)]


async def erasing(desk: Furnished) -> str:
    """Walk Priya's erasure to its last moment; return its reference."""
    ref = await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    return ref


@pytest.mark.parametrize(
    ("text", "said"), [(SWEDISH, "begränsning är antecknad"), (ENGLISH, "begränsning är antecknad")]
)
async def test_it_is_marked_at_arrival(desk: Furnished, text: str, said: str) -> None:
    await desk.mail(mail(text))
    assert (await desk.ticket()).stage is Stage.RECEIVED
    assert said in words(await desk.card("sara"))
    assert LedgerEvent.RESTRICTION_MARKED in {entry.event for entry in await desk.events()}


async def test_an_unconfirmed_wish_stops_another_tickets_erasure(desk: Furnished) -> None:
    ref = await erasing(desk)
    await desk.mail(mail(SWEDISH))
    await confirmed_by_link(desk, ref)
    await desk.later(timedelta(minutes=5))
    assert desk.hubspot.account.contact(PRIYA) is not None
    assert states(await desk.ticket(ref), "erase")["hubspot"] is TaskState.STUCK


async def test_it_does_so_from_a_second_address_of_the_same_contact(desk: Furnished) -> None:
    contact = desk.hubspot.account.contact(PRIYA)
    assert contact is not None
    contact.properties["hs_additional_emails"] = SECOND
    ref = await erasing(desk)
    await desk.mail(mail(SWEDISH, SECOND))
    await confirmed_by_link(desk, ref)
    await desk.later(timedelta(minutes=5))
    assert desk.hubspot.account.contact(PRIYA) is not None
    assert states(await desk.ticket(ref), "erase")["hubspot"] is TaskState.STUCK


async def test_what_was_found_on_file_protects_under_the_other_address_too(desk: Furnished) -> None:
    """The restriction's own search learns of a second address; a later erasure under that one is stopped."""
    contact = desk.hubspot.account.contact(PRIYA)
    assert contact is not None
    contact.properties["hs_additional_emails"] = SECOND
    await desk.mail(mail(SWEDISH))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    async with desk.opened.house.work() as unit:
        found = await open_about(unit, SECOND)
    assert [one.ref for one in found] == [FIRST]
    await desk.mail(mail("Hej igen, PR-2026-0001.", SECOND))
    assert not await later_mails_in(desk), "it joins no mail from there: only known addresses do (D7b)"


async def test_an_erasure_by_hand_is_stopped_before_it_begins(desk: Furnished) -> None:
    ref = await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM, ref)
    await desk.fill("jonas", Verb.FINISH_BY_HAND, {"result": "done", "count": "2"}, ref)
    for name in ("karin", "jonas", "maria"):
        if Verb.DECIDE in verbs(await desk.card(name, ref)):
            await desk.decide(name, ref)
    await confirmed_by_link(desk, ref)
    await desk.later(timedelta(seconds=10))
    form = await desk.form("jonas", Verb.FINISH_BY_HAND, ref)
    await desk.mail(mail(SWEDISH))
    for attempt in (desk.form("jonas", Verb.FINISH_BY_HAND, ref), desk.send("jonas", form, {"result": "done"})):
        with pytest.raises(NotAllowedNow) as refused:
            await attempt
        assert refused.value.key == "refusal.kept_elsewhere"


async def test_it_does_so_long_after_its_ticket_is_closed(desk: Furnished) -> None:
    """R39: neither the ticket's closing nor the end of its blind index ends a restriction."""
    await desk.mail(mail(SWEDISH))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    await desk.fill("sara", Verb.CHOOSE_GROUND, {"ground": "claims", "ends": "claim_over"})
    for name in ("karin", "jonas", "sara"):
        if Verb.DECIDE in verbs(await desk.card(name)):
            with suppress(NotYours):
                await desk.decide(name)
    while any(task.state is TaskState.BY_HAND for task in (await desk.ticket()).tasks):
        await desk.finish("maria", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).stage is Stage.CLOSED
    await desk.later(timedelta(days=40), steps=2)
    ref = await at_decision(desk, "erase")
    await desk.decide("karin", ref)
    await desk.decide("jonas", ref)
    await confirmed_by_link(desk, ref)
    await desk.later(timedelta(minutes=5))
    assert desk.hubspot.account.contact(PRIYA) is not None
    assert states(await desk.ticket(ref), "erase")["hubspot"] is TaskState.STUCK


async def test_a_sweep_leaves_it_alone(desk: Furnished) -> None:
    """The retention review never lists who is restricted (R39)."""
    await desk.mail(mail(SWEDISH))
    await desk.press("sara", Verb.CONFIRM)
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        digest = unit.index.digest("restricted", PRIYA)
        terms = Terms(Ground.CLAIMS, Ends.CLAIM_OVER)
        today = desk.opened.house.today()
        await restrictions.keep(unit, Restriction("part", "closed", terms, desk.clock.now(), today))
        await unit.vault.put("restrictions", Shelf.DESK, f"by/{digest}/part", b"")
        await unit.index.forget(ticket.id)
        contact = Record("hubspot", "contact", "1", (Identifier(IdentifierKind.EMAIL, PRIYA.title()),))
        assert await _has_ticket(unit, Idle(contact, None, None))
