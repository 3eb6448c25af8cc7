"""What a colleague does with a proposal: confirm, correct, set aside, and what nobody may do."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Choice, Form, Press, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, PrivacyDeskError, StaleCard
from bot.domain.request import Language, RequestType
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.services.casefile import person_of
from tests.journeys.furnished import FIRST, Furnished, filled, pressed, verbs, words
from tests.journeys.walks import PRIYA, at_decision, states

DATELESS = b"""From: Rut Tidl\xc3\xb6s <rut.tidlos@example.se>
To: info@goto.work
Subject: Radera mig

Hej, jag vill att ni raderar alla mina uppgifter.

Rut
"""
BROKEN = (
    b"From: \xff\xfe<<>>\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\xff\r\nradera mina uppgifter\x00\r\n"
)


async def test_a_broken_mail_is_kept_and_shown(desk: Furnished) -> None:
    """It opens a ticket or stands on the quiet list, its bytes sealed; the others after it are read."""
    await desk.raw_mail(BROKEN)
    await desk.sample("erase")
    tickets = await desk.tickets()
    async with desk.opened.house.work() as unit:
        items = await unit.items.waiting()
    broken = [ticket for ticket in tickets if "broken" in ticket.flags or "malformed_headers" in ticket.flags]
    assert len(broken) + len(items) == 1
    assert len(tickets) + len(items) == 2
    if broken:
        _, _, page = await desk.review("maria", broken[0].ref)
        assert "radera mina uppgifter" in page
    assert not list((desk.mail_folder / "in" / "new").iterdir())


async def test_somebody_else_asks_after_all(desk: Furnished) -> None:
    """Named in the form as who asks for the person: the authority comes first, and the name is searched by (R59)."""
    await desk.sample("erase")
    form = await desk.form("sara", Verb.CHANGE)
    assert PRIYA not in words(form)
    with pytest.raises(Incomplete, match="field_bad"):
        await desk.send("sara", form, {"requester": "not an address"})
    await desk.send("sara", form, {"requester": "agent@example.net", "name": "Priya N. Natarajan"})
    with pytest.raises(NotAllowedNow, match="authority_first"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, (await desk.ticket()).id, 2))
    assert Verb.ASK_AUTHORITY in verbs(await desk.card("sara"))
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        person = await person_of(unit, ticket.id)
    assert (person.name, person.requester) == ("Priya N. Natarajan", "agent@example.net")
    await desk.fill("sara", Verb.CHANGE, {"requester": PRIYA})
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).stage is not Stage.RECEIVED


async def test_an_unsure_clock_cannot_be_confirmed(desk: Furnished) -> None:
    """Nobody knows when it came: a colleague must say so first (C11)."""
    await desk.raw_mail(DATELESS)
    assert (await desk.ticket()).unsure_clock
    with pytest.raises(NotAllowedNow, match="clock_unsure"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, (await desk.ticket()).id, 1))
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.CHANGE, {"received": "igår"})
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.CHANGE, {"received": "2027-01-01T10:00"})
    await desk.fill("sara", Verb.CHANGE, {"received": "2026-03-06T09:00"})
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).stage is not Stage.RECEIVED


async def test_change_before_confirm(desk: Furnished) -> None:
    """Rights in their order, scope, language, receipt (with why) and whom it is about."""
    await desk.sample("erase")
    old = await desk.ticket()
    given = {
        "rights": ["access", "erasure"],
        "language": "sv",
        "roles": ["contact"],
        "subject": "lars.wallin@example.se",
        "received": "2026-03-02T08:15",
    }
    for wrong in (given, given | {"rights": []}, given | {"subject": "lars wallin", "received_why": "tfn"}):
        with pytest.raises(Incomplete):
            await desk.fill("sara", Verb.CHANGE, wrong)
    await desk.fill("sara", Verb.CHANGE, given | {"received_why": "låg i en annan låda"})
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.ACCESS, RequestType.ERASURE]
    assert (ticket.language, ticket.received.isoformat()) == ("sv", "2026-03-02T07:15:00+00:00")
    assert ticket.parts[1].id == old.parts[0].id, "what stays keeps its identity"
    shown = await desk.opened.desk.say(desk.who("sara"), "hitta lars.wallin@example.se")
    assert FIRST in words(shown)
    await desk.press("sara", Verb.CONFIRM)
    with pytest.raises(NotAllowedNow, match="already_decided"):
        await desk.opened.desk.submit(
            desk.who("sara"),
            Press(Verb.CHANGE, ticket.id, (await desk.ticket()).version),
            {"rights": ("access",), "received": ("",)},
        )


async def test_scope_of_fields(desk: Furnished) -> None:
    """Erasing a field is rectifying it to empty: the task says so (D2)."""
    await desk.sample("erase")
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.CHANGE, {"scope": "fields"})
    await desk.fill("sara", Verb.CHANGE, {"scope": "fields", "scope_fields": "hemadress, telefon"})
    assert (await desk.ticket()).parts[0].scope.names == ("hemadress", "telefon")
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert states(ticket, "erase") == {}
    assert states(ticket, "rectify") == {"hubspot": TaskState.PROPOSED}


async def test_not_a_request_and_undone(desk: Furnished) -> None:
    """Closed with its reason, no letter; whoever set it aside may take that back before it was ever confirmed."""
    await desk.sample("erase")
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.DISMISS, {})
    await desk.fill("sara", Verb.DISMISS, {"reason": "duplicate"})
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome, ticket.parts[0].reason) == (
        Stage.CLOSED,
        Outcome.NOT_A_REQUEST,
        "reason.duplicate",
    )
    assert not desk.letters()
    await desk.fill("sara", Verb.REOPEN, {"reason": "wrongly_closed"})
    assert (await desk.ticket()).stage is Stage.RECEIVED
    await desk.press("sara", Verb.CONFIRM)
    assert len(desk.letters(PRIYA)) == 1


async def test_hand_over(desk: Furnished) -> None:
    await desk.sample("erase")
    form = await desk.form("sara", Verb.HAND_OVER)
    with pytest.raises(Incomplete) as refused:
        await desk.opened.desk.submit(desk.who("sara"), form.press, {"colleague": ("karin",)})
    said = desk.opened.desk.explain(Language.SV, refused.value)
    assert said == "Karin kan inte ta över det här ärendet. Det kan Sara eller Maria."
    await desk.fill("sara", Verb.HAND_OVER, {"colleague": "maria"})
    assert (await desk.ticket()).handler == "maria"


async def test_who_may_not(desk: Furnished) -> None:
    """Owner and viewer walk no ticket; each refusal changes nothing, says who can, and is written down."""
    await desk.sample("erase")
    before = await desk.ticket()
    press = pressed(await desk.card("sara"), Verb.CONFIRM)
    for name in ("karin", "david"):
        with pytest.raises(NotYours) as refused:
            await desk.opened.desk.press(desk.who(name), press)
        said = desk.opened.desk.explain(desk.who(name).language, refused.value)
        assert "Sara Lind" in said
        assert "Maria Ek" in said
    assert await desk.ticket() == before
    assert [entry.actor for entry in await desk.events() if entry.event == "desk.refused"] == ["karin", "david"]
    with pytest.raises(NotFound):
        desk.opened.house.people.by_handle("slack", "U0STRANGER")
    with pytest.raises(NotYours):
        await desk.opened.desk.press(desk.who("david"), pressed(await desk.card("sara"), Verb.REVIEW))
    with pytest.raises(NotFound):
        await desk.opened.desk.press(desk.who("sara"), replace(press, verb=Verb.CHANGE))
    with pytest.raises(NotFound):
        await desk.opened.desk.form(desk.who("sara"), press)
    with pytest.raises(NotFound):
        await desk.opened.desk.submit(desk.who("sara"), press, {})


async def test_nobody_on_their_own_request(desk: Furnished) -> None:
    """Karin asked for her own erasure: she neither sees it nor decides on it (D9)."""
    karin = desk.who("karin").email
    form = await desk.opened.desk.say(desk.who("sara"), "ny")
    assert isinstance(form, Form)
    asked = {"channel": "visit", "subject": karin, "name": "Karin Holm", "text": "Jag vill att allt om mig raderas."}
    await desk.send("sara", form, asked)
    ticket = await desk.ticket()
    for verb in (Verb.REVIEW, Verb.CONFIRM):
        with pytest.raises(NotYours):
            await desk.opened.desk.press(desk.who("karin"), Press(verb, ticket.id, ticket.version))


@pytest.mark.parametrize("address", ["SARA@gotowork.example", "sara.lind@example.net"])
async def test_nobody_on_their_own_request_by_whatever_address_it_came(desk: Furnished, address: str) -> None:
    """Sara wrote from an alias, or from home: the people file says that it is she (D9)."""
    sara = desk.who("sara")
    assert address != sara.email
    form = await desk.opened.desk.say(desk.who("maria"), "ny")
    assert isinstance(form, Form)
    await desk.send("maria", form, {"channel": "visit", "subject": address, "text": "Jag vill se allt om mig."})
    ticket = await desk.ticket()
    for verb in (Verb.REVIEW, Verb.CONFIRM):
        with pytest.raises(NotYours, match="own_request") as refused:
            await desk.opened.desk.press(sara, Press(verb, ticket.id, ticket.version))
        assert address.casefold() not in desk.opened.desk.explain(sara.language, refused.value).casefold()
    form = await desk.form("maria", Verb.HAND_OVER)
    (choice,) = [one for one in form.elements if isinstance(one, Choice)]
    assert "sara" not in {value for value, _ in choice.options}
    with pytest.raises(Incomplete, match="may_not_walk"):
        await desk.opened.desk.submit(desk.who("maria"), form.press, {choice.name: ("sara",)})
    await desk.press("maria", Verb.CONFIRM)
    assert address.casefold() not in desk.slack.traffic.casefold()


async def test_a_private_address_makes_nobody_a_forwarder(desk: Furnished) -> None:
    """D7b: what is known of a colleague at home is whose request it is, not that their mail speaks for others."""
    reading = desk.opened.house.reading
    assert reading.is_ours("sara.lind@gotowork.example")
    assert reading.is_ours("sara@gotowork.example")
    assert not reading.is_ours("sara.lind@example.net")
    assert not desk.opened.house.outside.is_ours("sara@gotowork.example"), "the people file alone says so"
    forwarded = (
        b"From: Sara Lind <%s>\r\nTo: info@goto.work\r\nDate: Mon, 9 Mar 2026 09:00:00 +0000\r\n"
        b"Message-ID: <forwarded-%d@example.org>\r\nSubject: Fwd: Radera mig\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n---------- Forwarded message ---------\r\n"
        b"From: Pia Alm <pia.alm@example.org>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
        b"Subject: Radera mig\r\nTo: Sara Lind\r\n\r\nHej, jag vill att ni raderar alla mina personuppgifter.\r\n"
    )
    evidence = {}
    for number, sender in enumerate((b"sara@gotowork.example", b"sara.lind@example.net")):
        await desk.mail(forwarded % (sender, number))
        newest = max(await desk.tickets(), key=lambda one: one.ref)
        evidence[sender] = newest.forwarded_at is not None
    assert evidence == {b"sara@gotowork.example": True, b"sara.lind@example.net": False}


async def test_the_only_officer_is_not_told_to_ask_herself(desk: Furnished) -> None:
    form = await desk.opened.desk.say(desk.who("sara"), "ny")
    assert isinstance(form, Form)
    maria = desk.who("maria")
    await desk.send("sara", form, {"channel": "visit", "subject": maria.email, "text": "Jag vill se allt om mig."})
    ticket = await desk.ticket()
    for verb in (Verb.REVIEW, Verb.CONFIRM):
        with pytest.raises(NotYours, match="own_request") as refused:
            await desk.opened.desk.press(maria, Press(verb, ticket.id, ticket.version))
        sentence = desk.opened.desk.explain(maria.language, refused.value)
        assert "Sara Lind" in sentence
        assert maria.name not in sentence


async def test_a_stale_card_is_refused_and_refreshed(desk: Furnished) -> None:
    await desk.sample("erase")
    old = pressed(await desk.card("sara"), Verb.CONFIRM)
    await desk.fill("sara", Verb.CHANGE, {"language": "sv"})
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("maria"), old)
    assert (await desk.ticket()).stage is Stage.RECEIVED
    refreshed = [entry for entry in await desk.events() if entry.event == "desk.refused"]
    assert len(refreshed) == 1
    await desk.press("maria", Verb.CONFIRM)


async def test_a_double_press_counts_once(desk: Furnished) -> None:
    """Two clicks of the same button at the same instant: one is carried out, the other is told."""
    await desk.sample("erase")
    press = pressed(await desk.card("sara"), Verb.CONFIRM)
    both = [desk.opened.desk.press(desk.who("sara"), press) for _ in range(2)]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(one, PrivacyDeskError) for one in results) == 1
    await desk.settle()
    assert sum(entry.event == "ticket.confirmed" for entry in await desk.events()) == 1
    assert len(desk.letters(PRIYA)) == 1


async def test_the_quiet_list(desk: Furnished) -> None:
    """Dismissed with one press, but only what somebody has looked at (D1, D29)."""
    await desk.sample("sales")
    await desk.later(timedelta(minutes=1))
    await desk.sample("sales")
    await desk.tick("morning")
    about = f"items:{desk.opened.house.today()}"
    unseen = await desk.card("sara", about)
    assert Verb.DISMISS_ITEMS not in verbs(unseen)
    with pytest.raises(NotAllowedNow, match="list_not_opened"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.DISMISS_ITEMS, about, 2))
    with pytest.raises(NotYours):
        await desk.press("karin", Verb.OPEN_ITEM, about)
    await desk.review("sara", about, Verb.OPEN_ITEM)
    old = pressed(await desk.card("sara", about), Verb.DISMISS_ITEMS)
    await desk.later(timedelta(minutes=1))
    await desk.sample("sales")
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("sara"), old)
    assert Verb.DISMISS_ITEMS not in verbs(await desk.card("sara", about)), "drawn afresh, the third is still unseen"
    with pytest.raises(NotAllowedNow, match="list_not_opened"):
        await desk.opened.desk.press(desk.who("sara"), replace(old, version=3))
    await desk.review("sara", about, Verb.OPEN_ITEM)
    with pytest.raises(NotYours):
        await desk.press("karin", Verb.DISMISS_ITEMS, about)
    await desk.press("sara", Verb.DISMISS_ITEMS, about)
    async with desk.opened.house.work() as unit:
        assert not await unit.items.waiting()


async def test_the_same_mail_twice_is_one(desk: Furnished) -> None:
    mail = DATELESS.replace(
        b"Subject:", b"Date: Mon, 09 Mar 2026 09:00:00 +0100\nMessage-ID: <one@example.se>\nSubject:"
    )
    await desk.mail(mail)
    await desk.mail(mail)
    assert len(await desk.tickets()) == 1


async def test_withdrawn_on_the_page(desk: Furnished) -> None:
    """Nothing is carried out yet: it closes with its reason; what waited is dropped (F41)."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    link = [letter for letter in desk.letters(PRIYA) if "/c/" in letter.text][-1]
    person = await desk.person(link)
    await person.post("/c/withdraw")
    await desk.settle()
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.WITHDRAWN)
    assert all(task.settled for task in ticket.tasks)
    status, _ = await person.post("/c/withdraw")
    assert status != 200
    assert not desk.hubspot.writes("gdpr-delete")


async def test_withdrawn_while_it_is_carried_out(desk: Furnished) -> None:
    """Approved and waiting for the person's press: it ends with a letter, and nothing is erased."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    person = await desk.person([letter for letter in desk.letters(PRIYA) if "/c/" in letter.text][-1])
    await person.post("/c/withdraw")
    await desk.settle()
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).stage is Stage.CLOSED
    assert not desk.hubspot.writes("gdpr-delete")


async def test_forms_are_checked(desk: Furnished) -> None:
    """A request typed by hand needs channel, address and words, and cannot have come tomorrow."""
    form = await desk.opened.desk.say(desk.who("sara"), "ny")
    assert isinstance(form, Form)
    good = {"channel": "phone", "subject": PRIYA, "text": "Radera mig"}
    for wrong in ({"subject": "priya"}, {"text": " "}, {"received": "2026-04-01T10:00"}, {"received": "nu"}):
        with pytest.raises(Incomplete):
            await desk.send("sara", form, good | wrong)
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(desk.who("karin"), form.press, filled(form, good))
    with pytest.raises(NotYours):
        await desk.opened.desk.form(desk.who("karin"), form.press)
    await desk.send("sara", form, good)
    assert len(await desk.tickets()) == 1
