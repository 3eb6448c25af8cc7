"""Teams' outgoing side: posted once, edited in place, told below where there is a below, troubles sorted."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from bot.card import Card, Text
from bot.domain.errors import CardGone, CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.request import Language
from bot.ports import Messenger
from handlers.pace import Pace, Rests
from handlers.teams.connector import Connector, Spot
from handlers.teams.messenger import PER_CONVERSATION, TeamsMessenger
from handlers.teams.references import References
from handlers.teams.trouble import A_WHILE, JITTER
from tests.fakes import FixedClock, MemoryWork
from tests.handlers.teams.outgoing import ANNA, KARIN, TEXTS, Keys, messenger_of, references, spoken
from tests.standins.teams import APP_ID, CHANNEL, GROUP, TENANT, TOKEN, TeamsStandIn, serve_teams
from tests.standins.teams_people import words

CARD = Card("PR-2026-0042 · Ny begäran", (Text("Mottagen"),), "PR-2026-0042, ny begäran.")
LATER = Card("PR-2026-0042 · Söks", (Text("Söker"),), "Söker.")


@pytest.fixture
async def teams() -> AsyncIterator[TeamsStandIn]:
    """The tenant; the test fails when it was sent something Teams refuses."""
    async with serve_teams(TeamsStandIn(TOKEN)) as teams:
        yield teams


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """The one shared client session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def places(memory_work: MemoryWork, clock: FixedClock, teams: TeamsStandIn) -> References:
    """Teams has spoken to us from the channel once."""
    places = references(memory_work, clock)
    await places.remember(spoken(teams, ANNA, "channel", f"{CHANNEL};messageid=1"))
    return places


@pytest.fixture
def messenger(places: References, session: ClientSession) -> TeamsMessenger:
    """The outgoing side."""
    return messenger_of(places, session, Keys([TOKEN]))


def test_it_is_the_port(messenger: TeamsMessenger) -> None:
    port: Messenger = messenger
    assert port.chat == "teams"


async def test_a_card_begins_a_thread_and_is_edited_in_place(messenger: TeamsMessenger, teams: TeamsStandIn) -> None:
    name = await messenger.post(CHANNEL, CARD)
    await messenger.tell(CHANNEL, name, "10:05 · *Ärendet* <at>öppnades</at> & mer.\n10:06 · Radering: Söks.")
    await messenger.edit(CHANNEL, name, LATER)
    (message,) = teams.in_room(CHANNEL)
    assert (message.summary, message.edits) == ("PR-2026-0042, ny begäran.", 1)
    assert "PR-2026-0042 · Söks" in words(message.card)
    assert message.thread == ["10:05 · ∗Ärendet∗ ‹at›öppnades‹/at› ＆ mer.\n10:06 · Radering: Söks."]
    assert teams.asked("send")[0]["from"] == {"id": f"28:{APP_ID}"}


async def test_each_of_ours_who_reads_a_channel_is_named_for_a_view_of_their_own(
    messenger: TeamsMessenger, teams: TeamsStandIn
) -> None:
    """By the id Teams gives them there; of who is not in it nothing is said, and each is asked for once."""
    card = replace(CARD, about="t1")
    teams.members[ANNA] = {"id": "29:anna"}
    name = await messenger.post(CHANNEL, card)
    (message,) = teams.in_room(CHANNEL)
    assert message.card["refresh"]["userIds"] == ["29:anna"]
    await messenger.edit(CHANNEL, name, card)
    assert message.card["refresh"]["userIds"] == ["29:anna"]
    assert len(teams.asked("member")) == 2
    await messenger.post(CHANNEL, CARD)
    assert "refresh" not in teams.in_room(CHANNEL)[1].card


async def test_where_teams_does_not_tell_who_reads_nobody_is_named(
    messenger: TeamsMessenger, teams: TeamsStandIn
) -> None:
    """Everybody asks then, where few read; to name some alone would keep the others from a view of their own."""
    card = replace(CARD, about="t1")
    teams.install_for(ANNA)
    teams.install_for(KARIN)
    teams.refuse("member", 502)
    for _ in range(2):
        await messenger.post(CHANNEL, card)
    assert ["userIds" in message.card["refresh"] for message in teams.in_room(CHANNEL)] == [False, False]
    assert len(teams.asked("member")) == 1, "nor is it asked at every card"


async def test_a_colleague_is_written_to_in_their_own_chat_and_language(
    messenger: TeamsMessenger, teams: TeamsStandIn
) -> None:
    teams.install_for(ANNA)
    teams.install_for(KARIN)
    long = Card("T", tuple(Text("x" * 1_000) for _ in range(60)), "T.")
    name = await messenger.post(ANNA, long)
    await messenger.edit(ANNA, name, long)
    await messenger.post(KARIN, long)
    await messenger.post(KARIN, CARD)
    asked = teams.asked("open")
    assert [one["members"] for one in asked] == [[{"id": ANNA}], [{"id": KARIN}]], "opened once each, and kept"
    assert {one["tenantId"] for one in asked} == {TENANT}
    assert TEXTS.say(Language.SV, "teams.rest_left_out") in words(teams.of_person(ANNA)[0].card)
    assert TEXTS.say(Language.EN, "teams.rest_left_out") in words(teams.of_person(KARIN)[0].card)


async def test_who_spoke_to_the_bot_is_answered_there(
    messenger: TeamsMessenger, places: References, teams: TeamsStandIn
) -> None:
    await places.remember(spoken(teams, ANNA))
    await messenger.post(ANNA, CARD)
    assert teams.asked("open") == []
    assert len(teams.of_person(ANNA)) == 1


@pytest.mark.parametrize("room", [ANNA, GROUP])
async def test_history_does_not_flood_a_chat_without_threads(
    messenger: TeamsMessenger, places: References, teams: TeamsStandIn, room: str
) -> None:
    await places.remember(spoken(teams, ANNA))
    await places.remember(spoken(teams, ANNA, "groupChat", GROUP))
    name = await messenger.post(room, CARD)
    calls = len(teams.calls)
    await messenger.tell(room, name, "en rad")
    assert len(teams.calls) == calls


@pytest.mark.parametrize(
    ("status", "code"), [(403, "BotNotInConversationRoster"), (404, "ConversationNotFound")], ids=["left", "gone"]
)
async def test_an_app_removed_and_added_again_is_met_anew(
    messenger: TeamsMessenger, places: References, teams: TeamsStandIn, status: int, code: str
) -> None:
    """Also where what is kept is a chat of theirs without the bot, however it came to be kept."""
    await places.remember(spoken(teams, ANNA))
    teams.people[ANNA] = "a:1another"
    teams.refuse("send", status, code)
    await messenger.post(ANNA, CARD)
    assert [message.conversation for message in teams.of_person(ANNA)] == ["a:1another"]


@pytest.mark.parametrize(
    ("status", "code"), [(403, "BotNotInConversationRoster"), (404, "ConversationNotFound")], ids=["left", "gone"]
)
async def test_a_card_in_a_conversation_that_is_gone_is_posted_anew(
    messenger: TeamsMessenger, places: References, teams: TeamsStandIn, status: int, code: str
) -> None:
    await places.remember(spoken(teams, ANNA))
    name = await messenger.post(ANNA, CARD)
    teams.people[ANNA] = "a:1another"
    teams.refuse("edit", status, code)
    with pytest.raises(CardGone) as gone:
        await messenger.edit(ANNA, name, LATER)
    assert gone.value.key == "trouble.teams_card_gone"
    await messenger.post(ANNA, LATER)
    assert [message.summary for message in teams.of_person(ANNA)] == [LATER.spoken]
    in_channel = await messenger.post(CHANNEL, CARD)
    teams.refuse("edit", status, code)
    with pytest.raises(NeedsHuman):
        await messenger.edit(CHANNEL, in_channel, LATER)


async def test_who_has_no_app_is_said(messenger: TeamsMessenger) -> None:
    with pytest.raises(NeedsHuman) as told:
        await messenger.post(ANNA, CARD)
    assert told.value.key == "trouble.teams_not_installed"


async def test_who_has_left_is_said(places: References, session: ClientSession, teams: TeamsStandIn) -> None:
    """The officers hear of it (D28): Teams says no more than that the app is not installed, but the roster does."""
    messenger = messenger_of(places, session, Keys([TOKEN]), channel=CHANNEL)
    with pytest.raises(NeedsHuman) as left:
        await messenger.post(ANNA, CARD)
    assert (left.value.key, left.value.facts["system"]) == ("trouble.chat_person_gone", "Teams")
    teams.members[ANNA] = {}
    with pytest.raises(NeedsHuman) as here:
        await messenger.post(ANNA, CARD)
    assert here.value.key == "trouble.teams_not_installed"


@pytest.mark.parametrize(("status", "code"), [(404, "ConversationNotFound"), (403, ""), (502, "")], ids=str)
async def test_where_the_roster_does_not_tell_nobody_has_left(
    places: References, session: ClientSession, teams: TeamsStandIn, status: int, code: str
) -> None:
    messenger = messenger_of(places, session, Keys([TOKEN]), channel=CHANNEL)
    teams.refuse("member", status, code)
    with pytest.raises(NeedsHuman) as told:
        await messenger.post(ANNA, CARD)
    assert told.value.key == "trouble.teams_not_installed"


async def test_a_whisper_is_for_one_alone(messenger: TeamsMessenger, teams: TeamsStandIn) -> None:
    await messenger.whisper(Spot(teams.service_url, CHANNEL), f"29:{ANNA}", "Bara du ser det här.", Language.SV)
    await messenger.whisper(Spot(teams.service_url, GROUP), f"29:{ANNA}", CARD, Language.SV)
    assert [message.reader for message in teams.private] == [f"29:{ANNA}"] * 2
    assert teams.in_room(CHANNEL) == teams.in_room(GROUP) == []
    assert "Bara du ser det här." in words(teams.private[0].card)


async def test_a_refused_token_is_made_anew_once(
    places: References, session: ClientSession, teams: TeamsStandIn
) -> None:
    keys = Keys(["old", TOKEN])
    await messenger_of(places, session, keys).post(CHANNEL, CARD)
    assert keys.asked == [False, True]
    with pytest.raises(CredentialsRefused) as refused:
        await messenger_of(places, session, Keys(["old"])).post(CHANNEL, CARD)
    assert "PRIVACY_TEAMS__APP_SECRET" in TEXTS.say(Language.EN, refused.value.key, refused.value.facts)
    assert len(teams.in_room(CHANNEL)) == 1


async def test_too_many_is_tried_later_as_teams_says(
    places: References, session: ClientSession, teams: TeamsStandIn
) -> None:
    """A pause is the conversation's, and everybody's who writes there; elsewhere things go on."""
    await places.remember(spoken(teams, ANNA))
    dial = Sundial()
    messenger = messenger_of(places, session, Keys([TOKEN]), rests=Rests("Teams", dial.now))
    name = await messenger.post(CHANNEL, CARD)
    teams.too_many("send", 17)
    with pytest.raises(TryLater) as told:
        await messenger.post(CHANNEL, CARD)
    after = told.value.after
    assert after is not None
    assert timedelta(seconds=17) <= after <= timedelta(seconds=17) * (1 + JITTER)
    calls = len(teams.calls)
    dial.at += 16.5
    thread = Spot(teams.service_url, f"{CHANNEL};messageid={name}")
    for asks in (
        messenger.post(CHANNEL, CARD),
        messenger.edit(CHANNEL, name, CARD),
        messenger.tell(CHANNEL, name, "en rad"),
        messenger.whisper(thread, f"29:{ANNA}", "Bara du.", Language.SV),
        messenger.connector.send(thread, {"text": "x", "textFormat": "plain"}),
    ):
        with pytest.raises(TryLater) as rests:
            await asks
        assert rests.value.after == pytest.approx(after - timedelta(seconds=16.5), abs=timedelta(milliseconds=1))
        assert rests.value.facts["system"] == "Teams"
    assert len(teams.calls) == calls
    await messenger.post(ANNA, CARD)
    dial.at += after.total_seconds() - 16.5
    await messenger.tell(CHANNEL, name, "en rad")
    assert teams.messages[CHANNEL, name].thread == ["en rad"]


async def test_too_many_without_a_time_is_tried_after_a_while(messenger: TeamsMessenger, teams: TeamsStandIn) -> None:
    teams.too_many("edit", None)
    with pytest.raises(TryLater) as untold:
        await messenger.edit(CHANNEL, await messenger.post(CHANNEL, CARD), CARD)
    assert untold.value.after is not None
    assert A_WHILE <= untold.value.after <= A_WHILE * (1 + JITTER)


@pytest.mark.parametrize(
    ("status", "code", "trouble", "key"),
    [
        (401, "Unauthorized", CredentialsRefused, "trouble.teams_credentials"),
        (403, "BotNotInConversationRoster", NeedsHuman, "trouble.teams_not_installed"),
        (403, "ForbiddenOperationException", NeedsHuman, "trouble.teams_not_installed"),
        (403, "ConversationBlockedByUser", NeedsHuman, "trouble.teams_blocked"),
        (403, "MessageWritesBlocked", NeedsHuman, "trouble.teams_blocked"),
        (403, "BotDisabledByAdmin", NeedsHuman, "trouble.teams_disabled"),
        (404, "ConversationNotFound", NeedsHuman, "trouble.teams_gone"),
        (404, "ActivityNotFoundInConversation", CardGone, "trouble.teams_card_gone"),
        (412, "PreconditionFailed", TryLater, "trouble.busy"),
        (413, "MessageSizeTooBig", NeedsHuman, "trouble.teams_too_big"),
        (502, "ServiceError", TryLater, "trouble.busy"),
        (503, "", TryLater, "trouble.busy"),
        (504, "GatewayTimeout", TryLater, "trouble.busy"),
        (500, "ServiceError", OutcomeUnknown, "trouble.lost"),
        (400, "BadArgument", NeedsHuman, "trouble.refused"),
        (302, "", NeedsHuman, "trouble.redirected"),
        (409, "a code that names Priya Natarajan", NeedsHuman, "trouble.refused"),
    ],
)
async def test_a_refusal_says_what_somebody_must_do(
    messenger: TeamsMessenger, teams: TeamsStandIn, status: int, code: str, trouble: type[SystemTrouble], key: str
) -> None:
    name = await messenger.post(CHANNEL, CARD)
    for _ in range(2):  # a 401 is asked about once more
        teams.refuse("edit", status, code)
    with pytest.raises(trouble) as raised:
        await messenger.edit(CHANNEL, name, CARD)
    assert (raised.value.key, raised.value.facts["system"]) == (key, "Teams")
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert "Priya" not in str(dict(raised.value.facts))
    for language in Language:
        assert TEXTS.say(language, raised.value.key, raised.value.facts)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (json.dumps({"subCode": "MessageWritesBlocked", "details": "Priya"}), "trouble.teams_blocked"),
        (json.dumps({"subCode": "BotDisabledByAdmin"}), "trouble.teams_disabled"),
        (json.dumps({"subCode": 7}), "trouble.teams_not_installed"),
        (json.dumps(["subCode"]), "trouble.teams_not_installed"),
        ("{", "trouble.teams_not_installed"),
        (7, "trouble.teams_not_installed"),
    ],
)
async def test_a_code_may_stand_within_the_message(
    messenger: TeamsMessenger, teams: TeamsStandIn, message: object, key: str
) -> None:
    """As Microsoft shows it for a bot that somebody blocked ("Send proactive messages", 403)."""
    teams.refuse("send", 403, body=json.dumps({"errorCode": 209, "message": message}))
    with pytest.raises(NeedsHuman) as raised:
        await messenger.post(CHANNEL, CARD)
    assert raised.value.key == key
    assert "Priya" not in str(dict(raised.value.facts))


async def test_a_page_instead_of_json_is_judged_by_its_status(messenger: TeamsMessenger, teams: TeamsStandIn) -> None:
    teams.refuse("send", 502, body="<html>bad gateway</html>")
    with pytest.raises(TryLater):
        await messenger.post(CHANNEL, CARD)
    teams.refuse("send", 200, body="<html>welcome</html>")
    with pytest.raises(NeedsHuman) as odd:
        await messenger.post(CHANNEL, CARD)
    assert odd.value.key == "trouble.unreadable"


async def test_a_lost_answer_is_not_asked_again(messenger: TeamsMessenger, teams: TeamsStandIn) -> None:
    teams.lose_answer("send")
    with pytest.raises(OutcomeUnknown) as lost:
        await messenger.post(CHANNEL, CARD)
    assert lost.value.__context__ is None, "the library's own error carries the address"
    assert len(teams.in_room(CHANNEL)) == 1


async def test_silence_is_an_unknown_outcome(
    messenger: TeamsMessenger, teams: TeamsStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.teams.connector.PATIENCE", 0.05)
    teams.slow("send", 0.3)
    with pytest.raises(OutcomeUnknown):
        await messenger.post(CHANNEL, CARD)


async def test_nobody_there_is_tried_later(session: ClientSession) -> None:
    connector = Connector(session, APP_ID, None, loopback=True)
    with pytest.raises(TryLater):
        await connector.send(Spot("http://127.0.0.1:9/", CHANNEL), {"text": "x", "textFormat": "plain"})


@pytest.mark.parametrize(
    "address",
    [
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net.evil.example/emea/",
        "https://evilsmba.trafficmanager.net/",
        "https://bot@smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:8443/emea/",
        "https://127.0.0.1/",
        "http://127.0.0.1:3978/",
        "https://rented.blob.core.windows.net/",
        "https://smba.trafficmanager.net/emea/?to=evil",
        "file:///etc/passwd",
        "",
        "http://[half",
    ],
)
async def test_our_token_goes_to_teams_alone(session: ClientSession, address: str) -> None:
    keys = Keys([TOKEN])
    with pytest.raises(NeedsHuman) as told:
        await Connector(session, APP_ID, keys).send(Spot(address, CHANNEL), {"text": "x"})
    assert (told.value.key, keys.asked) == ("trouble.strange_host", [])


async def test_a_playground_is_on_this_machine(session: ClientSession) -> None:
    connector = Connector(session, APP_ID, None, loopback=True)
    with pytest.raises(NeedsHuman) as told:
        await connector.send(Spot("https://smba.trafficmanager.net/emea/", CHANNEL), {"text": "x"})
    assert told.value.key == "trouble.strange_host"


async def test_whether_the_bot_may_speak_can_be_asked(messenger: TeamsMessenger, teams: TeamsStandIn) -> None:
    await messenger.check(CHANNEL)
    teams.block(CHANNEL)
    with pytest.raises(NeedsHuman) as told:
        await messenger.check(CHANNEL)
    assert told.value.key == "trouble.teams_not_installed"
    assert teams.messages == {}


class Sundial:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


async def told_to_wait(pace: Pace) -> float | None:
    """Ask for a turn; return None when it was given, else after how many seconds to ask again."""
    try:
        await pace.turn("19:a")
    except TryLater as later:
        return later.after.total_seconds() if later.after and later.facts == {"system": "Teams"} else -1
    return None


async def test_the_pace_teams_sets_is_kept() -> None:
    """Held against every stretch of time there is, not against how the pace is kept."""
    dial = Sundial()
    pace = Pace(dial.now, dial.sleep, PER_CONVERSATION, "Teams")
    given: list[float] = []
    for _ in range(2_000):
        wait = await told_to_wait(pace)
        if wait is None:
            given.append(dial.at)
        else:
            dial.at += wait
    for turns, seconds in ((7, 1.0), (8, 2.0), (60, 30.0), (1_800, 3_600.0)):
        assert all(given[n + turns] - given[n] >= seconds for n in range(len(given) - turns))
    assert given[59] - given[0] < 30, "and no slower than it may"


async def test_waiting_jobs_come_back_one_by_one() -> None:
    dial = Sundial()
    pace = Pace(dial.now, dial.sleep, PER_CONVERSATION, "Teams")
    told: list[float] = []
    for _ in range(200):
        dial.at = 100.0
        if (wait := await told_to_wait(pace)) is not None:
            told.append(wait)
    assert len(told) > 100
    assert len(set(told)) == len(told)


async def test_the_stand_in_throttles_whoever_does_not_keep_it(places: References, session: ClientSession) -> None:
    async with serve_teams(TeamsStandIn(TOKEN, throttles=True)) as strict:
        await places.remember(spoken(strict, ANNA, "channel", CHANNEL))
        hasty = messenger_of(places, session, Keys([TOKEN]))
        for _ in range(7):
            await hasty.post(CHANNEL, CARD)
        with pytest.raises(TryLater):
            await hasty.post(CHANNEL, CARD)
        assert len(strict.in_room(CHANNEL)) == 7
