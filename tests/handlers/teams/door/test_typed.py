"""Typed words in a chat of two, a group and a channel: answered to the asker alone."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import FixedClock
from tests.handlers.slack.small_desk import REF, SmallDesk
from tests.handlers.teams.door.conftest import ANNA_ID, BOT, KARIN_ID, STRANGER_ID, Client, Json, a_door, sent, served
from tests.memory import MemoryWork
from tests.standins.teams import CHANNEL, GROUP, TeamsStandIn
from tests.standins.teams_people import found, labels, words

ADDRESS = "secret.person@example.org"


def mentioned(client: Client, text: str, user: str = ANNA_ID, room: str = CHANNEL, **differs: Any) -> Json:
    """Return words that name the bot, as Teams sends them."""
    at = "<at>Privacy Desk</at>"
    entity = {"type": "mention", "mentioned": BOT, "text": at}
    return client.activity(user, room, text=f"{at} {text}", textFormat="plain", entities=[entity], **differs)


async def test_in_ones_own_chat_the_answer_comes_there(playground: Client, teams: TeamsStandIn) -> None:
    answer = await playground.post(playground.activity(text="hjälp"))
    assert (answer.status, answer.text) == (202, "")
    (said,) = await sent(teams, 1)
    assert said.conversation == teams.people[ANNA_ID]
    assert "Hej Anna" in words(said.card)
    assert not teams.private


async def test_words_delivered_to_another_process_too_are_answered_once(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk, memory_work: MemoryWork, clock: FixedClock
) -> None:
    """What they asked for is done once: neither process knows what the other was told."""
    another, url = await served(a_door("", playground.session, desk, memory_work, clock))
    said = playground.activity(text="hjälp")
    for client in (playground, replace(playground, url=url)):
        assert (await client.post(said)).status == 202
    await sent(teams, 1)
    await another.cleanup()
    assert desk.heard == ["hjälp"]
    assert len(teams.messages) == 1


@pytest.mark.parametrize("room", [CHANNEL, GROUP])
async def test_in_the_open_only_the_asker_sees_the_answer(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk, room: str
) -> None:
    assert (await playground.post(mentioned(playground, "hjälp", room=room))).status == 202
    (said,) = await teams.told(1)
    assert (said.conversation, said.reader) == (room, f"29:{ANNA_ID}")
    assert "Hej Anna" in words(said.card)
    assert desk.heard == ["hjälp (others read)"]
    assert not teams.messages


async def test_in_a_thread_the_answer_stands_in_the_thread(playground: Client, teams: TeamsStandIn) -> None:
    thread = {"id": f"{CHANNEL};messageid=1767600000001", "conversationType": "channel", "isGroup": True}
    await playground.post(mentioned(playground, "hjälp", conversation=thread))
    await teams.told(1)
    assert [call.conversation for call in teams.calls] == [f"{CHANNEL};messageid=1767600000001"]


async def test_where_teams_shows_nothing_to_one_alone_it_goes_to_ones_own_chat(
    playground: Client, teams: TeamsStandIn
) -> None:
    await playground.post(playground.activity(text="hjälp"))
    await sent(teams, 1)
    teams.refuse("send", 400, "BadArgument")
    await playground.post(mentioned(playground, "hjälp"))
    _, card, line = await sent(teams, 3)
    assert card.conversation == teams.people[ANNA_ID]
    assert "Hej Anna" in words(card.card)
    assert (line.conversation, line.text) == (CHANNEL, "Svaret ligger i ditt eget samtal med Privacy Desk.")
    assert not line.card


@pytest.mark.parametrize(
    ("user", "said"),
    [(ANNA_ID, "PR-2026-9999"), (STRANGER_ID, "Desken känner inte igen dig")],
    ids=["anna", "a stranger"],
)
async def test_a_refusal_that_teams_shows_to_nobody_alone_goes_to_ones_own_chat(
    playground: Client, teams: TeamsStandIn, user: str, said: str
) -> None:
    """Otherwise somebody who may not, or of whom the desk knows nothing, would wait for an answer for ever."""
    await playground.post(playground.activity(user, text="visa PR-2026-9999"))
    await sent(teams, 1)
    teams.refuse("send", 400, "BadArgument")
    await playground.post(mentioned(playground, "visa PR-2026-9999", user=user))
    _, refusal, line = await sent(teams, 3)
    assert refusal.conversation == teams.people[user]
    assert said in words(refusal.card)
    assert (line.conversation, line.text) == (CHANNEL, "Svaret ligger i ditt eget samtal med Privacy Desk.")


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
@pytest.mark.parametrize("room", [CHANNEL, ""])
async def test_an_answer_teams_does_not_take_at_once_is_sent_again(
    playground: Client, teams: TeamsStandIn, monkeypatch: pytest.MonkeyPatch, status: int, room: str
) -> None:
    monkeypatch.setattr("handlers.teams.notes.A_MOMENT", timedelta(0))
    if status == 429:
        teams.too_many("send", 1)
    else:
        teams.refuse("send", status)
    await playground.post(mentioned(playground, "hjälp", room=room))
    (said,) = await (teams.told(1) if room else sent(teams, 1))
    assert "Hej Anna" in words(said.card)
    assert len(teams.asked("send")) == 2


async def test_an_answer_that_would_come_too_late_is_given_up(
    playground: Client, teams: TeamsStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    teams.too_many("send", 17)
    await playground.post(playground.activity(text="hjälp"))
    for _ in range(100):
        if "private answer lost" in caplog.text:
            break
        await asyncio.sleep(0.01)
    assert "private answer lost: trouble.too_many Throttled" in caplog.text
    assert len(teams.asked("send")) == 1


async def test_where_nothing_can_be_shown_privately_nothing_is_said_in_the_open(
    playground: Client, teams: TeamsStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    teams.uninstall(ANNA_ID)
    teams.refuse("send", 400, "BadArgument")
    await playground.post(mentioned(playground, "hjälp"))
    for _ in range(300):
        if caplog.text.count("private answer lost") == 2:
            break
        await asyncio.sleep(0.01)
    assert caplog.text.count("private answer lost") == 2
    assert not teams.messages


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("hjälp", "hjälp"),
        ("  visa   PR-2026-0042 \n", "visa PR-2026-0042"),
        ("/mina", "mina"),
        ("<at>Privacy Desk</at>&nbsp;mina", "mina"),
        ("<at>Privacy Desk</at>\xa0öppna", "öppna"),
        ("", ""),
        (f"hitta {ADDRESS}", f"hitta {ADDRESS}"),
        ("<at>Privacy Desk</at>", ""),
        ("a < b", "a < b"),
        ("a &lt; b &amp; c", "a < b & c"),
    ],
)
async def test_words_are_heard_as_they_were_typed(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk, text: str, heard: str
) -> None:
    await playground.post(playground.activity(text=text))
    await sent(teams, 1)
    assert desk.heard == [heard]


SARA = {"type": "mention", "mentioned": {"id": "29:sara", "name": "Sara Lind"}, "text": "<at>Sara Lind</at>"}
US = {"type": "mention", "mentioned": BOT, "text": "<at>Privacy Desk</at>"}


@pytest.mark.parametrize(
    ("text", "entities", "heard"),
    [
        ("<at>Privacy Desk</at> jour set <at>Sara Lind</at> 2026-03-16", [US, SARA], "jour set Sara Lind 2026-03-16"),
        ("jour set <at>Sara Lind</at> 2026-03-16", [SARA], "jour set Sara Lind 2026-03-16"),
        ('jour set <at id="1">Sara Lind</at>', [{**SARA, "text": '<at id="1">Sara Lind</at>'}], "jour set Sara Lind"),
        ("jour set <at>Sara Lind</at>", [], "jour set Sara Lind"),
        ("<at>Sara Lind</at>", [SARA], "Sara Lind"),
        ("<at>Privacy Desk</at> <at>Sara Lind</at>", [US, SARA], "Sara Lind"),
        ("visa 42 <at>Privacy Desk</at>", [US], "visa 42"),
        ("<at>Privacy Desk</at> visa 42 <at>Privacy Desk</at>", [US, US], "visa 42"),
        ("<at>Privacy Desk</at> visa 42 <at>Privacy Desk</at>", [US], "visa 42"),
        ("visa 42", [{**US, "text": ""}, {**SARA, "text": None}], "visa 42"),
    ],
)
async def test_a_colleagues_mention_is_their_name_and_ours_is_nothing(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk, text: str, entities: list[Json], heard: str
) -> None:
    await playground.post(playground.activity(text=text, entities=entities))
    await sent(teams, 1)
    assert desk.heard == [heard]


async def test_a_message_without_text_is_asked_for_help(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    await playground.post(playground.activity(attachments=[{"contentType": "image/png"}]))
    await sent(teams, 1)
    assert desk.heard == [""]


async def test_a_person_is_looked_for_only_where_nobody_else_reads(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    """D16: the address stays where it was typed, and is not looked for."""
    await playground.post(mentioned(playground, f"hitta {ADDRESS}"))
    (refused,) = await teams.told(1)
    assert "bara för dig" in words(refused.card)
    await playground.post(playground.activity(text=f"hitta {ADDRESS}"))
    (found,) = await sent(teams, 1)
    assert "Inget ärende." in words(found.card)
    assert ADDRESS not in teams.traffic


async def test_what_needs_a_form_is_a_button_that_opens_it(playground: Client, teams: TeamsStandIn) -> None:
    await playground.post(playground.activity(text="ny"))
    (said,) = await sent(teams, 1)
    (label,) = labels(said.card)
    assert found(said.card, label)["data"] == {"msteams": {"type": "task/fetch"}, "press": "new|new|0"}


async def test_a_refusal_is_a_sentence_to_the_asker(playground: Client, teams: TeamsStandIn) -> None:
    await playground.post(playground.activity(text="visa PR-2026-9999"))
    await playground.post(mentioned(playground, "visa PR-2026-9999", user=KARIN_ID))
    (own,) = await sent(teams, 1)
    (told,) = await teams.told(1)
    assert "PR-2026-9999" in words(own.card)
    assert "There is no request" in words(told.card)
    assert told.reader == f"29:{KARIN_ID}"


async def test_somebody_unknown_is_told_whom_to_ask(playground: Client, teams: TeamsStandIn, desk: SmallDesk) -> None:
    await playground.post(playground.activity(STRANGER_ID, text="mina"))
    await playground.post(mentioned(playground, "mina", user=STRANGER_ID))
    (own,) = await sent(teams, 1)
    (told,) = await teams.told(1)
    for said in (own, told):
        assert "Desken känner inte igen dig" in words(said.card)
        assert "The desk does not know you" in words(said.card)
    assert told.reader == f"29:{STRANGER_ID}"
    assert desk.heard == []


async def test_somebody_without_an_id_is_nobody(playground: Client, teams: TeamsStandIn, desk: SmallDesk) -> None:
    body = playground.activity(text="mina")
    del body["from"]["aadObjectId"]
    await playground.post(body)
    await sent(teams, 1)
    assert desk.heard == []


async def test_an_id_in_capitals_is_the_same_person(playground: Client, teams: TeamsStandIn) -> None:
    body = playground.activity(text="visa " + REF)
    body["from"]["aadObjectId"] = ANNA_ID.upper()
    await playground.post(body)
    (said,) = await sent(teams, 1)
    assert REF in words(said.card)


async def test_typed_words_wait_for_no_network(playground: Client, teams: TeamsStandIn, desk: SmallDesk) -> None:
    teams.slow("send", 0.4)
    answer = await playground.post(playground.activity(text="hjälp"))
    assert answer.seconds < 0.2
    assert desk.heard == ["hjälp"]
    await sent(teams, 1)


async def test_words_typed_reach_no_log(
    playground: Client, teams: TeamsStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """D14, D16."""
    caplog.set_level(logging.DEBUG)
    await playground.post(playground.activity(text=f"hitta {ADDRESS}"))
    await sent(teams, 1)
    teams.refuse("send", 403, "BotNotInConversationRoster")
    await playground.post(mentioned(playground, f"visa {ADDRESS}"))
    await playground.post(playground.activity(text=[ADDRESS]))
    assert "secret.person" not in caplog.text
