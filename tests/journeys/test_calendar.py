"""What happens by itself as days go by: reminders, the retention review, looking again, forgetting."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.card import Form, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, Shredded
from bot.domain.people import People, Shift
from bot.domain.ticket import Stage
from bot.ports import ReviewState, Shelf
from bot.services.showing.board import NO_INTEREST
from bot.services.showing.posting import tell
from bot.services.staff.roster import catch_up
from bot.store import key_bytes, verify
from integrations.hubspot.seed import IDLE, Person
from tests.journeys.furnished import FIRST, Furnished, verbs, words
from tests.journeys.walks import PRIYA, at_decision, erased
from tests.standins.slack import Message
from tests.standins.slack_people import labels
from tests.standins.slack_people import words as slack_words

MONDAY = date(2026, 3, 9)


def morning_of(day: date) -> datetime:
    """Return eight in the morning of a winter day in Sweden."""
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)


async def mornings(desk: Furnished, days: int) -> None:
    """Let the clock ring on each of the coming mornings."""
    start = desk.clock.now().date()
    for day in (start + timedelta(days=n + 1) for n in range(days)):
        await desk.until(morning_of(day))
        await desk.tick("morning")


async def reminded(desk: Furnished, name: str) -> list[str]:
    """Return the reminders a tick put before a colleague, by kind, oldest first."""
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", name)
    about = [post.about for post in reversed(posts)]
    return [one for one in about if one.startswith("reminder:") and not one.startswith("reminder:turn:")]


async def test_the_deadline_is_reminded_of(desk: Furnished) -> None:
    """Ten, five, three, two and one working days before the safe target, and every working day from there on."""
    await at_decision(desk, "erase")
    safe = desk.opened.house.nearest(await desk.ticket()).safe_target
    await mornings(desk, (safe - MONDAY).days + 4)
    calendar = desk.opened.house.calendar
    days = [date.fromisoformat(about[-10:]) for about in await reminded(desk, "maria") if ":deadline:" in about]
    assert [calendar.working_days_between(day, safe) for day in days if day < safe] == [10, 5, 3, 2, 1]
    assert safe in days
    assert all(calendar.is_safe(day) for day in days)
    about = next(one for one in await reminded(desk, "karin") if ":deadline:" in one)
    card = await desk.card("karin", about)
    assert FIRST in card.title
    assert Verb.OPEN in verbs(card)


async def test_who_can_act_is_reminded(desk: Furnished) -> None:
    """The owner waited for, who walks the ticket and who is on call; nobody else."""
    await at_decision(desk, "erase")
    safe = desk.opened.house.nearest(await desk.ticket()).safe_target
    await desk.until(morning_of(safe))
    await desk.tick("morning")
    for name, expected in {"karin": True, "sara": True, "maria": True, "jonas": False, "david": False}.items():
        assert bool([one for one in await reminded(desk, name) if ":deadline:" in one]) is expected, name


async def test_a_reminder_comes_back_tomorrow(desk: Furnished) -> None:
    """Not at once: on the next working day, Friday's on Monday."""
    await at_decision(desk, "erase")
    friday, monday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=7)
    kind = f"reminder:unpressed:{(await desk.ticket()).id}"
    await desk.until(morning_of(friday))
    async with desk.opened.house.work() as unit:
        await tell(unit, f"{kind}:{friday}", desk.who("maria"))
    await desk.settle()
    card = await desk.press("maria", Verb.REMIND_TOMORROW, f"{kind}:{friday}")
    assert "mån 16 mars" in words(card), "the presser sees that it was heard, and when it comes back"
    assert verbs(card) == {Verb.OPEN}
    await desk.until(morning_of(monday) - timedelta(minutes=1))
    assert await reminded(desk, "maria") == [f"{kind}:{friday}"], "not at once"
    await desk.until(morning_of(monday))
    assert await reminded(desk, "maria") == [f"{kind}:{friday}", f"{kind}:{monday}"]


async def test_an_unconfirmed_proposal_is_reminded_of(desk: Furnished) -> None:
    """After one working day without Confirm the on-call officer hears (D5)."""
    await desk.sample("erase")
    await desk.tick("morning")
    assert not await reminded(desk, "maria")
    await mornings(desk, 1)
    (about,) = await reminded(desk, "maria")
    assert about.startswith("reminder:unconfirmed:")
    await desk.press("sara", Verb.CONFIRM)
    await mornings(desk, 1)
    assert len(await reminded(desk, "maria")) == 1


async def test_a_tick_is_fired_once(desk: Furnished) -> None:
    await desk.sample("erase")
    await mornings(desk, 1)
    events = await desk.events()
    await desk.tick("morning")
    assert await desk.events() == events


async def the_review(desk: Furnished) -> str:
    """Return what the open retention review is about."""
    async with desk.opened.house.work() as unit:
        (review,) = await unit.reviews.open_for(NO_INTEREST)
    return f"review:{review.id}"


async def state(desk: Furnished, about: str) -> ReviewState:
    async with desk.opened.house.work() as unit:
        return (await unit.reviews.load(about.removeprefix("review:"))).state


def kept(desk: Furnished) -> int:
    return len(desk.hubspot.account.alive("contacts"))


async def test_the_retention_review(desk: Furnished) -> None:
    """212 listed; nothing can be approved unread, by a stranger, with the wrong number or by one alone (D29, D10)."""
    await desk.tick("retention")
    about, before = await the_review(desk), kept(desk)
    card = await desk.card("maria", about)
    assert "212" in words(card)
    assert Verb.APPROVE_REVIEW not in verbs(card)
    with pytest.raises(NotYours):
        await desk.press("david", Verb.REVIEW_LIST, about)
    _, _, page = await desk.review("karin", about, Verb.REVIEW_LIST)
    assert page.count("<tr") >= IDLE
    with pytest.raises(Incomplete):
        await desk.fill("karin", Verb.APPROVE_REVIEW, {"reference": "211"}, about)
    await desk.fill("karin", Verb.APPROVE_REVIEW, {"reference": "212"}, about)
    with pytest.raises(NotYours):
        await desk.fill("karin", Verb.APPROVE_REVIEW, {"reference": "212"}, about)
    with pytest.raises(NotAllowedNow, match="list_not_opened"):
        await desk.fill("maria", Verb.APPROVE_REVIEW, {"reference": "212"}, about)
    assert kept(desk) == before
    await desk.review("maria", about, Verb.REVIEW_LIST)
    await desk.fill("maria", Verb.APPROVE_REVIEW, {"reference": "212"}, about)
    assert kept(desk) == before - IDLE
    assert await state(desk, about) is ReviewState.DONE
    assert "212" in words(await desk.card("maria", about))
    with pytest.raises((Shredded, NotFound)):
        async with desk.opened.house.work() as unit:
            await unit.vault.get(about.removeprefix("review:"), Shelf.FINDINGS, "list")


async def test_every_copy_of_the_review_follows(desk: Furnished) -> None:
    """The list opens on a page, so the card in each colleague's own chat is what must offer the next step (D29)."""
    await desk.tick("retention")
    about = await the_review(desk)

    def shown(name: str) -> Message:
        (card,) = desk.slack.in_channel(f"D{desk.who(name).handles['slack'][1:]}")
        return card

    approve = "Godkänn alla 212…"
    assert approve not in labels(shown("maria").blocks)
    await desk.review("maria", about, Verb.REVIEW_LIST)
    await desk.settle()
    assert approve in labels(shown("maria").blocks)
    await desk.fill("maria", Verb.APPROVE_REVIEW, {"reference": "212"}, about)
    await desk.settle()
    once = words(await desk.card("maria", about))
    assert "Maria" in once
    assert "1 av 2" in slack_words(shown("maria").blocks)
    await desk.review("karin", about, Verb.REVIEW_LIST)
    await desk.fill("karin", Verb.APPROVE_REVIEW, {"reference": "212"}, about)
    await desk.settle()
    for name in ("maria", "karin"):
        assert approve not in labels(shown(name).blocks)
        assert not desk.slack.in_channel("D0SARA"), "who was never shown it is not shown it now"


@pytest.mark.parametrize("deputy", [False, True])
async def test_a_new_list_reaches_those_whose_yes_it_needs(desk: Furnished, deputy: bool) -> None:
    """Sara is on call and approves nothing in HubSpot: whoever owns it hears at once, a deputy where nobody does."""
    roster, today = desk.opened.house.people, desk.clock.now().date()
    owns = frozenset[str]() if deputy else frozenset({"hubspot"})
    deputises = frozenset({"hubspot"}) - owns
    colleagues = tuple(
        replace(one, owns=owns, deputises=deputises) if one.id == "karin" else replace(one, owns=one.owns - {"hubspot"})
        for one in roster.written.colleagues
    )
    rota = (*roster.written.rota, Shift(today, today, "sara"))
    await catch_up(desk.opened.house, People(colleagues, rota))
    assert desk.opened.house.on_call().id == "sara"
    await desk.tick("retention")
    about = await the_review(desk)
    async with desk.opened.house.work() as unit:
        told = {post.address for post in await unit.posts.about(about) if post.chat == "console"}
    others = {one.id for one in colleagues if deputy and "hubspot" in one.deputises}
    assert told == {"sara", "karin", *others}


async def test_whoever_has_a_ticket_is_left_out(desk: Furnished) -> None:
    """Before the list is made, and when it is carried out (D13)."""
    listed = [one for one in desk.hubspot.account.alive("contacts") if "001@" in one.properties["email"]]
    later = [one for one in desk.hubspot.account.alive("contacts") if "002@" in one.properties["email"]]
    asks = {"channel": "phone", "text": "Radera mig, tack."}
    await desk.send("sara", await new_form(desk), asks | {"subject": listed[0].properties["email"]})
    await desk.tick("retention")
    about = await the_review(desk)
    assert "211" in words(await desk.card("maria", about))
    for name in ("karin", "maria"):
        await desk.review(name, about, Verb.REVIEW_LIST)
    await desk.later(timedelta(minutes=1))
    await desk.send("sara", await new_form(desk), asks | {"subject": later[0].properties["email"]})
    before = kept(desk)
    for name in ("karin", "maria"):
        await desk.fill(name, Verb.APPROVE_REVIEW, {"reference": "211"}, about)
    assert kept(desk) == before - 210
    assert desk.hubspot.account.contact(later[0].properties["email"]) is not None


async def new_form(desk: Furnished) -> Form:
    shown = await desk.opened.desk.say(desk.who("sara"), "ny")
    assert isinstance(shown, Form)
    return shown


async def test_a_postponed_review_comes_back(desk: Furnished) -> None:
    """Put off by the officer for thirty days, with a reason; made anew on the day, not by the month's tick before."""
    await desk.tick("retention")
    about = await the_review(desk)
    with pytest.raises(NotYours):
        await desk.fill("karin", Verb.POSTPONE_REVIEW, {"why": "kampanj"}, about)
    with pytest.raises(Incomplete):
        await desk.fill("maria", Verb.POSTPONE_REVIEW, {"why": " "}, about)
    with pytest.raises(Incomplete):
        await desk.fill("maria", Verb.POSTPONE_REVIEW, {"why": "kampanj", "days": "0"}, about)
    await desk.fill("maria", Verb.POSTPONE_REVIEW, {"why": "kampanj pågår"}, about)
    assert await state(desk, about) is ReviewState.POSTPONED
    await desk.later(timedelta(days=29))
    await desk.tick("retention")
    assert await the_review(desk) == about
    await desk.later(timedelta(days=1))
    assert await the_review(desk) != about
    assert await state(desk, about) is ReviewState.DONE


async def test_looking_again_after_31_days(desk: Furnished) -> None:
    """Somebody put the contact back: on-call hears, and that system's erasure waits for a new approval (F31)."""
    await erased(desk)
    await desk.later(timedelta(days=30))
    assert not await reminded(desk, "maria")
    desk.hubspot.account.seed([Person(PRIYA, "Priya", "Natarajan")])
    await desk.later(timedelta(days=1, hours=1))
    (about,) = [one for one in await reminded(desk, "maria") if "reappeared" in one]
    assert FIRST in (await desk.card("maria", about)).title
    assert (await desk.ticket()).stage is Stage.DECIDING


async def found_by_address(desk: Furnished) -> bool:
    return FIRST in words(await desk.opened.desk.say(desk.who("sara"), f"hitta {PRIYA}"))


async def test_forgetting(desk: Furnished) -> None:
    """Findings go after 30 days, the index after the look at 31, the case after 24 months; the ledger still proves."""
    await erased(desk)
    ticket = await desk.ticket()
    assert await found_by_address(desk)

    async def opens(shelf: Shelf, name: str) -> bool:
        async with desk.opened.house.work() as unit:
            try:
                await unit.vault.get(ticket.id, shelf, name)
            except Shredded:
                return False
            return True

    await desk.later(timedelta(days=29))
    await desk.tick("forget")
    assert await opens(Shelf.FINDINGS, "found/hubspot")
    await desk.later(timedelta(days=1))
    await desk.tick("forget")
    assert not await opens(Shelf.FINDINGS, "found/hubspot")
    assert await opens(Shelf.CASE, "person")
    await desk.later(timedelta(days=2))
    assert not await found_by_address(desk), "nobody is to be found by address once we have looked again"
    await desk.later(timedelta(days=695))
    await desk.tick("forget")
    assert await opens(Shelf.CASE, "mail")
    await desk.later(timedelta(days=10))
    await desk.tick("forget")
    assert not await opens(Shelf.CASE, "mail")
    assert (await desk.card("sara")).title.startswith(FIRST), "the record of it remains"
    _, _, page = await desk.review("sara")
    assert PRIYA not in page
    await desk.tick("digest")
    settings = desk.opened.settings
    lines = settings.digest_file.read_text(encoding="utf-8").splitlines()
    assert lines
    key = key_bytes(settings.signing_key.get_secret_value(), "PRIVACY_SIGNING_KEY")
    assert not await verify(desk.opened.store, lines, key)


async def test_items_are_forgotten(desk: Furnished) -> None:
    """What is no request goes after 30 days, dismissed or not, and once (D1)."""
    await desk.sample("sales")
    await desk.later(timedelta(days=10))
    await desk.sample("sales")
    async with desk.opened.house.work() as unit:
        first, second = await unit.items.waiting()
    day = desk.opened.house.today()
    await desk.review("sara", f"items:{day}", Verb.OPEN_ITEM)

    async def gone(item: str) -> bool:
        async with desk.opened.house.work() as unit:
            try:
                await unit.vault.get(item, Shelf.ITEM, "mail")
            except Shredded:
                return True
            return False

    await desk.later(timedelta(days=20, hours=1))
    await desk.tick("forget")
    assert (await gone(first.id), await gone(second.id)) == (True, False)
    _, _, page = await desk.review("sara", f"items:{desk.opened.house.today()}", Verb.OPEN_ITEM)
    assert page.count("sales@example.com") == 1, "the list still opens, without what is gone"
    await desk.press("sara", Verb.DISMISS_ITEMS, f"items:{desk.opened.house.today()}")
    await desk.later(timedelta(days=10))
    await desk.tick("forget")
    assert await gone(second.id), "dismissing is not keeping"
    entries = await desk.events("desk")
    await desk.later(timedelta(days=1))
    await desk.tick("forget")
    assert await desk.events("desk") == entries, "forgotten once"
