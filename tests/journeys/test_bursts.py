"""Many requests at once: one card, everybody told once, nothing of any request lost or late (D36, D5)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Facts, Press, Verb
from bot.cards.lists import ROWS
from bot.domain.errors import NotFound, NotYours
from bot.domain.people import People
from bot.domain.roster import Roster
from bot.domain.ticket import Stage
from bot.ports import Call, JobKind
from bot.services.showing.bursts import MANY, WINDOW, carry_on
from tests.bench.mails import pile, sender
from tests.bench.tickets import take_in_many
from tests.journeys.furnished import CHANNEL, Furnished, find, verbs, words
from tests.journeys.test_turns import BREACH

CAME = 47
HELD = CAME - MANY
MINUTE = timedelta(minutes=1)


async def a_burst(desk: Furnished, count: int = CAME) -> str:
    """Let so many requests arrive at once; return what the burst's card is about."""
    asked = [raw for raw in pile(2 * count, desk.clock.now(), large=False).raws if b"Subject: " in raw]
    requests = list(dict.fromkeys(raw for raw in asked if b"List-Unsubscribe" not in raw))
    await desk.pour(requests[:count])
    posts = await desk.posts()
    return next((about for about in posts if about.startswith("burst:")), "")


async def test_many_at_once_are_one_card(desk: Furnished) -> None:
    about = await a_burst(desk)
    tickets = await desk.tickets()
    assert len(tickets) == CAME
    assert len(desk.slack.in_channel(CHANNEL)) == MANY + 1, "ten cards of their own, and one for all that came after"
    card = await desk.card("sara", about)
    assert card.title == f"{HELD} nya begäranden väntar"
    (facts,) = (element for element in card.elements if isinstance(element, Facts))
    said = dict(facts.pairs)
    assert int(said["Tillgång"]) + int(said["Radering"]) == HELD
    assert said["Bör läsas först"] == "0"
    assert said["Först ut"] == "måldatum tors 9 april (21 arbetsdagar), sista dag tors 9 april"
    assert not any(sender(n).partition("@")[0] in desk.slack.traffic for n in range(2 * CAME))


async def test_few_are_cards_of_their_own(desk: Furnished) -> None:
    assert not await a_burst(desk, MANY)
    assert len(desk.slack.in_channel(CHANNEL)) == MANY


async def test_a_few_now_and_then_are_no_burst(desk: Furnished) -> None:
    for _ in range(3):
        assert not await a_burst(desk, MANY)
        await desk.later(WINDOW + MINUTE)
        desk.slack.complaints.clear()


async def test_who_is_on_call_is_told_once(desk: Furnished) -> None:
    """However many come, and however long it goes on."""
    about = await a_burst(desk)
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.about(about)
    assert Counter((post.chat, post.address) for post in posts) == {
        ("slack", CHANNEL): 1,
        ("console", "tickets"): 1,
        ("slack", desk.who("maria").handles["slack"]): 1,
        ("console", "maria"): 1,
    }
    await desk.later(MINUTE, steps=4)
    assert len([one for one in desk.slack.asked("chat.postMessage") if one["channel"].startswith("D")]) == 1


async def test_a_burst_is_shown_though_nobody_is_on_call(desk: Furnished) -> None:
    about = await a_burst(desk, MANY + 1)
    before = len(desk.slack.asked("chat.update"))
    deserted = replace(desk.opened.house, people=Roster(People(())))
    await carry_on(deserted, Call(JobKind.BURST, (about.removeprefix("burst:"),), "token", 1))
    assert len(desk.slack.asked("chat.update")) == before + 1


async def test_an_incident_is_never_swallowed(desk: Furnished) -> None:
    """It has its own card and pages at once, in the middle of a burst."""
    await a_burst(desk)
    before = len(desk.slack.in_channel(CHANNEL))
    await desk.raw_mail(BREACH)
    breach = next(one for one in await desk.tickets() if one.route == "security_review")
    assert len(desk.slack.in_channel(CHANNEL)) == before + 1
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", "maria")
    assert any(breach.id in post.about for post in posts)


async def test_what_somebody_opens_gets_its_own_card(desk: Furnished) -> None:
    about = await a_burst(desk)
    held = await desk.held()
    assert len(held) == HELD
    opener = find(await desk.card("sara", about), Verb.OPEN)
    await desk.opened.desk.press(desk.who("david"), opener.press)
    assert len(await desk.held()) == HELD, "a viewer looks and changes nothing"
    await desk.press("sara", Verb.OPEN, about)
    assert len(await desk.held()) == HELD - 1
    assert len(desk.slack.in_channel(CHANNEL)) == MANY + 2
    await desk.opened.desk.say(desk.who("david"), f"visa {held[-1].ref}")
    assert len(await desk.held()) == HELD - 1
    await desk.opened.desk.say(desk.who("sara"), f"visa {held[-1].ref}")
    await desk.settle()
    assert len(desk.slack.in_channel(CHANNEL)) == MANY + 3


async def test_what_somebody_confirms_leaves_the_numbers(desk: Furnished) -> None:
    about = await a_burst(desk)
    ticket = (await desk.held())[0]
    await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, ticket.id, ticket.version))
    await desk.settle()
    assert ticket.id not in {one.id for one in await desk.held()}
    assert (await desk.card("sara", about)).title == f"{HELD - 1} nya begäranden väntar"
    assert len(desk.letters()) == 1, "the receipt leaves on Confirm and on nothing else (D5)"


async def test_when_it_is_over_each_gets_its_own_a_few_at_a_time(desk: Furnished) -> None:
    about = await a_burst(desk, MANY + 8)
    await desk.later(WINDOW - MINUTE)
    assert len(await desk.held()) == 8
    await desk.later(MINUTE)
    assert len(await desk.held()) == 3
    await desk.later(MINUTE, steps=4)
    assert not await desk.held()
    assert len(desk.slack.in_channel(CHANNEL)) == MANY + 8 + 1
    assert not desk.slack.complaints
    for ticket in await desk.tickets():
        await desk.fill("sara", Verb.DISMISS, {"reason": "duplicate"}, ticket.ref)
    await desk.later(MINUTE)
    shown = [message.text for message in desk.slack.in_channel(CHANNEL)]
    assert sum(text.startswith("De nya begärandena är genomgångna") for text in shown) == 1, "the old numbers are gone"
    done = await desk.card("sara", about)
    assert done.title == "De nya begärandena är genomgångna"
    assert not verbs(done)


async def test_the_list_shows_content_and_lets_a_card_out(desk: Furnished) -> None:
    """Only behind the presser's own link; references, rights, dates and first lines; a button for each card."""
    about = await a_burst(desk)
    with pytest.raises(NotYours):
        await desk.press("karin", Verb.OPEN_ITEM, about)
    browser, path, page = await desk.review("sara", about, Verb.OPEN_ITEM)
    held = await desk.held()
    assert all(ticket.ref in page for ticket in held)
    assert "@example.org" in page
    assert "Måldatum" in page
    assert "Läsningen är säker till" in page
    form = desk.form_of(page, "show")
    status, shown = await browser.post(f"{path}/show", form)
    await desk.settle()
    assert status == 200
    assert "Kortet står nu i kanalen" in shown
    assert len(await desk.held()) == HELD - 1
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", "sara")
    assert any(form["item"] in post.about for post in posts)
    for act, target in (("open", form["item"]), ("show", "0" * 32)):
        status, _ = await browser.post(f"{path}/{act}", {**form, "item": target})
        assert status == 404


async def test_a_link_cannot_be_had_for_anything_but_a_list(desk: Furnished) -> None:
    """The button's target is opaque: a forged one must not open a ticket's content past its own checks."""
    await desk.sample("erase")
    ticket = await desk.ticket()
    with pytest.raises(NotFound):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.OPEN_ITEM, ticket.id))


async def test_reminders_go_on_and_are_one_message_to_who_is_on_call(desk: Furnished) -> None:
    """Each ticket is reminded of in its own ledger; who is on call hears of it once, and everybody may see all (D5)."""
    await a_burst(desk)
    await desk.later(timedelta(days=1))
    await desk.tick("morning")
    for ticket in await desk.tickets():
        assert [entry.facts["kind"] for entry in await desk.events(ticket.ref) if entry.event == "reminder.posted"] == [
            "unconfirmed"
        ]
    async with desk.opened.house.work() as unit:
        posts = [post.about for post in await unit.posts.feed("console", "maria", 500)]
    gathered = [about for about in posts if about.startswith("gathered:")]
    assert len(gathered) == 1
    assert not [about for about in posts if about.startswith("reminder:unconfirmed")]
    assert (await desk.card("maria", gathered[0])).title == f"{CAME} ärenden väntar på att bekräftas"
    assert all(one.stage is Stage.RECEIVED for one in await desk.tickets())
    shown = await desk.opened.desk.say(desk.who("sara"), "öppna")
    assert sum(ticket.ref in words(shown) for ticket in await desk.tickets()) == ROWS
    assert f"Dessutom {CAME - ROWS} ärenden" in words(shown)


async def test_more_than_five_hundred_open_tickets_are_all_reminded_of(desk: Furnished) -> None:
    """No limit of a list decides whose deadline counts."""
    await take_in_many(desk.opened, 0, 520)
    await desk.opened.store.session.rows("DELETE FROM job")  # their cards are another test's
    await desk.later(timedelta(days=1))
    await desk.tick("morning")
    last = (await desk.tickets())[-1]
    assert any(entry.event == "reminder.posted" for entry in await desk.events(last.ref))
    shown = await desk.opened.desk.say(desk.who("sara"), "öppna")
    assert "Dessutom 485 ärenden" in words(shown)
