"""A company of one: the officer is everybody, and says what two are asked for twice, a day apart (D10)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.card import Choice, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.request import Language
from bot.domain.task import TaskState
from bot.domain.ticket import Stage
from bot.ports import ReviewState
from bot.services.staff.alone import ring
from config.settings import HERE, desk_toml
from integrations.eventbrite.seed import SEMINAR, Booking, Guest
from integrations.hubspot.seed import Activity, Person
from integrations.registry import discover
from tests.fakes import FixedClock
from tests.journeys.copies import copy_page
from tests.journeys.furnished import FIRST, Furnished, furnished, rows_of, verbs, words
from tests.journeys.pages import asked, reply
from tests.journeys.sixth import mail
from tests.journeys.walks import PRIYA, confirmed_by_link, states

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
TOMASZ = "tomasz.zielinski@example.com"
CHOSEN = "Björn Öhman"


def company_of_one(**more: object) -> dict[str, object]:
    """Return the settings of a company in which Maria is everybody."""
    (maria,) = [one for one in desk_toml(HERE)["colleague"] if one["id"] == "maria"]
    return {"single_person": True, "colleague": [{**maria, "owns": sorted(discover())}], "rota": [], **more}


@pytest.fixture
async def alone(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[Furnished]:
    """A desk on which Maria is everybody, in single-person mode."""
    async with furnished(tmp_path, sqlite_url, clock, keys=company_of_one()) as desk:
        yield desk


async def to_decide(desk: Furnished, sample: str = "erase") -> None:
    await desk.sample(sample)
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")


async def reminded(desk: Furnished) -> list[str]:
    """Return the reminders of a day that is over."""
    async with desk.opened.house.work() as unit:
        feed = await unit.posts.feed("console", "maria")
    return [post.about for post in feed if post.about.startswith("reminder:alone:")]


async def test_one_officer_says_both_yeses_a_day_apart(alone: Furnished) -> None:
    await to_decide(alone)
    form = await alone.form("maria", Verb.DECIDE)
    await alone.decide("maria")
    shown = words(await alone.card("maria"))
    assert "godkänt 1 av 2 · väntar på Maria · tidigast i morgon 10:05" in shown
    with pytest.raises(NotAllowedNow, match="alone_too_early") as refused:
        await alone.form("maria", Verb.DECIDE)
    assert "tidigast i morgon 10:05" in alone.opened.desk.explain(Language.SV, refused.value)
    assert "tomorrow 10:05 at the earliest" in alone.opened.desk.explain(Language.EN, refused.value)
    typed = {rows_of(form)[0]: "approve", "reference": FIRST}
    await alone.later(DAY - MINUTE)
    with pytest.raises(NotAllowedNow, match="alone_too_early"):  # the form from before the first yes says it too
        await alone.send("maria", form, typed)
    assert await reminded(alone) == []
    await alone.later(MINUTE)
    (reminder,) = await reminded(alone)
    assert "HubSpot" in words(await alone.card("maria", reminder))
    again = await alone.form("maria", Verb.DECIDE)
    (row,) = [one for one in again.elements if isinstance(one, Choice)]
    assert row.hint == "Du sa ja första gången mån 9 mars 10:05. Nu säger du det andra av två ja."
    for wrong in ("", "PR-2026-0002"):
        with pytest.raises(Incomplete):
            await alone.send("maria", again, {rows_of(again)[0]: "approve", "reference": wrong})
    await alone.send("maria", again, {rows_of(again)[0]: "approve", "reference": FIRST})
    assert states(await alone.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    assert "godkänt 2 av 2 av samma person efter 24 timmar" in words(await alone.card("maria"))
    first, second = [entry for entry in await alone.events() if entry.event == "task.approved"]
    assert ("people" in first.facts, second.facts["people"]) == (False, 1)
    assert second.at - first.at >= DAY
    await confirmed_by_link(alone)
    await alone.later(timedelta(seconds=10))
    assert states(await alone.ticket(), "erase") == {"hubspot": TaskState.DONE}


async def test_who_said_it_meanwhile_is_not_reminded(alone: Furnished) -> None:
    await to_decide(alone)
    await alone.decide("maria")
    alone.clock.advance(DAY)  # nobody rings: the second yes is said at the very moment
    await alone.decide("maria")
    await alone.settle()
    assert await reminded(alone) == []


async def test_a_decline_is_proposed_and_decided_by_one_person_a_day_apart(alone: Furnished) -> None:
    await to_decide(alone)
    await alone.decide("maria", decision="decline:legal_claims")
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        await alone.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"})
    await alone.later(DAY)
    assert len(await reminded(alone)) == 1
    await alone.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"})
    assert states(await alone.ticket(), "erase") == {"hubspot": TaskState.DECLINED}
    (declined,) = [entry for entry in await alone.events() if entry.event == "task.declined"]
    assert declined.facts["people"] == 1


async def test_a_list_is_approved_by_one_person_a_day_apart(alone: Furnished) -> None:
    await alone.tick("retention")
    async with alone.opened.house.work() as unit:
        (review,) = await unit.reviews.open_for("no_interest")
    about = f"review:{review.id}"
    await alone.review("maria", about, Verb.REVIEW_LIST)
    await alone.fill("maria", Verb.APPROVE_REVIEW, {"reference": str(review.count)}, about)
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        await alone.fill("maria", Verb.APPROVE_REVIEW, {"reference": str(review.count)}, about)
    await alone.later(DAY)
    assert Verb.APPROVE_REVIEW in verbs(await alone.card("maria", f"{about}:alone"))
    async with alone.opened.house.work() as unit:
        assert [post.chat for post in await unit.posts.about(f"{about}:alone")] != [], "it comes once more, and sounds"
    await alone.fill("maria", Verb.APPROVE_REVIEW, {"reference": str(review.count)}, about)
    async with alone.opened.house.work() as unit:
        assert (await unit.reviews.load(review.id)).state is ReviewState.DONE
        entries = [one for one in await unit.ledger.entries("desk") if one.event == "retention.review_approved"]
    assert [one.facts.get("people", 2) for one in entries] == [2, 1]
    assert "av samma person efter 24 timmar" in words(await alone.card("maria", about))


async def test_an_identity_is_attested_twice_by_one_person_a_day_apart(alone: Furnished) -> None:
    """Tier 3 asks two colleagues; the entry says that it was one."""
    said = {"method": "call_back", "checked": ["number_on_file"]}
    await alone.sample("erase")
    await alone.fill("maria", Verb.CHANGE, {"roles": ["candidate"]})
    await alone.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await alone.card("maria")):
        await alone.finish("maria")
    assert (await alone.ticket()).identity.tier == 3
    await alone.fill("maria", Verb.ATTEST, said)
    assert "eller av samma efter 24 timmar" in words(await alone.card("maria"))
    with pytest.raises(NotAllowedNow, match="alone_too_early"):
        await alone.fill("maria", Verb.ATTEST, said)
    await alone.later(DAY)
    assert len(await reminded(alone)) == 1
    await alone.fill("maria", Verb.ATTEST, said)
    assert (await alone.ticket()).stage is Stage.DECIDING
    attested = [entry.facts.get("people", 2) for entry in await alone.events() if entry.event == "identity.attested"]
    assert attested == [2, 1]


async def test_something_shared_is_erased_by_one_person_a_day_apart(alone: Furnished) -> None:
    """The page refuses until then with the moment; the reminder says that records wait."""
    both = (Activity("meetings", "Möte", also=(PRIYA,)),)
    alone.hubspot.account.seed([Person("kollega@example.com", "Kim", "Holm", activities=both)])
    await to_decide(alone)
    await alone.decide("maria")
    await alone.later(DAY)
    await alone.decide("maria")
    await confirmed_by_link(alone)
    await alone.later(timedelta(seconds=10))
    (about,) = asked((await alone.review("maria"))[2])
    assert (await reply(alone, "maria", about, "erase:"))[0] == 200
    status, page = await reply(alone, "maria", about, "erase:")
    assert (status, "tidigast 2026-03-11 10:05" in page) == (409, True), page
    before = len(await reminded(alone))
    await alone.later(DAY)
    assert len(await reminded(alone)) == before + 1
    assert states(await alone.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    assert (await reply(alone, "maria", about, "erase:"))[0] == 200
    await alone.later(timedelta(seconds=10))
    assert states(await alone.ticket(), "erase") == {"hubspot": TaskState.DONE}
    ruled = [entry.facts.get("people", 2) for entry in await alone.events() if entry.event == "task.shared_ruled"]
    assert ruled == [2, 1]


async def test_a_record_is_left_out_of_a_copy_by_one_person_a_day_apart(alone: Furnished) -> None:
    guests = (Guest("Tomasz Zieliński", TOMASZ), Guest(CHOSEN, "bjorn.ohman@example.com"))
    alone.eventbrite.seed([Booking(SEMINAR, "Tomasz Zieliński", TOMASZ, guests)])
    text = "I want my personal data in a machine-readable format under the right to data portability."
    await alone.mail(mail(text, TOMASZ))
    await alone.fill("maria", Verb.CHANGE, {"rights": ["portability"], "roles": ["attendee"]})
    await alone.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await alone.card("maria")):
        await alone.finish("maria")
    if Verb.ATTEST in verbs(await alone.card("maria")):
        await alone.fill("maria", Verb.ATTEST, {"method": "visit", "checked": ["id_seen_not_copied"]})
    await alone.decide("maria")
    await alone.later(timedelta(minutes=1), steps=2)

    async def left_out() -> tuple[int, str]:
        page = await copy_page(alone, "maria")
        return await page.judge("Tomasz", way="leave_out", reason="rights_of_others")

    assert (await left_out())[0] == 200
    status, said = await left_out()
    assert (status, "tidigast 2026-03-10 10:" in said) == (422, True), said
    await alone.later(DAY)
    assert len(await reminded(alone)) == 1
    assert (await left_out())[0] == 200
    judged = [entry.facts.get("people", 2) for entry in await alone.events() if entry.event == "task.copy_judged"]
    assert judged == [2, 1]
    assert (await alone.ticket()).stage is Stage.REPLYING


async def test_without_the_mode_she_is_refused_a_day_later_too(
    tmp_path: Path, sqlite_url: str, clock: FixedClock
) -> None:
    async with furnished(tmp_path, sqlite_url, clock, keys=company_of_one(single_person=False)) as desk:
        await to_decide(desk)
        form = await desk.form("maria", Verb.DECIDE)
        await desk.decide("maria")
        await desk.later(DAY)
        with pytest.raises(NotYours, match="same_person"):
            await desk.send("maria", form, {rows_of(form)[0]: "approve", "reference": FIRST})
        assert await reminded(desk) == []


async def test_a_reminder_for_who_left_or_of_what_is_gone_is_none(alone: Furnished) -> None:
    await to_decide(alone)
    await alone.decide("maria")
    ticket = await alone.ticket()
    await ring(alone.opened.house, f"{ticket.id}/sara")
    await ring(alone.opened.house, "0" * 32 + "/maria")
    await ring(replace(alone.opened.house, single_person=False), f"{ticket.id}/maria")
    await alone.settle()
    assert await reminded(alone) == []
