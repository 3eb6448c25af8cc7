"""What is typed is answered to the asker alone, in their language, and a look-up is written down (D16)."""

import re
from datetime import timedelta

import pytest

from bot.card import Form, Press, Verb
from bot.domain.errors import Incomplete, NotFound, NotYours, StaleCard
from bot.domain.request import Language
from tests.journeys.furnished import CHANNEL, FIRST, Furnished, buttons, verbs, words
from tests.journeys.walks import PRIYA, at_decision


async def said(desk: Furnished, name: str, text: str, *, private: bool = True) -> str:
    """Return what a colleague is answered, in words."""
    return words(await desk.opened.desk.say(desk.who(name), text, private=private))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mina", ""),
        ("öppna", FIRST),
        ("open", FIRST),
        ("förfaller 60", FIRST),
        ("due", ""),
        ("hem", ""),
        ("system", "HubSpot"),
        ("gallring", ""),
        ("jour", "Maria"),
        ("hjälp", "hitta"),
        ("visa", ""),
        ("vsia PR-2026-0001", "visa"),
        ("statistik", ""),
        (f"visa {FIRST}", FIRST),
        (f"show {FIRST.lower()}", FIRST),
        (f"hitta {PRIYA}", FIRST),
    ],
)
async def test_every_command_is_answered(desk: Furnished, typed: str, expected: str) -> None:
    await at_decision(desk, "erase")
    for name in ("sara", "maria"):
        answer = await said(desk, name, typed)
        assert expected in answer
        assert len(answer) > 3
        assert PRIYA not in answer


@pytest.mark.parametrize(("typed", "meant"), [("mian", "mina"), ("shwo 1", "visa"), ("förfaler 14", "förfaller")])
async def test_the_word_that_is_meant_is_said_in_the_askers_language(desk: Furnished, typed: str, meant: str) -> None:
    """Whoever reads Swedish is not asked "Menade du mine?"."""
    assert f"Menade du {meant}?" in await said(desk, "sara", typed)


async def test_one_morning_at_a_time_stands_before_who_is_on_call(desk: Furnished) -> None:
    """A summary is drawn as things are now: yesterday's would say the same as today's."""
    await desk.sample("erase")
    for _ in range(2):
        await desk.later(timedelta(days=1))
        await desk.tick("morning")
    feed = await desk.opened.desk.feed(desk.who("maria"), "console", "maria")
    summaries = [shown.post.about for shown in feed if shown.post.about.startswith("summary:")]
    assert summaries == [f"summary:{desk.opened.house.today()}"], [shown.post.about for shown in feed]


async def test_mine_are_those_i_walk(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    assert FIRST in await said(desk, "sara", "mina")
    assert FIRST not in await said(desk, "maria", "mina")


async def test_what_is_nobodys(desk: Furnished) -> None:
    """No such ticket, no such person, and finding where others may look on (D16)."""
    await desk.sample("erase")
    with pytest.raises(NotFound, match="no_ticket"):
        await said(desk, "sara", "visa PR-2026-0777")
    assert FIRST not in await said(desk, "sara", "hitta nobody@example.org")
    assert FIRST not in await said(desk, "sara", f"hitta {PRIYA}", private=False)
    assert FIRST not in await said(desk, "sara", "hitta")


async def test_a_look_up_is_written_down(desk: Furnished) -> None:
    """That somebody looked, and how many were found; for whom is not."""
    await desk.sample("erase")
    await said(desk, "sara", f"hitta {PRIYA}")
    sought = [entry for entry in await desk.events("desk") if entry.event == "person.sought" or "sought" in entry.event]
    assert [(entry.actor, dict(entry.facts)) for entry in sought] == [("sara", {"by": "email", "found": 1})]
    await said(desk, "david", f"visa {FIRST}")
    assert [entry.actor for entry in await desk.events() if entry.event == "ticket.looked"] == ["david"]


async def test_that_somebody_looked_through_a_list_is_written_down(desk: Furnished) -> None:
    """F65: not only who sought a person or opened a ticket, but who went through them all."""
    await desk.sample("erase")
    for typed in ("mina", "open", "förfaller 60", "system", "gallring", "jour", "stats"):
        await said(desk, "david", typed)
    looks = [entry for entry in await desk.events("desk") if entry.event == "ticket.looked"]
    assert {entry.actor for entry in looks} == {"david"}
    lists = [entry.facts["list"] for entry in looks]
    assert lists == ["mine", "open_tickets", "due", "systems", "retention", "on_call", "stats"]


async def test_a_new_request_is_for_those_who_walk_tickets(desk: Furnished) -> None:
    assert isinstance(await desk.opened.desk.say(desk.who("sara"), "ny"), Form)
    with pytest.raises(NotYours) as refused:
        await desk.opened.desk.say(desk.who("karin"), "ny")
    assert "Maria Ek" in desk.opened.desk.explain(Language.SV, refused.value)


async def test_the_feed_shows_what_stands_in_the_channel(desk: Furnished) -> None:
    """Newest first, with the history below; what an old card said does not matter."""
    await desk.sample("erase")
    await desk.later(timedelta(minutes=1))
    await desk.sample("access")
    shown = await desk.opened.desk.feed(desk.who("sara"), "console", "tickets")
    assert [one.card.title[:12] for one in shown] == ["PR-2026-0002", FIRST]
    assert all(one.history for one in shown)
    assert await desk.opened.desk.feed(desk.who("sara"), "slack", CHANNEL)


async def test_a_refusal_names_who_can(desk: Furnished) -> None:
    """One sentence in the reader's language, with names where somebody else must do it."""
    explain = desk.opened.desk.explain
    sara, david = desk.who("sara"), desk.who("david")
    owner = NotYours("refusal.not_yours_owner", {"system": "hubspot"})
    assert "HubSpot" in explain(sara.language, owner)
    assert "Karin Holm" in explain(sara.language, owner)
    assert explain(sara.language, owner) != explain(david.language, owner)
    field = Incomplete("refusal.field_missing", {"field": "reason"})
    assert "{" not in explain(sara.language, field)
    assert "Maria Ek" in explain(david.language, NotYours("refusal.not_yours_officer"))


async def test_a_button_that_is_none(desk: Furnished) -> None:
    await desk.sample("erase")
    ticket = await desk.ticket()
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.DISMISS_ITEMS, "items:2026-03-09", 7))
    with pytest.raises(NotFound):
        await desk.opened.desk.view(desk.who("sara"), "nothing")
    with pytest.raises(NotFound):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.SEND_LETTER, "0" * 32))
    opened = await desk.opened.desk.press(desk.who("karin"), Press(Verb.OPEN, ticket.id))
    assert opened.title.startswith(FIRST)


async def test_home_says_what_waits(desk: Furnished) -> None:
    """Everybody's own: what waits for me, what is due, who is on call."""
    await at_decision(desk, "erase")
    karin = await desk.card("karin", "home")
    assert FIRST in words(karin)
    assert buttons(karin)


async def test_a_quiet_item_is_a_request_after_all(desk: Furnished) -> None:
    """Somebody reads the list and says so: it becomes a ticket like any other, once."""
    await desk.sample("sales")
    about = f"items:{desk.opened.house.today()}"
    browser, at, page = await desk.review("sara", about, Verb.OPEN_ITEM)
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page)[0]
    (item,) = set(re.findall(r'name="item" value="([^"]*)"', page))
    (action,) = set(re.findall(rf'action="({re.escape(at)}/[a-z-]+)"', page))
    status, _ = await browser.post(action, {"csrf": csrf, "item": item})
    assert status == 200
    await desk.settle()
    assert len(await desk.tickets()) == 1
    await browser.post(action, {"csrf": csrf, "item": item})
    assert len(await desk.tickets()) == 1
    assert Verb.DISMISS in verbs(await desk.card("sara"))
