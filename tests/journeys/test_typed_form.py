"""A request that a colleague types in (F03): from any channel, with its own moment, even when little is known."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.card import Choice, Form, Input, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.request import Channel, Language, RequestType
from bot.domain.system import Identifier, IdentifierKind
from bot.domain.ticket import Stage
from bot.services import casefile
from tests.journeys.furnished import FIRST, Furnished, filled

TEXT = "Hon vill att vi raderar alla uppgifter om henne."
ADDRESS = "priya@example.org"


async def typed(desk: Furnished, given: Mapping[str, str], name: str = "sara") -> str:
    """Type a request in; return its reference."""
    await desk.send(name, await new_form(desk, name), {"channel": "phone", "text": TEXT, **given})
    return max(ticket.ref for ticket in await desk.tickets())


async def new_form(desk: Furnished, name: str = "sara") -> Form:
    shown = await desk.opened.desk.say(desk.who(name), "ny")
    assert isinstance(shown, Form)
    return shown


async def refused(desk: Furnished, given: Mapping[str, str]) -> tuple[str, str, str]:
    """Type a request in that is refused; return field, key and the sentence a colleague reads."""
    with pytest.raises(Incomplete) as refusal:
        await typed(desk, given)
    sentence = desk.opened.desk.explain(Language.SV, refusal.value)
    assert await desk.tickets() == []
    return refusal.value.facts["field"], refusal.value.key, sentence


async def about(desk: Furnished, ref: str = FIRST) -> casefile.Person:
    """Return whom a ticket is about, as it lies in the vault."""
    ticket = await desk.ticket(ref)
    async with desk.opened.house.work() as unit:
        return await casefile.person_of(unit, ticket.id)


async def test_every_channel_that_a_colleague_can_tell_of(desk: Furnished) -> None:
    form = await new_form(desk)
    (channels,) = (one for one in form.elements if isinstance(one, Choice) and one.name == "channel")
    offered = {value for value, _ in channels.options}
    assert offered == {"chat", "phone", "visit", "web_form", "social_media", "mail_elsewhere"}
    for channel in sorted(offered):
        ref = await typed(desk, {"channel": channel, "text": f"{TEXT} {channel}"})
        assert (await desk.ticket(ref)).channel is Channel(channel)
    assert len(await desk.tickets()) == len(offered)


async def test_who_typed_it_and_when_it_came_in_is_kept(desk: Furnished) -> None:
    """A local time without an offset is Swedish; one with an offset is taken at its word."""
    await typed(desk, {"received": "2026-03-05T09:12"})
    second = await typed(desk, {"received": "2026-03-05T03:12-05:00", "text": f"{TEXT} Igen."})
    for ref in (FIRST, second):
        ticket = await desk.ticket(ref)
        assert ticket.received == datetime(2026, 3, 5, 8, 12, tzinfo=UTC)
        assert not ticket.unsure_clock
        opened = (await desk.events(ref))[0]
        assert (opened.event, opened.actor, opened.facts["channel"]) == (LedgerEvent.TICKET_OPENED, "sara", "phone")


async def test_a_caller_without_an_address_gets_a_ticket_and_no_search(desk: Furnished) -> None:
    await typed(desk, {"phone": "+46 (0)70-123 45 67", "name": "Priya Natarajan"})
    person = await about(desk)
    assert (person.email, person.name) == ("", "Priya Natarajan")
    assert person.others == (Identifier(IdentifierKind.PHONE, "+46 (0)70-123 45 67"),)
    _, _, page = await desk.review("sara")
    assert "+46 (0)70-123 45 67" in page
    with pytest.raises(NotAllowedNow) as refusal:
        await desk.press("sara", Verb.CONFIRM)
    assert refusal.value.key == "refusal.subject_missing"
    await desk.fill("sara", Verb.CHANGE, {"subject": ADDRESS})
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).stage is not Stage.RECEIVED


async def test_a_text_alone_is_enough(desk: Furnished) -> None:
    """A visitor who left no name is still somebody whose request must be answered, and whose clock runs."""
    await typed(desk, {"channel": "visit"})
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]


async def test_an_address_within_the_text_is_never_taken_for_the_person(desk: Furnished) -> None:
    await typed(desk, {"text": f"{TEXT} Hon nås på someone.else@example.org."})
    person = await about(desk)
    assert (person.email, person.requester) == ("", "")


async def test_the_language_is_read_unless_it_is_said(desk: Furnished) -> None:
    await typed(desk, {})
    assert (await desk.ticket()).language is Language.SV
    ref = await typed(desk, {"language": "en", "text": f"{TEXT} Hon talar engelska."})
    assert (await desk.ticket(ref)).language is Language.EN


async def test_a_moment_ahead_is_refused(desk: Furnished) -> None:
    field, key, sentence = await refused(desk, {"received": "2026-03-09T10:06"})
    assert (field, key) == ("received", "refusal.received_in_future")
    assert "framåt i tiden" in sentence


async def test_a_moment_long_ago_asks_why(desk: Furnished) -> None:
    """Three months: by then the last day has passed even when it was extended."""
    field, key, sentence = await refused(desk, {"received": "2025-12-08T12:00"})
    assert (field, key) == ("received_why", "refusal.received_long_ago")
    assert "mer än tre månader sedan" in sentence
    await typed(desk, {"received": "2025-12-09T00:00"})
    why = "Lappen låg i en låda."
    ref = await typed(desk, {"received": "2025-12-08T12:00", "received_why": why, "text": f"{TEXT} Igen."})
    assert (await desk.ticket(ref)).received == datetime(2025, 12, 8, 11, 0, tzinfo=UTC)
    _, _, page = await desk.review("sara", ref)
    assert why in page
    assert why not in desk.slack.traffic


@pytest.mark.parametrize(
    ("given", "field", "key"),
    [
        ({"received": "i går"}, "received", "refusal.field_bad"),
        ({"received": "2026-02-30T10:00"}, "received", "refusal.field_bad"),
        ({"subject": "priya"}, "subject", "refusal.field_bad"),
        ({"phone": "hos grannen"}, "phone", "refusal.field_bad"),
        ({"phone": "12"}, "phone", "refusal.field_bad"),
        ({"text": "  "}, "text", "refusal.field_missing"),
    ],
)
async def test_what_cannot_be_used_is_named_by_its_field(
    desk: Furnished, given: dict[str, str], field: str, key: str
) -> None:
    found, said, sentence = await refused(desk, given)
    assert (found, said) == (field, key)
    form = await new_form(desk)
    (label,) = [one.label for one in form.elements if isinstance(one, Input) and one.name == field]
    assert label in sentence, "as the form calls it"


async def test_who_only_looks_types_nothing(desk: Furnished) -> None:
    form = await new_form(desk)
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(desk.who("david"), form.press, filled(form, {"channel": "phone", "text": TEXT}))
    assert await desk.tickets() == []


async def test_nobody_decides_on_a_request_they_typed_about_themselves(desk: Furnished) -> None:
    """D9, by address, however it is spelled, and also when the address is said afterwards."""
    own = "SARA.Lind@gotowork.example "
    await typed(desk, {"subject": own})
    second = await typed(desk, {"name": "Sara Lind", "text": f"{TEXT} Igen."})
    await desk.fill("sara", Verb.CHANGE, {"subject": own.strip()}, second)
    for ref in (FIRST, second):
        for verb in (Verb.CONFIRM, Verb.REVIEW):
            with pytest.raises(NotYours, match=r"refusal\.own_request"):
                await desk.press("sara", verb, ref)
        with pytest.raises(NotYours, match=r"refusal\.own_request"):
            await desk.form("sara", Verb.CHANGE, ref)
        await desk.press("maria", Verb.CONFIRM, ref)
        assert (await desk.ticket(ref)).confirmed_by == "maria"


async def test_the_console_takes_it_too(desk: Furnished) -> None:
    """The same form, drawn as a page."""
    names = [getattr(element, "name", "") for element in (await new_form(desk)).elements]
    assert names == ["channel", "received", "received_why", "name", "subject", "phone", "language", "text"]


WEB_FORM = """From: Webbplatsen <wordpress@goto.work>
To: info@goto.work
Date: Mon, 9 Mar 2026 09:00:00 +0100
Message-ID: <form1@goto.work>
Subject: Nytt meddelande från kontaktformuläret
Content-Type: text/plain; charset=utf-8

Namn: Priya Natarajan
E-post: priya.natarajan@example.org
Meddelande: Jag vill att ni raderar alla uppgifter ni har om mig.
"""


async def test_a_mail_from_our_own_contact_form_names_who_wrote_in_it(desk: Furnished) -> None:
    await desk.mail(WEB_FORM.replace("\n", "\r\n").encode())
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE]
    person = await about(desk)
    assert (person.email, person.name) == ("priya.natarajan@example.org", "Priya Natarajan")


async def test_two_colleagues_who_type_at_once_lose_nothing(desk: Furnished) -> None:
    form = await new_form(desk)
    desk.clock.advance(timedelta(minutes=1))
    given = [filled(form, {"channel": "phone", "text": f"{TEXT} {n}"}) for n in range(5)]
    await asyncio.gather(*(desk.opened.desk.submit(desk.who("sara"), form.press, values) for values in given))
    assert len(await desk.tickets()) == 5


async def test_a_call_is_not_called_a_mail(desk: Furnished) -> None:
    await typed(desk, {})
    _, _, page = await desk.review("sara")
    assert "Vad personen skrev eller sa" in page
    assert "Mejlet" not in page


async def test_an_empty_field_is_named_as_it_stands_in_the_form(desk: Furnished) -> None:
    form = await new_form(desk)
    labels = {one.name: one.label for one in form.elements if isinstance(one, Choice | Input)}
    _, _, sentence = await refused(desk, {"text": ""})
    assert f"Fältet {labels['text']} behöver fyllas i." == sentence
