"""Private answers: sent after the ack, never repeated, waited for when the desk stops."""

import asyncio
import logging

import pytest
from aiohttp import ClientSession

from bot.card import Card
from bot.domain.request import Language
from handlers.once import REMEMBERED, Once
from handlers.slack.elements import Words
from handlers.slack.notes import Notes
from handlers.slack.trouble import slack_client
from handlers.slack.values import Place
from tests.handlers.slack.small_desk import TEXTS
from tests.standins.slack import TOKEN, SlackStandIn

WORDS = Words.of(TEXTS, Language.SV)


@pytest.fixture
def notes(slack: SlackStandIn, session: ClientSession) -> Notes:
    return Notes(slack_client(TOKEN, slack.api_url, session), session)


def a_place(slack: SlackStandIn) -> Place:
    return Place(slack.new_response_url(slack.show_privately("U0ANNA", "C1", "x", [])))


async def test_stopping_waits_for_what_is_under_way(notes: Notes, slack: SlackStandIn) -> None:
    slack.slow("response_url", 0.2)
    notes.say(a_place(slack), "Hej", WORDS)
    await notes.close()
    assert [message.text for message in slack.private] == ["x", "Hej"]
    await notes.close()


async def test_stopping_waits_only_a_moment(notes: Notes, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.slack.notes.LAST_CALL", 0.1)
    slack.slow("response_url", 1)
    notes.say(a_place(slack), "Hej", WORDS)
    before = asyncio.get_running_loop().time()
    await notes.close()
    assert asyncio.get_running_loop().time() - before < 0.8


async def test_a_lost_answer_is_logged_without_its_address(
    notes: Notes, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notes.say(Place(f"{slack.url}/responses/unknown"), "Hej", WORDS)
    notes.say(Place("http://127.0.0.1:9/secret"), "Hej", WORDS)
    notes.say(Place(""), "Hej", WORDS)
    notes.say(Place(view_id="V-gone"), "Hej", WORDS)
    notes.show(Place(view_id="V-gone"), Card("Titel", (), "Titel"), WORDS)
    await notes.close()
    lost = [record.getMessage() for record in caplog.records if record.name == "handlers.slack.notes"]
    assert sorted(lost) == [
        "private answer lost: ClientConnectorError",
        "private answer lost: InvalidUrlClientError",
        "private answer lost: status 404",
        "private answer lost: trouble.refused not_found",
        "private answer lost: trouble.refused not_found",
    ]
    assert "/secret" not in " ".join(lost)


def test_once_remembers_the_latest_only() -> None:
    once = Once()
    assert once.first("a")
    assert not once.first("a")
    assert once.first("")
    assert once.first("")
    once.forget("a")
    assert once.first("a")
    for n in range(REMEMBERED):
        once.first(str(n))
    assert once.first("a"), "long gone"
    once.forget("never seen")
