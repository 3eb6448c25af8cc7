"""Whether somebody has a ticket: looked for by address, name or number, in a form that nobody else sees (D16)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Card, Form, Input, Verb
from bot.domain.errors import Incomplete, NotYours
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.request import Language
from bot.domain.system import Identifier, IdentifierKind
from bot.services import casefile
from bot.services.showing.kin import kin_of
from tests.journeys.furnished import FIRST, Furnished, filled, words
from tests.journeys.walks import PRIYA, erased

SECOND = "PR-2026-0002"
TEXT = "Hon vill att vi raderar alla uppgifter om henne."
ASA, OTHER_ASA = "asa.soderstrom@example.org", "a.soderstrom@example.com"
NUMBER, DIALLED = "070-174 06 05", "0046 70 174 06 05"
NAMESAKE, BY_ADDRESS, BY_NAME, BY_NUMBER = (
    "Kontrollera vem det gäller",
    "På adressen hittades: ",
    "På namnet hittades: ",
    "På numret hittades: ",
)


async def typed(desk: Furnished, name: str = "", address: str = "", number: str = "", text: str = TEXT) -> str:
    """Type a request in; return its reference."""
    form = await desk.opened.desk.say(desk.who("sara"), "ny")
    assert isinstance(form, Form)
    given = {"channel": "phone", "text": text, "name": name, "subject": address, "phone": number}
    await desk.send("sara", form, given)
    return max(ticket.ref for ticket in await desk.tickets())


async def sought(desk: Furnished, seeker: str = "sara", **given: str) -> Card:
    """Look for somebody in the form, as a colleague."""
    form = await desk.opened.desk.say(desk.who(seeker), "hitta")
    assert isinstance(form, Form)
    return await desk.opened.desk.submit(desk.who(seeker), form.press, filled(form, given))


async def looks(desk: Furnished) -> list[tuple[str, dict[str, str | int]]]:
    """Return every look for a person that is written down."""
    entries = [one for one in await desk.events(DESK) if one.event is LedgerEvent.SOUGHT]
    return [(one.actor, dict(one.facts)) for one in entries]


@pytest.fixture
async def two_of_a_name(desk: Furnished) -> Furnished:
    """A desk that two people of one name have called, one of whom left a number."""
    assert await typed(desk, "Åsa Söderström", ASA, NUMBER) == FIRST
    assert await typed(desk, "Söderström, Åsa Maria", OTHER_ASA) == SECOND
    return desk


async def test_the_form_asks_for_three_things_and_needs_one(desk: Furnished) -> None:
    """Whatever else is typed after the word stands nowhere in it (D14)."""
    form = await desk.opened.desk.say(desk.who("sara"), "hitta Åsa Söderström")
    assert isinstance(form, Form)
    inputs = [one for one in form.elements if isinstance(one, Input)]
    assert [(one.name, one.required, one.value) for one in inputs] == [
        ("subject", False, ""),
        ("name", False, ""),
        ("phone", False, ""),
    ]
    assert "Söderström" not in words(form)


@pytest.mark.parametrize(
    ("given", "field", "key"),
    [
        ({}, "subject", "find_nothing_given"),
        ({"name": " ? "}, "subject", "find_nothing_given"),
        ({"phone": "ring mig"}, "phone", "find_nothing_given"),
        ({"phone": "ring mig", "name": "Åsa"}, "phone", "find_nothing_given"),
        ({"phone": "12"}, "phone", "find_nothing_given"),
        ({"subject": "Åsa Söderström"}, "subject", "field_bad"),
    ],
)
async def test_what_nobody_can_be_found_by_is_said_at_its_field(
    two_of_a_name: Furnished, given: dict[str, str], field: str, key: str
) -> None:
    desk = two_of_a_name
    with pytest.raises(Incomplete) as refused:
        await sought(desk, **given)
    assert (refused.value.key, refused.value.facts["field"]) == (f"refusal.{key}", field)
    sentence = desk.opened.desk.explain(Language.SV, refused.value)
    assert not any(one.strip() and one in sentence for one in given.values())
    assert await looks(desk) == []


async def test_each_way_leads_to_the_tickets_and_says_by_what(two_of_a_name: Furnished) -> None:
    """An address is sure; a name may be a namesake's, and so the card says before anything else."""
    desk = two_of_a_name
    by_name = await sought(desk, name="asa SODERSTROM")
    assert words(by_name).splitlines()[1].endswith("innan du berättar eller gör något.")
    assert f"{BY_NAME}{FIRST}, {SECOND}" in words(by_name)
    by_number = words(await sought(desk, phone=DIALLED))
    assert f"{BY_NUMBER}{FIRST}" in by_number
    assert NAMESAKE in by_number
    assert SECOND not in by_number
    by_address = words(await sought(desk, subject=ASA))
    assert FIRST in by_address
    assert NAMESAKE not in by_address
    every = words(await sought(desk, subject=ASA, name="Åsa Söderström", phone=NUMBER))
    for line in (f"{BY_ADDRESS}{FIRST}", f"{BY_NAME}{FIRST}, {SECOND}", f"{BY_NUMBER}{FIRST}", NAMESAKE):
        assert line in every
    sure = words(await sought(desk, subject=ASA, phone=NUMBER))
    assert NAMESAKE not in sure, "the address leads there too"


async def test_nothing_typed_is_said_again(two_of_a_name: Furnished) -> None:
    """D14; nor in the ledger: by which kinds somebody looked, and how many were found."""
    desk = two_of_a_name
    card = await sought(desk, "maria", subject=OTHER_ASA, name="Åsa Söderström", phone="070-174 06 06")
    nobody = await sought(desk, "david", name="Bo Ek")
    for told in ("Åsa", "Söderström", ASA, OTHER_ASA, "174 06", "Ek"):
        assert told not in words(card) + words(nobody)
    assert "Try another spelling too" in words(nobody)
    assert await looks(desk) == [
        ("maria", {"by": "email,name,phone", "found": 2}),
        ("david", {"by": "name", "found": 0}),
    ]


async def test_a_mail_is_found_by_the_name_in_it(desk: Furnished) -> None:
    await desk.sample("erase")
    assert f"{BY_NAME}{FIRST}" in words(await sought(desk, name="natarajan priya"))


async def test_a_name_and_an_asker_said_later_are_found_too(desk: Furnished) -> None:
    """By *Ändra…*; whoever asks is known by address as if they had written, so nobody walks their own (D9)."""
    await typed(desk, address=ASA)
    assert FIRST not in words(await sought(desk, name="Åsa Söderström"))
    await desk.fill("maria", Verb.CHANGE, {"name": "Åsa Söderström", "requester": "sara.lind@gotowork.example"})
    assert FIRST in words(await sought(desk, name="Åsa Söderström"))
    assert FIRST in words(await sought(desk, subject="sara.lind@gotowork.example"))
    with pytest.raises(NotYours, match=r"refusal\.own_request"):
        await desk.form("sara", Verb.CHANGE)


async def test_a_number_noted_later_is_found_too(desk: Furnished) -> None:
    """Whatever a colleague says yes to search by; what is merely on file beside somebody may be another's."""
    await typed(desk, "Åsa Söderström", ASA)
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
        wider = replace(person, others=(Identifier(IdentifierKind.PHONE, NUMBER),))
        await casefile.keep_person(unit, ticket.id, wider)
    assert FIRST in words(await sought(desk, phone=DIALLED))


async def test_of_an_officers_own_ticket_others_find_nothing(two_of_a_name: Furnished) -> None:
    """D12: neither the ticket, nor its number in the ledger of who looked."""
    desk = two_of_a_name
    await guarded(desk, FIRST)
    assert FIRST not in words(await sought(desk, name="Åsa Söderström", phone=NUMBER, subject=ASA))
    assert FIRST in words(await sought(desk, "maria", name="Åsa Söderström"))
    assert [facts["found"] for _, facts in await looks(desk)] == [1, 2]


async def guarded(desk: Furnished, ref: str) -> None:
    """Make a ticket the officer's alone."""
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(ref)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))


async def test_namesakes_are_no_kin_and_nobodys_own_request(desk: Furnished) -> None:
    """Only an address makes two tickets one person's, and a request a colleague's own (D9)."""
    await typed(desk, "Sara Lind", ASA, NUMBER)
    await typed(desk, "Sara Lind", OTHER_ASA, NUMBER)
    async with desk.opened.house.work() as unit:
        kin = await kin_of(unit, await unit.tickets.load(FIRST), for_officer=True)
    assert (kin.twins, kin.others) == ((), ())
    assert SECOND in words(await sought(desk, name="Sara Lind"))
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).confirmed_by == "sara"


async def test_it_is_forgotten_with_the_address(desk: Furnished) -> None:
    """A month after what was erased stayed away, no name leads there; a ticket that is opened again is found again."""
    await erased(desk)
    assert FIRST in words(await sought(desk, name="Priya Natarajan"))
    await desk.later(timedelta(days=32), steps=4)
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        person = await casefile.person_of(unit, ticket.id)
    assert person.name == "Priya Natarajan", "the file itself is kept for as long as evidence is"
    for given in ({"name": "Priya Natarajan"}, {"subject": PRIYA}):
        assert FIRST not in words(await sought(desk, **given))
    await desk.fill("maria", Verb.REOPEN, {"reason": "wrongly_closed"})
    for given in ({"name": "Priya Natarajan"}, {"subject": PRIYA}):
        assert FIRST in words(await sought(desk, **given))
