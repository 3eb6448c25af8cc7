"""Restriction to its end (Art. 18, R38-R40): ground, in force after closing, told before it ends, then lifted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.card import Choice, Form, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.restriction import Ends, Ground, in_force
from bot.domain.system import Identifier, IdentifierKind
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.ports import Shelf
from bot.services import casefile
from bot.services.records import restrictions
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, filled, verbs, words
from tests.journeys.sixth import ASTRID, library, searched, with_library

SWEDISH = "Jag vill att ni begränsar behandlingen av mina uppgifter, jag behöver dem för ett rättsligt anspråk."
ENGLISH = "Please restrict the processing of my personal data, I need it for a legal claim."


@pytest.fixture
async def desk(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Furnished]:
    """A furnished desk with a system that can be restricted."""
    async with with_library(tmp_path, sqlite_url, clock, monkeypatch) as desk:
        yield desk


async def decided(desk: Furnished, ref: str, name: str = "maria") -> None:
    """Say yes to every row a colleague may."""
    form = await desk.form(name, Verb.DECIDE, ref)
    rows = [one.name for one in form.elements if isinstance(one, Choice)]
    await desk.send(name, form, dict.fromkeys(rows, "approve"))


async def restricted(desk: Furnished, text: str = SWEDISH) -> str:
    """Walk a restriction to where it is in force and its ticket closed; return its reference."""
    ref = await searched(desk, text)
    await desk.fill("sara", Verb.CHOOSE_GROUND, {"ground": "claims", "ends": "claim_over"}, ref)
    await decided(desk, ref)
    await finished(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    return ref


async def finished(desk: Furnished, ref: str, result: str = "done") -> None:
    """Close every step by hand."""
    while any(task.state is TaskState.BY_HAND for task in (await desk.ticket(ref)).tasks):
        await desk.finish("maria", ref, result)


@pytest.mark.parametrize(
    ("text", "ground", "ends"),
    [
        (SWEDISH, "du behöver dem för rättsliga anspråk", "tills det rättsliga anspråket är avgjort"),
        (ENGLISH, "you need it for legal claims", "until the legal claim is settled"),
    ],
)
async def test_it_is_in_force_after_the_ticket_is_closed(desk: Furnished, text: str, ground: str, ends: str) -> None:
    ref = await restricted(desk, text)
    ticket = await desk.ticket(ref)
    assert ticket.stage is Stage.CLOSED
    assert ticket.parts[0].outcome is Outcome.FULFILLED
    assert library(desk).card["restricted"] is True
    letter = desk.letters()[-1].text
    assert ground in letter
    assert ends in letter
    card = words(await desk.card("sara", ref))
    assert "Begränsad sedan" in card
    assert "anspråk" not in card, "the ground stands on no card"
    async with desk.opened.house.work() as unit:
        assert await restrictions.holds(unit, [ASTRID.upper()])
        entry = await restrictions.entry(unit, ticket.parts[0].id)
        assert await unit.vault.names("restrictions", Shelf.DESK, f"by/{ASTRID}") == [], "only by blind index"
    assert entry is not None
    assert (entry.terms.ground, entry.terms.ends) == (Ground.CLAIMS, Ends.CLAIM_OVER)


async def test_a_yes_waits_for_the_ground(desk: Furnished) -> None:
    ref = await searched(desk, SWEDISH)
    with pytest.raises(Incomplete) as refused:
        await decided(desk, ref)
    assert refused.value.key == "refusal.ground_first"
    for days in ("0", "366", "-1", "x"):
        with pytest.raises(Incomplete):
            await desk.fill("sara", Verb.CHOOSE_GROUND, {"ground": "claims", "ends": "claim_over", "days": days}, ref)


async def test_the_case_is_kept_while_it_lasts(desk: Furnished) -> None:
    """What the letter before lifting is written from is not forgotten on the usual day."""
    ref = await restricted(desk)
    ticket = await desk.ticket(ref)
    await desk.later(timedelta(days=800), steps=2)
    await desk.tick("forget")
    async with desk.opened.house.work() as unit:
        assert await unit.vault.names(ticket.id, Shelf.CASE)
        assert not await unit.vault.names(ticket.id, Shelf.FINDINGS)


async def test_nobody_lifts_before_the_person_was_told(desk: Furnished) -> None:
    ref = await restricted(desk)
    assert Verb.LIFT not in verbs(await desk.card("maria", ref))
    with pytest.raises(NotYours):
        await desk.form("sara", Verb.GIVE_NOTICE, ref)
    before = len(desk.letters())
    await desk.fill("maria", Verb.GIVE_NOTICE, {"why": "claim_over"}, ref)
    notice = desk.letters()[-1]
    assert len(desk.letters()) == before + 1
    assert "upphör tidigast den" in notice.text
    assert "det rättsliga anspråket är avgjort" in notice.text
    assert library(desk).card["restricted"] is True, "told, and nothing else"
    with pytest.raises(NotAllowedNow) as refused:
        await desk.press("maria", Verb.LIFT, ref)
    assert refused.value.key == "refusal.notice_runs"
    with pytest.raises(NotYours):
        await desk.press("sara", Verb.LIFT, ref)
    await desk.later(timedelta(days=7))
    await desk.press("maria", Verb.LIFT, ref)
    assert library(desk).card["restricted"] is False
    assert "Begränsad sedan" in words(await desk.card("maria", ref)), "elsewhere a colleague has still to lift it"
    await finished(desk, ref)
    ticket = await desk.ticket(ref)
    assert in_force(ticket) is None
    assert "Begränsad sedan" not in words(await desk.card("maria", ref))
    assert LedgerEvent.RESTRICTION_LIFTED in {entry.event for entry in await desk.events(ref)}
    async with desk.opened.house.work() as unit:
        assert not await restrictions.holds(unit, [ASTRID])
        assert not await unit.vault.names("restrictions", Shelf.DESK)


async def test_a_notice_that_did_not_leave_lifts_nothing(desk: Furnished) -> None:
    ref = await restricted(desk)
    form = await desk.form("maria", Verb.GIVE_NOTICE, ref)
    await desk.opened.desk.submit(desk.who("maria"), form.press, {"why": ("claim_over",)})  # no job has run yet
    with pytest.raises(NotAllowedNow) as refused:
        await desk.press("maria", Verb.LIFT, ref)
    assert refused.value.key == "refusal.notice_first"


async def test_the_officer_is_reminded_on_the_review_day(desk: Furnished) -> None:
    ref = await restricted(desk)
    ticket = await desk.ticket(ref)
    await desk.later(timedelta(days=91))
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", "maria")
    (about,) = {post.about for post in posts if post.about.startswith(f"reminder:restriction:{ticket.id}")}
    said = words(await desk.card("maria", about))
    assert "Begränsningen ska ses över" in said
    assert "anspråk" not in said


async def test_a_disputed_value_rests_while_it_is_checked(desk: Furnished) -> None:
    ref = await searched(desk, "Min ort är fel hos er. Jag vill att ni rättar den till Malmö.")
    await desk.press("sara", Verb.REST_MEANWHILE, ref)
    ticket = await desk.ticket(ref)
    assert [part.type for part in ticket.parts] == ["rectification", "restriction"]
    assert Verb.REST_MEANWHILE not in verbs(await desk.card("sara", ref))
    form = await desk.form("maria", Verb.DECIDE, ref)
    rows = {task.id for task in ticket.tasks if task.operation == "restrict"}
    given = {
        one.name: "approve" for one in form.elements if isinstance(one, Choice) and one.name.partition(":")[2] in rows
    }
    await desk.send("maria", form, given)
    assert library(desk).card["restricted"] is True
    while any(task.state is TaskState.BY_HAND and task.id in rows for task in (await desk.ticket(ref)).tasks):
        await desk.finish("maria", ref, "done")
    await desk.press("sara", Verb.SEND_LETTER, ref)
    letter = desk.letters()[-1].text
    assert "Medan vi tar ställning har vi begränsat" in letter
    assert "du menar att uppgifterna är fel" in letter


async def test_a_restriction_outlives_that_its_ticket_is_opened_again(desk: Furnished) -> None:
    ref = await restricted(desk)
    with pytest.raises(NotAllowedNow) as refused:
        await desk.fill("maria", Verb.REOPEN, {"reason": "wrongly_closed"}, ref)
    assert refused.value.key == "refusal.restriction_in_force"
    assert in_force(await desk.ticket(ref)) is not None


async def test_where_a_lift_failed_it_is_lifted_once_more(desk: Furnished) -> None:
    ref = await restricted(desk)
    await desk.fill("maria", Verb.GIVE_NOTICE, {"why": "person_says"}, ref)
    await desk.later(timedelta(days=7))
    await desk.press("maria", Verb.LIFT, ref)
    given = {"result": "exception", "exception_reason": "no_access"}
    while any(task.state is TaskState.BY_HAND for task in (await desk.ticket(ref)).tasks):
        await desk.fill("maria", Verb.FINISH_BY_HAND, given, ref)
    assert in_force(await desk.ticket(ref)) is not None
    await desk.press("maria", Verb.LIFT, ref)
    await finished(desk, ref)
    assert in_force(await desk.ticket(ref)) is None


async def looked_up(desk: Furnished, name: str, typed: str) -> str:
    """Return what a colleague is answered in private, in words."""
    return words(await desk.opened.desk.say(desk.who(name), typed, private=True))


@pytest.mark.parametrize(
    ("name", "word", "said"),
    [("sara", "hitta", "Begränsad sedan 9 mars 2026"), ("david", "find", "Restricted since 9 March 2026")],
)
async def test_a_look_up_says_that_somebody_is_restricted(desk: Furnished, name: str, word: str, said: str) -> None:
    """Before anything is done with them; and still when their ticket is no longer found by address."""
    ref = await searched(desk, SWEDISH)
    assert said not in await looked_up(desk, name, f"{word} {ASTRID}"), "asked for, not yet in force"
    await desk.fill("sara", Verb.CHOOSE_GROUND, {"ground": "claims", "ends": "claim_over"}, ref)
    await decided(desk, ref)
    await finished(desk, ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    assert said not in await looked_up(desk, name, f"{word} nobody@example.org")
    for days in (0, 400):
        await desk.later(timedelta(days=days), steps=2)
        answer = await looked_up(desk, name, f"{word} {ASTRID.upper()}")
        assert f"{said} ({ref})" in answer
        for hidden in (ASTRID, ASTRID.upper(), "Astrid", "anspråk", "claim"):
            assert hidden not in answer, "a date and a reference, nothing else (D14)"
    (sought, *_) = [one for one in await desk.events("desk") if one.event is LedgerEvent.SOUGHT][::-1]
    assert (sought.actor, sought.facts) == (name, {"by": "email", "found": 1})
    await desk.fill("maria", Verb.GIVE_NOTICE, {"why": "claim_over"}, ref)
    await desk.later(timedelta(days=7))
    await desk.press("maria", Verb.LIFT, ref)
    await finished(desk, ref)
    assert said not in await looked_up(desk, name, f"{word} {ASTRID}")


async def test_by_name_a_look_up_says_it_of_the_ticket_that_is_found(desk: Furnished) -> None:
    """The register knows nobody by name, but which ticket it was entered from; its day stays beside its reference."""
    ref = await restricted(desk)
    form = await desk.opened.desk.say(desk.who("sara"), "hitta")
    assert isinstance(form, Form)
    for given in ({"name": "Lundgren, Astrid"}, {"name": "Astrid Lundgren", "subject": ASTRID}):
        answer = words(await desk.opened.desk.submit(desk.who("sara"), form.press, filled(form, given)))
        assert answer.count(f"Begränsad sedan 9 mars 2026 ({ref})") == 1
    await desk.later(timedelta(days=400), steps=2)
    other = await desk.opened.desk.submit(desk.who("sara"), form.press, filled(form, {"name": "Astrid Berg"}))
    assert "Begränsad" not in words(other)


async def test_of_an_officers_own_ticket_a_look_up_says_nothing_to_others(desk: Furnished) -> None:
    """D12: not even that there is a restriction."""
    ref = await restricted(desk)
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(ref)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    assert "Begränsad" in await looked_up(desk, "maria", f"hitta {ASTRID}")
    for name in ("sara", "karin"):
        answer = await looked_up(desk, name, f"hitta {ASTRID}")
        assert "Begränsad" not in answer
        assert ref not in answer


async def test_it_is_found_by_an_address_the_search_was_widened_to(desk: Furnished) -> None:
    """What is held under the other address rests too: it is the same person's (F23)."""
    other = "astrid.private@example.net"
    ref = await searched(desk, SWEDISH)
    house = desk.opened.house
    async with house.work() as unit:
        ticket = await unit.tickets.load(ref)
        person = await casefile.person_of(unit, ticket.id)
        wider = replace(person, others=(Identifier(IdentifierKind.EMAIL, other),))
        await casefile.keep_person(unit, ticket.id, wider)
    await desk.fill("sara", Verb.CHOOSE_GROUND, {"ground": "claims", "ends": "claim_over"}, ref)
    await decided(desk, ref)
    async with house.work() as unit:
        assert await restrictions.holds(unit, (other,))
