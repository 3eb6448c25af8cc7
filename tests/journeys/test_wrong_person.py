"""An answer to the wrong person: links closed, clock started, the officer paged, all in one press (R64)."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from aiohttp import ClientError

from bot.card import Form, Verb
from bot.domain.deadline import local_date
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours, TryLater
from bot.domain.incident import INCIDENT_OPEN, runs
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind, LetterState
from bot.domain.task import TaskState
from bot.ports import Job, JobKind, OutgoingMail, Unit
from bot.services import links
from bot.services.casefile import incident_of, keep_letter, letter_text
from bot.services.casework.progress import carry_on, requested
from bot.services.casework.wrong_person import reports
from bot.services.records import packing
from tests.journeys.furnished import FIRST, Furnished, filled, verbs, words
from tests.journeys.leaks import leaks, store_files
from tests.journeys.test_incident import pages
from tests.journeys.test_turns import turns
from tests.journeys.walks import FATIMA, at_decision, erased, states

WHAT = "Gick till den gamla adressen. Astrid svarade och sa att hon har raderat mejlet."
GIVEN = {"method": "recipient", "categories": ("contact", "special"), "why": WHAT}


async def answered(desk: Furnished) -> None:
    """Walk an access request to where its letter with a package has left."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)


async def opened(desk: Furnished, who: str = "sara", typed: str = f"fel {FIRST}") -> Form:
    form = await desk.opened.desk.say(desk.who(who), typed)
    assert isinstance(form, Form), words(form)
    return form


async def access_letter(desk: Furnished) -> str:
    sent = [one for one in (await desk.ticket()).letters if one.kind is LetterKind.ACCESS_ANSWER]
    assert sent[-1].state is LetterState.SENT
    return sent[-1].id


async def test_the_package_cannot_be_fetched_any_more(desk: Furnished) -> None:
    """Neither by the link in the letter, nor by a page somebody has open, nor by asking for a new link."""
    await answered(desk)
    letter = desk.letters(FATIMA)[-1]
    stranger = await desk.person(letter)
    await desk.send("sara", await opened(desk), GIVEN | {"letter": await access_letter(desk)})
    status, _ = await stranger.post("/c/package")
    assert status == 404
    status, page = await (await desk.visitor()).get(letter.link)
    assert status == 404
    assert FIRST not in page
    before = len(desk.letters(FATIMA))
    await (await desk.visitor()).post(f"{letter.link}/again")
    await desk.later(timedelta(minutes=1))
    assert len(desk.letters(FATIMA)) == before


async def test_no_letter_takes_a_new_link_to_the_same_address_by_itself(desk: Furnished) -> None:
    """The erasure waits for its "Ja, radera" letter: it has a link, and that opens the package too."""
    await at_decision(desk, "erase")
    opened_desk = desk.opened
    before = len(desk.letters())
    async with opened_desk.house.work() as unit:  # approved, and not with the mail server yet
        ticket = await unit.tickets.load(FIRST)
        wanted = requested(opened_desk.house, ticket, LetterKind.CONFIRM_ERASURE, ticket.parts)
        waiting = replace(wanted.letters[-1], state=LetterState.APPROVED, approved_by="desk")
        await unit.tickets.save(ticket, ticket.with_letter(waiting))
    await desk.send("sara", await opened(desk), GIVEN | {"letter": "not_a_letter"})
    async with opened_desk.house.work() as unit:  # what a step of the desk itself would ask for now
        ticket = await unit.tickets.load(FIRST)
        again = requested(opened_desk.house, ticket, LetterKind.NEW_LINK, ticket.parts)
        await carry_on(unit, opened_desk.house, ticket, again)
        await unit.jobs.put(Job(JobKind.SEND_LETTER, "letter:late", (waiting.id,)))
    await desk.later(timedelta(minutes=5))
    assert len(desk.letters()) == before, "neither leaves"
    states = {one.kind: one.state for one in (await desk.ticket()).letters}
    assert (states[LetterKind.CONFIRM_ERASURE], states[LetterKind.NEW_LINK]) == (LetterState.DRAFT,) * 2


async def test_the_clock_runs_and_the_officer_is_paged(desk: Furnished) -> None:
    await answered(desk)
    shown = await desk.send("sara", await opened(desk), GIVEN | {"letter": await access_letter(desk)})
    assert words(shown) == f"{FIRST}\nHanteras av dataskyddsansvarig."
    (about,) = await pages(desk)
    assert "72 timmar kvar" in words(await desk.card("maria", about))
    assert INCIDENT_OPEN in (await desk.ticket()).flags
    told = next(one for one in await desk.events() if one.event == "incident.wrong_person")
    assert (told.actor, dict(told.facts)) == ("sara", {"found": "recipient", "letter": "T5"})
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        (kept,) = await reports(unit, ticket)
    assert (kept.categories, kept.words) == (("contact", "special"), WHAT)
    for name in ("maria", "sara"):
        said = words(await desk.card(name))
        assert WHAT not in said
        assert "Känsliga" not in said


async def test_what_was_typed_lies_nowhere_in_clear(desk: Furnished, tmp_path: Path) -> None:
    """Neither the words of a form nor the kinds of data, in the store, its log or the chat (D14)."""
    await at_decision(desk, "erase")
    given = {"reasons": ("number",), "why": "kvastskaftsparadoxen"}
    await desk.fill("maria", Verb.EXTEND, given)
    typed = await desk.opened.desk.say(desk.who("sara"), f"återkalla {FIRST}")
    assert isinstance(typed, Form)
    await desk.send("sara", typed, {"method": "call", "note": "murmeldjursprotokollet"})
    told = {"letter": "not_a_letter", "method": "person", "categories": ("special",), "why": "ananasallergin"}
    await desk.fill("sara", Verb.WRONG_PERSON, told)
    chat = str([message.blocks for message in desk.slack.in_channel("C0TICKETS")]).encode()
    places = {**store_files(tmp_path), "chat": chat}
    assert leaks(places, ["kvastskaftsparadoxen", "murmeldjursprotokollet", "ananasallergin"]) == []


async def test_from_the_closed_card_and_once_more_after_an_ended_clock(desk: Furnished) -> None:
    """A second mishap has a clock of its own; what was written of the first is kept."""
    await erased(desk)
    await desk.fill("sara", Verb.WRONG_PERSON, GIVEN | {"letter": "not_a_letter"})
    assert runs(await desk.ticket())
    again = await opened(desk, "maria", f"wrong {FIRST}")
    await desk.send("maria", again, GIVEN | {"letter": "not_a_letter"})
    assert [one.event for one in await desk.events()].count(LedgerEvent.INCIDENT_STARTED) == 1, (
        "one clock while it runs"
    )
    done = {"reason": "no_breach", "note": "Det var rätt person."}
    await desk.fill("maria", Verb.NO_NOTIFICATION, done)
    await desk.later(timedelta(days=1))
    await desk.send("maria", await opened(desk, "maria"), GIVEN | {"letter": "not_a_letter"})
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        now = await incident_of(unit, ticket.id)
        assert now is not None
        assert now.ending is None
        assert len(await reports(unit, ticket)) == 3
    assert [one.event for one in await desk.events()].count(LedgerEvent.INCIDENT_STARTED) == 2


async def test_what_is_lacking_is_named(desk: Furnished) -> None:
    await erased(desk)
    form = await opened(desk)
    whole = GIVEN | {"letter": "not_a_letter"}
    later = (desk.clock.now() + timedelta(days=1)).isoformat()
    for field, wrong in (
        ("letter", {"letter": ""}),
        ("categories", {"categories": ()}),
        ("why", {"why": " "}),
        ("method", {"method": ""}),
        ("aware_at", {"aware_at": ""}),
        ("aware_at", {"aware_at": later}),
    ):
        given = {"aware_at": desk.clock.now().isoformat()} | whole | wrong
        values = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in given.items()}
        with pytest.raises(Incomplete) as lacking:
            await desk.opened.desk.submit(desk.who("sara"), form.press, values)
        assert lacking.value.facts["field"] == field
    assert not runs(await desk.ticket())
    assert Verb.WRONG_PERSON in verbs(await desk.card("sara"))
    with pytest.raises(NotYours):
        await desk.opened.desk.say(desk.who("karin"), f"fel {FIRST}")


SETTLED_AS = [
    (Verb.NO_NOTIFICATION, {"reason": "no_breach", "note": "Det var rätt person."}, True),
    (Verb.NO_NOTIFICATION, {"reason": "risk_unlikely", "note": "Mejlet raderades oläst."}, False),
    (Verb.NOTIFIED, {"imy_reference": "IMY-2026-1234"}, False),
]


@pytest.mark.parametrize(("verb", "given", "by_itself"), SETTLED_AS)
async def test_when_it_is_settled_the_owners_decide_again(
    desk: Furnished, verb: Verb, given: dict[str, str], by_itself: bool
) -> None:
    """The mark that made the ticket the officer's goes with the clock (D12); a letter by itself only if no breach."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.send("sara", await opened(desk), GIVEN | {"letter": "not_a_letter"})
    assert Verb.DECIDE not in verbs(await desk.card("jonas"))
    before = len(await turns(desk, "jonas"))
    await desk.fill("maria", verb, given)
    assert Verb.DECIDE in verbs(await desk.card("jonas")), "1 of 2 hangs no more"
    assert len(await turns(desk, "jonas")) == before + 1, "and he is told that it is his turn"
    ended = "Anmäld till IMY" if verb is Verb.NOTIFIED else "Ingen anmälan till IMY"
    assert ended in words(await desk.card("sara")), "what it came to stands on everybody's card"
    await desk.decide("jonas")
    assert set(states(await desk.ticket(), "erase").values()) == {TaskState.LOCKED}
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        again = requested(desk.opened.house, ticket, LetterKind.NEW_LINK, ticket.parts)
        await carry_on(unit, desk.opened.house, ticket, again)
    await desk.settle()
    letter = next(one for one in (await desk.ticket()).letters if one.kind is LetterKind.NEW_LINK)
    assert letter.state is (LetterState.SENT if by_itself else LetterState.DRAFT)
    told = {one.event for one in await desk.events()}
    assert {LedgerEvent.WRONG_PERSON, LedgerEvent.INCIDENT_SUSPECTED, LedgerEvent.INCIDENT_STARTED} <= told


async def drafted(desk: Furnished) -> str:
    """Walk an access request to where its letter waits to be sent, then let something else go astray."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    letter = next(one for one in (await desk.ticket()).letters if one.kind is LetterKind.ACCESS_ANSWER)
    assert letter.state is LetterState.DRAFT
    await desk.send("sara", await opened(desk), GIVEN | {"letter": "not_a_letter"})
    return letter.id


@pytest.mark.parametrize("waited", [0, 20])
async def test_a_letter_drafted_before_leaves_with_a_link_that_works(desk: Furnished, waited: int) -> None:
    """Its link was closed; whoever sends it sends a fresh one, and says until when that works."""
    letter = await drafted(desk)
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        dead = (await letter_text(unit, ticket.id, letter)).link
    await desk.later(timedelta(days=waited))
    await desk.press("maria", Verb.SEND_LETTER)
    sent = desk.letters(FATIMA)[-1]
    assert sent.link != dead
    assert dead not in sent.text
    day = local_date(desk.clock.now() + timedelta(days=14))
    assert desk.opened.house.texts.long_day(ticket.language, day) in sent.text
    assert await (await desk.person(sent)).package()


async def test_where_the_links_day_is_not_plain_it_is_refused(desk: Furnished) -> None:
    letter = await drafted(desk)
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        kept = await letter_text(unit, ticket.id, letter)
        day = desk.opened.house.texts.long_day(ticket.language, date.fromisoformat(kept.link_until))
        await keep_letter(unit, ticket.id, letter, replace(kept, text=f"{kept.text}\n{day}"))
    await desk.later(timedelta(days=20))
    before = len(desk.letters())
    with pytest.raises(NotAllowedNow) as refused:
        await desk.press("maria", Verb.SEND_LETTER)
    assert day in desk.opened.desk.explain(desk.who("sara").language, refused.value)
    assert len(desk.letters()) == before


async def test_a_letter_on_its_way_when_links_are_closed_is_a_persons(desk: Furnished) -> None:
    """Nobody can tell whether it left: it does not leave once more with the dead link, and then with a fresh one."""
    letter_id = await drafted(desk)
    async with desk.opened.house.work() as unit:  # with the mail server when the links were closed, and not taken
        ticket = await unit.tickets.load(FIRST)
        on_its_way = replace(ticket.letter(letter_id), state=LetterState.SENDING, approved_by="sara")
        await unit.tickets.save(ticket, ticket.with_letter(on_its_way))
        await unit.jobs.put(Job(JobKind.SEND_LETTER, "letter:late", (letter_id,)))
    before = len(desk.letters())
    await desk.later(timedelta(minutes=1))
    assert len(desk.letters()) == before
    assert (await desk.ticket()).letter(letter_id).state is LetterState.DOUBTFUL
    await desk.fill("maria", Verb.SETTLE_LETTER, {"way": "send_again", "reference": FIRST})
    assert await (await desk.person(desk.letters(FATIMA)[-1])).package()


@pytest.mark.parametrize("under_way", [False, True], ids=["refused", "under way"])
async def test_a_letter_the_mail_server_did_not_take_yet_is_held_back_too(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch, *, under_way: bool
) -> None:
    """It would be tried again for hours, to that address; one that is on its way as the word comes is known as sent."""
    await at_decision(desk, "erase")
    mailbox = desk.opened.house.mailbox
    send = mailbox.send

    async def reported(mail: OutgoingMail) -> None:
        monkeypatch.setattr(mailbox, "send", send)
        if not under_way:
            raise TryLater("trouble.later", timedelta(hours=1))
        await desk.opened.desk.submit(desk.who("sara"), form.press, filled(form, whole))
        await send(mail)

    whole = GIVEN | {"letter": "not_a_letter"}
    form = await opened(desk)
    monkeypatch.setattr(mailbox, "send", reported)
    before = len(desk.letters())
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        wanted = requested(desk.opened.house, ticket, LetterKind.ACKNOWLEDGEMENT, ticket.parts)
        await carry_on(unit, desk.opened.house, ticket, wanted)
    await desk.settle()
    if not under_way:
        await desk.send("sara", await opened(desk), whole)
    await desk.later(timedelta(hours=2))
    assert len(desk.letters()) - before == under_way
    assert (await desk.ticket()).letters[-1].state is (LetterState.SENT if under_way else LetterState.DOUBTFUL)


async def test_a_package_under_way_stops_where_it_is(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A slow line takes minutes, and the word may come in the middle: the rest stays, and nobody is proven by it."""
    monkeypatch.setattr(packing, "PORTION", 500)
    await answered(desk)
    stranger = await desk.person(desk.letters(FATIMA)[-1])
    stands, asked = links.stands, count()

    async def closed(unit: Unit, session: str) -> bool:
        if next(asked) == 1:
            await unit.links.drop((await unit.tickets.load(FIRST)).id)
        return await stands(unit, session)

    monkeypatch.setattr(links, "stands", closed)
    with pytest.raises(ClientError):
        await stranger.package()
    assert next(asked) == 2, "two portions were asked for"
    assert "a file was not sent to its end: refusal.session_over" in caplog.text
    assert [part.package_fetched_at for part in (await desk.ticket()).parts] == [None, None]
