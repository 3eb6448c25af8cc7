"""Private answers: sent after the ack, never repeated, waited for when the desk stops."""

import asyncio
import logging

import pytest
from aiohttp import ClientSession

from bot.card import Card
from bot.domain.request import Language
from handlers.once import REMEMBERED, Once
from handlers.slack.client import slack_client
from handlers.slack.elements import Words
from handlers.slack.notes import Notes
from handlers.slack.render import home_note, note
from handlers.slack.values import Place
from tests.handlers.slack.small_desk import TEXTS
from tests.standins.slack import TOKEN, SlackStandIn
from tests.standins.slack_rooms import Room

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
    monkeypatch.setattr("handlers.under_way.LAST_CALL", 0.1)
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


async def test_where_a_press_takes_no_more_answers_the_answer_is_whispered(notes: Notes, slack: SlackStandIn) -> None:
    """Five uses within half an hour, says Slack; the sixth is refused, and so is one that comes late."""
    url = a_place(slack).response_url
    place = Place(url, channel="C1", user="U0ANNA", thread="1.2")
    for number in range(7):
        notes.say(place, f"Hej {number}", WORDS)
        await notes.close()
    assert sorted(message.text for message in slack.private) == sorted(["x", *(f"Hej {n}" for n in range(7))])
    assert [one["text"] for one in slack.asked("chat.postEphemeral")] == ["Hej 5", "Hej 6"]
    assert {one["thread_ts"] for one in slack.asked("chat.postEphemeral")} == {"1.2"}
    slack.response_seconds = -1
    late = Place(a_place(slack).response_url, channel="C1", user="U0ANNA")
    notes.show(late, Card("Titel", (), "Titel"), WORDS)
    await notes.close()
    assert slack.asked("chat.postEphemeral")[-1]["text"] == "Titel"


async def test_where_a_press_brought_no_address_the_answer_is_whispered(notes: Notes, slack: SlackStandIn) -> None:
    notes.say(Place(channel="C1", user="U0ANNA", thread="1.2"), "Hej", WORDS)
    await notes.close()
    assert [(one["text"], one["thread_ts"]) for one in slack.asked("chat.postEphemeral")] == [("Hej", "1.2")]


async def test_where_nobody_can_be_whispered_to_the_answer_comes_as_a_direct_message(
    notes: Notes, slack: SlackStandIn
) -> None:
    """A shortcut may be chosen in a channel that the app is not in."""
    slack.rooms["C1"] = Room(member=False)
    notes.say(Place(channel="C1", user="U0ANNA"), "Hej", WORDS)
    await notes.close()
    assert [message.text for message in slack.in_channel("D0ANNA")] == ["Hej"]
    slack.refuse("chat.postEphemeral", "internal_error")
    notes.say(Place(channel="C1", user="U0ANNA"), "Kanske sett", WORDS)
    await notes.close()
    assert len(slack.in_channel("D0ANNA")) == 1


async def test_an_answer_that_reaches_nobody_is_logged(
    notes: Notes, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    slack.gone.add("U0ANNA")
    notes.say(Place(user="U0ANNA", trigger="gone"), "Hej", WORDS)
    await notes.close()
    lost = [record.getMessage() for record in caplog.records if record.name == "handlers.slack.notes"]
    assert lost == [
        "form not opened: trouble.refused invalid_trigger_id",
        "private answer lost: trouble.chat_person_gone user_disabled",
    ]


async def test_an_answer_that_may_have_been_seen_is_not_sent_again(notes: Notes, slack: SlackStandIn) -> None:
    notes.say(Place("http://127.0.0.1:9/gone", channel="C1", user="U0ANNA"), "Hej", WORDS)
    slack.refuse("response_url", "server_error", 500)
    notes.say(Place(a_place(slack).response_url, channel="C1", user="U0ANNA"), "Hej", WORDS)
    await notes.close()
    assert slack.asked("chat.postEphemeral") == []


async def test_a_short_pause_slack_asks_for_is_kept_and_a_long_one_is_not(
    notes: Notes, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    slack.too_many("response_url", 0)
    notes.say(a_place(slack), "Hej", WORDS)
    await notes.close()
    assert slack.private[-1].text == "Hej"
    for seconds in (0, 60):
        slack.too_many("chat.postEphemeral", seconds)
        notes.whisper(Place(channel="C1", user="U0ANNA"), note(f"Viskat {seconds}"))
        await notes.close()
    assert slack.private[-1].text == "Viskat 0"
    assert "private answer lost: trouble.too_many ratelimited" in caplog.text
    slack.too_many("response_url", 60)
    notes.say(a_place(slack), "Sent", WORDS)
    await notes.close()
    assert "private answer lost: status 429" in caplog.text


async def test_a_pause_is_kept_once(notes: Notes, slack: SlackStandIn) -> None:
    for method in ("views.publish", "response_url"):
        slack.too_many(method, 0)
        slack.too_many(method, 0)
    notes.publish("U0ANNA", home_note("Hej"))
    notes.say(a_place(slack), "Hej", WORDS)
    await notes.close()
    assert slack.homes == {}
    assert [message.text for message in slack.private] == ["x"]


async def test_an_older_page_never_takes_the_place_of_a_newer(notes: Notes, slack: SlackStandIn) -> None:
    """Two presses a moment apart: whichever Slack is slow about, what stands there last is what was drawn last."""
    slack.slow("views.publish", 0.1)
    for n in range(3):
        notes.publish("U0ANNA", home_note(f"Nummer {n}"))
        await asyncio.sleep(0.02)
    await notes.close()
    assert "Nummer 2" in str(slack.homes["U0ANNA"])
    assert len(slack.asked("views.publish")) == 2, "what was overtaken while it waited is not sent at all"


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


async def test_who_comes_while_it_is_being_done_waits_and_does_what_failed() -> None:
    once, done = Once(), list[str]()

    async def do(name: str) -> None:
        async with once.one_time("a") as first:
            await asyncio.sleep(0)
            if first:
                done.append(name)
                if name == "1":
                    raise ValueError

    ended = await asyncio.gather(*(do(name) for name in "123"), return_exceptions=True)
    assert [type(one) for one in ended] == [ValueError, type(None), type(None)]
    assert done == ["1", "2"]
    async with once.one_time("") as first, once.one_time("") as second:
        assert first
        assert second
