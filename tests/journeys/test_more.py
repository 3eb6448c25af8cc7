"""What a full menu has no room for: one entry opens it, in either chat, for who pressed alone (cards.md rule 2)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.card import Press, Verb
from bot.domain.errors import NotYours, StaleCard
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met
from tests.journeys.furnished import FIRST, Furnished, find, furnished, verbs
from tests.journeys.walks import at_decision
from tests.standins import slack_people
from tests.standins.teams_people import labels
from tests.standins.teams_people import words as teams_words

LABEL = "Fler åtgärder…"


@pytest.fixture
async def both(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[BothChats]:
    """A desk in both chats, with a ticket whose menu is full."""
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        await at_decision(desk, "erase")
        yield both


async def test_a_request_is_taken_back_by_buttons_alone_in_teams(both: BothChats) -> None:
    desk, sara = both.desk, both.in_teams("sara")
    withdraw = desk.opened.house.texts.say(desk.who("sara").language, "button.withdraw")
    assert withdraw not in labels(both.teams_card.card)
    assert LABEL in labels(both.teams_card.card)
    await sara.press(both.teams_card, LABEL)
    (shown,) = await desk.teams.told(1)
    assert shown.reader == sara.known_as, "for who pressed alone"
    assert f"{FIRST} · Fler åtgärder" in teams_words(shown.card)
    opened = await sara.open(shown, withdraw)
    assert opened.card, opened.sentence


async def test_a_request_is_taken_back_by_buttons_alone_in_slack(both: BothChats) -> None:
    desk, sara = both.desk, both.in_slack("sara")
    withdraw = desk.opened.house.texts.say(desk.who("sara").language, "button.withdraw")
    before = len(desk.slack.private)
    await sara.press(both.slack_card, LABEL)
    mine = (await desk.slack.told(before + 1))[-1]
    assert mine.user == desk.who("sara").handles["slack"], "for who pressed alone"
    assert f"{FIRST} · Fler åtgärder" in slack_people.words(mine.blocks)
    await sara.press(mine, withdraw)
    (view,) = desk.slack.views.values()
    assert view["private_metadata"].startswith("withdraw|")


async def test_what_stands_there_is_asked_who_may(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    press = find(await desk.card("sara"), Verb.MORE).press
    more = await desk.opened.desk.press(desk.who("sara"), press)
    assert Verb.WITHDRAW in verbs(more)
    assert not verbs(more) & (verbs(await desk.card("sara")) - {Verb.REVIEW})
    with pytest.raises(NotYours):
        await desk.opened.desk.press(desk.who("david"), press)
    with pytest.raises(NotYours):
        await desk.opened.desk.form(desk.who("karin"), find(more, Verb.WITHDRAW).press)
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.MORE, press.target, press.version + 1))
