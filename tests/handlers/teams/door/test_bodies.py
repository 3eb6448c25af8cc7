"""What arrives: everything Microsoft documents and a few things it does not, garbage, too much, from elsewhere."""

import json
import logging

import pytest
from aiohttp import ClientSession, web
from hypothesis import given
from hypothesis import strategies as st

from bot.app.chats import open_to_others
from bot.store import new_key
from config.settings import load
from handlers.parts import Unreadable
from handlers.teams import PATH, NotHere, mount
from handlers.teams.door import LARGEST, is_this_machine, parsed
from handlers.teams.values import read_activity, read_text, tenants_in
from tests.fakes import FixedClock, MemoryWork
from tests.handlers.slack.small_desk import SmallDesk
from tests.handlers.teams.door.conftest import ANNA_ID, BOT, Client, Json, a_door, bearer, sent
from tests.standins.botframework import APP_ID, TENANT
from tests.standins.teams import CHANNEL, GROUP, TeamsStandIn
from tests.standins.teams_people import TeamsPerson, words

EXECUTE = {"type": "Action.Execute", "verb": "press", "title": "Bekräfta"}

#: What Teams may send besides what people do at our cards, and what is answered (chat.md §1a).
DOCUMENTED: dict[str, tuple[Json, int]] = {
    "automatic refresh": (
        {
            "name": "adaptiveCard/action",
            "value": {"action": {**EXECUTE, "data": {"about": "t1"}}, "trigger": "automatic"},
        },
        200,
    ),
    "an Action.Execute without data": ({"name": "adaptiveCard/action", "value": {"action": EXECUTE}}, 200),
    "an Action.Execute without anything": ({"name": "adaptiveCard/action", "value": {}}, 200),
    "an Action.Execute without a value": ({"name": "adaptiveCard/action"}, 200),
    "an invoke nobody knows": ({"name": "config/fetch", "value": {}}, 501),
    "an invoke of the future": ({"name": "something/new", "value": {"a": 1}}, 501),
    "an invoke without a name": ({"value": {}}, 501),
    "a link to be unfurled": ({"name": "composeExtension/queryLink", "value": {"url": "https://x.example"}}, 501),
    "a search": ({"name": "composeExtension/query", "value": {"commandId": "x", "parameters": []}}, 501),
    "sign-in": ({"name": "signin/verifyState", "value": {"state": "1"}}, 501),
    "a file consent": ({"name": "fileConsent/invoke", "value": {"action": "accept"}}, 501),
    "feedback": ({"name": "message/submitAction", "value": {"actionName": "feedback"}}, 501),
    "an upgrade of the app": ({"type": "installationUpdate", "action": "add-upgrade"}, 202),
    "the app taken away": ({"type": "installationUpdate", "action": "remove"}, 202),
    "the app taken away by an upgrade": ({"type": "installationUpdate", "action": "remove-upgrade"}, 202),
    "an installation of an unknown kind": ({"type": "installationUpdate", "action": "something"}, 202),
    "members who came": ({"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}]}, 202),
    "members who left": ({"type": "conversationUpdate", "membersRemoved": [{"id": "29:x"}]}, 202),
    "a channel renamed": (
        {"type": "conversationUpdate", "channelData": {"eventType": "channelRenamed", "tenant": {}}},
        202,
    ),
    "a reaction": ({"type": "messageReaction", "reactionsAdded": [{"type": "like"}]}, 202),
    "a message edited": ({"type": "messageUpdate", "text": "x", "channelData": {"eventType": "editMessage"}}, 202),
    "a message deleted": ({"type": "messageDelete", "channelData": {"eventType": "softDeleteMessage"}}, 202),
    "a message brought back": (
        {"type": "messageUpdate", "text": "hjälp", "channelData": {"eventType": "undeleteMessage"}},
        202,
    ),
    "a team deleted": ({"type": "conversationUpdate", "channelData": {"eventType": "teamHardDeleted"}}, 202),
    "an event": ({"type": "event", "name": "application/vnd.microsoft.meetingStart", "value": {}}, 202),
    "an event of the future": ({"type": "event", "name": "something", "value": 7}, 202),
    "typing": ({"type": "typing"}, 202),
    "the end of a conversation": ({"type": "endOfConversation", "code": "completedSuccessfully"}, 202),
    "a kind of the future": ({"type": "somethingNew"}, 202),
}


@pytest.mark.parametrize("case", DOCUMENTED)
async def test_whatever_teams_documents_is_answered(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk, case: str
) -> None:
    differs, status = DOCUMENTED[case]
    answer = await anna.post({**anna.activity("invoke"), **differs})
    assert answer.status == status
    assert desk == SmallDesk()
    assert teams.calls == []


GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "a text": b'"message"',
    "half of it": b'{"type": "message", "conver',
    "no text": b"\xff\xfe\x00",
    "a deep one": b"[" * 100_000,
    "a deep one that ends": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "not a number": b'{"type": NaN}',
    "an activity of no place": b'{"type": "message", "text": "hej"}',
    "a place without an activity": b'{"conversation": {"id": "19:x"}}',
}


@pytest.mark.parametrize("case", GARBAGE)
@pytest.mark.parametrize("door", ["guarded", "playground"])
async def test_garbage_is_refused(guarded: Client, playground: Client, desk: SmallDesk, case: str, door: str) -> None:
    client, headers = (guarded, bearer()) if door == "guarded" else (playground, {})
    answer = await client.post(None, {**headers, "Content-Type": "application/json"}, raw=GARBAGE[case])
    assert (answer.status, answer.text) == (400, "")
    assert desk == SmallDesk()


@pytest.mark.parametrize(
    "differs",
    [
        {"type": 7},
        {"type": None},
        {"conversation": None},
        {"conversation": {}},
        {"conversation": "19:x"},
        {"conversation": {"id": 7}},
        {"from": "somebody"},
        {"from": {"id": "29:x", "aadObjectId": 7}},
        {"text": {"a": 1}},
        {"entities": "none"},
        {"entities": [7]},
        {"channelData": "x"},
        {"recipient": 7},
        {"serviceUrl": 7},
        {"id": 7},
    ],
)
async def test_an_activity_of_a_wrong_shape_is_refused(playground: Client, desk: SmallDesk, differs: Json) -> None:
    answer = await playground.post(playground.activity(**{"text": "hjälp", **differs}))
    assert (answer.status, answer.text) == (400, "")
    assert desk == SmallDesk()


@pytest.mark.parametrize(
    "differs",
    [
        {"timestamp": None},
        {"localTimestamp": "yesterday"},
        {"locale": None},
        {"locale": ""},
        {"name": None},
        {"replyToId": None},
        {"summary": ""},
        {"attachments": None},
        {"attachments": [{"contentType": "text/html", "name": None, "thumbnailUrl": None}]},
        {"membersAdded": None},
        {"reactionsAdded": [{}]},
        {"suggestedActions": None},
        {"deliveryMode": "expectReplies"},
        {"entities": [{"type": "activityTreatment", "treatment": "of the future"}, {"no": "type"}]},
        {"entities": [{"type": "mention", "mentioned": {"id": "19:x", "name": None}, "text": None}]},
        {"from": {"id": f"29:{ANNA_ID}", "name": None, "aadObjectId": ANNA_ID}},
        {"channelData": {"tenant": {"id": TENANT}, "eventType": None, "channel": None}},
    ],
    ids=str,
)
async def test_what_nobody_reads_keeps_nobody_from_being_heard(
    playground: Client, desk: SmallDesk, teams: TeamsStandIn, differs: Json
) -> None:
    """Teams may write null where it has nothing to say, and what we know nothing of yet."""
    answer = await playground.post(playground.activity(**{"text": "hjälp", **differs}))
    assert (answer.status, answer.text) == (202, "")
    assert desk.heard == ["hjälp"]
    await sent(teams, 1)


async def test_too_much_is_refused(guarded: Client, desk: SmallDesk) -> None:
    body = json.dumps(guarded.execute("confirm|t1|0", text="x" * LARGEST)).encode()
    assert (await guarded.post(None, bearer(), raw=body)).status == 413
    assert (await guarded.post(None, raw=body)).status == 401, "who is not let in is not read"
    assert desk == SmallDesk()


async def test_a_message_just_small_enough_is_heard(playground: Client, desk: SmallDesk) -> None:
    body = json.dumps(playground.activity(text="hjälp", summary="x" * (LARGEST - 2_000))).encode()
    assert (await playground.post(None, {"Content-Type": "application/json"}, raw=body)).status == 202
    assert desk.heard == ["hjälp"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_posts_are_taken(playground: Client, session: ClientSession, method: str) -> None:
    async with session.request(method, playground.url) as reply:
        assert reply.status == 405


@pytest.mark.parametrize(
    "headers",
    [
        *({name: "203.0.113.7"} for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")),
        {"Host": "desk.example.org"},
        {"Host": "rebound.example.org:8080"},
        {"Host": "[bad"},
        {"Origin": "https://evil.example"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
    ids=str,
)
async def test_without_sign_in_no_proxy_and_no_page_in_a_browser_is_let_in(
    playground: Client, desk: SmallDesk, headers: dict[str, str]
) -> None:
    answer = await playground.post(playground.execute("confirm|t1|0"), headers)
    assert answer.status in {400, 403}
    assert desk == SmallDesk()


async def test_without_sign_in_a_token_is_refused(playground: Client, desk: SmallDesk) -> None:
    """Whoever signs in means another desk: nothing here looks at the token."""
    assert (await playground.post(playground.execute("confirm|t1|0"), bearer())).status == 401
    assert desk == SmallDesk()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "203.0.113.7", "desk.example.org", ""])  # noqa: S104 - to be refused
async def test_without_sign_in_the_door_is_for_this_machine(
    session: ClientSession, desk: SmallDesk, memory_work: MemoryWork, clock: FixedClock, host: str
) -> None:
    door = a_door("", session, desk, memory_work, clock)
    with pytest.raises(NotHere):
        mount(web.Application(), door, host)
    application = web.Application()
    mount(application, a_door(APP_ID, session, desk, memory_work, clock), host)
    assert [route.resource.canonical for route in application.router.routes() if route.resource] == [PATH]


def test_hosts_of_this_machine() -> None:
    assert all(map(is_this_machine, ["127.0.0.1", "127.1.2.3", "::1", "localhost"]))
    assert not any(map(is_this_machine, ["0.0.0.0", "::", "10.0.0.1", "localhost.example.org", ""]))  # noqa: S104


@pytest.mark.parametrize(
    ("differs", "lines"),
    [
        ({}, 0),
        ({"host": "0.0.0.0"}, 1),  # noqa: S104 - to be refused
        ({"public_url": "https://desk.example.org"}, 1),
        ({"host": "10.0.0.1", "public_url": "https://desk.example.org"}, 1),
    ],
)
def test_a_desk_that_others_reach_does_not_start_without_sign_in(differs: Json, lines: int) -> None:
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    said = open_to_others(load({**keys, "teams": {"anonymous": True}, **differs}))
    assert len(said) == lines
    assert all("PRIVACY_TEAMS__ANONYMOUS" in line and "PRIVACY_HOST" in line for line in said)
    assert open_to_others(load({**keys, **differs})) == []


async def test_who_just_let_the_bot_in_is_greeted_once(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    """Teams tells of one installation twice, and again when the app is upgraded."""
    alone = anna.alone()
    await alone.install()
    await alone.post({**alone.activity("conversationUpdate"), "membersAdded": [{"id": f"28:{APP_ID}"}]})
    await alone.install("add-upgrade")
    await alone.install()
    (said,) = await sent(teams, 1)
    assert said.conversation == alone.room
    assert "Start för Anna" in words(said.card), "their own page, as the word home shows it"
    assert desk.heard == ["home"]


async def test_a_greeting_that_failed_is_made_up_for(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was not greeted counts as not greeted."""
    alone = anna.alone()
    with monkeypatch.context() as broken:
        broken.setattr(SmallDesk, "recognise", _breaks)
        assert (await alone.install()).status == 500
    await alone.install()
    await sent(teams, 1)
    assert desk.heard == ["home"]


async def _breaks(*_: object) -> None:
    raise RuntimeError("the disk is full")


async def test_members_who_came_are_enough_for_a_greeting(anna: TeamsPerson, teams: TeamsStandIn) -> None:
    alone = anna.alone()
    await alone.post({**alone.activity("conversationUpdate"), "membersAdded": [BOT, {"id": alone.known_as}]})
    await sent(teams, 1)


@pytest.mark.parametrize("room", [CHANNEL, GROUP])
async def test_where_others_read_nobody_is_greeted(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk, room: str
) -> None:
    await playground.post(playground.activity(ANNA_ID, room, type="installationUpdate", action="add"))
    assert desk.heard == []
    assert teams.calls == []


async def test_a_stranger_who_lets_the_bot_in_is_told_whom_to_ask(
    stranger: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    await stranger.alone().install()
    (said,) = await sent(teams, 1)
    assert "Desken känner inte igen dig" in words(said.card)
    assert desk.heard == []


async def test_where_people_spoke_from_is_remembered(
    anna: TeamsPerson, memory_work: MemoryWork, teams: TeamsStandIn
) -> None:
    await anna.say("hjälp")
    await anna.alone().say("hjälp")
    addresses = {place.address for place in memory_work.shelves.places.values()}
    assert addresses == {CHANNEL, ANNA_ID}


async def test_bodies_reach_no_log(anna: TeamsPerson, desk: SmallDesk, caplog: pytest.LogCaptureFixture) -> None:
    """D14: neither what is heard nor what is refused, whoever reads it, the SDK included."""
    caplog.set_level(logging.DEBUG)
    secret = "secret.person@example.org"
    for differs in (
        {"type": "message", "text": secret},
        {"type": secret},
        {"name": secret, "value": {secret: secret}},
        {"name": "task/submit", "value": {"data": {"submit": "change|t1|0", "text": secret}}},
        {"name": "adaptiveCard/action", "value": {"action": {"data": {"press": secret}}}},
        {"type": "message", "text": [secret]},
        {"timestamp": secret},
        {"conversation": {"id": [secret]}},
    ):
        await anna.post({**anna.activity("invoke"), **differs})
    desk.breaks = True
    await anna.post(
        {
            **anna.activity("invoke"),
            "name": "adaptiveCard/action",
            "value": {"action": {"data": {"press": "confirm|t1|0", "x": secret}}},
        }
    )
    assert "secret.person" not in caplog.text
    assert "somebody@example" not in caplog.text


JSON: st.SearchStrategy[object] = st.sampled_from(
    [
        *(None, True, 7, 1.5, "", "x", "<at>x</at>", [], [7], [[]], [{}], {}, {"id": 7}, {"id": "x"}),
        *({"tenant": {"id": 1}}, {"aadObjectId": []}, [{"type": "mention"}]),
        [{"type": "mention", "mentioned": {"id": "x"}, "text": 7}],
    ]
)
NAMES = ("type", "name", "id", "conversation", "from", "text", "entities", "channelData", "recipient", "value")


@given(raw=st.binary(max_size=300))
def test_no_body_breaks_the_reading(raw: bytes) -> None:
    try:
        assert isinstance(parsed(raw), dict)
    except Unreadable:
        return


@given(body=st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_activity_breaks_the_reading(body: Json) -> None:
    try:
        tenants_in(body)
        heard = read_activity({"type": "message", "conversation": {"id": "19:x"}, **body})
        read_text(heard)
    except Unreadable:
        return
    assert isinstance(heard.user, str)
